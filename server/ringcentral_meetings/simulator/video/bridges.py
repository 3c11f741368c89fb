"""The rooms of RingCentral Video ("bridges"): a standing place to meet, without date, time or attendees.

Source: API reference (August 2026) and developer guide, "Video". Not known of the platform, and assumed here: a
second personal room is 409; deleting a personal room is 403; choosing a PIN that is in use is 409.
"""

from typing import Any

from ringcentral_meetings.simulator.calls import Call, Handler, Operation, json_object
from ringcentral_meetings.simulator.limits import Group
from ringcentral_meetings.simulator.people import PEOPLE, assisted_by, may_act_for
from ringcentral_meetings.simulator.replies import Reply, json_reply
from ringcentral_meetings.simulator.state import State
from ringcentral_meetings.simulator.video.refusals import Refusal, extension, refusing
from ringcentral_meetings.simulator.video.rendering import bridge_resource, reduced_resource
from ringcentral_meetings.simulator.video.tables import (
    Bridge,
    PinKind,
    add_bridge,
    default_bridge,
    find_bridge,
    find_by_pin,
    free_pin,
    remove_bridge,
    save_bridge,
)
from ringcentral_meetings.simulator.video.validation import (
    CREATE_SHAPE,
    UPDATE_SHAPE,
    checked,
    defaults,
    merged,
    settled,
)

BRIDGES = "/rcvideo/v2/account/{account_id}/extension/{owner_id}/bridges"
ONE_BRIDGE = "/rcvideo/v2/bridges/{bridge_id}"
BY_PIN = "/rcvideo/v2/bridges/pin"
DELEGATORS = "/rcvideo/v1/accounts/{account_id}/extensions/{owner_id}/delegators"
INSTANT_SECONDS = 3 * 24 * 3600


def create_bridge(state: State, call: Call) -> Reply:
    """Create a room for the extension in the path; the body is optional."""
    host = extension(call)
    body = json_object(call) if call.body else {}
    bridge = new_bridge(state, host, checked(body, CREATE_SHAPE))
    return json_reply(201, bridge_resource(bridge))


def read_default_bridge(state: State, call: Call) -> Reply:
    """Answer with the personal room of the extension."""
    return _shown(state, call, default_bridge(state, extension(call)))


def read_bridge(state: State, call: Call) -> Reply:
    """Answer with a room of any owner."""
    return _shown(state, call, find_bridge(state, call.path["bridge_id"]))


def read_by_web_pin(state: State, call: Call) -> Reply:
    """Answer with the room that a web PIN or a personal alias belongs to."""
    return _shown(state, call, find_by_pin(state, "web", call.path["pin"]))


def read_by_telephone_pin(state: State, call: Call) -> Reply:
    """Answer with the room that a telephone PIN belongs to, the host's or the participants'."""
    return _shown(state, call, find_by_pin(state, "pstn", call.path["pin"]))


def patch_bridge(state: State, call: Call) -> Reply:
    """Change only the attributes in the body; the type and the telephone PINs cannot be changed."""
    bridge = _managed(state, call)
    body = json_object(call)
    if "type" in body and state.switches.bridge_type_refused:
        raise Refusal(406, "type")
    given = checked(body, UPDATE_SHAPE)
    _check_pins(state, given, bridge)
    bridge.body = settled(bridge.body, given, state.switches, f"{bridge.id}:{state.store.count('patch')}")
    save_bridge(state, bridge)
    return json_reply(200, bridge_resource(bridge))


def delete_bridge(state: State, call: Call) -> Reply:
    """Delete a room."""
    bridge = _managed(state, call)
    if bridge.body["type"] == "PMI":
        raise Refusal(403, "bridgeId")
    remove_bridge(state, bridge.id)
    return Reply(204)


def list_delegators(state: State, call: Call) -> Reply:
    """Answer with the people on whose behalf the user may create rooms; users may read only their own list."""
    if extension(call) != call.user:
        raise Refusal(403, "extensionId")
    items = [_delegator(identifier) for identifier in assisted_by(call.user)]
    return json_reply(200, items if state.switches.delegators_as_array else {"items": items})


def new_bridge(state: State, host: str, given: dict[str, Any]) -> Bridge:
    """Store a new room with checked attributes, the others at their defaults.

    Raises Refusal, and stores nothing, if they conflict with each other or with another room.
    """
    kind = given.get("type", "Instant")
    if kind == "PMI" and default_bridge(state, host) is not None:
        raise Refusal(409, "type")
    _check_pins(state, given)
    identifier = state.ids.bridge()
    kept = defaults(kind, host) | {"pins": _new_pins(state, identifier, kind, host)}
    if state.switches.pin_ignored:
        given = {name: value for name, value in given.items() if name != "pins"}
    body = settled(kept, given, state.switches, f"{state.seed}:{identifier}")
    gone = state.now() + INSTANT_SECONDS if kind == "Instant" else None
    bridge = Bridge(identifier, host, body, gone)
    add_bridge(state, bridge)
    return bridge


def put_bridge(state: State, host: str, fields: dict[str, Any]) -> Bridge:
    """Store a room with unchecked attributes, the others at their defaults."""
    kind = fields.get("type", "Scheduled")
    identifier = fields.get("id") or state.ids.bridge()
    kept = defaults(kind, host) | {"pins": _new_pins(state, identifier, kind, host)}
    password = fields.get("security", {}).get("password")
    kept["security"] |= {"passwordProtected": password is not None}
    given = {name: value for name, value in fields.items() if name not in ("id", "host")}
    bridge = Bridge(identifier, host, merged(kept, given))
    add_bridge(state, bridge)
    return bridge


def may_manage(state: State, user: str, host: str) -> bool:
    """Return whether a user may manage the rooms of a host."""
    return state.super_admin or may_act_for(user, host)


def operations() -> list[Operation]:
    """Return the operations on rooms."""
    table: tuple[tuple[str, str, Group, Handler], ...] = (
        ("POST", BRIDGES, "heavy", create_bridge),
        ("GET", f"{BRIDGES}/default", "medium", read_default_bridge),
        ("GET", ONE_BRIDGE, "medium", read_bridge),
        ("PATCH", ONE_BRIDGE, "medium", patch_bridge),
        ("DELETE", ONE_BRIDGE, "medium", delete_bridge),
        ("GET", f"{BY_PIN}/web/{{pin}}", "medium", read_by_web_pin),
        ("GET", f"{BY_PIN}/pstn/{{pin}}", "medium", read_by_telephone_pin),
        ("GET", DELEGATORS, "medium", list_delegators),
    )
    return [Operation(method, path, group, "Video", None, refusing(handler)) for method, path, group, handler in table]


def _shown(state: State, call: Call, bridge: Bridge | None) -> Reply:
    if bridge is None:
        raise Refusal(404, "bridgeId")
    managed = may_manage(state, call.user, bridge.host)
    return json_reply(200, bridge_resource(bridge) if managed else reduced_resource(bridge))


def _managed(state: State, call: Call) -> Bridge:
    bridge = find_bridge(state, call.path["bridge_id"])
    if bridge is None:
        raise Refusal(404, "bridgeId")
    if not may_manage(state, call.user, bridge.host):
        raise Refusal(403, "bridgeId")
    return bridge


def _check_pins(state: State, given: dict[str, Any], own: Bridge | None = None) -> None:
    chosen = _pins_given(given.get("pins", {}))
    if len({(kind, pin) for kind, _, pin in chosen}) < len(chosen):
        raise Refusal(409, "pins.pstn")
    for kind, place, pin in chosen:
        holder = find_by_pin(state, kind, pin)
        if own is not None and holder is not None and holder.id == own.id:
            continue
        if not state.switches.pin_may_be_chosen:
            raise Refusal(406, place)
        if holder is not None:
            raise Refusal(409, place)


def _pins_given(pins: dict[str, Any]) -> list[tuple[PinKind, str, str]]:
    found: list[tuple[PinKind, str, str]] = [("web", "pins.web", pins["web"])] if "web" in pins else []
    return found + [("pstn", f"pins.pstn.{name}", pin) for name, pin in pins.get("pstn", {}).items()]


def _new_pins(state: State, bridge_id: str, kind: str, host: str) -> dict[str, Any]:
    own = [PEOPLE[host]] if kind == "PMI" else []
    telephone = {name: free_pin(state, "pstn", bridge_id, name) for name in ("host", "participant")}
    web = free_pin(state, "web", bridge_id, "web", *(person.personal_meeting_id for person in own))
    return {"pstn": telephone, "web": web, "aliases": [person.alias for person in own]}


def _delegator(identifier: str) -> dict[str, str]:
    person = PEOPLE[identifier]
    return {"id": identifier, "name": person.name, "accountId": person.account, "extensionId": identifier}
