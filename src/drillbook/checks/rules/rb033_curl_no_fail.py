"""RB033: a curl whose exit status does not tell of an error of the server's."""

import re
from collections.abc import Iterator

from drillbook.checks.curl import Curl
from drillbook.checks.model import Finding, Rule, Severity
from drillbook.checks.surroundings import may_hold_options
from drillbook.checks.view import CallView, View

_NO_TRANSFER = ("-V", "--version", "-h", "--help", "-M", "--manual", "-K", "--config")
_SHOWS_THE_ANSWER = ("-I", "--head", "-i", "--include", "-v", "--verbose", "-w", "--write-out", "-D", "--dump-header")
_PROBE = re.compile(r"health|ready|readiness|alive|liveness|live\b|status|ping\b|up\b", re.IGNORECASE)
_SHELLS = frozenset({"bash", "sh", "zsh", "ash", "dash"})
_SCHEME = re.compile(r"(?!https?:)[a-z][a-z0-9+.-]*:/", re.IGNORECASE)


def _check(view: View) -> Iterator[Finding]:
    for call, curl in view.curl:
        arguments = curl.arguments
        if curl.fails_on_error or not curl.urls or arguments.has(*_NO_TRANSFER):
            continue
        if arguments.has(*_SHOWS_THE_ANSWER) or _is_read_by_another(call) or may_hold_options(call):
            continue
        first = curl.urls[0]
        if _SCHEME.match(first if isinstance(first, str) else first.value):
            continue
        yield RULE.at(
            call.spot if call.spot.line == call.spot.end_line else call.words[0].spot,
            "without --fail curl exits 0 even if the server answers with an error such as HTTP 500",
            suggestion="add --fail",
            severity=Severity.NOTE if _only_shows(call, curl) else None,
        )


def _only_shows(call: CallView, curl: Curl) -> bool:
    """Whether it prints something for a reader, who sees the error too, and is no probe of a state."""
    urls = " ".join(url if isinstance(url, str) else url.value for url in curl.urls)
    kept = curl.output or curl.arguments.has("-O", "--remote-name") or call.redirects
    alone = call.call.place.last_stage
    return alone and curl.method == "GET" and not kept and _PROBE.search(urls) is None and not call.call.place.operator


def _is_read_by_another(call: CallView) -> bool:
    """Whether its answer is looked at: by the next program of the pipe, or by what takes its output.

    A shell looks at nothing: it carries out the server's error page.
    """
    place = call.call.place
    runs = any(
        other.name in _SHELLS
        and (other.call.place.pipeline, other.call.place.stage) == (place.pipeline, place.stage + 1)
        for other in call.command.calls
    )
    return (not place.last_stage and not runs) or place.substitution


RULE = Rule(
    id="RB033",
    name="curl-no-fail",
    severity=Severity.WARNING,
    reason="A server's error is an answer to curl, so the command succeeds while the request failed.",
    trips="""\
## Data is corrupt

1. **Empty the cache**

   ```bash
   curl --max-time 5 -X POST http://web.shop.svc/admin/cache/clear
   kubectl exec -n shop deployment/web -- curl --max-time 5 http://localhost:8080/health
   ```
""",
    passes="""\
## Data is corrupt

1. **Empty the cache**

   ```bash
   curl --fail --max-time 5 -X POST http://web.shop.svc/admin/cache/clear
   curl -fsS --max-time 5 http://web.shop.svc/health
   curl --silent --max-time 5 http://web.shop.svc/health | jq --exit-status '.status == "ok"'
   test "$(curl --silent --max-time 5 --output /dev/null --write-out '%{http_code}' http://web.shop.svc/health)" = 200
   ```
""",
    check=_check,
)
