"""RB003: a word that stands for something which somebody has to fill in."""

import re
from collections.abc import Iterator

from drillbook.checks.angled import ERB
from drillbook.checks.arguments import words
from drillbook.checks.model import Finding, Rule, Severity, Spot
from drillbook.checks.view import View
from drillbook.checks.within import Piece, pieces, spot_within

_LAST = "ID|NAME|TOKEN|KEY|PASSWORD|SECRET|URL|IP|ADDRESS|HOST|HOSTNAME|USERNAME|EMAIL|TIMESTAMP|DATE|NAMESPACE"
_ALONE = "TIMESTAMP|TOKEN|PASSWORD|USERNAME|NAMESPACE|HOSTNAME|PODNAME|CHANGEME|CHANGE_ME|REPLACE_ME|REPLACEME|TODO|TBD"
_CAPITALS = rf"(?:(?:[A-Z][A-Z0-9]*_)+(?:{_LAST})|{_ALONE})"
_BLANK = re.compile(_CAPITALS)
_ENDS = r"(?![\w=.(\[])"
# Alone, as a part of a name, path or address, or behind the scheme of an authorization.
_WHOLE = re.compile(rf"(?<![^'\"=]){_CAPITALS}(?=['\"]?$)")
_PART = re.compile(rf"(?<=[/@-]){_CAPITALS}(?=$|[/'\":?&@-]|\.(?:txt|log|json|ya?ml|gz|tar|tgz|csv)\b)")
_IN_TEXT = re.compile(rf"(?:(?<=//)|(?<=Bearer )|(?<=OAuth )|(?<=Basic )|(?<=Token )|(?<=token=)){_CAPITALS}{_ENDS}")
_BLANK_WORDS = (
    "DESCRIPTION|SUMMARY|CAUSE|NAME|ID|TIME|TIMESTAMP|DATE|URL|LINK|DETAILS|REASON|NUMBER|SEVERITY|IMPACT|STATUS|"
    "SERVICE|TEAM|VERSION|EMAIL|PHONE|ETA|OWNER|NAMESPACE|TOKEN|REVISION|POD|REGION|BUCKET|USERNAME|PASSWORD|HOSTNAME|"
    "BRANCH|FILENAME"
)
_ANYWHERE = (
    re.compile(rf"(?<![\w.$\])])\[(?:[A-Z]+[ _-])*(?:{_BLANK_WORDS})\](?![\w*+?{{\]])"),
    re.compile(r"(?<![\w$])YOUR[_-][A-Z][A-Z0-9_-]*[A-Z0-9](?![\w=])"),
    re.compile(r"(?<![\w$.-])your-(?:[a-z0-9]+-)*(?:name|id|token|key|pod|namespace|cluster|service|host)(?![\w-])"),
)
_DATE = re.compile(r"(?<=[A-Za-z0-9][-_/.])YYYY(?:[-._]?MM(?:[-._]?DD)?)?(?![\w%])")
_DISK = re.compile(r"(?<=/dev/)(?:s|v|xv)d[XY]\d?\b")
# A value of JSON; {"name": "API_TOKEN"} only names a variable.
_JSON_VALUE = re.compile(
    rf'"\w*(?:_key|_id|[Tt]oken|[Pp]assword|_secret|[a-z]Key|[a-z]Id)"\s*:\s*"(?P<blank>{_CAPITALS})"'
)
_NOT_ENGLISH = re.compile(r"<(?=[^\x00-\x7f])[\w -]{1,40}>")  # no program's syntax has such words in angle brackets
_MAY_BE = re.compile(r"[\[<{]|[A-Z][A-Z_]|your-|/dev/")  # each of the others has one of these; most words have none
_USAGE = re.compile(r"\busage\b", re.IGNORECASE)
_TEMPLATE = re.compile(r"\{\{ ?[A-Za-z][\w-]* ?\}\}")
_GO_WORDS = re.compile(r"\{\{-? ?(?:\.|\$|range|if|end|else|with|json|printf|index|template|define)")
_ANGLED = re.compile(
    r"(?<![\w?<(\\$])<(?:[a-z][a-z0-9]*[ _-])+[a-z][a-z0-9]*>|(?<=[/= ])<(?:token|password|pod|namespace|name|id)>"
)
# What follows them is the name of a variable, a key or a column.
_NAMES_BEHIND = words("-e --env --arg --argjson --rawfile --slurpfile -o -O --output -field --field --key")
_NAMING = words(
    "read printenv unset export declare local readonly getenv secret secrets variable variables env test [ [["
)
_IS_A_FILE = re.compile(r"/etc/|/secrets?/")
_SHOWN_ONLY = frozenset({"echo", "printf"})


def _check(view: View) -> Iterator[Finding]:
    for piece in pieces(view, holding=_MAY_BE.search):
        taken: set[int] = set()
        for match in _matches(piece):
            spot = spot_within(view, piece.word, match)
            if match.start() in taken or _is_angled(view, piece, spot):
                continue
            taken.add(match.start())
            yield _at(spot, match[0])
    yield from _left_of_templates(view)
    for command in view.commands:
        for remark in command.remarks(view.lines):
            # "#channel "text"" is a call's argument that the shell takes for a comment.
            if remark.text[:1].strip() and '"' in remark.text:
                for match in _ANYWHERE[0].finditer(remark.text):
                    start = remark.spot.column + match.start()
                    yield _at(view.spot(remark.spot.line, start, start + len(match[0])), match[0])


def _is_angled(view: View, piece: Piece, spot: Spot) -> bool:
    """Whether it stands in bare angle brackets, which RB002 speaks of."""
    before = view.lines[spot.line - 1][: spot.column - 1]
    return not piece.word.quoted and before.endswith("<")


def _at(spot: Spot, text: str) -> Finding:
    return RULE.at(
        spot,
        f"“{text}” is sent as it stands: nothing fills it in",
        suggestion="let the command find the value, or take it from a variable that an earlier command sets",
    )


def _left_of_templates(view: View) -> Iterator[Finding]:
    """ERB in shell blocks: most of it is no shell, so the lines themselves are read."""
    for block in view.runbook.blocks:
        if not block.commands and block.syntax_fault is None:
            continue
        for line, text in enumerate(block.text.split("\n"), start=block.text_line):
            for match in ERB.finditer(text) if not text.lstrip().startswith("#") else ():
                yield _at(view.line_spot(line, match[0]), match[0])


def _matches(piece: Piece) -> Iterator[re.Match[str]]:
    text = piece.text
    yield from _NOT_ENGLISH.finditer(text)
    if piece.for_patterns:
        return
    for pattern in (*_ANYWHERE, _DATE, _DISK):
        yield from pattern.finditer(text)
    for value in _JSON_VALUE.finditer(text):
        yield from _BLANK.finditer(text, value.start("blank"), value.end("blank"))
    if _GO_WORDS.search(text) is None:
        yield from _TEMPLATE.finditer(text)
    if piece.word.quoted and "</" not in text and _USAGE.search(text) is None:
        yield from _ANGLED.finditer(text)
    if piece.call.name in _SHOWN_ONLY and not piece.call.redirects and piece.call.place.stages == 1:
        return
    naming = any(word.value in _NAMING for word in piece.call.words) and not piece.assigned
    if naming or piece.before in _NAMES_BEHIND or _IS_A_FILE.search(text):
        return
    if any(each.isspace() for each in piece.word.text):
        yield from _IN_TEXT.finditer(text)
    elif not piece.body and "custom-columns" not in text:
        yield from _WHOLE.finditer(text)
        yield from _PART.finditer(text)


RULE = Rule(
    id="RB003",
    name="placeholder",
    severity=Severity.ERROR,
    reason="A placeholder that nobody filled in is taken for the value itself.",
    trips="""\
## Close the incident

1. **Resolve it**

   ```bash
   pagerduty-resolve --incident-key=web-TIMESTAMP
   curl --fail --max-time 5 -H "Authorization: OAuth TOKEN" https://status.example.com/pages/PAGE_ID/incidents
   slack-notify '#incidents' "Resolved. Root cause: [DESCRIPTION]."
   ```
""",
    passes="""\
## Close the incident

Replace TIMESTAMP if you do this by hand.

1. **Resolve it**

   ```bash
   key=$(cat incident/key)
   pagerduty-resolve --incident-key="$key"
   curl --fail --max-time 5 -H "Authorization: OAuth $TOKEN" "https://status.example.com/pages/$PAGE_ID/incidents"
   slack-notify '#incidents' "[RESOLVED] The root cause stands in the incident's log."
   kubectl get pods -n shop -o custom-columns=NAME:.metadata.name
   kubectl set env deployment/web -n shop API_TOKEN="$TOKEN"
   kubectl get pods -n shop -o go-template='{{range .items}}{{.metadata.name}}{{end}}'
   ```
""",
    check=_check,
)
