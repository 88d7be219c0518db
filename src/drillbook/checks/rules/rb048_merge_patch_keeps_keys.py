"""RB048: a selector is patched by merging, so keys that the patch does not name stay."""

from collections.abc import Iterator

from drillbook.checks.events import ServiceChanged
from drillbook.checks.model import Finding, Rule, Severity
from drillbook.checks.view import View


def _check(view: View) -> Iterator[Finding]:
    for changed in view.trail.of(ServiceChanged):
        selector = changed.selector
        # Taking a key away by null shows that the author knows; one key put to a new colour is what merging is for.
        if not changed.merged or not selector or None in selector.values() or "app" not in _short(selector):
            continue
        keys = ", ".join(f"{key}={value}" for key, value in selector.items())
        yield RULE.at(
            changed.spot,
            f"this merges {keys} into the selector: keys that it had besides stay, and then it may match no pod",
            suggestion="replace the whole selector: --type=json -p "
            '\'[{"op": "replace", "path": "/spec/selector", "value": {…}}]\'',
        )


def _short(selector: dict[str, str | None]) -> set[str]:
    """The keys' last words; a service that is sent to another application gets a new one of these."""
    last = {key.rpartition("/")[2].lower() for key in selector}
    return {"app" if key in ("app", "name", "k8s-app", "service", "instance", "component") else key for key in last}


RULE = Rule(
    id="RB048",
    name="merge-patch-keeps-keys",
    severity=Severity.WARNING,
    reason="A merged selector keeps the keys that the patch does not name, and so may match nothing.",
    trips="""\
## Divert traffic

1. **Send users to the fallback**

   ```bash
   kubectl patch service web -n shop -p '{"spec":{"selector":{"app":"fallback"}}}'
   ```
""",
    passes="""\
## Divert traffic

1. **Send users to the fallback**

   ```bash
   kubectl patch service web -n shop --type=json -p '[{"op": "replace", "path": "/spec/selector", "value": {"app": "fallback"}}]'
   kubectl patch service web -n shop -p '{"spec":{"selector":{"version":"green"}}}'
   ```
""",
    check=_check,
)
