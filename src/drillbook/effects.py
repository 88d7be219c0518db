"""The effects that a drill needs, as small protocols: the runner is handed one of each."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from msgspec import Struct

from drillbook.drill import Load
from drillbook.load_records import LoadRecords
from drillbook.observation import InsideAnswer, Look
from drillbook.timeline import CommandEnd, Floor


class Clock(Protocol):
    """The run's one clock. ``offset_s`` added to a process's ``time.monotonic()`` gives its time."""

    @property
    def offset_s(self) -> float:
        """Seconds."""

    def now_s(self) -> float:
        """Monotonic seconds since the run's start."""

    def wait_until(self, predicate: Callable[[], bool], *, deadline_s: float, interval_s: float = 0.2) -> bool:
        """Poll until the predicate holds (True) or ``now_s() >= deadline_s`` (False)."""


class CommandResult(Struct, frozen=True, kw_only=True):
    """What one command did. Output is capped head and tail; the sizes are the true ones."""

    end: CommandEnd
    exit_code: int | None
    pipe_status: tuple[int, ...]
    started_s: float  # on the run's clock
    duration_s: float
    stdout: bytes
    stderr: bytes
    stdout_bytes: int
    stderr_bytes: int


class FileState(Struct, frozen=True):
    """What a file held. A directory has size 0 and no digest; a symbolic link stands for its target's path."""

    size_bytes: int
    sha256: str


class Reopening(Struct, frozen=True, kw_only=True):
    """The shell's state (variables, functions, directory) was lost at ``at_s``, and why."""

    at_s: float
    reason: str


class ResponderSession(Protocol):
    """One shell in the responder pod; variables and the working directory live as long as it does."""

    def run(self, text: str, *, timeout_s: float) -> CommandResult:
        """Run these exact bytes; a command that outlives the timeout is killed with its process group."""

    def read_file(self, path: str) -> bytes | None:
        """The file's content, None where there is none. Does not disturb the shell."""

    def list_files(self, path: str) -> Mapping[str, FileState]:
        """Everything below a directory by its relative name. Does not disturb the shell."""

    @property
    def reopenings(self) -> tuple[Reopening, ...]:
        """When and why a command found, or will find, a new shell instead of the one before."""

    def new_shell(self) -> None:
        """Log out; the next command finds a new login shell. What runs in the background goes on."""

    def close(self) -> None:
        """End the shell and whatever it left running."""


class ObjectVersions(Protocol):
    """Tells whether objects of the system were changed."""

    @property
    def namespace(self) -> str:
        """Where it looks."""

    @property
    def kinds(self) -> tuple[str, ...]:
        """What it looks at, in small letters."""

    def look(self) -> Mapping[str, str] | None:
        """By "kind/name", a token that changes when somebody changes the object; None where nobody answered."""


class Trial(Struct, frozen=True, kw_only=True):
    """What a command came to where nothing outside can be reached; ``exit_code`` is None if it did not end in time."""

    exit_code: int | None
    calls: tuple[str, ...]  # the programs that it called and that failed, being stubs


class ResponderPlace(Protocol):
    """Where procedures are carried out."""

    def try_commands(self, texts: Sequence[str]) -> tuple[Trial | None, ...]:
        """Run each in a scratch shell whose kubectl, curl and their like fail; None for one that is not safe there."""

    def renew(self) -> None:
        """Begin afresh: no file and no process of an earlier procedure is left."""

    def open(self) -> ResponderSession:
        """A new shell in the working directory."""


class RunningLoad(Protocol):
    """Users' traffic that is under way."""

    def records(self) -> LoadRecords:
        """Everything recorded so far, times on the run's clock."""

    def stop(self) -> int:
        """End it and return its exit code."""


class RunningCalibration(Protocol):
    """A measurement of the generator's own floor that goes on in the background."""

    def floor(self) -> Floor:
        """Wait for its end."""


class LoadGenerator(Protocol):
    """Starts users' traffic."""

    def calibrate(self, rate_per_s: float) -> RunningCalibration:
        """Start to measure, for a moment, what it measures where there is nothing to measure."""

    def start(self, load: Load, records_path: Path) -> RunningLoad:
        """Start at once; records are appended to the file while they happen."""


class RunningFault(Protocol):
    """An experiment whose method has been carried out and that waits before it rolls back."""

    def release(self) -> str | None:
        """Let it roll back and end; None if every rollback succeeded, else what did not."""


class FaultInjector(Protocol):
    """Breaks the system with a Chaos Toolkit experiment."""

    def inject(self, experiment: Path, journal: Path, *, parameters: Mapping[str, str], traffic: str) -> RunningFault:
        """Return when the method is carried out; records of its own traffic get paths that begin with ``traffic``.

        Raises ``FaultFailedError`` when any of it failed, ``FaultUnavailableError`` when this machine cannot have it.
        """

    def renews(self, experiment: Path) -> tuple[str, ...]:
        """Label selectors of the pods whose insides the experiment damages: they are made anew when it is over."""


Snapshot = Mapping[str, Mapping[str, object]]
"""Objects of the system by "kind/name", as the API server holds them, without status and bookkeeping."""


class RunningObserver(Protocol):
    """Looks at the system again and again, in the background."""

    def looks(self) -> tuple[Look, ...]:
        """Every look so far, in order, times on the run's clock."""

    def stop(self) -> None:
        """No more looks."""


class Observer(Protocol):
    """Starts looking at the system's pods and what they report of their components."""

    def start(self, looks_path: Path) -> RunningObserver:
        """Look at once, and then at intervals; each look is appended to the file when it was had."""


class Delivery(Struct, frozen=True, kw_only=True):
    """A message that reached one of the contacts, or was refused by it."""

    number: int
    at_s: float  # on the run's clock
    service: str
    address: str  # channel, routing key's owner or page; "" where it had none
    accepted: bool


class Witnesses(Protocol):
    """What others saw of a drill."""

    def deliveries(self, after: int = 0) -> tuple[Delivery, ...] | None:
        """All that reached the contacts after this number; None where nobody keeps a record."""

    def inside_answers(self, since_s: float) -> tuple[InsideAnswer, ...] | None:
        """What users inside the cluster were answered since a time of the run; None where there are none."""

    def secrets(self) -> Mapping[str, tuple[bytes, ...]]:
        """By the Secret's name, the words that must not be handed over."""


class SystemUnderDrill(Protocol):
    """The system that is drilled, as its cluster shows it."""

    def snapshot(self) -> Snapshot:
        """The objects as they are now."""

    def restore(self, snapshot: Snapshot, *, timeout_s: float, renew: Sequence[str] = ()) -> None:
        """Put every object back, delete what was added, make the pods of ``renew`` (label selectors) anew, and wait.

        Returns when the workloads are ready; idempotent.
        """
