"""Durations as programs write them: sleep's "90" and "1.5m", kubectl's "1m30s"."""

import re

_UNIT_S = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3_600.0, "d": 86_400.0}
_PART = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)(ms|[smhd])?", re.ASCII)
_MINUTE_S = 60.0


def seconds_of(text: str) -> float | None:
    """A duration in seconds, a bare number taken for seconds; None where it is none, such as a variable."""
    total, at = 0.0, 0
    while at < len(text):
        part = _PART.match(text, at)
        if part is None:
            return None
        total += float(part[1]) * _UNIT_S[part[2] or "s"]
        at = part.end()
    return total if text else None


def spoken(seconds: float) -> str:
    """A duration in words: "90 s", "5 min", "5 min 12 s"."""
    if seconds < 2 * _MINUTE_S:
        return f"{seconds:g} s"
    minutes, rest = divmod(round(seconds), int(_MINUTE_S))
    return f"{minutes} min {rest} s" if rest else f"{minutes} min"
