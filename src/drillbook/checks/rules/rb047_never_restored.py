"""RB047: replicas, a selector or a type of service are changed for the emergency, and nothing changes them back."""

import re
from collections.abc import Iterator, Sequence
from math import inf

from drillbook.checks.events import Deleted, Event, Patched, Scaled, ServiceChanged
from drillbook.checks.kubectl import Resource
from drillbook.checks.model import Finding, Rule, Severity
from drillbook.checks.state import Trail
from drillbook.checks.view import CallView, CommandView, View
from drillbook.runbook import Comment

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
    events = [event for event in view.trail.events if isinstance(event, Scaled | ServiceChanged)]
    if not events:
        return
    others = _Others(view.trail, events)
    for event in events:
        if others.for_good(event):
            continue
        what = others.not_changed_back(event)
        if what and not others.put_back_whole(event):
            yield RULE.at(
                event.spot,
                f"{what}, and nothing in this runbook changes it back",
                suggestion="add a step that puts it back once the cause is gone, and a check that users are served again",
            )


class _Others:
    """What the other commands do, looked at once for all events."""

    def __init__(self, trail: Trail, events: Sequence[Scaled | ServiceChanged]) -> None:
        self.commands = trail.commands
        self.about = list(_comments_about(trail.commands))
        # A name that is a loop's variable is the same object if it is written the same.
        self.raised_to: dict[_Object, float] = {}
        self.apps: dict[_Object, set[str]] = {}
        self.types: dict[_Object, set[str]] = {}
        for event in events:
            if isinstance(event, ServiceChanged):
                self.apps.setdefault(_object(event.target), set()).add(_app(event))
                self.types.setdefault(_object(event.target), set()).add(event.service_type or "")
            elif not self.lowers(event):
                replicas = inf if event.replicas is None else event.replicas
                highest = self.raised_to.get(_object(event.target), -inf)
                self.raised_to[_object(event.target)] = max(highest, replicas)
        self.gone: dict[_Object, dict[str, int]] = {}  # the last time in each namespace
        for deleted in trail.of(Deleted):
            for target in deleted.targets:
                self._is_gone(target, deleted.at)
        for patched in trail.of(Patched):
            if patched.patch is None:
                self._is_gone(patched.target, patched.at)
        deployed = [index for index, each in enumerate(trail.commands) if any(map(_may_restore, each.calls))]
        self.last_deployed = deployed[-1] if deployed else -1

    def _is_gone(self, target: Resource, at: int) -> None:
        if target.literal:
            times = self.gone.setdefault(_object(target), {})
            times[target.namespace] = max(at, times.get(target.namespace, -1))

    def not_changed_back(self, event: Scaled | ServiceChanged) -> str:
        """What an event changes that no other one changes back, "" where there is no such thing."""
        key = _object(event.target)
        target = f"{event.target.kind}/{event.target.name}"
        if isinstance(event, Scaled):
            back = self.raised_to.get(key, -inf) > (event.replicas or 0)
            return "" if back or not self.lowers(event) else f"{target} is scaled down to {event.replicas}"
        app = _app(event)
        if app and self.apps[key] <= {"", app}:
            return f"the users of {target} are sent to {app}"
        closed = event.service_type and self.types[key] <= {"", "ClusterIP"}
        return f"{target} becomes ClusterIP, closed to the outside" if closed else ""

    def lowers(self, event: Scaled) -> bool:
        """Whether there are fewer replicas than before, as far as can be told."""
        if event.replicas is None:
            return False
        return event.replicas == 0 or _LOWERS.search(self._said(event)) is not None

    def for_good(self, event: Event) -> bool:
        """Whether words say that it is to stay so."""
        return _FOR_GOOD.search(self._said(event)) is not None

    def put_back_whole(self, event: Scaled | ServiceChanged) -> bool:
        """Or whether it is taken away for good: then there is nothing to put back."""
        own = event.target.namespace
        times = self.gone.get(_object(event.target), {}) if event.target.literal else {}
        gone = any(at > event.at and (not own or name in ("", own)) for name, at in times.items())
        return gone or self.last_deployed > event.command

    def _said(self, event: Event) -> str:
        """The words around a command: of its comments, its step and its procedure."""
        command = self.commands[event.command]
        words = [comment.text for comment in self.about[event.command]]
        words += [command.step.title] if command.step else []
        words += [command.procedure.title] if command.procedure else []
        return "\n".join(words)


_Object = tuple[str, str]  # its kind and name


def _object(target: Resource) -> _Object:
    return target.kind, target.name


def _comments_about(commands: Sequence[CommandView]) -> Iterator[tuple[Comment, ...]]:
    """For each command its comments, or those that the last commented one of its block has."""
    block = -1
    comments: tuple[Comment, ...] = ()
    for each in commands:
        own = (*each.command.comments_before, *each.command.comments_behind)
        comments = own if own or each.block.index != block else comments
        block = each.block.index
        yield comments


def _app(event: ServiceChanged) -> str:
    """The application that a service is sent to; another version of the same one is a release and no detour."""
    pairs = (event.selector or {}).items()
    return next((value for key, value in pairs if value and key.rpartition("/")[2].lower() in _APP), "")


def _may_restore(call: CallView) -> bool:
    return call.name in _DEPLOYERS or (call.kubectl is not None and call.kubectl.verb in _WHOLE)


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
