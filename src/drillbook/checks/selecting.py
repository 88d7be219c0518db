"""Rules as they are named on a command line or in settings: by an id, or by the beginning of one."""

import difflib

from drillbook.checks.catalogue import CATALOGUE


def split_ids(text: str) -> tuple[str, ...]:
    """What stands between commas."""
    return tuple(part for part in text.replace(" ", "").split(",") if part)


def unknown_rule(text: str) -> str:
    """What to write instead of something that begins no rule's id, "" where it does begin one."""
    names = {entry.name: entry.id for entry in CATALOGUE}
    told = {entry.id: f"{entry.id} ({entry.name})" for entry in CATALOGUE}
    if text and any(known.startswith(text) for known in told):
        return ""
    nearest = difflib.get_close_matches(text.upper(), told, n=1, cutoff=0.5)
    if not nearest:
        nearest = [names[name] for name in difflib.get_close_matches(text.lower(), names, n=1)]
    return f"did you mean {told[nearest[0]]}?" if nearest else f"ids go from {min(told)} to {max(told)}"
