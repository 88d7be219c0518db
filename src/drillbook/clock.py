"""The run's one clock, and waiting for a condition."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime


class RunClock:
    """Monotonic seconds since this object was made, with one wall-clock anchor.

    Attributes:
        started_at: The wall clock at second 0, ISO 8601 in UTC.
    """

    def __init__(self) -> None:
        self.started_at = datetime.now(UTC).isoformat(timespec="microseconds")
        self._start_s = time.monotonic()

    @property
    def offset_s(self) -> float:
        """Added to ``time.monotonic()`` of any process on this machine it gives the run's time."""
        return -self._start_s

    def now_s(self) -> float:
        """Monotonic seconds since the run's start."""
        return time.monotonic() - self._start_s

    def wait_until(self, predicate: Callable[[], bool], *, deadline_s: float, interval_s: float = 0.2) -> bool:
        """Poll until the predicate holds (True) or ``now_s() >= deadline_s`` (False).

        The predicate is asked at least once, and once more at the deadline.
        """
        return wait_until(predicate, timeout_s=deadline_s - self.now_s(), interval_s=interval_s)


def wait_until(predicate: Callable[[], bool], *, timeout_s: float, interval_s: float = 0.05) -> bool:
    """Poll until the predicate holds (True) or the timeout is over (False); it is asked at least once.

    The only place where drillbook waits for time to pass.
    """
    deadline = time.monotonic() + timeout_s
    pause = threading.Event()
    while not predicate():
        remaining_s = deadline - time.monotonic()
        if remaining_s <= 0:
            return False
        pause.wait(min(interval_s, remaining_s))
    return True
