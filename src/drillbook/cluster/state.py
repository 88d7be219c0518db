"""What drillbook remembers between runs about the cluster and where its images come from, and who may use it now."""

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec import Struct

from drillbook.cluster.engine import replace_file
from drillbook.errors import CannotRunError

T = TypeVar("T", bound=Struct)


class NotSetUpError(CannotRunError):
    """The set-up has not been run, or not to its end."""


class BusyError(CannotRunError):
    """Another drillbook uses the cluster right now."""


class Supply(Struct, frozen=True, kw_only=True):
    """Where images come from, decided once by the set-up: a registry, or Debian packages and Go modules."""

    registry: str | None  # "" is each image's own registry, a host is a mirror of all of them, None is no registry
    node_image: str  # reference of the kind node image

    @property
    def offline(self) -> bool:
        """Whether images are made here, because no registry was reached."""
        return self.registry is None


class ClusterRecord(Struct, frozen=True, kw_only=True):
    """The cluster that this project drills on, as it was when drillbook created or adopted it."""

    name: str
    uid: str | None  # of the namespace kube-system; None while the cluster is being created
    definition: str  # digest of kind-config.yaml and node image


def _read(path: Path, kind: type[T]) -> T | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (FileNotFoundError, msgspec.DecodeError):
        return None  # a file that cannot be read holds nothing that setting up again would not restore


def _write(path: Path, value: Struct) -> None:
    replace_file(path, msgspec.json.format(msgspec.json.encode(value), indent=2).decode() + "\n")


def read_supply(state_dir: Path) -> Supply | None:
    """The supply that the set-up decided on, if it has."""
    return _read(state_dir / "supply.json", Supply)


def require_supply(state_dir: Path) -> Supply:
    """The supply that the set-up decided on; raises NotSetUpError before that."""
    supply = read_supply(state_dir)
    if supply is None:
        raise NotSetUpError("this project is not set up yet", mend="drillbook setup")
    return supply


def write_supply(state_dir: Path, supply: Supply) -> None:
    """Remember where images come from."""
    _write(state_dir / "supply.json", supply)


def read_record(state_dir: Path) -> ClusterRecord | None:
    """The cluster that was created or adopted, if there is one."""
    return _read(state_dir / "cluster.json", ClusterRecord)


def write_record(state_dir: Path, record: ClusterRecord) -> None:
    """Remember the cluster."""
    _write(state_dir / "cluster.json", record)


def forget_record(state_dir: Path) -> None:
    """The cluster is gone."""
    (state_dir / "cluster.json").unlink(missing_ok=True)


@contextmanager
def hold_cluster(name: str, purpose: str) -> Iterator[None]:
    """Keep every other drillbook on this machine, from whichever checkout, off the cluster of this name.

    Raises BusyError at once, naming the holder and its purpose. The lock is the kernel's, and ends with the process,
    however that ends.
    """
    path = Path(tempfile.gettempdir()) / f"drillbook-{os.getuid()}-{name}.lock"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.read(descriptor, 200).decode(errors="replace").strip() or "another drillbook"
            raise BusyError(f"cluster {name!r} is in use: {holder}", mend="wait until it ends, or end it") from error
        os.truncate(descriptor, 0)
        os.write(descriptor, f"{purpose} (process {os.getpid()})".encode())
        yield
    finally:
        os.close(descriptor)
