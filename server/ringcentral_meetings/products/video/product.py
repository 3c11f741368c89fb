"""RingCentral Video: `/rcvideo/v2/.../bridges`. A meeting is a room there: it has no date, no time, no attendees."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import ClassVar, TypeVar

from whenever import Instant

from ringcentral_meetings import errors
from ringcentral_meetings.domain.differences import differences, not_applied, side_effects
from ringcentral_meetings.domain.meeting import (
    DialInNumber,
    Invitation,
    Listing,
    Meeting,
    MeetingDraft,
    MeetingSettings,
    ProductName,
    ServiceInfo,
    Updated,
)
from ringcentral_meetings.domain.past import PastMeeting, PastPage, PastQuery, Transcript
from ringcentral_meetings.platform.api import video_wire as wire
from ringcentral_meetings.platform.api.history import HistoryOperations
from ringcentral_meetings.platform.api.meetings import OWN, Operations
from ringcentral_meetings.platform.api.video import VideoOperations
from ringcentral_meetings.products import Creation, CreationPolicy, Ending, Feature, Plan, Removal, UpdatePolicy, Window
from ringcentral_meetings.products.agenda import OwnCalendar
from ringcentral_meetings.products.hosts import TOLERATED_REFUSALS, or_none
from ringcentral_meetings.products.memories import PlatformFacts
from ringcentral_meetings.products.provider import VIDEO, ProductResolver
from ringcentral_meetings.products.refusals import for_past_meeting, reworded
from ringcentral_meetings.products.unsettled import (
    INSTANT_SECONDS,
    RECENT_SECONDS,
    UNSETTLED_SECONDS,
    Attempt,
    Claim,
    Creations,
    Sight,
    host_named,
)
from ringcentral_meetings.products.video import past as video_past
from ringcentral_meetings.products.video.lookup import RoomLookup
from ringcentral_meetings.products.video.pins import new_pin
from ringcentral_meetings.products.video.rules import changed_room, lacking, new_room
from ringcentral_meetings.products.video.schedule import Schedule
from ringcentral_meetings.products.video.wire import PERSONAL, put, read_number, read_room, write_room
from ringcentral_meetings.products.writes import Verdict, write_once
from ringcentral_meetings.untrusted_text import normalized

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RingCentralVideo:
    """The product of nearly every newer account.

    The host of a new room goes into the path. Rooms are not listed, so each is created with a PIN of our choosing, by
    which it can be found if the answer to its creation is lost.
    """

    video: VideoOperations
    operations: Operations
    history: HistoryOperations
    provider: ProductResolver
    creations: Creations
    now: Callable[[], Instant] = Instant.now
    calendar: OwnCalendar | None = None
    host: str = OWN

    name: ClassVar[ProductName] = VIDEO

    def require(self, feature: Feature) -> None:
        if feature != "schedule" or self.calendar is None:
            raise lacking(feature)

    async def list_meetings(self, host_id: str | None, window: Window | None = None) -> Listing:
        return await self._schedule.list_meetings(host_id, window)

    async def list_busy(self, host_id: str | None) -> Listing:
        await self._schedule.known_of(host_id)
        return Listing((), complete=True)

    @property
    def _platform(self) -> PlatformFacts:
        return self.creations.memories.platform

    @property
    def _schedule(self) -> Schedule:
        return Schedule(self.calendar, self._rooms.own_host, self.now)

    @property
    def _rooms(self) -> RoomLookup:
        return RoomLookup(self.video, self.operations, self.provider, self.host)

    async def end(self, meeting_id: str, host_id: str | None) -> Ending:  # noqa: ARG002  (of the protocol)
        raise lacking("ending")

    async def get(self, meeting_id: str, host_id: str | None) -> Meeting:  # noqa: ARG002  (a room is found without)
        return await self._schedule.with_dates(read_room(await self._rooms.load(meeting_id)))

    async def create(self, draft: MeetingDraft, host_id: str | None, policy: CreationPolicy) -> Creation:
        wanted = new_room(draft)
        overlaps = await self._schedule.overlaps(draft, host_id, policy)
        person = await self.operations.person()
        key = self.creations.key(VIDEO, person, host_named(host_id or self.host, person), draft)
        if wanted.settings.use_personal_meeting_id:
            async with self.creations.memories.turns.turn(f"personal:{key}"):
                made = await self._personal_room(wanted, host_id)
        else:
            made = await self._create_once(key, wanted, host_id, policy)
        timed = replace(made.meeting, start=draft.start, duration_minutes=draft.duration_minutes)
        return replace(
            made,
            meeting=timed,
            differs=not_applied(wanted, timed),
            keeps_time=False,
            clashes=overlaps.besides(timed.pin),
            clashes_unknown=overlaps.unknown,
        )

    async def _create_once(
        self, key: str, wanted: MeetingDraft, host_id: str | None, policy: CreationPolicy
    ) -> Creation:
        instant = wanted.meeting_type == "Instant"
        return await self.creations.once(
            key,
            partial(self._create_claimed, wanted, host_id),
            partial(self._look_for_earlier, wanted),
            clock=self.operations.clock,
            unsettled_seconds=INSTANT_SECONDS if instant else UNSETTLED_SECONDS,
            made_seconds=0 if instant else RECENT_SECONDS,
            allow_duplicate=policy.allow_duplicate,
        )

    async def _create_claimed(self, draft: MeetingDraft, host_id: str | None, claim: Claim) -> Creation:
        room, lost = await self._create_with_pin(draft, host_id, claim)
        if draft.meeting_type == "Instant":
            return Creation(room, True, duplicate_check="not_possible", answer_lost=lost)
        return Creation(room, True, duplicate_check="partial" if claim.doubtful else "recent", answer_lost=lost)

    async def _look_for_earlier(self, draft: MeetingDraft, attempt: Attempt) -> Creation | Sight:
        """Return the room of an equal creation, unless it has another name by now."""
        if attempt.room is not None:
            room = await self._rooms.by_id_or_none(attempt.room)
            unseen = Sight.GONE
        elif attempt.pin is not None:
            room = await self._rooms.by_pin(attempt.pin)
            unseen = Sight.UNSEEN
        else:
            return Sight.UNSEEABLE
        if room is None:
            return unseen
        if not _has_name(draft, room):
            return Sight.GONE
        return Creation(room, False, duplicate_check="recent", answer_lost=attempt.room is None)

    async def _create_with_pin(self, draft: MeetingDraft, host_id: str | None, claim: Claim) -> tuple[Meeting, bool]:
        """Return a new room, and whether it was found because the answer was lost.

        If the platform refuses a PIN of our choosing, nothing was created, and the room is made without one.
        """
        if self._platform.pins.may_be_kept:
            try:
                return await self._post(draft, host_id, claim, new_pin())
            except errors.Refused as refused:
                if not _may_be_the_pin(refused):
                    raise
        made = await self._post(draft, host_id, claim, None)
        self._platform.pins.learn(kept=False)
        return made

    async def _post(
        self, draft: MeetingDraft, host_id: str | None, claim: Claim, pin: str | None
    ) -> tuple[Meeting, bool]:
        body = write_room(draft) | {"type": draft.meeting_type}
        if pin is not None:
            put(body, ("pins", "web"), pin)

        async def send() -> tuple[Meeting, bool]:
            async with self._rooms.reworded(host_id=host_id):
                created = await self.video.create_bridge(body, host_id or self.host)
            return await self._rooms.after_write(created, draft), False

        async def read_back() -> tuple[Meeting, bool] | Verdict:
            if pin is None:
                return Verdict.UNDECIDABLE
            found = await self._rooms.by_pin(pin)
            return (found, True) if found is not None else Verdict.NOT_SEEN

        look = f"get_meeting meeting_id={pin}" if pin else "the RingCentral app: rooms are not listed"
        await claim.sending(pin)
        room, lost = await self._write_once(send, read_back, "The creation", look)
        if pin is not None:
            self._platform.pins.learn(kept=room.pin == pin)
        return room, lost

    async def _write_once(
        self,
        send: Callable[[], Awaitable[T]],
        read_back: Callable[[], Awaitable[T | Verdict]],
        doing: str,
        check_with: str,
    ) -> T:
        return await write_once(send, read_back, clock=self.operations.clock, doing=doing, check_with=check_with)

    async def _personal_room(self, draft: MeetingDraft, host_id: str | None) -> Creation:
        """Return the host's one personal room, which is created if it does not exist."""
        extension_id = host_id or self.host
        if (found := await self._rooms.personal(extension_id)) is not None:
            return Creation(found, False)

        async def send() -> Creation:
            async with self._rooms.reworded(host_id=host_id):
                created = await self.video.create_bridge(write_room(draft) | {"type": PERSONAL}, extension_id)
            return Creation(await self._rooms.after_write(created, draft), True)

        async def read_back() -> Creation | Verdict:
            room = await self._rooms.personal(extension_id)
            if room is None:
                return Verdict.NOT_SEEN
            return Creation(room, _has_name(draft, room), answer_lost=True)

        check_with = "get_meeting_service_info, which shows the personal room"
        try:
            return await self._write_once(send, read_back, "The creation", check_with)
        except errors.Refused as refused:
            if refused.code != "conflict" or (found := await self._rooms.personal(extension_id)) is None:
                raise
            return Creation(found, False)

    async def update(
        self,
        meeting_id: str,
        host_id: str | None,  # noqa: ARG002  (of the protocol)
        plan: Plan,
        policy: UpdatePolicy,  # noqa: ARG002  (rooms have no time)
    ) -> Updated:
        bridge = await self._rooms.load(meeting_id)
        before = read_room(bridge)
        draft = changed_room(plan(before), before)
        names = differences(draft, before)
        if not names:
            return Updated(before, before)
        after = await self._patch(bridge.id or "", _reduced_to(draft, names))
        return Updated(before, after, not_applied(draft, after), side_effects(draft, before, after))

    async def _patch(self, bridge_id: str, change: MeetingDraft) -> Meeting:
        async def send() -> Meeting:
            async with self._rooms.reworded(bridge_id):
                changed = await self.video.update_bridge(bridge_id, write_room(change))
            return await self._rooms.after_write(changed, change, bridge_id)

        async def read_back() -> Meeting | Verdict:
            now = await self._rooms.by_id(bridge_id)
            return Verdict.NOT_SEEN if not_applied(change, now) else now

        return await self._write_once(send, read_back, "The update", f"get_meeting meeting_id={bridge_id}")

    async def delete(self, meeting_id: str, host_id: str | None, occurrence_id: str | None) -> Removal:  # noqa: ARG002
        if occurrence_id is not None:
            raise lacking("series")
        try:
            bridge = await self._rooms.load(meeting_id)
        except errors.Refused as refused:
            if refused.code != "not_found":
                raise
            return Removal(already_gone=True)
        bridge_id = bridge.id or ""

        async def send() -> Removal:
            try:
                async with self._rooms.reworded(bridge_id):
                    await self.video.delete_bridge(bridge_id)
            except errors.Refused as refused:
                if refused.code == "user_permission_missing" and bridge.type == PERSONAL:
                    raise errors.personal_room_stays(bridge_id, refused.upstream) from refused
                if refused.code != "not_found":
                    raise
                if await self._rooms.by_id_or_none(bridge_id) is not None:
                    raise errors.not_carried_out("The deletion", refused.upstream) from refused
                return Removal(already_gone=True)
            return Removal()

        async def read_back() -> Removal | Verdict:
            return Verdict.NOT_SEEN if await self._rooms.by_id_or_none(bridge_id) is not None else Removal()

        return await self._write_once(send, read_back, "The deletion", f"get_meeting meeting_id={bridge_id}")

    async def service_info(self, host_id: str | None) -> ServiceInfo:
        """Return numbers to dial and the personal room; what could not be read is named in `missing`."""
        extension_id = host_id or self.host
        problem: errors.Refused | None = None
        numbers: wire.Conferencing | None = None
        try:
            async with self._rooms.reworded(host_id=host_id):
                numbers = await self.video.load_conferencing(extension_id)
        except errors.Refused as refused:
            if refused.code not in TOLERATED_REFUSALS:
                raise
            problem = refused
        room = await self._rooms.personal(extension_id, host_id)
        if problem is not None and room is None:
            raise problem
        return ServiceInfo(
            dial_in=_dial_in_numbers(numbers),
            support_url=numbers.support_uri if numbers is not None else None,
            personal_meeting_id=room.pin if room is not None else None,
            personal_link=room.join_url if room is not None else None,
            missing=(f"{problem.code}: {problem.message}",) if problem is not None else (),
        )

    async def invitation(self, meeting_id: str, host_id: str | None) -> Invitation:
        """Return the room and the numbers to dial; RingCentral's own text of it has no public API."""
        room = await self.get(meeting_id, host_id)
        return Invitation(
            room, None, ServiceInfo(_dial_in_numbers(await or_none(self.video.load_conferencing(self.host))))
        )

    async def past(self, query: PastQuery) -> PastPage:
        _refuse_host(query.host_id)
        async with reworded(self._rooms.for_product()):
            return await video_past.past(self.history, query)

    async def past_meeting(self, past_meeting_id: str, host_id: str | None) -> PastMeeting:
        _refuse_host(host_id)
        async with reworded(self._rooms.for_product(), for_past_meeting(past_meeting_id, video_past.NOT_THIS_MEETING)):
            return await video_past.past_meeting(self.history, past_meeting_id)

    async def transcript(self, past_meeting_id: str) -> Transcript:
        return await video_past.transcript(self.history, past_meeting_id)

    async def works(self) -> None:
        await self._rooms.personal(self.host)

    async def people(self) -> list[str] | None:
        return await self._rooms.people()


def _has_name(draft: MeetingDraft, room: Meeting) -> bool:
    return normalized(room.topic) == normalized(draft.topic or "")


def _reduced_to(draft: MeetingDraft, names: tuple[str, ...]) -> MeetingDraft:
    """Return the draft with nothing but these fields."""
    options = {name: value for name, value in draft.settings.given().items() if f"settings.{name}" in names}
    return MeetingDraft(
        topic=draft.topic if "topic" in names else None,
        password=draft.password if "password" in names else None,
        settings=MeetingSettings(**options),
    )


def _may_be_the_pin(refused: errors.Refused) -> bool:
    """Whether the PIN of our choosing may be what was refused; RingCentral Video need not say what it refuses."""
    upstream = refused.upstream
    if upstream is None or refused.code not in {"invalid_arguments", "conflict"}:
        return False
    return upstream.parameter is None or upstream.parameter.startswith("pins")


def _dial_in_numbers(numbers: wire.Conferencing | None) -> tuple[DialInNumber, ...]:
    return tuple(map(read_number, numbers.phone_numbers)) if numbers is not None else ()


def _refuse_host(host_id: str | None) -> None:
    if host_id is not None:
        instead = "Leave host_id out: only the signed-in user's own history can be read."
        raise errors.not_supported(VIDEO, "host_id", instead)
