"""What an argument names: an id by itself, or a join link of the product that the host's meetings are on."""

from collections.abc import Awaitable, Callable
from typing import Final

from ringcentral_meetings import errors
from ringcentral_meetings.domain import links
from ringcentral_meetings.domain.meeting import ProductName
from ringcentral_meetings.products.provider import MEETINGS, VIDEO

OwnHost = Callable[[], Awaitable[str | None]]
"""Reads the host of the account's own join links; None if RingCentral does not show it."""

_SERVES: Final[dict[ProductName, tuple[links.Service, ...]]] = {VIDEO: ("video",), MEETINGS: ("meetings", "zoom")}
_NAMES: Final[dict[links.Service, str]] = {"video": VIDEO, "meetings": MEETINGS}


async def read_named(text: str, product: ProductName, own_host: OwnHost) -> links.PlainName | links.JoinLink:
    """Return the id or link that an argument holds.

    `own_host` is called only for a link on an unknown host whose path could be a meeting's.

    Raises:
        errors.Refused: `invalid_arguments`, for what is not an id and for foreign links; `not_supported_by_product`.
    """
    name = links.read_name(text)
    if isinstance(name, links.UnknownHost):
        name = await _on_own_host(text, name, product, own_host)
    if isinstance(name, links.PlainName):
        return name
    if not isinstance(name, links.JoinLink):
        raise _no_meeting(name, text)
    if name.service in _SERVES[product]:
        return name
    if name.service == "zoom":
        raise errors.foreign_link("Zoom")
    raise errors.link_of_other_product(_NAMES[name.service], product)


async def _on_own_host(text: str, unknown: links.UnknownHost, product: ProductName, own_host: OwnHost) -> links.Name:
    supposed = links.read_name(text, {unknown.host})
    if not isinstance(supposed, links.JoinLink) or supposed.service not in _SERVES[product]:
        raise errors.unknown_link_host(unknown.host, None)
    own = await own_host()
    if own != unknown.host:
        raise errors.unknown_link_host(unknown.host, own)
    return supposed


def _no_meeting(name: links.Name, text: str) -> errors.Refused:
    match name:
        case links.ForeignLink(service):
            return errors.foreign_link(service)
        case links.PageLink(page):
            return errors.link_to_page(page)
        case links.SeveralLinks(found):
            return errors.several_links(len(found))
        case links.BrokenLink():
            return errors.broken_link(text)
        case _:
            return errors.not_an_id(text)
