"""RB024: a wait that may last longer than anybody has time."""

import re
from collections.abc import Iterator

from drillbook.checks.arguments import Grammar, split_arguments, words
from drillbook.checks.kubectl import Kubectl
from drillbook.checks.model import Finding, Rule, Severity
from drillbook.checks.surroundings import is_bounded
from drillbook.checks.view import CallView, View

_ZERO = re.compile(r"0+(?:\.0*)?(?:ms|s|m|h)?", re.ASCII)
_TCPDUMP = Grammar(valued=words("-c -i -w -s -r -C -G -W -B -E -F -j -m -M -T -V -y -z -Z"))
_NO_CAPTURE = ("-r", "-V", "-D", "-L", "-h", "-d", "--version", "--help", "--list-interfaces")


def _check(view: View) -> Iterator[Finding]:
    for call in view.calls:
        if call.call.place.background or is_bounded(call):
            continue
        if call.kubectl is not None:
            yield from _of_kubectl(call, call.kubectl)
        elif call.name == "tcpdump" and _captures(call):
            yield RULE.at(
                call.spot,
                "tcpdump waits for packets for as long as it takes: without traffic it never ends",
                suggestion=f"bound it: timeout 60 {' '.join(word.text for word in call.words)}",
            )


def _of_kubectl(call: CallView, kubectl: Kubectl) -> Iterator[Finding]:
    timeout = kubectl.arguments.flag("--timeout")
    if (kubectl.verb, kubectl.subverb) == ("rollout", "status"):
        watch = kubectl.arguments.flag("-w", "--watch")
        once = watch is not None and watch.text == "false"
        if not once and (timeout is None or _ZERO.fullmatch(timeout.text)):
            yield RULE.at(
                call.spot,
                "“kubectl rollout status” without a timeout waits for as long as the rollout hangs",
                suggestion="give it the time that the step has: --timeout=60s",
            )
    elif kubectl.verb == "wait" and timeout is None:
        yield RULE.at(
            call.spot,
            "“kubectl wait” without a timeout gives up after 30 seconds, whatever time the step has",
            suggestion="give it the time that the step has: --timeout=60s",
            severity=Severity.NOTE,
        )
    elif kubectl.verb == "wait" and timeout is not None and timeout.text.startswith("-"):
        yield RULE.at(
            call.spot,
            "“kubectl wait” with a timeout below zero waits for a week",
            suggestion="give it the time that the step has: --timeout=60s",
        )


def _captures(call: CallView) -> bool:
    arguments = split_arguments(call.arguments, _TCPDUMP)
    ends_by_itself = arguments.has("-G") and arguments.has("-W")
    return not arguments.has(*_NO_CAPTURE) and not ends_by_itself


RULE = Rule(
    id="RB024",
    name="unbounded-wait",
    severity=Severity.WARNING,
    reason="A wait without a bound outlives the time that the step has.",
    trips="""\
## Restart

1. **Restart and wait**

   ```bash
   kubectl rollout status deployment/web -n shop
   kubectl exec -n shop deployment/web -- tcpdump -i any -c 1000 -w /tmp/traffic.pcap
   ```
""",
    passes="""\
## Restart

1. **Restart and wait**

   ```bash
   kubectl rollout status deployment/web -n shop --timeout=60s
   kubectl wait pods -n shop -l app=web --for=condition=Ready --timeout=60s
   timeout 60 kubectl rollout status deployment/web -n shop
   kubectl exec -n shop deployment/web -- timeout 10 tcpdump -i any -c 1000 -w /tmp/traffic.pcap
   tcpdump -r traffic.pcap
   ```
""",
    check=_check,
)
