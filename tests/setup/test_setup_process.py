"""Programs of the set-up leave their words in a log, and a failure cites the last of them."""

import io
import threading
import time
from pathlib import Path

import pytest
from rich.console import Console

from drillbook.setup.process import ProgramFailedError, last_lines, run_logged, stop_all
from drillbook.setup.progress import Progress, last_line


def test_a_failure_cites_the_end_of_its_own_output(tmp_path: Path) -> None:
    with (tmp_path / "log").open("w", encoding="utf-8") as log:
        run_logged(["sh", "-c", "echo earlier"], log, timeout_s=10)
        with pytest.raises(ProgramFailedError, match="exit code 7") as caught:
            run_logged(["sh", "-c", "seq 20; exit 7"], log, timeout_s=10)
    assert "20" in str(caught.value)
    assert "earlier" not in str(caught.value)
    assert "earlier" in (tmp_path / "log").read_text(encoding="utf-8")


def test_a_program_that_takes_too_long_is_killed(tmp_path: Path) -> None:
    with (tmp_path / "log").open("w", encoding="utf-8") as log, pytest.raises(ProgramFailedError, match="longer than"):
        run_logged(["sleep", "60"], log, timeout_s=0.2)


def test_an_absent_program_is_named(tmp_path: Path) -> None:
    with (
        (tmp_path / "log").open("w", encoding="utf-8") as log,
        pytest.raises(ProgramFailedError, match="no-such-program"),
    ):
        run_logged(["no-such-program"], log, timeout_s=1)


def test_an_interruption_ends_what_runs(tmp_path: Path) -> None:
    path = tmp_path / "log"
    stopper = threading.Timer(0.5, stop_all)
    stopper.start()
    start_s = time.monotonic()
    with path.open("w", encoding="utf-8") as log, pytest.raises(ProgramFailedError, match="exit code -15"):
        run_logged(["sleep", "60"], log, timeout_s=50)
    assert time.monotonic() - start_s < 10


def test_the_last_line_of_a_growing_log_is_shown(tmp_path: Path) -> None:
    path = tmp_path / "log"
    assert last_line(path) == ""
    path.write_text("one\n" * 5000 + "\x00 two\n\n", encoding="utf-8")
    assert last_line(path).endswith("two")
    assert last_lines(path, count=2) == "    one\n    \x00 two"


def test_away_from_a_terminal_every_event_is_one_line() -> None:
    out = io.StringIO()
    with Progress(Console(file=out, width=40), lambda _: Path("none")) as progress:
        progress.started("image")
        progress.finished("image", 1.25, "localhost/a-very-long-name-that-would-be-folded:0123456789ab")
        progress.started("cluster")
        progress.failed("cluster", 2, OSError("no [bold]disk"))
        progress.waiting()
    lines = out.getvalue().splitlines()
    assert len(lines) == 4
    assert lines[1] == "0:00 ✓ image (1.2 s): localhost/a-very-long-name-that-would-be-folded:0123456789ab"
    assert lines[3].endswith("no [bold]disk")


def test_in_a_terminal_the_table_shows_every_task_and_the_time(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("compiling x\n", encoding="utf-8")
    console = Console(file=io.StringIO(), force_terminal=True, width=120)
    with Progress(console, lambda _: tmp_path / "log") as progress:
        progress.started("compile")
        progress.started("image")
        progress.finished("image", 61, "made")
        shown = Console(width=120, file=io.StringIO(), record=True)
        shown.print(progress)
    text = shown.export_text()
    assert "compiling x" in text
    assert "1:01" in text
    assert "elapsed" in text
