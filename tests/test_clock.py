import threading
from datetime import UTC, datetime

import pytest

from drillbook.clock import RunClock
from drillbook.testing import ManualClock


def test_run_clock_counts_from_its_start_and_keeps_one_wall_clock_anchor() -> None:
    before = datetime.now(UTC)
    clock = RunClock()
    assert 0 <= clock.now_s() < 1
    anchor = datetime.fromisoformat(clock.started_at)
    assert anchor.tzinfo is UTC
    assert before <= anchor <= datetime.now(UTC)


def test_run_clock_never_goes_back() -> None:
    clock = RunClock()
    times = [clock.now_s() for _ in range(1000)]
    assert times == sorted(times)


def test_run_clock_waits_until_the_predicate_holds() -> None:
    clock = RunClock()
    happened = threading.Event()
    timer = threading.Timer(0.05, happened.set)
    timer.start()
    assert clock.wait_until(happened.is_set, deadline_s=5.0, interval_s=0.01)
    assert 0.05 <= clock.now_s() < 1


def test_run_clock_gives_up_at_the_deadline_and_not_an_interval_later() -> None:
    clock = RunClock()
    assert not clock.wait_until(lambda: False, deadline_s=0.1, interval_s=10.0)
    assert 0.1 <= clock.now_s() < 1


def test_run_clock_asks_once_even_after_the_deadline() -> None:
    assert RunClock().wait_until(lambda: True, deadline_s=-1.0)


def test_manual_clock_moves_only_when_waited_on() -> None:
    clock = ManualClock()
    assert clock.now_s() == 0
    assert not clock.wait_until(lambda: False, deadline_s=2.0)
    assert clock.now_s() == pytest.approx(2.0)
    clock.advance(3.0)
    assert clock.now_s() == pytest.approx(5.0)


def test_manual_clock_carries_out_what_falls_due_in_its_order_and_at_its_time() -> None:
    clock = ManualClock(10.0)
    seen: list[tuple[str, float]] = []
    clock.at(12.0, lambda: seen.append(("second", clock.now_s())))
    clock.at(11.0, lambda: seen.append(("first", clock.now_s())))
    assert clock.wait_until(lambda: len(seen) == 2, deadline_s=20.0, interval_s=0.5)
    assert seen == [("first", 11.0), ("second", 12.0)]
    assert clock.now_s() == pytest.approx(12.0)
