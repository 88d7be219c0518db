"""Traffic as a fault: real Locust under a real experiment, against a real server on loopback."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from chaoslib.exceptions import ActivityFailed
from tests.fault.test_injector import chaos_injector, write_experiment
from tests.load.loopback_server import Server, answer

from drillbook.fault import traffic
from drillbook.fault.injector import FaultFailedError, RunningChaos
from drillbook.load_records import parse_records

LOCUSTFILE = str(Path(__file__).resolve().parents[2] / "loadtests" / "gateway.py")
Inject = Callable[..., RunningChaos]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with Server(answer(status=401)) as running:
        monkeypatch.setenv(traffic.ENTRY_URL, running.url)
        yield running


def activity(func: str, **arguments: object) -> dict[str, object]:
    provider = {"type": "python", "module": traffic.__name__, "func": func, "arguments": arguments}
    return {"type": "action", "name": func, "provider": provider}


def start(**changed: object) -> dict[str, object]:
    usual = {"locustfile": LOCUSTFILE, "user": "Reader", "rate_per_s": 50, "name": "attack"}
    return activity("start_traffic", **usual | changed)


@pytest.fixture
def inject(tmp_path: Path, server: Server) -> Iterator[Inject]:  # noqa: ARG001 - the experiment's users come to it
    held: list[RunningChaos] = []

    def inject(method: list[dict[str, object]], rollbacks: list[dict[str, object]]) -> RunningChaos:
        experiment = write_experiment(tmp_path, method, rollbacks=rollbacks)
        injector = chaos_injector(tmp_path)
        held.append(
            injector.inject(experiment, tmp_path / "journal" / "d.json", traffic=str(tmp_path / "load" / "01+"))
        )
        return held[-1]

    yield inject
    for running in held:
        running.kill()


def until(predicate: Callable[[], bool], timeout_s: float = 15.0) -> None:
    deadline_s = time.monotonic() + timeout_s
    while not predicate() and time.monotonic() < deadline_s:
        time.sleep(0.05)
    assert predicate()


def sends_nothing_more(server: Server) -> bool:
    before = len(server.requests)
    time.sleep(0.5)  # 25 requests were due
    return len(server.requests) == before


def test_it_is_on_record_from_the_injection_to_the_release(inject: Inject, server: Server, tmp_path: Path) -> None:
    running = inject([start()], [activity("stop_traffic", name="attack")])
    seen = len(server.requests)
    assert seen > 0
    until(lambda: len(server.requests) > seen + 25)
    assert running.release() is None
    assert sends_nothing_more(server)
    records = parse_records((tmp_path / "load" / "01+attack.csv").read_bytes(), clock_offset_s=-time.monotonic())
    assert len(records) == len(server.requests)
    assert set(records.status.tolist()) == {401}
    assert -60 < records.due_s[0] < records.due_s[-1] < 0, "on this machine's monotonic clock"


def test_it_ends_with_the_experiment_where_no_rollback_stops_it(inject: Inject, server: Server) -> None:
    running = inject([start()], [])
    assert not sends_nothing_more(server)
    assert running.release() is None
    until(lambda: sends_nothing_more(server))


def test_it_ends_when_the_experiment_is_killed(inject: Inject, server: Server) -> None:
    running = inject([start()], [activity("stop_traffic", name="attack")])
    assert not sends_nothing_more(server)
    os.kill(running._process.pid, signal.SIGKILL)
    until(lambda: sends_nothing_more(server))


def test_the_same_traffic_twice_is_no_fault_and_leaves_none(inject: Inject, server: Server) -> None:
    with pytest.raises(FaultFailedError, match="'attack' is under way already"):
        inject([start(), start()], [activity("stop_traffic", name="attack")])
    assert len(server.requests) > 0
    until(lambda: sends_nothing_more(server))


def test_traffic_that_cannot_be_is_no_fault(inject: Inject) -> None:
    with pytest.raises(FaultFailedError, match="no such locustfile"):
        inject([start(locustfile="none.py")], [])
    with pytest.raises(FaultFailedError, match="rate above 0"):
        inject([start(rate_per_s=0)], [])


def test_what_was_never_started_is_stopped_in_vain() -> None:
    assert traffic.stop_traffic("attack") == 0


def test_a_name_may_be_used_again_after_a_stop(monkeypatch: pytest.MonkeyPatch, server: Server, tmp_path: Path) -> None:
    monkeypatch.setenv(traffic.RECORDS, str(tmp_path / "01+"))
    for _ in range(2):
        assert traffic.start_traffic(LOCUSTFILE, "Reader", 50, "attack") == "attack"
        with pytest.raises(ActivityFailed, match="under way already"):
            traffic.start_traffic(LOCUSTFILE, "Reader", 50, "attack")
        assert traffic.stop_traffic("attack") > 0
    assert sends_nothing_more(server)
