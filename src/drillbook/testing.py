"""Deterministic stand-ins for effects, for tests of drillbook and of code that is built on it."""

from collections.abc import Callable


class ManualClock:
    """A clock that moves only when it is told to, or when somebody waits on it.

    Attributes:
        started_at: A fixed wall-clock anchor.
    """

    def __init__(self, now_s: float = 0.0, *, started_at: str = "2000-01-01T00:00:00.000000+00:00") -> None:
        self.started_at = started_at
        self._now_s = now_s
        self._due: list[tuple[float, Callable[[], None]]] = []

    @property
    def offset_s(self) -> float:
        """None: records made beside this clock carry its own time."""
        return 0.0

    def now_s(self) -> float:
        """The seconds that this clock has been moved to."""
        return self._now_s

    def at(self, when_s: float, action: Callable[[], None]) -> None:
        """Carry out the action when the clock passes ``when_s``, in the order of their times."""
        self._due.append((when_s, action))
        self._due.sort(key=lambda entry: entry[0])

    def advance(self, seconds: float) -> None:
        """Move the clock; actions that fall due see the time at which they were due."""
        target_s = self._now_s + seconds
        while self._due and self._due[0][0] <= target_s:
            when_s, action = self._due.pop(0)
            self._now_s = max(self._now_s, when_s)
            action()
        self._now_s = max(self._now_s, target_s)

    def wait_until(self, predicate: Callable[[], bool], *, deadline_s: float, interval_s: float = 0.2) -> bool:
        """As the run's clock does it, but each pause moves this clock at once instead of taking time."""
        while not predicate():
            remaining_s = deadline_s - self._now_s
            if remaining_s <= 0:
                return False
            self.advance(min(interval_s, remaining_s))
        return True
