"""Says what came of a command in a few words."""

from drillbook.timeline import CommandEnd, CommandFinished


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


def _piped(status: tuple[int, ...]) -> str:
    return " | ".join(str(code) for code in status)
