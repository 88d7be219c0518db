"""What users read: items through the store on disk, views of items through memory, both filled from the data API."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from gateway.store import ItemStore
from gateway.upstream import OK, Answer, Upstream, UpstreamError

DIGESTS_PER_REQUEST = 500

log = logging.getLogger("gateway.cache")


@dataclass(frozen=True, slots=True)
class Comparison:
    """The cache against the source of truth: items compared, and the ids of those whose bytes differ."""

    compared: int
    different: tuple[int, ...]


class Cache:
    """Items and views, each fetched once.

    A view is an item asked for with a query string. Views are kept in memory by their whole address and nothing ever
    removes one: traffic whose queries do not repeat makes the process grow until the kernel ends it. That is the
    defect of the system that this one stands in for, and the reason for its runbook's memory procedure.
    """

    def __init__(self, store: ItemStore, upstream: Upstream) -> None:
        """Start with the items of the store, and no views."""
        self.store = store
        self.upstream = upstream
        self.views: dict[str, Answer] = {}
        self.view_bytes = 0
        self.hits = self.misses = self.upstream_errors = 0
        self.changed = False  # since the last snapshot
        self._fetches: dict[str, asyncio.Task[Answer]] = {}
        self._maintenance = asyncio.Lock()

    def item(self, item_id: int) -> tuple[bytes, str] | None:
        """A cached item as it is on disk, with the checksum it should have."""
        found = self.store.get(item_id)
        if found is None:
            self.misses += 1
        else:
            self.hits += 1
        return found

    def view(self, address: str) -> Answer | None:
        """A cached view."""
        found = self.views.get(address)
        if found is None:
            self.misses += 1
        else:
            self.hits += 1
        return found

    async def fetch_item(self, item_id: int) -> Answer:
        """Fetch and keep an item.

        Raises:
            UpstreamError: The data API did not give it.
        """
        return await self._fetched(f"/api/items/{item_id}", lambda answer: self._keep_item(item_id, answer))

    async def fetch_view(self, address: str) -> Answer:
        """Fetch and keep a view.

        Raises:
            UpstreamError: The data API did not give it.
        """
        return await self._fetched(address, lambda answer: self._keep_view(address, answer))

    async def clear(self) -> dict[str, int]:
        """Empty both parts; the snapshot stays."""
        async with self._maintenance:
            views, self.views, self.view_bytes = len(self.views), {}, 0
            return {"items_removed": self.store.clear(), "views_removed": views}

    async def verify(self) -> dict[str, object]:
        """Read every stored item again and compare it with its checksum."""
        async with self._maintenance:
            result = await asyncio.to_thread(self.store.verify)
        return {"checked": result.checked, "corrupt": list(result.corrupt), "sound": not result.corrupt}

    async def restore(self) -> int:
        """Take the sound items of the last snapshot as the cache; returns how many.

        Raises:
            SnapshotMissingError: There is none.
        """
        async with self._maintenance:
            return self.store.adopt(await asyncio.to_thread(self.store.prepare_restore))

    async def snapshot(self) -> int:
        """Write the sound items to the snapshot file; returns how many."""
        async with self._maintenance:
            self.changed = False
            return await asyncio.to_thread(self.store.snapshot)

    async def compare(self) -> Comparison:
        """Compare the bytes of every stored item with the source of truth.

        Raises:
            UpstreamError: The source of truth did not answer.
        """
        async with self._maintenance:
            held = {item_id: digest for item_id, digest, _ in await asyncio.to_thread(lambda: [*self.store.digests()])}
        ids, different = list(held), []
        for start in range(0, len(ids), DIGESTS_PER_REQUEST):
            part = ids[start : start + DIGESTS_PER_REQUEST]
            truth = await self.upstream.digests(part)
            different += [item_id for item_id in part if truth.get(item_id) != held[item_id]]
        return Comparison(len(ids), tuple(different))

    async def _fetched(self, address: str, keep: Callable[[Answer], None]) -> Answer:
        """Fetch an address once, however many users wait for it."""
        fetch = self._fetches.get(address)
        if fetch is None:
            fetch = self._fetches[address] = asyncio.create_task(self._fetch(self.upstream.get(address), keep))
            fetch.add_done_callback(lambda done: self._fetched_once(address, done))
        return await asyncio.shield(fetch)  # one user who hangs up must not cancel it for the others

    def _fetched_once(self, address: str, done: asyncio.Task[Answer]) -> None:
        del self._fetches[address]
        if not done.cancelled():
            done.exception()  # looked at, since everyone who waited for it may have hung up

    async def _fetch(self, request: Awaitable[Answer], keep: Callable[[Answer], None]) -> Answer:
        try:
            answer = await request
        except UpstreamError as problem:
            self.upstream_errors += 1
            log.warning("upstream: %s", problem)
            raise
        if answer.status == OK:
            keep(answer)
        return answer

    def _keep_item(self, item_id: int, answer: Answer) -> None:
        try:
            self.store.put(item_id, answer.body, answer.checksum)
        except OSError as problem:
            log.error("store: %s", problem)  # noqa: TRY400 - the sentence says it all; the user is answered anyway
        self.changed = True

    def _keep_view(self, address: str, answer: Answer) -> None:
        self.views[address] = answer
        self.view_bytes += len(answer.body)
