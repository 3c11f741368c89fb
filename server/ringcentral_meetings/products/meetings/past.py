"""What was held on RingCentral Meetings, as far as it was recorded: the product keeps no other history."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from ringcentral_meetings import errors
from ringcentral_meetings.domain import timing
from ringcentral_meetings.domain.past import ID_CHARS, PastMeeting, PastPage, PastQuery, Transcript
from ringcentral_meetings.platform.api import history_wire as wire
from ringcentral_meetings.platform.api.history import HistoryOperations
from ringcentral_meetings.products.past_wire import read_recorded_meeting, usable_id
from ringcentral_meetings.text import searchable

RECORDED_ALONE: Final = (
    "RingCentral Meetings knows of recorded meetings alone: what was not recorded is not here, nor who was there."
)
ATTENDANCE_UNTOLD: Final = "RingCentral Meetings does not tell who was there; the duration is the recording's."
PER_PAGE: Final = 300
"""The most that a page holds (API reference, `listUserMeetingRecordings`)."""

MAX_PAGES: Final = 5

NOT_THIS_MEETING: Final = ("CMN-102",)
"""The error code with which a 404 or 403 speaks of the past meeting."""

_PRODUCT: Final = "RingCentral Meetings"
_SEPARATOR = ":"
"""Between the meeting's id, which RingCentral takes, and what tells this time from the others of a series."""


async def past(history: HistoryOperations, query: PastQuery, host: str) -> PastPage:
    """Return every recorded meeting of the host in the window, the newest first; all of them are on the one page.

    RingCentral does not say whether the edges count, so a little more is asked for than shown.
    """
    window = {
        "meetingStartTimeFrom": timing.to_wire(query.start.subtract(seconds=1)),
        "meetingStartTimeTo": timing.to_wire(query.end),
    }
    found, complete = await _recorded(history, window, host)
    wanted = searchable(query.words or "").split()
    meetings = [
        meeting
        for meeting in found
        if (meeting.start is None or query.start <= meeting.start < query.end)
        and all(word in searchable(meeting.topic) for word in wanted)
    ]
    ordered = sorted(meetings, key=lambda meeting: meeting.place)
    return PastPage(tuple(ordered), unread=not complete, note=RECORDED_ALONE, total=len(ordered))


async def past_meeting(history: HistoryOperations, past_meeting_id: str, host: str) -> PastMeeting:
    """Return one time that a recorded meeting was held."""
    meeting_id, separator, _ = past_meeting_id.partition(_SEPARATOR)
    if not (meeting_id and separator) or usable_id(past_meeting_id) is None:
        raise errors.past_meeting_not_found(past_meeting_id)
    found, complete = await _recorded(history, {"meetingId": meeting_id}, host)
    meeting = next((one for one in found if one.past_meeting_id == past_meeting_id), None)
    if meeting is None and not complete:
        raise errors.unreadable_answer(errors.Upstream(200), "some of the recordings in it are not to be made out")
    if meeting is None:
        raise errors.past_meeting_not_found(past_meeting_id)
    return replace(meeting, note=ATTENDANCE_UNTOLD)


def transcript() -> Transcript:
    """Say why this product has none."""
    return Transcript(problem=errors.transcript_is_a_file(_PRODUCT))


async def _recorded(history: HistoryOperations, query: Mapping[str, str], host: str) -> tuple[list[PastMeeting], bool]:
    """Return what matches the query, each time that a meeting was held once; and whether that is all."""
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
    """Return what finds this very time again: RingCentral is asked by the meeting's id, which a series has once."""
    this = usable_id(instance.uuid) or usable_id(instance.start_time)
    if not usable_id(instance.id) or _SEPARATOR in (instance.id or "") or this is None:
        return None
    whole = f"{instance.id}{_SEPARATOR}{this}"
    return whole if len(whole) <= ID_CHARS else None
