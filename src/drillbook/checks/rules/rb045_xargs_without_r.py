"""RB045: xargs runs its program once even if it gets nothing."""

import re
from collections.abc import Iterator

from drillbook.checks.model import Finding, Rule, Severity
from drillbook.checks.shell import Word
from drillbook.checks.view import CallView, View

_CLUSTER = re.compile(r"-[0tpxo]*r")
# One run for each line: nothing is run for none.
_FOR_EACH = re.compile(r"-[0tpxor]*[Ii]|--replace")
_SAYS = frozenset({"echo", "printf"})
_DOES_NOTHING = frozenset({"basename", "dirname"})  # without a word each says so and ends


def _check(view: View) -> Iterator[Finding]:
    for call in view.calls:
        if "xargs" not in call.wrappers or call.name in _SAYS | _DOES_NOTHING or call.in_pod or _is_never_empty(call):
            continue
        own = _own_words(call)
        if any(_CLUSTER.match(word.value) or _FOR_EACH.match(word.value) for word in own):
            continue
        if any(word.value == "--no-run-if-empty" for word in own):
            continue
        yield RULE.at(
            own[0].spot if own else call.spot,
            f"if nothing comes in, xargs still runs “{call.name or call.words[0].text}” once, without arguments",
            suggestion="xargs -r",
        )


def _own_words(call: CallView) -> tuple[Word, ...]:
    """Those of xargs itself, from its name up to the program that it runs."""
    words = call.call.words
    begin = next((at for at, word in enumerate(words) if word.value.rpartition("/")[2] == "xargs"), 0)
    end = next((at for at, word in enumerate(words) if word is call.words[0]), len(words))
    return words[begin:end]


def _is_never_empty(call: CallView) -> bool:
    """Whether it reads what echo or printf says, and so always something."""
    place = call.call.place
    return any(
        each.name in _SAYS and each.call.place.pipeline == place.pipeline and each.call.place.stage == place.stage - 1
        for each in call.command.calls
    )


RULE = Rule(
    id="RB045",
    name="xargs-without-r",
    severity=Severity.WARNING,
    reason="Without -r xargs runs its program once on no input, which then fails or works on everything.",
    trips="""\
## Pods are stuck

1. **Delete what failed**

   ```bash
   kubectl get pods -n shop -o name | grep worker | xargs kubectl delete -n shop
   ```
""",
    passes="""\
## Pods are stuck

1. **Delete what failed**

   ```bash
   kubectl get pods -n shop -o name | grep worker | xargs -r kubectl delete -n shop
   kubectl get pods -n shop -o name | grep worker | xargs -I{} kubectl describe -n shop {}
   ```
""",
    check=_check,
)
