"""Says in short lines how two snapshots of a system differ."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence

from drillbook.effects import Snapshot

_SHORT = 60  # characters up to which a value is shown whole
_ABSENT = object()
_PLAIN = re.compile(r"[A-Za-z0-9_-]+")


def differences(before: Snapshot, after: Snapshot) -> tuple[str, ...]:
    """One line for each thing that differs, sorted by object: ``service/web spec.selector: {…} → {…}``."""
    lines: list[str] = []
    for key in sorted(before.keys() | after.keys()):
        if key not in before:
            lines.append(f"{key}: added")
        elif key not in after:
            lines.append(f"{key}: deleted")
        else:
            lines += [f"{key} {line}" for line in _compare("", before[key], after[key])]
    return tuple(lines)


def _compare(path: str, old: object, new: object) -> Iterator[str]:
    if old == new:
        return
    if isinstance(old, Mapping) and isinstance(new, Mapping) and not (_is_short_map(old) and _is_short_map(new)):
        for name in sorted(old.keys() | new.keys()):
            yield from _compare(_field(path, name), old.get(name, _ABSENT), new.get(name, _ABSENT))
        return
    named_old, named_new = _by_name(old), _by_name(new)
    if named_old is not None and named_new is not None and named_old.keys() | named_new.keys():
        for name in sorted(named_old.keys() | named_new.keys()):
            yield from _compare(f"{path}[{_plain(name)}]", named_old.get(name, _ABSENT), named_new.get(name, _ABSENT))
        if named_old.keys() == named_new.keys() and list(named_old) != list(named_new):
            yield f"{path}: order {', '.join(map(_plain, named_old))} → {', '.join(map(_plain, named_new))}"
        return
    yield f"{path}: {_shown(old, new)}"


def _field(path: str, name: str) -> str:
    """``spec.selector``, and ``data["app.conf"]`` where a dot of the name would mislead."""
    if not _PLAIN.fullmatch(name):
        return f"{path}[{_json(name)}]"
    return f"{path}.{name}" if path else name


def _plain(name: str) -> str:
    return name if name.isprintable() else _json(name)


def _is_short_map(value: Mapping[str, object]) -> bool:
    scalars = all(isinstance(part, str | int | float | bool | None) for part in value.values())
    return scalars and len(_json(value)) <= _SHORT


def _by_name(value: object) -> dict[str, object] | None:
    """A list of named objects (containers, volumes, ports, …) by name; None for any other value."""
    if not isinstance(value, Sequence) or isinstance(value, str):
        return None
    named: dict[str, object] = {}
    for part in value:
        name = part.get("name") if isinstance(part, Mapping) else None
        if not isinstance(name, str) or name in named:
            return None
        named[name] = part
    return named


def _shown(old: object, new: object) -> str:
    """Both values, cut to the part around the first character that differs."""
    left, right = _json(old), _json(new)
    if len(left) <= _SHORT and len(right) <= _SHORT:
        return f"{left} → {right}"
    first = next((i for i, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), min(len(left), len(right)))
    start = max(0, first - _SHORT // 3)
    return f"{_cut(left, start)} → {_cut(right, start)}"


def _cut(text: str, start: int) -> str:
    if len(text) <= _SHORT:
        return text
    part = text[start : start + _SHORT]
    return f"{'…' if start else ''}{part}{'…' if start + _SHORT < len(text) else ''}"


def _json(value: object) -> str:
    if value is _ABSENT:
        return "(absent)"
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
