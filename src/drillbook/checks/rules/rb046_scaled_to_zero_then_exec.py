"""RB046: a command is run in the pods of a workload that an earlier step scaled to zero."""

from collections.abc import Iterator

from drillbook.checks.events import Entered
from drillbook.checks.model import Finding, Rule, Severity
from drillbook.checks.view import View


def _check(view: View) -> Iterator[Finding]:
    for trail in view.trails:
        for entered in trail.of(Entered):
            scaled = trail.replicas_before(entered, entered.target)
            if scaled is not None and scaled.replicas == 0:
                target = f"{entered.target.kind}/{entered.target.name}"
                yield RULE.at(
                    entered.spot,
                    f"{target} was scaled to 0 in line {scaled.spot.line}: there is no pod to run this in",
                    suggestion=f"do this before line {scaled.spot.line}, or scale {target} up and wait for it first",
                )


RULE = Rule(
    id="RB046",
    name="scaled-to-zero-then-exec",
    severity=Severity.ERROR,
    reason="A workload that was scaled to zero has no pod, so nothing can be run in it.",
    trips="""\
## Data is corrupt

1. **Stop writing**

   ```bash
   kubectl scale deployment web -n shop --replicas=0
   ```

2. **See the damage**

   ```bash
   kubectl exec -n shop deployment/web -- ./verify
   ```
""",
    passes="""\
## Data is corrupt

1. **Stop writing**

   ```bash
   kubectl scale deployment web -n shop --replicas=0
   kubectl exec -n shop deployment/store -- ./verify
   ```

2. **Start again**

   ```bash
   kubectl scale deployment web -n shop --replicas=2
   kubectl exec -n shop deployment/web -- ./verify
   ```
""",
    check=_check,
)
