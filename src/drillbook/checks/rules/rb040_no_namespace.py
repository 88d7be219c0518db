"""RB040: a kubectl call does not say its namespace, so it works on whichever the responder used last."""

from collections.abc import Iterator

from drillbook.checks.kubectl import Kubectl
from drillbook.checks.model import Finding, Rule, Severity
from drillbook.checks.view import View

# Kinds that are surely in a namespace; of others nothing is said.
_NAMESPACED = frozenset(
    {
        "pod", "service", "deployment", "statefulset", "daemonset", "replicaset", "replicationcontroller", "configmap",
        "secret", "persistentvolumeclaim", "ingress", "cronjob", "job", "endpoints", "event", "serviceaccount", "role",
        "horizontalpodautoscaler", "poddisruptionbudget", "networkpolicy", "rolebinding", "lease", "resourcequota", "all",
    }
)  # fmt: skip
_CHANGES = frozenset({"delete", "scale", "patch", "exec", "edit", "label", "annotate", "set", "autoscale", "expose"})
_LOOKS = frozenset({"get", "describe", "logs", "top", "wait", "port-forward", "attach"})
_NAMES_IT = frozenset({"-n", "--namespace", "-A", "--all-namespaces", "-h", "--help", "--raw", "-f", "--filename"})


def _check(view: View) -> Iterator[Finding]:
    if _is_set(view):
        return
    elsewhere = any(kubectl.namespace for _, kubectl in view.kubectl)
    for call, kubectl in view.kubectl:
        changes = kubectl.verb in _CHANGES or (kubectl.verb == "rollout" and kubectl.subverb in ("restart", "undo"))
        looks = kubectl.verb in _LOOKS or kubectl.verb == "rollout"
        # A placeholder such as <pod> is a redirection to the shell, and takes the -n behind it for its file.
        if any(each.operator == "<" for each in call.redirects):
            continue
        if call.in_pod or not (changes or looks) or not _is_namespaced(kubectl) or _says(kubectl):
            continue
        yield RULE.at(
            kubectl.spot,
            f"“{call.name} {kubectl.verb}” goes to the namespace that happens to be set where it is run",
            suggestion="say which one: -n NAMESPACE",
            severity=Severity.WARNING if changes and elsewhere else None,
        )


def _says(kubectl: Kubectl) -> bool:
    flags = kubectl.arguments.flags
    # "kubectl logs -f" follows; everywhere else -f names a file, which may name the namespace. A flag that is a
    # variable may be any of them.
    return any(flag.name in _NAMES_IT and not (flag.name == "-f" and kubectl.verb == "logs") for flag in flags) or any(
        word.value.startswith("$") for word in kubectl.words
    )


def _is_namespaced(kubectl: Kubectl) -> bool:
    return bool(kubectl.kinds) and all(kind in _NAMESPACED for kind in kubectl.kinds)


def _is_set(view: View) -> bool:
    """Whether the document sets a namespace for all calls."""
    for call in view.calls:
        if call.name in ("kubens", "kubectx", "kubie", "alias"):
            return True
        kubectl = call.kubectl
        if kubectl is not None and kubectl.verb in ("config", "project", "ns"):
            return True
    return False


RULE = Rule(
    id="RB040",
    name="no-namespace",
    severity=Severity.NOTE,
    reason="Without a namespace a command works on whatever is set where it is run.",
    trips="""\
## Web hangs

1. **Start it anew**

   ```bash
   kubectl get pods -n shop
   kubectl rollout restart deployment/web
   ```
""",
    passes="""\
## Web hangs

1. **Start it anew**

   ```bash
   kubectl get nodes
   kubectl get pods --all-namespaces
   kubectl apply -f web.yaml
   kubectl rollout restart deployment/web --namespace=shop
   ```
""",
    check=_check,
)
