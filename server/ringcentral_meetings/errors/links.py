"""Errors for links and texts that were given as a meeting's id and lead to no meeting here."""

from typing import Final, Literal

from ringcentral_meetings.errors.codes import Refused, Upstream, quoted

OtherPage = Literal["webinar", "recording", "dial_in", "personal", "other"]

_PAGES: Final[dict[OtherPage, tuple[str, str]]] = {
    "webinar": (
        "leads to a webinar, not to a meeting",
        "RingCentral's webinars are run in the RingCentral app; no tool here opens them.",
    ),
    "recording": (
        "leads to a recording, not to a meeting",
        "list_past_meetings finds what was held, with its recordings.",
    ),
    "dial_in": (
        "leads to the list of telephone numbers that stands in every invitation",
        "Give the join link of the same invitation; get_meeting_service_info has the numbers.",
    ),
    "personal": (
        "leads to a personal meeting, which several meetings may share",
        "Give the meeting_id: list_meetings has the meetings to come, get_meeting_service_info the personal one.",
    ),
    "other": (
        "leads to a page of RingCentral that is not a meeting",
        "Give the whole join link, the number in it, or a meeting_id.",
    ),
}


def foreign_link(service: str) -> Refused:
    """Return the error for a link of another service; `service` is its name, such as Google Meet."""
    return _not_looked_up(
        f"is a {service} link, not a RingCentral meeting",
        "Join by the link itself. Here the id or join link of a RingCentral meeting is needed.",
    )


def unknown_link_host(host: str, own_host: str | None) -> Refused:
    """Return the error for a link on an unknown host; `own_host` is that of the account's own links, if known."""
    own = f", nor this account's ({quoted(own_host)})" if own_host else ""
    return _not_looked_up(
        f"the host {quoted(host)} is not one of RingCentral's{own}",
        "Give the join link as RingCentral printed it, the number in it, or a meeting_id.",
    )


def link_to_page(page: OtherPage) -> Refused:
    """Return the error for a link to a page on one of RingCentral's hosts that is not a meeting."""
    return _not_looked_up(*_PAGES[page])


def broken_link(text: str) -> Refused:
    return _not_looked_up(
        f'"{quoted(text)}" cannot be read as a join link',
        "Give the whole join link, the number in it, or a meeting_id.",
    )


def several_links(count: int) -> Refused:
    return _not_looked_up(f"holds links to {count} different meetings", "Give one of them.")


def not_an_id(text: str) -> Refused:
    return _not_looked_up(
        f'"{quoted(text)}" is not an id, PIN or join link',
        "Give a meeting_id as list_meetings, create_meeting or list_past_meetings shows it, or the join link of a "
        "calendar entry.",
    )


def link_of_other_product(link_of: str, used: str) -> Refused:
    """Return the error for a link of the product `link_of`, where the host's meetings are on `used`."""
    return Refused(
        "not_supported_by_product",
        f"meeting_id: is a {link_of} link, and this host's meetings are on {used}. Nothing was looked up.",
        "Join by the link itself; RINGCENTRAL_PRODUCT chooses the product where the server is started.",
    )


def no_room_named(name: str, upstream: Upstream | None = None) -> Refused:
    """Return the error for what has not the form of an id or PIN, and is nobody's personal meeting name."""
    return Refused(
        "not_found",
        f'meeting_id "{quoted(name)}" is not an id, and no personal room has that name.',
        "Take the join link or PIN from the calendar entry or invitation, or meeting_id from list_past_meetings.",
        upstream=upstream,
    )


def zoom_number_unknown(number: str, upstream: Upstream | None = None) -> Refused:
    return Refused(
        "not_found",
        f"No meeting of this account has the number {quoted(number)} of this Zoom link: it is somebody else's meeting, "
        "most likely on Zoom itself.",
        "Join by the link itself; list_meetings has this account's meetings.",
        upstream=upstream,
    )


def shared_number(number: str, count: int) -> Refused:
    """Return the error for the number of a personal meeting that is in the links of `count` meetings."""
    return Refused(
        "invalid_arguments",
        f"meeting_id: the link of the number {quoted(number)} is shared by {count} meetings. Nothing was done.",
        "list_meetings shows the meeting_id of each.",
    )


def _not_looked_up(problem: str, next_step: str) -> Refused:
    return Refused("invalid_arguments", f"meeting_id: {problem}. Nothing was looked up.", next_step)
