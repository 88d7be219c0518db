"""RB043: the finalizers of an object are taken away, so that it goes without being cleaned up after."""

import re
from collections.abc import Iterator

from drillbook.checks.consequences import member
from drillbook.checks.kubectl import Json, Kubectl
from drillbook.checks.model import Finding, Rule, Severity
from drillbook.checks.view import View

_FINALIZE = re.compile(r"/finalize(?:\?|$)")


def _check(view: View) -> Iterator[Finding]:
    for _, kubectl in view.kubectl:
        if kubectl.dry_run or not (_patches(kubectl) or _finalizes(kubectl)):
            continue
        yield RULE.at(
            kubectl.spot,
            "this skips the clean-up that the finalizers stand for: what the object owned outside stays behind",
            suggestion="find out who has to remove the finalizer, and mend that; list what is left behind if you go on",
        )


def _patches(kubectl: Kubectl) -> bool:
    patch = kubectl.patch() if kubectl.verb == "patch" else None
    if isinstance(patch, list):
        return any(_takes_away(operation) for operation in patch)
    return any(
        isinstance(held := member(patch, part), dict) and "finalizers" in held and not held["finalizers"]
        for part in ("metadata", "spec")
    )


def _takes_away(operation: Json) -> bool:
    path, action = member(operation, "path"), member(operation, "op")
    if not isinstance(path, str) or not path.startswith(("/metadata/finalizers", "/spec/finalizers")):
        return False
    return action == "remove" or (action == "replace" and not member(operation, "value"))


def _finalizes(kubectl: Kubectl) -> bool:
    return kubectl.verb == "replace" and _FINALIZE.search(kubectl.arguments.text("--raw")) is not None


RULE = Rule(
    id="RB043",
    name="finalizer-removal",
    severity=Severity.WARNING,
    reason="A finalizer holds an object until what belongs to it is cleaned up; without it that stays behind.",
    trips="""\
## A volume does not go

1. **Free it**

   ```bash
   kubectl patch pvc data -n shop -p '{"metadata":{"finalizers":null}}'
   ```
""",
    passes="""\
## A volume does not go

1. **See who holds it**

   ```bash
   kubectl get pvc data -n shop -o jsonpath='{.metadata.finalizers}'
   kubectl patch pvc data -n shop -p '{"metadata":{"labels":{"stuck":"yes"}}}'
   ```
""",
    check=_check,
)
