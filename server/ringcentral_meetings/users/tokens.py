"""The one session at RingCentral that all replicas use for a person, as the platform's token store."""

import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Final

from ringcentral_meetings.platform.limits import Clock
from ringcentral_meetings.platform.signin.tokens import Token
from ringcentral_meetings.store import Renewal, Session, Store

ASSUMED_SESSION_SECONDS: Final = 7 * 24 * 3_600.0
"""How long a refresh token lasts where RingCentral does not say: what it gives by default."""

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class _Seen:
    """What the current call knows of a person's session; `turn` while it may renew, `unread` until it has looked."""

    user: str
    session: Session | None
    token: Token | None
    turn: Renewal | None = None
    unread: bool = False


_seen: ContextVar[_Seen | None] = ContextVar("session_seen", default=None)


class SharedTokens:
    """A `TokenStore` in the shared store; one object for each person and process, for all of the person's calls.

    `opened` gives the current call what was read at its beginning, which saves it a trip. Whatever was refused or is
    about to end is read again. Its methods raise `StoreDown`, and `exclusive` `LeaseTaken`.
    """

    def __init__(self, store: Store, user: str, clock: Clock) -> None:
        self._sessions = store.sessions
        self._user = user
        self._clock = clock

    def opened(self, session: Session | None) -> None:
        """Use a session that was read just now in the current task, and in those that it starts."""
        _seen.set(_Seen(self._user, session, self._token(session)))

    @asynccontextmanager
    async def exclusive(self) -> AsyncIterator[None]:
        """Renew alone among all replicas; do not wait where somebody has renewed since this call read the session."""
        known = self._known()
        async with AsyncExitStack() as stack:
            since = known.session if known is not None else None
            turn = await stack.enter_async_context(self._sessions.renewing(self._user, since))
            if turn.lease is None and turn.session is not None and not self._lasts(turn.session):
                await stack.aclose()
                turn = await stack.enter_async_context(self._sessions.renewing(self._user))
            before = _seen.get()
            _seen.set(_Seen(self._user, turn.session, self._token(turn.session), turn, unread=True))
            try:
                yield
            finally:
                now = self._known()
                _seen.set(replace(now, turn=None) if now is not None else before)

    async def load(self) -> Token | None:
        """Return the token of the session that the call has seen; under `exclusive` the one that is stored now."""
        known = self._known()
        if known is None or (known.turn is not None and not known.unread):
            session = await self._sessions.load(self._user)
            turn = known.turn if known is not None else None
            known = _Seen(self._user, session, self._token(session), turn)
        _seen.set(replace(known, unread=False))
        return known.token

    async def save(self, token: Token) -> None:
        """Store what a renewal brought; a session that somebody else stored or ended meanwhile stays as it is."""
        known = self._known()
        held = known.session if known is not None else None
        lease = known.turn.lease if known is not None and known.turn is not None else None
        session = self._session(token, held)
        over = held.generation if held is not None else 0
        ends_in = token.refresh_lifetime or ASSUMED_SESSION_SECONDS
        stored = await self._sessions.put(self._user, session, over=over, ends_in=ends_in, lease=lease)
        if stored is None or stored.access_token != token.access_token:
            what = "ended" if stored is None else "renewed"
            logger.warning("A renewal for %s came late: the session was %s by another", self._user, what)
        turn = known.turn if known is not None else None
        _seen.set(_Seen(self._user, stored, self._token(stored), turn))

    async def clear(self) -> None:
        """End the session here; RingCentral is sent nothing."""
        await self._sessions.end(self._user)
        _seen.set(None)

    def _known(self) -> _Seen | None:
        known = _seen.get()
        return known if known is not None and known.user == self._user else None

    def _token(self, session: Session | None) -> Token | None:
        if session is None:
            return None
        return Token(
            access_token=session.access_token,
            expires_at=self._clock.now() + min(session.expires_in, session.lifetime),
            scope=session.scope,
            owner_id=session.owner_id,
            refresh_token=session.refresh_token,
            lifetime=session.lifetime,
            by_login=session.by_login,
        )

    def _session(self, token: Token, held: Session | None) -> Session:
        return Session(
            access_token=token.access_token,
            refresh_token=token.refresh_token,
            expires_in=token.expires_at - self._clock.now(),
            lifetime=token.lifetime,
            scope=token.scope,
            by_login=token.by_login,
            account=held.account if held is not None else None,
            owner_id=token.owner_id or (held.owner_id if held is not None else None),
        )

    def _lasts(self, session: Session) -> bool:
        """Whether a session need not be renewed now."""
        token = self._token(session)
        return token is not None and self._clock.now() < token.renew_at
