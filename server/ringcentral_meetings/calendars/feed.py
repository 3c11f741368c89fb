"""One feed by its secret address: fetched when it is asked for, kept for five minutes, and never in the background."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final, Protocol
from urllib.parse import urlsplit

import anyio
from whenever import Instant

from ringcentral_meetings.calendars import Cause, FeedState, Gap, Problem, Read
from ringcentral_meetings.calendars.entries import Owner
from ringcentral_meetings.calendars.index import NotACalendar
from ringcentral_meetings.calendars.worker import FeedAgenda
from ringcentral_meetings.domain.wrapped_links import under_domain
from ringcentral_meetings.platform.guarded_fetch import Fetched, Policy, Unfetched, Why, host_of

MAX_BYTES: Final = 16 * 1024 * 1024
FETCH_SECONDS: Final = 15.0
FRESH_SECONDS: Final = 300
PAUSE_SECONDS: Final = 60
"""How long a feed is not read again after a failure, if its server does not say."""

LONGEST_PAUSE_SECONDS: Final = 3_600
STALE_SECONDS: Final = 3_600
"""How long a copy is used that could not be read again."""

_MICROSOFT: Final = ("office365.com", "outlook.com", "office.com", "live.com", "outlook.cn")
_EXCHANGE_PATH: Final = "/owa/calendar/"
"""Where Exchange publishes calendars, also on hosts other than Microsoft's."""

_FAMILIES: Final = (
    frozenset({"office365.com", "outlook.com", "office.com", "live.com"}),
    frozenset({"google.com", "googleusercontent.com"}),
    frozenset({"icloud.com"}),
)
_HORIZON_MONTHS: Final = 6
"""How far ahead Exchange publishes by default (PublishDateRangeTo); the file does not say."""

_CAUSES: Final[dict[Why, Cause]] = {
    "too large": "too_large",
    "timeout": "timeout",
    "certificate not trusted": "certificate",
    "redirect not allowed": "switched_off",
    "too many redirects": "switched_off",
}
_STATUSES: Final[dict[int, Cause]] = {
    401: "not_allowed",
    403: "not_allowed",
    404: "not_found",
    410: "not_found",
    429: "rate_limited",
}
_NOT_MODIFIED: Final = 304


class Fetch(Protocol):
    """Fetches addresses, as `platform.guarded_fetch.Guarded` does."""

    async def fetch(self, url: str, policy: Policy, headers: Mapping[str, str] | None = None) -> Fetched: ...


@dataclass(slots=True)
class _Copy:
    """What was read, when it was last known to be current, and the headers that ask for a newer version."""

    agenda: FeedAgenda
    as_of: Instant
    version: dict[str, str]


class Feed:
    """A feed, as an agenda.

    Args:
        address: where it is; a secret.
        fetch: what fetches it.
        owner: whose it is.
        now: reads the clock.
        allow_private: whether its host may be on this machine or network, since somebody has set it on purpose.
    """

    def __init__(
        self, address: str, fetch: Fetch, owner: Owner, now: Callable[[], Instant], *, allow_private: bool = True
    ) -> None:
        self.host = host_of(address)
        self._of_exchange = _is_microsofts(self.host) or urlsplit(address).path.startswith(_EXCHANGE_PATH)
        self._address = address
        self._fetch = fetch
        self._owner = owner
        self._now = now
        self._policy = Policy(
            max_bytes=MAX_BYTES,
            seconds=FETCH_SECONDS,
            private_hosts=frozenset({self.host}) if allow_private else frozenset(),
            plain_http=allow_private,
            ports=None,
            max_redirects=3,
            families=_FAMILIES,
        )
        self._copy: _Copy | None = None
        self._problem: Problem | None = None
        self._ask_again: Instant | None = None
        self._lock = anyio.Lock()

    def know(self, hosts: frozenset[str], numbers: frozenset[str]) -> None:
        """Take links on these hosts, and Zoom links with these numbers, for the account's from now on."""
        self._owner = replace(self._owner, hosts=hosts, numbers=numbers)

    async def events(self, start: Instant, end: Instant) -> Read:
        """Return the events from `start` to `end`; if the feed cannot be read, a gap, with the problem named."""
        copy, problem = await self._current()
        problems = (problem,) if problem is not None else ()
        if copy is None or (self._now() - copy.as_of).total("seconds") > STALE_SECONDS:
            return Read(gaps=(Gap(start, end, "unreadable"),) if start < end else (), problems=problems)
        read = await copy.agenda.events(start, end, self._owner)
        read = replace(read, as_of=copy.as_of, problems=problems)
        if problem is not None and start < end:
            read = replace(read, gaps=(Gap(start, end, "stale"), *read.gaps))
        return self._within_horizon(read, copy.as_of, start, end)

    async def state(self) -> FeedState:
        """Return the state of the feed, after reading it again if its copy is not fresh."""
        copy, problem = await self._current()
        if copy is None:
            return FeedState(self.host, problem=problem)
        return FeedState(self.host, copy.as_of, copy.agenda.count, problem)

    async def _current(self) -> tuple[_Copy | None, Problem | None]:
        async with self._lock:
            if self._ask_again is None or self._now() >= self._ask_again:
                await self._refresh()
            return self._copy, self._problem

    async def _refresh(self) -> None:
        pause: float = FRESH_SECONDS
        try:
            fetched = await self._fetch.fetch(self._address, self._policy, self._copy.version if self._copy else None)
            cause = await self._store(fetched)
            if cause is not None:
                pause = _pause(fetched)
        except Unfetched as fault:
            cause, pause = _CAUSES.get(fault.why, "unreachable"), PAUSE_SECONDS
        self._problem = Problem(self.host, cause) if cause is not None else None
        self._ask_again = self._now().add(seconds=pause)

    async def _store(self, fetched: Fetched) -> Cause | None:
        """Store what was fetched; return why it cannot be used, if it cannot."""
        now = self._now()
        if fetched.status == _NOT_MODIFIED and self._copy is not None:
            self._copy.as_of = now
            return None
        if fetched.status != 200:
            return _refusal(fetched)
        try:
            agenda = await FeedAgenda.read(fetched.body, self._owner, now)
        except NotACalendar as none:
            return "client_refused" if _is_gate(fetched) else "switched_off" if none.html else "not_a_calendar"
        self._copy = _Copy(agenda, now, _version(fetched))
        return None

    def _within_horizon(self, read: Read, as_of: Instant, start: Instant, end: Instant) -> Read:
        if not self._of_exchange:
            return read
        ahead = as_of.to_tz("UTC").add(months=_HORIZON_MONTHS).subtract(hours=24)
        horizon = ahead.to_instant()
        beyond = (Gap(max(start, horizon), end, "horizon"),) if horizon < end and start < end else ()
        return replace(read, horizon=horizon, gaps=(*read.gaps, *beyond))


def _refusal(fetched: Fetched) -> Cause:
    if _is_gate(fetched):
        return "client_refused"
    return _STATUSES.get(fetched.status, "server_error")


def _is_gate(fetched: Fetched) -> bool:
    """Return whether Exchange refuses the client as not a browser: by its own error page, or by status 400 or 500."""
    return "errorfe" in fetched.path.lower() or (_is_microsofts(fetched.host) and fetched.status in {400, 500})


def _is_microsofts(host: str) -> bool:
    return under_domain(host, _MICROSOFT)


def _version(fetched: Fetched) -> dict[str, str]:
    """Return the headers that ask for the feed only if it has changed (RFC 9110 section 13.1)."""
    asked = {"If-None-Match": fetched.headers.get("etag"), "If-Modified-Since": fetched.headers.get("last-modified")}
    return {name: value for name, value in asked.items() if value}


def _pause(fetched: Fetched) -> float:
    text = fetched.headers.get("retry-after", "")
    return float(min(max(int(text), 1), LONGEST_PAUSE_SECONDS)) if text.isdecimal() and len(text) < 9 else PAUSE_SECONDS
