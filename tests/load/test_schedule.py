from pathlib import Path

import gevent
import pytest

from drillbook.load_records import HEADER, LoadRecords, parse_records
from drillbook.schedule import Recorder, Schedule


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "records.csv"
    path.write_text(HEADER + "\n")
    return path


def work(schedule: Schedule, takes_s: float) -> None:
    while (due_us := schedule.take()) is not None and schedule.start(due_us):
        gevent.sleep(takes_s)
        schedule.finish(due_us, 200, corrupt=False)


def run(path: Path, *, rate_per_s: float, users: int, takes_s: float, for_s: float, patience_s: float) -> LoadRecords:
    schedule = Schedule(rate_per_s, Recorder(path))
    jobs = [gevent.spawn(work, schedule, takes_s) for _ in range(users)]
    gevent.sleep(0.02)
    schedule.begin()
    schedule.begin()
    gevent.sleep(for_s)
    schedule.close(patience_s)
    schedule.close(patience_s)
    gevent.killall(jobs)
    return parse_records(path.read_bytes(), clock_offset_s=0.0)


def assert_each_due_time_once(records: LoadRecords, *, rate_per_s: float) -> None:
    gaps_s = (records.due_s[1:] - records.due_s[:-1]).tolist()
    assert gaps_s == pytest.approx([1 / rate_per_s] * len(gaps_s), abs=2e-6)


def test_requests_start_when_they_are_due(path: Path) -> None:
    records = run(path, rate_per_s=100, users=20, takes_s=0.05, for_s=0.5, patience_s=1)
    assert_each_due_time_once(records, rate_per_s=100)
    assert 44 <= len(records) <= 60
    assert set(records.status.tolist()) == {200}
    assert sorted(records.start_s - records.due_s)[len(records) // 2] < 0.02


def test_without_a_free_user_requests_start_late_but_none_is_left_out(path: Path) -> None:
    records = run(path, rate_per_s=100, users=1, takes_s=0.05, for_s=0.5, patience_s=0.3)
    assert_each_due_time_once(records, rate_per_s=100)
    assert len(records) >= 44
    answered = records.status == 200
    assert 5 <= answered.sum() < len(records) - 10
    assert (records.start_s - records.due_s)[answered].max() > 0.1
    assert (records.status[~answered] == 0).all()
    assert records.end_s[~answered].max() - records.end_s[~answered].min() < 0.01


def test_what_never_ends_is_recorded_when_patience_does(path: Path) -> None:
    records = run(path, rate_per_s=50, users=40, takes_s=60.0, for_s=0.4, patience_s=0.2)
    assert_each_due_time_once(records, rate_per_s=50)
    assert len(records) >= 15
    assert set(records.status.tolist()) == {0}
    assert (records.start_s - records.due_s).min() < 0.02
    assert (records.end_s - records.due_s).max() > 0.5


def test_closing_what_never_began_records_nothing(path: Path) -> None:
    Schedule(10, Recorder(path)).close(1.0)
    assert path.read_text() == HEADER + "\n"


def test_a_request_that_ends_after_the_last_record_is_not_recorded_twice(path: Path) -> None:
    recorder = Recorder(path)
    schedule = Schedule(10, recorder)
    schedule.begin()
    due_us = schedule.take()
    assert due_us is not None
    assert schedule.start(due_us)
    schedule.close(0.0)
    before = path.read_text()
    assert before.count("\n") == 2
    schedule.finish(due_us, 200, corrupt=False)
    recorder.flush()
    assert path.read_text() == before


def test_without_a_path_nothing_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    recorder = Recorder(None)
    recorder.add(1, 2, 3, 200, corrupt=False)
    recorder.flush()
    assert list(tmp_path.iterdir()) == []
