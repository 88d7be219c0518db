"""RB059: evidence is kept in a pod or in a directory for temporary files, and nothing takes it out of there."""

from collections.abc import Iterator

from drillbook.checks.model import Finding, Rule, Severity, Spot
from drillbook.checks.shell import Word
from drillbook.checks.view import CallView, View

_TEMPORARY = ("/tmp/", "/var/tmp/", "/dev/shm/")  # noqa: S108 - to find them
_OUT = frozenset({">", ">>", ">|", "&>", "&>>"})
_LOOKS = frozenset({"logs", "get", "describe", "top", "events", "cluster-info"})
_WITNESSES = frozenset({"journalctl", "dmesg", "tcpdump"})
_SAYS = frozenset({"echo", "printf", "ls", "slack-notify", "notify"})  # naming a file takes it nowhere


def _check(view: View) -> Iterator[Finding]:
    calls = view.calls
    for index, call in enumerate(calls):
        for spot, path, in_pod in _kept(call):
            if not path.startswith(_TEMPORARY) or _is_used(path, calls[index + 1 :], in_pod=in_pod):
                continue
            where = "in the pod, and is gone with it" if in_pod else "with temporary files, and is gone sooner or later"
            yield RULE.at(
                spot,
                f"{path} stays {where}: nothing takes this evidence out",
                suggestion="let the responder write it where evidence is kept: … > incident/"
                + (path.rpartition("/")[2] or "evidence"),
            )


def _kept(call: CallView) -> Iterator[tuple[Spot, str, bool]]:
    """Where evidence goes: place, path, and whether that is in a pod."""
    if call.name == "tcpdump":
        yield from ((word.spot, word.value, call.in_pod) for word in _behind(call.arguments, "-w"))
    elif call.name == "tar" and call.in_pod and len(call.arguments) > 1:
        letters = call.arguments[0].value.lstrip("-")
        if "c" in letters and letters.endswith("f"):
            yield call.arguments[1].spot, call.arguments[1].value, True
    if call.in_pod or not _is_witness(call):
        return
    for stage in _stages(call):
        for redirect in stage.redirects:
            if redirect.operator in _OUT and redirect.descriptor in (None, 1) and redirect.target is not None:
                yield redirect.target.spot, redirect.target.value, False


def _is_witness(call: CallView) -> bool:
    if call.call.place.stage != 0 or call.call.place.substitution:
        return False
    return call.name in _WITNESSES or (call.kubectl is not None and call.kubectl.verb in _LOOKS)


def _stages(call: CallView) -> Iterator[CallView]:
    place = call.call.place
    for each in call.command.calls:
        if each.call.place.pipeline == place.pipeline and not each.in_pod and not each.call.place.substitution:
            yield each


def _behind(words: tuple[Word, ...], flag: str) -> Iterator[Word]:
    for index, word in enumerate(words[:-1]):
        if word.value == flag:
            yield words[index + 1]


def _is_used(path: str, later: tuple[CallView, ...], *, in_pod: bool) -> bool:
    """Whether it is copied, read or worked with; where that is not sure it is taken to be."""
    for call in later:
        if in_pod:
            copies = call.kubectl is not None and call.kubectl.verb == "cp"
            reads = call.in_pod and call.name in ("cat", "tar", "base64", "sh", "bash") and _leaves(call)
            sends = (
                call.in_pod and call.name in ("curl", "scp", "rsync", "aws", "gsutil", "rclone") and _names(call, path)
            )
            if copies or reads or sends:
                return True
            continue
        enters = call.in_pod or (call.kubectl is not None and call.kubectl.verb == "exec")
        if not enters and call.name not in _SAYS and _names(call, path):
            return True
    return False


def _leaves(call: CallView) -> bool:
    """Whether what it prints is kept by the responder."""
    return bool(call.redirects) or call.call.place.stages > 1


def _names(call: CallView, path: str) -> bool:
    directory, _, name = path.rpartition("/")
    stem = name.partition("$")[0] or name
    said = [word.value for word in call.words] + [
        each.target.value for each in call.redirects if each.operator == "<" and each.target
    ]
    said += [each.body.value for each in call.redirects if each.body]  # a program that stands in a here-document
    return any(
        f"{directory}/{stem}" in word or word.rstrip("/") == directory or ("*" in word and _matches(word, path))
        for word in said
    )


def _matches(word: str, path: str) -> bool:
    return path.startswith(word.rpartition("=")[2].partition("*")[0])


RULE = Rule(
    id="RB059",
    name="ephemeral-evidence",
    severity=Severity.WARNING,
    reason="A pod's files go with the pod and temporary files with the machine, and the evidence with them.",
    trips="""\
## Keep the evidence

1. **Collect it**

   ```bash
   kubectl logs deployment/web -n shop --tail=500 > /tmp/web.log
   kubectl exec -n shop deployment/web -- timeout 10 tcpdump -i any -c 1000 -w /tmp/web.pcap
   ```
""",
    passes="""\
## Keep the evidence

1. **Collect it**

   ```bash
   kubectl logs deployment/web -n shop --tail=500 > incident/web.log
   kubectl exec -n shop web-0 -- timeout 10 tcpdump -i any -c 1000 -w /tmp/web.pcap
   kubectl cp shop/web-0:/tmp/web.pcap incident/web.pcap
   kubectl get configmap web -n shop -o yaml > /tmp/web.yaml
   kubectl replace -n shop -f /tmp/web.yaml
   ```
""",
    check=_check,
)
