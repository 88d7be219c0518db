"""Statuspage's incidents (API v1): create, update and list."""

import json
from datetime import UTC, datetime
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from switchboard.accounts import Accounts
from switchboard.deliveries import Deliveries

STATUSES = ("investigating", "identified", "monitoring", "resolved")
IMPACTS = ("none", "maintenance", "minor", "major", "critical")

Incident = dict[str, object]


class _RefusedError(Exception):
    """The request is refused with this HTTP status and this body's ``error``."""

    def __init__(self, status: int, error: str | list[str]) -> None:
        super().__init__(status, error)
        self.status, self.error = status, error


def routes(accounts: Accounts, deliveries: Deliveries) -> list[BaseRoute]:
    """The routes of api.statuspage.io."""
    played = _Statuspage(accounts, deliveries)
    return [
        Route("/v1/pages/{page_id}/incidents", played.list, methods=["GET"]),
        Route("/v1/pages/{page_id}/incidents", played.create, methods=["POST"]),
        Route("/v1/pages/{page_id}/incidents/{incident_id}", played.update, methods=["PATCH", "PUT"]),
    ]


class _Statuspage:
    """The pages and their incidents, as long as the process lives."""

    def __init__(self, accounts: Accounts, deliveries: Deliveries) -> None:
        self._keys, self._deliveries = accounts.statuspage_api_keys, deliveries
        self._pages: dict[str, dict[str, Incident]] = {page: {} for page in accounts.statuspage_pages}

    async def list(self, request: Request) -> Response:
        try:
            return JSONResponse(list(self._page(request).values()))
        except _RefusedError as refusal:
            return JSONResponse({"error": refusal.error}, refusal.status)

    async def create(self, request: Request) -> Response:
        try:
            page = self._page(request)
            wanted = _incident(request, await request.body(), new=True)
        except _RefusedError as refusal:
            return self._refuse("create incident", refusal)
        fresh: Incident = {"id": uuid4().hex[:12], "status": "investigating", "created_at": _now()}
        return self._keep("create incident", 201, page, fresh | wanted)

    async def update(self, request: Request) -> Response:
        try:
            page = self._page(request)
            known = _known(page, request.path_params["incident_id"])
            wanted = _incident(request, await request.body(), new=False)
        except _RefusedError as refusal:
            return self._refuse("update incident", refusal)
        return self._keep("update incident", 200, page, known | wanted)

    def _page(self, request: Request) -> dict[str, Incident]:
        if request.headers.get("authorization", "").removeprefix("OAuth ") not in self._keys:
            raise _RefusedError(401, "Could not authenticate")
        page = self._pages.get(request.path_params["page_id"])
        if page is None:
            raise _RefusedError(404, "Page not found")
        return page

    def _keep(self, action: str, status: int, page: dict[str, Incident], incident: Incident) -> Response:
        incident["updated_at"] = _now()
        page[str(incident["id"])] = incident
        self._deliveries.record("statuspage", action, status, accepted=True, incident=incident)
        return JSONResponse(incident, status)

    def _refuse(self, action: str, refusal: _RefusedError) -> Response:
        self._deliveries.record("statuspage", action, refusal.status, accepted=False, error=refusal.error)
        return JSONResponse({"error": refusal.error}, refusal.status)


def _known(page: dict[str, Incident], incident_id: str) -> Incident:
    if incident_id not in page:
        raise _RefusedError(404, "Incident not found")
    return page[incident_id]


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _incident(request: Request, body: bytes, *, new: bool) -> dict[str, object]:
    """The fields of the incident that are wanted.

    Raises:
        _RefusedError: Not JSON (curl's -d alone sends a form), or a field is missing or unknown.
    """
    if not request.headers.get("content-type", "").startswith("application/json"):
        raise _RefusedError(400, ["incident is missing"])
    try:
        wanted = json.loads(body).get("incident")
    except (ValueError, AttributeError):
        raise _RefusedError(400, "The request could not be parsed as JSON") from None
    if not isinstance(wanted, dict):
        raise _RefusedError(400, ["incident is missing"])
    errors = [
        f"{name} is not valid"
        for name, known in (("status", STATUSES), ("impact_override", IMPACTS))
        if name in wanted and wanted[name] not in known
    ]
    if new and not wanted.get("name"):
        errors.append("name can't be blank")
    if errors:
        raise _RefusedError(422, errors)
    return {str(name): value for name, value in wanted.items()}
