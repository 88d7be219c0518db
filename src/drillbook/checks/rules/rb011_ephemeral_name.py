"""RB011: the generated name of a pod, which is another one after the next rollout."""

import re
from collections.abc import Iterator

from drillbook.checks.kubectl import PROGRAMS
from drillbook.checks.model import Finding, Rule, Severity, Spot
from drillbook.checks.view import CallView, View
from drillbook.checks.within import pieces

# Generated parts are of 27 characters: no vowel, and no digit or letter that is easily read as another.
_SAFE = "[bcdfghjklmnpqrstvwxz2456789]"
_OF_DEPLOYMENT = re.compile(rf"(?<![\w.-])[a-z][a-z0-9.-]*-(?=\w*\d){_SAFE}{{8,10}}-{_SAFE}{{5}}(?![\w-])", re.ASCII)
# An example made up by hand keeps to no such alphabet.
_MADE_UP = re.compile(r"[a-z][a-z0-9.-]*-(?=[a-z]*\d)(?=\d*[a-z])[a-z0-9]{6,10}-[a-z0-9]{5}", re.ASCII)
_OF_REPLICASET = re.compile(rf"[a-z][a-z0-9.-]*-(?=\w*\d)(?=\d*[a-z]){_SAFE}{{8,10}}", re.ASCII)


def _check(view: View) -> Iterator[Finding]:
    taken: set[Spot] = set()
    for call in view.calls:
        for name in _names_given(call):
            word = next((each for each in call.arguments if name in each.value), None)
            if word is not None and word.spot not in taken:
                taken.add(word.spot)
                yield _at(word.spot, name)
    for piece in pieces(view, holding=_may_be_generated):
        # Of another program it may be a line of output.
        given = piece.assigned or any(word.value in PROGRAMS for word in piece.call.words)
        match = _OF_DEPLOYMENT.search(piece.text) if given and not piece.body else None
        if match and piece.word.spot not in taken:
            yield _at(piece.word.spot, match[0])


def _may_be_generated(text: str) -> bool:
    return text.count("-") > 1  # most words have no two


def _names_given(call: CallView) -> Iterator[str]:
    for each in call.kubectl.resources if call.kubectl else ():
        pattern = {"pod": _MADE_UP, "replicaset": _OF_REPLICASET}.get(each.kind)
        if each.literal and pattern is not None and pattern.fullmatch(each.name):
            yield each.name


def _at(spot: Spot, name: str) -> Finding:
    return RULE.at(
        spot,
        f"“{name}” is the name of one pod or replica set: after the next rollout there is none of that name",
        suggestion="name the workload (deployment/web), or find its pods by their labels",
    )


RULE = Rule(
    id="RB011",
    name="ephemeral-name",
    severity=Severity.ERROR,
    reason="A generated name is gone with the next rollout, so the command finds nothing.",
    trips="""\
## The gateway hangs

1. **Read its log**

   ```bash
   kubectl logs -n shop web-7d4f8b9c6d-x2x4z
   ```
""",
    passes="""\
## The gateway hangs

1. **Read its log**

   ```bash
   kubectl logs -n shop deployment/web
   kubectl logs -n shop store-0
   kubectl get node ip-10-0-12-34
   ```
""",
    check=_check,
)
