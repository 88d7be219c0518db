"""Remembers secret values by their digests, so that snapshots and evidence need not hold them."""

import os
from collections.abc import Mapping
from pathlib import Path

import msgspec

from drillbook.errors import CannotRunError


class SecretValuesError(CannotRunError):
    """The file of remembered secret values cannot be read or written."""


class SecretValues:
    """Values by digest, in memory and, where there is a file, on disk for the processes that come after."""

    def __init__(self, file: Path | None) -> None:
        """``file`` is read at the first need and written when a new value is seen, readable by its owner only."""
        self._file = file
        self._values: dict[str, str] | None = None

    def remember(self, values: Mapping[str, str]) -> None:
        """Keep these values by their digests."""
        known = self._load()
        if values.items() <= known.items():
            return
        known.update(values)
        if self._file is not None:
            self._write(self._file, known)

    def recall(self, digests: Mapping[str, str]) -> dict[str, str] | None:
        """The values behind the digests by the same names; None if any of them was never seen."""
        known = self._load()
        if not known.keys() >= set(digests.values()):
            return None
        return {name: known[digest] for name, digest in digests.items()}

    def _load(self) -> dict[str, str]:
        if self._values is None:
            try:
                found = self._file.read_bytes() if self._file is not None and self._file.exists() else b"{}"
                self._values = msgspec.json.decode(found, type=dict[str, str])
            except (OSError, msgspec.DecodeError) as error:
                raise SecretValuesError(f"cannot read {self._file}: {error}", mend=f"rm {self._file}") from error
        return self._values

    def _write(self, file: Path, values: Mapping[str, str]) -> None:
        unfinished = file.with_suffix(".unfinished")
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            unfinished.unlink(missing_ok=True)
            descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(msgspec.json.encode(values))
                stream.flush()
                os.fsync(stream.fileno())
            unfinished.rename(file)
        except OSError as error:
            raise SecretValuesError(f"cannot write {file}: {error.strerror}") from error
