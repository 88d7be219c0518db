from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from drillbook.drill import Follow
from drillbook.effects import CommandResult, FileState, Reopening
from drillbook.follow import Responder, WrittenFile
from drillbook.runbook import find_procedure, parse_runbook
from drillbook.testing import ManualClock
from drillbook.timeline import (
    AnyEvent,
    ChangesWatched,
    CommandEnd,
    CommandFinished,
    ProcedureFinished,
    ProcedureStarted,
    ShellReopened,
    StepFinished,
    StepSkipped,
)

RUNBOOK = """\
# Web

## Outage

### Immediate Actions (< 5 minutes)

1. **Roll back**

   ```bash
   rollback
   look > seen.txt
   ```

2. **Divert users if the rollback fails**

   ```bash
   divert
   ```

3. **Only words**

### Afterwards

1. **Tell**

   ```bash
   tell > told.txt
   ```
"""


@dataclass
class Shell:
    """A responder's shell that answers with set exit codes and takes a second for each command."""

    clock: ManualClock
    exit_codes: dict[str, int | None] = field(default_factory=dict)
    ran: list[tuple[str, float]] = field(default_factory=list)
    new_shells: list[int] = field(default_factory=list)

    def run(self, text: str, *, timeout_s: float) -> CommandResult:
        started_s = self.clock.now_s()
        self.ran.append((text, timeout_s))
        code = self.exit_codes.get(text, 0)
        self.clock.advance(1.0 if code is not None else timeout_s)
        return CommandResult(
            end=CommandEnd.TIMED_OUT if code is None else CommandEnd.EXITED,
            exit_code=code,
            pipe_status=() if code is None else (code,),
            started_s=started_s,
            duration_s=self.clock.now_s() - started_s,
            stdout=b"",
            stderr=b"",
            stdout_bytes=0,
            stderr_bytes=0,
        )

    @property
    def reopenings(self) -> tuple[Reopening, ...]:
        return tuple(Reopening(at_s=0, reason="the shell ended") for text, _ in self.ran if text == "tell > told.txt")

    def list_files(self, path: str) -> Mapping[str, FileState]:
        assert path == "/home/responder"
        return {text.split(" > ")[1]: FileState(1, "") for text, _ in self.ran if " > " in text}

    def read_file(self, path: str) -> bytes | None:
        raise NotImplementedError(path)

    def new_shell(self) -> None:
        self.new_shells.append(len(self.ran))

    def close(self) -> None:
        raise NotImplementedError


@dataclass
class Versions:
    """Objects of a namespace, of which the shell's commands change one."""

    shell: Shell
    namespace: str = "web"
    kinds: tuple[str, ...] = ("service",)
    answers: bool = True

    def look(self) -> Mapping[str, str] | None:
        times = sum(text.startswith("kubectl patch service web") for text, _ in self.shell.ran)
        return {"service/web": str(times), "service/other": "1"} if self.answers else None


@dataclass
class Scribe:
    events: list[AnyEvent] = field(default_factory=list)

    def append(self, event: AnyEvent) -> None:
        self.events.append(event)

    def write_output(self, slug: str, number: int, result: CommandResult) -> tuple[str, str]:
        assert result.stdout == b""
        return f"{slug}/{number}.out", f"{slug}/{number}.err"


def follow(
    follow: Follow, *, recovers: bool = False, exit_codes: dict[str, int | None] | None = None
) -> tuple[Shell, list[AnyEvent], tuple[WrittenFile, ...]]:
    clock = ManualClock()
    shell, scribe = Shell(clock, exit_codes or {}), Scribe()
    responder = Responder(
        session=shell,
        clock=clock,
        scribe=scribe,
        slug="01",
        recovered=lambda: recovers,
        working_directory="/home/responder",
        command_timeout_s=60,
        patience_s=30,
    )
    procedure = find_procedure(parse_runbook(RUNBOOK.encode(), "web.md"), "Outage")
    written = responder.carry_out(procedure, follow)
    return shell, scribe.events, written


def commands(shell: Shell) -> list[str]:
    return [text.split()[0] for text, _ in shell.ran]


def test_literally_runs_every_command_in_order() -> None:
    shell, events, written = follow(Follow.LITERALLY, recovers=True)
    assert commands(shell) == ["rollback", "look", "divert", "tell"]
    assert isinstance(events[0], ProcedureStarted)
    assert isinstance(events[-1], ProcedureFinished)
    assert written == (WrittenFile("seen.txt", 11), WrittenFile("told.txt", 27))


def test_judgement_leaves_the_other_branch_out_when_users_are_served_again() -> None:
    shell, events, _ = follow(Follow.WITH_JUDGEMENT, recovers=True)
    assert commands(shell) == ["rollback", "look", "tell"]
    (skipped,) = (event for event in events if isinstance(event, StepSkipped))
    assert skipped.line == 14
    assert "does not apply" in skipped.reason


def test_judgement_takes_the_other_branch_when_the_step_before_failed_even_if_users_are_served() -> None:
    shell, _, _ = follow(Follow.WITH_JUDGEMENT, recovers=True, exit_codes={"rollback": 1})
    assert commands(shell) == ["rollback", "look", "divert", "tell"]


def test_judgement_takes_the_other_branch_after_waiting_in_vain() -> None:
    shell, events, _ = follow(Follow.WITH_JUDGEMENT, recovers=False)
    assert commands(shell) == ["rollback", "look", "divert", "tell"]
    steps = [event.at_s for event in events if isinstance(event, StepFinished)]
    assert steps[1] - steps[0] == pytest.approx(31)  # 30 s of patience and the command itself


def test_a_hung_command_is_a_failed_one_and_the_procedure_goes_on() -> None:
    shell, events, _ = follow(Follow.WITH_JUDGEMENT, recovers=True, exit_codes={"rollback": None})
    assert commands(shell) == ["rollback", "look", "divert", "tell"]
    hung = next(event for event in events if isinstance(event, CommandFinished))
    assert (hung.end, hung.exit_code) == (CommandEnd.TIMED_OUT, None)


def test_deadlines_come_from_what_is_left_of_the_phase_s_budget() -> None:
    shell, _, _ = follow(Follow.LITERALLY)
    assert [timeout_s for _, timeout_s in shell.ran] == [300, 299, 298, 60]


def test_failed_commands_are_counted_per_step() -> None:
    _, events, _ = follow(Follow.LITERALLY, exit_codes={"look > seen.txt": 7, "tell > told.txt": 1})
    assert [event.failed_commands for event in events if isinstance(event, StepFinished)] == [1, 0, 1]


def test_what_each_step_changed_in_the_working_directory_is_recorded() -> None:
    _, events, _ = follow(Follow.LITERALLY)
    changed = [event.changed_files for event in events if isinstance(event, StepFinished)]
    assert changed == [("seen.txt",), (), ("told.txt",)]


def test_a_lost_shell_is_recorded() -> None:
    _, events, _ = follow(Follow.LITERALLY)
    assert [event.reason for event in events if isinstance(event, ShellReopened)] == ["the shell ended"]


CHANGES = """\
# Web

## Outage

1. **Change**

   ```bash
   NODE=n1
   kubectl patch service web -n web -p '{}'
   ```

   ```bash
   kubectl get service web -n web
   kubectl delete configmap none -n web
   ```
"""


def change(*, answers: bool = True, per_block: bool = False) -> tuple[Shell, list[AnyEvent], Responder]:
    clock = ManualClock()
    shell, scribe = Shell(clock, {"kubectl delete configmap none -n web": 1}), Scribe()
    responder = Responder(
        session=shell,
        clock=clock,
        scribe=scribe,
        slug="01",
        recovered=lambda: False,
        working_directory="/home/responder",
        command_timeout_s=60,
        patience_s=30,
        versions=Versions(shell, answers=answers),
        shell_per_block=per_block,
    )
    responder.carry_out(find_procedure(parse_runbook(CHANGES.encode(), "web.md"), "Outage"), Follow.LITERALLY)
    return shell, scribe.events, responder


def changed(events: list[AnyEvent]) -> list[tuple[str, ...] | None]:
    return [event.changed for event in events if isinstance(event, CommandFinished)]


def test_what_changed_is_recorded_of_commands_that_may_change_something() -> None:
    _, events, _ = change()
    assert changed(events) == [None, ("service/web",), None, ()]
    watched = [(event.namespace, event.kinds) for event in events if isinstance(event, ChangesWatched)]
    assert watched == [("web", ("service",))]


def test_where_nobody_answers_it_is_not_known_what_changed() -> None:
    _, events, _ = change(answers=False)
    assert changed(events) == [None, None, None, None]


def test_a_shell_per_block_is_new_at_each_block_but_the_first() -> None:
    shell, _, _ = change(per_block=True)
    assert shell.new_shells == [2]
    shell, _, _ = change()
    assert shell.new_shells == []


def test_the_commands_that_worked_are_known_afterwards() -> None:
    _, _, responder = change()
    assert [command.line for command in responder.worked] == [8, 9, 13]
