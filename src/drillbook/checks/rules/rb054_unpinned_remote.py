"""RB054: what is fetched from elsewhere and carried out is not the same from one day to the next."""

import re
from collections.abc import Iterator

from drillbook.checks.model import Finding, Rule, Severity, Spot
from drillbook.checks.view import CallView, View

_MOVES = re.compile(r"https?://\S*/(?:master|main|latest|HEAD|trunk|develop)(?:/|$)")
_FIXED = re.compile(r"v?\d+\.\d+|[0-9a-f]{7,40}|\$", re.ASCII)  # a version, a commit, or a variable that may hold one
_APPLIES = frozenset({"apply", "create", "replace"})
_RUNS = frozenset({"bash", "sh", "zsh", "python", "python3", "kubectl"})


def _check(view: View) -> Iterator[Finding]:
    for call in view.calls:
        for spot, url in _carried_out(call):
            piped = call.kubectl is None and "://" in url and not _FIXED.search(url)
            if piped or _MOVES.search(url):
                yield RULE.at(
                    spot,
                    "what stands at this address changes, so this does something else on another day",
                    suggestion="name a release or a commit in the address, or keep a copy beside the runbook",
                )


def _carried_out(call: CallView) -> Iterator[tuple[Spot, str]]:
    """The addresses whose contents are applied or run."""
    if call.kubectl is not None and call.kubectl.verb in _APPLIES:
        for flag in call.kubectl.arguments.flags:
            if flag.name in ("-f", "--filename", "-k", "--kustomize"):
                yield flag.spot, flag.text
    elif call.name in ("curl", "wget") and _is_run(call):
        for word in call.arguments:
            if "://" in word.value:
                yield word.spot, word.value


def _is_run(call: CallView) -> bool:
    place = call.call.place
    return any(
        each.call.place.pipeline == place.pipeline and each.call.place.stage > place.stage and each.name in _RUNS
        for each in call.command.calls
    )


RULE = Rule(
    id="RB054",
    name="unpinned-remote",
    severity=Severity.WARNING,
    reason="A branch or the latest release moves on, so nobody has tried what is applied from there.",
    trips="""\
## Metrics are gone

1. **Install them anew**

   ```bash
   kubectl apply -f https://example.org/metrics/latest/download/components.yaml
   curl -fsSL https://example.org/tool/main/install.sh | sudo bash
   ```
""",
    passes="""\
## Metrics are gone

1. **Install them anew**

   ```bash
   kubectl apply -f https://example.org/metrics/v0.7.2/components.yaml
   curl -f --max-time 5 https://example.org/status/latest
   ```
""",
    check=_check,
)
