"""What surrounds a user's meetings: dial-in numbers, the meeting account, settings, and who may schedule for whom.

Sources: API reference of RingCentral Meetings as last published (May 2025), and recorded answers.
"""

from typing import Any

from ringcentral_meetings.simulator.calls import EXTENSION, Call, Operation, extension_uri
from ringcentral_meetings.simulator.dial_in import DIAL_IN, DialIn
from ringcentral_meetings.simulator.ids import digest, digits
from ringcentral_meetings.simulator.people import PEOPLE, Person, assistants_of, assisted_by
from ringcentral_meetings.simulator.replies import Reply, json_reply
from ringcentral_meetings.simulator.state import State


def service_info(state: State, call: Call) -> Reply:
    """Answer with the dial-in numbers and the user's meeting account, host key and token included."""
    payload = {
        "uri": f"{extension_uri(call)}/meeting/service-info",
        "supportUri": "https://support.ringcentral.com/meetings",
        "intlDialInNumbersUri": "https://meetings.ringcentral.com/teleconference",
        "domain": "meetings.ringcentral.com",
        "externalUserInfo": _external_user(state, PEOPLE[call.extension], call),
        "dialInNumbers": [_number(call.base, line) for line in DIAL_IN],
    }
    return json_reply(200, payload)


def user_settings(_state: State, _call: Call) -> Reply:
    """Answer with the user's own defaults for new meetings."""
    payload = {
        "recording": {"localRecording": True, "cloudRecording": True, "autoRecording": "none"},
        "scheduleMeeting": _schedule_settings(),
        "telephony": {"thirdPartyAudio": False, "audioConferenceInfo": True, "globalDialCountries": _countries()},
        "inMeetings": {"enableWaitingRoom": False, "breakoutRoom": True, "chat": True, "screenSharing": True},
    }
    return json_reply(200, payload)


def locked_settings(_state: State, _call: Call) -> Reply:
    """Answer with the settings that the account's administrator has locked: none of them."""
    return json_reply(200, {"scheduleMeeting": {"enforceLogin": False}, "recording": {"cloudRecording": False}})


def assisted_users(_state: State, call: Call) -> Reply:
    """Answer with the people for whom the user may schedule."""
    return _people(assisted_by(call.extension))


def assistants(_state: State, call: Call) -> Reply:
    """Answer with the people who may schedule for the user."""
    return _people(assistants_of(call.extension))


def operations() -> list[Operation]:
    """Return these operations; they must stand before those whose path holds a meeting id."""
    need = ("Meetings", "Meetings")
    meeting, configuration = f"{EXTENSION}/meeting", f"{EXTENSION}/meetings-configuration"
    locked = "/restapi/v1.0/account/{account_id}/meeting/locked-settings"
    return [
        Operation("GET", f"{meeting}/service-info", "light", *need, service_info),
        Operation("GET", f"{meeting}/user-settings", "light", *need, user_settings),
        Operation("GET", locked, "light", *need, locked_settings),
        Operation("GET", f"{configuration}/assisted", "light", *need, assisted_users),
        Operation("GET", f"{configuration}/assistants", "light", *need, assistants),
    ]


def _external_user(state: State, person: Person, call: Call) -> dict[str, Any]:
    secret = digest(state.seed, person.id)
    return {
        "uri": f"{extension_uri(call)}/meeting/service-info",
        "userId": secret[:22],
        "accountId": person.account,
        "userType": 2,
        "userToken": f"SIMUSERTOKEN{secret[:32]}",
        "hostKey": digits(6, state.seed, person.id),
        "personalMeetingId": person.personal_meeting_id,
        "personalLink": f"https://meetings.ringcentral.com/my/{person.alias}",
        "personalLinkName": person.alias,
        "usePmiForInstantMeetings": False,
    }


def _number(base: str, line: DialIn) -> dict[str, Any]:
    return {
        "phoneNumber": line.number,
        "formattedNumber": line.formatted,
        "location": line.location,
        "country": line.country_resource(base),
    }


def _schedule_settings() -> dict[str, Any]:
    return {
        "enforceLogin": False,
        "startHostVideo": False,
        "startParticipantsVideo": False,
        "audioOptions": ["Phone", "ComputerAudio"],
        "allowJoinBeforeHost": False,
        "usePmiForScheduledMeetings": False,
        "usePmiForInstantMeetings": False,
        "requirePasswordForSchedulingNewMeetings": False,
        "requirePasswordForPmiMeetings": "jbh_only",
        "muteParticipantsOnEntry": False,
    }


def _countries() -> list[dict[str, Any]]:
    names = {line.iso_code: line.country for line in DIAL_IN}
    return [
        {"countryCode": code, "countryName": name, "checked": code == "US", "order": order}
        for order, (code, name) in enumerate(names.items(), 1)
    ]


def _people(identifiers: tuple[str, ...]) -> Reply:
    """Return an answer that lists people; the platform answers `{}` if there are none."""
    records = [{"id": identifier, "name": PEOPLE[identifier].name} for identifier in identifiers]
    return json_reply(200, {"records": records} if records else {})
