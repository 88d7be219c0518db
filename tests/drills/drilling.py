"""Runs the drillbook command on the real cluster, as a user would, and reads what it left."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from drillbook.verdict import ClauseResult, CommandOutcome, DrillVerdict, RunVerdict, Verdict, decode

ROOT = Path(__file__).parents[2]
DRILLBOOK = Path(sys.executable).with_name("drillbook")
OURS = ROOT / "runbooks" / "emergency-procedures.md"
AS_RECEIVED = ROOT.parent / "shared" / "runbook" / "emergency-procedures.md"

INCONCLUSIVE = 3

needs_the_runbook_as_received = pytest.mark.skipif(
    not AS_RECEIVED.is_file(), reason="the runbook as received is the customer's and not here"
)


@dataclass(frozen=True)
class Done:
    """A run that has ended."""

    exit_code: int
    output: str
    evidence: Path

    @property
    def verdict(self) -> RunVerdict:
        return decode((self.evidence / "verdict.json").read_bytes())

    @property
    def only(self) -> DrillVerdict:
        """The verdict of a run of one drill."""
        (one,) = self.verdict.drills
        return one


def drillbook(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(DRILLBOOK), *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "120"},
        capture_output=True,
        text=True,
        timeout=1800,
        check=False,
    )


def drill(evidence: Path, *, runbook: Path = OURS, select: str | None = None) -> Done:
    """Run drills; one that could not be judged, as on a machine with noisy neighbours, is run once more."""
    done = drill_once(evidence, runbook=runbook, select=select)
    if done.exit_code != INCONCLUSIVE:
        return done
    return drill_once(evidence.with_name("again"), runbook=runbook, select=select)


def drill_once(evidence: Path, *, runbook: Path = OURS, select: str | None = None) -> Done:
    selection = ("--select", select) if select else ()
    done = drillbook("drill", "--runbook", runbook, "--evidence", evidence, *selection)
    output = done.stdout + done.stderr
    assert (evidence / "verdict.json").is_file(), output
    sys.stdout.write(output)  # pytest shows it where the test fails
    return Done(done.returncode, output, evidence)


def changed(directory: Path, *replacements: tuple[str, str]) -> Path:
    """Our own runbook with texts replaced, each of which must stand in it."""
    text = OURS.read_text(encoding="utf-8")
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new)
    path = directory / "runbook.md"
    path.write_text(text, encoding="utf-8")
    return path


def failed(verdict: DrillVerdict) -> tuple[str, ...]:
    """The scenario's lines that failed."""
    lines: tuple[ClauseResult, ...] = verdict.clauses
    return tuple(line.text for line in lines if line.verdict is Verdict.FAIL)


def command(verdict: DrillVerdict, text: str) -> CommandOutcome:
    """The first command that holds the text."""
    return next(one for one in verdict.commands if text in one.text)
