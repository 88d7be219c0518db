"""Puts a drill's events in the order in which they are told: phases, steps, and the commands of each step."""

from dataclasses import dataclass, replace

from drillbook.record import DrillRecord
from drillbook.timeline import (
    CommandFinished,
    CommandStarted,
    PhaseStarted,
    ShellReopened,
    StepFinished,
    StepSkipped,
    StepStarted,
)


@dataclass(frozen=True)
class Span:
    """Something that lasted, in seconds on the run's clock."""

    name: str
    start_s: float
    end_s: float


@dataclass(frozen=True)
class CommandTold:
    """A command; ``finished`` is None where the record ends before the command did."""

    line: int
    text: str
    finished: CommandFinished | None
    shell_lost: str | None = None  # why the shell was lost with it, where it was


@dataclass(frozen=True)
class StepTold:
    """A step, numbered as the responder came to it; ``skipped`` tells why it was left out."""

    number: int
    title: str
    line: int
    start_s: float
    end_s: float
    commands: tuple[CommandTold, ...] = ()
    skipped: str | None = None
    changed_files: tuple[str, ...] = ()


def limits_s(record: DrillRecord) -> tuple[float, float]:
    """When the drill began and when its record ends."""
    times = tuple(event.at_s for event in record.events)
    return (min(times), max(times)) if times else (0.0, 0.0)


def phases(record: DrillRecord) -> tuple[Span, ...]:
    """Every phase, each ended by the next one or by the end of the record."""
    started = record.all(PhaseStarted)
    ends = (*(event.at_s for event in started[1:]), limits_s(record)[1])
    return tuple(Span(event.phase, event.at_s, end_s) for event, end_s in zip(started, ends, strict=False))


def steps(record: DrillRecord) -> tuple[StepTold, ...]:
    """Every step that the responder came to, in order."""
    told: list[StepTold] = []
    last_s = limits_s(record)[1]
    for event in record.events:
        match event:
            case StepStarted():
                told.append(StepTold(len(told) + 1, event.step, event.line, event.at_s, last_s))
            case StepSkipped():
                told.append(
                    StepTold(len(told) + 1, event.step, event.line, event.at_s, event.at_s, skipped=event.reason)
                )
            case StepFinished():
                told = [_finished(one, event) if one.line == event.line else one for one in told]
            case ShellReopened() if told and told[-1].commands:
                *earlier, last = told[-1].commands
                told[-1] = replace(told[-1], commands=(*earlier, replace(last, shell_lost=event.reason)))
            case CommandStarted() | CommandFinished():
                told = _with_command(told, event)
            case _:
                pass
    return tuple(told)


def _finished(step: StepTold, event: StepFinished) -> StepTold:
    return replace(step, end_s=event.at_s, changed_files=event.changed_files)


def _with_command(told: list[StepTold], event: CommandStarted | CommandFinished) -> list[StepTold]:
    *before, step = told or [StepTold(1, "", event.line, event.at_s, event.at_s)]
    commands = step.commands
    if isinstance(event, CommandFinished):
        if commands and commands[-1].finished is None:
            commands = commands[:-1]
        commands = (*commands, CommandTold(event.line, event.text, event))
    else:
        commands = (*commands, CommandTold(event.line, event.text, None))
    return [*before, replace(step, commands=commands)]
