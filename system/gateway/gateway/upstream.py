"""The fallback's data API, from which the gateway fills its cache."""

import json
from dataclasses import dataclass
from hashlib import sha256

import httpcore

OK = 200
CHECKSUM_HEADER = b"x-checksum-sha256"


class UpstreamError(Exception):
    """The data API did not answer, or not as it should."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the data API said; ``checksum`` is its own, checked on arrival, and empty when the status is not 200."""

    status: int
    body: bytes
    checksum: str


class Upstream:
    """A pool of kept-alive connections to the data API."""

    def __init__(self, url: str, timeout_s: float) -> None:
        """Nothing is connected until the first request."""
        self.url = url
        self._timeouts = {"timeout": dict.fromkeys(("connect", "read", "write", "pool"), timeout_s)}
        # A connection kept longer than this may lead to a pod that is gone.
        self._pool = httpcore.AsyncConnectionPool(max_connections=32, keepalive_expiry=10, retries=1)

    async def get(self, path: str) -> Answer:
        """Fetch a path (with its query) and check the body against the checksum that came with it.

        Raises:
            UpstreamError: No answer, or a body that does not have its checksum.
        """
        response = await self._request("GET", path, b"")
        if response.status != OK:
            return Answer(response.status, response.content, "")
        checksum = next((value.decode() for name, value in response.headers if name.lower() == CHECKSUM_HEADER), "")
        if sha256(response.content).hexdigest() != checksum:
            raise UpstreamError(f"{path}: the body does not have the checksum {checksum!r} that came with it")
        return Answer(OK, response.content, checksum)

    async def digests(self, item_ids: list[int]) -> dict[int, str]:
        """The source of truth's own checksums of these items.

        Raises:
            UpstreamError: No answer, or not the answer that was asked for.
        """
        response = await self._request("POST", "/api/digests", json.dumps({"ids": item_ids}).encode())
        if response.status != OK:
            raise UpstreamError(f"/api/digests answered {response.status}")
        return {int(item_id): str(digest) for item_id, digest in json.loads(response.content)["digests"].items()}

    async def healthy(self) -> bool:
        """Whether the data API's health endpoint answers 200."""
        try:
            return (await self._request("GET", "/health", b"")).status == OK
        except UpstreamError:
            return False

    async def close(self) -> None:
        """Close every connection."""
        await self._pool.aclose()

    async def _request(self, method: str, path: str, body: bytes) -> httpcore.Response:
        try:
            return await self._once(method, path, body)
        except (httpcore.RemoteProtocolError, httpcore.ReadError, httpcore.WriteError):
            pass  # most likely a kept-alive connection whose far end has gone: every request here may be repeated
        except (httpcore.NetworkError, httpcore.TimeoutException) as problem:
            raise UpstreamError(f"{method} {path}: {type(problem).__name__} {problem}") from problem
        try:
            return await self._once(method, path, body)
        except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError) as problem:
            raise UpstreamError(f"{method} {path}: {type(problem).__name__} {problem}") from problem

    async def _once(self, method: str, path: str, body: bytes) -> httpcore.Response:
        headers = [("Content-Type", "application/json")] if body else None
        content = body or None
        return await self._pool.request(
            method, self.url + path, headers=headers, content=content, extensions=self._timeouts
        )
