"""Typed operations of RingCentral Meetings, and those that they depend on.

Names, paths and plan groups: RingCentral's OpenAPI as published until 2025-05 (meetings) and 2026-08 (the rest).
Every method raises `Refused` if nothing was done and `Unanswered` if the outcome is unknown.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from ringcentral_meetings import errors
from ringcentral_meetings.platform.answers import Reply
from ringcentral_meetings.platform.api.listed_wire import ListedMeeting
from ringcentral_meetings.platform.api.meetings_wire import (
    AssistedUsers,
    Extension,
    Invitation,
    Meeting,
    Page,
    PermissionCheck,
    ServiceInfo,
    TimeZone,
    TimeZoneList,
    VideoConfiguration,
)
from ringcentral_meetings.platform.api.reading import MeetingPage, read, read_meetings, read_page, unreadable
from ringcentral_meetings.platform.client import PlatformClient, answer_of
from ringcentral_meetings.platform.limits import Clock, PlanGroup
from ringcentral_meetings.platform.rate_windows import Headroom
from ringcentral_meetings.platform.signin.tokens import Token

EXTENSION: Final = "/restapi/v1.0/account/{accountId}/extension/{extensionId}"
MEETINGS: Final = f"{EXTENSION}/meeting"
MEETING: Final = f"{MEETINGS}/{{meetingId}}"
TIME_ZONES: Final = "/restapi/v1.0/dictionary/timezone"
OWN: Final = "~"
MAX_TIME_ZONE_PAGES: Final = 50

AnyPage = TypeVar("AnyPage", bound=Page | MeetingPage)


@dataclass(frozen=True, slots=True)
class Listing:
    """Meetings of all pages read, each id once; not `complete` if there may be more."""

    meetings: list[ListedMeeting | Meeting]
    complete: bool


class Operations:
    """Typed calls on behalf of one account. `extension_id` is the host's; `~` is the signed-in user."""

    def __init__(self, client: PlatformClient, account_id: str = OWN) -> None:
        self._client = client
        self._account_id = account_id

    def _values(self, extension_id: str, **more: str) -> dict[str, str]:
        return {"accountId": self._account_id, "extensionId": extension_id, **more}

    async def list_meetings(self, extension_id: str = OWN, max_pages: int = 10) -> Listing:
        """`listMeetings`: scheduled meetings to come, at most `max_pages` pages of them.

        Records without an id are left out, and the listing is then not complete.
        """
        pages, complete = await self._pages(read_meetings, MEETINGS, self._values(extension_id), max_pages)
        named = [meeting for page in pages for meeting in page.records if meeting.id]
        unique: dict[str | None, ListedMeeting | Meeting] = {}
        for meeting in named:
            unique.setdefault(meeting.id, meeting)
        return Listing(list(unique.values()), complete and len(named) == sum(page.size for page in pages))

    async def create_meeting(self, body: Mapping[str, Any], extension_id: str = OWN) -> Meeting:
        """`createMeeting`. Calling it twice makes two meetings."""
        answer = await self._client.request(
            "POST", MEETINGS, values=self._values(extension_id), json=body, group="medium"
        )
        return read(Meeting, answer)

    async def load_meeting(self, meeting_id: str, extension_id: str = OWN) -> Meeting:
        """`readMeeting`. Raises `Unanswered` for an answer without an id."""
        values = self._values(extension_id, meetingId=meeting_id)
        answer = await self._client.request("GET", MEETING, values=values, group="light")
        meeting = read(Meeting, answer)
        if not meeting.id:
            raise unreadable(answer, "it is not a meeting")
        return meeting

    async def update_meeting(self, meeting_id: str, body: Mapping[str, Any], extension_id: str = OWN) -> Meeting:
        """`updateMeeting`: PUT, so that what `body` leaves out falls back to its default.

        Does not wait for a rate limit, since the body could be outdated by then. After `rate_limited`, call
        `wait_for_writes`, read the meeting again, and send the new body.
        """
        values = self._values(extension_id, meetingId=meeting_id)
        answer = await self._client.request("PUT", MEETING, values=values, json=body, group="medium", patient=False)
        return read(Meeting, answer)

    async def wait_for_writes(self) -> None:
        """Wait until a write may go. Raises `rate_limited` if the wait exceeds the time left."""
        await self._client.wait_to_write("medium")

    async def delete_meeting(self, meeting_id: str, extension_id: str = OWN, occurrence_id: str | None = None) -> None:
        """`deleteMeeting`: the meeting, or one occurrence of a series."""
        values = self._values(extension_id, meetingId=meeting_id)
        query = None if occurrence_id is None else {"occurrenceId": occurrence_id}
        await self._client.request("DELETE", MEETING, values=values, query=query, group="medium")

    async def end_meeting(self, meeting_id: str, extension_id: str = OWN) -> None:
        """`endMeeting`: ends a running meeting for everyone in it."""
        values = self._values(extension_id, meetingId=meeting_id)
        await self._client.request("POST", f"{MEETING}/end", values=values, group="medium")

    async def load_meeting_service_info(self, extension_id: str = OWN) -> ServiceInfo:
        """`readMeetingServiceInfo`."""
        answer = await self._client.request(
            "GET", f"{MEETINGS}/service-info", values=self._values(extension_id), group="light"
        )
        return read(ServiceInfo, answer)

    async def load_invitation(self, meeting_id: str, extension_id: str = OWN) -> Invitation:
        """`readMeetingInvitation`."""
        values = self._values(extension_id, meetingId=meeting_id)
        answer = await self._client.request("GET", f"{MEETING}/invitation", values=values, group="light")
        return read(Invitation, answer)

    async def load_assisted_users(self, extension_id: str = OWN) -> AssistedUsers:
        """`readAssistedUsers`: for whom the user may schedule."""
        path = f"{EXTENSION}/meetings-configuration/assisted"
        answer = await self._client.request("GET", path, values=self._values(extension_id), group="light")
        return read(AssistedUsers, answer)

    async def list_time_zones(self) -> list[TimeZone]:
        """`listTimezones`: the whole dictionary. Raises `Unanswered` if its pages do not end."""
        pages, complete = await self._pages(_read_time_zones, TIME_ZONES, {}, MAX_TIME_ZONE_PAGES)
        if not complete:
            raise errors.unreadable_answer(errors.Upstream(200), "the pages of time zones do not end")
        return [zone for page in pages for zone in page.records]

    async def load_extension(self, extension_id: str = OWN) -> Extension:
        """`readExtension`: a user's name and time zone."""
        values = self._values(extension_id)
        return read(Extension, await self._client.request("GET", EXTENSION, values=values, group="light"))

    async def load_video_configuration(self, extension_id: str = OWN) -> VideoConfiguration:
        """`readUserVideoConfiguration`: which meeting product the user has."""
        answer = await self._client.request(
            "GET", f"{EXTENSION}/video-configuration", values=self._values(extension_id), group="light"
        )
        return read(VideoConfiguration, answer)

    async def check_permission(self, permission_id: str, extension_id: str = OWN) -> PermissionCheck:
        """`checkUserPermission`: whether the user's role holds a permission."""
        path, query = f"{EXTENSION}/authz-profile/check", {"permissionId": permission_id}
        values = self._values(extension_id)
        answer = await self._client.request("GET", path, values=values, query=query, group="light")
        return read(PermissionCheck, answer)

    async def token(self) -> Token | None:
        """Return the token in use, signing in first if need be; None if it is managed elsewhere. Raises `Refused`."""
        return await self._client.token()

    async def owner(self) -> str | None:
        """Return who is signed in, on which server and for which account; None if nobody has signed in."""
        owner = await self._client.owner()
        return f"{owner} {self._account_id}" if owner is not None else None

    async def person(self) -> tuple[str, str, str]:
        """Return server, account and whose token is in use, signing in if nobody has. Raises `Refused`."""
        address, owner = await self._client.person()
        return address, self._account_id, owner

    @property
    def clock(self) -> Clock:
        """The time that requests and waits take."""
        return self._client.clock

    async def headroom(self) -> dict[PlanGroup, Headroom]:
        """Return what is free of each plan group."""
        return await self._client.headroom()

    async def _pages(
        self, read: Callable[[Reply], Awaitable[AnyPage]], path: str, values: Mapping[str, str], max_pages: int
    ) -> tuple[list[AnyPage], bool]:
        """Return the pages from the first on, and whether those are all. A page that cannot be read ends them."""
        pages = [await read(await self._client.fetch(path, values=values, group="light"))]
        followed: set[str | int] = set()
        while (step := _next_step(pages[-1])) is not None:
            if step in followed:
                return pages, _is_last(pages[-1])
            if len(pages) >= max_pages:
                return pages, False
            followed.add(step)
            try:
                pages.append(await read(await self._load_page(path, values, step)))
            except errors.Unanswered as problem:
                if problem.upstream is None or problem.upstream.http_status >= 300:
                    raise
                return pages, False
        return pages, True

    async def _load_page(self, path: str, values: Mapping[str, str], step: str | int) -> Reply:
        if isinstance(step, str):
            return await self._client.follow(step, group="light")
        return await self._client.fetch(path, values=values, query={"page": str(step)}, group="light")


async def _read_time_zones(reply: Reply) -> TimeZoneList:
    return read_page(TimeZoneList, await answer_of(reply))


def _next_step(page: Page | MeetingPage) -> str | int | None:
    """Return the link to the next page, or its number if only the count of pages shows that there is one."""
    number, total = page.paging.page, page.paging.total_pages
    if page.next_uri is None and number is not None and total is not None and number < total:
        return number + 1
    return page.next_uri


def _is_last(page: Page | MeetingPage) -> bool:
    number, total = page.paging.page, page.paging.total_pages
    return number is not None and total is not None and number >= total
