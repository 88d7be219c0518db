"""Which calls change something that others see: the cluster, a release, or what a service holds."""

from drillbook.checks.arguments import words
from drillbook.checks.kubectl import Kubectl
from drillbook.checks.view import CallView

OBJECT_VERBS = words("apply create replace patch edit delete scale set label annotate autoscale expose")
NODE_VERBS = words("taint drain cordon uncordon")
ROLLOUT_VERBS = words("restart undo pause resume")
_SETS = words("replace patch set")
_OF_HELM = words("install upgrade uninstall delete rollback")


def changes(call: CallView) -> bool:
    """Whether it surely changes something."""
    if call.kubectl is not None:
        return _changes(call.kubectl)
    if call.curl is not None:
        return call.curl.method not in ("GET", "HEAD")
    return call.name == "helm" and bool(call.arguments) and call.arguments[0].value in _OF_HELM


def leaves_a_setting(call: CallView) -> bool:
    """Whether it sets what could be set back, unlike a restart; a number of replicas is left to RB047."""
    kubectl = call.kubectl
    if kubectl is not None:
        return _changes(kubectl) and kubectl.verb in _SETS
    # "helm upgrade --install" may be the first one, with nothing to go back to.
    values = [word.value for word in call.arguments]
    return call.name == "helm" and values[:1] == ["upgrade"] and not {"-i", "--install"}.intersection(values)


def _changes(kubectl: Kubectl) -> bool:
    if kubectl.dry_run or kubectl.arguments.has("-h", "--help"):
        return False
    if kubectl.verb == "rollout":
        return kubectl.subverb in ROLLOUT_VERBS
    return kubectl.verb in OBJECT_VERBS or kubectl.verb in NODE_VERBS
