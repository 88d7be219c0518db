"""The item cache on disk: an append-only file of bodies, each beside the checksum that the source of truth gave it.

A read goes to the file every time and is not verified, because that is the path that has to be fast: bytes damaged on
disk are served as they are, and only the checksum in the answer's header tells the client. ``verify`` finds them.
"""

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

RECORD = struct.Struct(">4sQI32s")  # magic, item id, body length, SHA-256 of the body at the source of truth
MAGIC = b"UCI1"


class SnapshotMissingError(Exception):
    """There is no snapshot to restore from."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a body lies in the file (offset and length in bytes), and the hex checksum that belongs to it."""

    offset: int
    length: int
    checksum: str


@dataclass(frozen=True, slots=True)
class Verification:
    """How many entries were read again, and the ids of those whose bytes do not have their checksum."""

    checked: int
    corrupt: tuple[int, ...]


class ItemStore:
    """The cache file and its index. ``put``, ``get``, ``clear`` and ``adopt`` belong to the event loop's thread."""

    def __init__(self, path: Path) -> None:
        """Open the file, make it if absent, and index it; a torn last record (a crash while writing) is cut off."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._file, self._index, self._end = _open(path)

    def __len__(self) -> int:
        return len(self._index)

    @property
    def size_bytes(self) -> int:
        """The length of the file."""
        return self._end

    @property
    def snapshot_path(self) -> Path:
        """Where ``snapshot`` writes and ``restore`` reads."""
        return self._path.with_suffix(".snapshot")

    def get(self, item_id: int) -> tuple[bytes, str] | None:
        """The body as it is on disk now and the checksum it should have, or None when the item is not cached."""
        entry = self._index.get(item_id)
        return None if entry is None else (os.pread(self._file, entry.length, entry.offset), entry.checksum)

    def put(self, item_id: int, body: bytes, checksum: str) -> None:
        """Append an item.

        Raises:
            OSError: The disk is full or gone; nothing was added to the index.
        """
        record = RECORD.pack(MAGIC, item_id, len(body), bytes.fromhex(checksum)) + body
        if os.write(self._file, record) != len(record):
            os.ftruncate(self._file, self._end)
            raise OSError(f"{self._path}: the disk took only a part of a record")
        self._index[item_id] = Entry(self._end + RECORD.size, len(body), checksum)
        self._end += len(record)

    def digests(self) -> Iterator[tuple[int, str, str]]:
        """For each cached item: its id, the digest of its bytes as they are on disk now, the checksum kept for it."""
        for item_id, entry in list(self._index.items()):
            found = sha256(os.pread(self._file, entry.length, entry.offset)).hexdigest()
            yield item_id, found, entry.checksum

    def verify(self) -> Verification:
        """Read every entry again and compare it with its checksum."""
        checked, corrupt = 0, []
        for item_id, found, expected in self.digests():
            checked += 1
            if found != expected:
                corrupt.append(item_id)
        return Verification(checked, tuple(corrupt))

    def clear(self) -> int:
        """Forget every entry and give the disk space back; returns how many there were. The snapshot stays."""
        removed = len(self._index)
        self._index = {}
        os.ftruncate(self._file, 0)
        self._end = 0
        return removed

    def snapshot(self) -> int:
        """Write the sound entries to the snapshot file, atomically; returns how many. Damage is never backed up."""
        partial = self.snapshot_path.with_suffix(".partial")
        kept = 0
        with partial.open("wb") as out:
            for item_id, entry in list(self._index.items()):
                body = os.pread(self._file, entry.length, entry.offset)
                if sha256(body).hexdigest() == entry.checksum:
                    out.write(RECORD.pack(MAGIC, item_id, len(body), bytes.fromhex(entry.checksum)) + body)
                    kept += 1
            out.flush()
            os.fsync(out.fileno())
        partial.replace(self.snapshot_path)
        return kept

    def prepare_restore(self) -> Path:
        """Copy the sound entries of the snapshot to a file beside the store, ready for ``adopt``.

        Raises:
            SnapshotMissingError: No snapshot was ever written.
        """
        if not self.snapshot_path.exists():
            raise SnapshotMissingError(str(self.snapshot_path))
        restored = self._path.with_suffix(".restored")
        restored.unlink(missing_ok=True)
        source, target = ItemStore(self.snapshot_path), ItemStore(restored)
        for item_id, entry in source._index.items():
            body = os.pread(source._file, entry.length, entry.offset)
            if sha256(body).hexdigest() == entry.checksum:
                target.put(item_id, body, entry.checksum)
        source.close()
        target.close()
        return restored

    def adopt(self, prepared: Path) -> int:
        """Put a prepared file in the place of the store's own; returns how many entries it holds."""
        old = self._file
        prepared.replace(self._path)
        self._file, self._index, self._end = _open(self._path)
        os.close(old)
        return len(self._index)

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)


def _open(path: Path) -> tuple[int, dict[int, Entry], int]:
    """A file descriptor, the index of the file's records and the end of the last whole one."""
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
    size, end, index = os.fstat(file).st_size, 0, dict[int, Entry]()
    while end + RECORD.size <= size:
        magic, item_id, length, checksum = RECORD.unpack(os.pread(file, RECORD.size, end))
        if magic != MAGIC or end + RECORD.size + length > size:
            break
        index[item_id] = Entry(end + RECORD.size, length, checksum.hex())
        end += RECORD.size + length
    os.ftruncate(file, end)
    return file, index, end
