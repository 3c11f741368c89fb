"""Looking at and changing rooms and what was held in them past the API, for tests and for the seed."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ringcentral_meetings.simulator.people import ACCOUNT_ID, OWNER, PEOPLE
from ringcentral_meetings.simulator.video.bridges import put_bridge
from ringcentral_meetings.simulator.video.rendering import bridge_resource
from ringcentral_meetings.simulator.video.tables import (
    Bridge,
    Held,
    add_held,
    all_bridges,
    digest,
    find_bridge,
    new_held_id,
    save_bridge,
)

if TYPE_CHECKING:
    from ringcentral_meetings.simulator.simulator import Simulator


class VideoInspection:
    """A door into the rooms of a simulator."""

    def __init__(self, simulator: "Simulator") -> None:
        self._simulator = simulator

    def bridge(self, bridge_id: str) -> dict[str, Any] | None:
        """Return a room with everything in it, or None."""
        found = find_bridge(self._simulator, bridge_id)
        return None if found is None else bridge_resource(found)

    def bridges(self) -> list[dict[str, Any]]:
        """Return every room."""
        return [bridge_resource(bridge) for bridge in all_bridges(self._simulator)]

    def put(self, fields: dict[str, Any]) -> str:
        """Store a room and return its id."""
        host = fields.get("host", {}).get("extensionId", OWNER.id)
        return put_bridge(self._simulator, host, fields).id

    def hold(self, bridge_id: str, start: datetime, minutes: float, participants: Sequence[str], **more: bool) -> str:
        """Let a meeting take place; raises KeyError where there is no such room."""
        bridge = find_bridge(self._simulator, bridge_id)
        if bridge is None:
            raise KeyError(bridge_id)
        return hold(self._simulator, bridge, start, minutes, participants, **more)


def hold(
    simulator: "Simulator",
    bridge: Bridge,
    start: datetime,
    minutes: float,
    participants: Sequence[str],
    *,
    recorded: bool = True,
    noted: bool = True,
) -> str:
    """Store a meeting that takes place in a room, and return its id."""
    identifier = new_held_id(simulator)
    held = Held(
        id=identifier,
        bridge=bridge.id,
        host=bridge.host,
        short_id=bridge.body["pins"]["web"],
        name=bridge.body["name"],
        start=start.timestamp(),
        seconds=round(minutes * 60),
        participants=[_participant(identifier, who) for who in participants],
        recorded=recorded,
        noted=noted,
    )
    add_held(simulator, held)
    if bridge.body["type"] == "Instant" and simulator.switches.instant_bridge_used_once:
        bridge.gone = held.end
        save_bridge(simulator, bridge)
    return identifier


def _participant(meeting_id: str, who: str) -> dict[str, str]:
    participant = {"id": f"p-{digest(meeting_id, who)[:12]}", "displayName": who, "type": "User"}
    if who in PEOPLE:
        return participant | {"displayName": PEOPLE[who].name, "accountId": ACCOUNT_ID, "extensionId": who}
    return participant | ({"callerId": who} if who.startswith("+") else {})
