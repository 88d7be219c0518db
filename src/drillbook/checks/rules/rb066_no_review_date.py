"""RB066: nothing in the document says when it was last looked at."""

import re
from collections.abc import Iterator

from drillbook.checks.model import Finding, Rule, Severity
from drillbook.checks.view import View

_DATED = re.compile(
    r"(?:review\w*|updat\w+|verif\w+|revis\w+|modif\w+|lastmod|test(?:ed|s)?|check(?:ed|s)?|validat\w+|chang\w+|drill\w*|rehears\w+"
    r"|valid|effective|date|version|as of|written|published|stand)\b[^|\n]{0,60}?(?:19|20)\d\d(?!\d)"
    r"|(?:19|20)\d\d-\d\d-\d\d[^|\n]{0,40}\b(?:review|updat|verif|revis|test|initial|version)"
    r"|^\s*(?:last_)?(?:review\w*|updated|modified|lastmod|date)\w*\s*:",
    re.IGNORECASE,
)
_TABLE_HEAD = re.compile(r"^\s*\|.*\b(?:date|reviewed|updated)\b", re.IGNORECASE)  # a table of the document's versions


def _check(view: View) -> Iterator[Finding]:
    if not any(procedure.commands for procedure in view.runbook.procedures):
        return
    if any(_is_date(text) for text in view.prose.values()):
        return
    headings = view.runbook.headings
    yield RULE.at(
        view.line_spot(headings[0].line, headings[0].title) if headings else view.line_spot(1),
        "nothing here says when this runbook was last reviewed, so nobody knows whether it still holds",
        suggestion="write who owns it, the date of the last review and that of the next",
    )


def _is_date(text: str) -> bool:
    # Most lines have nothing that a match needs.
    may_be = "20" in text or "19" in text or ":" in text
    return bool(may_be and _DATED.search(text)) or ("|" in text and _TABLE_HEAD.search(text) is not None)


RULE = Rule(
    id="RB066",
    name="no-review-date",
    severity=Severity.NOTE,
    reason="A runbook that nobody has looked at for a year describes another system.",
    trips="""\
# Web

## Web is down

1. **Start it anew**

   ```bash
   kubectl rollout restart deployment/web -n shop
   ```
""",
    passes="""\
# Web

Owner: the shop's team. Last review: 2026-03-01.

## Web is down

1. **Start it anew**

   ```bash
   kubectl rollout restart deployment/web -n shop
   ```
""",
    check=_check,
)
