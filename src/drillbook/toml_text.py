"""TOML to typed values, with every error located: by file and line, and with the nearest key."""

import difflib
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from msgspec import inspect

from drillbook.errors import InputError

T = TypeVar("T")
Table = Mapping[str, Any]

_ERROR = re.compile(r"(?P<what>.*?)(?: - at `\$\.?(?P<at>[^`]*)`)?$")
_HEADER = re.compile(r"(?P<many>\[)?\[(?P<name>[^]]*)\]")


def parse_toml(text: str, path: Path) -> Table:
    """The document's tables.

    Raises:
        InputError: it is no TOML.
    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"line (\d+), column (\d+)", str(error))
        line, column = (int(found[1]), int(found[2])) if found else (None, None)
        raise InputError(f"not valid TOML: {error}", path=path, line=line, column=column) from error


def convert_toml(data: Table, kind: type[T], text: str, path: Path, *, within: Sequence[str] = ()) -> T:
    """A table as a struct; ``within`` are the names of the tables around it in the text.

    Raises:
        InputError: a key is unknown, missing or of the wrong type.
    """
    try:
        return msgspec.convert(data, kind)
    except msgspec.ValidationError as error:
        raise _located(str(error), data, kind, text, path, within) from error


def line_of(text: str, keys: Sequence[str]) -> int | None:
    """The line of a key, given with the tables around it; of the nearest table or list where it is not found.

    TOML libraries that keep positions also rewrite.
    """
    found = None
    for number, inside, key in _lines(text):
        path = [*inside, *([key] if key else [])]
        same = len(path)
        if path == list(keys[:same]) and (found is None or same > found[1]):
            found = (number, same)
    return found[0] if found else None


def _lines(text: str) -> Iterator[tuple[int, list[str], str]]:
    """Each header and key with its line and the tables around it, an index for those of a list; "" for a header."""
    inside: list[str] = []
    seen: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if header := _HEADER.match(stripped):
            name = header["name"]
            inside = [part.strip().strip("\"'") for part in re.findall(r"\"[^\"]*\"|'[^']*'|[^.]+", name)]
            if header["many"]:
                seen[name] = seen.get(name, -1) + 1
                inside.append(str(seen[name]))
            yield number, inside, ""
        elif key := re.match(r"[\"']?([\w./-]+)[\"']?\s*=", stripped):
            yield number, inside, key[1]


def _located(message: str, data: Table, kind: type, text: str, path: Path, within: Sequence[str]) -> InputError:
    """Turn msgspec's message (``… - at `$.system.name```) into an error with a line and the nearest key."""
    found = _ERROR.match(message)
    what, at = (found["what"], found["at"] or "") if found else (message, "")
    keys = _named(re.findall(r"\.\.\.|[^.\[\]]+", at), data, kind)
    shown = ".".join([*within, *keys])
    if misspelt := re.search(r"unknown field `([^`]*)`", what):
        known = _known_keys(kind, keys)
        nearest = difflib.get_close_matches(misspelt[1], known, n=1)
        mend = f"did you mean {nearest[0]!r}?" if nearest else f"known keys: {', '.join(known)}"
        line = line_of(text, [*within, *keys, misspelt[1]])
        return InputError(f"unknown key {misspelt[1]!r}", path=path, line=line, mend=mend)
    line = line_of(text, [*within, *keys])
    if missing := re.search(r"missing required field `([^`]*)`", what):
        return InputError(f"{shown or 'the file'} lacks the key {missing[1]!r}", path=path, line=line, mend="add it")
    if expected := re.match(r"Expected `([^`]*)`, got `([^`]*)`", what):
        return InputError(f"{shown} has the wrong type", path=path, line=line, expected=expected[1], got=expected[2])
    if invalid := re.match(r"Invalid enum value (.*)", what):
        members = _type_at(kind, keys)
        choices = ", ".join(repr(each.value) for each in members.cls) if isinstance(members, inspect.EnumType) else ""
        return InputError(f"{shown} has no such value", path=path, line=line, expected=choices, got=invalid[1])
    return InputError(what, path=path, line=line)


def _named(keys: list[str], data: Table, kind: type) -> list[str]:
    """With the name of the entry that does not validate, for which msgspec says only ``[...]``."""
    if "..." not in keys:
        return keys
    at = keys.index("...")
    table: Any = data
    for key in keys[:at]:
        table = table[key]
    entry = _type_at(kind, keys[: at + 1])
    if isinstance(entry, inspect.StructType):
        for name, value in table.items():
            try:
                msgspec.convert(value, entry.cls)
            except msgspec.ValidationError:
                return [*keys[:at], name, *keys[at + 1 :]]
    return keys


def _known_keys(kind: type, keys: Sequence[str]) -> list[str]:
    found = _type_at(kind, keys)
    return [field.encode_name for field in found.fields] if isinstance(found, inspect.StructType) else []


def _type_at(kind: type, keys: Sequence[str]) -> inspect.Type | None:
    found: inspect.Type | None = inspect.type_info(kind)
    for key in keys:
        found = _within(found, key)
    if isinstance(found, inspect.UnionType):
        return next((each for each in found.types if not isinstance(each, inspect.NoneType)), None)
    return found


def _within(found: inspect.Type | None, key: str) -> inspect.Type | None:
    match found:
        case inspect.UnionType():
            return next((_within(each, key) for each in found.types if not isinstance(each, inspect.NoneType)), None)
        case inspect.StructType():
            return next((field.type for field in found.fields if field.encode_name == key), None)
        case inspect.DictType():
            return found.value_type
        case inspect.VarTupleType():
            return found.item_type
        case _:
            return None
