"""What a benchmark needs that is not Python: vegeta, and a server of our own that is quicker than any generator."""

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = ROOT / ".drillbook" / "bin"
VEGETA = "v12.13.0"
_BUILD_TIMEOUT_S = 600.0
_LAST_WORDS_S = 5.0


def install_vegeta() -> Path:
    """The vegeta of our version, compiled when it is missing."""
    directory = BIN / f"vegeta-{VEGETA}"
    if not (directory / "vegeta").is_file():
        _go("install", f"github.com/tsenart/vegeta/v12@{VEGETA}", cwd=ROOT, GOBIN=str(directory))
    return directory / "vegeta"


def build_stub() -> Path:
    """The server; Go's own cache makes it cheap to ask for each time."""
    target = BIN / "benchmark-stub"
    _go("build", "-trimpath", "-o", str(target), ".", cwd=ROOT / "benchmarks" / "stub")
    return target


@contextlib.contextmanager
def stub_server(program: Path, *, stall_s: float = 0.0, period_s: float = 2.0) -> Iterator[str]:
    """The server on loopback: its URL. It ends with its standard input, so it cannot outlive this process."""
    command = [str(program), "-stall", f"{stall_s}s", "-every", f"{period_s}s"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None  # noqa: S101 - asked for above
        assert process.stdout is not None  # noqa: S101
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        process.stdin.close()
        process.wait(_LAST_WORDS_S)


def _go(*arguments: str, cwd: Path, **environment: str) -> None:
    subprocess.run(
        ["go", *arguments],
        check=True,
        cwd=cwd,
        env=os.environ | {"CGO_ENABLED": "0"} | environment,
        timeout=_BUILD_TIMEOUT_S,
    )
