"""RB060: a bound is stated for something that no command of the procedure measures."""

import re
from bisect import bisect_left
from collections.abc import Iterator

from drillbook.checks.arguments import words
from drillbook.checks.model import Finding, Rule, Severity
from drillbook.checks.view import View
from drillbook.runbook import Procedure, StatedThreshold

# What is measured while something runs; "Python >= 3.9" and "RAM > 16 GB" ask for what has to be there.
_MEASURED = re.compile(
    r"\b(?:p\d{2,3}|latenc\w+|rates?|usage|utili[sz]ation|errors?|lag|queue\w*|load|cpu|memory|swap|disk|saturation"
    r"|connections?|response times?|throughput|backlog|requests?|restarts?|timeouts?|failures?|pressure)\b",
    re.IGNORECASE,
)
# Something else measures it, and says so.
_ELSEWHERE = re.compile(
    r"\b(?:alert\w*|fir(?:es?|ing)|page[sd]?|triggers?|monitor\w*|dashboards?|graphs?|grafana|prometheus|metrics?|slos?"
    r"|sl[ai]s?|panels?|quer(?:y|ies)|threshold\w*|objectives?|goals?|targets?)\b|https?://|\]\(|\w\{|\w\(",
    re.IGNORECASE,
)
_METRICS = re.compile(
    r"/metrics\b|api/v1/query|promtool|\b(?:k6|locust|jmeter|gatling|vegeta|artillery|wrk|siege)\b|\bpromql\b|\b(?:rate|histogram_quantile)\(",
    re.IGNORECASE,
)
_GENERIC = words("rate rates usage high level time times average total current more than")
_WORD = re.compile(r"[a-z]\w{2,}", re.IGNORECASE)
_STEM_LENGTH = 5


def _check(view: View) -> Iterator[Finding]:
    if not view.commands:
        return
    procedures = _procedures_of(view)
    for threshold in view.runbook.thresholds:
        if not threshold.unit or not _MEASURED.search(threshold.subject):
            continue
        if threshold.line not in view.prose or _ELSEWHERE.search(view.paragraph(threshold.line)):
            continue
        procedure = procedures.get(threshold.line)
        if (
            procedure is None
            or not any(step.commands for step in procedure.steps)
            or _is_measured(threshold, procedure)
        ):
            continue
        yield RULE.at(
            view.line_spot(threshold.line, threshold.text),
            f"no command of this procedure measures “{threshold.subject}”, so nobody can tell whether it is so, or over",
            suggestion="give the command or the dashboard that shows this figure",
        )


def _procedures_of(view: View) -> dict[int, Procedure]:
    """The procedure of each threshold's line, the outermost of several."""
    stated = sorted({each.line for each in view.runbook.thresholds})
    found: dict[int, Procedure] = {}
    for procedure in view.runbook.procedures:
        lines = view.lines_of(procedure)
        for line in stated[bisect_left(stated, lines.start) : bisect_left(stated, lines.stop)]:
            found.setdefault(line, procedure)
    return found


def _is_measured(threshold: StatedThreshold, procedure: Procedure) -> bool:
    """Whether a command speaks of the subject or asks for metrics at large: what it shows is not looked into."""
    stems = {word[:_STEM_LENGTH].lower() for word in _WORD.findall(threshold.subject) if word.lower() not in _GENERIC}
    # Not as a part of an option, such as curl's --show-error.
    spoken_of = [re.compile(rf"(?<![\w-]){stem}", re.IGNORECASE) for stem in stems]
    if stems & {"cpu", "memor"}:
        spoken_of.append(re.compile(r"\btop\b"))
    if "disk" in stems:
        spoken_of.append(re.compile(r"\bdf\b"))
    return any(pattern.search(command.text) for command in procedure.commands for pattern in (_METRICS, *spoken_of))


RULE = Rule(
    id="RB060",
    name="threshold-unmeasured",
    severity=Severity.NOTE,
    reason="A bound that nothing measures tells nobody when the procedure begins or has worked.",
    trips="""\
## Web is slow

- P99 latency > 500 ms

1. **Start more**

   ```bash
   kubectl scale deployment web -n shop --replicas=6
   ```
""",
    passes="""\
## Web is slow

- P99 latency > 500 ms
- Error rate > 1 %, on the dashboard “Shop”

1. **Start more**

   ```bash
   kubectl scale deployment web -n shop --replicas=6
   curl --fail --silent --max-time 5 http://web.shop.svc/latency
   ```
""",
    check=_check,
)
