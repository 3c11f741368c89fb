"""What RingCentral Video accepts in a request about a room, its defaults, and which settings conflict.

Sources: API reference "Create Bridge" and "Update Bridge" (August 2026) for shapes and defaults; the rules for
passwords and end-to-end encryption are those of RingCentral's own scheduling widget. Not known of the platform,
and assumed here: an invalid value is 406; undocumented attributes are ignored; a PIN has 6 to 15 digits;
`passwordProtected` false overrides a password beside it; a room without a name is named after its host.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from ringcentral_meetings.simulator.ids import digest
from ringcentral_meetings.simulator.people import PEOPLE
from ringcentral_meetings.simulator.switches import Switches
from ringcentral_meetings.simulator.video.refusals import Refusal

BRIDGE_TYPES = ("Instant", "Scheduled", "PMI")
WAITING_ROOMS = ("Nobody", "Everybody", "GuestsOnly", "OtherAccount")
TONES = ("On", "Off", "ExitOnly", "EnterOnly")
MODES = ("Auto", "ForceAuto", "User")
LONGEST_NAME = 256

UPPER, LOWER, DIGITS = "ABCDEFGHJKMNPQRSTUVWXYZ", "abcdefghjkmnpqrstuvwxyz", "23456789"
ALPHABETS = (UPPER, LOWER, DIGITS, *(UPPER + LOWER + DIGITS for _ in range(7)))

_PASSWORD = re.compile(r"[A-Za-z0-9]{0,10}")
_PIN = re.compile(r"[0-9]{6,15}")

Check = Callable[[Any], bool]


def checked(body: Mapping[str, Any], shape: Mapping[str, Any], where: str = "") -> dict[str, Any]:
    """Return the attributes of a request that a shape knows; nulls and unknown attributes are dropped.

    Raises Refusal 406 naming the first invalid attribute, as in `preferences.join.audioMuted`.
    """
    given: dict[str, Any] = {}
    for name, expected in shape.items():
        value, place = body.get(name), f"{where}{name}"
        if value is None:
            continue
        if isinstance(expected, dict):
            given[name] = checked(_object(value, place), expected, f"{place}.")
        elif expected(value):
            given[name] = value
        else:
            raise Refusal(406, place)
    return given


def defaults(kind: str, host: str) -> dict[str, Any]:
    """Return the default attributes of a new room of a type, apart from its PINs."""
    personal = kind == "PMI"
    security = {"passwordProtected": personal, "noGuests": False, "sameAccount": False, "e2ee": False}
    return {
        "name": f"{PEOPLE[host].name}'s Meeting",
        "type": kind,
        "security": {**security, "password": None},
        "preferences": _preferences(personal),
    }


def merged(kept: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the attributes kept, overridden by those given; nested objects are merged."""
    result = dict(kept)
    for name, value in given.items():
        old = kept.get(name)
        result[name] = merged(old, value) if isinstance(value, dict) and isinstance(old, dict) else value
    return result


def settled(kept: Mapping[str, Any], given: Mapping[str, Any], switches: Switches, seed: str) -> dict[str, Any]:
    """Return a room's attributes after a request, with a password generated from `seed` if one is missing.

    Raises Refusal: 406 for an empty or missing password, 409 for settings that conflict.
    """
    body = merged(kept, given)
    body["security"] |= _protection(kept["security"], given.get("security", {}), switches, seed)
    if body["security"]["e2ee"] and not kept["security"]["e2ee"]:
        body["preferences"]["joinBeforeHost"] = given.get("preferences", {}).get("joinBeforeHost", False)
    _settle_early_joining(body, given.get("preferences", {}), switches)
    _check_encryption(body)
    return body


def generated_password(seed: str) -> str:
    """Return a password of ten characters: upper and lower case letters and digits, none of which look alike."""
    text = digest("password", seed)
    return "".join(letters[int(text[4 * n : 4 * n + 4], 16) % len(letters)] for n, letters in enumerate(ALPHABETS))


def _protection(
    kept: Mapping[str, Any], given: Mapping[str, Any], switches: Switches, seed: str
) -> dict[str, str | bool | None]:
    password = given.get("password")
    if not given.get("passwordProtected", password is not None or kept["passwordProtected"]):
        return {"passwordProtected": False, "password": None}
    if password == "":
        raise Refusal(406, "security.password")
    password = password or kept["password"]
    if password is None and given.get("passwordProtected") and not switches.password_generated:
        raise Refusal(406, "security.password")
    return {"passwordProtected": True, "password": password or generated_password(seed)}


def _settle_early_joining(body: dict[str, Any], given: Mapping[str, Any], switches: Switches) -> None:
    preferences = body["preferences"]
    if preferences["join"]["waitingRoomRequired"] != "Everybody":
        return
    if given.get("joinBeforeHost") and not switches.waiting_room_wins:
        raise Refusal(409, "preferences.joinBeforeHost")
    preferences["joinBeforeHost"] = False


def _check_encryption(body: Mapping[str, Any]) -> None:
    security, join = body["security"], body["preferences"]["join"]
    signed_in = security["noGuests"] or security["sameAccount"]
    waiting = join["waitingRoomRequired"] != "Nobody"
    if security["e2ee"] and not (security["passwordProtected"] and waiting and signed_in):
        raise Refusal(409, "security.e2ee")


def _preferences(personal: bool) -> dict[str, Any]:
    return {
        "join": {
            "audioMuted": False,
            "videoMuted": False,
            "waitingRoomRequired": "OtherAccount" if personal else "Nobody",
            "pstn": {"promptAnnouncement": True, "promptParticipants": True},
        },
        "playTones": "Off",
        "musicOnHold": True,
        "joinBeforeHost": not personal,
        "screenSharing": True,
        "recordingsMode": "User",
        "transcriptionsMode": "User",
        "recordings": {
            "everyoneCanControl": {"enabled": False, "locked": False},
            "autoShared": {"enabled": True, "locked": False},
        },
        "allowEveryoneTranscribeMeetings": True,
    }


def _object(value: Any, place: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise Refusal(406, place)
    return value


def _matching(pattern: re.Pattern[str]) -> Check:
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


def _one_of(*choices: str) -> Check:
    return lambda value: isinstance(value, str) and value in choices


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and 1 <= len(value) <= LONGEST_NAME


_IS_PIN = _matching(_PIN)
_CONTROL = {"enabled": _is_flag, "locked": _is_flag}
UPDATE_SHAPE: dict[str, Any] = {
    "name": _is_name,
    "pins": {"web": _IS_PIN},
    "security": {
        **dict.fromkeys(("passwordProtected", "noGuests", "sameAccount", "e2ee"), _is_flag),
        "password": _matching(_PASSWORD),
    },
    "preferences": {
        "join": {
            **dict.fromkeys(("audioMuted", "videoMuted"), _is_flag),
            "waitingRoomRequired": _one_of(*WAITING_ROOMS),
            "pstn": dict.fromkeys(("promptAnnouncement", "promptParticipants"), _is_flag),
        },
        "playTones": _one_of(*TONES),
        **dict.fromkeys(("musicOnHold", "joinBeforeHost", "screenSharing"), _is_flag),
        **dict.fromkeys(("recordingsMode", "transcriptionsMode"), _one_of(*MODES)),
        "recordings": {"everyoneCanControl": _CONTROL, "autoShared": _CONTROL},
        "allowEveryoneTranscribeMeetings": _is_flag,
    },
}
CREATE_SHAPE: dict[str, Any] = {
    **UPDATE_SHAPE,
    "type": _one_of(*BRIDGE_TYPES),
    "pins": {"web": _IS_PIN, "pstn": {"host": _IS_PIN, "participant": _IS_PIN}},
}
