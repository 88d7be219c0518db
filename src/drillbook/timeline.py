"""The one ordered record of all that happened in a run, on one clock: facts only, never judgements."""

from enum import StrEnum

from msgspec import Struct

from drillbook.drill import Drill


class Phase(StrEnum):
    """The parts of a drill, in the order in which they happen."""

    BASELINE = "baseline"
    INJECT = "inject"
    CONFIRM = "confirm"
    RESPOND = "respond"
    RECOVER = "recover"
    HOLD = "hold"
    REVERT = "revert"
    EXIT_CHECK = "exit check"


class CommandEnd(StrEnum):
    """How a command ended. Only ``exited`` has an exit code of its own."""

    EXITED = "exited"
    TIMED_OUT = "timed out"  # killed with its whole process group at its deadline
    LOST = "lost"  # the responder's session broke under it


class Event(Struct, frozen=True, kw_only=True, tag_field="event"):
    """Something that happened ``at_s`` seconds (monotonic) after the run's start."""

    at_s: float


class DrillStarted(Event, frozen=True, kw_only=True, tag="drill.started"):
    """All events up to the next of this kind belong to this drill."""

    drill: Drill
    slug: str  # names the drill's files in the evidence


class PhaseStarted(Event, frozen=True, kw_only=True, tag="phase.started"):
    """A part of the drill began, and with it the one before ended."""

    phase: Phase


class LoadStarted(Event, frozen=True, kw_only=True, tag="load.started"):
    """Users' traffic began. ``clock_offset_s`` added to a record's time gives seconds since the run's start."""

    records: str  # path in the evidence
    clock_offset_s: float


class LoadFinished(Event, frozen=True, kw_only=True, tag="load.finished"):
    """Users' traffic ended."""

    requests: int
    exit_code: int


class Floor(Struct, frozen=True, kw_only=True):
    """What the load generator measures where there is nothing to measure: milliseconds from the due time.

    The lag is how late the generator itself started requests; latencies are those of a responder that answers at once.
    """

    requests: int
    lag_p50_ms: float
    lag_p99_ms: float
    latency_p50_ms: float
    latency_p99_ms: float


class GeneratorCalibrated(Event, frozen=True, kw_only=True, tag="generator.calibrated"):
    """Before the drill's traffic its generator was run at the drill's rate against a responder of our own."""

    rate_per_s: float
    floor: Floor


class FaultRequested(Event, frozen=True, kw_only=True, tag="fault.requested"):
    """The injector was started; the undo is on disk from here on."""

    experiment: str


class FaultInjected(Event, frozen=True, kw_only=True, tag="fault.injected"):
    """The injector reports that every activity of its method succeeded. Symptoms tell whether that is true."""

    experiment: str


class FaultFailed(Event, frozen=True, kw_only=True, tag="fault.failed"):
    """The injector could not break the system, so nothing was drilled."""

    experiment: str
    reason: str


class FaultUnavailable(Event, frozen=True, kw_only=True, tag="fault.unavailable"):
    """This machine cannot have the fault, so the drill is skipped, and why."""

    experiment: str
    reason: str


class SymptomSeen(Event, frozen=True, kw_only=True, tag="symptom.seen"):
    """A symptom of the drill (by its place in it) showed."""

    index: int
    detail: str


class SymptomMissed(Event, frozen=True, kw_only=True, tag="symptom.missed"):
    """A symptom had not shown by its deadline."""

    index: int
    detail: str


class ProcedureStarted(Event, frozen=True, kw_only=True, tag="procedure.started"):
    """The responder opened the procedure."""

    procedure: str
    line: int


class StepStarted(Event, frozen=True, kw_only=True, tag="step.started"):
    """The responder began a step."""

    step: str
    line: int


class StepSkipped(Event, frozen=True, kw_only=True, tag="step.skipped"):
    """The responder left a step out, and why."""

    step: str
    line: int
    reason: str


class StepFinished(Event, frozen=True, kw_only=True, tag="step.finished"):
    """The responder finished a step; ``failed_commands`` of its commands did not exit 0."""

    step: str
    line: int
    failed_commands: int
    changed_files: tuple[str, ...] = ()  # in the working directory: made, changed or deleted by the step


class CommandStarted(Event, frozen=True, kw_only=True, tag="command.started"):
    """A command of the runbook was sent to the responder pod, byte for byte."""

    line: int
    text: str


class ChangesWatched(Event, frozen=True, kw_only=True, tag="changes.watched"):
    """Around commands that may change objects of these kinds in this namespace, their versions are compared."""

    namespace: str
    kinds: tuple[str, ...]  # in small letters


class CommandFinished(Event, frozen=True, kw_only=True, tag="command.finished"):
    """A command ended. Output is kept head and tail in the evidence; the sizes are the true ones."""

    line: int
    text: str
    end: CommandEnd
    exit_code: int | None
    pipe_status: tuple[int, ...]
    duration_s: float
    stdout: str  # path in the evidence
    stderr: str
    stdout_bytes: int
    stderr_bytes: int
    changed: tuple[str, ...] | None = None  # objects that changed meanwhile, as "kind/name"; None where nobody looked


class CommandTried(Event, frozen=True, kw_only=True, tag="command.tried"):
    """After the drill a command ran again where kubectl, curl and their like are stubs that fail."""

    line: int
    text: str
    exit_code: int | None  # None where it did not end in time
    calls: tuple[str, ...]  # the stubs that it called, each once


class ShellReopened(Event, frozen=True, kw_only=True, tag="shell.reopened"):
    """The responder's shell was lost with its variables and working directory, and why; a new one went on."""

    reason: str


class ProcedureFinished(Event, frozen=True, kw_only=True, tag="procedure.finished"):
    """The responder closed the procedure."""

    procedure: str


class FileInspected(Event, frozen=True, kw_only=True, tag="file.inspected"):
    """A file that a command was to write, as it was in the responder pod after the procedure."""

    path: str
    line: int  # of the command
    exists: bool
    size_bytes: int
    sha256: str
    texts_found: tuple[int, ...]  # places in ``PromisedFiles.texts``


class HandoverInspected(Event, frozen=True, kw_only=True, tag="handover.inspected"):
    """These files, written or changed by the procedure, were looked into for captures, sums and secrets."""

    paths: tuple[str, ...]
    unseen: tuple[str, ...] = ()  # of these not all could be seen, for what is packed in them


class CaptureInspected(Event, frozen=True, kw_only=True, tag="capture.inspected"):
    """A packet capture that was handed over, and its packets; None where it cannot be read."""

    path: str
    packets: int | None


class SumInspected(Event, frozen=True, kw_only=True, tag="sum.inspected"):
    """A line of a list of SHA-256 sums that was handed over: what it says of a file, and what the file has."""

    path: str
    said: str
    found: str  # "" where there is no such file
    listed_in: str = ""  # the list's own path


class SecretFound(Event, frozen=True, kw_only=True, tag="secret.found"):
    """A file that was handed over, or an output, holds a value of a Secret (by name); the value is kept nowhere."""

    path: str
    secret: str


class MessageDelivered(Event, frozen=True, kw_only=True, tag="message.delivered"):
    """A message reached a contact or was refused by it, ``sent_s`` into the run."""

    sent_s: float
    service: str
    address: str
    accepted: bool


class NobodyToAsk(Event, frozen=True, kw_only=True, tag="nobody.to.ask"):
    """There was no record of messages, so it is not known who was told."""


class SystemCompared(Event, frozen=True, kw_only=True, tag="system.compared"):
    """How the system's objects differ from before the fault: once before the revert, once after."""

    after_revert: bool
    differences: tuple[str, ...]  # in what existed before, such as "service/web spec.selector: …"
    added: tuple[str, ...]  # objects that did not exist before


class RevertFinished(Event, frozen=True, kw_only=True, tag="revert.finished"):
    """The fault was taken back, and whether the undo and the experiment's rollbacks succeeded."""

    succeeded: bool
    detail: str


class SymptomGone(Event, frozen=True, kw_only=True, tag="symptom.gone"):
    """After the revert a symptom (by its place in the drill) was looked for and not found."""

    index: int
    detail: str


class SymptomRemained(Event, frozen=True, kw_only=True, tag="symptom.remained"):
    """A symptom still showed some time after the revert: the fault was not taken back."""

    index: int
    detail: str


class DrillAborted(Event, frozen=True, kw_only=True, tag="drill.aborted"):
    """The drill could not be carried to its end."""

    reason: str


class DrillFinished(Event, frozen=True, kw_only=True, tag="drill.finished"):
    """The drill was carried to its end."""


AnyEvent = (
    DrillStarted
    | PhaseStarted
    | LoadStarted
    | LoadFinished
    | GeneratorCalibrated
    | FaultRequested
    | FaultInjected
    | FaultFailed
    | FaultUnavailable
    | SymptomSeen
    | SymptomMissed
    | ProcedureStarted
    | StepStarted
    | StepSkipped
    | StepFinished
    | CommandStarted
    | CommandFinished
    | CommandTried
    | ChangesWatched
    | ShellReopened
    | ProcedureFinished
    | FileInspected
    | HandoverInspected
    | CaptureInspected
    | SumInspected
    | SecretFound
    | MessageDelivered
    | NobodyToAsk
    | SystemCompared
    | RevertFinished
    | SymptomGone
    | SymptomRemained
    | DrillAborted
    | DrillFinished
)
