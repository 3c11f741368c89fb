"""Clients that run in a browser, whose pages come from elsewhere.

They send no cookies, so that a page from a foreign origin can do no more than any program; the list of origins keeps
such pages from using people's browsers for it. Facts: the Fetch standard on CORS.
"""

from collections.abc import Awaitable, Callable
from typing import Final

from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ringcentral_meetings.gate.records import Gate

LOOPBACK: Final = r"https?://(?:localhost|127\.0\.0\.1|\[::1\])(?::[0-9]{1,5})?"


def from_browsers(gate: Gate, path: str, handler: Callable[[Request], Awaitable[Response]]) -> Route:
    """Return a route for POST requests of clients, in a browser or not."""
    middleware = Middleware(
        CORSMiddleware,
        allow_origins=gate.allowed_origins,
        allow_origin_regex=LOOPBACK,
        allow_methods=["POST"],
        allow_headers=["Authorization", "Content-Type", "MCP-Protocol-Version"],
        expose_headers=["WWW-Authenticate", "Retry-After"],
    )

    async def posted(request: Request) -> Response:
        return await handler(request) if request.method == "POST" else Response(None, 204, {"Allow": "POST, OPTIONS"})

    return Route(path, posted, methods=["POST", "OPTIONS"], middleware=[middleware])
