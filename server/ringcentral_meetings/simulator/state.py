"""The state of a simulated platform, which every part of the simulator reads and changes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from ringcentral_meetings.simulator.faults.plan import Faults
from ringcentral_meetings.simulator.ids import Ids
from ringcentral_meetings.simulator.limits import Limiter
from ringcentral_meetings.simulator.people import FEATURES, JWT, NAMED, OWNER, REDIRECT_URIS, Person
from ringcentral_meetings.simulator.replies import Sleep
from ringcentral_meetings.simulator.store import Store
from ringcentral_meetings.simulator.switches import Switches
from ringcentral_meetings.simulator.times import utc

Provider = Literal["RCMeetings", "RCVideo", "None"]

PERMISSIONS = ("Meetings", "MeetingsRecordings", "OrganizeConference", "ReadExtensionInfo", "ThirdPartyAppAccess")
SCOPES = ("Meetings", "ReadAccounts", "Video")
PROVIDER_OF_SCOPE = {"Meetings": "RCMeetings", "Video": "RCVideo"}

# Calls run side by side, and a fault strikes only one of them.
_skew: ContextVar[float] = ContextVar("skew", default=0.0)
_withdrawn: ContextVar[frozenset[str]] = ContextVar("withdrawn", default=frozenset())


@dataclass(frozen=True)
class RecordedCall:
    """A request that reached the simulator.

    `path` is raw, that is still percent-encoded; header names are in lower case; `status` is 0 if the
    connection was lost instead of an answer.
    """

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes
    status: int


class State:
    """What a simulated platform holds: its data and clock, what the user and the applications may do, and its faults.

    Every attribute may be read and changed at any time; the next call sees the new value.
    """

    people: tuple[Person, ...]
    """Who may sign in, the owner first."""
    permissions: set[str]
    """The user permissions that the signed-in user has."""
    features: set[str]
    """The features of the user's plan."""
    super_admin: bool
    """Whether the signed-in user is a Super Admin."""
    provider: str
    """The meeting product of every user whom `providers` does not name."""
    providers: dict[str, str]
    """The meeting product of a user, by extension id."""
    dual_mode: bool
    """Whether the account has both products."""
    scopes: set[str]
    """The app scopes of the applications."""
    zones: dict[str, str]
    """The IANA time zone of each user, by extension id."""
    jwts: set[str]
    """The JWT credentials that are accepted."""
    disabled: set[str]
    """The extension ids of users who are disabled, and so cannot sign in or renew a session."""
    redirect_uris: set[str] | None
    """The registered redirect URIs, which are compared exactly; None accepts any on a loopback host."""
    issue_refresh_tokens: bool
    """Whether the applications may refresh tokens."""
    calls: list[RecordedCall]
    """The requests that arrived, in the order in which they were answered."""

    def __init__(
        self,
        store: Store,
        *,
        clock: Callable[[], float],
        sleep: Sleep,
        seed: int,
        limiter: Limiter,
        switches: Switches,
        faults: Faults,
    ) -> None:
        """`clock` returns seconds since 1970; `sleep` is how latencies pass; `seed` decides ids and tokens."""
        self.store, self.ids = store, Ids(seed, store.count)
        self.sleep, self.seed, self._clock = sleep, seed, clock
        self.limiter, self.switches, self.faults = limiter, switches, faults
        self.permissions, self.features = set(PERMISSIONS), set(FEATURES)
        self.super_admin = False
        self.provider, self.providers, self.dual_mode = "RCMeetings", {}, False
        self.scopes, self.jwts = set(SCOPES), {JWT}
        self.people = (OWNER,)
        self.zones = {person.id: person.zone for person in NAMED.values()}
        self.disabled = set[str]()
        self.redirect_uris, self.issue_refresh_tokens = set(REDIRECT_URIS), True
        self.calls = []

    def now(self) -> float:
        """Return the platform's time in seconds since 1970, skewed if a fault says so."""
        return self._clock() + _skew.get()

    def moment(self) -> datetime:
        """Return the platform's time in UTC."""
        return utc(self.now())

    def before_call(self) -> None:
        """Do what time has brought about, before a call is answered."""

    def holds(self, permission: str) -> bool:
        """Return whether the user has a permission that no fault withdraws from this call."""
        return permission in self.permissions - _withdrawn.get()

    def answers_for(self, scope: str | None) -> bool:
        """Return whether the endpoints of an app scope answer the user, given the user's product."""
        own = PROVIDER_OF_SCOPE.get(scope or "", self.provider) == self.provider
        return own or self.dual_mode or self.switches.other_product_answers

    @contextmanager
    def skewed(self, seconds: float) -> Iterator[None]:
        """Set the clock wrong by some seconds for the call in progress."""
        token = _skew.set(seconds)
        try:
            yield
        finally:
            _skew.reset(token)

    @contextmanager
    def without(self, permissions: set[str]) -> Iterator[None]:
        """Withdraw permissions from the call in progress."""
        token = _withdrawn.set(frozenset(permissions))
        try:
            yield
        finally:
            _withdrawn.reset(token)
