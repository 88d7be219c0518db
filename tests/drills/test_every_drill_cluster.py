"""All drills with our own runbook."""

import re
from pathlib import Path

import pytest
from tests.drills.drilling import drill, drill_once, drillbook

from drillbook.evidence import read_evidence
from drillbook.timeline import GeneratorCalibrated
from drillbook.verdict import Verdict

pytestmark = pytest.mark.cluster


def test_our_own_runbook_passes_and_is_judged_the_same_again(tmp_path: Path) -> None:
    done = drill_once(tmp_path / "evidence")
    missed = [one.name for one in done.verdict.drills if one.verdict is not Verdict.PASS]
    assert len(missed) <= 2, done.output
    for number, name in enumerate(missed):
        # The machine is shared: a P99 latency that a neighbour spoilt is measured once more, and must be good then.
        words = re.findall(r"[a-z]{4,}", name.lower())
        again = drill(tmp_path / f"again-{number}", select=" and ".join(words))
        assert again.exit_code == 0, done.output + again.output
    first = (done.evidence / "verdict.json").read_bytes()
    judged = drillbook("judge", done.evidence)
    assert judged.returncode == done.exit_code, judged.stdout + judged.stderr
    assert (done.evidence / "verdict.json").read_bytes() == first
    for record in read_evidence(done.evidence).drills:
        (calibrated,) = record.all(GeneratorCalibrated)
        assert 0 < calibrated.floor.lag_p50_ms <= calibrated.floor.lag_p99_ms
    assert "<svg" in (done.evidence / "report.html").read_text(encoding="utf-8")
