"""What is demanded of a procedure beside the users' traffic: frozen values, judged in ``judge_promises``."""

from msgspec import Struct

from drillbook.objective import Comparison, Start


class LossBound(Struct, frozen=True, kw_only=True, tag="loss bound"):
    """At most so many of the users' requests are lost because of the procedure, and not of the fault."""

    requests: int


class KeptData(Struct, frozen=True, kw_only=True, tag="kept data"):
    """A component's figure, summed over the pods, is at least this share of what it was before the fault."""

    component: str
    figure: str
    share: float  # 0 to 1


class Told(Struct, frozen=True, kw_only=True, tag="told"):
    """Somebody was told over this service and address after the procedure's start."""

    service: str  # as the contacts' record names it, such as "slack"
    address: str  # channel, routing key or page
    deadline_s: float  # from the procedure's start


class ShutOut(Struct, frozen=True, kw_only=True, tag="shut out"):
    """Traffic that the fault brought gets no answer during a whole window, by a deadline from the procedure's start."""

    traffic: str  # the name that the experiment gave it
    window_s: float
    deadline_s: float


class InsideServed(Struct, frozen=True, kw_only=True, tag="inside served"):
    """Users inside the cluster see at most this error rate from the procedure's start to its end."""

    error_rate: float  # 0 to 1


class CaptureKept(Struct, frozen=True, kw_only=True, tag="capture kept"):
    """A packet capture that can be read is handed over, with at most so many packets and at least one."""

    most_packets: int


class ChecksumsKept(Struct, frozen=True, kw_only=True, tag="checksums kept"):
    """The files handed over stand in a list of SHA-256 sums, and each sum is right."""


class NoSecrets(Struct, frozen=True, kw_only=True, tag="no secrets"):
    """No file that is handed over, and no output, holds the value of a Secret of the system."""


class Lasting(Struct, frozen=True, kw_only=True):
    """What is seen of the system at every look of a whole window, after the procedure's start and by a deadline."""

    window_s: float
    deadline_s: float
    start: Start = Start.PROCEDURE  # what the deadline counts from


class PodsReady(Lasting, frozen=True, kw_only=True, tag="pods ready"):
    """At least so many pods of the selector are ready and stay."""

    selector: str
    least: int


class ComponentIs(Lasting, frozen=True, kw_only=True, tag="component is"):
    """Every pod that reports this component reports it in this status, and at least one does."""

    component: str
    status: str


class FigureIs(Lasting, frozen=True, kw_only=True, tag="figure is"):
    """A figure of a component, such as its share of the memory, stands so to the value in every pod that reports it."""

    component: str
    figure: str
    comparison: Comparison
    value: float


LastingPromise = PodsReady | ComponentIs | FigureIs
Promise = (
    LossBound
    | KeptData
    | Told
    | ShutOut
    | InsideServed
    | CaptureKept
    | ChecksumsKept
    | NoSecrets
    | PodsReady
    | ComponentIs
    | FigureIs
)
