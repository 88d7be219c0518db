"""From a real bash to outcomes: what is recorded is what the claims are made from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.judge.scenes import DRILL, Scene, drill_record

from drillbook.checks import check_document
from drillbook.clock import RunClock
from drillbook.drill import Follow
from drillbook.effects import CommandResult
from drillbook.follow import Responder
from drillbook.outcomes import command_outcomes, findings_told
from drillbook.record import DrillRecord
from drillbook.responder.session import ShellSession
from drillbook.responder.transport import LocalPlace
from drillbook.responder.trial import try_commands
from drillbook.runbook import find_procedure, parse_runbook
from drillbook.timeline import AnyEvent, CommandTried
from drillbook.verdict import Running

KUBECTL = """#!/bin/bash
# Stands for a cluster in which the pod "gone" is not there and scaling changes nothing but a note of it.
case "$*" in
  *gone*) echo 'Error from server (NotFound): pods "gone" not found' >&2; exit 1 ;;
  *restart*) echo 1 >>../versions ;;
  exec*-it*) echo "Unable to use a TTY - input is not a terminal" >&2; exit 1 ;;
esac
echo "$1 done"
"""

RUNBOOK = """\
# Web

## Outage

1. **Look**

   ```bash
   NODE=n1
   kubectl get pods -n web
   kubectl logs gone -n web | tail -5
   for pod in gone web; do kubectl describe pod $pod -n web; done
   kubectl get pods -n web || true
   ```

2. **Change**

   ```bash
   kubectl scale deployment web -n web --replicas=2
   kubectl rollout restart deployment/web -n web
   kubectl exec -it web -n web -- top
   kubectl delete pod gone -n web
   test -n "$NODE"
   ```
"""

OUTCOMES = {
    8: "worked",
    9: "worked",
    10: "masked",
    11: "worked",  # what failed in a loop is not told
    12: "cannot-fail",
    18: "no-op",
    19: "worked",
    20: "needs-human",
    21: "failed",
    22: "worked",
}


@dataclass
class Scribe:
    events: list[AnyEvent] = field(default_factory=list)
    outputs: dict[str, str] = field(default_factory=dict)

    def append(self, event: AnyEvent) -> None:
        self.events.append(event)

    def write_output(self, slug: str, number: int, result: CommandResult) -> tuple[str, str]:
        names = f"{slug}/{number}.out", f"{slug}/{number}.err"
        self.outputs |= dict(zip(names, (result.stdout.decode(), result.stderr.decode()), strict=True))
        return names


@dataclass
class Versions:
    file: Path
    namespace: str = "web"
    kinds: tuple[str, ...] = ("deployment", "pod")

    def look(self) -> Mapping[str, str] | None:
        return {"deployment/web": self.file.read_text() if self.file.exists() else ""}


def carried_out(tmp_path: Path, *, per_block: bool) -> DrillRecord:
    work = tmp_path / "work"
    (work / "bin").mkdir(parents=True)
    (work / "bin" / "kubectl").write_text(KUBECTL)
    (work / "bin" / "kubectl").chmod(0o755)
    session, clock, scribe = ShellSession(LocalPlace(), RunClock(), directory=str(work)), RunClock(), Scribe()
    responder = Responder(
        session=session,
        clock=clock,
        scribe=scribe,
        slug="01",
        recovered=lambda: False,
        working_directory=str(work),
        command_timeout_s=20,
        patience_s=1,
        versions=Versions(tmp_path / "versions"),
        shell_per_block=per_block,
    )
    responder.carry_out(find_procedure(parse_runbook(RUNBOOK.encode(), "web.md"), "Outage"), Follow.LITERALLY)
    session.close()
    trials = try_commands(LocalPlace(), str(work), [command.text for command in responder.worked])
    for command, trial in zip(responder.worked, trials, strict=True):
        assert trial is not None
        tried = CommandTried(
            at_s=clock.now_s(), line=command.line, text=command.text, exit_code=trial.exit_code, calls=trial.calls
        )
        scribe.append(tried)
    return drill_record(Scene(drill=DRILL, steps=(), extra=tuple(scribe.events), outputs=scribe.outputs))


@pytest.fixture(autouse=True)
def kubectl_of_the_test(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A login shell reads its path from the home's profile."""
    programs = tmp_path / "work" / "bin"
    (tmp_path / ".profile").write_text(f'PATH="{programs}:$PATH"\n')
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", f"{programs}:/usr/local/bin:/usr/bin:/bin")


def test_one_shell_for_a_procedure(tmp_path: Path) -> None:
    record, findings = carried_out(tmp_path, per_block=False), check_document(RUNBOOK.encode(), "web.md")
    outcomes = command_outcomes(record, findings)
    assert {one.line: one.outcome.value for one in outcomes} == OUTCOMES
    told = {(one.rule, one.line): one.running for one in findings_told(record, findings, outcomes)}
    assert told["RB022", 20] is Running.CONFIRMED
    assert told["RB032", 12] is Running.CONFIRMED


def test_a_shell_per_block_shows_what_hangs_on_another_block(tmp_path: Path) -> None:
    record = carried_out(tmp_path, per_block=True)
    assert {one.line: one.outcome.value for one in command_outcomes(record, ()) if one.line == 22} == {22: "failed"}
