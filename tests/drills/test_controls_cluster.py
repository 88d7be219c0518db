"""Controls on the real cluster: a runbook is not credited with what Kubernetes heals by itself."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.drills.drilling import ROOT

from drillbook.drill import FaultAlone
from drillbook.evidence import read_evidence
from drillbook.judge import judge_drill
from drillbook.verdict import Answer, Verdict, decode

DRILL = Path(__file__).parent / "self_healing"


@pytest.mark.cluster
def test_what_kubernetes_heals_by_itself_is_not_credited_to_the_runbook(tmp_path: Path) -> None:
    evidence = tmp_path / "evidence"
    command = ["pytest", str(DRILL / "drills.py"), "--controls=fault", f"--runbook={DRILL / 'runbook.md'}"]
    done = subprocess.run(
        [sys.executable, "-m", *command, f"--evidence={evidence}", "-p", "no:cacheprovider"],
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "120"},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    sys.stdout.write(done.stdout + done.stderr)
    drill, _ = read_evidence(evidence).drills
    assert judge_drill(drill).verdict is Verdict.PASS, "the drill alone cannot tell"
    (judged,) = decode((evidence / "verdict.json").read_bytes()).drills
    assert [(one.control, one.answer) for one in judged.controls] == [(FaultAlone(), Answer.HEALED)]
    assert (judged.verdict, done.returncode) == (Verdict.INCONCLUSIVE, 3)
    assert "after the fault without the runbook" in judged.reason
