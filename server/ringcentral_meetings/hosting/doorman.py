"""Lets requests in to the MCP server: who sends them, whether the limits admit them, and with whose session.

A request of somebody with an access token of the host's own costs one trip to the store, one with a token that was
never issued none. Its body is read after that.
"""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final
from weakref import WeakValueDictionary

import anyio
from mcp.server.auth.middleware.auth_context import auth_context_var
from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser
from mcp.server.auth.provider import AccessToken
from mcp.server.transport_security import RequestBodyLimitMiddleware
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from ringcentral_meetings import errors
from ringcentral_meetings.gate import tokens
from ringcentral_meetings.gate.admission import Admission
from ringcentral_meetings.gate.records import SCOPES, WRITE, Gate, Upstream
from ringcentral_meetings.gate.throttles import network
from ringcentral_meetings.hosting import challenges, requests
from ringcentral_meetings.hosting.challenges import Refusal
from ringcentral_meetings.hosting.metrics import Metrics
from ringcentral_meetings.hosting.scopes import ReadOnly
from ringcentral_meetings.hosting.settings import HostSettings
from ringcentral_meetings.store import Opened, Session, Store, StoreDown, Throttle
from ringcentral_meetings.users import Person, Users, person_of

TEST_CLIENT = "test-users"
"""The client id of the people of a file, who have no client of their own."""

AT_ONCE: Final = 4
"""How many requests with the same token are worked on at once. Further ones wait at the door, where they take no time
from others': `tests/bench/hosting/fairness.py` measures it."""

MOST_BODY_BYTES: Final = 131_072
"""Of a request: reading the 4 MiB that the SDK takes can keep this process, and everybody else, busy for a second."""

Identify = Callable[[str], Awaitable[Person | None]]

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sends a request, by which client, and what the token permits."""

    person: Person
    session: Session = field(repr=False)
    token: AccessToken = field(repr=False)
    client: str


@dataclass(frozen=True, slots=True)
class SignIns:
    """What lets those in who have signed in."""

    gate: Gate
    admission: Admission
    upstream: Upstream
    server_url: str


@dataclass(frozen=True, slots=True)
class Doorman:
    """Serves `app` for those who have signed in, where people can, and for those whom `identify` knows by a token."""

    app: ASGIApp
    identify: Identify
    store: Store
    users: Users
    settings: HostSettings
    metrics: Metrics = field(repr=False)
    sign_ins: SignIns | None = None
    _places: WeakValueDictionary[str, anyio.Semaphore] = field(default_factory=WeakValueDictionary, repr=False)

    @property
    def _gate(self) -> Gate | None:
        return self.sign_ins.gate if self.sign_ins is not None else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        try:
            bearer = self._bearer(Headers(scope=scope))
            if scope["method"] != "POST":
                raise challenges.no_sessions()
        except Refusal as refusal:
            await self._refuse(refusal, scope, receive, send)
            return
        async with self._places.setdefault(tokens.digest(bearer), anyio.Semaphore(AT_ONCE)):
            await self._answer(bearer, scope, receive, send)

    async def _refuse(self, refusal: Refusal, scope: Scope, receive: Receive, send: Send) -> None:
        self.metrics.refused(refusal.status)
        await refusal.response()(scope, receive, send)

    async def _answer(self, bearer: str, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            caller = await self._admitted(bearer, scope)
        except Refusal as refusal:
            await self._refuse(refusal, scope, receive, send)
            return
        requests.name(caller.person.user, caller.client)
        with self.users.present(caller.person, caller.session):
            token = auth_context_var.set(AuthenticatedUser(caller.token))
            try:
                await self._app_for(caller)(scope, receive, send)
            finally:
                auth_context_var.reset(token)

    def _app_for(self, caller: Caller) -> ASGIApp:
        if WRITE in caller.token.scopes:  # which includes reading
            return RequestBodyLimitMiddleware(self.app, MOST_BODY_BYTES)
        return RequestBodyLimitMiddleware(ReadOnly(self.app, self._gate, self.metrics.refused), MOST_BODY_BYTES)

    async def _admitted(self, bearer: str, scope: Scope) -> Caller:
        try:
            user = tokens.user_of("at", bearer)
            if self.sign_ins is not None and user is not None:
                return await self._signed_in(self.sign_ins, user, bearer, scope)
            return await self._identified(bearer, scope)
        except StoreDown as down:
            logger.warning("Not answered: %s", down)
            raise challenges.unavailable("The server's store does not answer.", down.retry_after) from down

    async def _signed_in(self, by: SignIns, user: str, bearer: str, scope: Scope) -> Caller:
        digest = tokens.digest(bearer)
        opened = await self.store.open_call(user, self._throttles(user, scope), access=digest)
        grant = opened.grant
        if grant is None or grant.resource != by.gate.resource:
            raise self._unauthorized("The token is unknown, has expired, or was revoked.")
        if not by.admission.admits(grant.account_id, grant.extension_id):
            await self._end(by, user)
            raise self._unauthorized("The person's RingCentral account is not admitted any more.")
        person = person_of(self.store.ring, by.server_url, grant.account_id, grant.extension_id)
        if person.user != user:
            raise StoreDown("gave the grant of somebody else")
        claims = {"iss": by.gate.issuer}
        token = AccessToken(
            token=digest,
            client_id=grant.client_id,
            scopes=list(grant.scopes),
            resource=grant.resource,
            subject=user,
            claims=claims,
        )
        return Caller(person, self._session(opened), token, grant.client)

    async def _identified(self, bearer: str, scope: Scope) -> Caller:
        try:
            person = await self.identify(bearer)
        except errors.MeetingsError as problem:
            raise self._not_signed_in(problem) from problem
        if person is None:
            raise self._unauthorized("The bearer token is not known.")
        opened = await self.store.open_call(person.user, self._throttles(person.user, scope))
        token = AccessToken(
            token=tokens.digest(bearer),
            client_id=TEST_CLIENT,
            scopes=list(SCOPES),
            subject=person.user,
            claims={"iss": f"https://{person.platform}"},
        )
        return Caller(person, self._session(opened), token, TEST_CLIENT)

    def _session(self, opened: Opened) -> Session:
        if opened.wait > 0:
            raise challenges.too_many(opened.wait)
        if opened.session is None or _is_over(opened.session):
            raise self._unauthorized("The person's RingCentral session is over.")
        return opened.session

    async def _end(self, by: SignIns, user: str) -> None:
        """End all that somebody has who may not sign in any more."""
        logger.warning("Not admitted any more: %s", user)
        ended = await self.store.grants.end_user(user)
        if ended.session is not None:
            await by.upstream.ended(ended.session)

    def _throttles(self, user: str, scope: Scope) -> list[Throttle]:
        address = scope["client"][0] if scope.get("client") else "unknown"
        by_user, by_address = self.settings.user_calls, self.settings.address_requests
        return [
            Throttle(f"user:{user}", by_user, by_user, of_grants=True),
            Throttle(f"address:{network(address)}", by_address, by_address),
        ]

    def _bearer(self, headers: Headers) -> str:
        given = headers.getlist("authorization")
        scheme, _, token = (given[0] if len(given) == 1 else "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise challenges.unauthorized(
                self._gate, None, "Give the bearer token of a person in the header Authorization, once."
            )
        return token.strip()

    def _unauthorized(self, description: str) -> Refusal:
        return challenges.unauthorized(self._gate, "invalid_token", description)

    def _not_signed_in(self, problem: errors.MeetingsError) -> Refusal:
        """Return the refusal of somebody of the file whose session could not be begun."""
        logger.warning("A sign-in failed: %s", problem.code)
        if problem.retryable or problem.code == "upstream_unavailable":
            seconds = problem.retry_after_seconds or 5.0
            return challenges.unavailable("RingCentral does not answer to the sign-in.", seconds)
        return self._unauthorized("RingCentral does not accept the person's session.")


def _is_over(session: Session) -> bool:
    """Whether nothing can be done with a session any more: RingCentral has ended it."""
    return session.refresh_token is None and session.expires_in <= 0
