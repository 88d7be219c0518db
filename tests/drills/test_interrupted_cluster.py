import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from drillbook.evidence import read_evidence
from drillbook.settings import load_settings
from drillbook.timeline import DrillAborted, RevertFinished

ROOT = Path(__file__).parents[2]
DRILLBOOK = Path(sys.executable).with_name("drillbook")
OPEN_FAULTS = load_settings(ROOT).state_dir / "open-faults"

pytestmark = pytest.mark.cluster


@contextmanager
def drill_while_the_responder_works(evidence: Path) -> Iterator[subprocess.Popen[str]]:
    command = [str(DRILLBOOK), "drill", "--select", "fallback", "--evidence", str(evidence)]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "COLUMNS": "120"},
    ) as process:
        giving_up = threading.Timer(300, process.kill)
        giving_up.start()
        try:
            assert process.stdout is not None
            assert any("procedure “" in line for line in process.stdout), "the responder never began"
            yield process
        finally:
            giving_up.cancel()
            process.kill()


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_drill_takes_its_fault_back(ending: signal.Signals, tmp_path: Path) -> None:
    with drill_while_the_responder_works(tmp_path / "evidence") as process:
        process.send_signal(ending)
        process.communicate(timeout=120)
        assert process.returncode == 130
    (drill,) = read_evidence(tmp_path / "evidence").drills
    (reverted,) = drill.all(RevertFinished)
    assert reverted.succeeded
    assert drill.all(DrillAborted)
    assert list(OPEN_FAULTS.glob("*.json")) == []


def test_what_a_killed_drill_left_broken_is_recovered(tmp_path: Path) -> None:
    with drill_while_the_responder_works(tmp_path / "evidence") as process:
        process.kill()
        process.communicate(timeout=60)
    assert len(list(OPEN_FAULTS.glob("*.json"))) == 1
    recovered = subprocess.run(
        [str(DRILLBOOK), "recover"], cwd=ROOT, capture_output=True, text=True, timeout=180, check=False
    )
    assert recovered.returncode == 0, recovered.stderr
    assert recovered.stdout == "faults taken back: 1\n"
    assert list(OPEN_FAULTS.glob("*.json")) == []
