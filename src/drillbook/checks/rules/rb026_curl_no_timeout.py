"""RB026: a curl that waits for ever when the other side says nothing."""

from collections.abc import Iterator

from drillbook.checks.model import Finding, Rule, Severity
from drillbook.checks.surroundings import is_bounded, may_hold_options
from drillbook.checks.view import View

_NO_TRANSFER = ("-V", "--version", "-h", "--help", "-M", "--manual")
_FROM_A_FILE = ("-K", "--config")


def _check(view: View) -> Iterator[Finding]:
    for call, curl in view.curl:
        arguments = curl.arguments
        if curl.has_time_limit or is_bounded(call) or call.call.place.background:
            continue
        # A file or a variable may hold the limit.
        if arguments.has(*_NO_TRANSFER, *_FROM_A_FILE) or not curl.urls or may_hold_options(call):
            continue
        yield RULE.at(
            call.spot if call.spot.line == call.spot.end_line else call.words[0].spot,
            "curl has no limit of time: if the other side takes the connection and says nothing, this hangs",
            suggestion="add --max-time 5, or whatever the step has time for",
        )


RULE = Rule(
    id="RB026",
    name="curl-no-timeout",
    severity=Severity.WARNING,
    reason="In a partition nothing answers and nothing refuses, and a curl without a limit waits for minutes or for ever.",
    trips="""\
## Is it up

1. **Ask it**

   ```bash
   curl --fail http://web.shop.svc/health
   kubectl exec -n shop deployment/web -- curl --fail http://store/health
   ```
""",
    passes="""\
## Is it up

1. **Ask it**

   ```bash
   curl --fail --max-time 5 http://web.shop.svc/health
   timeout 5 curl --fail http://web.shop.svc/health
   kubectl exec -n shop deployment/web -- curl --fail -m 5 http://store/health
   curl --version
   ```
""",
    check=_check,
)
