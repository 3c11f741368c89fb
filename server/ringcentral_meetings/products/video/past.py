"""What was held on RingCentral Video: its history, and what RingSense heard in a recording."""

from typing import Final

from ringcentral_meetings import errors
from ringcentral_meetings.domain.past import PastMeeting, PastPage, PastQuery, Transcript
from ringcentral_meetings.platform.api.history import HistoryOperations
from ringcentral_meetings.products.hosts import TOLERATED_REFUSALS
from ringcentral_meetings.products.past_wire import read_transcript, read_video_meeting
from ringcentral_meetings.untrusted_text import word_search

HEARD: Final = ("Transcript", "Summary", "NextSteps")
MAX_PAGE_TOKEN_CHARS: Final = 2_000
MAX_PAGES: Final = 5
MOST_PER_PAGE: Final = 100
"""How many pages one search reads, and the most that a page is taken to hold."""

NOT_THIS_MEETING: Final = frozenset({None, "CMN-102", "CMN-404"})
"""What a 404 or 403 may carry that speaks of the meeting: RingCentral Video declares no body for them."""

_REASONS: Final = TOLERATED_REFUSALS | {"invalid_arguments"}


async def past(history: HistoryOperations, query: PastQuery) -> PastPage:
    """Return one page of what the signed-in user hosted or took part in.

    Without words that is RingCentral's own page. With words, pages are read until `limit` meetings have them, at most
    `MAX_PAGES`: RingCentral's search does not find "Stand-up" by "standup".

    The API reference does not say in which order they come. It is taken to be newest first; each page is sorted so.
    """
    holds_words = word_search(query.words or "")
    found: list[PastMeeting] = []
    token, whole = query.page_token, True
    for _ in range(MAX_PAGES if query.words else 1):
        read = await history.list_video_meetings(
            start_ms=query.start.timestamp(unit="millisecond"),
            end_ms=query.end.timestamp(unit="millisecond") - 1,
            page_token=token,
            per_page=MOST_PER_PAGE if query.words else query.limit,
        )
        meetings = [meeting for one in read.meetings if (meeting := read_video_meeting(one)) is not None]
        whole = whole and len(meetings) == len(read.raw.get("meetings", ()))
        found += [meeting for meeting in meetings if holds_words(_named(meeting))]
        token = _following(read.next_page_token, token)
        if token is None or len(found) >= query.limit:
            break
    return PastPage(
        tuple(sorted(found, key=lambda meeting: meeting.place)),
        token,
        total=len(found) if query.page_token is None and token is None else None,
        unread=not whole,
    )


def _named(meeting: PastMeeting) -> str:
    """Return what words are looked for in: the topic and the names."""
    return " ".join([meeting.topic, meeting.host or "", *(one.name for one in meeting.participants or ())])


async def past_meeting(history: HistoryOperations, past_meeting_id: str) -> PastMeeting:
    """Return one meeting that was held."""
    read = await history.load_video_meeting(past_meeting_id)
    meeting = read_video_meeting(read)
    if meeting is None:
        raise errors.unreadable_answer(errors.Upstream(200), "its id cannot be used")
    return meeting


async def transcript(history: HistoryOperations, past_meeting_id: str) -> Transcript:
    """Return what was said in a recorded meeting, or why it cannot be had: no licence, no scope, nothing heard."""
    try:
        read = await history.load_insights(past_meeting_id, HEARD)
    except errors.Unanswered as unanswered:
        return Transcript(problem=unanswered)
    except errors.Refused as refused:
        if refused.code not in _REASONS:
            raise
        nothing = refused.code in {"not_found", "invalid_arguments"}
        return Transcript(problem=errors.not_transcribed(refused.upstream) if nothing else refused)
    return read_transcript(read)


def _following(token: str | None, before: str | None) -> str | None:
    """Return the token of the next page; None for one that leads back to this page."""
    if token and len(token) > MAX_PAGE_TOKEN_CHARS:
        raise errors.unreadable_answer(errors.Upstream(200), "its page token is too long to be given back")
    return token if token and token != before else None
