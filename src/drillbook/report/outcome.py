"""Says what came of a command in a few words."""

from drillbook.timeline import CommandEnd, CommandFinished
from drillbook.verdict import CommandOutcome, Outcome

BY_ITS_END = frozenset({Outcome.WORKED, Outcome.FAILED, Outcome.HUNG, Outcome.LOST})
"""Outcomes that say no more than how a command ended."""


def worked(event: CommandFinished) -> bool:
    """Whether the command exited 0."""
    return event.end is CommandEnd.EXITED and event.exit_code == 0


def outcome(event: CommandFinished) -> str:
    """What came of a command, such as ``exit 1`` or ``killed at its deadline``."""
    match event.end:
        case CommandEnd.TIMED_OUT:
            return "killed at its deadline"
        case CommandEnd.LOST:
            return "the session broke"
        case CommandEnd.EXITED:
            piped = len(event.pipe_status) > 1 and any(event.pipe_status)
            return f"exit {event.exit_code}" + (f" (pipe {_piped(event.pipe_status)})" if piped else "")


def claims(came: CommandOutcome) -> str:
    """What holds of it beyond its end, such as ``masked: kubectl get pods exited 1``; "" where that is nothing."""
    if came.outcome in BY_ITS_END:
        return ""
    also = f"; also {', '.join(came.also)}" if came.also else ""
    return f"{came.outcome}: {came.reason}{also}"


def _piped(status: tuple[int, ...]) -> str:
    return " | ".join(str(code) for code in status)
