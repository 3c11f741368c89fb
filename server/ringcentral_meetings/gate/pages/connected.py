"""The page on which a person sees which clients use their meetings, and ends that."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final, Protocol
from urllib.parse import urlsplit

from starlette.responses import Response

from ringcentral_meetings.gate.pages.markup import Html, foreign, host, html, joined, page
from ringcentral_meetings.gate.records import READ, WRITE
from ringcentral_meetings.untrusted_text import clean

EMPTY: Final = html('<p class="empty">No program uses your meetings now.</p>')


class Connection(Protocol):
    """What the page shows of a grant; `began` is in seconds since 1970."""

    @property
    def id(self) -> str: ...
    @property
    def client_id(self) -> str: ...
    @property
    def client(self) -> str: ...
    @property
    def scopes(self) -> tuple[str, ...]: ...
    @property
    def began(self) -> int: ...


def connections(person: str, grants: Sequence[Connection], nonce: str, notice: str = "") -> Response:
    """Return the page of a person's grants, `notice` above them.

    Its forms are posted to `/connections` with `nonce` and either `end`, the id of a grant, or `end_all`. `person` is
    their name, empty if unknown.
    """
    notice, title = clean(notice), "Programs that use your RingCentral meetings"
    content = joined(
        html('<div class="lead">\n<h1>{title}</h1>', title=title),
        html('<p class="note">You are signed in as {name}.</p>', name=foreign(person)) if person else Html(),
        html("</div>"),
        html('<p class="banner success" role="status">{notice}</p>', notice=notice) if notice else Html(),
        _list(grants, nonce) if grants else EMPTY,
        _end_all(nonce) if len(grants) > 1 else Html(),
    )
    footer = html("A program whose access has ended can ask you again.") if grants else None
    return page(f"{notice} {title}" if notice else title, content, footer=footer)


def _list(grants: Sequence[Connection], nonce: str) -> Html:
    items = joined(*(_item(grant) for grant in grants))
    return html(
        '<form method="post" action="/connections" autocomplete="off">\n{nonce}\n'
        '<ul class="connections">\n{items}\n</ul>\n</form>',
        nonce=_nonce(nonce),
        items=items,
    )


def _item(grant: Connection) -> Html:
    return html(
        '<li><div class="stack"><h2>{client}</h2><p>{rights}</p><p class="note">Since {began}</p></div>'
        '<button class="danger" name="end" value="{id}">End access<span class="hidden"> for {client}</span></button>'
        "</li>",
        client=_client(grant),
        rights=_rights(grant.scopes),
        began=_moment(grant.began),
        id=grant.id,
    )


def _end_all(nonce: str) -> Html:
    return html(
        '<form method="post" action="/connections" autocomplete="off">\n{nonce}\n'
        '<button class="danger end" name="end_all" value="on">End access for all of them</button>\n</form>',
        nonce=_nonce(nonce),
    )


def _nonce(nonce: str) -> Html:
    return html('<input type="hidden" name="nonce" value="{nonce}">', nonce=nonce)


def _client(grant: Connection) -> Html:
    """Return the host that vouches for a client, from the address that is its identifier; else what it calls itself."""
    vouching = urlsplit(grant.client_id).hostname if grant.client_id.startswith("https://") else None
    if vouching:
        return host(vouching)
    return html("“{name}”", name=foreign(grant.client)) if grant.client else html("A program without a name")


def _rights(scopes: tuple[str, ...]) -> str:
    reads, writes = READ in scopes, WRITE in scopes
    return f"Can {'see and change' if reads and writes else 'change' if writes else 'see'} your meetings"


def _moment(began: int) -> Html:
    at = datetime.fromtimestamp(began, UTC)
    return html('<time datetime="{iso}">{words}</time>', iso=at.isoformat(), words=f"{at.day} {at:%B %Y, %H:%M} UTC")
