"""State followed through commands: each one that changes or needs some leaves events, in order."""

from collections.abc import Iterator, Sequence
from functools import cache, cached_property
from typing import TYPE_CHECKING, TypeVar, cast

from msgspec.structs import replace

from drillbook.checks.consequences import events_of_call
from drillbook.checks.events import DirectoryChanged, Event, FileUsed, Scaled
from drillbook.checks.kubectl import Resource
from drillbook.checks.variables import variables_set, variables_used

if TYPE_CHECKING:
    from drillbook.checks.view import CallView, CommandView

_FILES_OUT = frozenset({">", ">>", ">|", "&>", "&>>"})

E = TypeVar("E", bound=Event)


class Trail:
    """The events of some commands in order, and questions about them."""

    def __init__(self, commands: "Sequence[CommandView]", events: Sequence[Event]) -> None:
        """Events are in the order of their commands."""
        self.commands, self.events = tuple(commands), tuple(events)
        self._of = cache(self._events_of)  # rules ask for the same kind again and again

    def of(self, kind: type[E]) -> tuple[E, ...]:
        """The events of one kind."""
        return cast("tuple[E, ...]", self._of(kind))

    def _events_of(self, kind: type[Event]) -> tuple[Event, ...]:
        return tuple(event for event in self.events if isinstance(event, kind))

    def replicas_before(self, event: Event, target: Resource) -> Scaled | None:
        """What last set a workload's replicas before an event."""
        scaled = self._scaled.get((target.kind, target.name), ())
        return next((each for each in reversed(scaled) if each.at < event.at and each.target.same_as(target)), None)

    @cached_property
    def _scaled(self) -> dict[tuple[str, str], list[Scaled]]:
        found: dict[tuple[str, str], list[Scaled]] = {}
        for each in self.of(Scaled):
            found.setdefault((each.target.kind, each.target.name), []).append(each)
        return found


def trail_of(commands: "Sequence[CommandView]") -> Trail:
    """Follow commands in their order."""
    made: list[Event] = []
    for index, command in enumerate(commands):
        made += (replace(event, at=at, command=index) for at, event in enumerate(command.events, start=len(made)))
    return Trail(commands, made)


def events_of(command: "CommandView") -> Iterator[Event]:
    """What a command does to the state, and needs of it."""
    # A variable is set once its assignment is over, so "X=$X:y" uses it before.
    used = [((each.spot.line, each.spot.column), each) for each in variables_used(command)]
    put = [((each.spot.end_line, each.spot.end_column), each) for each in variables_set(command)]
    yield from (each for _, each in sorted([*used, *put], key=lambda pair: pair[0]))
    yield from _redirected(command)
    for call in command.calls:
        yield from events_of_call(call)
        if not call.in_pod:
            yield from _directory(call)


def _redirected(command: "CommandView") -> Iterator[FileUsed]:
    for each in command.syntax.redirects:
        if each.target is None or each.operator not in (*_FILES_OUT, "<") or each.target.value.startswith("/dev/"):
            continue
        yield FileUsed(
            spot=each.target.spot,
            path=each.target.value,
            writes=each.operator != "<",
            appends=each.operator in (">>", "&>>"),
            literal=each.target.literal,
        )


def _directory(call: "CallView") -> Iterator[DirectoryChanged]:
    if call.name in ("cd", "pushd", "popd") and not call.call.place.subshell and not call.call.place.substitution:
        path = next((word.value for word in call.arguments if not word.value.startswith("-")), "")
        yield DirectoryChanged(spot=call.spot, path=path)
