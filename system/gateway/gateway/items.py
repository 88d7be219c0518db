"""The users' path, kept lean: one ASGI endpoint without request objects, answering from the cache or the data API."""

import logging
import time
from dataclasses import dataclass
from typing import Any

from starlette.types import Receive, Scope, Send

from gateway.health import Health
from gateway.measures import Measures
from gateway.upstream import OK, UpstreamError

LARGEST_ID = 10_000_000
LONGEST_ID = 8
NOT_FOUND, BAD_GATEWAY, UNAVAILABLE = 404, 502, 503

requests_log = logging.getLogger("gateway.requests")


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back to the user; ``checksum`` is the source of truth's own, empty on an error."""

    status: int
    body: bytes
    checksum: str = ""
    cached: str = "none"


class Items:
    """Answers ``GET /api/items/{id}``; the checksum in the header is the source's, whatever the body has become."""

    def __init__(self, health: Health, measures: Measures, served_by: str) -> None:
        """Encode once what every answer carries."""
        self._health, self._cache, self._measures = health, health.cache, measures
        self._served_by = (b"x-served-by", served_by.encode())
        self._log_all = health.config.log_all_requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's signature
        """Serve one request."""
        started = time.perf_counter()
        reply = await self._reply(scope)
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(reply.body)).encode()),
            (b"x-cache", reply.cached.encode()),
            self._served_by,
        ]
        if reply.checksum:
            headers.append((b"x-checksum-sha256", reply.checksum.encode()))
        if self._health.draining:
            headers.append((b"connection", b"close"))  # so that a kept-alive connection moves to another pod in time
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else reply.body})
        took_s = time.perf_counter() - started
        self._measures.request("items", reply.status, took_s)
        if self._log_all:
            _write_down(scope, reply, took_s)

    async def _reply(self, scope: Scope) -> Reply:
        if not self._health.data_path_open:
            return Reply(UNAVAILABLE, b'{"error":"the DPDK port is down"}')
        name: str = scope["path_params"]["item_id"]
        if not (len(name) <= LONGEST_ID and name.isascii() and name.isdigit() and 0 < int(name) <= LARGEST_ID):
            return Reply(NOT_FOUND, b'{"error":"no such item"}')
        try:
            return (
                await self._view(int(name), scope["query_string"])
                if scope["query_string"]
                else await self._item(int(name))
            )
        except UpstreamError:
            return Reply(BAD_GATEWAY, b'{"error":"the data API did not answer"}')

    async def _item(self, item_id: int) -> Reply:
        found = self._cache.item(item_id)
        if found is not None:
            return Reply(OK, *found, "hit")
        answer = await self._cache.fetch_item(item_id)
        return Reply(answer.status, answer.body, answer.checksum, "miss")

    async def _view(self, item_id: int, query: bytes) -> Reply:
        address = f"/api/items/{item_id}?{query.decode('ascii', 'replace')}"
        found = self._cache.view(address)
        cached = "miss" if found is None else "hit"
        answer = found or await self._cache.fetch_view(address)
        return Reply(answer.status, answer.body, answer.checksum, cached)


def _write_down(scope: Scope, reply: Reply, took_s: float) -> None:
    client = scope.get("client")
    fields: dict[str, Any] = {
        "method": scope["method"],
        "path": scope["path"],
        "query": scope["query_string"].decode("ascii", "replace"),
        "client": client[0] if client else None,
        "status": reply.status,
        "bytes": len(reply.body),
        "cache": reply.cached,
        "duration_ms": round(took_s * 1000, 3),
    }
    requests_log.info("request", extra={"fields": fields})
