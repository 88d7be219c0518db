"""Keeps the undo of every open fault on disk, so that a harness that dies leaves nothing broken for good."""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from drillbook.effects import Snapshot
from drillbook.errors import CannotRunError

_DIRECTORY = "open-faults"


class UndoError(CannotRunError):
    """The undo of an open fault cannot be written, read or replayed."""


class OpenFault(Struct, frozen=True, kw_only=True):
    """A fault that was injected, or was about to be: what to put back, and in which cluster."""

    run_id: str
    experiment: str
    cluster_uid: str
    sequence: int  # in the order in which they were opened
    snapshot: dict[str, dict[str, Any]]  # as effects.Snapshot; holds no secret values
    renew: tuple[str, ...] = ()  # label selectors of the pods to be made anew


def open_fault(
    state_dir: Path,
    run_id: str,
    experiment: str,
    snapshot: Snapshot,
    cluster_uid: str,
    renew: tuple[str, ...] = (),
) -> Path:
    """Write the undo so that it survives a power cut, before the fault; returns what ``close_fault`` takes."""
    directory = state_dir / _DIRECTORY
    sequence = max((fault.sequence for _, fault in _read_all(state_dir)), default=0) + 1
    fault = OpenFault(
        run_id=run_id,
        experiment=experiment,
        cluster_uid=cluster_uid,
        sequence=sequence,
        snapshot={key: dict(content) for key, content in snapshot.items()},
        renew=renew,
    )
    name = re.sub(r"[^A-Za-z0-9.-]+", "-", f"{run_id}-{sequence:04d}")
    path = directory / f"{name}.json"
    try:
        directory.mkdir(parents=True, exist_ok=True)
        _sync_directory(state_dir)
        unfinished = path.with_suffix(".unfinished")
        with unfinished.open("wb") as file:
            file.write(msgspec.json.encode(fault))
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(path)
        _sync_directory(directory)
    except OSError as error:
        raise UndoError(f"cannot write the undo {path}: {error.strerror}") from error
    return path


def close_fault(path: Path) -> None:
    """The system is as it was before the fault: forget the undo; closing twice is no error."""
    path.unlink(missing_ok=True)
    _sync_directory(path.parent)


def open_faults(state_dir: Path) -> tuple[OpenFault, ...]:
    """All faults whose undo has not been confirmed, oldest first."""
    return tuple(fault for _, fault in _read_all(state_dir))


def recover(
    state_dir: Path, *, cluster_uid: str, restore: Callable[[Snapshot, tuple[str, ...]], None]
) -> tuple[OpenFault, ...]:
    """Replay what is open, newest first, so that the oldest snapshot (the least broken) is what remains.

    Each is closed once ``restore`` returned; a crash in between leaves it open, and replaying it again does no harm.

    Raises:
        UndoError: a fault was opened in another cluster; nothing was replayed.
    """
    found = _read_all(state_dir)
    for path, fault in found:
        if fault.cluster_uid != cluster_uid:
            raise UndoError(
                f"{path} belongs to cluster {fault.cluster_uid}, this one is {cluster_uid}: nothing was replayed",
                mend=f"if that cluster is gone: rm {path}",
            )
    for path, fault in reversed(found):
        restore(fault.snapshot, fault.renew)
        close_fault(path)
    return tuple(fault for _, fault in found)


def forget_cluster(state_dir: Path, cluster_uid: str) -> int:
    """Drop the undos of a cluster that was deleted, with all that was broken in it; how many there were."""
    gone = [path for path, fault in _read_all(state_dir) if fault.cluster_uid == cluster_uid]
    for path in gone:
        close_fault(path)
    return len(gone)


def _read_all(state_dir: Path) -> list[tuple[Path, OpenFault]]:
    found: list[tuple[Path, OpenFault]] = []
    for path in (state_dir / _DIRECTORY).glob("*.json"):
        try:
            found.append((path, msgspec.json.decode(path.read_bytes(), type=OpenFault)))
        except (OSError, msgspec.DecodeError) as error:
            raise UndoError(f"cannot read the undo {path}: {error}", mend="drillbook cluster down") from error
    return sorted(found, key=lambda entry: entry[1].sequence)


def _sync_directory(path: Path) -> None:
    """Make the directory's entries durable, not only the file's content."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
