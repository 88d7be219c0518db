"""Slack's chat.postMessage and incoming webhooks: what they ask for, and how they refuse."""

import json
import time
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from switchboard.accounts import Accounts
from switchboard.deliveries import Deliveries

LONGEST_TEXT = 40_000


def routes(accounts: Accounts, deliveries: Deliveries) -> list[BaseRoute]:
    """The routes of slack.com and hooks.slack.com."""

    async def post_message(request: Request) -> Response:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        message = _message(request, await request.body())
        refusal = _refusal(accounts, token, message)
        channel, text = (message or {}).get("channel"), (message or {}).get("text")
        deliveries.record(
            "slack", "chat.postMessage", 200, accepted=refusal is None, channel=channel, text=text, error=refusal
        )
        if refusal is not None:
            return JSONResponse({"ok": False, "error": refusal})  # Slack answers 200 to what it refuses
        ts = f"{time.time():.6f}"
        return JSONResponse({"ok": True, "channel": channel, "ts": ts, "message": {"type": "message", "text": text}})

    async def webhook(request: Request) -> Response:
        channel = accounts.slack_webhooks.get(request.path_params["hook"])
        message = _message(request, await request.body())
        text = None if message is None else message.get("text")
        if channel is None:
            status, answer = 404, "no_service"
        elif message is None:
            status, answer = 400, "invalid_payload"
        elif not text:
            status, answer = 400, "no_text"
        else:
            status, answer = 200, "ok"
        error = None if answer == "ok" else answer
        deliveries.record("slack", "webhook", status, accepted=error is None, channel=channel, text=text, error=error)
        return PlainTextResponse(answer, status)

    return [
        Route("/api/chat.postMessage", post_message, methods=["POST"]),
        Route("/services/{hook:path}", webhook, methods=["POST"]),
    ]


def _message(request: Request, body: bytes) -> dict[str, str] | None:
    """The message as JSON or as a form (a webhook's form holds JSON in ``payload``); None when it is neither."""
    if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        form = {name: values[0] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}
        if "payload" not in form:
            return form
        body = form["payload"].encode()
    try:
        message = json.loads(body)
    except ValueError:
        return None
    if not isinstance(message, dict):
        return None
    return {str(name): value for name, value in message.items() if isinstance(value, str)}


def _refusal(accounts: Accounts, token: str, message: dict[str, str] | None) -> str | None:
    """Slack's word for what is wrong, or None."""
    if not token:
        return "not_authed"
    if token not in accounts.slack_tokens:
        return "invalid_auth"
    if message is None:
        return "invalid_json"
    if message.get("channel") not in accounts.slack_channels:
        return "channel_not_found"
    if not message.get("text", "").strip():
        return "no_text"
    return "msg_too_long" if len(message["text"]) > LONGEST_TEXT else None
