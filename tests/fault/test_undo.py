import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from drillbook.effects import Snapshot
from drillbook.fault.undo import UndoError, close_fault, forget_cluster, open_fault, open_faults, recover

UID = "7acfcec5-ecde-4b4b-92ca-de88a0d62b52"


def snapshot(image: str) -> dict[str, dict[str, Any]]:
    return {"deployment/web": {"spec": {"image": image, "args": ["ü", None, 1.5]}}}


def test_an_undo_is_there_until_it_is_closed(tmp_path: Path) -> None:
    path = open_fault(tmp_path, "run/1 ü", "experiments/e.yaml", snapshot("a"), UID)
    (found,) = open_faults(tmp_path)
    assert (found.run_id, found.experiment, found.cluster_uid) == ("run/1 ü", "experiments/e.yaml", UID)
    assert found.snapshot == snapshot("a")
    close_fault(path)
    close_fault(path)
    assert open_faults(tmp_path) == ()


def test_a_state_directory_without_faults(tmp_path: Path) -> None:
    assert open_faults(tmp_path / "none") == ()
    assert recover(tmp_path, cluster_uid=UID, restore=lambda _, __: None) == ()


def test_recovery_ends_with_the_oldest_snapshot(tmp_path: Path) -> None:
    for image in ("first", "second", "third"):
        open_fault(tmp_path, "run", "e", snapshot(image), UID)
    restored: list[Snapshot] = []
    found = recover(tmp_path, cluster_uid=UID, restore=lambda snapshot, _: restored.append(snapshot))
    assert [fault.snapshot for fault in found] == [snapshot(image) for image in ("first", "second", "third")]
    assert restored == [snapshot(image) for image in ("third", "second", "first")]
    assert open_faults(tmp_path) == ()


def test_a_recovery_that_breaks_off_is_replayed(tmp_path: Path) -> None:
    open_fault(tmp_path, "run", "e", snapshot("a"), UID)

    def crash(_: Snapshot, __: tuple[str, ...]) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        recover(tmp_path, cluster_uid=UID, restore=crash)
    restored: list[Snapshot] = []
    recover(tmp_path, cluster_uid=UID, restore=lambda snapshot, _: restored.append(snapshot))
    assert restored == [snapshot("a")]


def test_another_clusters_undo_is_not_replayed(tmp_path: Path) -> None:
    open_fault(tmp_path, "run", "e", snapshot("a"), UID)
    restored: list[Snapshot] = []
    with pytest.raises(UndoError, match="nothing was replayed"):
        recover(tmp_path, cluster_uid="another", restore=lambda snapshot, _: restored.append(snapshot))
    assert restored == []
    assert forget_cluster(tmp_path, "another") == 0
    assert forget_cluster(tmp_path, UID) == 1
    assert open_faults(tmp_path) == ()


def test_a_damaged_undo_is_told_with_its_path(tmp_path: Path) -> None:
    path = open_fault(tmp_path, "run", "e", snapshot("a"), UID)
    path.write_bytes(path.read_bytes()[:50])
    with pytest.raises(UndoError, match=str(path)):
        open_faults(tmp_path)


def test_a_state_directory_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "open-faults").write_text("a file where the directory should be")
    with pytest.raises(UndoError, match="cannot write the undo"):
        open_fault(tmp_path, "run", "e", snapshot("a"), UID)


def test_an_unfinished_undo_is_none(tmp_path: Path) -> None:
    path = open_fault(tmp_path, "run", "e", snapshot("a"), UID)
    path.rename(path.with_suffix(".unfinished"))
    assert open_faults(tmp_path) == ()


def test_file_and_directory_are_durable_before_the_call_returns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    fsync = os.fsync

    def recording(descriptor: int) -> None:
        synced.append(Path(f"/proc/self/fd/{descriptor}").readlink().name)
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", recording)
    path = open_fault(tmp_path, "run", "e", snapshot("a"), UID)
    assert synced[-2:] == [path.with_suffix(".unfinished").name, path.parent.name]


def test_an_undo_outlives_a_killed_process(tmp_path: Path) -> None:
    script = (
        "import os, signal, sys; from pathlib import Path; from drillbook.fault.undo import open_fault\n"
        "open_fault(Path(sys.argv[1]), 'run', 'e', {'service/web': {}}, 'uid'); os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False)
    (found,) = open_faults(tmp_path)
    assert found.snapshot == {"service/web": {}}
