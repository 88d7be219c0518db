"""What commands do to the state or need of it, as frozen values."""

from msgspec import Struct

from drillbook.checks.kubectl import Json, Kubectl, Resource
from drillbook.checks.model import Spot


class Event(Struct, frozen=True, kw_only=True):
    """Something that a command does or needs."""

    spot: Spot
    at: int = -1  # place in the trail, from 0; the trail sets it
    command: int = -1  # place of its command in the trail's commands; the trail sets it


class Scaled(Event, frozen=True, kw_only=True):
    """A workload's number of replicas is set."""

    target: Resource
    replicas: int | None  # None where it is no plain number


class Patched(Event, frozen=True, kw_only=True):
    """An object is patched."""

    target: Resource
    type: str  # strategic, merge or json
    patch: Json  # None where it is not literal or not readable
    kubectl: Kubectl


class ServiceChanged(Event, frozen=True, kw_only=True):
    """A service's selector or type is set; what the patch leaves alone is None."""

    target: Resource
    selector: dict[str, str | None] | None  # None for a key that is taken away
    merged: bool  # keys that the patch does not name stay
    service_type: str | None


class ConfigReplaced(Event, frozen=True, kw_only=True):
    """Values of keys of a ConfigMap or Secret are set as wholes."""

    target: Resource
    keys: dict[str, str]


class RolledOut(Event, frozen=True, kw_only=True):
    """A rollout is begun or taken back: restart, undo."""

    target: Resource
    action: str


class Deleted(Event, frozen=True, kw_only=True):
    """Objects are deleted, by name or by selector."""

    targets: tuple[Resource, ...]
    selector: str


class Entered(Event, frozen=True, kw_only=True):
    """A program is run in a pod of this workload, or in this pod."""

    target: Resource
    kubectl: Kubectl


class IncidentKey(Event, frozen=True, kw_only=True):
    """An incident is opened or closed by a key, which may hold expansions as written."""

    opens: bool
    key: str
    literal: bool


class FileUsed(Event, frozen=True, kw_only=True):
    """A file is written or read; ``inside`` is the pod or workload that it is in, None for the responder's own."""

    path: str  # expansions as written
    writes: bool
    appends: bool = False
    literal: bool = True
    inside: Resource | None = None


class VariableSet(Event, frozen=True, kw_only=True):
    """A variable is set for later commands; ``block`` is the block that does it."""

    name: str  # "" where any may be, as by "source"
    block: int
    exported: bool = False
    lasting: bool = True  # False in a subshell, whose end it does not outlive
    guards: bool = False  # nothing is set, but an unset variable is thought of, as by ${X:?}


class VariableUsed(Event, frozen=True, kw_only=True):
    """A variable is used without a default."""

    name: str
    block: int
    quoted: bool


class DirectoryChanged(Event, frozen=True, kw_only=True):
    """The working directory changes for what follows; not in a subshell or a pod."""

    path: str
