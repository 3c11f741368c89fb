"""Documents that clients publish, fetched with every guard, and kept for as long as their headers say.

Whoever sends a request to /authorize names an address that is fetched. So that a flood of them costs no memory, the
store has a fixed number of places for documents: a new one takes the place of another, which is fetched again when it
is needed. What could not be read is remembered in this process alone.

Facts: draft-ietf-oauth-client-id-metadata-document, 5 and 6; RFC 9111, 5.2.2 (max-age) and 5.3 (Expires).
"""

import json
import logging
import re
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Final, Literal
from urllib.parse import urlsplit

from ringcentral_meetings.gate.redirects import LOOPBACK
from ringcentral_meetings.platform.guarded_fetch import Fetched, Guarded, Policy, Unfetched, Why
from ringcentral_meetings.platform.named_locks import LocalTurns
from ringcentral_meetings.store import Store

FETCH_SECONDS: Final = 5.0
FRESH_SECONDS: Final = (300.0, 86_400.0)
"""For how long a document is used without asking again: as its headers say, within these."""

STALE_SECONDS: Final = 7 * 86_400.0
"""For how long after that it is used where it cannot be fetched."""

RETRY_SECONDS: Final = 60.0
"""How long after a failure, or after keys that were missing, it is asked for again."""

RETRY_SOON_SECONDS: Final = 10.0
"""How long after a failure that may be over in a moment."""

PLACES: Final = 16_384
MOST_FAILURES: Final = 2_000
MOST_FETCHES: Final = 256
"""Fetches at once in this process."""

Kind = Literal["client", "keys"]
Parse = Callable[[bytes], str]
"""Returns what is kept of a document's body. Raises `Unusable`."""

_MOST_BYTES: Final[Mapping[Kind, int]] = {"client": 5_000, "keys": 16_384}
"""Of a body; keys may come with their chains of certificates."""

_JSON: Final = re.compile(r"application/(?:[a-z0-9.-]+\+)?json", re.IGNORECASE)
_TEMPORARY: Final = frozenset[Why](
    {"not reached", "connection lost", "certificate not trusted", "proxy refused", "timeout"}
)
_BY_NAME: Final = frozenset[Why]({"name not resolved", "address not allowed"})
_AGE: Final = re.compile(r'(?:^|[,\s])(s-maxage|max-age)="?(\d{1,10})')
_GONE: Final = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})

logger = logging.getLogger(__name__)


class Unusable(Exception):
    """A document that cannot be read, or says something that it must not.

    `temporary` is whether it may be readable in a moment. `final` is whether its publisher has answered that it is
    gone, or has published one that is not accepted: then an earlier one is not used any longer.
    """

    def __init__(self, problem: str, *, temporary: bool = False, final: bool = False) -> None:
        super().__init__(problem)
        self.temporary = temporary
        self.final = final


class _Busy(Unusable):
    """A document that nobody tried to fetch."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of a document: when it was fetched, and until when it is fresh, in seconds since 1970.

    `quiet_until` is when it may be asked for again after a failure.
    """

    name: str
    text: str
    fetched: float
    fresh_until: float
    quiet_until: float = 0.0

    def suffices(self, now: float, max_age: float) -> bool:
        return now < self.quiet_until or (now < self.fresh_until and now < self.fetched + max_age)


@dataclass(frozen=True, slots=True)
class _Failure:
    until: float
    problem: str
    temporary: bool


class Documents:
    """Reads documents from public hosts; from loopback, too, where `is_local`: for development.

    `now` is the time in seconds since 1970. The places are those of a keyed digest: nobody else can tell which
    addresses share one, and take the place of a document that is in use.
    """

    def __init__(self, store: Store, fetch: Guarded, now: Callable[[], float], *, is_local: bool) -> None:
        self._notes = store.notes("")
        self._digest = store.ring.digest
        self._fetch = fetch
        self._now = now
        self._is_local = is_local
        self._turns = LocalTurns()
        self._failures: OrderedDict[str, _Failure] = OrderedDict()
        self._fetching = 0

    async def read(self, kind: Kind, url: str, parse: Parse, max_age: float = FRESH_SECONDS[1]) -> str:
        """Return what `parse` makes of a document, fetched now where the one at hand is older than `max_age` seconds.

        Those who ask for it at the same time wait for one fetch. Raises `Unusable`, `StoreDown`.
        """
        name = f"{kind} {url}"
        kept = await self._kept(name)
        if kept is None or not kept.suffices(self._now(), max_age):
            async with self._turns.turn(name):
                kept = await self._kept(name)
                if kept is None or not kept.suffices(self._now(), max_age):
                    kept = await self._renewed(name, kept, kind, url, parse)
        return kept.text

    async def _renewed(self, name: str, kept: Kept | None, kind: Kind, url: str, parse: Parse) -> Kept:
        """Fetch a document. Where that fails, return the earlier one, unless its publisher is done with it."""
        if kept is None and (failure := self._failure(name)) is not None:
            raise failure
        try:
            fresh = await self._fetched(name, kind, url, parse)
        except Unusable as unusable:
            now = self._now()
            if kept is None or unusable.final or now >= kept.fresh_until + STALE_SECONDS:
                if not isinstance(unusable, _Busy):
                    await self._give_up(name, kept, unusable)
                raise
            fresh = replace(kept, quiet_until=now + RETRY_SECONDS)
        seconds = fresh.fresh_until + STALE_SECONDS - self._now()
        await self._notes.write(self._place(name), json.dumps(asdict(fresh)), seconds)
        return fresh

    async def _fetched(self, name: str, kind: Kind, url: str, parse: Parse) -> Kept:
        if self._fetching >= MOST_FETCHES:
            raise _Busy("too many documents are being fetched", temporary=True)
        self._fetching += 1
        try:
            answer = await self._fetch.fetch(url, self._policy(kind, url), {"Accept": "application/json"})
        except Unfetched as fault:
            logger.warning("A client's document was not fetched: %s", fault)
            raise _unusable(fault) from None
        finally:
            self._fetching -= 1
        _check(answer)
        now = self._now()
        return Kept(name, parse(answer.body), now, now + lifetime(answer.headers))

    def _policy(self, kind: Kind, url: str) -> Policy:
        host = urlsplit(url).hostname or ""
        if self._is_local and {host, f"[{host}]"} & LOOPBACK:
            own = frozenset({host})
            return Policy(_MOST_BYTES[kind], seconds=FETCH_SECONDS, private_hosts=own, plain_http=True, ports=None)
        return Policy(_MOST_BYTES[kind], seconds=FETCH_SECONDS)

    def _place(self, name: str) -> str:
        return f"document:{int(self._digest('document', name), 16) % PLACES:04x}"

    async def _give_up(self, name: str, kept: Kept | None, unusable: Unusable) -> None:
        if kept is not None:
            await self._notes.remove(self._place(name))
        quiet = RETRY_SOON_SECONDS if unusable.temporary else RETRY_SECONDS
        self._failures[name] = _Failure(self._now() + quiet, str(unusable), unusable.temporary)
        self._failures.move_to_end(name)
        while len(self._failures) > MOST_FAILURES:
            self._failures.popitem(last=False)

    def _failure(self, name: str) -> Unusable | None:
        """Return what was wrong a moment ago."""
        known = self._failures.get(name)
        if known is None or self._now() >= known.until:
            return None
        return Unusable(known.problem, temporary=known.temporary)

    async def _kept(self, name: str) -> Kept | None:
        note = await self._notes.read(self._place(name))
        try:
            kept = Kept(**json.loads(note.text)) if note is not None else None
        except (TypeError, ValueError):  # of another release, or of a key that is not in the ring any more
            return None
        return kept if kept is not None and kept.name == name else None


def lifetime(headers: Mapping[str, str]) -> float:
    """Return for how many seconds an answer is fresh, within `FRESH_SECONDS`; the names of headers are in lower case.

    As in a shared cache, `s-maxage` comes before `max-age`, and that before `Expires` (RFC 9111, 4.2.1).
    """
    shortest, longest = FRESH_SECONDS
    ages = {name: float(seconds) for name, seconds in _AGE.findall(headers.get("cache-control", "").lower())}
    stated = ages.get("s-maxage", ages.get("max-age"))
    if stated is None:
        stated = _until(headers.get("expires"), headers.get("date"))
    age = headers.get("age", "")
    return min(longest, max(shortest, stated - (float(age) if re.fullmatch(r"[0-9]{1,10}", age) else 0.0)))


def _until(expires: str | None, date: str | None) -> float:
    try:
        return (parsedate_to_datetime(expires or "") - parsedate_to_datetime(date or "")).total_seconds()
    except (TypeError, ValueError, OverflowError):
        return 0.0


def _check(answer: Fetched) -> None:
    if answer.status != HTTPStatus.OK:
        again = answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR or answer.status == HTTPStatus.TOO_MANY_REQUESTS
        raise Unusable(f"its host answered with status {answer.status}", temporary=again, final=answer.status in _GONE)
    if _JSON.fullmatch(answer.headers.get("content-type", "").partition(";")[0].strip()) is None:
        raise Unusable("it is not of the type application/json")


def _unusable(fault: Unfetched) -> Unusable:
    """Return the words for a client. Whether a name exists in this network is not among them."""
    if fault.why in _BY_NAME:
        return Unusable("its host has no public address")
    return Unusable(f"it was not fetched: {fault.why}", temporary=fault.why in _TEMPORARY)
