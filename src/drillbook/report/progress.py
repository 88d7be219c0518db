"""Shows a drill while it runs: lines as things happen and, on a terminal, what is going on right now."""

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.text import Text

from drillbook import wording
from drillbook.report.outcome import outcome, worked
from drillbook.timeline import (
    AnyEvent,
    CaptureInspected,
    ChangesWatched,
    CommandFinished,
    CommandStarted,
    CommandTried,
    DrillAborted,
    DrillFinished,
    DrillStarted,
    FaultFailed,
    FaultInjected,
    FaultRequested,
    FaultUnavailable,
    FileInspected,
    GeneratorCalibrated,
    HandoverInspected,
    LoadFinished,
    LoadStarted,
    MessageDelivered,
    NobodyToAsk,
    Phase,
    PhaseStarted,
    ProcedureFinished,
    ProcedureStarted,
    RevertFinished,
    SecretFound,
    ShellReopened,
    StepFinished,
    StepSkipped,
    StepStarted,
    SumInspected,
    SymptomGone,
    SymptomMissed,
    SymptomRemained,
    SymptomSeen,
    SystemCompared,
)

_SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_ASCII = str.maketrans({"✓": "+", "✗": "x", "—": "-", "·": "-", "≤": "<", "“": '"', "”": '"'})

_DOING = {
    Phase.BASELINE: "waiting for users to see the steady state",
    Phase.INJECT: "breaking the system",
    Phase.CONFIRM: "waiting for the symptoms to show",
    Phase.RESPOND: "the responder follows the runbook",
    Phase.RECOVER: "watching whether users are served again",
    Phase.HOLD: "users are served again; watching whether it holds",
    Phase.REVERT: "taking the fault back",
    Phase.EXIT_CHECK: "comparing the system with before the incident",
}


def plain_signs(text: str, encoding: str) -> str:
    """The text in signs that the encoding has; a log that cannot say ✓ shall not end the run."""
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return text.translate(_ASCII).encode(encoding, "replace").decode(encoding)
    return text


def describe(event: AnyEvent) -> tuple[str, str] | None:  # noqa: C901, PLR0911, PLR0912 - one line for each kind of event
    """What happened, in a line, and its style; None for what is not worth one."""
    match event:
        case PhaseStarted():
            return _DOING[event.phase], "bold"
        case LoadFinished():
            return f"traffic ended after {event.requests:,} requests", "dim"
        case FaultRequested():
            return f"experiment {event.experiment}", "dim"
        case FaultInjected():
            return "fault injected", "default"
        case FaultFailed():
            return f"✗ the fault did not land: {event.reason}", "red"
        case FaultUnavailable():
            return f"skipped: {event.reason}", "yellow"
        case SymptomSeen():
            return f"✓ symptom seen: {event.detail}", "green"
        case SymptomMissed():
            return f"✗ symptom missed: {event.detail}", "red"
        case ProcedureStarted():
            return f"procedure “{event.procedure}” (line {event.line})", "default"
        case StepStarted():
            return f"step “{event.step}” (line {event.line})", "default"
        case StepSkipped():
            return f"step “{event.step}” skipped: {event.reason}", "dim"
        case CommandFinished():
            return _command(event)
        case ShellReopened():
            return f"✗ the responder's shell was lost: {event.reason}", "yellow"
        case ProcedureFinished():
            return "procedure carried out", "default"
        case FileInspected():
            found = f"{event.size_bytes:,} bytes" if event.exists else "not there"
            good = event.exists and event.size_bytes > 0
            return f"{_sign(good=good)} {event.path}: {found}", "green" if good else "red"
        case CaptureInspected():
            return f"{_sign(good=bool(event.packets))} {event.path}: {event.packets or 0:,} packets", "default"
        case SecretFound():
            return f"✗ {event.path} holds a value of the secret {event.secret}", "red"
        case MessageDelivered():
            return f"{_sign(good=event.accepted)} {event.service} {event.address}", "default"
        case GeneratorCalibrated():
            return f"the load generator itself is late by {event.floor.lag_p99_ms:.1f} ms (P99)", "default"
        case SystemCompared():
            return _compared(event)
        case RevertFinished():
            style = "green" if event.succeeded else "red"
            return f"{_sign(good=event.succeeded)} revert: {event.detail}", style
        case SymptomGone():
            return f"✓ symptom gone: {event.detail}", "green"
        case SymptomRemained():
            return f"✗ symptom still there: {event.detail}", "red"
        case DrillAborted():
            return f"✗ aborted: {event.reason}", "red"
        case DrillStarted() | LoadStarted() | CommandStarted() | StepFinished() | DrillFinished() | SumInspected():
            return None
        case NobodyToAsk() | HandoverInspected() | ChangesWatched() | CommandTried():
            return None


def first_line(text: str) -> str:
    """The first line of a command that is not a comment, marked where there is more."""
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    if not lines:
        return text.strip().partition("\n")[0]
    return lines[0] + (" …" if len(lines) > 1 else "")


def _command(event: CommandFinished) -> tuple[str, str]:
    good = worked(event)
    text = f"  {_sign(good=good)} {outcome(event)} {wording.span(event.duration_s)}  {first_line(event.text)}"
    return text, "default" if good else "yellow"


def _compared(event: SystemCompared) -> tuple[str, str]:
    count = len(event.differences)
    when = "after the revert" if event.after_revert else "before the revert"
    said = wording.measured(count, "differences") if count else "nothing that was there before has changed"
    return f"{when}: {said}", "yellow" if count else "default"


def _sign(*, good: bool) -> str:
    return "✓" if good else "✗"


class LiveProgress:
    """Told of every event of a run. On a terminal the last line shows what goes on now, and for how long."""

    def __init__(self, console: Console) -> None:
        """Nothing is shown before the first event."""
        self._console = console
        self._live: Live | None = None
        self._phase: Phase | None = None
        self._doing = ""
        self._doing_since_s = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __rich__(self) -> Text:
        now_s = self._console.get_time()
        elapsed_s = now_s - self._doing_since_s
        turn = _SPINNER[int(now_s * 10) % len(_SPINNER)]
        line = plain_signs(f"   {turn} {elapsed_s:7.1f} s  {self._doing}", self._console.encoding)
        return Text(line, style="cyan", no_wrap=True, overflow="ellipsis")

    def observe(self, event: AnyEvent) -> None:
        """Show an event."""
        if isinstance(event, DrillStarted):
            left_out = event.drill.control
            self._heading(event.drill.name if left_out is None else f"control: {wording.control(left_out)}")
        elif isinstance(event, PhaseStarted):
            self.phase("", event.phase, event.at_s)
        elif isinstance(event, CommandStarted):
            self._now(f"line {event.line}: {first_line(event.text)}")
        elif said := describe(event):
            self._line(event.at_s, *said)
        if isinstance(event, CommandFinished) and self._phase:
            self._now(_DOING[self._phase])
        if isinstance(event, DrillFinished | DrillAborted):
            self.close()

    def phase(self, drill_name: str, phase: Phase, at_s: float) -> None:
        """Show that a part of a drill began; a name that is not empty is shown as a heading before it."""
        if drill_name:
            self._heading(drill_name)
        self._phase = phase
        self._now(_DOING[phase])
        self._line(at_s, _DOING[phase], "bold", name=phase.value)

    def note(self, text: str) -> None:
        """Show a line that belongs to no event."""
        self._print(Text(f"   {text}", style="dim"))

    def close(self) -> None:
        """Show nothing of the present any more; what was printed stays."""
        if self._live:
            self._live.stop()
            self._live = None

    def _heading(self, name: str) -> None:
        self._print(Text(f"\n {name}", style="bold"))

    def _line(self, at_s: float, text: str, style: str, *, name: str = "") -> None:
        stamp = Text(f"{at_s:8.1f} s  {name:<10} ", style="dim")
        self._print(stamp.append(text, style="default" if style == "default" else f"not dim {style}"))

    def _now(self, doing: str) -> None:
        self._doing, self._doing_since_s = doing, self._console.get_time()
        if self._console.is_terminal and self._live is None:
            self._live = Live(self, console=self._console, transient=True, refresh_per_second=8)
            self._live.start()

    def _print(self, text: Text) -> None:
        text.plain = plain_signs(text.plain, self._console.encoding)
        if self._console.is_terminal:
            text.no_wrap, text.overflow = True, "ellipsis"
        self._console.print(text, soft_wrap=not self._console.is_terminal)
