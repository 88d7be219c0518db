"""Runs the gateway: one uvicorn server on two sockets, with the watching and the leaving that go with it."""

import asyncio
import gc
import logging
import socket
from contextlib import AsyncExitStack
from types import FrameType

import uvicorn
import uvloop

from gateway import dpdk
from gateway.app import application
from gateway.cache import Cache
from gateway.config import Config
from gateway.dpdk import Link
from gateway.health import Health
from gateway.store import ItemStore
from gateway.upstream import Upstream

LINK_INTERVAL_S = 0.5
LONGEST_GOODBYE_S = 3

log = logging.getLogger("gateway")


class DrainingServer(uvicorn.Server):
    """On SIGTERM says "not ready" first and closes only when the Service has had time to look elsewhere."""

    def __init__(self, config: uvicorn.Config, health: Health) -> None:
        """Belongs to the running loop."""
        super().__init__(config)
        self._health, self._loop = health, asyncio.get_running_loop()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 - uvicorn's signature
        """The first signal drains, the second ends at once."""
        wait_s = 0.0 if self._health.draining else self._health.config.drain_s
        self._health.draining = True
        log.info("leaving", extra={"fields": {"signal": sig, "drain_s": wait_s}})
        self._loop.call_soon_threadsafe(self._loop.call_later, wait_s, setattr, self, "should_exit", True)  # noqa: FBT003 - setattr's signature


def run(config: Config) -> None:
    """Serve until a signal says otherwise.

    Raises:
        OSError: A port or the cache directory cannot be had.
    """
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(config))


async def _serve(config: Config) -> None:
    async with AsyncExitStack() as leaving, asyncio.TaskGroup() as tasks:
        store = ItemStore(config.cache_dir / "items.log")
        leaving.callback(store.close)
        upstream = Upstream(config.upstream_url, config.upstream_timeout_s)
        leaving.push_async_callback(upstream.close)
        health = Health(config, Cache(store, upstream), Link.DISABLED)
        watchers = [tasks.create_task(_snapshots(health))]
        if config.enable_dpdk:
            await _look_at_link(health)
            watchers.append(tasks.create_task(_link(health)))
        sockets = [_listen(config.listen_port), _listen(config.health_port)]
        settings = uvicorn.Config(
            application(health),
            http="httptools",
            ws="none",
            lifespan="off",
            access_log=False,
            server_header=False,
            log_config=None,
            timeout_keep_alive=75,
            timeout_graceful_shutdown=LONGEST_GOODBYE_S,
        )
        log.info("serving", extra={"fields": {"items": len(store), "dpdk": health.link}})
        gc.collect()
        gc.freeze()  # what is loaded now lives as long as the process: no collection need look at it again
        await DrainingServer(settings, health).serve(sockets)
        for watcher in watchers:
            watcher.cancel()


def _listen(port: int) -> socket.socket:
    return socket.create_server(("0.0.0.0", port), backlog=1024)  # noqa: S104 - a pod's network is its own


async def _snapshots(health: Health) -> None:
    """Back the cache up when it has changed."""
    while True:
        await asyncio.sleep(health.config.snapshot_interval_s)
        if health.cache.changed:
            try:
                log.info("snapshot", extra={"fields": {"items": await health.cache.snapshot()}})
            except OSError as problem:
                log.warning("no snapshot: %s", problem)


async def _link(health: Health) -> None:
    """Follow the DPDK port's link."""
    while True:
        await asyncio.sleep(LINK_INTERVAL_S)
        await _look_at_link(health)


async def _look_at_link(health: Health) -> None:
    seen = await asyncio.to_thread(dpdk.link, health.config.dpdk_telemetry_socket, health.config.dpdk_port)
    if seen is not health.link:
        log.warning("DPDK link", extra={"fields": {"was": health.link, "is": seen}})
        health.link = seen
