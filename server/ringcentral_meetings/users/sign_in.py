"""Turning a grant of RingCentral's into a verified person and the session that all replicas use."""

from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

import httpx

from ringcentral_meetings import errors
from ringcentral_meetings.platform.api.meetings import Operations
from ringcentral_meetings.platform.api.meetings_wire import Extension
from ringcentral_meetings.platform.client import PlatformClient
from ringcentral_meetings.platform.limits import Clock, RateLimits
from ringcentral_meetings.platform.rate_windows import MemoryWindows, Windows
from ringcentral_meetings.platform.signin.auth import PlatformAuth
from ringcentral_meetings.platform.signin.grants import App, Grant, HostedGrant
from ringcentral_meetings.platform.signin.tokens import MemoryTokenStore, Token
from ringcentral_meetings.store import KeyRing, Session, StoreDown, UserLimits
from ringcentral_meetings.users import Person, person_of

ASSUMED_SESSION_SECONDS: Final = 7 * 24 * 3_600.0
"""How long a refresh token lasts where RingCentral does not say: what it gives by default."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A person and a new session of theirs, whose refresh token lasts for `ends_in` seconds."""

    person: Person
    session: Session = field(repr=False)
    ends_in: float
    name: str = ""


async def sign_in(refresh_token: str, app: App, http: httpx.AsyncClient, ring: KeyRing, clock: Clock) -> SignedIn:
    """Use a refresh token up, and read whose it is.

    Raises:
        errors.MeetingsError: RingCentral refuses it or does not answer, or does not say whose it is.
    """
    tokens = MemoryTokenStore()
    await tokens.save(Token("-", clock.now(), refresh_token=refresh_token, by_login=True))
    visit = Visit(HostedGrant(app), http, clock, tokens)
    token = await visit.token()
    return signed_in(token, await visit.extension(), app, ring, clock)


class SignInWindows(MemoryWindows):
    """The limits of one sign-in, of which a penalty that names none holds those of all people at all replicas.

    Each request within such a penalty restarts it.
    """

    def __init__(self, clock: Clock, shared: UserLimits) -> None:
        super().__init__(clock.now)
        self._shared = shared

    async def hold_unnamed(self, group: str, seconds: float) -> None:
        """Hold every sign-in for so long."""
        await super().hold_unnamed(group, seconds)
        with suppress(StoreDown):
            await self._shared.hold_account(seconds)


class Visit:
    """Somebody whom no limits are known of yet, at RingCentral with a grant of theirs."""

    def __init__(
        self,
        grant: Grant,
        http: httpx.AsyncClient,
        clock: Clock,
        tokens: MemoryTokenStore | None = None,
        windows: Windows | None = None,
    ) -> None:
        limits = RateLimits({}, clock, windows)
        self._auth = PlatformAuth(grant, limits, clock, store=tokens)
        self._auth.connect(http)
        self._client = PlatformClient(http, limits, clock=clock, sign_in=self._auth)

    async def token(self) -> Token:
        """Return the tokens that the grant brings. Raises `MeetingsError`."""
        return await self._auth.token()

    async def extension(self) -> Extension:
        """Return who has signed in. Raises `MeetingsError`."""
        return await Operations(self._client).load_extension()


def signed_in(token: Token, read: Extension, app: App, ring: KeyRing, clock: Clock) -> SignedIn:
    """Return who has signed in, with the session of a token.

    Raises:
        errors.MeetingsError: RingCentral does not say whose it is.
    """
    if read.id is None or read.account_id is None:
        raise errors.unreadable_answer(errors.Upstream(200), "it does not say whose session it is")
    person = person_of(ring, app.server_url, read.account_id, read.id)
    session = session_of(token, clock, person)
    return SignedIn(person, session, token.refresh_lifetime or ASSUMED_SESSION_SECONDS, read.name or "")


def session_of(token: Token, clock: Clock, person: Person | None = None) -> Session:
    """Return the session of a token, as the store keeps it."""
    return Session(
        access_token=token.access_token,
        refresh_token=token.refresh_token,
        expires_in=token.expires_at - clock.now(),
        lifetime=token.lifetime,
        scope=token.scope,
        account=person.account_id if person is not None else None,
        owner_id=person.extension_id if person is not None else token.owner_id,
    )
