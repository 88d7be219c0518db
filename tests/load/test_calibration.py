import subprocess
import sys

import numpy as np
import pytest

from drillbook.calibration import CalibrationError, RunningCalibration, calibrate, floor_of
from drillbook.load_records import LoadRecords


def process(program: str) -> RunningCalibration:
    return RunningCalibration(
        subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    )


def test_the_floor_of_this_machine_is_measured_at_the_rate() -> None:
    floor = calibrate(100.0).floor()
    assert 100 <= floor.requests < 1000
    assert 0 <= floor.lag_p50_ms <= floor.lag_p99_ms <= floor.latency_p99_ms
    assert 0 < floor.latency_p50_ms <= floor.latency_p99_ms


def test_its_figures_are_ones_that_were_measured() -> None:
    due_s = np.arange(200.0)
    records = LoadRecords(
        due_s=due_s,
        start_s=due_s + np.arange(1, 201) / 1000,
        end_s=due_s + np.arange(1001, 1201) / 1000,
        status=np.full(200, 200, dtype=np.int16),
        corrupt=np.zeros(200, dtype=np.bool_),
    )
    floor = floor_of(records)
    figures = (floor.lag_p50_ms, floor.lag_p99_ms, floor.latency_p50_ms, floor.latency_p99_ms)
    assert figures == pytest.approx((100, 198, 1100, 1198))
    assert floor.requests == 200


@pytest.mark.parametrize(
    "program",
    [
        "raise SystemExit('no timer')",
        "print(end='')",
        "print('1,2,3,0,0')",  # a request without an answer
    ],
)
def test_a_generator_that_measures_nothing_is_an_error(program: str) -> None:
    with pytest.raises(CalibrationError):
        process(program).floor()


def test_one_that_does_not_end_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("drillbook.calibration._TIMEOUT_S", 0.2)
    with pytest.raises(CalibrationError):
        process("import signal; signal.pause()").floor()
