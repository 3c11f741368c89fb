"""The audio conference of a user: the numbers to dial, the guests' code, and the host's code, which is a secret.

Source: API reference "Get User Conferencing Settings" (August 2026). RingCentral Video's guide names it as the source
of dial-in numbers. Not known of the platform, and assumed here: a country without a number of its own is 400.
"""

from typing import Any

from ringcentral_meetings.simulator.calls import EXTENSION, Call, Operation, extension_uri
from ringcentral_meetings.simulator.dial_in import DIAL_IN, DialIn
from ringcentral_meetings.simulator.ids import digits
from ringcentral_meetings.simulator.replies import Reply, feature_unavailable, invalid, json_reply
from ringcentral_meetings.simulator.state import State

HOME_COUNTRY = "1"
CODE_DIGITS = 9


def read_conferencing(state: State, call: Call) -> Reply:
    """Answer with the two codes and all numbers; the first number of the country asked for is the primary one."""
    if "Conferencing" not in state.features:
        raise feature_unavailable()
    country = call.query.get("countryId", HOME_COUNTRY)
    primary = next((line.number for line in DIAL_IN if line.country_id == country), None)
    if primary is None:
        raise invalid("countryId")
    payload = {
        "uri": f"{extension_uri(call)}/conferencing",
        "allowJoinBeforeHost": True,
        "hostCode": _code(state, call.extension, "host"),
        "mode": "RCConference",
        "participantCode": _code(state, call.extension, "participant"),
        "phoneNumber": primary,
        "supportUri": "https://support.ringcentral.com",
        "phoneNumbers": [_number(call.base, line, primary) for line in DIAL_IN],
    }
    return json_reply(200, payload)


def operations() -> list[Operation]:
    """Return the operation on the audio conference."""
    path = f"{EXTENSION}/conferencing"
    return [Operation("GET", path, "light", "ReadAccounts", "OrganizeConference", read_conferencing)]


def _number(base: str, line: DialIn, primary: str) -> dict[str, Any]:
    return {
        "phoneNumber": line.number,
        "default": line.number == primary,
        "hasGreeting": False,
        "location": line.location,
        "premium": False,
        "country": line.country_resource(base),
    }


def _code(state: State, extension: str, whose: str) -> str:
    return digits(CODE_DIGITS, state.seed, extension, whose)
