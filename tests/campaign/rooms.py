"""RingCentral Video as stories have it: kinds of rooms, their facts, and how each is asked for."""

import copy
from collections.abc import Iterator
from typing import Any

from campaign.ledger import Found
from campaign.meetings import some_start
from campaign.people import Person
from campaign.possibilities import INSTANT, TOPIC
from ringcentral_meetings.simulator import Simulator

SCHEDULED, STANDING, PERSONAL = "scheduled room", "standing room", "personal room"
PATH, BY_PIN = "/bridges", "/bridges/pin/"

PASSWORD = "password"
PLACES = {
    "mute_participants_on_entry": ("preferences", "join", "audioMuted"),
    "screen_sharing": ("preferences", "screenSharing"),
    "allow_join_before_host": ("preferences", "joinBeforeHost"),
    "enforce_login": ("security", "noGuests"),
    "waiting_room": ("preferences", "join", "waitingRoomRequired"),
    "auto_record_type": ("preferences", "recordingsMode"),
}
"""The settings that people change, and where the platform has them."""

CHOICES: dict[str, tuple[Any, ...]] = {
    **dict.fromkeys(PLACES, (True, False)),
    "waiting_room": ("Nobody", "GuestsOnly", "OtherAccount"),
    "auto_record_type": ("none", "cloud", "forced"),
}
"""A waiting room for everybody is not among them: the platform then changes another fact of itself."""

RECORDING = {"User": "none", "Auto": "cloud", "ForceAuto": "forced"}
FACTS = frozenset({TOPIC, PASSWORD, *PLACES})
KEPT = dict.fromkeys((SCHEDULED, STANDING, INSTANT, PERSONAL), FACTS)


def stored(simulator: Simulator) -> Iterator[Found]:
    """What the platform has; also of the other product, where nobody has any business."""
    for room in simulator.bridges():
        yield Found(room["id"], room["name"], _facts(room), _rest(room), _names(room), room["host"]["extensionId"])
    for meeting in simulator.meetings():
        yield Found(meeting["id"], f"stray {meeting['topic']}", {}, None, host=meeting["host"]["id"])


def understood(content: Any) -> bool:
    """Whether an answer is a room."""
    return isinstance(content, dict) and isinstance(content.get("id"), str)


def absent(content: Any) -> bool:
    """Whether the body of a 404 speaks of the room: RingCentral Video does not say which it is."""
    return True


def some_value(person: Person, mark: str, fact: str) -> Any:
    """What an update may make of a fact."""
    chance = person.chance
    if fact == TOPIC:
        return f"{mark} v{chance.randint(1, 999)}"
    return f"pw{chance.randint(100, 999)}" if fact == PASSWORD else chance.choice(CHOICES[fact])


def as_argument(fact: str, value: Any) -> dict[str, Any]:
    """How update_meeting is asked for it."""
    return {fact: value} if fact in (TOPIC, PASSWORD) else {"settings": {fact: value}}


def wish(person: Person, kind: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The arguments of create_meeting for a room of this kind, but for its topic, and the facts that they make."""
    facts = {name: some_value(person, "", name) for name in sorted(FACTS - {TOPIC})}
    settings = {name: value for name, value in facts.items() if name != PASSWORD}
    arguments: dict[str, Any] = {"password": facts[PASSWORD], "settings": settings}
    if kind == SCHEDULED:
        return arguments | {"start_time": some_start(person), "duration_minutes": 30}, facts
    if kind == PERSONAL:
        settings["use_personal_meeting_id"] = True
    return arguments | {"meeting_type": "Instant" if kind == INSTANT else "Recurring"}, facts


def shown_facts(kind: str, body: dict[str, Any]) -> dict[str, Any]:
    """The facts that an answer of get_meeting shows."""
    meeting, settings = body["meeting"], body["settings"]
    return {TOPIC: meeting["topic"], PASSWORD: meeting["password"], **{name: settings[name] for name in PLACES}}


def keeps_pins(simulator: Simulator) -> bool:
    """Whether a room may be looked up by the PIN that was chosen for it."""
    return simulator.switches.pin_may_be_chosen and not simulator.switches.pin_ignored


def _facts(room: dict[str, Any]) -> dict[str, Any]:
    facts = {name: _at(room, place) for name, place in PLACES.items()}
    facts["auto_record_type"] = RECORDING[facts["auto_record_type"]]
    return facts | {TOPIC: room["name"], PASSWORD: room["security"].get("password", {}).get("plainText", "")}


def _at(room: dict[str, Any], place: tuple[str, ...]) -> Any:
    value: Any = room
    for part in place:
        value = value[part]
    return value


def _names(room: dict[str, Any]) -> tuple[str, ...]:
    """The ways in which people name it; the hash in a link may be that of an older password."""
    pin = room["pins"]["web"]
    grouped = " ".join(pin[first : first + 3] for first in range(0, len(pin), 3))
    ways = (room["id"], pin, grouped, room["discovery"]["web"], room["pins"]["pstn"]["participant"])
    return (*ways, *room["pins"]["aliases"])


def _rest(room: dict[str, Any]) -> dict[str, Any]:
    """What nobody asks to change."""
    rest = copy.deepcopy(room)
    del rest["name"], rest["discovery"]
    rest["security"].pop("password", None)
    for *outer, name in PLACES.values():
        del _at(rest, tuple(outer))[name]
    return rest
