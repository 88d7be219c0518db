import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from drillbook.fault.injector import ChaosInjector, FaultFailedError, RunningChaos

Activity = dict[str, Any]
Inject = Callable[..., RunningChaos]


def call(func: str, kind: str = "action", *, tolerance: object = None, **arguments: object) -> Activity:
    provider = {"type": "python", "module": "local_activities", "func": func, "arguments": arguments}
    activity: Activity = {"type": kind, "name": f"{func} {arguments}", "provider": provider}
    return activity if tolerance is None else activity | {"tolerance": tolerance}


def process(path: str, *arguments: str) -> Activity:
    return {
        "type": "action",
        "name": path,
        "provider": {"type": "process", "path": path, "arguments": list(arguments)},
    }


BREAK = call("write", path="broken.txt")
MEND = call("remove", path="broken.txt")


def chaos_injector(root: Path, **options: object) -> ChaosInjector:
    here = os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")])
    return ChaosInjector(
        root,
        kubeconfig=root / "kubeconfig",
        cluster_uid="none",
        namespace="none",
        environment={"PYTHONPATH": here},
        **options,  # type: ignore[arg-type]  # each test gives the type that its option has
    )


def write_experiment(
    root: Path, method: list[Activity], *, gate: list[Activity] | None = None, rollbacks: list[Activity] | None = None
) -> Path:
    experiment: Activity = {"title": "t", "description": "d", "method": method, "rollbacks": rollbacks or []}
    if gate:
        experiment["steady-state-hypothesis"] = {"title": "h", "probes": gate}
    path = root / "experiment.yaml"
    path.write_text(yaml.safe_dump(experiment))
    return path


@pytest.fixture
def inject(tmp_path: Path) -> Inject:
    def start(
        method: list[Activity],
        *,
        gate: list[Activity] | None = None,
        rollbacks: list[Activity] | None = None,
        **options: object,
    ) -> RunningChaos:
        experiment = write_experiment(tmp_path, method, gate=gate, rollbacks=rollbacks)
        return chaos_injector(tmp_path, **options).inject(experiment, tmp_path / "journal" / "d.json")

    return start


def test_the_fault_stays_until_it_is_released(inject: Inject, tmp_path: Path) -> None:
    running = inject([BREAK], rollbacks=[MEND])
    assert (tmp_path / "broken.txt").exists()
    assert running.release() is None
    assert not (tmp_path / "broken.txt").exists()
    assert (tmp_path / "journal" / "d.json").exists()
    assert running.release() is None


def test_a_gate_that_is_not_met_is_no_fault(inject: Inject, tmp_path: Path) -> None:
    gate = [call("exists", "probe", tolerance=True, path="there-is-none")]
    with pytest.raises(FaultFailedError, match=r"steady state was not met before the fault.*exists"):
        inject([BREAK], gate=gate)
    assert not (tmp_path / "broken.txt").exists()


@pytest.mark.parametrize(
    ("activity", "reason"),
    [
        (call("fail", reason="no such thing"), "no such thing"),
        (process("bash", "-c", "echo it broke >&2; exit 3"), "exit code 3: it broke"),
        (call("interrupt_myself"), "interrupted"),
        (call("answer", "probe", value=False), "the probe says no"),
        (call("answer", "probe", value=503, tolerance=200), "out of tolerance: 503, not 200"),
        (call("answer", value=1) | {"dry": "actions"}, "only pretended"),
        (call("no_such_function"), "no_such_function"),
    ],
    ids=["raises", "exits non-zero", "Ctrl-C", "says no", "out of tolerance", "dry", "missing"],
)  # fmt: skip
def test_a_method_that_fails_anywhere_is_no_fault_and_is_rolled_back(
    inject: Inject, tmp_path: Path, activity: Activity, reason: str
) -> None:
    with pytest.raises(FaultFailedError, match=reason):
        inject([BREAK, activity, call("write", path="later.txt")], rollbacks=[MEND])
    assert not (tmp_path / "broken.txt").exists()


def test_a_method_that_hangs_is_killed_with_its_children(inject: Inject, tmp_path: Path) -> None:
    child = "import os,pathlib,time; pathlib.Path('child').write_text(str(os.getpid())); time.sleep(60)"
    started = time.monotonic()
    with pytest.raises(FaultFailedError, match="not over within 3 s"):
        inject([BREAK, process(sys.executable, "-c", child)], rollbacks=[MEND], method_timeout_s=3)
    assert time.monotonic() - started < 20
    pid = int((tmp_path / "child").read_text())
    assert not Path(f"/proc/{pid}").exists() or "Z" in Path(f"/proc/{pid}/stat").read_text().split()[2]
    assert not (tmp_path / "broken.txt").exists()


def test_an_empty_method_breaks_nothing(inject: Inject) -> None:
    with pytest.raises(FaultFailedError, match="method is empty"):
        inject([])


def test_an_experiment_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(FaultFailedError, match="there is no experiment"):
        chaos_injector(tmp_path).inject(tmp_path / "none.yaml", tmp_path / "j.json")


def test_an_experiment_that_is_not_one_is_quoted(tmp_path: Path) -> None:
    path = tmp_path / "e.yaml"
    path.write_text("title: only a title\n")
    with pytest.raises(FaultFailedError, match=r"(?s)exit code 1.*left no journal"):
        chaos_injector(tmp_path).inject(path, tmp_path / "j.json")


def test_a_rollback_that_fails_is_told(inject: Inject) -> None:
    running = inject([BREAK], rollbacks=[call("fail", reason="cannot take it back"), MEND])
    assert "cannot take it back" in (running.release() or "")


def test_rollbacks_are_carried_out_after_a_deviation(inject: Inject, tmp_path: Path) -> None:
    gate = [call("exists", "probe", tolerance=False, path="broken.txt")]
    running = inject([BREAK], gate=gate, rollbacks=[MEND])
    assert running.release() is None
    assert not (tmp_path / "broken.txt").exists()


def test_rollbacks_that_hang_are_killed(inject: Inject) -> None:
    running = inject([BREAK], rollbacks=[call("hang", seconds=60)], rollback_timeout_s=2)
    assert "were not over within 2 s" in (running.release() or "")


def test_an_interrupt_while_the_fault_is_held_still_takes_it_back(inject: Inject, tmp_path: Path) -> None:
    running = inject([BREAK], rollbacks=[MEND])
    os.kill(running._process.pid, signal.SIGINT)
    assert running.release() is None
    assert not (tmp_path / "broken.txt").exists()


def test_an_experiment_that_was_killed_while_held_is_told(inject: Inject) -> None:
    running = inject([BREAK], rollbacks=[MEND])
    os.kill(running._process.pid, signal.SIGKILL)
    assert "left no journal" in (running.release() or "")


def test_a_fault_held_too_long_is_taken_back(inject: Inject, tmp_path: Path) -> None:
    running = inject([BREAK], rollbacks=[MEND], hold_timeout_s=0.5)
    running._process.wait(timeout=20)
    assert not (tmp_path / "broken.txt").exists()


def test_the_fault_does_not_outlive_its_owner(tmp_path: Path) -> None:
    experiment = write_experiment(tmp_path, [BREAK], rollbacks=[MEND])
    owner = (
        "import os, signal, sys; from pathlib import Path; sys.path.insert(0, sys.argv[1])\n"
        "from test_injector import chaos_injector\n"
        "chaos_injector(Path(sys.argv[2])).inject(Path(sys.argv[3]), Path(sys.argv[2]) / 'j.json')\n"
        "assert (Path(sys.argv[2]) / 'broken.txt').exists(); print('held'); sys.stdout.flush()\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    command = [sys.executable, "-c", owner, str(Path(__file__).parent), str(tmp_path), str(experiment)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (-signal.SIGKILL, "held\n"), done.stderr
    deadline = time.monotonic() + 10
    while (tmp_path / "broken.txt").exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_secrets_are_cut_from_journal_and_log(inject: Inject, tmp_path: Path) -> None:
    running = inject([call("answer", value="hunter2 is the word")], secrets=["hunter2"])
    assert running.release() is None
    left = b"".join(path.read_bytes() for path in (tmp_path / "journal").iterdir())
    assert b"hunter2" not in left
    assert b"[redacted] is the word" in left
