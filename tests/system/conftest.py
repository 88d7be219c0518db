"""The fallback as a process of this machine, for tests that need the source of truth but no container."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

SYSTEM = Path(__file__).parents[2] / "system"


@pytest.fixture(scope="session")
def fallback_url() -> Iterator[str]:
    node = shutil.which("node")
    if node is None:
        pytest.skip("Node.js is not installed here")
    with subprocess.Popen(
        [node, str(SYSTEM / "fallback" / "server.js")],
        env={"PORT": "0", "DRAIN_MS": "0"},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        port = re.search(r'"port":(\d+)', first)
        assert port, first
        yield f"http://127.0.0.1:{port[1]}"
        process.terminate()
        assert process.wait(timeout=5) == 0
