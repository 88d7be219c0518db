"""``python3 -m callers.inside_user URL RATE``: reads items at fixed times and prints one JSON line for each request."""

import http.client
import itertools
import json
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

TIMEOUT_S = 1.0
ITEMS = 500
MOST_AT_ONCE = 16


def main() -> int:
    """Run until a signal; a request that is slow does not make the next one late."""
    url, rate_per_s = sys.argv[1], float(sys.argv[2])
    with ThreadPoolExecutor(MOST_AT_ONCE) as threads:
        for due, item_id in zip(due_times(1 / rate_per_s), itertools.cycle(range(1, ITEMS + 1)), strict=False):
            time.sleep(max(0.0, due - time.time()))
            threads.submit(say, url, item_id, due)
    return 0


def due_times(interval_s: float) -> Iterator[float]:
    """Unix times from now on, by the interval apart."""
    first = time.time()
    return (first + number * interval_s for number in itertools.count())


def say(url: str, item_id: int, due: float) -> None:
    """Read one item and print the line: ``due`` in Unix seconds, ``status`` 0 without an answer, ``ms`` from due on."""
    status = read(url, item_id)
    line = {"due": round(due, 3), "status": status, "ms": round((time.time() - due) * 1000, 1)}
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def read(url: str, item_id: int) -> int:
    """The status of one try over a connection of its own, since only a new one goes where the Service points now."""
    where = urlsplit(url)
    connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=TIMEOUT_S)
    try:
        connection.request("GET", f"/api/items/{item_id}")
        answer = connection.getresponse()
        answer.read()
    except (OSError, http.client.HTTPException):
        return 0
    else:
        return answer.status
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(main())
