"""What the gateway says of itself: liveness, readiness and the state of each component."""

import time
from dataclasses import dataclass, field
from typing import Literal

from gateway import memory
from gateway.cache import Cache
from gateway.config import Config
from gateway.dpdk import Link
from gateway.security import MANY_REFUSALS, Tally

Status = Literal["healthy", "degraded", "unhealthy", "disabled"]
MEMORY_DEGRADED_PERCENT = 80
MEMORY_UNHEALTHY_PERCENT = 95
UPSTREAM_FRESH_S = 1.0
WORST_FIRST: tuple[Status, ...] = ("unhealthy", "degraded", "healthy")


@dataclass(frozen=True, slots=True)
class Component:
    """One part of the gateway, its status and the figures behind it."""

    name: str
    status: Status
    details: dict[str, object]


@dataclass(slots=True)
class Health:
    """The gateway's state as it changes: the DPDK link as last seen, and whether it is on its way out."""

    config: Config
    cache: Cache
    link: Link
    draining: bool = False
    tally: Tally = field(default_factory=Tally)
    started: float = field(default_factory=time.monotonic)
    _upstream_seen: tuple[float, bool] | None = None

    @property
    def data_path_open(self) -> bool:
        """Whether users' requests can pass: over the kernel's network, or over a DPDK port whose link is up."""
        return self.link in (Link.DISABLED, Link.UP)

    def not_ready_because(self) -> str | None:
        """Why no traffic should come here, or None."""
        if self.draining:
            return "draining"
        return None if self.data_path_open else f"DPDK port {self.config.dpdk_port} is {self.link}"

    async def components(self) -> list[Component]:
        """Every component, measured now (the data API at most once a second)."""
        return [_memory(), self._cache(), self._dpdk(), self._security(), await self._upstream()]

    def _cache(self) -> Component:
        cache = self.cache
        details: dict[str, object] = {
            "items": len(cache.store),
            "store_bytes": cache.store.size_bytes,
            "views": len(cache.views),
            "view_bytes": cache.view_bytes,
            "hits": cache.hits,
            "misses": cache.misses,
        }
        return Component("cache", "healthy", details)

    def _dpdk(self) -> Component:
        if self.link is Link.DISABLED:
            return Component("dpdk", "disabled", {"link": "none", "data_path": "kernel"})
        status: Status = "healthy" if self.link is Link.UP else "unhealthy"
        return Component("dpdk", status, {"link": self.link, "port": self.config.dpdk_port, "data_path": "dpdk"})

    def _security(self) -> Component:
        recently = self.tally.refused_recently()
        details: dict[str, object] = {
            "refused": self.tally.refused.total(),
            "refused_last_5_s": recently,
            "accepted": dict(self.tally.accepted),
        }
        return Component("security", "degraded" if recently > MANY_REFUSALS else "healthy", details)

    async def _upstream(self) -> Component:
        now = time.monotonic()
        if self._upstream_seen is None or now - self._upstream_seen[0] > UPSTREAM_FRESH_S:
            self._upstream_seen = now, await self.cache.upstream.healthy()
        # What is cached is served without the data API, hence degraded and no worse.
        status: Status = "healthy" if self._upstream_seen[1] else "degraded"
        return Component("upstream", status, {"url": self.config.upstream_url, "errors": self.cache.upstream_errors})


def overall(components: list[Component]) -> Status:
    """The worst status of any component; a disabled one does not count."""
    found = {component.status for component in components}
    return next(status for status in WORST_FIRST if status in found)


def _memory() -> Component:
    seen = memory.read()
    if seen is None:
        return Component("memory", "degraded", {"reason": "no cgroup memory accounting is visible"})
    percent = seen.percent
    status: Status = "healthy"
    if percent is not None and percent >= MEMORY_DEGRADED_PERCENT:
        status = "unhealthy" if percent >= MEMORY_UNHEALTHY_PERCENT else "degraded"
    details: dict[str, object] = {
        "usage_bytes": seen.usage_bytes,
        "working_set_bytes": seen.working_set_bytes,
        "limit_bytes": seen.limit_bytes,
        "usage_percent": None if percent is None else round(percent, 1),
    }
    return Component("memory", status, details)
