"""Real Locust in a process of its own, against a real server on loopback."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from tests.load.loopback_server import Server, answer

from drillbook.drill import Load
from drillbook.errors import CannotRunError, InputError
from drillbook.load import LocustLoad, LocustRun, NoTrafficError
from drillbook.load_records import LoadRecords, measure, parse_records, window
from drillbook.objective import Metric

if TYPE_CHECKING:
    from drillbook.effects import LoadGenerator, RunningLoad

ROOT = Path(__file__).resolve().parents[2]
Serve = Callable[[bytes | None], Server]
Start = Callable[..., LocustRun]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    runs: list[LocustRun] = []

    def start(url: str, rate_per_s: float = 50.0, user: str = "Reader", *, timeout_s: float = 2.0) -> LocustRun:
        locustfile = "loadtests/gateway.py" if user == "Reader" else "tests/load/locust_users.py"
        generator = LocustLoad(ROOT, url, clock_offset_s=-time.monotonic(), request_timeout_s=timeout_s)
        load = Load(locustfile=locustfile, user=user, rate_per_s=rate_per_s)
        runs.append(generator.start(load, tmp_path / "load" / "records.csv"))
        return runs[-1]

    yield start
    for run in runs:
        run.kill()


def closed_port() -> int:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return int(unused.getsockname()[1])


def until(predicate: Callable[[], bool], timeout_s: float) -> None:
    deadline_s = time.monotonic() + timeout_s
    while not predicate() and time.monotonic() < deadline_s:
        time.sleep(0.05)
    assert predicate()


def assert_no_due_time_is_missing(records: LoadRecords, rate_per_s: float) -> None:
    gaps_s = np.diff(records.due_s)
    assert gaps_s.tolist() == pytest.approx([1 / rate_per_s] * len(gaps_s), abs=2e-6)


def test_requests_are_due_at_the_rate_and_answered(serve: Serve, start: Start) -> None:
    server = serve(answer())
    run = start(server.url + "/", 100)
    until(lambda: len(run.records()) >= 300, 10)
    assert run.exit_code() is None
    assert run.stop() == 0
    assert run.stop() == 0
    records = run.records()
    assert_no_due_time_is_missing(records, 100)
    assert measure(Metric.ERROR_RATE, records) == 0.0
    assert len(records) == len(server.requests) == server.connections
    assert server.requests[0].startswith(b"GET /api/items/1 HTTP/1.1\r\n")
    assert 0 < records.due_s[0] < records.end_s[-1] < 20, "on the run's clock"
    lag_s = records.start_s - records.due_s
    assert lag_s.min() >= 0
    assert np.median(lag_s) < 0.02


@pytest.mark.skipif(not hasattr(os, "sched_getscheduler"), reason="real-time scheduling is Linux's")
def test_the_users_go_first_where_the_machine_allows_it(serve: Serve, start: Start) -> None:
    run = start(serve(answer()).url)
    scheduler = os.sched_getscheduler(run._process.pid) & ~os.SCHED_RESET_ON_FORK
    run.stop()
    told = "real-time priority" if scheduler == os.SCHED_RR else "ordinary priority"
    assert f"the users run with {told}" in run._log.read_text()


def test_records_can_be_watched_while_traffic_is_under_way(serve: Serve, start: Start) -> None:
    run = start(serve(answer()).url)
    seen = len(run.records())
    assert seen > 0
    until(lambda: len(run.records()) >= seen + 25, 3)


def test_the_figures_show_a_server_that_stalls(serve: Serve, start: Start) -> None:
    server = serve(answer())
    server.stall_every(2.0, 0.2)
    run = start(server.url, 200)
    until(lambda: len(run.records()) >= 1600, 20)
    run.stop()
    records = run.records()
    assert_no_due_time_is_missing(records, 200)
    # A request that is due u seconds into a stall waits 0.2 - u: a tenth of all requests, evenly up to 200 ms.
    p99_ms = measure(Metric.LATENCY_P99_MS, records)
    assert p99_ms is not None
    assert 150 < p99_ms < 260
    assert (measure(Metric.LATENCY_P50_MS, records) or 1e9) < 30


def test_refused_connections_are_recorded_without_an_answer(start: Start) -> None:
    run = start(f"http://127.0.0.1:{closed_port()}")
    until(lambda: len(run.records()) >= 50, 5)
    assert run.stop() == 0
    assert set(run.records().status.tolist()) == {0}
    assert measure(Metric.ERROR_RATE, run.records()) == 1.0


@pytest.mark.parametrize("broken", [answer(b"flipped bytes"), b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"])
def test_an_answer_with_a_wrong_checksum_or_none_is_corrupt(serve: Serve, start: Start, broken: bytes) -> None:
    server = serve(answer())
    run = start(server.url)
    until(lambda: len(run.records()) >= 20, 5)
    server.reply = broken
    until(lambda: int(run.records().corrupt.sum()) >= 20, 5)
    run.stop()
    records = run.records()
    assert set(records.status.tolist()) == {200}
    assert not records.corrupt[:10].any()
    assert records.corrupt[-10:].all()


def test_an_error_of_the_server_is_an_error_and_not_corrupt(serve: Serve, start: Start) -> None:
    run = start(serve(answer(b"down", status=503)).url)
    until(lambda: len(run.records()) >= 20, 5)
    assert run.stop() == 0
    assert measure(Metric.ERROR_RATE, run.records()) == 1.0
    assert measure(Metric.CORRUPT_RATE, run.records()) == 0.0


def test_requests_that_are_never_answered_are_all_recorded(serve: Serve, start: Start) -> None:
    server = serve(None)
    run = start(server.url, 100, timeout_s=0.5)
    until(lambda: len(server.requests) >= 150, 10)
    stopped_s = time.monotonic()
    assert run.stop() == 0
    assert time.monotonic() - stopped_s < 3
    records = run.records()
    assert_no_due_time_is_missing(records, 100)
    assert len(records) == len(server.requests) == server.connections
    assert set(records.status.tolist()) == {0}
    waited_s = records.end_s - records.start_s
    assert waited_s.min() > 0.45
    assert np.median(records.start_s - records.due_s) < 0.02, "no request waited for another one's timeout"


def test_a_closed_connection_is_one_failure_and_one_request(serve: Serve, start: Start) -> None:
    server = serve(b"")
    run = start(server.url, user="Keeper")
    until(lambda: len(run.records()) >= 30, 5)
    run.stop()
    assert len(run.records()) == len(server.requests) == server.connections
    assert set(run.records().status.tolist()) == {0}


def test_users_can_keep_their_connections(serve: Serve, start: Start) -> None:
    server = serve(answer())
    run = start(server.url, 100, user="Keeper", timeout_s=0.2)
    until(lambda: len(run.records()) >= 200, 5)
    run.stop()
    assert server.connections < len(server.requests) / 2
    assert measure(Metric.ERROR_RATE, run.records()) == 0.0


def test_a_mistake_in_the_locustfile_is_recorded_and_told(start: Start) -> None:
    run = start("http://127.0.0.1:1", user="Mistaken")
    until(lambda: len(run.records()) >= 20, 5)
    run.stop()
    assert measure(Metric.ERROR_RATE, run.records()) == 1.0
    assert "the author's mistake" in run._log.read_text()


@pytest.mark.parametrize(
    ("locustfile", "user", "reason"),
    [
        ("loadtests/gateway.py", "Raeder", "Raeder"),
        ("broken.py", "Reader", "NameError"),
        ("idle.py", "Idle", "no request within"),
    ],
)
def test_no_traffic_is_an_error_that_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, locustfile: str, user: str, reason: str
) -> None:
    monkeypatch.setattr("drillbook.load._FIRST_RECORD_WITHIN_S", 4.0)
    (tmp_path / "broken.py").write_text("undefined_name\n")
    (tmp_path / "idle.py").write_text(
        "import drillbook.open_loop\nfrom locust import User, constant, task\n"
        "class Idle(User):\n    wait_time = constant(1)\n    @task\n    def idle(self):\n        pass\n"
    )
    root = ROOT if locustfile.startswith("loadtests") else tmp_path
    generator = LocustLoad(root, "http://127.0.0.1:1", clock_offset_s=0.0)
    with pytest.raises(NoTrafficError, match=reason) as caught:
        generator.start(Load(locustfile=locustfile, user=user, rate_per_s=10), tmp_path / "records.csv")
    assert isinstance(caught.value, CannotRunError)
    assert not [p for p in Path("/proc").glob("[0-9]*/cmdline") if str(tmp_path).encode() in p.read_bytes()]


@pytest.mark.parametrize(("locustfile", "rate"), [("loadtests/none.py", 10.0), ("loadtests/gateway.py", 0.0)])
def test_what_cannot_be_asked_for_is_refused_before_anything_runs(tmp_path: Path, locustfile: str, rate: float) -> None:
    records = tmp_path / "records.csv"
    with pytest.raises(InputError):
        LocustLoad(ROOT, "http://127.0.0.1:1", clock_offset_s=0.0).start(
            Load(locustfile=locustfile, user="Reader", rate_per_s=rate), records
        )
    assert not records.exists()


def test_a_generator_that_dies_is_noticed_and_leaves_its_records(serve: Serve, start: Start) -> None:
    run = start(serve(answer()).url)
    until(lambda: len(run.records()) >= 20, 5)
    os.kill(run._process.pid, signal.SIGKILL)
    until(lambda: run.exit_code() is not None, 5)
    assert run.stop() == -signal.SIGKILL
    assert len(run.records()) >= 20


def test_a_generator_that_does_not_stop_is_killed(serve: Serve, start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    run = start(serve(answer()).url)
    monkeypatch.setattr(run, "_patience_s", 0.3)
    os.kill(run._process.pid, signal.SIGSTOP)
    assert run.stop() == -signal.SIGKILL


def test_traffic_ends_when_whoever_started_it_is_gone(serve: Serve, tmp_path: Path) -> None:
    server = serve(answer())
    program = (
        "import os; from pathlib import Path; from drillbook.drill import Load; from drillbook.load import LocustLoad\n"
        f"run = LocustLoad(Path({str(ROOT)!r}), {server.url!r}, clock_offset_s=0.0).start("
        f"Load(locustfile='loadtests/gateway.py', user='Reader', rate_per_s=50.0), Path({str(tmp_path / 'r.csv')!r}))\n"
        "os.kill(os.getpid(), 9)\n"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False, timeout=30).returncode == -signal.SIGKILL
    until(lambda: "Shutting down" in (tmp_path / "r.log").read_text(), 10)
    records = parse_records((tmp_path / "r.csv").read_bytes(), clock_offset_s=0.0)
    assert measure(Metric.ERROR_RATE, window(records, 0.0, 1e12)) == 0.0


def test_settings_of_the_users_own_locust_do_not_leak_in(
    serve: Serve, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOCUST_HOST", "http://127.0.0.1:1")
    monkeypatch.setenv("LOCUST_RUN_TIME", "1s")
    run = start(serve(answer()).url, 100)
    until(lambda: len(run.records()) >= 200, 5)
    assert run.exit_code() is None
    run.stop()
    assert measure(Metric.ERROR_RATE, run.records()) == 0.0


def test_it_is_what_the_runner_asks_for(serve: Serve, tmp_path: Path) -> None:
    generator: LoadGenerator = LocustLoad(ROOT, serve(answer()).url, clock_offset_s=0.0)
    load = Load(locustfile="loadtests/gateway.py", user="Reader", rate_per_s=20.0)
    running: RunningLoad = generator.start(load, tmp_path / "records.csv")
    assert running.stop() == 0
    assert "locust" not in sys.modules, "importing it would monkey-patch this process"
