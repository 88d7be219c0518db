"""PagerDuty's Events API v2: triggers, acknowledgements and resolutions, and which of them met an open incident."""

import json
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from switchboard.accounts import Accounts
from switchboard.deliveries import Deliveries

ACTIONS = ("trigger", "acknowledge", "resolve")
SEVERITIES = ("critical", "error", "warning", "info")
ROUTING_KEY_LENGTH = 32


def routes(accounts: Accounts, deliveries: Deliveries) -> list[BaseRoute]:
    """The routes of events.pagerduty.com."""
    open_incidents: set[tuple[str, str]] = set()  # routing key and deduplication key

    async def enqueue(request: Request) -> Response:
        event, errors = _event(await request.body())
        if not errors and event["routing_key"] not in accounts.pagerduty_routing_keys:
            errors = ["Invalid routing key"]
        if errors:
            deliveries.record("pagerduty", str(event.get("event_action")), 400, accepted=False, errors=errors)
            body = {"status": "invalid event", "message": "Event object is invalid", "errors": errors}
            return JSONResponse(body, 400)
        action, key = event["event_action"], str(event.get("dedup_key") or uuid4().hex)
        incident = (str(event["routing_key"]), key)
        matched = incident in open_incidents
        (open_incidents.discard if action == "resolve" else open_incidents.add)(incident)
        # An unknown key is accepted as well: the sender learns nothing, the record here says that nothing was closed.
        deliveries.record(
            "pagerduty",
            str(action),
            202,
            accepted=True,
            routed_to=accounts.pagerduty_routing_keys[str(event["routing_key"])],
            dedup_key=key,
            met_open_incident=matched,
            summary=_text(event.get("payload"), "summary"),
            severity=_text(event.get("payload"), "severity"),
        )
        return JSONResponse({"status": "success", "message": "Event processed", "dedup_key": key}, 202)

    return [Route("/v2/enqueue", enqueue, methods=["POST"])]


def _event(body: bytes) -> tuple[dict[str, object], list[str]]:
    """The event, and everything that is wrong with it in PagerDuty's words."""
    try:
        event = json.loads(body)
    except ValueError:
        return {}, ["Invalid JSON"]
    if not isinstance(event, dict):
        return {}, ["Event must be an object"]
    errors = []
    key, action = event.get("routing_key"), event.get("event_action")
    if not isinstance(key, str) or not key:
        errors.append("'routing_key' is missing or blank")
    elif len(key) != ROUTING_KEY_LENGTH:
        errors.append("Length of 'routing_key' is incorrect (should be 32 characters)")
    if action not in ACTIONS:
        errors.append("'event_action' is missing or invalid (should be one of trigger, acknowledge, resolve)")
    if action in ("acknowledge", "resolve") and not event.get("dedup_key"):
        errors.append("'dedup_key' is missing or blank")
    if action == "trigger":
        payload = event.get("payload")
        errors += [
            f"'payload.{name}' is missing or blank"
            for name in ("summary", "source", "severity")
            if not _text(payload, name)
        ]
        severity = _text(payload, "severity")
        if severity and severity not in SEVERITIES:
            errors.append(f"'payload.severity' is invalid (should be one of {', '.join(SEVERITIES)})")
    return event, errors


def _text(payload: object, name: str) -> str | None:
    value = payload.get(name) if isinstance(payload, dict) else None
    return value if isinstance(value, str) and value.strip() else None
