"""The run's one clock, and the only place where drillbook waits for time to pass."""

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
        pause = threading.Event()
        while not predicate():
            remaining_s = deadline_s - self.now_s()
            if remaining_s <= 0:
                return False
            pause.wait(min(interval_s, remaining_s))
        return True
