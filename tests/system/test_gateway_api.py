import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import httpx
from gateway import config, tokens
from gateway.app import application
from gateway.cache import Cache
from gateway.dpdk import Link
from gateway.health import Health
from gateway.store import RECORD, ItemStore
from gateway.upstream import Upstream

CHECKSUM = "x-checksum-sha256"
SETTINGS = config.Config(
    listen_port=8080,
    health_port=8081,
    upstream_url="",
    upstream_timeout_s=2,
    cache_dir=Path(),
    snapshot_interval_s=30,
    drain_s=0,
    enable_dpdk=False,
    dpdk_port=0,
    dpdk_telemetry_socket=Path("absent"),
    enable_audit_logging=True,
    log_all_requests=True,
    log_dir=Path(),
    tokens=tokens.parse("billing right\npartner stolen", "partner"),
)
UNREACHABLE = "http://127.0.0.1:9"  # discard: nothing listens there


OUTSIDE = ("10.244.0.1", 40000)


class Gateway:
    """The gateway in this process, in front of a real fallback."""

    def __init__(
        self, health: Health, api: httpx.AsyncClient, component_health: httpx.AsyncClient, outside: httpx.AsyncClient
    ) -> None:
        self.health, self.api, self.component_health, self.outside = health, api, component_health, outside

    async def get(self, path: str) -> httpx.Response:
        return await self.api.get(path)

    async def post(self, path: str) -> httpx.Response:
        return await self.api.post(path)

    async def component(self, name: str) -> dict[str, object]:
        found = (await self.component_health.get("/health")).json()["components"]
        return next(component for component in found if component["name"] == name)


@asynccontextmanager
async def gateway(tmp_path: Path, upstream_url: str) -> AsyncIterator[Gateway]:
    settings = replace(SETTINGS, upstream_url=upstream_url)
    store, upstream = ItemStore(tmp_path / "items.log"), Upstream(upstream_url, 2)
    health = Health(settings, Cache(store, upstream), Link.DISABLED)
    app = application(health)
    transport = httpx.ASGITransport(app)
    async with (
        httpx.AsyncClient(transport=transport, base_url="http://gateway:8080") as api,
        httpx.AsyncClient(transport=transport, base_url="http://gateway:8081") as component_health,
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app, client=OUTSIDE), base_url="http://gateway:8080"
        ) as outside,
    ):
        yield Gateway(health, api, component_health, outside)
    await upstream.close()
    store.close()


def run(tmp_path: Path, upstream_url: str, body: Callable[[Gateway], Awaitable[None]]) -> None:
    async def whole() -> None:
        async with gateway(tmp_path, upstream_url) as found:
            await body(found)

    asyncio.run(whole())


def flip_first_body(tmp_path: Path) -> None:
    with (tmp_path / "items.log").open("r+b") as file:
        file.seek(RECORD.size)
        file.write(b"\xff")


def test_an_item_is_fetched_once_and_then_comes_from_the_store(tmp_path: Path, fallback_url: str) -> None:
    async def body(gateway: Gateway) -> None:
        first, second = await gateway.get("/api/items/17"), await gateway.get("/api/items/17")
        assert (first.headers["x-cache"], second.headers["x-cache"]) == ("miss", "hit")
        assert first.content == second.content
        assert second.headers[CHECKSUM] == sha256(second.content).hexdigest()
        assert second.headers["x-served-by"]
        metrics = (await gateway.get("/metrics")).text
        assert 'gateway_requests_total{route="items",status="200"} 2.0' in metrics
        assert "gateway_cache_items 1.0" in metrics

    run(tmp_path, fallback_url, body)


def test_users_who_come_together_cause_one_fetch(tmp_path: Path, fallback_url: str) -> None:
    async def body(gateway: Gateway) -> None:
        answers = await asyncio.gather(*(gateway.get("/api/items/99") for _ in range(20)))
        assert {answer.status_code for answer in answers} == {200}
        assert len(gateway.health.cache.store) == 1
        assert gateway.health.cache.store.size_bytes == RECORD.size + len(answers[0].content)

    run(tmp_path, fallback_url, body)


def test_damaged_bytes_are_served_with_the_sources_checksum_and_mended_by_clearing(
    tmp_path: Path, fallback_url: str
) -> None:
    async def body(gateway: Gateway) -> None:
        sound = await gateway.get("/api/items/17")
        flip_first_body(tmp_path)
        damaged = await gateway.get("/api/items/17")
        assert damaged.status_code == 200
        assert damaged.headers[CHECKSUM] == sound.headers[CHECKSUM] != sha256(damaged.content).hexdigest()
        verified = await gateway.post("/admin/cache/verify")
        assert (verified.status_code, verified.json()) == (409, {"status": "corrupt", "checked": 1, "corrupt": [17]})
        compared = await gateway.post("/admin/data/verify")
        assert (compared.status_code, compared.json()["different"]) == (409, [17])
        cleared = await gateway.post("/admin/cache/clear")
        assert cleared.json() == {"status": "cleared", "items_removed": 1, "views_removed": 0}
        assert (await gateway.get("/api/items/17")).content == sound.content
        assert (await gateway.post("/admin/data/verify")).json()["status"] == "ok"

    run(tmp_path, fallback_url, body)


def test_restore_brings_back_the_snapshot_and_says_when_there_is_none(tmp_path: Path, fallback_url: str) -> None:
    async def body(gateway: Gateway) -> None:
        assert (await gateway.post("/admin/cache/restore")).status_code == 404
        for item_id in range(1, 6):
            await gateway.get(f"/api/items/{item_id}")
        assert await gateway.health.cache.snapshot() == 5
        flip_first_body(tmp_path)
        assert (await gateway.post("/admin/cache/restore")).json() == {"status": "restored", "items": 5}
        assert (await gateway.post("/admin/cache/verify")).json()["status"] == "ok"
        assert (await gateway.get("/api/items/3")).headers["x-cache"] == "hit"

    run(tmp_path, fallback_url, body)


def test_views_stay_in_memory_until_the_cache_is_cleared(tmp_path: Path, fallback_url: str) -> None:
    async def body(gateway: Gateway) -> None:
        for nonce in range(10):
            answer = await gateway.get(f"/api/items/5?history=100&nonce={nonce}")
            assert answer.headers[CHECKSUM] == sha256(answer.content).hexdigest()
        details = (await gateway.component("cache"))["details"]
        assert isinstance(details, dict)
        assert details["views"] == 10
        assert details["view_bytes"] > 10 * 3000
        assert (await gateway.post("/admin/cache/clear")).json()["views_removed"] == 10
        assert (await gateway.get("/api/items/5?history=100&nonce=1")).headers["x-cache"] == "miss"

    run(tmp_path, fallback_url, body)


def test_without_the_data_api_what_is_cached_is_still_served(tmp_path: Path, fallback_url: str) -> None:
    async def fill(gateway: Gateway) -> None:
        await gateway.get("/api/items/17")

    async def body(gateway: Gateway) -> None:
        assert (await gateway.get("/api/items/17")).headers["x-cache"] == "hit"
        assert (await gateway.get("/api/items/18")).status_code == 502
        assert (await gateway.post("/admin/data/verify")).status_code == 502
        assert (await gateway.get("/health/ready")).status_code == 200
        assert (await gateway.component("upstream"))["status"] == "degraded"
        assert (await gateway.component_health.get("/health")).json()["overall_status"] == "degraded"

    run(tmp_path, fallback_url, fill)
    run(tmp_path, UNREACHABLE, body)


def test_a_dpdk_port_that_is_down_closes_the_data_path_and_nothing_else(tmp_path: Path, fallback_url: str) -> None:
    async def body(gateway: Gateway) -> None:
        assert (await gateway.component("dpdk"))["status"] == "disabled"
        gateway.health.link = Link.DOWN
        assert (await gateway.get("/api/items/17")).status_code == 503
        assert (await gateway.get("/health/live")).status_code == 200
        assert "DPDK port 0 is down" in (await gateway.get("/health/ready")).text
        answer = await gateway.component_health.get("/health")
        assert (answer.status_code, answer.json()["overall_status"]) == (503, "unhealthy")
        gateway.health.link = Link.UP
        assert (await gateway.get("/api/items/17")).status_code == 200

    run(tmp_path, fallback_url, body)


def test_a_gateway_that_leaves_is_not_ready_but_still_answers(tmp_path: Path, fallback_url: str) -> None:
    async def body(gateway: Gateway) -> None:
        gateway.health.draining = True
        assert (await gateway.get("/health/ready")).json() == {"status": "not ready", "reason": "draining"}
        answer = await gateway.get("/api/items/17")
        assert (answer.status_code, answer.headers["connection"]) == (200, "close")

    run(tmp_path, fallback_url, body)


def test_what_is_not_there_and_what_may_not_be_done(tmp_path: Path, fallback_url: str) -> None:
    async def body(gateway: Gateway) -> None:
        for path in (
            "/api/items/0",
            "/api/items/x",
            "/api/items/%C2%B2",
            "/api/items/" + "9" * 5000,
            "/health",
            "/nowhere",
        ):
            assert (await gateway.get(path)).status_code == 404, path
        assert (await gateway.get("/admin/cache/clear")).status_code == 405
        assert (await gateway.component_health.get("/api/items/1")).status_code == 404

    run(tmp_path, fallback_url, body)
