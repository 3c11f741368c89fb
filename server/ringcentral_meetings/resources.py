"""The MCP resources: a meeting as data, as a calendar file, and the page in which hosts of MCP Apps draw results."""

from collections.abc import Mapping
from typing import Any

import pydantic_core

from ringcentral_meetings import views
from ringcentral_meetings.protocol.building import structured_content
from ringcentral_meetings.protocol.server import ContractServer
from ringcentral_meetings.tools import Ctx, Door, product, services
from ringcentral_meetings.tools.meetings import get_meeting

MEETING = "ringcentral://meetings/{meeting_id}"
CALENDAR_FILE = f"{MEETING}.ics"


def register(server: ContractServer[Door], common_fields: Mapping[str, Any]) -> None:
    """Offer the resources. The data of a meeting begins with `common_fields`, as the results of tools do."""

    async def meeting(ctx: Ctx, meeting_id: str) -> str:
        found = await get_meeting(ctx, meeting_id)
        return pydantic_core.to_json(structured_content(found, common_fields)).decode()

    # The SDK takes the first template that matches, and the meeting's matches the URIs of calendar files too.
    server.resource(
        CALENDAR_FILE,
        name="meeting_calendar_file",
        title="RingCentral meeting as a calendar file",
        description="An .ics file of the meeting or series, to add to any calendar. Ids come from list_meetings.",
        mime_type="text/calendar",
    )(calendar_file)
    server.resource(
        MEETING,
        name="meeting",
        title="RingCentral meeting",
        description="One meeting with its join link, settings and recurrence, as get_meeting gives it.",
        mime_type="application/json",
    )(meeting)
    server.resource(
        views.URI_TEMPLATE,
        name="view",
        title="RingCentral meetings, drawn",
        description="The page in which hosts of MCP Apps draw an agenda, free times and a meeting.",
        mime_type=views.MIME_TYPE,
        meta=views.META,
    )(view)


async def view(digest: str) -> str:  # noqa: ARG001  (the SDK takes the parameters of a template from the function)
    """Return the page that draws results, whichever digest its address has."""
    return views.page()


async def calendar_file(ctx: Ctx, meeting_id: str) -> str:
    """Return a meeting as the text of an .ics file."""
    from ringcentral_meetings.domain.ics import ics_of

    found = await (await product(ctx)).invitation(meeting_id, None)
    return ics_of(found.meeting, found.info, services(ctx).now()).decode()
