"""Finds a procedure of a runbook by its heading, as a person would name it."""

import re
from collections.abc import Iterable
from difflib import get_close_matches

from drillbook.errors import InputError
from drillbook.runbook.model import Procedure, Runbook

_PATH_SEPARATOR = re.compile(r"\s+[/>\u203a→]\s+")
_REMARK = re.compile(r"\s*[(\[][^()\[\]]*[)\]]\s*$")
_MAX_NAMES = 50


def find_procedure(runbook: Runbook, heading: str) -> Procedure:
    """The procedure under a heading, in any letter case, with or without its bracketed remark.

    A heading that occurs more than once is told apart by its path: "Critical System Failure / Investigation". Any
    section that holds steps can be found, also a part of a procedure.

    Raises:
        InputError: no section is called so, or more than one is; the message names the nearest or all of them.
    """
    whole, path = (_key(heading),), tuple(_key(part) for part in _PATH_SEPARATOR.split(heading))
    for procedures in (runbook.procedures, runbook.sections):
        for wanted in dict.fromkeys((whole, path)):
            found = [each for each in procedures if _is_called(each, wanted)]
            if len(found) == 1:
                return found[0]
            if found:
                raise _ambiguous(runbook, heading, found)
    raise _unknown(runbook, heading)


def _key(title: str) -> str:
    return " ".join(title.strip().lstrip("#").casefold().split())


def _is_called(procedure: Procedure, wanted: tuple[str, ...]) -> bool:
    titles = procedure.path or (procedure.title,)
    if not _matches(titles[-1], wanted[-1]):
        return False
    rest = iter(titles[:-1])
    return all(any(_matches(title, part) for title in rest) for part in wanted[:-1])


def _matches(title: str, wanted: str) -> bool:
    key = _key(title)
    return wanted in (key, _REMARK.sub("", key))


def _name(procedure: Procedure) -> str:
    return " / ".join(procedure.path) or procedure.title


def _listed(names: Iterable[str]) -> str:
    unique = list(dict.fromkeys(names))
    more = f", and {len(unique) - _MAX_NAMES} more" if len(unique) > _MAX_NAMES else ""
    return ", ".join(f'"{name}"' for name in unique[:_MAX_NAMES]) + more


def _ambiguous(runbook: Runbook, heading: str, found: list[Procedure]) -> InputError:
    return InputError(
        f'the runbook has {len(found)} procedures called "{heading}"',
        path=runbook.path,
        line=found[0].line,
        expected="a heading that occurs once, or its path",
        got=_listed(f"{_name(each)} (line {each.line})" for each in found),
        mend=f'write the path, such as "{_name(found[0])}"',
    )


def _unknown(runbook: Runbook, heading: str) -> InputError:
    by_key = {_key(each.title): each.title for each in (*runbook.sections, *runbook.procedures)}
    wanted = _key(_PATH_SEPARATOR.split(heading)[-1])
    near = [by_key[key] for key in get_close_matches(wanted, by_key, n=3, cutoff=0.5)]
    near += [title for key, title in by_key.items() if wanted and wanted in key and title not in near][:3]
    names = _listed(each.title for each in runbook.procedures)
    return InputError(
        f'the runbook has no procedure called "{heading}"',
        path=runbook.path,
        expected=f"one of {names}" if names else "a section that holds steps; this runbook has none",
        got=f'"{heading}"',
        mend=f"did you mean {_listed(near)}?" if near else "name one of the headings above, as the runbook writes it",
    )
