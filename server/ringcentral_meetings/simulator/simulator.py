"""The simulator: one object that holds the platform's state and answers for it."""

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Literal

import anyio
import httpx

from ringcentral_meetings.simulator.app import build_app
from ringcentral_meetings.simulator.faults.plan import Faults
from ringcentral_meetings.simulator.gateway import Gateway, RecordedCall
from ringcentral_meetings.simulator.limits import Limiter
from ringcentral_meetings.simulator.meetings.backdoor import Inspection
from ringcentral_meetings.simulator.meetings.recordings import record, sow_recordings
from ringcentral_meetings.simulator.meetings.seed import sow
from ringcentral_meetings.simulator.oauth import endpoints
from ringcentral_meetings.simulator.people import EXECUTIVE, FEATURES, JWT, OUTSIDER, OWNER
from ringcentral_meetings.simulator.replies import Sleep
from ringcentral_meetings.simulator.store import Store
from ringcentral_meetings.simulator.switches import Switches
from ringcentral_meetings.simulator.transport import SimulatorTransport
from ringcentral_meetings.simulator.video.backdoor import VideoInspection
from ringcentral_meetings.simulator.video.seed import sow_rooms

Provider = Literal["RCMeetings", "RCVideo", "None"]

PROVIDER_OF_SCOPE = {"Meetings": "RCMeetings", "Video": "RCVideo"}

_skew: ContextVar[float] = ContextVar("skew", default=0.0)
_withdrawn: ContextVar[frozenset[str]] = ContextVar("withdrawn", default=frozenset())


class Simulator:
    """A RingCentral platform in one process.

    `clock` gives seconds since 1970 and is the only source of time; `sleep` is how latencies pass. `limits`
    overrides requests a minute by plan group. `seed` decides ids, tokens and chances. A database that was
    used before is never seeded again. Everything public may be read and changed while it runs: the `permissions`
    and `features` of the person, the `scopes` and `redirect_uris` (None: any on this machine) of the applications,
    the `jwts` that are good, whether refresh tokens are issued, whether the person is a `super_admin`, the product
    of the person (`provider`), that of others where it is another one (`providers`, by extension id), and `dual_mode`:
    the account has both products. Only what the account has is seeded.
    """

    def __init__(
        self,
        *,
        database: str | os.PathLike[str] = ":memory:",
        clock: Callable[[], float] = time.time,
        seeded: bool = True,
        switches: Switches | None = None,
        faults: Faults | None = None,
        limits: Mapping[str, int] | None = None,
        seed: int = 0,
        sleep: Sleep = anyio.sleep,
        provider: Provider = "RCMeetings",
        dual_mode: bool = False,
    ) -> None:
        self.switches = switches or Switches()
        self.faults = faults or Faults(seed)
        self.limiter = Limiter(clock, limits)
        self.calls: list[RecordedCall] = []
        self.permissions = {"Meetings", "MeetingsRecordings", "OrganizeConference", "ReadExtensionInfo"}
        self.scopes = {"Meetings", "ReadAccounts", "Video"}
        self.provider: str = provider
        self.providers: dict[str, str] = {}
        self.dual_mode, self.super_admin = dual_mode, False
        self.features = set(FEATURES)
        self.jwts = {JWT}
        self.redirect_uris: set[str] | None = None
        self.issue_refresh_tokens = False
        self.owner_id, self.executive_id, self.outsider_id = OWNER.id, EXECUTIVE.id, OUTSIDER.id
        self.seed, self.sleep, self._clock = seed, sleep, clock
        self.store = Store(database)
        self._inspection, self._video = Inspection(self), VideoInspection(self)
        self._closing: list[Callable[[], None]] = []
        self.app = build_app(self)
        self._gateway = Gateway(self, self.app.build_middleware_stack())
        self.app.middleware_stack = self._gateway
        if seeded and self.store.is_new():
            self._sow()

    def transport(self) -> httpx.AsyncBaseTransport:
        """Return an httpx transport that is answered in this process."""
        return SimulatorTransport(self, self._gateway)

    def close(self) -> None:
        """Stop the servers of this simulator and close the database."""
        for callback in self._closing:
            callback()
        self.store.close()

    def on_close(self, callback: Callable[[], None]) -> None:
        """Call back before the database is closed."""
        self._closing.append(callback)

    def now(self) -> float:
        """Return the platform's time in seconds since 1970, skewed where a fault says so."""
        return self._clock() + _skew.get()

    def moment(self) -> datetime:
        """Return the platform's time in UTC."""
        return datetime.fromtimestamp(self.now(), UTC)

    def holds(self, permission: str) -> bool:
        """Say whether the user holds a permission that no fault withdraws from this call."""
        return permission in self.permissions - _withdrawn.get()

    @contextmanager
    def skewed(self, seconds: float) -> Iterator[None]:
        """Let the clock be wrong by some seconds meanwhile."""
        token = _skew.set(seconds)
        try:
            yield
        finally:
            _skew.reset(token)

    @contextmanager
    def without(self, permissions: set[str]) -> Iterator[None]:
        """Withdraw permissions meanwhile."""
        token = _withdrawn.set(frozenset(permissions))
        try:
            yield
        finally:
            _withdrawn.reset(token)

    def meeting(self, meeting_id: str) -> dict[str, Any] | None:
        """Return a meeting as stored, secrets included, in the newest spelling; None where there is none."""
        return self._inspection.meeting(meeting_id)

    def meetings(self) -> list[dict[str, Any]]:
        """Return all meetings that were not deleted, of every host."""
        return self._inspection.meetings()

    def put_meeting(self, **fields: Any) -> str:
        """Store a meeting past the API and return its id.

        `fields` are those of the resource: `host` as `{"id": ...}`, `schedule.timeZone` by `id` or `name`;
        and `started`, `auto_started`, `finished`, which is what has happened to it. Nothing is checked.
        """
        return self._inspection.put(fields)

    def edit_meeting(self, meeting_id: str, **fields: Any) -> None:
        """Change a meeting past the API, as somebody else would; None takes a field away.

        Raises KeyError where there is no such meeting.
        """
        self._inspection.edit(meeting_id, fields)

    def record_meeting(self, meeting_id: str, start: datetime, minutes: float) -> str:
        """Let a meeting have been held and recorded, under the topic that it has now; return the uuid of this time.

        Its recording shows once it is over. Raises KeyError where there is no such meeting.
        """
        return record(self, meeting_id, start, minutes)

    def bridge(self, bridge_id: str) -> dict[str, Any] | None:
        """Return a room of RingCentral Video as its owner sees it, secrets included; None where there is none."""
        return self._video.bridge(bridge_id)

    def bridges(self) -> list[dict[str, Any]]:
        """Return all rooms that are there, of every host."""
        return self._video.bridges()

    def put_bridge(self, **fields: Any) -> str:
        """Store a room past the API and return its id.

        `fields` are those of a request to create one, and `id` and `host` as `{"extensionId": ...}`; the type is
        `Scheduled` where none is given. Nothing is checked, nothing made up but ids and PINs.
        """
        return self._video.put(fields)

    def hold(
        self,
        bridge_id: str,
        start: datetime,
        minutes: float,
        participants: Sequence[str],
        *,
        recorded: bool = True,
        noted: bool = True,
    ) -> str:
        """Let a meeting take place in a room, and return its id in the history, where it shows once it has begun.

        A participant is an extension id, a telephone number beginning with `+`, or the name of a guest; the host
        is there only if named. `noted`: it is transcribed and notes are taken. Raises KeyError where there is no
        such room.
        """
        return self._video.hold(bridge_id, start, minutes, participants, recorded=recorded, noted=noted)

    def answers_for(self, scope: str | None) -> bool:
        """Say whether the endpoints of an app scope answer this person, given the product that the person has."""
        own = PROVIDER_OF_SCOPE.get(scope or "", self.provider) == self.provider
        return own or self.dual_mode or self.switches.other_product_answers

    def _sow(self) -> None:
        if self.dual_mode or self.provider == "RCMeetings":
            sow(self)
            sow_recordings(self)
        if self.dual_mode or self.provider == "RCVideo":
            sow_rooms(self)

    def revoke_tokens(self) -> None:
        """End every session: every token given out so far is refused as revoked."""
        endpoints.revoke_all(self)

    def expire_tokens(self) -> None:
        """Let every access token expire now."""
        endpoints.expire_all(self)
