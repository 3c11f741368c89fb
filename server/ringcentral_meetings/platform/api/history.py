"""Typed operations on past meetings.

Names, paths and plan groups: RingCentral's OpenAPI of 2026-08, and as published until 2025-05 for the older product.
Every method only reads. All raise `MeetingsError`.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from ringcentral_meetings.platform.api.history_wire import (
    Insights,
    MeetingRecordingsPage,
    VideoMeeting,
    VideoMeetingPage,
)
from ringcentral_meetings.platform.api.meetings import EXTENSION, OWN
from ringcentral_meetings.platform.api.reading import read, read_page, unreadable
from ringcentral_meetings.platform.client import PlatformClient

HISTORY: Final = "/rcvideo/v1/history/meetings"
INSIGHTS: Final = "/ai/ringsense/v1/public/accounts/{accountId}/domains/rcv/records/{recordId}/insights"
RECORDINGS: Final = f"{EXTENSION}/meeting-recordings"


class HistoryOperations:
    """Typed calls on behalf of one account."""

    def __init__(self, client: PlatformClient, account_id: str = OWN) -> None:
        self._client = client
        self._account_id = account_id

    async def list_video_meetings(
        self, *, start_ms: int, end_ms: int, page_token: str | None, per_page: int
    ) -> VideoMeetingPage:
        """`listVideoMeetings`: what the user hosted or attended, begun between `start_ms` and `end_ms`, both inclusive.

        Times are milliseconds since 1970. A page may hold fewer than `per_page`: the platform has a maximum of its own.
        """
        query = {"startTime": str(start_ms), "endTime": str(end_ms), "perPage": str(per_page)}
        query |= {"pageToken": page_token} if page_token else {}
        answer = await self._client.request("GET", HISTORY, query=query, group="light")
        page = read(VideoMeetingPage, answer)
        if page.raw and not isinstance(page.raw.get("meetings"), list):
            raise unreadable(answer, "it is not a list")
        return page

    async def load_video_meeting(self, past_meeting_id: str) -> VideoMeeting:
        """`getVideoMeeting`. Raises `Unanswered` for an answer without an id."""
        values = {"past_meeting_id": past_meeting_id}
        answer = await self._client.request("GET", f"{HISTORY}/{{past_meeting_id}}", values=values, group="light")
        meeting = read(VideoMeeting, answer)
        if not meeting.id:
            raise unreadable(answer, "it is not a meeting")
        return meeting

    async def load_insights(self, record_id: str, types: Sequence[str]) -> Insights:
        """`getRecordingInsights` of a recorded meeting of RingCentral Video, by its id in the history."""
        values, query = {"accountId": self._account_id, "recordId": record_id}, {"insightTypes": ",".join(types)}
        answer = await self._client.request("GET", INSIGHTS, values=values, query=query, group="light")
        return read(Insights, answer)

    async def list_meeting_recordings(
        self, query: Mapping[str, str], *, page: int, per_page: int, extension_id: str = OWN
    ) -> MeetingRecordingsPage:
        """`listUserMeetingRecordings` of the older product, whose pages count from 1.

        `query` names either `meetingId`, or `meetingStartTimeFrom` and `meetingStartTimeTo` in ISO 8601.
        """
        values = {"accountId": self._account_id, "extensionId": extension_id}
        query = {**query, "page": str(page), "perPage": str(per_page)}
        answer = await self._client.request("GET", RECORDINGS, values=values, query=query, group="medium")
        return read_page(MeetingRecordingsPage, answer)
