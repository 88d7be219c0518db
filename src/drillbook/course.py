"""What a drill took: how long each part of it lasted, and how many requests users lost in it."""

from msgspec import Struct


class Times(Struct, frozen=True, kw_only=True):
    """How long it took, in seconds; None where it never came to that."""

    detect_s: float | None  # from the injection to the last symptom
    respond_s: float | None  # from then to the end of the responder's first command
    recover_s: float | None  # from the procedure's start to the first window in which users were served again
    outage_s: float | None  # from the injection to that window


class PhaseToll(Struct, frozen=True, kw_only=True):
    """One phase of the drill and what users lost in it, by the requests' due times."""

    phase: str
    began_s: float  # from the drill's start
    lasted_s: float
    requests: int
    lost: int


class StepToll(Struct, frozen=True, kw_only=True):
    """One step that was carried out, and what users lost meanwhile, whatever took it."""

    step: str
    line: int
    began_s: float  # from the procedure's start
    lasted_s: float
    requests: int
    lost: int


class Losses(Struct, frozen=True, kw_only=True):
    """Requests lost between the injection and the revert, by cause."""

    fault: int
    procedure: int
    both: int
    unexplained: int  # neither was seen
    unseen: int = 0  # nobody looked in time


class Course(Struct, frozen=True, kw_only=True):
    """One drill as it went. These are facts and no demands: a verdict does not depend on them."""

    times: Times
    phases: tuple[PhaseToll, ...] = ()
    steps: tuple[StepToll, ...] = ()
    losses: Losses | None = None  # None where nobody looked at the system meanwhile
