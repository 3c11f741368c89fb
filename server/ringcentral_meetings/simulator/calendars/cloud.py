"""The calendars that a user has connected in the RingCentral app.

The operation is not published. Source: callers of it in RingCentral's own clients (ringcentral/ringcentral-embeddable,
`src/modules/RcVideo`) and the refusals quoted by others; an application needs a permission that is not in the public
list.
"""

from ringcentral_meetings.simulator.calls import EXTENSION, Call, Operation
from ringcentral_meetings.simulator.ids import digest
from ringcentral_meetings.simulator.replies import Reply, json_reply
from ringcentral_meetings.simulator.state import State

SCOPE = "ManageCloudCalendars"


def list_calendars(state: State, call: Call) -> Reply:
    """Answer with the connected calendars."""
    calendar = {"providerId": "Google", "calendarId": digest(state.seed, call.user)[:20], "connected": True}
    return json_reply(200, {"records": [{**calendar, "primary": True}]})


def operations() -> list[Operation]:
    """Return the one operation."""
    return [Operation("GET", f"{EXTENSION}/cloud-calendars/ucc", "light", SCOPE, None, list_calendars)]
