"""The paths of the authorization server, beside those of its metadata."""

import time
from collections.abc import Callable, Iterator

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ringcentral_meetings.gate import metadata
from ringcentral_meetings.gate.answers import Handler, for_browsers, for_clients
from ringcentral_meetings.gate.authorize import Authorization
from ringcentral_meetings.gate.callback import Callback
from ringcentral_meetings.gate.clients import Clients
from ringcentral_meetings.gate.connections import PATH, Connections
from ringcentral_meetings.gate.endpoints import Endpoints
from ringcentral_meetings.gate.parts import Parts
from ringcentral_meetings.gate.records import Gate, Upstream
from ringcentral_meetings.store import Store


def routes(
    gate: Gate, store: Store, clients: Clients, upstream: Upstream, now: Callable[[], float] = time.time
) -> list[Route]:
    """Return the routes of a gate; `now` gives seconds since 1970."""
    parts = Parts(gate, store, clients, upstream, now)
    return [*_of_browsers(parts), *_of_clients(parts)]


def _of_browsers(parts: Parts) -> Iterator[Route]:
    authorization, connections = Authorization(parts), Connections(parts)
    yield Route(metadata.AUTHORIZE, for_browsers(authorization.show), methods=["GET"])
    yield Route("/consent", for_browsers(authorization.decide), methods=["POST"])
    yield Route("/callback", for_browsers(Callback(parts, connections).answer), methods=["GET"])
    yield Route(PATH, for_browsers(connections.show), methods=["GET"])
    yield Route(PATH, for_browsers(connections.change), methods=["POST"])


def _of_clients(parts: Parts) -> Iterator[Route]:
    endpoints = Endpoints(parts)
    yield _posted(parts.gate, metadata.TOKEN, endpoints.token)
    yield _posted(parts.gate, metadata.REVOKE, endpoints.revoke)
    if parts.gate.registration:
        yield _posted(parts.gate, metadata.REGISTER, endpoints.register)


def _posted(gate: Gate, path: str, handler: Handler) -> Route:
    """Return a route for clients, which run in a browser, too. OPTIONS that is no preflight comes to `answer`."""
    answered = for_clients(handler)

    async def answer(request: Request) -> Response:
        return await answered(request) if request.method == "POST" else Response(None, 204, {"Allow": "OPTIONS, POST"})

    return Route(path, answer, methods=["OPTIONS", "POST"], middleware=[metadata.cors(gate, "POST")])
