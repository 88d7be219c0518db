"""The gateway's two listeners as one ASGI application: the API's port, and the port of the component health."""

import logging
import platform
from collections.abc import Mapping
from dataclasses import asdict

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.health import Health, overall
from gateway.items import Items
from gateway.measures import CONTENT_TYPE, Measures
from gateway.security import Gate, Reason
from gateway.store import SnapshotMissingError
from gateway.upstream import UpstreamError

OK, NOT_FOUND, CONFLICT, BAD_GATEWAY, UNAVAILABLE = 200, 404, 409, 502, 503
ACCOUNTS = 10_000

audit_log = logging.getLogger("gateway.audit")


def application(health: Health) -> ASGIApp:
    """Both listeners; the port a connection came in by decides which of them answers."""
    api, component_health = _api(health), _component_health(health)
    health_port = health.config.health_port

    async def by_port(scope: Scope, receive: Receive, send: Send) -> None:
        chosen = component_health if scope["server"][1] == health_port else api
        await chosen(scope, receive, send)

    return by_port


def _api(health: Health) -> ASGIApp:
    measures = Measures(health)
    gate = Gate(health.config.tokens, health.tally, audited=health.config.enable_audit_logging)

    async def live(_: Request) -> Response:
        return JSONResponse({"status": "alive"})

    async def ready(_: Request) -> Response:
        reason = health.not_ready_because()
        if reason is None:
            return JSONResponse({"status": "ready"})
        return JSONResponse({"status": "not ready", "reason": reason}, UNAVAILABLE)

    async def metrics(_: Request) -> Response:
        return Response(measures.exposition(), headers={"Content-Type": CONTENT_TYPE})

    async def unknown(request: Request, _: Exception) -> Response:
        gate.refuse(request.scope, Reason.UNKNOWN_PATH, NOT_FOUND)  # one is a typing error, many are a scan
        return JSONResponse({"error": "no such path"}, NOT_FOUND)

    items = Items(health, measures, platform.node())
    admin = _Admin(health)
    api = Starlette(
        routes=[
            Route("/api/items/{item_id}", items, methods=["GET"]),
            Route("/health/live", live),
            Route("/health/ready", ready),
            Route("/metrics", metrics),
            Route("/admin/cache/clear", admin.clear, methods=["POST"]),
            Route("/admin/cache/verify", admin.verify, methods=["POST"]),
            Route("/admin/cache/restore", admin.restore, methods=["POST"]),
            Route("/admin/data/verify", admin.compare, methods=["POST"]),
            Route("/api/private/accounts/{number:int}", _account),
        ],
        exception_handlers={NOT_FOUND: unknown},
    )
    return gate.before(api)


async def _account(request: Request) -> Response:
    """What only the holder of a token may read."""
    number: int = request.path_params["number"]
    if not 0 < number <= ACCOUNTS:
        raise HTTPException(NOT_FOUND)
    return JSONResponse({"account": number, "limit": 1000 + number * 7919 % 9000})


def _component_health(health: Health) -> Starlette:
    async def report(_: Request) -> Response:
        components = await health.components()
        status = overall(components)
        body = {"overall_status": status, "components": [asdict(component) for component in components]}
        return JSONResponse(body, UNAVAILABLE if status == "unhealthy" else OK)

    return Starlette(routes=[Route("/health", report)])


class _Admin:
    """What an operator may do to the cache; a finding of damage is HTTP 409, so that ``curl -f`` fails on it."""

    def __init__(self, health: Health) -> None:
        self._cache, self._audited = health.cache, health.config.enable_audit_logging

    async def clear(self, request: Request) -> Response:
        return self._done(request, {"status": "cleared", **await self._cache.clear()})

    async def verify(self, request: Request) -> Response:
        found = await self._cache.verify()
        sound = bool(found.pop("sound"))
        return self._done(request, {"status": "ok" if sound else "corrupt", **found}, OK if sound else CONFLICT)

    async def restore(self, request: Request) -> Response:
        try:
            count = await self._cache.restore()
        except SnapshotMissingError:
            return self._done(request, {"status": "no backup"}, NOT_FOUND)
        return self._done(request, {"status": "restored", "items": count})

    async def compare(self, request: Request) -> Response:
        try:
            result = await self._cache.compare()
        except UpstreamError as problem:
            return self._done(request, {"status": "unknown", "reason": str(problem)}, BAD_GATEWAY)
        same = not result.different
        body = {"status": "ok" if same else "different", "compared": result.compared, "different": result.different}
        return self._done(request, body, OK if same else CONFLICT)

    def _done(self, request: Request, body: Mapping[str, object], status: int = OK) -> Response:
        if self._audited:
            client = request.client.host if request.client else None
            fields = {"action": request.url.path, "client": client, "status": status, "result": body["status"]}
            audit_log.info("administration", extra={"fields": fields})
        return JSONResponse(body, status)
