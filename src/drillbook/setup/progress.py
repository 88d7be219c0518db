"""Shows the set-up as it goes: a live table in a terminal, one line per event elsewhere."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from rich.console import Console, ConsoleOptions, RenderResult
from rich.live import Live
from rich.table import Table
from rich.text import Text

_TAIL_BYTES = 2000
_HEARTBEAT_S = 30.0


@dataclass
class _Row:
    name: str
    start_s: float
    elapsed_s: float | None = None  # None while it runs
    made: str = ""
    failed: bool = False


class Progress:
    """A watcher of the task graph that prints to a console; to be used as a context manager."""

    def __init__(self, console: Console, log_of: Callable[[str], Path]) -> None:
        self._console, self._log_of = console, log_of
        self._rows: dict[str, _Row] = {}
        self._start_s = time.monotonic()
        self._spoke_s = self._start_s
        self._live = Live(self, console=console, refresh_per_second=4) if console.is_terminal else None

    def __enter__(self) -> Self:
        if self._live:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live:
            self._live.stop()

    def started(self, name: str) -> None:
        """A task began."""
        self._rows[name] = _Row(name, time.monotonic())
        self._say(f"{self._clock()} … {name}")

    def finished(self, name: str, elapsed_s: float, made: str) -> None:
        """A task ended well."""
        row = self._rows[name]
        row.elapsed_s, row.made = elapsed_s, made
        self._say(f"{self._clock()} ✓ {name} ({elapsed_s:.1f} s): {made}")

    def failed(self, name: str, elapsed_s: float, error: BaseException) -> None:
        """A task ended badly."""
        row = self._rows[name]
        row.elapsed_s, row.failed = elapsed_s, True
        self._say(f"{self._clock()} ✗ {name} ({elapsed_s:.1f} s): {error}")

    def waiting(self) -> None:
        """Nothing ended for a while: say what still runs, so that a log shows life."""
        if self._live is None and time.monotonic() - self._spoke_s >= _HEARTBEAT_S:
            running = ", ".join(row.name for row in self._rows.values() if row.elapsed_s is None)
            self._say(f"{self._clock()} … still at: {running}")

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        table = Table.grid(padding=(0, 1), expand=False)
        for row in self._rows.values():
            mark, style = ("✗", "red") if row.failed else ("✓", "green") if row.elapsed_s is not None else ("…", "cyan")
            elapsed_s = time.monotonic() - row.start_s if row.elapsed_s is None else row.elapsed_s
            note = row.made if row.elapsed_s is not None else last_line(self._log_of(row.name))
            room = max(10, options.max_width - 50)
            table.add_row(
                Text(mark, style), row.name, Text(_duration(elapsed_s), "dim"), Text(note[:room], "dim", no_wrap=True)
            )
        table.add_row("", Text("elapsed", "dim"), Text(self._clock(), "bold"), "")
        yield table

    def _clock(self) -> str:
        return _duration(time.monotonic() - self._start_s)

    def _say(self, line: str) -> None:
        if self._live is None:
            self._spoke_s = time.monotonic()
            self._console.print(Text(line), soft_wrap=True)


def _duration(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def last_line(path: Path) -> str:
    """The last line of a growing log, or nothing."""
    try:
        with path.open("rb") as log:
            log.seek(max(0, log.seek(0, os.SEEK_END) - _TAIL_BYTES))
            lines = log.read().decode("utf-8", "replace").split("\n")
    except OSError:
        return ""
    return next((line.strip() for line in reversed(lines) if line.strip()), "")
