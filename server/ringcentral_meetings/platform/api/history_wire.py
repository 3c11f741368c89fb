"""Past meetings in the API's own shapes: RingCentral Video's history, RingSense, the older product's recordings.

Read as tolerantly as the shapes of meetings. Facts: RingCentral's API reference (OpenAPI) of 2026-08, and of 2025-05
for the older product.
"""

from pydantic import AliasPath, Field

from ringcentral_meetings.platform.api.meetings_wire import Body, Objects, Page, Wire


class HistoryHost(Wire):
    """Whose room it was."""

    extension_id: str | None = None
    display_name: str | None = None


class Participant(Wire):
    """Somebody who attended; `caller_id` is a telephone number. When they came and left is not part of it."""

    extension_id: str | None = None
    display_name: str | None = None
    caller_id: str | None = None


class VideoRecording(Wire):
    """A recording; `status` is that of its processing, `availability_status` whether its file exists."""

    url: str | None = Field(None, repr=False)
    status: str | None = None
    availability_status: str | None = None
    long_summary: str | None = None
    short_summary: str | None = None


class Notes(Wire):
    """Notes that RingCentral wrote by itself; their text has no public API."""

    status: str | None = None


class VideoMeeting(Body):
    """A past or running meeting: `start_time` in ISO 8601, `duration` in seconds, `status` InProgress or Done."""

    id: str | None = None
    bridge_id: str | None = None
    start_time: str | None = None
    display_name: str | None = None
    host: HistoryHost = Field(HistoryHost(), validation_alias="hostInfo")
    duration: int | None = None
    status: str | None = None
    participants: Objects[Participant] = Field(default_factory=list)
    recordings: Objects[VideoRecording] = Field(default_factory=list)
    notes: Objects[Notes] = Field(default_factory=list)
    summary: str | None = None
    long_summary: str | None = None
    short_summary: str | None = None
    chat_url: str | None = None


class VideoMeetingPage(Body):
    """One page of the history, with the token of the next one."""

    meetings: Objects[VideoMeeting] = Field(default_factory=list)
    next_page_token: str | None = Field(None, validation_alias=AliasPath("paging", "nextPageToken"))


class Speaker(Wire):
    """Who spoke, by the id that utterances name."""

    speaker_id: str | None = None
    name: str | None = None
    phone_number: str | None = None


class Utterance(Wire):
    """Something said, `start` seconds into the recording."""

    speaker_id: str | None = None
    text: str | None = None
    start: float | None = None


class Insight(Wire):
    """A finding of RingSense in words, about a speaker or nobody."""

    speaker_id: str | None = None
    value: str | None = None


class Insights(Body):
    """What RingSense heard in a recording, as far as it was asked for."""

    speakers: Objects[Speaker] = Field(default_factory=list, validation_alias="speakerInfo")
    transcript: Objects[Utterance] = Field(default_factory=list, validation_alias=AliasPath("insights", "Transcript"))
    summary: Objects[Insight] = Field(default_factory=list, validation_alias=AliasPath("insights", "Summary"))
    next_steps: Objects[Insight] = Field(default_factory=list, validation_alias=AliasPath("insights", "NextSteps"))


class MeetingInstance(Wire):
    """One time that a meeting of the older product was held: of a series `id` is the same each time, `uuid` is not."""

    uuid: str | None = None
    id: str | None = None
    topic: str | None = None
    start_time: str | None = None


class MeetingRecording(Wire):
    """One file; `status` is Processing or Completed."""

    url: str | None = Field(None, validation_alias="contentDownloadUri", repr=False)
    content_type: str | None = None
    start_time: str | None = None
    end_time: str | None = None
    status: str | None = None


class MeetingRecordings(Wire):
    """A past meeting and its files."""

    meeting: MeetingInstance = MeetingInstance()
    recordings: Objects[MeetingRecording] = Field(default_factory=list)


class MeetingRecordingsPage(Page):
    """One page of the older product's recordings."""

    records: Objects[MeetingRecordings] = Field(default_factory=list)
