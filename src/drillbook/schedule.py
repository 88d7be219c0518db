"""When each request is due, and one record of what became of it."""

import math
from pathlib import Path

import gevent
from gevent.event import Event

from drillbook.alarm import Alarm, now_us

_SPARE_USERS = 20
_MAX_USERS = 4000
_HEAD_START_S = 0.05  # from the last user's start to the first due time


def users_needed(rate_per_s: float, timeout_s: float) -> int:
    """As many users as requests can be under way at once when none is answered, and some to spare."""
    return min(_MAX_USERS, math.ceil(rate_per_s * timeout_s * 1.1) + _SPARE_USERS)


class Recorder:
    """Appends one line per request to the records file (``drillbook.load_records.HEADER``), whole lines at a time."""

    def __init__(self, path: Path | None) -> None:
        """Without a path nothing is kept: Locust's own summary is all there is."""
        self._file = path.open("ab", buffering=0) if path else None
        self._lines: list[str] = []

    def add(self, due_us: int, start_us: int, end_us: int, status: int, *, corrupt: bool) -> None:
        """Keep one request until the next flush."""
        self._lines.append(f"{due_us},{start_us},{end_us},{status},{corrupt:d}\n")

    def flush(self) -> None:
        """Write what was added since the last flush."""
        lines, self._lines = self._lines, []
        if self._file and lines:
            self._file.write("".join(lines).encode("ascii"))


class Schedule:
    """Which requests are due when, and what became of them: every due request ends up in the records exactly once.

    A user takes the next due time when it is free and waits for it. So a slow answer holds up one user and never a
    request that is due, as long as there are free users; once they run out, requests start late and the records,
    whose latency counts from the due time, show it.
    """

    def __init__(self, rate_per_s: float, recorder: Recorder) -> None:
        """Nothing is due before ``begin``."""
        self._interval_us = 1e6 / rate_per_s
        self._recorder = recorder
        self._alarm = Alarm()
        self._begun = Event()
        self._first_due_us = 0
        self._taken = 0
        self._closed_us: int | None = None
        self._open: dict[int, int | None] = {}  # due times taken and not recorded, with the start of those under way

    def begin(self) -> None:
        """Fix the due times: from now on, at the rate, however long the answers take."""
        if not self._begun.is_set():
            self._first_due_us = now_us() + int(_HEAD_START_S * 1e6)
            self._begun.set()

    def take(self) -> int | None:
        """The next due time for the calling user, which may have passed already; None when there are no more."""
        self._begun.wait()
        due_us = self._due_us(self._taken)
        if self._closed_us is not None and due_us > self._closed_us:
            return None
        self._taken += 1
        self._open[due_us] = None
        return due_us

    def start(self, due_us: int) -> bool:
        """Wait for the due time; False when the schedule was closed before it."""
        self._alarm.sleep_until(due_us)
        if self._closed_us is not None and due_us > self._closed_us:
            return False
        self._open[due_us] = now_us()
        return True

    def finish(self, due_us: int, status: int, *, corrupt: bool, end_us: int | None = None) -> None:
        """Record a request that has ended (now, if not said otherwise); not again where ``close`` had given it up."""
        start_us = self._open.pop(due_us, None)
        if start_us is not None:
            self._recorder.add(due_us, start_us, end_us or now_us(), status, corrupt=corrupt)

    def close(self, patience_s: float) -> None:
        """Nothing is due from now on. Let what was due end for so long; record the rest as without an answer."""
        if self._closed_us is not None or not self._begun.is_set():
            return
        self._closed_us = now_us()
        give_up_us = self._closed_us + int(patience_s * 1e6)
        while self._outstanding() and now_us() < give_up_us:
            gevent.sleep(0.01)
        end_us = now_us()
        for due_us in self._outstanding():
            start_us = self._open.pop(due_us, None)
            self._recorder.add(due_us, end_us if start_us is None else start_us, end_us, 0, corrupt=False)
        self._open.clear()
        self._recorder.flush()

    def _due_us(self, index: int) -> int:
        return self._first_due_us + round(index * self._interval_us)

    def _outstanding(self) -> list[int]:
        """Due times up to the close that have no record yet, those that no user was free to take included."""
        closed_us = self._closed_us or 0
        untaken = range(self._taken, max(self._taken, self._indices_due(closed_us)))
        return [due for due in self._open if due <= closed_us] + [self._due_us(index) for index in untaken]

    def _indices_due(self, at_us: int) -> int:
        return math.floor((at_us - self._first_due_us) / self._interval_us) + 1
