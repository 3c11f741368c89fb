"""Lets requests in to the MCP server: who sends them, whether the limits admit them, and with whose session."""

import hashlib
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from math import ceil
from typing import Final

from mcp.server.auth.middleware.auth_context import auth_context_var
from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser
from mcp.server.auth.provider import AccessToken
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ringcentral_meetings import errors
from ringcentral_meetings.hosting import requests
from ringcentral_meetings.hosting.metrics import Metrics
from ringcentral_meetings.hosting.settings import HostSettings
from ringcentral_meetings.store import Session, Store, StoreDown, Throttle
from ringcentral_meetings.users import Person, Users

REALM: Final = 'Bearer realm="ringcentral-meetings-mcp"'
CLIENT: Final = "test-users"
"""The client id of everybody until people sign in by a client of their own."""

Identify = Callable[[str], Awaitable[Person | None]]

logger = logging.getLogger(__name__)


class _Refusal(Exception):
    """A request that is not let in: what is answered instead."""

    def __init__(self, status: int, error: str, description: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(error)
        self.status = status
        self.body = {"error": error, "error_description": description}
        self.headers = headers


@dataclass(frozen=True, slots=True)
class Doorman:
    """Serves `app` for those whom `identify` knows by their bearer token."""

    app: ASGIApp
    identify: Identify
    store: Store
    users: Users
    settings: HostSettings
    metrics: Metrics = field(repr=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request, under its id."""
        headers = Headers(scope=scope)
        with requests.answering(headers.get("x-request-id")) as inbound:
            named = _naming(inbound.id, send)
            try:
                person, session, bearer = await self._admitted(scope, headers)
            except _Refusal as refusal:
                self.metrics.refused(refusal.status)
                response: Response = JSONResponse(refusal.body, refusal.status, refusal.headers)
                await response(scope, receive, named)
                return
            inbound.user = person.user
            with self.users.present(person, session):
                token = auth_context_var.set(_authenticated(person, bearer))
                try:
                    await self.app(scope, receive, named)
                finally:
                    auth_context_var.reset(token)

    async def _admitted(self, scope: Scope, headers: Headers) -> tuple[Person, Session, str]:
        if scope["method"] != "POST":
            raise _Refusal(405, "method_not_allowed", "This server has no sessions; use POST.", {"Allow": "POST"})
        bearer = _bearer(headers)
        try:
            person = await self.identify(bearer)
            if person is None:
                raise _unauthorized("invalid_token", "The bearer token is not known.")
            opened = await self.store.open_call(person.user, self._throttles(person, scope))
        except StoreDown as down:
            logger.warning("Not answered: %s", down)
            raise _unavailable("The server's store does not answer.", down.retry_after) from down
        except errors.MeetingsError as problem:
            raise _not_signed_in(problem) from problem
        if opened.wait > 0:
            seconds = str(ceil(opened.wait))
            raise _Refusal(429, "too_many_requests", f"Try again in {seconds} s.", {"Retry-After": seconds})
        if opened.session is None or _is_over(opened.session):
            raise _unauthorized("invalid_token", "The person's RingCentral session is over.")
        return person, opened.session, bearer

    def _throttles(self, person: Person, scope: Scope) -> list[Throttle]:
        address = scope["client"][0] if scope.get("client") else "unknown"
        by_user, by_address = self.settings.user_calls, self.settings.address_requests
        return [
            Throttle(f"user:{person.user}", by_user, by_user),
            Throttle(f"address:{address}", by_address, by_address),
        ]


def _is_over(session: Session) -> bool:
    """Whether nothing can be done with a session any more: RingCentral has ended it."""
    return session.refresh_token is None and session.expires_in <= 0


def _bearer(headers: Headers) -> str:
    given = headers.getlist("authorization")
    scheme, _, token = (given[0] if len(given) == 1 else "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise _unauthorized(None, "Give the bearer token of a person in the header Authorization, once.")
    return token.strip()


def _unauthorized(error: str | None, description: str) -> _Refusal:
    challenge = REALM if error is None else f'{REALM}, error="{error}"'
    return _Refusal(401, error or "unauthorized", description, {"WWW-Authenticate": challenge})


def _unavailable(description: str, seconds: float) -> _Refusal:
    return _Refusal(503, "temporarily_unavailable", description, {"Retry-After": str(max(1, ceil(seconds)))})


def _not_signed_in(problem: errors.MeetingsError) -> _Refusal:
    """Return the refusal of somebody whose session could not be begun."""
    logger.warning("A sign-in failed: %s", problem.code)
    if problem.retryable or problem.code == "upstream_unavailable":
        return _unavailable("RingCentral does not answer to the sign-in.", problem.retry_after_seconds or 5.0)
    return _unauthorized("invalid_token", "RingCentral does not accept the person's session.")


def _authenticated(person: Person, bearer: str) -> AuthenticatedUser:
    """Return the user that the SDK sees: what it seals for one person opens for nobody else."""
    digest = hashlib.sha256(bearer.encode(errors="replace")).hexdigest()
    claims = {"iss": f"https://{person.platform}"}
    return AuthenticatedUser(AccessToken(token=digest, client_id=CLIENT, scopes=[], subject=person.user, claims=claims))


def _naming(request_id: str, send: Send) -> Send:
    """Return `send` with the id of the request in the head of the answer."""

    async def named(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message)["X-Request-Id"] = request_id
        await send(message)

    return named
