"""A room of RingCentral Video as the API answers with it.

Source: API reference "Get Bridge" (August 2026). Only the owner, the owner's delegates and Super Admins get the
password and the join link with its hash, even if others know the hash. Assumed here: the same goes for the host's
telephone PIN, because whoever dials it becomes the host.
"""

from typing import Any

from ringcentral_meetings.simulator.ids import digest, digits
from ringcentral_meetings.simulator.people import PEOPLE
from ringcentral_meetings.simulator.video.tables import Bridge

JOIN_BASE = "https://v.ringcentral.com/join"
PSTN_PASSWORD_DIGITS = 10


def bridge_resource(bridge: Bridge) -> dict[str, Any]:
    """Return the whole resource, secrets included."""
    body, security = bridge.body, dict(bridge.body["security"])
    password, query = security.pop("password"), ""
    if password is not None:
        security["password"] = _password(bridge, password)
        query = f"?pw={security['password']['joinQuery']}"
    return {
        "id": bridge.id,
        **body,
        "host": {"accountId": PEOPLE[bridge.host].account, "extensionId": bridge.host},
        "security": security,
        "discovery": {"web": f"{JOIN_BASE}/{body['pins']['web']}{query}"},
    }


def reduced_resource(bridge: Bridge) -> dict[str, Any]:
    """Return the resource for users who may not manage the room."""
    whole = bridge_resource(bridge)
    whole["security"].pop("password", None)
    pins = whole["pins"]
    whole["pins"] = {**pins, "pstn": {"participant": pins["pstn"]["participant"]}}
    whole["discovery"] = {"web": f"{JOIN_BASE}/{pins['web']}"}
    return whole


def _password(bridge: Bridge, password: str) -> dict[str, str]:
    return {
        "plainText": password,
        "pstn": digits(PSTN_PASSWORD_DIGITS, bridge.id, password, "pstn"),
        "joinQuery": digest(bridge.id, password, "web")[:32],
    }
