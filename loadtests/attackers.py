"""Somebody who attacks the gateway's API: guessed tokens, a stolen one, and a search for paths that answer."""

import itertools

from drillbook.http_once import Answer
from drillbook.open_loop import OpenLoopUser

STOLEN = "drill-only-partner-north-2f61b9a4"
"""The token of ``partner-north`` in the system's manifests."""

PATHS = ("/.env", "/.git/config", "/admin.php", "/api/users", "/backup.sql", "/wp-login.php")
_turns = itertools.count(1)


class Attacker(OpenLoopUser):
    """Takes turns: a guess, the stolen token, a path. A new connection for each: a door that shuts keeps it out."""

    def request(self) -> Answer:
        """Send the next one."""
        turn = next(_turns)
        match turn % 3:
            case 0:
                return self.http.get(PATHS[turn // 3 % len(PATHS)])
            case 1:
                return self.http.get("/admin/cache/clear", _bearer(f"guess-{turn}"))
            case _:
                return self.http.get(f"/api/private/accounts/{turn % 10_000 or 1}", _bearer(STOLEN))


class EntrenchedAttacker(Attacker):
    """Keeps its connections: they outlive a door that shuts, until the other end goes."""

    keep_alive = True


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
