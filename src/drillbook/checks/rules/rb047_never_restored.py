"""RB047: replicas, a selector or a type of service are changed for the emergency, and nothing changes them back."""

import re
from collections.abc import Iterator

from drillbook.checks.events import Deleted, Event, Patched, Scaled, ServiceChanged
from drillbook.checks.model import Finding, Rule, Severity
from drillbook.checks.state import Trail
from drillbook.checks.view import View

_LOWERS = re.compile(r"\b(?:scal(?:e|ing)[ -]?(?:it )?down|reduc\w+|fewer|shed)\b", re.IGNORECASE)
_FOR_GOOD = re.compile(
    r"\b(?:decommission\w*|retire\w*|uninstall\w*|tear\w* down|permanent\w*|migrat\w+|cut[ -]?over|upgrad\w+)\b",
    re.IGNORECASE,
)
_APP = frozenset({"app", "name", "k8s-app", "service", "instance", "component"})
# Any of these may put a whole object back, and nobody can see from here which one.
_WHOLE = frozenset({"apply", "replace", "edit"})
_DEPLOYERS = frozenset({"helm", "helmfile", "argocd", "flux", "terraform", "kustomize", "skaffold", "pulumi"})


def _check(view: View) -> Iterator[Finding]:
    trail = view.trail
    for event in trail.events:
        if not isinstance(event, Scaled | ServiceChanged) or _for_good(trail, event):
            continue
        what = _changed(trail, event)
        if what and not _put_back_whole(trail, event):
            yield RULE.at(
                event.spot,
                f"{what}, and nothing in this runbook changes it back",
                suggestion="add a step that puts it back once the cause is gone, and a check that users are served again",
            )


def _changed(trail: Trail, event: Scaled | ServiceChanged) -> str:
    """What an event changes that no other one changes back, "" where there is no such thing."""
    target = f"{event.target.kind}/{event.target.name}"
    if isinstance(event, Scaled):
        others = [each for each in trail.of(Scaled) if _same(each, event) and not _lowers(trail, each)]
        back = any(each.replicas is None or each.replicas > (event.replicas or 0) for each in others)
        return "" if back or not _lowers(trail, event) else f"{target} is scaled down to {event.replicas}"
    changes = [each for each in trail.of(ServiceChanged) if _same(each, event)]
    app = _app(event)
    if app and not any(_app(each) not in ("", app) for each in changes):
        return f"the users of {target} are sent to {app}"
    kinds = {each.service_type for each in changes if each.service_type}
    return f"{target} becomes ClusterIP, closed to the outside" if event.service_type and kinds == {"ClusterIP"} else ""


def _same(one: Scaled | ServiceChanged, other: Scaled | ServiceChanged) -> bool:
    # A name that is a loop's variable is the same object if it is written the same.
    return one.target.same_as(other.target) or (one.target.kind, one.target.name) == (
        other.target.kind,
        other.target.name,
    )


def _app(event: ServiceChanged) -> str:
    """The application that a service is sent to; another version of the same one is a release and no detour."""
    pairs = (event.selector or {}).items()
    return next((value for key, value in pairs if value and key.rpartition("/")[2].lower() in _APP), "")


def _lowers(trail: Trail, event: Scaled) -> bool:
    if event.replicas is None:
        return False
    return event.replicas == 0 or _LOWERS.search(_said(trail, event)) is not None


def _for_good(trail: Trail, event: Event) -> bool:
    return _FOR_GOOD.search(_said(trail, event)) is not None


def _said(trail: Trail, event: Event) -> str:
    """The words around a command: of its comments, its step and its procedure."""
    view = trail.commands[event.command]
    words = []
    # A comment is about all commands up to the next one.
    for each in reversed(trail.commands[: event.command + 1]):
        comments = (*each.command.comments_before, *each.command.comments_behind)
        if each.block is not view.block or comments:
            words = [comment.text for comment in comments] if each.block is view.block else []
            break
    words += [view.step.title] if view.step else []
    words += [view.procedure.title] if view.procedure else []
    return "\n".join(words)


def _put_back_whole(trail: Trail, event: Scaled | ServiceChanged) -> bool:
    """Or whether it is taken away for good: then there is nothing to put back."""
    if any(target.same_as(event.target) for each in trail.after(event, Deleted) for target in each.targets):
        return True
    for patched in trail.after(event, Patched):
        if patched.patch is None and patched.target.same_as(event.target):
            return True
    for command in trail.commands[event.command + 1 :]:
        for call in command.calls:
            if call.name in _DEPLOYERS or (call.kubectl is not None and call.kubectl.verb in _WHOLE):
                return True
    return False


RULE = Rule(
    id="RB047",
    name="never-restored",
    severity=Severity.WARNING,
    reason="What was changed for the emergency stays so when it is over, unless a step changes it back.",
    trips="""\
## Memory is short

1. **Stop the workers**

   ```bash
   kubectl scale deployment worker -n shop --replicas=0
   kubectl patch service web -n shop -p '{"spec":{"type":"ClusterIP"}}'
   ```
""",
    passes="""\
## Memory is short

1. **Stop the workers**

   ```bash
   kubectl scale deployment worker -n shop --replicas=0
   ```

2. **Move to the new release**

   ```bash
   kubectl patch service web -n shop -p '{"spec":{"selector":{"version":"green"}}}'
   ```

3. **Start the workers again**

   ```bash
   kubectl scale deployment worker -n shop --replicas=3
   ```
""",
    check=_check,
)
