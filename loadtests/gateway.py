"""Users who read items through the gateway's API and check that what they got is what was stored."""

import hashlib
import itertools

from drillbook.http_once import Answer
from drillbook.open_loop import OpenLoopUser

ITEMS = 500
_item_ids = itertools.cycle(range(1, ITEMS + 1))


class Reader(OpenLoopUser):
    """Reads one item after another."""

    def request(self) -> Answer:
        """Read the next item, whichever user's turn it is."""
        return self.http.get(f"/api/items/{next(_item_ids)}")

    def is_corrupt(self, answer: Answer) -> bool:
        """Compare with the checksum that the source of truth sent along; an answer without one proves nothing."""
        return answer.headers.get("x-checksum-sha256") != hashlib.sha256(answer.body).hexdigest()
