"""Looks into packed files: what stands in a tar or gzip file is handed over as much as what lies beside it."""

import io
import tarfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

MOST_BYTES = 64 * 2**20
"""So much of one file is unpacked: a small file can unpack to more than there is memory for."""

_DEEPEST = 4  # a compressed log in a tar.gz is at 3
_GZIP = b"\x1f\x8b"
_GZIP_WINDOW = zlib.MAX_WBITS | 16  # with gzip's header and trailer
_TAR_MARK, _TAR_MARK_AT = b"ustar", 257


class Unpacked(NamedTuple):
    """What a packed file holds, by names that begin with its own; nothing where it is not packed."""

    parts: Mapping[str, bytes]
    whole: bool  # False where something in it could not be seen


def unpack(name: str, content: bytes, *, most_bytes: int = MOST_BYTES) -> Unpacked:
    """The parts of a tar, gzip or tar.gz file and of what is packed in it; what breaks off, as far as it goes."""
    unpacking = _Unpacking(most_bytes)
    unpacking.open(name, content, depth=1)
    return Unpacked(unpacking.parts, unpacking.whole)


@dataclass
class _Unpacking:
    left_bytes: int
    parts: dict[str, bytes] = field(default_factory=dict)
    whole: bool = True

    def open(self, name: str, content: bytes, *, depth: int) -> None:
        """Add the parts of this content, if it is packed."""
        inside: Iterator[tuple[str, bytes]]
        if content.startswith(_GZIP):
            inside = self._gzip(name, content)
        elif content.startswith(_TAR_MARK, _TAR_MARK_AT):
            inside = _members(name, content)
        else:
            return
        if depth > _DEEPEST:
            self.whole = False
            return
        for part, found in inside:
            key = part if part not in self.parts else f"{part} ({len(self.parts)})"
            self.parts[key] = found
            self.open(key, found, depth=depth + 1)

    def _gzip(self, name: str, content: bytes) -> Iterator[tuple[str, bytes]]:
        """One file, of all gzip members one after another, as gzip itself reads them."""
        plain = bytearray()
        while content.startswith(_GZIP) and self.left_bytes > 0:
            stream = zlib.decompressobj(_GZIP_WINDOW)
            try:
                found = stream.decompress(content, self.left_bytes)
            except zlib.error:
                self.whole = False
                break
            plain += found
            self.left_bytes -= len(found)
            content = stream.unused_data
        self.whole = self.whole and self.left_bytes > 0
        yield (name.removesuffix(".gz") if name.endswith(".gz") else f"{name} unpacked"), bytes(plain)


def _members(name: str, content: bytes) -> Iterator[tuple[str, bytes]]:
    """The regular files up to where the archive breaks off; its bytes as such are searched by whoever holds them."""
    try:
        with tarfile.open(fileobj=io.BytesIO(content), mode="r:") as archive:
            for member in archive:
                found = archive.extractfile(member) if member.isreg() else None
                if found is not None:
                    yield f"{name}/{member.name}", found.read()
    except (tarfile.TarError, EOFError):
        return
