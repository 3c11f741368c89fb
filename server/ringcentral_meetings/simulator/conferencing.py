"""The audio conference of a user: the numbers to dial, the code for guests and the host's, which is a secret.

Source: API reference "Get User Conferencing Settings" (August 2026). RingCentral Video's guide names it as where
dial-in numbers come from. Not known of the platform, and chosen here: a country without a number of its own is 400.
"""

import hashlib
from typing import TYPE_CHECKING, Any

from ringcentral_meetings.simulator.calls import Call, Operation
from ringcentral_meetings.simulator.meetings.operations import EXTENSION
from ringcentral_meetings.simulator.meetings.service import DIAL_IN
from ringcentral_meetings.simulator.people import ACCOUNT_ID
from ringcentral_meetings.simulator.replies import Reply, feature_unavailable, invalid, json_reply

if TYPE_CHECKING:
    from ringcentral_meetings.simulator.simulator import Simulator

HOME_COUNTRY = "1"
CODE_DIGITS = 9


def read_conferencing(simulator: "Simulator", call: Call) -> Reply:
    """Answer with the numbers, the first number of the country being the primary one, and the two codes."""
    if "Conferencing" not in simulator.features:
        raise feature_unavailable()
    country = call.query.get("countryId", HOME_COUNTRY)
    primary = next((row[0] for row in DIAL_IN if row[3] == country), None)
    if primary is None:
        raise invalid("countryId")
    payload = {
        "uri": f"{call.base}/restapi/v1.0/account/{ACCOUNT_ID}/extension/{call.extension}/conferencing",
        "allowJoinBeforeHost": True,
        "hostCode": _code(simulator, call.extension, "host"),
        "mode": "RCConference",
        "participantCode": _code(simulator, call.extension, "participant"),
        "phoneNumber": primary,
        "supportUri": "https://support.ringcentral.com",
        "phoneNumbers": [_number(call.base, row, primary) for row in DIAL_IN],
    }
    return json_reply(200, payload)


def operations() -> list[Operation]:
    """Return the operation on the audio conference."""
    path = f"{EXTENSION}/conferencing"
    return [Operation("GET", path, "light", "ReadAccounts", "OrganizeConference", read_conferencing)]


def _number(base: str, row: tuple[str, str, str, str, str, str, str], primary: str) -> dict[str, Any]:
    number, _, location, identifier, name, iso_code, calling_code = row
    uri = f"{base}/restapi/v1.0/dictionary/country/{identifier}"
    country = {"uri": uri, "id": identifier, "name": name, "isoCode": iso_code, "callingCode": calling_code}
    return {
        "phoneNumber": number,
        "default": number == primary,
        "hasGreeting": False,
        "location": location,
        "premium": False,
        "country": country,
    }


def _code(simulator: "Simulator", extension: str, whose: str) -> str:
    text = hashlib.sha256(f"{simulator.seed}:{extension}:{whose}".encode()).hexdigest()
    return str(int(text, 16))[:CODE_DIGITS]
