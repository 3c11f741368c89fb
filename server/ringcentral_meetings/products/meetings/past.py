"""Past meetings of RingCentral Meetings, as far as they were recorded: the product keeps no other history."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from ringcentral_meetings import errors
from ringcentral_meetings.domain import timing
from ringcentral_meetings.domain.past import ID_CHARS, PastMeeting, PastPage, PastQuery, Transcript
from ringcentral_meetings.platform.api import history_wire as wire
from ringcentral_meetings.platform.api.history import HistoryOperations
from ringcentral_meetings.products.past_wire import read_recorded_meeting, usable_id
from ringcentral_meetings.untrusted_text import word_search

RECORDED_ONLY: Final = "RingCentral Meetings lists recorded meetings only, and does not say who attended."
ATTENDANCE_UNKNOWN: Final = "RingCentral Meetings does not say who attended; the duration is that of the recording."
PER_PAGE: Final = 300
"""The most that a page holds (API reference, `listUserMeetingRecordings`)."""

MAX_PAGES: Final = 5

NOT_THIS_MEETING: Final = ("CMN-102",)
"""The error code with which a 404 or 403 speaks of the past meeting."""

_PRODUCT: Final = "RingCentral Meetings"
_SEPARATOR = ":"
"""Separates the meeting's id, which RingCentral accepts, from what distinguishes the dates of a series."""


async def past(history: HistoryOperations, query: PastQuery, host: str) -> PastPage:
    """Return every recorded meeting of the host in the window, the newest first, on one page.

    RingCentral does not document whether the edges count, so the request covers a second more.
    """
    window = {
        "meetingStartTimeFrom": timing.to_wire(query.start.subtract(seconds=1)),
        "meetingStartTimeTo": timing.to_wire(query.end),
    }
    found, complete = await _recorded(history, window, host)
    holds_words = word_search(query.words or "")
    meetings = [
        meeting
        for meeting in found
        if (meeting.start is None or query.start <= meeting.start < query.end) and holds_words(meeting.topic)
    ]
    ordered = sorted(meetings, key=lambda meeting: meeting.place)
    return PastPage(tuple(ordered), unread=not complete, note=RECORDED_ONLY, total=len(ordered))


async def past_meeting(history: HistoryOperations, past_meeting_id: str, host: str) -> PastMeeting:
    """Return one recorded meeting; of a series, one date of it."""
    meeting_id, separator, _ = past_meeting_id.partition(_SEPARATOR)
    if not (meeting_id and separator) or usable_id(past_meeting_id) is None:
        raise errors.past_meeting_not_found(past_meeting_id)
    found, complete = await _recorded(history, {"meetingId": meeting_id}, host)
    meeting = next((one for one in found if one.past_meeting_id == past_meeting_id), None)
    if meeting is None and not complete:
        raise errors.unreadable_answer(errors.Upstream(200), "some of the recordings in it cannot be identified")
    if meeting is None:
        raise errors.past_meeting_not_found(past_meeting_id)
    return replace(meeting, note=ATTENDANCE_UNKNOWN)


def transcript() -> Transcript:
    """Return why this product has no transcripts."""
    return Transcript(problem=errors.transcript_is_a_file(_PRODUCT))


async def _recorded(history: HistoryOperations, query: Mapping[str, str], host: str) -> tuple[list[PastMeeting], bool]:
    """Return the past meetings that match the query, and whether those are all."""
    records, complete = await _records(history, query, host)
    parts: dict[str, list[wire.MeetingRecordings]] = {}
    for record in records:
        if (past_meeting_id := _id_of(record.meeting)) is not None:
            parts.setdefault(past_meeting_id, []).append(record)
        else:
            complete = False
    return [read_recorded_meeting(found, identifier) for identifier, found in parts.items()], complete


async def _records(
    history: HistoryOperations, query: Mapping[str, str], host: str
) -> tuple[list[wire.MeetingRecordings], bool]:
    """Return the records of at most `MAX_PAGES` pages, and whether those are all."""
    records: list[wire.MeetingRecordings] = []
    whole = True
    for number in range(1, MAX_PAGES + 1):
        page = await history.list_meeting_recordings(query, page=number, per_page=PER_PAGE, extension_id=host)
        records += page.records
        whole = whole and len(page.records) == len(page.raw.get("records", ()))
        if page.next_uri is None and number >= (page.paging.total_pages or 1):
            return records, whole
    return records, False


def _id_of(instance: wire.MeetingInstance) -> str | None:
    """Return an id for one date of a meeting; RingCentral's own is the same for all dates of a series."""
    this = usable_id(instance.uuid) or usable_id(instance.start_time)
    if not usable_id(instance.id) or _SEPARATOR in (instance.id or "") or this is None:
        return None
    past_meeting_id = f"{instance.id}{_SEPARATOR}{this}"
    return past_meeting_id if len(past_meeting_id) <= ID_CHARS else None
