"""What a project says to check: ``[check]`` in drillbook.toml, or ``[tool.drillbook]`` in pyproject.toml."""

import re
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from drillbook.checks.model import Severity
from drillbook.checks.selecting import unknown_rule
from drillbook.errors import InputError
from drillbook.toml_text import convert_toml, line_of, parse_toml

# The first that is there and has such a table: what is written for drillbook alone goes before what is shared.
_PLACES = (("drillbook.toml", ("check",)), ("pyproject.toml", ("tool", "drillbook")))


class FileIgnores(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Rules that do not hold in some files."""

    files: str  # a pattern, from the directory of the settings on; without a slash for a name anywhere below it
    rules: tuple[str, ...]
    reason: str


class CheckSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """Rules by their ids or beginnings of them; what is left out is up to the command line and the defaults."""

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    fail_on: Severity | None = None
    per_file_ignores: tuple[FileIgnores, ...] = ()

    def ignored_in(self, path: str) -> tuple[str, ...]:
        """The rules that do not hold in a file, given by its path from the settings' directory with slashes."""
        return tuple(rule for each in self.per_file_ignores if _matches(each.files, path) for rule in each.rules)


class Found(Struct, frozen=True, kw_only=True):
    """Settings, and the directory that they are of."""

    directory: Path
    settings: CheckSettings


def find_check_settings(directory: Path) -> Found | None:
    """Those of the nearest directory at or above one that has any; nothing is merged with what stands further up.

    Raises:
        InputError: such a file cannot be read or is wrong.
    """
    for each in (directory, *directory.parents):
        for name, within in _PLACES:
            settings = _read(each / name, within) if (each / name).is_file() else None
            if settings is not None:
                return Found(directory=each, settings=settings)
    return None


def parse_check_settings(text: str, path: Path, within: Sequence[str]) -> CheckSettings | None:
    """The table of that name, None where there is none."""
    table: object = parse_toml(text, path)
    for name in within:
        if not isinstance(table, dict) or name not in table:
            return None
        table = table[name]
    if not isinstance(table, dict):
        raise InputError(f"{'.'.join(within)} is no table", path=path, line=line_of(text, within))
    settings = convert_toml(table, CheckSettings, text, path, within=within)
    _refuse_wrong_rules(settings, text, path, within)
    return settings


def _read(path: Path, within: Sequence[str]) -> CheckSettings | None:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot read it: {error}", path=path) from error
    return parse_check_settings(text, path, within)


def _refuse_wrong_rules(settings: CheckSettings, text: str, path: Path, within: Sequence[str]) -> None:
    lists: list[tuple[tuple[str, ...], tuple[str, ...]]]
    lists = [(("select",), settings.select), (("ignore",), settings.ignore)]
    for index, each in enumerate(settings.per_file_ignores):
        at = ("per-file-ignores", str(index))
        if not each.reason.strip():
            line = line_of(text, [*within, *at, "reason"])
            raise InputError("the reason is empty", path=path, line=line, mend="say why these rules do not hold there")
        lists.append(((*at, "rules"), each.rules))
    for keys, rules in lists:
        for rule in rules:
            if mend := unknown_rule(rule):
                line = line_of(text, [*within, *keys])
                raise InputError(f"unknown rule {rule!r}", path=path, line=line, mend=mend)


def _matches(pattern: str, path: str) -> bool:
    """Whether a path is one of a pattern's: ``*`` and ``?`` stay in one directory, ``**`` goes through any."""
    if "/" not in pattern:
        path = path.rpartition("/")[2]
    signs = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    parts = re.findall(r"\*\*/|\*\*|\*|\?|[^*?]+", pattern.removeprefix("./"))
    return re.fullmatch("".join(signs.get(part, re.escape(part)) for part in parts), path, re.DOTALL) is not None
