"""Turning a refresh token of RingCentral's into a verified person and the session that all replicas use."""

from dataclasses import dataclass, field
from typing import Final

import httpx

from ringcentral_meetings import errors
from ringcentral_meetings.platform.api.meetings import Operations
from ringcentral_meetings.platform.client import PlatformClient
from ringcentral_meetings.platform.limits import Clock, RateLimits
from ringcentral_meetings.platform.signin.auth import PlatformAuth
from ringcentral_meetings.platform.signin.grants import App, HostedGrant
from ringcentral_meetings.platform.signin.tokens import MemoryTokenStore, Token
from ringcentral_meetings.store import KeyRing, Session
from ringcentral_meetings.users import Person, person_of

ASSUMED_SESSION_SECONDS: Final = 7 * 24 * 3_600.0
"""How long a refresh token lasts where RingCentral does not say: what it gives by default."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A person and a new session of theirs, whose refresh token lasts for `ends_in` seconds."""

    person: Person
    session: Session = field(repr=False)
    ends_in: float


async def sign_in(refresh_token: str, app: App, http: httpx.AsyncClient, ring: KeyRing, clock: Clock) -> SignedIn:
    """Use a refresh token up, and read whose it is.

    Raises:
        errors.MeetingsError: RingCentral refuses it or does not answer, or does not say whose it is.
    """
    tokens = MemoryTokenStore()
    await tokens.save(Token("-", clock.now(), refresh_token=refresh_token, by_login=True))
    limits = RateLimits({}, clock)
    auth = PlatformAuth(HostedGrant(app), limits, clock, store=tokens)
    auth.connect(http)
    token = await auth.token()
    read = await Operations(PlatformClient(http, limits, clock=clock, sign_in=auth)).load_extension()
    if read.id is None or read.account_id is None:
        raise errors.unreadable_answer(errors.Upstream(200), "it does not say whose session it is")
    person = person_of(ring, app.server_url, read.account_id, read.id)
    return SignedIn(person, _session(token, person, clock), token.refresh_lifetime or ASSUMED_SESSION_SECONDS)


def _session(token: Token, person: Person, clock: Clock) -> Session:
    return Session(
        access_token=token.access_token,
        refresh_token=token.refresh_token,
        expires_in=token.expires_at - clock.now(),
        lifetime=token.lifetime,
        scope=token.scope,
        account=person.account_id,
        owner_id=person.extension_id,
    )
