"""The rooms of RingCentral Video past the API, for tests: no rights and no rules are checked."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from ringcentral_meetings.simulator.people import OWNER
from ringcentral_meetings.simulator.state import State
from ringcentral_meetings.simulator.video.bridges import put_bridge
from ringcentral_meetings.simulator.video.history import hold_meeting
from ringcentral_meetings.simulator.video.rendering import bridge_resource
from ringcentral_meetings.simulator.video.tables import all_bridges, find_bridge


def find(state: State, bridge_id: str) -> dict[str, Any] | None:
    """Return the full resource of a room, or None."""
    found = find_bridge(state, bridge_id)
    return None if found is None else bridge_resource(found)


def find_all(state: State) -> list[dict[str, Any]]:
    """Return the full resource of every room."""
    return [bridge_resource(bridge) for bridge in all_bridges(state)]


def put(state: State, fields: dict[str, Any]) -> str:
    """Store a room with the given fields and return its id."""
    host = fields.get("host", {}).get("extensionId", OWNER.id)
    return put_bridge(state, host, fields).id


def hold(
    state: State, bridge_id: str, start: datetime, minutes: float, participants: Sequence[str], **more: bool
) -> str:
    """Store a meeting that takes place in a room; raises KeyError if there is no such room."""
    bridge = find_bridge(state, bridge_id)
    if bridge is None:
        raise KeyError(bridge_id)
    return hold_meeting(state, bridge, start, minutes, participants, **more)
