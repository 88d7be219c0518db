import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from drillbook.verdict import DrillVerdict, RunVerdict, Verdict, decode

ROOT = Path(__file__).parents[2]
DRILLBOOK = Path(sys.executable).with_name("drillbook")
OURS = ROOT / "runbooks" / "emergency-procedures.md"
AS_RECEIVED = ROOT.parent / "shared" / "runbook" / "emergency-procedures.md"

pytestmark = pytest.mark.cluster


@dataclass(frozen=True)
class Done:
    exit_code: int
    output: str
    evidence: Path

    @property
    def verdict(self) -> RunVerdict:
        return decode((self.evidence / "verdict.json").read_bytes())


def drillbook(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(DRILLBOOK), *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "120"},
        capture_output=True,
        text=True,
        timeout=1500,
        check=False,
    )


def drill(evidence: Path, *, runbook: Path = OURS, select: str | None = None) -> Done:
    selection = ("--select", select) if select else ()
    done = drillbook("drill", "--runbook", runbook, "--evidence", evidence, *selection)
    output = done.stdout + done.stderr
    assert (evidence / "verdict.json").is_file(), output
    sys.stdout.write(output)  # pytest shows it where the test fails
    return Done(done.returncode, output, evidence)


def only(done: Done) -> DrillVerdict:
    (one,) = done.verdict.drills
    return one


def test_our_own_runbook_passes_and_is_judged_the_same_again(tmp_path: Path) -> None:
    done = drill(tmp_path / "evidence")
    assert done.exit_code == 0, done.output
    assert [one.verdict for one in done.verdict.drills] == [Verdict.PASS, Verdict.PASS]
    first = (done.evidence / "verdict.json").read_bytes()
    again = drillbook("judge", done.evidence)
    assert again.returncode == 0, again.stdout + again.stderr
    assert (done.evidence / "verdict.json").read_bytes() == first
    assert "<svg" in (done.evidence / "report.html").read_text(encoding="utf-8")


def test_without_the_rollback_the_first_drill_turns_red(tmp_path: Path) -> None:
    crippled = tmp_path / "runbook.md"
    lines = OURS.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines if "rollback.sh" not in line]
    assert len(kept) == len(lines) - 1
    crippled.write_text("".join(kept), encoding="utf-8")
    done = drill(tmp_path / "evidence", runbook=crippled, select="bad_release")
    assert done.exit_code == 1, done.output
    failed = [clause.text for clause in only(done).clauses if clause.verdict is Verdict.FAIL]
    assert "And everything that was there before the incident is as it was" in failed


@pytest.mark.skipif(not AS_RECEIVED.is_file(), reason="the runbook as received is the customer's and not here")
def test_the_runbook_as_received_cannot_divert_the_traffic(tmp_path: Path) -> None:
    done = drill(tmp_path / "evidence", runbook=AS_RECEIVED, select="fallback")
    assert done.exit_code == 1, done.output
    verdict = only(done)
    assert verdict.verdict is Verdict.FAIL
    users = [one for one in verdict.objectives if one.name.startswith("error rate")]
    assert users
    assert all(one.verdict is Verdict.FAIL for one in users)
    assert all((one.measured or 0) > 0.9 for one in users)  # the Service's selector matches nothing
    rollback = next(command for command in verdict.commands if "rollback.sh" in command.text)
    assert rollback.exit_code not in {0, None}
