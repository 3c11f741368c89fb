"""Whose call it is: the only place in which a verified person becomes a client, its products and their memories."""

import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from itertools import islice
from typing import Final
from urllib.parse import urlsplit

import httpx
from whenever import Instant

from ringcentral_meetings.completion import Completion
from ringcentral_meetings.connection import app_of
from ringcentral_meetings.platform import call_context
from ringcentral_meetings.platform.client import PlatformClient
from ringcentral_meetings.platform.limits import Clock, RateLimits
from ringcentral_meetings.platform.signin.auth import PlatformAuth
from ringcentral_meetings.platform.signin.grants import App, HostedGrant
from ringcentral_meetings.products.choice import Products
from ringcentral_meetings.products.facts import PersonFacts, PinFacts
from ringcentral_meetings.products.memories import Memories, PlatformFacts
from ringcentral_meetings.products.unsettled import UNSETTLED_SECONDS
from ringcentral_meetings.settings import Settings
from ringcentral_meetings.store import KeyRing, Session, Store
from ringcentral_meetings.tools import Services
from ringcentral_meetings.users.facts import SharedFacts, noted_person, noted_pins
from ringcentral_meetings.users.memories import (
    HostedTokens,
    OnWait,
    Refusals,
    SharedNote,
    SharedWindows,
)
from ringcentral_meetings.users.tokens import SharedTokens
from ringcentral_meetings.users.turns import SharedRecordTurns, SharedTurns

SESSION_SECONDS: Final = 30 * 24 * 3_600
"""For how long a session may lie unused: the most that RingCentral grants."""

MOST_KNOWN: Final = 10_000
IDLE_SECONDS: Final = 1_800.0
ZONES_SECONDS: Final = 24 * 3_600.0


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whose identity was read from RingCentral: where, of which account, and the extension id.

    `user` and `account` are their names in the store, in logs and in metrics, which tell nothing.
    """

    platform: str
    account_id: str
    extension_id: str
    user: str
    account: str


def person_of(ring: KeyRing, server_url: str, account_id: str, extension_id: str) -> Person:
    """Return somebody with the names that the ring gives."""
    platform = urlsplit(server_url).netloc.lower()
    user, account = ring.user(platform, account_id, extension_id), ring.account(platform, account_id)
    return Person(platform, account_id, extension_id, user, account)


def hosted_app(settings: Settings) -> App:
    """Return the app of a host, which asks for sessions that last as long as can be."""
    app = app_of(settings)
    if app is None:
        raise ValueError("a host needs a client id")
    return App(app.server_url, app.client_id, app.client_secret, SESSION_SECONDS)


@dataclass(slots=True)
class _Known:
    services: Services
    tokens: SharedTokens
    last_used: float
    calls: int = 0


class Users:
    """The people whom this process has served lately, each with services that nobody else is given.

    `most` are kept beside those with a call in progress, and none for longer than `idle_seconds` after the last. What
    has to outlive that is in the store. `on_wait` hears of waits for a rate limit. All share the connections of `http`,
    which has no `auth`.
    """

    def __init__(
        self,
        settings: Settings,
        store: Store,
        http: httpx.AsyncClient,
        clock: Clock,
        now: Callable[[], Instant] = Instant.now,
        *,
        on_wait: OnWait | None = None,
        most: int = MOST_KNOWN,
        idle_seconds: float = IDLE_SECONDS,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings, self._store, self._http, self._clock, self._now = settings, store, http, clock, now
        self._most, self._idle_seconds, self._seconds = most, idle_seconds, seconds
        self._on_wait = on_wait
        self._app = hosted_app(settings)
        self._known: OrderedDict[Person, _Known] = OrderedDict()
        self._refusals = Refusals(seconds)
        zones = SharedNote(store.notes(""), f"zones:{self._app.server_url}", ZONES_SECONDS)
        self._platform = PlatformFacts(PinFacts(now), zones)
        self._pins = noted_pins(store.notes(""), self._app.server_url, self._platform.pins)
        self._present: ContextVar[Services] = ContextVar("present")

    def __len__(self) -> int:
        return len(self._known)

    @contextmanager
    def present(self, person: Person, session: Session) -> Iterator[Services]:
        """Serve somebody within, in this task and those that it starts; `session` is what the store holds now."""
        known = self._entered(person)
        known.tokens.opened(session)
        call_context.serve(person.user)
        known.calls += 1
        token = self._present.set(known.services)
        try:
            yield known.services
        finally:
            self._present.reset(token)
            known.calls -= 1
            known.last_used = self._seconds()
            self._forget_some()

    def door(self) -> Services:
        """Return the services of the person of the current call. Raises LookupError outside of any."""
        return self._present.get()

    def _entered(self, person: Person) -> _Known:
        known = self._known.get(person)
        if known is None:
            known = self._known[person] = self._made(person)
        self._known.move_to_end(person)
        return known

    def _forget_some(self) -> None:
        """Forget those who have been idle too long or are too many, the longest idle first, but none in a call."""
        oldest = self._seconds() - self._idle_seconds
        excess = len(self._known) - self._most
        for person, known in list(islice(self._known.items(), max(2, excess))):
            if known.calls == 0 and (known.last_used < oldest or len(self._known) > self._most):
                del self._known[person]

    def _made(self, person: Person) -> _Known:
        settings, store = self._settings, self._store
        own = PersonFacts(self._now)
        facts = SharedFacts(own, noted_person(store.notes(person.user), own), self._pins, self._clock.now)
        user_limits = store.limits(person.user, person.account)
        windows = SharedWindows(user_limits, person.account, self._refusals, self._on_wait, facts.news)
        limits = RateLimits(settings.plan_limits, self._clock, windows)
        tokens = SharedTokens(store, person.user, self._clock)
        auth = PlatformAuth(HostedGrant(self._app), limits, self._clock, store=HostedTokens(tokens))
        auth.connect(self._http)
        client = PlatformClient(
            self._http,
            limits,
            clock=self._clock,
            sign_in=auth,
            read_timeout=settings.timeout,
            write_timeout=min(settings.timeout, 20.0),
        )
        turns = SharedTurns(store, person.user)
        creations, account_turns = SharedRecordTurns(turns, UNSETTLED_SECONDS), SharedTurns(store, person.account)
        memories = Memories(creations, turns, account_turns, self._platform, facts)
        products = Products.over(
            client,
            self._now,
            choice=settings.product,
            reveal_start_link=settings.reveal_start_link,
            memories=memories,
        )

        def secrets() -> Iterator[str]:
            yield from settings.secrets()
            yield from client.secrets()

        services = Services(
            products,
            self._now,
            confirm=settings.confirm,
            read_only=settings.read_only,
            secrets=secrets,
            complete=Completion(limits, self._clock).values,
        )
        return _Known(services, tokens, self._seconds())
