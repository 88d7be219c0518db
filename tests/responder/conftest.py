from collections.abc import Iterator
from pathlib import Path

import pytest

from drillbook.clock import RunClock
from drillbook.responder.session import ShellSession
from drillbook.responder.transport import LocalPlace


@pytest.fixture
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory, and a home without anybody's start-up files."""
    home, work = tmp_path / "home", tmp_path / "work"
    home.mkdir()
    work.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("BASH_ENV", raising=False)
    return work


@pytest.fixture
def session(directory: Path) -> Iterator[ShellSession]:
    """The real driver on a real bash of this machine."""
    opened = ShellSession(LocalPlace(), RunClock(), directory=str(directory))
    yield opened
    opened.close()
