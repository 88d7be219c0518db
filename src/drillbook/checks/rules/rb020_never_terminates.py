"""RB020: a command that goes on until somebody stops it."""

from collections.abc import Iterator

from drillbook.checks.model import Finding, Rule, Severity
from drillbook.checks.view import CallView, View

_ENDS_IT = frozenset({"timeout", "gtimeout"})
_FOLLOWERS: dict[str, tuple[str, ...]] = {
    "tail": ("-f", "-F", "--follow"),
    "journalctl": ("-f", "--follow"),
    "dmesg": ("-w", "-W", "--follow"),
    "ceph": ("-w", "--watch"),
    "stern": (),
    "ping": (),
    "top": (),
    "htop": (),
}
_ONCE = {"top": ("-b",), "stern": ("--no-follow",), "ping": ("-c", "-w")}  # what makes them end by themselves
_ENGINES = frozenset({"docker", "podman", "nerdctl"})


def _check(view: View) -> Iterator[Finding]:
    for call in view.calls:
        if call.call.place.background or _ENDS_IT.intersection(call.wrappers) or _reader_ends_it(call):
            continue
        if "watch" in call.wrappers:
            yield RULE.at(
                call.call.spot,
                "“watch” repeats its command until somebody stops it: the step hangs",
                suggestion=f"run it once: {' '.join(word.text for word in call.words)}",
            )
        elif call.kubectl is not None and call.kubectl.watches:
            yield RULE.at(
                call.spot,
                f"“kubectl {call.kubectl.verb}” with a watch or follow flag never ends by itself: the step hangs",
                suggestion=_instead_of_kubectl(call.kubectl.verb),
            )
        elif _follows(call):
            yield RULE.at(
                call.spot,
                f"“{call.name}” goes on until somebody stops it: the step hangs",
                suggestion=f"bound it: timeout 60 {' '.join(word.text for word in call.words)}",
            )


def _reader_ends_it(call: CallView) -> bool:
    """Whether its pipe is read by something that closes it: head, or grep -q and -m."""
    place = call.call.place
    readers = [
        other
        for other in call.command.calls
        if other.call.place.pipeline == place.pipeline and other.call.place.stage > place.stage
    ]
    return any(
        reader.name == "head"
        or (reader.name == "grep" and any(word.value[:2] in ("-q", "-m") for word in reader.arguments))
        for reader in readers
    )


def _follows(call: CallView) -> bool:
    shows_logs = call.name in _ENGINES and any(word.value == "logs" for word in call.arguments)
    flags = ("-f", "--follow") if shows_logs else _FOLLOWERS.get(call.name)
    if flags is None:
        return False
    once = _ONCE.get(call.name)
    if once is not None and any(word.value.startswith(once) or _has(word.value, once) for word in call.arguments):
        return False
    return not flags or any(_has(word.value, flags) for word in call.arguments)


def _has(word: str, flags: tuple[str, ...]) -> bool:
    letters = word[1:].rstrip("0123456789.")  # -qc3 is -q -c 3
    cluster = letters if word.startswith("-") and letters.isalpha() else ""
    return word.partition("=")[0] in flags or any(len(flag) == 2 and flag[1] in cluster for flag in flags)  # noqa: PLR2004


def _instead_of_kubectl(verb: str) -> str:
    if verb == "logs":
        return "leave out -f, and bound the log with --tail or --since"
    return "wait for what you need: kubectl wait --for=condition=Ready … --timeout=60s"


RULE = Rule(
    id="RB020",
    name="never-terminates",
    severity=Severity.WARNING,
    reason="A command that never ends hangs the procedure, and every step after it is late or never done.",
    trips="""\
## Memory is short

1. **Look**

   ```bash
   watch kubectl top pods -n shop
   kubectl logs -f deployment/web -n shop
   ```
""",
    passes="""\
## Memory is short

1. **Look**

   ```bash
   kubectl top pods -n shop
   kubectl logs deployment/web -n shop --tail=100
   timeout 60 kubectl get pods -n shop -w
   ```
""",
    check=_check,
)
