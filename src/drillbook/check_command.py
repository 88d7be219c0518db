"""``drillbook check``: reads runbooks, prints what is wrong with them, and gives the exit code. It runs nothing."""

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from pathlib import Path

import click

from drillbook.checks.checked import Checked
from drillbook.checks.engine import Selection, check_document
from drillbook.checks.model import Severity
from drillbook.errors import InputError
from drillbook.runbook.source import MAX_BYTES, decode

_FORMATS = {"text": "text", "json": "report", "sarif": "sarif", "junit": "junit", "github": "github"}  # to its module
Render = Callable[[Iterable[Checked]], Iterator[str]]


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--format", "form", type=click.Choice(list(_FORMATS)), default="text", show_default=True)
@click.option("--select", metavar="RULES", default="", help="Only these, such as RB012,RB04 (a beginning is enough).")
@click.option("--ignore", metavar="RULES", default="", help="All rules but these.")
@click.option(
    "--fail-on",
    type=click.Choice([severity.value for severity in Severity]),
    default=Severity.ERROR.value,
    show_default=True,
    help="The least severity that makes the exit code 1.",
)
def check(paths: tuple[Path, ...], form: str, select: str, ignore: str, fail_on: str) -> None:
    """Say what is wrong with Markdown runbooks (files, or directories of them), without running anything."""
    selection = Selection(select=_ids(select), ignore=_ids(ignore))
    failed = False

    def checked() -> Iterator[Checked]:
        nonlocal failed
        for path in _documents(paths):
            one = _checked(path, selection, Severity(fail_on))
            failed = failed or one.failed
            yield one

    render: Render = import_module(f"drillbook.checks.formats.{_FORMATS[form]}").render
    for piece in render(checked()):
        click.echo(piece if form == "text" else piece.encode(), nl=False)  # what programs read is UTF-8 everywhere
    sys.exit(failed)


def _ids(text: str) -> tuple[str, ...]:
    return tuple(part for part in text.replace(" ", "").split(",") if part)


def _documents(paths: tuple[Path, ...]) -> Iterator[Path]:
    """Files as they are named, directories by the Markdown files below them."""
    for path in paths:
        if path.is_dir():
            yield from sorted(each for each in path.rglob("*.md") if each.is_file())
        else:
            yield path


def _checked(path: Path, selection: Selection, fail_on: Severity) -> Checked:
    source, name = _read(path), _name(path)
    findings = check_document(source, name, selection)
    return Checked(path=name, lines=_lines(source, name), findings=findings, fail_on=fail_on)


def _name(path: Path) -> str:
    """How output calls it: from here where it is below, since annotations are matched by such paths."""
    here = Path.cwd()
    shown = path.relative_to(here) if path.is_absolute() and path.is_relative_to(here) else path
    return os.fsencode(shown).decode("utf-8", errors="replace")


def _read(path: Path) -> bytes:
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
