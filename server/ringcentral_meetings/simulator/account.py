"""The account around the products: the extension, its product and permissions, and the time zone dictionary.

Source: API reference (August 2026).
"""

from typing import Any

from ringcentral_meetings.simulator.calls import EXTENSION, Call, Operation, extension_uri, whole_number
from ringcentral_meetings.simulator.paging import page_of
from ringcentral_meetings.simulator.people import FEATURES, PEOPLE
from ringcentral_meetings.simulator.replies import Reply, invalid, json_reply, missing
from ringcentral_meetings.simulator.state import State
from ringcentral_meetings.simulator.zones import listed_zones, zone_name, zone_resource

PER_PAGE, MOST_PER_PAGE = 100, 1000
TIME_ZONES = "/restapi/v1.0/dictionary/timezone"


def extension_info(state: State, call: Call) -> Reply:
    """Answer with the extension: name, contact, time zone and features."""
    person = PEOPLE[call.extension]
    zone = zone_resource(state.zones[person.id], call.base, state.now(), state.switches)
    language = {"id": "1033", "name": "English (United States)", "localeCode": "en-US"}
    payload = {
        "uri": extension_uri(call),
        "id": person.id,
        "account": {"uri": f"{call.base}/restapi/v1.0/account/{person.account}", "id": person.account},
        "extensionNumber": person.number,
        "name": person.name,
        "type": "User",
        "status": "Enabled",
        "contact": {"firstName": person.first_name, "lastName": person.last_name, "email": person.email},
        "regionalSettings": {"timezone": zone, "language": language, "timeFormat": "12h"},
        "features": [{"id": name, "featureName": name, "available": name in state.features} for name in FEATURES],
    }
    return json_reply(200, payload)


def video_configuration(state: State, call: Call) -> Reply:
    """Answer with the meeting product of the extension."""
    provider = state.providers.get(call.extension, state.provider)
    return json_reply(200, {"provider": provider, "userLicenseType": "Paid"})


def check_permission(state: State, call: Call) -> Reply:
    """Answer whether the user has the user permission that the query names."""
    permission = call.query.get("permissionId", "")
    if not permission:
        raise invalid("permissionId")
    held = state.holds(permission)
    payload: dict[str, Any] = {"uri": f"{extension_uri(call)}/authz-profile/check", "successful": held}
    if held:
        uri = f"{call.base}/restapi/v1.0/dictionary/permission/{permission}"
        payload["details"] = {"permission": {"uri": uri, "id": permission}, "scopes": ["Self"]}
    return json_reply(200, payload)


def list_time_zones(state: State, call: Call) -> Reply:
    """Answer with one page of the time zone dictionary."""
    page = whole_number(call, "page", 1, MOST_PER_PAGE)
    per_page = whole_number(call, "perPage", PER_PAGE, MOST_PER_PAGE)
    now, switches = state.now(), state.switches
    records = [zone_resource(name, call.base, now, switches) for name in listed_zones(switches)]
    return json_reply(200, page_of(f"{call.base}{TIME_ZONES}", records, page, per_page))


def read_time_zone(state: State, call: Call) -> Reply:
    """Answer with one entry of the time zone dictionary."""
    name = zone_name(call.path["timezone_id"], state.switches)
    if name is None:
        raise missing("timezoneId")
    return json_reply(200, zone_resource(name, call.base, state.now(), state.switches))


def operations() -> list[Operation]:
    """Return the operations on the account."""
    return [
        Operation("GET", EXTENSION, "light", "ReadAccounts", None, extension_info),
        Operation("GET", f"{EXTENSION}/video-configuration", "light", "ReadAccounts", "Meetings", video_configuration),
        Operation("GET", f"{EXTENSION}/authz-profile/check", "light", None, None, check_permission),
        Operation("GET", TIME_ZONES, "light", None, None, list_time_zones),
        Operation("GET", f"{TIME_ZONES}/{{timezone_id}}", "light", None, None, read_time_zone),
    ]
