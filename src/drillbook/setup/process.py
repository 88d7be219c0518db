"""Long-running programs of the set-up: their output goes to a log, and an interruption ends them."""

import os
import subprocess
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from drillbook.errors import CannotRunError

_running: set[subprocess.Popen[bytes]] = set()
_lock = threading.Lock()


class ProgramFailedError(CannotRunError):
    """A program of the set-up did not end well."""


def run_logged(
    command: Sequence[str],
    log: IO[str],
    *,
    timeout_s: float,
    cwd: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> None:
    """Run a program with its output appended to ``log``; raises ProgramFailedError that cites the last lines of it."""
    log.write(f"$ {' '.join(command)}\n")
    log.flush()
    start = log.tell()
    try:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, cwd=cwd,
            env={**os.environ, **(environment or {})},
        )  # fmt: skip
    except OSError as error:
        raise ProgramFailedError(f"cannot run {command[0]}: {error.strerror}", mend=f"install {command[0]}") from error
    with _lock:
        _running.add(process)
    try:
        exit_code = process.wait(timeout_s)
    except subprocess.TimeoutExpired as error:
        process.kill()
        raise ProgramFailedError(f"{command[0]} took longer than {timeout_s:g} s", mend=f"see {log.name}") from error
    finally:
        with _lock:
            _running.discard(process)
    if exit_code:
        said = last_lines(Path(log.name), start)
        raise ProgramFailedError(
            f"{command[0]} ended with exit code {exit_code}:\n{said}", mend=f"see {log.name}, then run it again"
        )


def stop_all() -> None:
    """Ask every program that still runs to end: the set-up was interrupted."""
    with _lock:
        for process in _running:
            process.terminate()


def last_lines(path: Path, start: int = 0, count: int = 8) -> str:
    """The last lines of a log after byte ``start``, indented."""
    with path.open(encoding="utf-8", errors="replace") as log:
        log.seek(start)
        lines = [line.rstrip() for line in log if line.strip()]
    return "\n".join(f"    {line}" for line in lines[-count:])
