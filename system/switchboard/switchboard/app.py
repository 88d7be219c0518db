"""The switchboard's two faces: the played services by host name, and what its operator may ask."""

from dataclasses import asdict

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Host, Route, Router

from switchboard import httpbin, pagerduty, slack, statuspage
from switchboard.accounts import Accounts
from switchboard.deliveries import Deliveries

SLACK = ("slack.com", "hooks.slack.com")
NAMES = (*SLACK, "events.pagerduty.com", "api.statuspage.io", "httpbin.org")


def services(accounts: Accounts, deliveries: Deliveries) -> Starlette:
    """Every played service, each under its own name and no other."""
    slack_routes = slack.routes(accounts, deliveries)
    by_name = dict.fromkeys(SLACK, slack_routes) | {
        "events.pagerduty.com": pagerduty.routes(accounts, deliveries),
        "api.statuspage.io": statuspage.routes(accounts, deliveries),
        "httpbin.org": httpbin.routes(deliveries),
    }
    return Starlette(routes=[Host(name, Router(found)) for name, found in by_name.items()])


def administration(deliveries: Deliveries, ca_certificate: str) -> Starlette:
    """``/deliveries`` (``?after=N&service=NAME``; DELETE forgets them), ``/ca.pem`` and ``/health``."""

    async def listed(request: Request) -> Response:
        if request.method == "DELETE":
            return JSONResponse({"forgotten": deliveries.forget()})
        after = request.query_params.get("after", "0")
        if not after.isdecimal():
            return JSONResponse({"error": "after must be a number"}, 400)
        found = deliveries.since(int(after), request.query_params.get("service"))
        return JSONResponse({"deliveries": [asdict(delivery) for delivery in found]})

    async def certificate(_: Request) -> Response:
        return PlainTextResponse(ca_certificate)

    async def health(_: Request) -> Response:
        return JSONResponse({"status": "healthy"})

    return Starlette(
        routes=[
            Route("/deliveries", listed, methods=["GET", "DELETE"]),
            Route("/ca.pem", certificate),
            Route("/health", health),
        ],
    )
