"""RB035: a grep that is to show whether something is right, and finds its word in any case."""

import re
from collections.abc import Iterator

from drillbook.checks.arguments import Grammar, split_arguments, words
from drillbook.checks.kubectl import kind_of
from drillbook.checks.model import Finding, Rule, Severity
from drillbook.checks.view import CallView, View

_GREP = Grammar(valued=words("-A -B -C -m -e -f -d -D --regexp --file --max-count --context"))
_INVERTS = ("-v", "--invert-match", "-L", "--files-without-match", "-f", "--file")
_WHOLE_WORD = ("-w", "--word-regexp", "-x", "--line-regexp", "-P", "--perl-regexp")
_FIELD = re.compile(r"^[\"' ]*([A-Za-z]+)[\"']?:? *$", re.ASCII)
_ALWAYS = words("apiVersion kind metadata name uid creationTimestamp resourceVersion")
_BY_KIND = {
    "service": words("selector ports port clusterIP type spec status namespace"),
    "deployment": words("selector replicas template containers image spec status strategy namespace"),
    "statefulset": words("selector replicas template containers image spec status namespace"),
    "daemonset": words("selector template containers image spec status namespace"),
    "pod": words("containers image phase spec status nodeName conditions namespace"),
    "node": words("spec status conditions addresses capacity allocatable nodeInfo"),
}


def _check(view: View) -> Iterator[Finding]:
    yield from _ready_in_not_ready(view)
    for call in view.calls:
        place = call.call.place
        if call.name not in ("grep", "egrep", "fgrep") or not place.last_stage or place.stages == 1 or call.in_pod:
            continue
        source = _source(call)
        field = _field(call)
        if source is None or not field or place.substitution or field not in source:
            continue
        yield RULE.at(
            call.spot,
            f"“{field}” is in every answer, whatever its value: this grep cannot fail",
            suggestion="compare the value: test \"$(kubectl get … -o jsonpath='{…}')\" = what it should be",
        )


def _ready_in_not_ready(view: View) -> Iterator[Finding]:
    """A grep for Ready in a table of nodes, which finds NotReady too."""
    for call in view.calls:
        if call.name not in ("grep", "egrep", "fgrep") or call.in_pod:
            continue
        arguments = split_arguments(call.arguments, _GREP)
        pattern = arguments.text("-e", "--regexp") or (arguments.words[0].value if arguments.words else "")
        if pattern != "Ready" or arguments.has(*_WHOLE_WORD) or not _reads_nodes(call):
            continue
        yield RULE.at(
            call.spot,
            "“Ready” is in “NotReady” too: this grep takes a broken node for a good one",
            suggestion="match the whole word: grep -w Ready",
        )


def _reads_nodes(call: CallView) -> bool:
    place = call.call.place
    return any(
        other.kubectl is not None
        and other.kubectl.verb == "get"
        and other.kubectl.kinds == ("node",)
        and not other.kubectl.arguments.text("-o", "--output").startswith(("yaml", "json", "name", "custom", "go-"))
        and (other.call.place.pipeline, other.call.place.stage) == (place.pipeline, place.stage - 1)
        for other in call.command.calls
    )


def _source(call: CallView) -> frozenset[str] | None:
    """The fields that the answer has in any case, None where it is not a whole object of kubectl's."""
    place = call.call.place
    for other in call.command.calls:
        at = other.call.place
        kubectl = other.kubectl
        if kubectl is None or at.pipeline != place.pipeline or at.stage != place.stage - 1 or at.substitution:
            continue
        if kubectl.verb != "get" or kubectl.arguments.text("-o", "--output") not in ("yaml", "json"):
            return None
        resources = kubectl.resources
        if len(resources) != 1 or not resources[0].name:
            return None
        return _ALWAYS | _BY_KIND.get(kind_of(resources[0].kind), frozenset())
    return None


def _field(call: CallView) -> str:
    arguments = split_arguments(call.arguments, _GREP)
    named = arguments.flag("-e", "--regexp")
    if arguments.has(*_INVERTS) or len(arguments.words) > (0 if named else 1):
        return ""
    pattern = named.text if named else arguments.words[0].value if arguments.words else ""
    match = _FIELD.match(pattern)
    return match[1] if match else ""


RULE = Rule(
    id="RB035",
    name="grep-as-verdict",
    severity=Severity.WARNING,
    reason="A grep for a word that is always there proves nothing.",
    trips="""\
## Divert traffic

1. **Verify**

   ```bash
   kubectl get service web -n shop -o yaml | grep selector
   ```
""",
    passes="""\
## Divert traffic

1. **Verify**

   ```bash
   test "$(kubectl get service web -n shop -o jsonpath='{.spec.selector.app}')" = fallback
   kubectl get service web -n shop -o yaml | grep 'app: fallback'
   kubectl get service web -n shop -o yaml | grep -v selector
   image=$(kubectl get deployment web -n shop -o yaml | grep image)
   ```
""",
    check=_check,
)
