"""Follows a procedure as a responder would, and records every command as it ends."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from drillbook.changes import may_change
from drillbook.drill import Follow
from drillbook.effects import Clock, CommandResult, ObjectVersions, ResponderSession
from drillbook.pace import command_timeout_s, written_files
from drillbook.runbook.model import Command, ConditionKind, Phase, Procedure, Step
from drillbook.timeline import (
    AnyEvent,
    ChangesWatched,
    CommandEnd,
    CommandFinished,
    CommandStarted,
    ProcedureFinished,
    ProcedureStarted,
    ShellReopened,
    StepFinished,
    StepSkipped,
    StepStarted,
)


class Scribe(Protocol):
    """Where events and output go."""

    def append(self, event: AnyEvent) -> None:
        """Add an event to the timeline."""

    def write_output(self, slug: str, number: int, result: CommandResult) -> tuple[str, str]:
        """Keep a command's output; returns the names of stdout and stderr in the evidence."""


@dataclass(frozen=True)
class WrittenFile:
    """A file that a command that was run was to write."""

    path: str
    line: int


@dataclass
class Responder:
    """One person carrying out one procedure: a shell, a way to see whether users are served again, and patience."""

    session: ResponderSession
    clock: Clock
    scribe: Scribe
    slug: str
    recovered: Callable[[], bool]
    working_directory: str
    command_timeout_s: float
    patience_s: float
    versions: ObjectVersions | None = None  # None where nobody tells whether objects were changed
    shell_per_block: bool = False  # a new shell for each code block, and not one for the procedure

    def __post_init__(self) -> None:
        """Start with nothing done."""
        self._commands = 0
        self._phase: Phase | None = None
        self._phase_start_s = 0.0
        self._reopenings = 0
        self._block: int | None = None
        self._worked: list[Command] = []
        self._files = self.session.list_files(self.working_directory)

    def carry_out(self, procedure: Procedure, follow: Follow) -> tuple[WrittenFile, ...]:
        """Carry the procedure out to its end, whatever its commands come to; returns the files it was to write."""
        self._record(ProcedureStarted(at_s=self.clock.now_s(), procedure=procedure.title, line=procedure.line))
        if self.versions is not None:
            namespace, kinds = self.versions.namespace, self.versions.kinds
            self._record(ChangesWatched(at_s=self.clock.now_s(), namespace=namespace, kinds=kinds))
        written: list[WrittenFile] = []
        step_before_failed = False
        for step in procedure.steps:
            if not step.commands:
                continue
            reason = self._reason_to_skip(step, follow, step_before_failed=step_before_failed)
            if reason is not None:
                self._record(StepSkipped(at_s=self.clock.now_s(), step=step.title, line=step.line, reason=reason))
                continue
            step_before_failed = self._carry_out_step(step)
            written.extend(_written(step))
        self._record(ProcedureFinished(at_s=self.clock.now_s(), procedure=procedure.title))
        return tuple(written)

    @property
    def worked(self) -> tuple[Command, ...]:
        """The commands that exited 0, so far."""
        return tuple(self._worked)

    def _reason_to_skip(self, step: Step, follow: Follow, *, step_before_failed: bool) -> str | None:
        condition = step.condition
        if follow is Follow.LITERALLY or condition is None or condition.kind is not ConditionKind.AFTER_FAILURE:
            return None
        if step_before_failed:
            return None
        deadline_s = self.clock.now_s() + self.patience_s
        if not self.clock.wait_until(self.recovered, deadline_s=deadline_s, interval_s=0.5):
            return None
        return f"“{condition.text}” does not apply: the step before worked and users are served again"

    def _carry_out_step(self, step: Step) -> bool:
        now_s = self.clock.now_s()
        if step.phase != self._phase:
            self._phase, self._phase_start_s = step.phase, now_s
        self._record(StepStarted(at_s=now_s, step=step.title, line=step.line))
        failed = sum(self._run(command, step) for command in step.commands)
        self._record(
            StepFinished(
                at_s=self.clock.now_s(),
                step=step.title,
                line=step.line,
                failed_commands=failed,
                changed_files=self._changed_files(),
            )
        )
        return failed > 0

    def _changed_files(self) -> tuple[str, ...]:
        before, self._files = self._files, self.session.list_files(self.working_directory)
        names = sorted(before.keys() | self._files.keys())
        return tuple(name for name in names if before.get(name) != self._files.get(name))

    def _run(self, command: Command, step: Step) -> bool:
        """Run one command; True if it failed."""
        self._enter_block(command)
        spent_s = self.clock.now_s() - self._phase_start_s
        timeout_s = command_timeout_s(
            command.text,
            budget_left_s=None if step.budget_s is None else step.budget_s - spent_s,
            default_s=self.command_timeout_s,
        )
        before = self._versions_around(command)
        self._record(CommandStarted(at_s=self.clock.now_s(), line=command.line, text=command.text))
        result = self.session.run(command.text, timeout_s=timeout_s)
        self._record_end(command, result, _changed(before, self._versions_around(command)))
        if result.end is not CommandEnd.EXITED or result.exit_code != 0:
            return True
        self._worked.append(command)
        return False

    def _enter_block(self, command: Command) -> None:
        if self.shell_per_block and self._block not in (None, command.block):
            self.session.new_shell()
        self._block = command.block

    def _versions_around(self, command: Command) -> Mapping[str, str] | None:
        return self.versions.look() if self.versions is not None and may_change(command.text) else None

    def _record_end(self, command: Command, result: CommandResult, changed: tuple[str, ...] | None) -> None:
        self._commands += 1
        stdout, stderr = self.scribe.write_output(self.slug, self._commands, result)
        self._record(
            CommandFinished(
                at_s=self.clock.now_s(),
                line=command.line,
                text=command.text,
                end=result.end,
                exit_code=result.exit_code,
                pipe_status=result.pipe_status,
                duration_s=result.duration_s,
                stdout=stdout,
                stderr=stderr,
                stdout_bytes=result.stdout_bytes,
                stderr_bytes=result.stderr_bytes,
                changed=changed,
            )
        )
        for reopening in self.session.reopenings[self._reopenings :]:
            self._record(ShellReopened(at_s=self.clock.now_s(), reason=reopening.reason))
        self._reopenings = len(self.session.reopenings)

    def _record(self, event: AnyEvent) -> None:
        self.scribe.append(event)


def _changed(before: Mapping[str, str] | None, after: Mapping[str, str] | None) -> tuple[str, ...] | None:
    """The objects that are new, different or gone; None where it is not known how they were."""
    if before is None or after is None:
        return None
    return tuple(name for name in sorted(before.keys() | after.keys()) if before.get(name) != after.get(name))


def _written(step: Step) -> Iterator[WrittenFile]:
    for command in step.commands:
        for path in written_files(command.text):
            yield WrittenFile(path=path, line=command.line)
