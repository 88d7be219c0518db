"""RB030: a pipeline whose last program is content with nothing, so that a failure before it is not seen."""

from collections.abc import Iterator

from drillbook.checks.arguments import words
from drillbook.checks.model import Finding, Rule, Severity
from drillbook.checks.outcome import (
    REMOTE,
    TESTS,
    around,
    changes,
    mentioned_later,
    no_answer_fails,
    options,
    pipelines,
    status_is_used,
    written_file,
)
from drillbook.checks.view import CallView, View

# They exit 0 when nothing comes in.
_CONTENT_WITH_NOTHING = words(
    "head tail sort uniq wc awk gawk sed cut tr less more tee cat column jq yq base64 nl fold paste rev tac fmt"
)
_NO_QUESTION = words("config version explain api-resources completion options kustomize")  # nothing is out of reach
_NONE = frozenset({"0", ""})


def _check(view: View) -> Iterator[Finding]:
    active = options(view)
    asked = {block.index for block in view.runbook.blocks if "PIPESTATUS" in block.text}
    for command in view.commands:
        if "pipefail" in active.get(command, ()) or command.block.index in asked:
            continue
        for calls in pipelines(command):
            source = next((call for call in calls if not call.call.place.last_stage and _may_fail(call)), None)
            sink = next((call for call in calls if call.call.place.last_stage), None)
            if source is None or sink is None or not _masks(sink):
                continue
            severity = _severity(view, source, sink)
            if severity is not None:
                yield RULE.at(
                    source.spot.up_to(sink.spot),
                    f"if {source.name} fails, {sink.name or 'what follows'} gets nothing and exits 0: "
                    "a failure looks like a success",
                    suggestion="keep the output in a file first and go on with &&, or begin with: set -o pipefail",
                    severity=severity,
                )


def _may_fail(call: CallView) -> bool:
    if call.kubectl is not None:
        return call.kubectl.verb not in _NO_QUESTION and not call.kubectl.dry_run
    return call.name in REMOTE


def _masks(sink: CallView) -> bool:
    if sink.name in ("jq", "yq"):
        return not no_answer_fails(sink)
    if sink.name in ("awk", "gawk", "sed") and any("exit" in word.value for word in sink.arguments):
        return False
    return sink.name in _CONTENT_WITH_NOTHING


def _severity(view: View, source: CallView, sink: CallView) -> Severity | None:
    """None where the missing output is noticed, a warning where somebody goes by the status."""
    place = sink.call.place
    if place.substitution:
        asker = around(source)
        if asker is None or asker.name not in TESTS:
            return Severity.NOTE
        expects_none = any(word.value in ("-z", *_NONE) for word in asker.arguments)
        return Severity.WARNING if expects_none else None
    file = written_file(source.command)
    if file and mentioned_later(view, source.command, file):
        return None
    return Severity.WARNING if status_is_used(sink) or changes(source) else Severity.NOTE


RULE = Rule(
    id="RB030",
    name="pipe-masks-status",
    severity=Severity.WARNING,
    reason="A pipeline's status is that of its last program, which is content with nothing: an outage looks green.",
    trips="""\
## Web is down

1. **See whether it answers**

   ```bash
   curl --silent --max-time 5 http://web.shop/health | jq .status && echo "it answers"
   kubectl get events -n shop | tail -20
   ```
""",
    passes="""\
## Web is down

1. **See whether it answers**

   ```bash
   curl --fail --silent --max-time 5 http://web.shop/health | jq -e '.status == "ok"'
   kubectl get pods -n shop | grep Running
   kubectl get configmap web -n shop -o yaml | kubectl apply -f -
   kubectl get pods -n shop -o json | jq .items > pods.json
   test -s pods.json
   ```

2. **Count the pods**

   ```bash
   set -o pipefail
   kubectl get pods -n shop -o name | wc -l
   ```
""",
    check=_check,
)
