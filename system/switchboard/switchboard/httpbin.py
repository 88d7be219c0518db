"""httpbin's /status and /get."""

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from switchboard.deliveries import Deliveries

LOWEST, HIGHEST = 200, 599


def routes(deliveries: Deliveries) -> list[BaseRoute]:
    """The routes of httpbin.org."""

    async def status(request: Request) -> Response:
        code = int(request.path_params["code"])
        if not LOWEST <= code <= HIGHEST:
            return PlainTextResponse("Invalid status code", 400)
        deliveries.record("httpbin", "status", code, accepted=True)
        return Response(status_code=code)

    async def get(request: Request) -> Response:
        deliveries.record("httpbin", "get", 200, accepted=True)
        client = request.client.host if request.client else None
        body = {
            "args": dict(request.query_params),
            "headers": dict(request.headers),
            "origin": client,
            "url": str(request.url),
        }
        return JSONResponse(body)

    every = ["GET", "POST", "PUT", "PATCH", "DELETE"]
    return [Route("/status/{code:int}", status, methods=every), Route("/get", get)]
