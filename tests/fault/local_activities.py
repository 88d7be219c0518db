"""Actions for experiments under test: they touch files in the experiment's own directory, and can fail in every way."""

import os
import signal
import time
from pathlib import Path


def write(path: str) -> str:
    Path(path).write_text("broken")
    return path


def remove(path: str) -> bool:
    existed = Path(path).exists()
    Path(path).unlink(missing_ok=True)
    return existed


def exists(path: str) -> bool:
    return Path(path).exists()


def fail(reason: str) -> None:
    raise RuntimeError(reason)


def interrupt_myself() -> None:
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(5)


def hang(seconds: float) -> None:
    time.sleep(seconds)


def answer(value: object) -> object:
    return value
