"""RB012: an argument that begins with a hash sign is a comment."""

import re
from collections.abc import Iterator

from drillbook.checks.model import Finding, Rule, Severity
from drillbook.checks.view import CommandView, View

_WORD = re.compile(r"[A-Za-z][\w.-]*|\d+(?=\s|$)", re.ASCII)
# What stands behind the word in a call that names a channel; a comment goes on with plain words.
_AS_IN_A_CALL = re.compile(r"\s*(?:$|[\"'$|>&-])")
_SENDS = re.compile(r"slack|notify|irc|chat|message|msg|mattermost|discord|announce|post|send", re.IGNORECASE)
_TAKES_NUMBERS = frozenset({"gh", "glab", "hub", "jira"})


def _check(view: View) -> Iterator[Finding]:
    for command in view.commands:
        for remark in command.remarks(view.lines):
            word = _WORD.match(remark.text)
            if word is None or not _is_argument(command, remark.spot.line, word[0], remark.text[word.end() :]):
                continue
            start = remark.spot.column - 1
            yield RULE.at(
                view.spot(remark.spot.line, start, start + 1 + word.end()),
                f"“#{word[0]}” begins a comment: the command gets neither it nor what follows, and still exits 0",
                suggestion=f"quote it: '#{word[0]}'",
            )


def _is_argument(command: CommandView, line: int, word: str, behind: str) -> bool:
    names = [call.name for call in command.calls if call.call.spot.end_line == line]
    program = names[-1] if names else ""
    if word.isdecimal():
        return program in _TAKES_NUMBERS
    if _AS_IN_A_CALL.match(behind) is None:
        return False
    return "-" in word or bool(behind.strip()) or _SENDS.search(program) is not None


RULE = Rule(
    id="RB012",
    name="swallowed-argument",
    severity=Severity.ERROR,
    reason="A word that begins with # is a comment to the end of the line, so it is lost without an error.",
    trips="""\
## Tell the team

1. **Announce**

   ```bash
   slack-notify #incidents "The gateway is down"
   ```
""",
    passes="""\
## Tell the team

1. **Announce**

   ```bash
   slack-notify '#incidents' "The gateway is down"
   kubectl get pods -n shop #see what is left
   ```
""",
    check=_check,
)
