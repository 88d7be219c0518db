"""``drillbook check``: reads runbooks, prints what is wrong with them, and gives the exit code. It runs none of it."""

import gc
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, partial
from importlib import import_module
from pathlib import Path

import click
from msgspec import Struct

from drillbook.check_settings import CheckSettings, Found, find_check_settings
from drillbook.checks.catalogue import CATALOGUE
from drillbook.checks.checked import Checked
from drillbook.checks.engine import Document, Selection, check_documents
from drillbook.checks.formats import text
from drillbook.checks.model import Rule, Severity
from drillbook.checks.pages import page
from drillbook.checks.selecting import split_ids, unknown_rule
from drillbook.errors import InputError
from drillbook.runbook.source import MAX_BYTES, decode

_MODULES = {"json": "report", "sarif": "sarif", "junit": "junit", "github": "github"}  # in checks.formats
_STDIN = Path("-")
_COLLECT_AFTER = 20_000  # new objects; Python's own 700 cost 7 % of the time
_BATCH_BYTES = 250_000  # of documents that share the processes of shfmt; one that is longer is alone
Render = Callable[[Iterable[Checked]], Iterator[str]]
Nearest = Callable[[Path], Found | None]


class _Wishes(Struct, frozen=True, kw_only=True):
    """What the command line says; None where it leaves it to the settings."""

    select: tuple[str, ...] | None
    ignore: tuple[str, ...] | None
    fail_on: Severity | None


class _Document(Struct, frozen=True, kw_only=True):
    """A document to check, and the least severity that is a failure in it."""

    document: Document
    fail_on: Severity


def _rules(_: click.Context, __: click.Parameter, value: str | None) -> tuple[str, ...] | None:
    if value is None:
        return None
    for each in split_ids(value):
        if mend := unknown_rule(each):
            raise click.BadParameter(f"unknown rule {each!r}: {mend}")
    return split_ids(value)


def _explain(context: click.Context, _: click.Parameter, value: str | None) -> None:
    if value is None:
        return
    entry = next((each for each in CATALOGUE if value in (each.id, each.name)), None)
    if entry is None:
        raise click.BadParameter(f"unknown rule {value!r}: {unknown_rule(value) or 'give a whole id'}")
    click.echo(page(entry), nl=False)
    context.exit()


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--format", "form", type=click.Choice(["text", *_MODULES]), default="text", show_default=True)
@click.option("--select", metavar="RULES", callback=_rules, help="Only these: RB012,RB04 (a beginning is enough).")
@click.option("--ignore", metavar="RULES", callback=_rules, help="All rules but these.")
@click.option(
    "--fail-on",
    type=click.Choice([severity.value for severity in Severity]),
    help="The least severity that makes the exit code 1; error if nothing else is said.",
)
@click.option("--fix-suggestions", is_flag=True, help="In text, show lines as they could be; no file is changed.")
@click.option(
    "--explain", metavar="RULE", callback=_explain, is_eager=True, expose_value=False, help="Say what a rule is about."
)
@click.option(
    "--against-cluster", is_flag=True, help="Ask the drill's cluster about kubectl calls too, by server-side dry runs."
)
def check(  # noqa: PLR0913 - one for each option
    *,
    paths: tuple[Path, ...],
    form: str,
    select: tuple[str, ...] | None,
    ignore: tuple[str, ...] | None,
    fail_on: str | None,
    fix_suggestions: bool,
    against_cluster: bool,
) -> None:
    """Say what is wrong with Markdown runbooks: files, directories of them, or - for standard input.

    Nothing is changed, and nothing is run but the dry runs of --against-cluster. What is not said here stands in
    [check] of drillbook.toml or [tool.drillbook] of pyproject.toml: the nearest one at or above each runbook.
    """
    gc.set_threshold(_COLLECT_AFTER, 10, 10)  # most values live as long as their document: fewer looks at them
    wishes = _Wishes(select=select, ignore=ignore, fail_on=Severity(fail_on) if fail_on else None)
    nearest = cache(find_check_settings)  # many runbooks lie in one directory
    more = (_rule_of_cluster(),) if against_cluster else ()
    failed = False

    def checked() -> Iterator[Checked]:
        nonlocal failed
        for batch in _batches(_document(path, wishes, nearest) for path in _documents(paths)):
            for one in _checked(batch, more):
                failed = failed or one.failed
                yield one

    for piece in _renderer(form, fix_suggestions=fix_suggestions)(checked()):
        click.echo(piece if form == "text" else piece.encode(), nl=False)  # what programs read is UTF-8 everywhere
    sys.exit(failed)


def _rule_of_cluster() -> Rule:
    """The rule that asks the project's own cluster; raises CannotRunError where there is none that answers."""
    from drillbook.checks.dry_run import rule_asking  # noqa: PLC0415 - most checks need no cluster
    from drillbook.cluster.dry_run import asking  # noqa: PLC0415
    from drillbook.cluster.kind import verify_cluster  # noqa: PLC0415
    from drillbook.settings import find_root, load_settings  # noqa: PLC0415

    settings = load_settings(find_root(Path.cwd()))
    verify_cluster(settings)
    return rule_asking(asking(settings.state_dir / "bin" / "kubectl", settings.kubeconfig))


def _renderer(form: str, *, fix_suggestions: bool) -> Render:
    if form == "text":
        return partial(text.render, with_edits=fix_suggestions)
    render: Render = import_module(f"drillbook.checks.formats.{_MODULES[form]}").render
    return render


def _documents(paths: tuple[Path, ...]) -> Iterator[Path]:
    """Files as they are named, directories by the Markdown files below them, less hidden and installed ones."""
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        for directory, below, names in os.walk(path):
            below[:] = sorted(name for name in below if not name.startswith(".") and name != "node_modules")
            yield from (Path(directory, name) for name in sorted(names) if name.endswith(".md"))


def _batches(documents: Iterable[_Document]) -> Iterator[list[_Document]]:
    """Documents that are checked together; those before one that cannot be read are checked all the same."""
    batch: list[_Document] = []
    size = 0
    try:
        for each in documents:
            size += len(each.document.source)
            if batch and size > _BATCH_BYTES:
                yield batch
                batch, size = [], len(each.document.source)
            batch.append(each)
    except InputError:
        yield batch
        raise
    yield batch


def _checked(batch: Sequence[_Document], more: Sequence[Rule]) -> Iterator[Checked]:
    found = check_documents([each.document for each in batch], more)
    for each, findings in zip(batch, found, strict=True):
        lines = _lines(each.document.source, each.document.path)
        yield Checked(path=each.document.path, lines=lines, findings=findings, fail_on=each.fail_on)


def _document(path: Path, wishes: _Wishes, nearest: Nearest) -> _Document:
    name = "<stdin>" if path == _STDIN else _name(path)
    settings, ignored = _settings(path, nearest)
    selection = Selection(
        select=settings.select if wishes.select is None else wishes.select,
        ignore=(*(settings.ignore if wishes.ignore is None else wishes.ignore), *ignored),
    )
    return _Document(
        document=Document(source=_read(path), path=name, selection=selection),
        fail_on=wishes.fail_on or settings.fail_on or Severity.ERROR,
    )


def _settings(path: Path, nearest: Nearest) -> tuple[CheckSettings, tuple[str, ...]]:
    """What the project says, and which rules do not hold in this file."""
    whole = Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would leave the project through a link
    found = nearest(whole.parent)
    if found is None:
        return CheckSettings(), ()
    return found.settings, found.settings.ignored_in(whole.relative_to(found.directory).as_posix())


def _name(path: Path) -> str:
    """How output calls it: from here where it is below, since annotations are matched by such paths."""
    here = Path.cwd()
    shown = path.relative_to(here) if path.is_absolute() and path.is_relative_to(here) else path
    return os.fsencode(shown).decode("utf-8", errors="replace")


def _read(path: Path) -> bytes:
    if path == _STDIN:
        return sys.stdin.buffer.read(MAX_BYTES + 1)
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise InputError(f"cannot read it: {error.strerror}", path=path) from error


def _lines(source: bytes, path: str) -> tuple[str, ...]:
    try:
        return decode(source, path).lines
    except InputError:
        return ()  # the finding says why
