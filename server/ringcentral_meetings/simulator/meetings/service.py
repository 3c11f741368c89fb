"""What surrounds the meetings: service info, settings, assistants, the extension, time zones, permissions.

Sources: API reference (May 2025 for Meetings, August 2026 for the rest) and recorded answers.
"""

import hashlib
from typing import TYPE_CHECKING, Any

from ringcentral_meetings.simulator.calls import Call, Operation, whole_number
from ringcentral_meetings.simulator.meetings.operations import EXTENSION
from ringcentral_meetings.simulator.paging import page_of
from ringcentral_meetings.simulator.people import ACCOUNT_ID, ASSISTED, FEATURES, PEOPLE, Person
from ringcentral_meetings.simulator.replies import Reply, invalid, json_reply, missing
from ringcentral_meetings.simulator.zones import listed_zones, zone_name, zone_resource

if TYPE_CHECKING:
    from ringcentral_meetings.simulator.simulator import Simulator

MOST_PER_PAGE = 1000
DEFAULT_PER_PAGE = 100
DIAL_IN = (
    ("+16463573664", "+1 (646) 3573664", "New York", "1", "United States", "US", "1"),
    ("+16504191505", "+1 (650) 4191505", "San Jose", "1", "United States", "US", "1"),
    ("+16475580588", "+1 (647) 5580588", "Toronto", "39", "Canada", "CA", "1"),
    ("+442039363664", "+44 (0)20 39363664", "London", "224", "United Kingdom", "GB", "44"),
    ("+4969710498922", "+49 69 710498922", "Frankfurt", "75", "Germany", "DE", "49"),
    ("+33170950103", "+33 1 70950103", "Paris", "74", "France", "FR", "33"),
    ("+61280152088", "+61 2 80152088", "Sydney", "16", "Australia", "AU", "61"),
    ("+81345781488", "+81 3 45781488", "Tokyo", "107", "Japan", "JP", "81"),
)


def service_info(simulator: "Simulator", call: Call) -> Reply:
    """Answer with the dial-in numbers and the person's meeting account, host key and token included."""
    person = PEOPLE[call.extension]
    payload = {
        "uri": f"{_extension_uri(call)}/meeting/service-info",
        "supportUri": "https://support.ringcentral.com/meetings",
        "intlDialInNumbersUri": "https://meetings.ringcentral.com/teleconference",
        "domain": "meetings.ringcentral.com",
        "externalUserInfo": _external_user(simulator, person, call),
        "dialInNumbers": [_dial_in(call.base, *row) for row in DIAL_IN],
    }
    return json_reply(200, payload)


def user_settings(_simulator: "Simulator", _call: Call) -> Reply:
    """Answer with the person's own defaults for new meetings."""
    payload = {
        "recording": {"localRecording": True, "cloudRecording": True, "autoRecording": "none"},
        "scheduleMeeting": _schedule_settings(),
        "telephony": {"thirdPartyAudio": False, "audioConferenceInfo": True, "globalDialCountries": _countries()},
        "inMeetings": {"enableWaitingRoom": False, "breakoutRoom": True, "chat": True, "screenSharing": True},
    }
    return json_reply(200, payload)


def locked_settings(_simulator: "Simulator", _call: Call) -> Reply:
    """Answer with what the account's administrator has locked: nothing."""
    return json_reply(200, {"scheduleMeeting": {"enforceLogin": False}, "recording": {"cloudRecording": False}})


def assisted_users(_simulator: "Simulator", call: Call) -> Reply:
    """Answer with the people for whom the person may schedule; `{}` where there is nobody."""
    return _people(ASSISTED.get(call.extension, ()))


def assistants(_simulator: "Simulator", call: Call) -> Reply:
    """Answer with the people who may schedule for the person; `{}` where there is nobody."""
    return _people(tuple(helper for helper, helped in ASSISTED.items() if call.extension in helped))


def extension_info(simulator: "Simulator", call: Call) -> Reply:
    """Answer with the extension: name, contact, time zone and features."""
    person = PEOPLE[call.extension]
    zone = zone_resource(person.zone, call.base, simulator.now(), simulator.switches)
    language = {"id": "1033", "name": "English (United States)", "localeCode": "en-US"}
    payload = {
        "uri": _extension_uri(call),
        "id": person.id,
        "extensionNumber": person.number,
        "name": person.name,
        "type": "User",
        "status": "Enabled",
        "contact": {"firstName": person.first_name, "lastName": person.last_name, "email": person.email},
        "regionalSettings": {"timezone": zone, "language": language, "timeFormat": "12h"},
        "features": [{"id": name, "featureName": name, "available": name in simulator.features} for name in FEATURES],
    }
    return json_reply(200, payload)


def video_configuration(simulator: "Simulator", call: Call) -> Reply:
    """Answer with the meeting product of the extension."""
    provider = simulator.providers.get(call.extension, simulator.provider)
    return json_reply(200, {"provider": provider, "userLicenseType": "Paid"})


def list_time_zones(simulator: "Simulator", call: Call) -> Reply:
    """Answer with one page of the time zone dictionary."""
    page = whole_number(call, "page", 1, MOST_PER_PAGE)
    per_page = whole_number(call, "perPage", DEFAULT_PER_PAGE, MOST_PER_PAGE)
    now, switches = simulator.now(), simulator.switches
    records = [zone_resource(name, call.base, now, switches) for name in listed_zones(switches)]
    return json_reply(200, page_of(f"{call.base}/restapi/v1.0/dictionary/timezone", records, page, per_page))


def read_time_zone(simulator: "Simulator", call: Call) -> Reply:
    """Answer with one entry of the time zone dictionary."""
    name = zone_name(call.path["timezone_id"], simulator.switches)
    if name is None:
        raise missing("timezoneId")
    return json_reply(200, zone_resource(name, call.base, simulator.now(), simulator.switches))


def check_permission(simulator: "Simulator", call: Call) -> Reply:
    """Answer whether the person holds the user permission that the query names."""
    permission = call.query.get("permissionId", "")
    if not permission:
        raise invalid("permissionId")
    held = simulator.holds(permission)
    payload: dict[str, Any] = {"uri": f"{_extension_uri(call)}/authz-profile/check", "successful": held}
    if held:
        uri = f"{call.base}/restapi/v1.0/dictionary/permission/{permission}"
        payload["details"] = {"permission": {"uri": uri, "id": permission}, "scopes": ["Self"]}
    return json_reply(200, payload)


def operations() -> list[Operation]:
    """Return these operations; they must stand before those whose path holds a meeting id."""
    account, dictionary = "/restapi/v1.0/account/{account_id}", "/restapi/v1.0/dictionary/timezone"
    need = ("Meetings", "Meetings")
    meeting, configuration = f"{EXTENSION}/meeting", f"{EXTENSION}/meetings-configuration"
    return [
        Operation("GET", f"{meeting}/service-info", "light", *need, service_info),
        Operation("GET", f"{meeting}/user-settings", "light", *need, user_settings),
        Operation("GET", f"{account}/meeting/locked-settings", "light", *need, locked_settings),
        Operation("GET", f"{configuration}/assisted", "light", *need, assisted_users),
        Operation("GET", f"{configuration}/assistants", "light", *need, assistants),
        Operation("GET", EXTENSION, "light", "ReadAccounts", None, extension_info),
        Operation("GET", f"{EXTENSION}/video-configuration", "light", "ReadAccounts", "Meetings", video_configuration),
        Operation("GET", f"{EXTENSION}/authz-profile/check", "light", None, None, check_permission),
        Operation("GET", dictionary, "light", None, None, list_time_zones),
        Operation("GET", f"{dictionary}/{{timezone_id}}", "light", None, None, read_time_zone),
    ]


def _external_user(simulator: "Simulator", person: Person, call: Call) -> dict[str, Any]:
    secret = hashlib.sha256(f"{simulator.seed}:{person.id}".encode()).hexdigest()
    return {
        "uri": f"{_extension_uri(call)}/meeting/service-info",
        "userId": secret[:22],
        "accountId": ACCOUNT_ID,
        "userType": 2,
        "userToken": f"SIMUSERTOKEN{secret[:32]}",
        "hostKey": str(int(secret, 16))[:6],
        "personalMeetingId": person.personal_meeting_id,
        "personalLink": f"https://meetings.ringcentral.com/my/{person.first_name.lower()}",
        "personalLinkName": person.first_name.lower(),
        "usePmiForInstantMeetings": False,
    }


def _dial_in(
    base: str, number: str, formatted: str, location: str, identifier: str, name: str, iso: str, code: str
) -> dict[str, Any]:
    country = {
        "uri": f"{base}/restapi/v1.0/dictionary/country/{identifier}",
        "id": identifier,
        "name": name,
        "isoCode": iso,
        "callingCode": code,
    }
    return {"phoneNumber": number, "formattedNumber": formatted, "location": location, "country": country}


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
    codes = {row[5]: row[4] for row in DIAL_IN}
    return [
        {"countryCode": code, "countryName": name, "checked": code == "US", "order": order}
        for order, (code, name) in enumerate(codes.items(), 1)
    ]


def _people(identifiers: tuple[str, ...]) -> Reply:
    records = [{"id": identifier, "name": PEOPLE[identifier].name} for identifier in identifiers]
    return json_reply(200, {"records": records} if records else {})


def _extension_uri(call: Call) -> str:
    return f"{call.base}/restapi/v1.0/account/{ACCOUNT_ID}/extension/{call.extension}"
