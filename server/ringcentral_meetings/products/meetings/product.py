"""RingCentral Meetings: `/restapi/v1.0/account/{accountId}/extension/{extensionId}/meeting`."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from whenever import Instant

from ringcentral_meetings import errors
from ringcentral_meetings.domain.differences import differences, not_applied, side_effects
from ringcentral_meetings.domain.meeting import (
    Invitation,
    Listing,
    Meeting,
    MeetingDraft,
    ProductName,
    ServiceInfo,
    Updated,
)
from ringcentral_meetings.domain.past import PastMeeting, PastPage, PastQuery, Transcript
from ringcentral_meetings.platform.api import meetings_wire as wire
from ringcentral_meetings.platform.api.history import HistoryOperations
from ringcentral_meetings.platform.api.meetings import Operations
from ringcentral_meetings.products import (
    Creation,
    CreationPolicy,
    Ending,
    Feature,
    Plan,
    Removal,
    UpdatePolicy,
    Window,
)
from ringcentral_meetings.products.agenda import OwnCalendar, clash_in_words
from ringcentral_meetings.products.hosts import or_none
from ringcentral_meetings.products.meetings import past as meetings_past
from ringcentral_meetings.products.meetings.duplicates import (
    as_duplicate,
    check_of,
    clashes_after,
    clashes_of,
    retimed,
    same,
    zone_mismatch,
)
from ringcentral_meetings.products.meetings.lookup import MeetingLookup
from ringcentral_meetings.products.meetings.rules import (
    already_gone,
    complete_draft,
    refuse_timeless,
    refuse_unsupported,
)
from ringcentral_meetings.products.meetings.wire import (
    lost_names,
    write_meeting,
)
from ringcentral_meetings.products.meetings.zones import ZoneDirectory
from ringcentral_meetings.products.provider import MEETINGS, ProductResolver
from ringcentral_meetings.products.refusals import Wording, for_meeting, for_past_meeting, reworded
from ringcentral_meetings.products.unsettled import (
    INSTANT_SECONDS,
    UNSETTLED_SECONDS,
    Attempt,
    Claim,
    Creations,
    Sight,
    host_named,
)
from ringcentral_meetings.products.writes import Verdict, write_once

if TYPE_CHECKING:  # every start imports this module, and few have a calendar
    from ringcentral_meetings.products.meetings.schedule import Schedule

UPDATE_TRIES = 3
"""How often a change is worked out, if a rate limit comes between reading and writing."""


@dataclass(frozen=True, slots=True)
class _Change:
    """A change to send: the meeting as first read, as just read, and as RingCentral wrote it (`raw`)."""

    meeting_id: str
    host_id: str | None
    raw: wire.Meeting
    first: Meeting
    before: Meeting
    draft: MeetingDraft


@dataclass(frozen=True, slots=True)
class RingCentralMeetings:
    """The older product, for which the API defines the operations on meetings.

    `host` is the extension id of the configured host. Another host goes into the path, except in a creation, where
    RingCentral's own clients put it into the body.
    """

    operations: Operations
    history: HistoryOperations
    provider: ProductResolver
    now: Callable[[], Instant]
    creations: Creations
    calendar: OwnCalendar | None = None
    host: str = "~"
    reveal_start_link: bool = False

    name: ClassVar[ProductName] = MEETINGS

    def require(self, feature: Feature) -> None:
        """Do nothing: this product has every feature."""

    @property
    def _zones(self) -> ZoneDirectory:
        return self.creations.memories.platform.zones()

    @property
    def _meetings(self) -> MeetingLookup:
        return MeetingLookup(self.operations, self.provider, self._zones, self.host, self.reveal_start_link)

    async def list_meetings(self, host_id: str | None, window: Window | None = None) -> Listing:
        listing = await self.list_busy(host_id)
        schedule = await self._schedule(host_id)
        return await schedule.with_entries(listing, window) if schedule is not None else listing

    async def list_busy(self, host_id: str | None) -> Listing:
        return await self._meetings.upcoming(host_id)

    async def _schedule(self, host_id: str | None) -> "Schedule | None":
        if self.calendar is None or not await self.calendar.belongs_to(host_id):
            return None
        from ringcentral_meetings.products.meetings.schedule import Schedule

        return Schedule(self.calendar, partial(self._meetings.own_host, host_id), self.now)

    async def get(self, meeting_id: str, host_id: str | None) -> Meeting:
        return await self._meetings.read(await self._meetings.named(meeting_id, host_id))

    async def create(self, draft: MeetingDraft, host_id: str | None, policy: CreationPolicy) -> Creation:
        draft = complete_draft(draft)
        instant = draft.meeting_type == "Instant"
        create_listed = partial(self._create_listed, draft, host_id, policy)
        make = partial(self._create_instant, draft, host_id) if instant else create_listed
        person = await self.operations.person()
        return await self.creations.once(
            self.creations.key(MEETINGS, person, host_named(host_id or self.host, person), draft),
            make,
            partial(self._look_for_earlier, draft, host_id),
            clock=self.operations.clock,
            unsettled_seconds=INSTANT_SECONDS if instant else UNSETTLED_SECONDS,
            allow_duplicate=policy.allow_duplicate,
        )

    async def _create_instant(self, draft: MeetingDraft, host_id: str | None, claim: Claim) -> Creation:
        meeting, _ = await self._create(draft, host_id, frozenset(), claim)
        return Creation(meeting, True, not_applied(draft, meeting), duplicate_check="not_possible")

    async def _create_listed(
        self, draft: MeetingDraft, host_id: str | None, policy: CreationPolicy, claim: Claim
    ) -> Creation:
        listing = await self._meetings.upcoming(host_id)
        if not policy.allow_duplicate and (duplicate := as_duplicate(draft, listing)) is not None:
            return duplicate
        schedule = await self._schedule(host_id)
        if schedule is not None:
            clashes, unknown = await schedule.overlapping(draft, listing, policy)
        else:
            clashes, unknown = clashes_of(draft, listing, self.now()), ()
        if clashes.found and policy.refuse_conflict:
            raise errors.conflict([clash_in_words(clash) for clash in clashes.found])
        known = frozenset(meeting.meeting_id for meeting in listing.meetings)
        meeting, lost = await self._create(draft, host_id, known, claim)
        differs = (*not_applied(draft, meeting), *zone_mismatch(draft, meeting))
        check = check_of(draft, listing)
        return Creation(
            meeting,
            True,
            differs,
            clashes.found,
            check,
            clashes_unknown=unknown,
            clashes_until=clashes.until,
            answer_lost=lost,
        )

    async def _look_for_earlier(self, draft: MeetingDraft, host_id: str | None, _: Attempt) -> Creation | Sight:
        """Return the meeting of an equal creation, if the list shows it; an instant one is never listed."""
        if draft.meeting_type == "Instant":
            return Sight.UNSEEABLE
        duplicate = as_duplicate(draft, await self._meetings.upcoming(host_id))
        return replace(duplicate, answer_lost=True) if duplicate is not None else Sight.UNSEEN

    async def _create(
        self, draft: MeetingDraft, host_id: str | None, known: frozenset[str], claim: Claim
    ) -> tuple[Meeting, bool]:
        """Return the new meeting, and whether it was found in the list because the answer was lost."""
        body = write_meeting(draft, await self._zones.id_of(draft, self.operations))
        if host_id is not None:
            body["host"] = {"id": host_id}
        await claim.sending()
        return await write_once(
            partial(self._post, body, draft, host_id),
            partial(self._find_created, draft, host_id, known),
            clock=self.operations.clock,
            doing="The creation",
            check_with="list_meetings" if draft.meeting_type != "Instant" else "the RingCentral app",
        )

    async def _post(self, body: dict[str, Any], draft: MeetingDraft, host_id: str | None) -> tuple[Meeting, bool]:
        async with self._meetings.reworded(host_id=host_id):
            created = await self.operations.create_meeting(body, self.host)
        if not created.id:
            raise errors.no_answer("its answer names no meeting")
        if not_applied(draft, self._meetings.from_write_response(created, draft, None)):
            created = await self._meetings.reload_after_write(created.id, host_id)
        return self._meetings.from_write_response(created, draft, None), False

    async def _find_created(
        self, draft: MeetingDraft, host_id: str | None, known: frozenset[str]
    ) -> tuple[Meeting, bool] | Verdict:
        """Return the one listed meeting that is as drafted and was not there before; an instant one is never listed."""
        if draft.meeting_type == "Instant":
            return Verdict.UNDECIDABLE
        listing = await self._meetings.upcoming(host_id)
        new = [one for one in listing.meetings if one.meeting_id not in known and same(draft, one)]
        if len(new) == 1:
            return new[0], True
        return Verdict.NOT_SEEN if not new else Verdict.UNDECIDABLE

    async def update(self, meeting_id: str, host_id: str | None, plan: Plan, policy: UpdatePolicy) -> Updated:
        meeting_id = await self._meetings.number(meeting_id, host_id)
        async with self.creations.memories.account_turns.turn(f"change:{meeting_id}"):
            return await self._update(meeting_id, host_id, plan, policy)

    async def _update(self, meeting_id: str, host_id: str | None, plan: Plan, policy: UpdatePolicy) -> Updated:
        """Read and write, one change of a meeting at a time: each writes the whole back as it was read."""
        first: Meeting | None = None
        listing: Listing | None = None
        for tries_left in reversed(range(UPDATE_TRIES)):
            raw = await self._meetings.load(meeting_id, host_id)
            if raw.id != meeting_id or not isinstance(raw.raw.get("schedule") or {}, dict):
                raise errors.unreadable_answer(errors.Upstream(200), "it is not the meeting asked for, or not whole")
            before = await self._meetings.read(raw)
            first, draft = first or before, plan(before)
            refuse_unsupported(draft)
            refuse_timeless(draft, before)
            if not differences(draft, before):
                return Updated(first, before, side_effects=side_effects(draft, first, before))
            unlisted = listing is None and retimed(draft, before)
            if unlisted or (draft.start is not None and not self._zones.loaded):
                # What else is needed is read before the meeting is read again, right before it is written back.
                await self._zones.id_of(draft, self.operations)
                listing = await self._meetings.upcoming(host_id) if unlisted else listing
                continue
            clashes = clashes_after(draft, before, listing, self.now()) if listing is not None else ()
            if clashes and policy.refuse_conflict:
                raise errors.conflict([clash_in_words(clash) for clash in clashes], "changed")
            try:
                done = await self._write_back(_Change(meeting_id, host_id, raw, first, before, draft))
                return replace(done, clashes=clashes)
            except errors.Refused as refused:
                if refused.code != "rate_limited" or not tries_left:
                    raise
                await self.operations.wait_for_writes()
        raise errors.out_of_time("The update")

    async def _write_back(self, change: "_Change") -> Updated:
        """Send a change of a meeting that was just read."""
        draft, before = change.draft, change.before
        body = write_meeting(draft, await self._zones.id_of(draft, self.operations), over=change.raw.raw)
        answer = await write_once(
            partial(self._put, body, change),
            partial(self._find_changed, change),
            clock=self.operations.clock,
            doing="The update",
            check_with=f"get_meeting meeting_id={errors.quoted(change.meeting_id)}",
        )
        after = self._meetings.from_write_response(answer, draft, before)
        missed = (*not_applied(draft, after), *zone_mismatch(draft, after), *lost_names(body, answer.raw))
        return Updated(change.first, after, missed, side_effects(draft, change.first, after))

    async def _put(self, body: dict[str, Any], change: "_Change") -> wire.Meeting:
        meeting_id, host_id = change.meeting_id, change.host_id
        async with self._meetings.reworded(meeting_id, host_id):
            answer = await self.operations.update_meeting(meeting_id, body, host_id or self.host)
        after = self._meetings.from_write_response(answer, change.draft, change.before)
        shown = answer.id == meeting_id and not not_applied(change.draft, after)
        return answer if shown else await self._meetings.reload_after_write(meeting_id, host_id)

    async def _find_changed(self, change: "_Change") -> wire.Meeting | Verdict:
        found = await self._meetings.load(change.meeting_id, change.host_id)
        now = self._meetings.from_write_response(found, change.draft, change.before)
        if not not_applied(change.draft, now):
            return found
        return Verdict.NOT_SEEN

    async def delete(self, meeting_id: str, host_id: str | None, occurrence_id: str | None) -> Removal:
        meeting_id = await self._meetings.number(meeting_id, host_id)
        return await write_once(
            partial(self._send_deletion, meeting_id, host_id, occurrence_id),
            partial(self._look_whether_deleted, meeting_id, host_id, occurrence_id),
            clock=self.operations.clock,
            doing="The deletion",
            check_with="list_meetings",
        )

    async def _send_deletion(self, meeting_id: str, host_id: str | None, occurrence_id: str | None) -> Removal:
        try:
            await self.operations.delete_meeting(meeting_id, host_id or self.host, occurrence_id)
        except errors.Refused as refused:
            return already_gone(refused)
        return Removal()

    async def _look_whether_deleted(
        self, meeting_id: str, host_id: str | None, occurrence_id: str | None
    ) -> Removal | Verdict:
        try:
            left = await self.get(meeting_id, host_id)
        except errors.Refused as refused:
            already_gone(refused)
            return Removal()
        if occurrence_id is not None and not left.listed:
            return Verdict.UNDECIDABLE
        gone = occurrence_id is not None and left.occurrence(occurrence_id) is None
        return Removal() if gone else Verdict.NOT_SEEN

    async def end(self, meeting_id: str, host_id: str | None) -> Ending:
        meeting_id = await self._meetings.number(meeting_id, host_id)
        return await write_once(
            partial(self._send_ending, meeting_id, host_id),
            partial(self._look_whether_ended, meeting_id, host_id),
            clock=self.operations.clock,
            doing="The ending",
            check_with=f"get_meeting meeting_id={errors.quoted(meeting_id)}",
        )

    async def _send_ending(self, meeting_id: str, host_id: str | None) -> Ending:
        try:
            await self.operations.end_meeting(meeting_id, host_id or self.host)
        except errors.Refused as refused:
            return await self._not_ended(meeting_id, host_id, refused)
        return Ending(ended=True)

    async def _look_whether_ended(self, meeting_id: str, host_id: str | None) -> Ending | Verdict:
        try:
            found = await self.get(meeting_id, host_id)
        except errors.Refused as refused:
            already_gone(refused)
            return Ending(ended=True, already_gone=True)
        if found.running:
            return Verdict.NOT_SEEN
        return Ending(ended=True, status=found.status) if found.status else Verdict.UNDECIDABLE

    async def _not_ended(self, meeting_id: str, host_id: str | None, refused: errors.Refused) -> Ending:
        """Return why a meeting could not be ended: it is gone, it is not running, or what RingCentral says."""
        if refused.code == "not_found":
            already_gone(refused)
            return Ending(ended=True, already_gone=True)
        if refused.code not in {"invalid_arguments", "conflict"}:
            raise refused
        found = await self.get(meeting_id, host_id)
        if found.running:
            raise refused
        return Ending(ended=False, status=found.status)

    async def service_info(self, host_id: str | None) -> ServiceInfo:
        return await self._meetings.service_info(host_id)

    async def invitation(self, meeting_id: str, host_id: str | None) -> Invitation:
        meeting = await self.get(meeting_id, host_id)
        read = await or_none(self.operations.load_invitation(meeting.meeting_id, host_id or self.host))
        info = await or_none(self.service_info(host_id))
        return Invitation(meeting, read.invitation if read is not None else None, info)

    async def past(self, query: PastQuery) -> PastPage:
        async with reworded(self._for_recordings(), for_meeting(None, query.host_id, self.people)):
            return await meetings_past.past(self.history, query, query.host_id or self.host)

    async def past_meeting(self, past_meeting_id: str, host_id: str | None) -> PastMeeting:
        about = for_past_meeting(past_meeting_id, meetings_past.NOT_THIS_MEETING)
        async with reworded(self._for_recordings(), about, for_meeting(None, host_id, self.people)):
            return await meetings_past.past_meeting(self.history, past_meeting_id, host_id or self.host)

    async def transcript(self, past_meeting_id: str) -> Transcript:  # noqa: ARG002  (of the protocol)
        return meetings_past.transcript()

    async def works(self) -> None:
        async with self._meetings.reworded():
            await self.operations.load_meeting_service_info(self.host)

    async def people(self) -> list[str] | None:
        return await self._meetings.people()

    def _for_recordings(self) -> Wording:
        return self.provider.for_product(MEETINGS, self.operations, errors.recordings_unavailable)
