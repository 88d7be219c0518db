"""What is demanded of a procedure beside the users' traffic: frozen values, judged in ``judge_promises``."""

from msgspec import Struct


class LossBound(Struct, frozen=True, kw_only=True, tag="loss bound"):
    """At most so many of the users' requests are lost because of the procedure, and not of the fault."""

    requests: int


class KeptData(Struct, frozen=True, kw_only=True, tag="kept data"):
    """A component's figure, summed over the pods, is at least this share of what it was before the fault."""

    component: str
    figure: str
    share: float  # 0 to 1


class NotReported(Struct, frozen=True, kw_only=True, tag="not reported"):
    """When the fault is about to be reverted, no pod says of the component that it is in this status any more."""

    component: str
    status: str


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


Promise = LossBound | KeptData | NotReported | Told | ShutOut | InsideServed | CaptureKept | ChecksumsKept | NoSecrets
