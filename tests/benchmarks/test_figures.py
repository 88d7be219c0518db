import numpy as np
import pytest
from benchmarks.figures import Sample, compare, stalled_p99_ms, table


def sample(*, late: int = 0, failed: int = 0, latency_ms: float = 1.0) -> Sample:
    """A thousand requests in ten seconds, the last ``late`` of which started after the time was over."""
    due_s = 5.0 + np.arange(1000) / 100
    start_s = due_s + 0.0005
    start_s[1000 - late :] = 16.0
    return Sample(
        due_s=due_s,
        start_s=start_s,
        end_s=start_s + latency_ms / 1000 - 0.0005,
        failed=failed,
        duration_s=10.0,
        rate_per_s=100.0,
        cpu_s=2.0,
        cpu_per_request_s=0.001,
    )


def test_the_true_percentile_of_a_server_that_stalls_is_arithmetic() -> None:
    assert stalled_p99_ms(0.2, 2.0) == pytest.approx(180)
    due_s = np.arange(10_000) / 1000
    phase_s = due_s % 2.0
    waits_s = np.where(phase_s < 0.2, 0.2 - phase_s, 0.0)
    assert float(np.percentile(waits_s, 99)) * 1000 == pytest.approx(180, abs=1)


def test_only_what_was_started_in_time_and_answered_was_achieved() -> None:
    assert sample().achieved == 1.0
    assert sample(late=3, failed=2).achieved == pytest.approx(0.995)


def test_a_late_start_is_latency() -> None:
    assert sample().p99_ms == pytest.approx(1.0)
    assert sample().lag_p99_ms == pytest.approx(0.5)
    assert sample(late=20).p99_ms > 1000


def test_a_row_has_both_sides_the_ratio_of_the_medians_and_the_target() -> None:
    ours = [sample(latency_ms=latency) for latency in (3.0, 1.0, 2.0)]
    theirs = [sample(latency_ms=4.0)]
    row = compare("p99", lambda one: one.p99_ms, ours, ("peer", theirs), ("<= peer", lambda own, peer: own <= peer))
    assert row.cells() == ("p99", "1 / 2 / 3", "peer", "4 / 4 / 4", "0.50", "<= peer", "yes")
    alone = compare("p99", lambda one: one.p99_ms, ours, target=("<= 1", lambda own, _: own <= 1))
    assert alone.cells()[-4:] == ("-", "-", "<= 1", "NO")
    assert "NO" in table([row, alone]).splitlines()[2]
