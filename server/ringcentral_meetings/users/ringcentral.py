"""RingCentral's side of a sign-in with a browser: where the browser goes, and what becomes of the code it brings back.

A person has one session at RingCentral, which all MCP clients of theirs share: a later sign-in replaces it.
Facts: RingCentral developer guide, "Authorization code flow", "Access tokens" and "Refreshing".
"""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

import anyio
import httpx
from anyio.abc import TaskGroup

from ringcentral_meetings import errors
from ringcentral_meetings.gate.admission import Admission
from ringcentral_meetings.gate.records import SignedInPerson
from ringcentral_meetings.platform.limits import Clock
from ringcentral_meetings.platform.signin import consent
from ringcentral_meetings.platform.signin.consent import Consent
from ringcentral_meetings.platform.signin.grants import App, CodeGrant
from ringcentral_meetings.platform.signin.tokens import Token
from ringcentral_meetings.store import LeaseTaken, Session, Store, StoreDown, UserLimits
from ringcentral_meetings.users import declined
from ringcentral_meetings.users.sign_in import SignedIn, SignInWindows, Visit, session_of, signed_in

COMPLETE_SECONDS: Final = 40.0
"""How long a browser waits for its sign-in at most."""

REVOKE_SECONDS: Final = 15.0
REPLACED_SECONDS: Final = 60.0
"""After how long a replaced session is revoked: calls that began with it are over then (45 s, and 5 s for a write)."""

SIGN_INS: Final = "sign-ins"
UNCOUNTED: Final = 1_000_000
"""A limit without effect: before a sign-in it is not known against whose limit RingCentral counts it."""

ANOTHER_ACCOUNT: Final = "login sso"
"""Both forms of RingCentral's sign-in page, shown to somebody too who is signed in there."""

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class RingCentral:
    """Implements `Upstream` for an app whose registered redirect address is `callback`.

    Within `serving`, replaced sessions are revoked `replaced_seconds` later, and what is left of them at its end. A
    process that is killed leaves a replaced session to RingCentral, which ends the oldest of five.
    """

    app: App
    callback: str
    http: httpx.AsyncClient
    store: Store
    admission: Admission
    clock: Clock
    replaced_seconds: float = REPLACED_SECONDS
    _tasks: TaskGroup | None = None
    _ending: anyio.Event = field(default_factory=anyio.Event)

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        """Revoke replaced sessions in the background."""
        async with anyio.create_task_group() as tasks:
            self._tasks = tasks
            try:
                yield
            finally:
                self._tasks = None
                self._ending.set()

    def authorize_url(self, state: str, verifier: str, *, another_account: bool = False) -> str:
        """Return the address at RingCentral to which the browser goes; `verifier` is our PKCE one."""
        prompt = ANOTHER_ACCOUNT if another_account else None
        return Consent(self.app, self.callback, state, verifier, prompt).address

    async def complete(self, code: str, verifier: str) -> SignedInPerson:
        """Exchange RingCentral's code, read whose session it is, admit the person, and store the session.

        Raises `Declined`, `StoreDown`.
        """
        if await self._limits.seconds_to_place("auth", UNCOUNTED) > 0:
            raise declined.unavailable()
        try:
            with anyio.fail_after(COMPLETE_SECONDS):
                new = await self._obtained(CodeGrant(self.app, code, self.callback, verifier))
        except TimeoutError:
            raise declined.unavailable() from None
        except errors.MeetingsError as problem:
            raise declined.because_of(problem) from problem
        try:
            await self._keep(new)
        except LeaseTaken as taken:
            raise StoreDown("waits for another sign-in of this person", taken.held_seconds) from taken
        person = new.person
        logger.info("Signed in: %s", person.user)
        return SignedInPerson(person.user, person.account_id, person.extension_id, new.name, new.ends_in)

    async def ended(self, session: Session) -> None:
        """Revoke a session that was taken out of the store, once; a failure is logged."""
        if session.refresh_token is None and session.expires_in <= 0:
            return
        token = Token(session.access_token, self.clock.now(), refresh_token=session.refresh_token)
        problem: str | None = "no answer in time"
        try:
            with anyio.move_on_after(REVOKE_SECONDS, shield=True):
                problem = await consent.revoke(self.http, self.app, token)
        except httpx.HTTPError as fault:
            problem = type(fault).__name__
        if problem is not None:
            logger.warning("A session may not have ended at RingCentral: %s", problem)

    async def remaining(self, user: str) -> float:
        """Return for how many seconds the person's session may still be renewed, 0 where it is over.

        It is over as well for somebody who is not admitted any more. Raises `StoreDown`.
        """
        session = await self.store.sessions.load(user)
        if session is None or session.refresh_token is None:
            return 0.0
        admitted = self.admission.admits(session.account or "", session.owner_id or "")
        return await self.store.sessions.seconds_left(user) if admitted else 0.0

    @property
    def _limits(self) -> UserLimits:
        """What holds the sign-ins of all people at all replicas: a penalty of RingCentral's that names no limit."""
        return self.store.limits(SIGN_INS, SIGN_INS)

    async def _obtained(self, grant: CodeGrant) -> SignedIn:
        """Return who has signed in and is admitted; of anybody else no session is left behind."""
        visit = Visit(grant, self.http, self.clock, windows=SignInWindows(self.clock, self._limits))
        token = await visit.token()
        try:
            return self._admitted(signed_in(token, await visit.extension(), self.app, self.store.ring, self.clock))
        except BaseException:
            await self.ended(session_of(token, self.clock))
            raise

    def _admitted(self, new: SignedIn) -> SignedIn:
        if new.session.refresh_token is None:
            raise declined.no_refresh_token()
        if not self.admission.admits(new.person.account_id, new.person.extension_id):
            raise declined.not_admitted(new.person)
        return new

    async def _keep(self, new: SignedIn) -> None:
        """Store a session in place of the one that is there, which is revoked once nobody uses it any more.

        Raises `StoreDown`, `LeaseTaken`. Where it is not known whether a session was stored, it is not revoked.
        """
        sessions, user, is_sent = self.store.sessions, new.person.user, False
        try:
            async with sessions.renewing(user) as turn:
                over, is_sent = turn.session.generation if turn.session is not None else 0, True
                there = await sessions.put(user, new.session, over=over, ends_in=new.ends_in, lease=turn.lease)
        except BaseException:
            if not is_sent:
                await self.ended(new.session)
            raise
        if there is not None and there.access_token == new.session.access_token:
            await self._replaced(turn.session)
        else:  # this process was held up for so long that somebody else's sign-in, or the end of all, holds
            await self.ended(new.session)
            raise StoreDown("was changed by another sign-in")

    async def _replaced(self, session: Session | None) -> None:
        if session is None:
            return
        if self._tasks is None:
            await self.ended(session)
        else:
            self._tasks.start_soon(self._revoke_later, session)

    async def _revoke_later(self, session: Session) -> None:
        with anyio.move_on_after(self.replaced_seconds):
            await self._ending.wait()
        await self.ended(session)
