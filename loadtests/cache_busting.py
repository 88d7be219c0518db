"""Traffic whose queries never repeat, as from a crawler: each answer is kept by a cache that never forgets."""

import itertools
import secrets

from drillbook.http_once import Answer
from drillbook.open_loop import OpenLoopUser

ITEMS = 500
HISTORY_ROWS = 4_000  # about 134 kB a view
_run = secrets.token_hex(4)
_number = itertools.count(1)


class CacheBuster(OpenLoopUser):
    """Reads views that nobody asked for before."""

    def request(self) -> Answer:
        """Ask for an item's whole history, with a number in the query that was never used."""
        number = next(_number)
        return self.http.get(f"/api/items/{number % ITEMS + 1}?history={HISTORY_ROWS}&page={_run}-{number}")
