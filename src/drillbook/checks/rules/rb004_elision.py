"""RB004: three dots where something was left out."""

import re
from collections.abc import Iterator

from drillbook.checks.model import Finding, Rule, Severity
from drillbook.checks.view import View
from drillbook.checks.within import Piece, pieces, spot_within

# Something is left out where dots stand alone; dots right behind a word end a sentence: "Waiting...".
_DOTS = re.compile(r"(?:^|(?<=[\s{\[(,:\"'=])|(?<=\\n)|(?<=//))(?:\.\.\.|…)(?=$|[\s}\]),\"'/]|\\n)")
_BETWEEN_WORDS = re.compile(r"\w (?:\.\.\.|…) \w")  # a pause in a sentence
_PROSE = frozenset({"echo", "printf", "logger", "say", "read", "cat"})
_SENDS = re.compile(r"slack|notify|message|mail|announce|pagerduty|wall", re.IGNORECASE)


def _check(view: View) -> Iterator[Finding]:
    said: set[tuple[int, int]] = set()
    for piece in pieces(view, holding=_has_dots):
        found = next(_left_out(piece), None)
        call = (piece.call.spot.line, piece.call.spot.column)
        if found is None or call in said:  # whoever left one value of a command out left out the others too
            continue
        said.add(call)
        yield RULE.at(
            spot_within(view, piece.word, found),
            f"“{found[0]}” is sent as it stands: it does not stand for the rest",
            suggestion="write out what is meant, or change one value and leave the rest as it is",
        )


def _has_dots(text: str) -> bool:
    return "..." in text or "…" in text


def _left_out(piece: Piece) -> Iterator[re.Match[str]]:
    if piece.for_patterns or (piece.call.name in _PROSE and not piece.body):
        return
    for match in _DOTS.finditer(piece.text):
        if piece.body and not _in_a_list(piece.text, match):
            continue
        pause = _BETWEEN_WORDS.match(piece.text, max(match.start() - 2, 0))
        if not pause and (_blank(piece, match) or not _SENDS.search(piece.call.name)):
            yield match


def _in_a_list(text: str, match: re.Match[str]) -> bool:
    """Whether a list of values in brackets goes on with it; elsewhere in a file dots may be a text's."""
    return text[: match.start()].rstrip(" ").endswith(",") and text[match.end() :].lstrip(" ").startswith(("]", "}"))


def _blank(piece: Piece, match: re.Match[str]) -> bool:
    """Whether a message ends in "Cause: ..."; elsewhere in a message dots are a pause."""
    return piece.text[: match.start()].rstrip().endswith(":") and not piece.text[match.end() :].strip("\"' ")


RULE = Rule(
    id="RB004",
    name="elision",
    severity=Severity.ERROR,
    reason="Dots for what was left out are sent as they stand, and the rest is lost.",
    trips="""\
## The port is down

1. **Change to the kernel's network**

   ```bash
   kubectl patch configmap web -n shop -p '{"data":{"web.conf":"[net]\\nfast = false\\n..."}}'
   ```
""",
    passes="""\
## The port is down

1. **Change to the kernel's network** ...

   ```bash
   echo "Waiting ..."
   slack-notify '#incidents' "Changing the network, please wait..."
   go test ./...
   git log main...fix
   kubectl patch configmap web -n shop -p '{"data":{"mode":"kernel"}}'
   ```
""",
    check=_check,
)
