"""Polls the cluster until something holds or a deadline passes."""

import time
from collections.abc import Callable


def wait_until(predicate: Callable[[], bool], *, timeout_s: float, interval_s: float = 0.05) -> bool:
    """True as soon as the predicate holds, False when it did not within the timeout; it is asked at least once."""
    deadline = time.monotonic() + timeout_s
    while not predicate():
        remaining_s = deadline - time.monotonic()
        if remaining_s <= 0:
            return False
        time.sleep(min(interval_s, remaining_s))
    return True
