"""What a call's exit status is worth: whether it changes or checks something, and what becomes of the status."""

import re
from collections.abc import Iterator

from drillbook.checks.arguments import words
from drillbook.checks.changes import NODE_VERBS, OBJECT_VERBS
from drillbook.checks.kubectl import Kubectl
from drillbook.checks.view import CallView, CommandView, View

TESTS = frozenset({"test", "[", "[["})
# They ask something that may be out of reach, which is what an outage is.
REMOTE = words(
    "curl wget helm aws gcloud az docker podman crictl etcdctl psql mysql redis-cli mongosh argocd flux velero ceph ssh"
)
_CHANGING_VERBS = (OBJECT_VERBS | NODE_VERBS) - {"edit"}  # whoever edits sees what comes of it
_CHANGES = {
    "helm": words("install upgrade rollback uninstall delete"),
    "systemctl": words("start stop restart reload"),
    "terraform": words("apply destroy"),
    "docker": words("run rm stop start restart kill"),
    "argocd": words("sync rollback set delete"),
}
_TAKES_AWAY = words("delete uninstall destroy drain")
_ONLY_LOOKS = ("check", "verify", "test", "status", "validate", "get-", "list", "health", "show")
_OWN = ("/tmp/", "/var/tmp/")  # noqa: S108 - to find them
_ASKS = re.compile(r"/_?(?:query|search|count|graphql|verify|validate|check)", re.IGNORECASE)  # by POST, too
_BY_STATUS = re.compile(r"-[a-zA-Z]*e|--exit-status$")
_CHANGING_METHODS = frozenset({"POST", "PUT", "PATCH", "DELETE"})


def changes(call: CallView) -> str:
    """What the call does to the system, as the words of its program and verb; "" where it changes nothing."""
    kubectl = call.kubectl
    if kubectl is not None:
        return _change_of_kubectl(kubectl)
    if call.curl is not None:
        asks = any(_ASKS.search(url if isinstance(url, str) else url.value) for url in call.curl.urls)
        return f"curl {call.curl.method}" if call.curl.method in _CHANGING_METHODS and not asks else ""
    if call.name in _CHANGES:
        verb = next((word.value for word in call.arguments[:2] if word.value in _CHANGES[call.name]), "")
        return f"{call.name} {verb}" if verb else ""
    if call.name == "rm":
        return "rm" if _removes_for_good(call) else ""
    is_script = bool(call.words) and (call.words[0].value.startswith("./") or call.name.endswith(".sh"))
    return call.name if is_script and not any(each in call.name for each in _ONLY_LOOKS) else ""


def _change_of_kubectl(kubectl: Kubectl) -> str:
    if kubectl.dry_run:
        return ""
    changing = kubectl.verb in _CHANGING_VERBS or kubectl.subverb in ("restart", "undo")
    return f"kubectl {kubectl.subverb or kubectl.verb}" if changing else ""


def _removes_for_good(call: CallView) -> bool:
    """Whether a whole directory goes that is not of the procedure's own making."""
    values = [word.value for word in call.arguments]
    recursive = any(each.startswith("-") and "r" in each.lower() for each in values)
    return recursive and any(each.startswith(("/", "$")) and not each.startswith(_OWN) for each in values)


def takes_away(call: CallView) -> bool:
    """Whether it deletes something, or stops all of it."""
    did = changes(call)
    to_zero = call.kubectl is not None and call.kubectl.verb == "scale" and call.kubectl.replicas == 0
    return to_zero or did in ("rm", "curl DELETE") or did.rpartition(" ")[2] in _TAKES_AWAY


def checks(call: CallView) -> bool:
    """Whether its exit status says how it stands with the system."""
    kubectl, curl = call.kubectl, call.curl
    if kubectl is not None:
        waits = kubectl.verb == "wait" or (kubectl.verb == "rollout" and kubectl.subverb == "status")
        return waits or kubectl.verb in ("diff", "auth")
    if curl is not None:
        return curl.fails_on_error and not changes(call)
    if call.name in ("jq", "yq"):
        return no_answer_fails(call)
    polls = call.name in ("sh", "bash") and any("until " in word.value for word in call.arguments)
    return polls or call.name in TESTS or (call.name == "grep" and call.call.place.last_stage)


def no_answer_fails(call: CallView) -> bool:
    """Whether jq or yq is told to fail where nothing comes out."""
    return any(_BY_STATUS.match(word.value) for word in call.arguments)


def pipelines(command: CommandView) -> Iterator[list[CallView]]:
    """The calls of each pipeline, what runs in a pod left out; a loop's calls belong to the stage that the loop is."""
    found: dict[int, list[CallView]] = {}
    for call in command.calls:
        if not call.in_pod:
            found.setdefault(call.call.place.pipeline, []).append(call)
    yield from found.values()


def status_is_used(call: CallView) -> bool:
    """Whether an if, a loop, && or || hangs on its status."""
    place = call.call.place
    return place.condition or place.negated or place.operator in ("&&", "||")


def around(call: CallView) -> CallView | None:
    """The call in one of whose words a substitution runs this one, None where it is a loop's or an assignment's."""
    for other in call.command.calls:
        inside = other.in_pod or other is call
        expansions = () if inside else (each for word in other.call.words for each in word.expansions)
        if any(each.spot.holds(call.call.spot) for each in expansions):
            return other
    return None


def options(view: View) -> dict[CommandView, frozenset[str]]:
    """Which of errexit and pipefail are set when a command runs; each procedure begins with none."""
    found: dict[CommandView, frozenset[str]] = {}
    for trail in view.trails:
        current: frozenset[str] = frozenset()
        for command in trail.commands:
            for call in command.calls:
                if call.name == "set" and not call.in_pod:
                    current = _with_set(current, [word.value for word in call.arguments])
            found[command] = current
    return found


def _with_set(current: frozenset[str], arguments: list[str]) -> frozenset[str]:
    for each in arguments:
        short = each[:1] in "-+" and each[:2] != "--"
        named = ({"errexit"} if short and "e" in each[1:] else set()) | ({each} & {"errexit", "pipefail"})
        current = current - named if each.startswith("+") else current | named
    return current


def mentioned_later(view: View, command: CommandView, path: str) -> bool:
    """Whether a later command names a file, and so would notice that it is empty."""
    name = path.rpartition("/")[2]
    return view.last_mentions.get(name, 0) > command.command.end_line


def written_file(command: CommandView) -> str:
    """The file that a command's output goes to, "" where there is none."""
    for each in command.syntax.redirects:
        if each.operator in (">", ">>", ">|") and each.descriptor in (None, 1) and each.target is not None:
            path = each.target.value
            return "" if path.startswith("/dev/") else path
    return ""
