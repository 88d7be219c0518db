"""How long a command may take and which files it writes, read from the runbook's own words."""

import re

_UNIT_S = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0}
_OWN_TIMEOUT = re.compile(r"(?:--timeout[= ]|\btimeout\s+(?:-\S+\s+)*|--max-time[= ])(\d+)([smh]?)\b")
_GRACE_S = 5.0

_REDIRECT = r"(?<![0-9&<>=-])>{1,2}\s*(?P<quote>[\"']?)(?P<path>[^\s;&|<>()\"'`$]+)(?P=quote)(?=[\s;&|)]|$)"
_QUOTED = r"\\.|'[^']*'|\"(?:\\.|[^\"\\])*\""  # a ">" in it is an argument's
_REDIRECT_OR_QUOTED = re.compile(f"{_REDIRECT}|{_QUOTED}", re.DOTALL)


def command_timeout_s(text: str, *, budget_left_s: float | None, default_s: float) -> float:
    """The deadline of a command: the phase's time budget if the runbook states one, else the default.

    A command that bounds itself (``--timeout=300s``, ``timeout 120 …``) is given that and a little more, so that its
    own message is heard. A budget that is used up leaves the default: a person goes on, late as it is.
    """
    own_s = max((float(number) * _UNIT_S[unit] for number, unit in _OWN_TIMEOUT.findall(text)), default=0.0)
    stated_s = budget_left_s if budget_left_s is not None and budget_left_s > default_s else default_s
    return max(stated_s, own_s + _GRACE_S if own_s else 0.0)


def written_files(text: str) -> tuple[str, ...]:
    """The files that a command redirects its output to; names that only the shell can work out are left out."""
    found = (match["path"] for match in _REDIRECT_OR_QUOTED.finditer(text))
    return tuple(dict.fromkeys(path for path in found if path and not path.startswith("/dev/")))
