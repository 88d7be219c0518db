"""Locust users for the tests: one that keeps its connection, one whose author made a mistake."""

from drillbook.http_once import Answer
from drillbook.open_loop import OpenLoopUser


class Keeper(OpenLoopUser):
    """Keeps its connection."""

    keep_alive = True

    def request(self) -> Answer:
        """Read the root."""
        return self.http.get("/")


class Mistaken(OpenLoopUser):
    """Has a locustfile that raises."""

    def request(self) -> Answer:
        """Raise."""
        raise LookupError("the author's mistake")
