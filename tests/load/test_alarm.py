import gevent
import pytest

from drillbook.alarm import Alarm, now_us


def test_whoever_is_due_first_is_woken_first_and_nobody_too_early() -> None:
    alarm, woken = Alarm(), []
    start_us = now_us()

    def sleep(after_us: int) -> None:
        alarm.sleep_until(start_us + after_us)
        woken.append((after_us, now_us() - start_us))

    gevent.joinall([gevent.spawn(sleep, after_us) for after_us in (30_000, 10_000, 20_000, 10_001, 0, -5)], timeout=5)
    assert [asked for asked, _ in woken] == [0, -5, 10_000, 10_001, 20_000, 30_000]
    assert all(at_us >= asked for asked, at_us in woken)


def test_it_rings_again_after_nobody_was_waiting() -> None:
    alarm = Alarm()
    for _ in range(3):
        due_us = now_us() + 2_000
        alarm.sleep_until(due_us)
        assert now_us() >= due_us
        gevent.sleep(0.005)


def test_somebody_who_is_killed_while_waiting_does_not_hold_up_the_others() -> None:
    alarm, start_us = Alarm(), now_us()
    killed, waiting = (gevent.spawn(alarm.sleep_until, start_us + after_us) for after_us in (20_000, 40_000))
    gevent.sleep(0.005)
    killed.kill()
    waiting.join(5)
    assert waiting.successful()
    assert now_us() >= start_us + 40_000


def test_without_timer_files_it_still_wakes_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("drillbook.alarm._TimerFile.open", lambda: None)
    due_us = now_us() + 10_000
    Alarm().sleep_until(due_us)
    assert now_us() >= due_us
