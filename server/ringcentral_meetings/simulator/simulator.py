"""The simulator: the state of a platform, with the application that answers for it."""

import os
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from math import inf
from typing import Any

import anyio
import httpx

from ringcentral_meetings.simulator import crowd
from ringcentral_meetings.simulator.app import build_app
from ringcentral_meetings.simulator.calendars.entries import add_entry
from ringcentral_meetings.simulator.calendars.feeds import feed_paths
from ringcentral_meetings.simulator.calendars.publishers import PublisherName
from ringcentral_meetings.simulator.calendars.seed import refill_calendar, seed_calendar
from ringcentral_meetings.simulator.faults.plan import Faults
from ringcentral_meetings.simulator.gateway import Gateway
from ringcentral_meetings.simulator.limits import Limiter
from ringcentral_meetings.simulator.meetings import backdoor as meeting_backdoor
from ringcentral_meetings.simulator.meetings.recordings import record_meeting
from ringcentral_meetings.simulator.meetings.seed import refill_meetings, seed_meetings
from ringcentral_meetings.simulator.oauth import sessions
from ringcentral_meetings.simulator.people import CLIENT_ID, EXECUTIVE, NAMED, OUTSIDER, OWNER, PEOPLE, REDIRECT_URIS
from ringcentral_meetings.simulator.replies import Sleep
from ringcentral_meetings.simulator.state import Provider, State
from ringcentral_meetings.simulator.store import Store
from ringcentral_meetings.simulator.switches import Switches
from ringcentral_meetings.simulator.times import utc
from ringcentral_meetings.simulator.transport import SimulatorTransport
from ringcentral_meetings.simulator.video import backdoor as video_backdoor
from ringcentral_meetings.simulator.video.seed import refill_rooms, seed_rooms
from ringcentral_meetings.simulator.zones import check_zone

SEEDED = "seeded"
WEEK_SECONDS = 7 * 24 * 3600


class Simulator(State):
    """A RingCentral platform in one process.

    Besides answering requests it can be inspected and changed past the API: the methods for meetings, rooms and
    tokens check no rights and no rules.
    """

    owner_id, executive_id, outsider_id = OWNER.id, EXECUTIVE.id, OUTSIDER.id
    owner_email = OWNER.email

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
        zone: str | None = None,
        people: int = 1,
        account_limit: int | None = None,
        redirect_uris: Collection[str] | None = REDIRECT_URIS,
        issue_refresh_tokens: bool = True,
        refills: bool = False,
    ) -> None:
        """Open the database, and fill a new one with the meetings or rooms of the products that the account has.

        `clock` returns seconds since 1970 and is the only source of time; `sleep` is how latencies pass.
        `limits` overrides requests a minute by plan group, and `account_limit` is how many all users of an account may
        send together. `people` may sign in: the owner, and from the fourth on people of a second account too. `seed`
        decides ids, tokens and chances. `zone` is the IANA time zone of the owner, New York's by default. `refills` is
        whether it refills itself, as `refill` does, when a week has passed. Raises sqlite3.Error if the database cannot
        be used, and ValueError for an unknown plan group or zone.
        """
        if zone is not None:
            check_zone(zone)
        limiter = Limiter(clock, limits, account_limit)
        super().__init__(
            Store(database),
            clock=clock,
            sleep=sleep,
            seed=seed,
            limiter=limiter,
            switches=switches or Switches(),
            faults=faults or Faults(seed),
        )
        self.provider, self.dual_mode = provider, dual_mode
        self.people = PEOPLE.first(people)
        self.zones |= {person.id: person.zone for person in self.people}
        if zone is not None:
            self.zones[OWNER.id] = zone
        self.redirect_uris = None if redirect_uris is None else set(redirect_uris)
        self.issue_refresh_tokens = issue_refresh_tokens
        self.app = Gateway(self, build_app(self))
        self._refills, self._refill_at = refills, 0.0
        self._closing: list[Callable[[], None]] = []
        if seeded and self.store.is_new():
            self._seed()

    def refill(self) -> int:
        """Add new sample meetings, or on Video what was held in the rooms since, if the last are a week old or older.

        Return how many meetings or rooms were filled again. Nothing is changed or removed, and a database of which no
        sample is left stays as it is.
        """
        seeded, now = self.store.kept(SEEDED), int(self.now())
        self._refill_at = now + WEEK_SECONDS if seeded is None else seeded + WEEK_SECONDS
        if seeded is None or now < self._refill_at or not self.store.replace(SEEDED, seeded, now):
            return 0
        self._refill_at = now + WEEK_SECONDS
        filled = refill_meetings(self) if self.dual_mode or self.provider == "RCMeetings" else 0
        filled += refill_rooms(self, utc(seeded)) if self.dual_mode or self.provider == "RCVideo" else 0
        if filled:
            refill_calendar(self)
        return filled

    def before_call(self) -> None:
        """Refill when a week has passed, if the simulator was made to."""
        if self._refills and self.now() >= self._refill_at:
            self.refill()

    def reset(self) -> None:
        """Delete everything, sessions included, and fill the database as a new one."""
        self.store.clear()
        self._seed()

    def transport(self) -> httpx.AsyncBaseTransport:
        """Return an httpx transport that is answered in this process."""
        return SimulatorTransport(self, self.app)

    def close(self) -> None:
        """Stop the servers of this simulator and close the database."""
        for callback in self._closing:
            callback()
        self.store.close()

    def on_close(self, callback: Callable[[], None]) -> None:
        """Call back before the database is closed."""
        self._closing.append(callback)

    def meeting(self, meeting_id: str) -> dict[str, Any] | None:
        """Return a meeting as stored, secrets included, in the newest spelling; None if there is no such meeting."""
        return meeting_backdoor.find(self, meeting_id)

    def meetings(self) -> list[dict[str, Any]]:
        """Return the meetings of every host that were not deleted."""
        return meeting_backdoor.find_all(self)

    def put_meeting(self, **fields: Any) -> str:
        """Store a meeting and return its id.

        `fields` are those of the resource, with `host` as `{"id": ...}` and `schedule.timeZone` by `id` or `name`,
        and `started`, `auto_started` and `finished`, which say what has happened to it.
        """
        return meeting_backdoor.put(self, fields)

    def edit_meeting(self, meeting_id: str, **fields: Any) -> None:
        """Change fields of a meeting, as somebody else would; None removes a field.

        Raises KeyError if there is no such meeting.
        """
        meeting_backdoor.edit(self, meeting_id, fields)

    def record_meeting(self, meeting_id: str, start: datetime, minutes: float) -> str:
        """Store that a meeting was held and recorded under its present topic, and return the uuid of this instance.

        The recording is listed once the meeting is over. Raises KeyError if there is no such meeting.
        """
        return record_meeting(self, meeting_id, start, minutes)

    def bridge(self, bridge_id: str) -> dict[str, Any] | None:
        """Return a room of RingCentral Video as its owner sees it, secrets included; None if there is no such room."""
        return video_backdoor.find(self, bridge_id)

    def bridges(self) -> list[dict[str, Any]]:
        """Return the existing rooms of every host."""
        return video_backdoor.find_all(self)

    def put_bridge(self, **fields: Any) -> str:
        """Store a room and return its id.

        `fields` are those of a request to create one, `id`, and `host` as `{"extensionId": ...}`. The type is
        `Scheduled` by default. Ids and PINs are made up if they are missing, passwords are not.
        """
        return video_backdoor.put(self, fields)

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
        """Store a meeting in a room, and return its id in the history, which lists it once it has begun.

        A participant is an extension id, a telephone number beginning with `+`, or the name of a guest; the host
        takes part only if named. `noted` says whether it is transcribed and notes are taken. Raises KeyError if
        there is no such room.
        """
        return video_backdoor.hold(self, bridge_id, start, minutes, participants, recorded=recorded, noted=noted)

    def put_entry(self, **fields: Any) -> str:
        """Put an entry into the user's calendar and return its uid; `fields` are those of `calendars.entries.Entry`."""
        return add_entry(self, fields)

    def feeds(self) -> dict[PublisherName, str]:
        """Return the paths at which the user's calendar is published, by who publishes it there."""
        return feed_paths(self)

    def sign_in(self, user_id: str, client_id: str = CLIENT_ID) -> dict[str, Any]:
        """Open a session of somebody, as the consent page would, and return the answer of the token endpoint."""
        return sessions.sign_in(self, {}, client_id, user_id)

    def revoke_tokens(self) -> None:
        """End every session: all tokens issued so far are refused as revoked."""
        sessions.revoke_all(self)

    def expire_tokens(self) -> None:
        """Expire every access token now; refresh tokens stay valid."""
        sessions.expire_all(self)

    async def carry_out_late(self) -> None:
        """Carry out now what a fault put off. Otherwise that happens when the first request after its time comes."""
        await self.app.carry_out_late(inf)

    def _seed(self) -> None:
        self.store.keep(SEEDED, int(self.now()))
        if self.dual_mode or self.provider == "RCMeetings":
            seed_meetings(self)
            for person in self.people[len(NAMED) :]:
                crowd.seed_meetings(self, person)
        if self.dual_mode or self.provider == "RCVideo":
            seed_rooms(self)
            for person in self.people[len(NAMED) :]:
                crowd.seed_rooms(self, person)
        seed_calendar(self)
