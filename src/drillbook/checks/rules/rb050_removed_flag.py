"""RB050: a flag or a verb that kubectl no longer knows.

Each entry was tried on kubectl 1.32 and 1.37: both refuse it before they ask the cluster.
"""

from collections.abc import Iterator

from msgspec import Struct

from drillbook.checks.arguments import words
from drillbook.checks.kubectl import Kubectl
from drillbook.checks.model import Finding, Rule, Severity
from drillbook.checks.view import View

_PROGRAMS = frozenset({"kubectl", "k"})  # oc has versions and flags of its own
_LEAVE_OUT = "leave it out: what it asked for is done anyway"
_OVERRIDES = """leave it out and say it in --overrides='{"spec": …}', or in a manifest"""


class _Removed(Struct, frozen=True, kw_only=True):
    """Flags that are gone from some verbs."""

    flags: frozenset[str]
    verbs: frozenset[str] = frozenset()  # none means all
    instead: str


_REMOVED = (
    _Removed(
        flags=words("--export"),
        verbs=words("get"),
        instead="leave it out, and take away what the cluster filled in: … -o json | jq 'del(.status, .metadata.uid, .metadata.resourceVersion, .metadata.creationTimestamp)'",
    ),
    _Removed(
        flags=words("--generator"),
        verbs=words("run create expose autoscale"),
        instead="leave it out: “run” makes a pod, and “kubectl create deployment”, “job” and “cronjob” make the others",
    ),
    _Removed(flags=words("--replicas"), verbs=words("run"), instead="write kubectl create deployment … --replicas=N"),
    _Removed(flags=words("--schedule"), verbs=words("run"), instead="write kubectl create cronjob … --schedule=…"),
    _Removed(flags=words("--serviceaccount --requests --limits --hostport"), verbs=words("run"), instead=_OVERRIDES),
    _Removed(
        flags=words("--service-generator --service-overrides"),
        verbs=words("run"),
        instead="make the service with --expose --port=…, or with kubectl expose",
    ),
    _Removed(flags=words("--delete-local-data"), verbs=words("drain"), instead="write --delete-emptydir-data"),
    _Removed(flags=words("-a --show-all"), verbs=words("get"), instead=_LEAVE_OUT),
    _Removed(flags=words("--include-uninitialized"), instead=_LEAVE_OUT),
    _Removed(flags=words("--short"), verbs=words("version"), instead=_LEAVE_OUT),
    _Removed(flags=words("--prune-whitelist"), verbs=words("apply"), instead="write --prune-allowlist=…"),
    _Removed(flags=words("--server-dry-run"), verbs=words("apply"), instead="write --dry-run=server"),
    _Removed(flags=words("--experimental-server-side"), verbs=words("apply"), instead="write --server-side"),
    _Removed(flags=words("-p"), verbs=words("exec"), instead="give the pod's name without a flag"),
    _Removed(
        flags=words("--heapster-namespace --heapster-service --heapster-port --heapster-scheme"),
        verbs=words("top"),
        instead="leave it out: top asks the metrics server",
    ),
    _Removed(
        flags=words("--record"),
        verbs=words("rollout"),
        instead="leave it out, and write the reason with kubectl annotate … kubernetes.io/change-cause='…'",
    ),
)
_VERBS = {
    "rolling-update": "write kubectl set image, and kubectl rollout status --timeout=…",
    "resize": "write kubectl scale",
    "stop": "write kubectl delete",
    "log": "write kubectl logs",
    "run-container": "write kubectl run",
    "update": "write kubectl replace",
    "clusterinfo": "write kubectl cluster-info",
}


def _check(view: View) -> Iterator[Finding]:
    for call, kubectl in view.kubectl:
        # A placeholder such as <pod> is a redirection to the shell, and takes the next word for its file.
        if call.name not in _PROGRAMS or any(each.operator == "<" for each in call.redirects):
            continue
        if kubectl.verb in _VERBS:
            yield RULE.at(
                kubectl.arguments.words[0].spot,
                f"kubectl has no verb “{kubectl.verb}” any more: the command ends with an error and does nothing",
                suggestion=_VERBS[kubectl.verb],
            )
            continue
        yield from _flags(kubectl)


def _flags(kubectl: Kubectl) -> Iterator[Finding]:
    for flag in kubectl.arguments.flags:
        for removed in _REMOVED:
            if flag.name in removed.flags and (not removed.verbs or kubectl.verb in removed.verbs):
                yield RULE.at(
                    flag.word.spot,
                    f"“kubectl {kubectl.verb}” does not know {flag.name} any more: the command ends with an error and does nothing",
                    suggestion=removed.instead,
                )
        if flag.name == "--record" and kubectl.verb != "rollout":
            yield RULE.at(
                flag.word.spot,
                "--record still works, but kubectl says that it will be removed",
                suggestion="write the reason with kubectl annotate … kubernetes.io/change-cause='…'",
                severity=Severity.NOTE,
            )


RULE = Rule(
    id="RB050",
    name="removed-flag",
    severity=Severity.ERROR,
    reason="A kubectl that does not know a flag or a verb does nothing at all.",
    trips="""\
## A node is bad

1. **Empty it**

   ```bash
   kubectl get deployment web -n shop -o yaml --export
   kubectl drain node-1 --ignore-daemonsets --delete-local-data
   ```

2. **Replace the pods**

   ```bash
   kubectl rolling-update web -n shop --image=web:2
   kubectl scale deployment web -n shop --replicas=3 --record
   ```
""",
    passes="""\
## A node is bad

1. **Empty it**

   ```bash
   kubectl get deployment web -n shop -o yaml
   kubectl drain node-1 --ignore-daemonsets --delete-emptydir-data --timeout=120s
   ```

2. **Replace the pods**

   ```bash
   kubectl set image deployment/web -n shop web=web:2
   kubectl create deployment spare -n shop --image=web:2 --replicas=3
   kubectl exec -n shop deployment/web -- pg_dump --export -a
   ```
""",
    check=_check,
)
