"""The record of what reached the switchboard, delivered or refused, in order."""

from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime

MOST_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Delivery:
    """One request to a played service; ``accepted`` is what a person on the other side would have seen."""

    number: int
    time: str
    service: str
    action: str
    accepted: bool
    status: int
    details: dict[str, object]


class Deliveries:
    """The last 10,000 deliveries."""

    def __init__(self) -> None:
        """Start with none."""
        self._kept: deque[Delivery] = deque(maxlen=MOST_KEPT)
        self._count = 0

    def record(self, service: str, action: str, status: int, *, accepted: bool, **details: object) -> Delivery:
        """Keep one delivery, numbered from 1 since the start."""
        self._count += 1
        time = datetime.now(UTC).isoformat(timespec="milliseconds")
        delivery = Delivery(self._count, time, service, action, accepted, status, details)
        self._kept.append(delivery)
        return delivery

    def since(self, number: int, service: str | None = None) -> list[Delivery]:
        """Those after this number, of one service or of all."""
        return [kept for kept in self._kept if kept.number > number and service in (None, kept.service)]

    def forget(self) -> int:
        """Forget all of them (the numbers go on); returns how many there were."""
        count = len(self._kept)
        self._kept.clear()
        return count
