"""The person's own calendars, as far as meetings need them: busy times, and events with a RingCentral link.

An `Agenda` returns the events between two instants. What could not be read is a gap, never free time. The title of an
event without a RingCentral link does not leave this package.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from whenever import Date, Instant

if TYPE_CHECKING:  # every start imports this module, and links only those that read any
    from ringcentral_meetings.domain.links import JoinLink

Kind = Literal["busy", "tentative", "away", "elsewhere", "free", "declined"]
"""`away` is out of office, `elsewhere` working elsewhere; `free` is marked as free, `declined` by the person."""

BLOCKING: frozenset[Kind] = frozenset({"busy", "tentative", "away", "elsewhere"})

Reason = Literal["cut_off", "unknown_zone", "unclear_repeat", "too_many", "horizon", "stale", "unreadable"]
"""Why a span of time is not known.

`cut_off`: the file ends early. `unknown_zone`: an event has a time zone that nothing defines. `unclear_repeat`: a rule
cannot be followed. `too_many`: there is more than is read. `horizon`: the publisher does not show times that far ahead.
`stale`: the last copy is old. `unreadable`: the calendar could not be read at all.
"""


Cause = Literal[
    "client_refused",
    "switched_off",
    "not_found",
    "not_allowed",
    "rate_limited",
    "too_large",
    "not_a_calendar",
    "timeout",
    "unreachable",
    "certificate",
    "server_error",
]
"""Why a feed could not be read.

`client_refused`: the publisher serves only some clients, which tenants of Microsoft 365 may restrict by User-Agent.
`switched_off`: its address leads to a sign-in or a web page. `not_found`: the address is no longer valid.
"""


@dataclass(frozen=True, slots=True)
class Problem:
    """A feed that could not be read. Only its host is named: its address is a secret."""

    host: str
    cause: Cause


@dataclass(frozen=True, slots=True)
class Event:
    """One date of an event. `end` is exclusive; an event without a length ends where it starts.

    An event of whole days has its first and last day in `days`. If it links to a RingCentral meeting, it has `link`,
    `title`, and, if somebody else invited the person, `organizer`; `other_links` says that it links to others too.
    """

    start: Instant
    end: Instant
    kind: Kind
    days: tuple[Date, Date] | None = None
    link: "JoinLink | None" = None
    title: str | None = None
    other_links: bool = False
    organizer: str | None = None

    @property
    def blocks(self) -> bool:
        """Whether the person is not free then."""
        return self.kind in BLOCKING and self.start < self.end


@dataclass(frozen=True, slots=True)
class Gap:
    """A span of which nothing is known, or not everything."""

    start: Instant
    end: Instant
    reason: Reason


@dataclass(frozen=True, slots=True)
class Read:
    """What is known of a span: `events` in the order of their starts, and the `gaps` within it.

    `unreadable` counts entries whose time could not be read. `as_of` is when the source was read, `horizon` the end of
    what it covers. `shows_links` is False if the publisher hides everything but the times. `problems` are what kept
    sources from being read, or read again. `supposed_hosts` are unknown hosts of links that would lead to meetings if
    they were the account's own.
    """

    events: tuple[Event, ...] = ()
    gaps: tuple[Gap, ...] = ()
    unreadable: int = 0
    as_of: Instant | None = None
    horizon: Instant | None = None
    shows_links: bool = True
    problems: tuple[Problem, ...] = ()
    supposed_hosts: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class FeedState:
    """The state of a feed: its host, when it was last read, how many entries it holds, its problem if there is one."""

    host: str
    as_of: Instant | None = None
    entries: int | None = None
    problem: Problem | None = None


class Agenda(Protocol):
    """A source of events."""

    async def events(self, start: Instant, end: Instant) -> Read:
        """Return the events that touch the span from `start` to `end`, which is exclusive."""
        ...


class Calendars(Agenda, Protocol):
    """All calendars of a person."""

    def know(self, hosts: frozenset[str], numbers: frozenset[str]) -> None:
        """Take links on these hosts, and Zoom links with these numbers, for the account's from now on."""
        ...

    async def states(self) -> list[FeedState]:
        """Return the state of each feed."""
        ...
