"""Why the person's calendar, or a part of it, could not be read, and what to do about each cause."""

from collections.abc import Mapping
from typing import Final

from ringcentral_meetings.errors.codes import quoted

_SETTING: Final = "RINGCENTRAL_CALENDARS"

_CAUSES: Final[Mapping[str, tuple[str, str]]] = {
    "client_refused": (
        "serves only clients that the tenant's administrators allow",
        "Set RINGCENTRAL_CALENDAR_USER_AGENT to one that they allow, or use another calendar tool.",
    ),
    "switched_off": (
        "answers with a web page or a sign-in: publishing was switched off, or the address is of the web page",
        f"Publish the calendar again and put its ICS address into {_SETTING}.",
    ),
    "not_found": (
        "no longer knows this address: it was reset or deleted",
        f"Copy the present secret address into {_SETTING}.",
    ),
    "not_allowed": (
        "refuses this address: it is no longer valid, or needs a sign-in",
        f"Put a secret subscription address, which needs no sign-in, into {_SETTING}.",
    ),
    "rate_limited": ("asks to wait", "Try again in a few minutes."),
    "too_large": ("sends more than 16 MB, the most that is read", "Publish fewer years, or a calendar of its own."),
    "not_a_calendar": (
        "sends something that is not a calendar",
        f"Check that {_SETTING} holds the address of the ICS file.",
    ),
    "timeout": ("did not answer within 15 s", "Try again later."),
    "unreachable": ("could not be reached", "Check the network, the proxy and the address; doctor shows more."),
    "certificate": (
        "has a certificate that is not trusted",
        "Set SSL_CERT_FILE to the authority that signs it, if that is wanted.",
    ),
    "server_error": ("answered with an error", "Try again later."),
}
_REASONS: Final[Mapping[str, str]] = {
    "cut_off": "The calendar's file ends early.",
    "unknown_zone": "An event is in a time zone that nothing defines, so its hours are unknown.",
    "unclear_repeat": "A repeating event cannot be followed: look at its dates in the calendar.",
    "too_many": "The calendar holds more than is read: give a shorter window.",
    "horizon": "The publisher shows only about six months ahead: nothing is known of the time after.",
    "stale": "This is an earlier copy, since the calendar could not be read again.",
    "unreadable": "The calendar could not be read.",
}


def calendar_problem(host: str, cause: str) -> str:
    """Return why the feed on a host cannot be read, and what to do; the rest of its address is secret."""
    what, way_out = _CAUSES[cause]
    return f"The calendar on {host} {what}. {way_out}"


def calendar_gap(reason: str) -> str:
    """Return why some times are unknown."""
    return _REASONS[reason]


def calendar_entries_unreadable(count: int) -> str:
    """Return that `count` entries have unknown times."""
    return f"{count} calendar {'entry has' if count == 1 else 'entries have'} no readable time."


def list_incomplete() -> str:
    """Say that what RingCentral lists could not be read whole."""
    return "Some meetings or dates could not be read, so this list may be incomplete."


def times_differ(topic: str, here: str | None, there: str | None) -> str:
    """Say that a meeting and its calendar entry are not at the same time; None for the one that has no other time."""
    at_home = f"is on {here} at RingCentral" if here else "has no such date at RingCentral"
    entered = f"is on {there} in the calendar" if there else "is not then in the calendar"
    return f'"{quoted(topic)}" {at_home} and {entered}: tell the person.'


def more_times_differ(count: int) -> str:
    """Say that the times of further meetings differ."""
    return f"So do the times of {count} more."


def invited_elsewhere(count: int) -> str:
    """Say what rows of other people's meetings are good for."""
    return f"{count} from the calendar {'is' if count == 1 else 'are'} other people's: join by join_url."


def calendar_hides_links() -> str:
    """Return that a publisher shows busy times alone."""
    return "A calendar is published without details, so its meetings cannot be recognised: publish it with all details."
