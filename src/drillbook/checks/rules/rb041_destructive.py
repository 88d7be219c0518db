"""RB041: something is taken away, and nobody looks before or after."""

from collections.abc import Iterator

from drillbook.checks.arguments import words
from drillbook.checks.kubectl import Kubectl
from drillbook.checks.model import Finding, Rule, Severity
from drillbook.checks.view import CallView, View

_LOOKS = frozenset({"get", "describe", "wait", "top", "logs", "exec", "diff"})
_PLURAL_BY_S = words(
    "pod service deployment statefulset daemonset replicaset configmap secret job cronjob node namespace "
    "persistentvolumeclaim persistentvolume serviceaccount role rolebinding clusterrole clusterrolebinding"
)
_MAKES = frozenset({"apply", "create", "run"})
_PROBES = frozenset({"curl", "wget", "test", "[", "[["})


def _check(view: View) -> Iterator[Finding]:
    looks: dict[int, list[int]] = {}  # by procedure, the places of the calls that look at something
    for index, call in enumerate(view.calls):
        if _looks(call):
            looks.setdefault(_procedure(call), []).append(index)
    makers: list[CallView] = []
    said: set[tuple[int, str]] = set()
    for index, call in enumerate(view.calls):
        what = _taken_away(call)
        if call.kubectl is not None and call.kubectl.verb in _MAKES:
            makers.append(call)
        if not what or any(_makes(each, call) for each in makers):
            continue
        places = looks.get(_procedure(call), [index])
        before, after = places[0] < index, places[-1] > index
        if before and after:
            continue
        missing = "before or after" if not before and not after else "after" if before else "before"
        block = (call.command.block.index, missing)
        if block in said:  # several in a row need one look
            continue
        said.add(block)
        yield RULE.at(
            call.spot,
            f"this {what}, and nothing in the procedure looks at the state {missing} it",
            suggestion="show what it will hit before, and check that users are served after",
        )


def _makes(earlier: CallView, call: CallView) -> bool:
    """Whether an earlier command of the document makes what is deleted: tidying up takes nothing from anybody."""
    one, other = earlier.kubectl, call.kubectl
    if one is None or other is None:
        return False
    files = {flag.text for flag in one.files if flag.literal}
    named = {each.name for each in one.resources if each.literal and each.name}
    deleted = [each for each in other.resources if each.name]
    by_file = bool(other.files) and all(flag.text in files for flag in other.files)
    return by_file or (bool(deleted) and all(each.literal and each.name in named for each in deleted))


def _procedure(call: CallView) -> int:
    return call.command.procedure.line if call.command.procedure else 0


def _taken_away(call: CallView) -> str:
    kubectl = call.kubectl
    if kubectl is None or kubectl.dry_run or kubectl.arguments.has("-h", "--help"):
        return ""
    if kubectl.verb == "scale" and kubectl.replicas == 0:
        return "scales to zero"
    return {"delete": f"deletes {_kind(kubectl)}", "drain": "drains a node"}.get(kubectl.verb, "")


def _kind(kubectl: Kubectl) -> str:
    return f"{kubectl.kinds[0]}s" if kubectl.kinds and kubectl.kinds[0] in _PLURAL_BY_S else "objects"


def _looks(call: CallView) -> bool:
    kubectl = call.kubectl
    if kubectl is None:
        return call.name in _PROBES
    return kubectl.verb in _LOOKS or kubectl.subverb in ("status", "history") or kubectl.dry_run


RULE = Rule(
    id="RB041",
    name="destructive",
    severity=Severity.NOTE,
    reason="What was deleted, drained or scaled to zero by mistake is noticed late if nobody looks.",
    trips="""\
## A node is bad

1. **Empty it**

   ```bash
   kubectl drain node-1 --ignore-daemonsets
   ```
""",
    passes="""\
## A node is bad

1. **Empty it**

   ```bash
   kubectl get pods -A --field-selector spec.nodeName=node-1
   kubectl drain node-1 --ignore-daemonsets --timeout=120s
   kubectl get pods -A --field-selector spec.nodeName=node-1
   ```
""",
    check=_check,
)
