"""The page on which a person lets a client use their meetings, or does not."""

from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final
from urllib.parse import SplitResult, urlsplit

from starlette.responses import Response

from ringcentral_meetings.gate.pages.markup import MAX_NAME, Html, foreign, host, html, icon, joined, page, plain_host
from ringcentral_meetings.gate.records import READ, WRITE, Client
from ringcentral_meetings.untrusted_text import clean_and_cut

READING: Final = "See your meetings"
READING_MEANS: Final = (
    "Topics, times, hosts, join links, passwords and dial-in numbers; of past meetings also who was there, recordings "
    "and summaries."
)
WRITING: Final = "Change your meetings"
WRITING_MEANS: Final = "Schedule, change, end and delete meetings in your name."
WEB: Final = frozenset({"http", "https"})
TICK: Final = icon("M5 12.5l5 5L20 7")

FOOTER: Final = html(
    "This page never asks for your password: enter it on the pages of RingCentral alone. You can end the access at any "
    'time on the page of <a href="/connections">programs that use your meetings</a>.'
)


@dataclass(frozen=True, slots=True)
class Asking:
    """Which client asks for what, and what the form takes along: the sealed request, and its nonce."""

    client: Client
    redirect_uri: str
    scopes: tuple[str, ...]
    form: str
    nonce: str


def consent(asking: Asking) -> Response:
    """Return the page that asks whether a client may use the meetings of whoever signs in next.

    The form is posted to `/consent` with `request`, `nonce`, `decision` (`allow`, `another` to allow and sign in with
    another account, or `deny`) and, if writing is allowed, `write`. Because of `Referrer-Policy: no-referrer` browsers
    send `Origin: null` with it (Fetch standard, "append a request Origin header"); `Sec-Fetch-Site` says
    where it came from.
    """
    client = asking.client
    content = joined(
        html('<div class="lead">\n<h1>{who} wants to use your RingCentral meetings</h1>', who=asker(client)),
        html('<p class="note">{standing}</p>\n</div>', standing=_standing(client)),
        _warning(asking),
        html('<form method="post" action="/consent" autocomplete="off">'),
        html('<input type="hidden" name="request" value="{form}">', form=asking.form),
        html('<input type="hidden" name="nonce" value="{nonce}">', nonce=asking.nonce),
        _rights(asking.scopes),
        html(
            "<p>You will sign in at RingCentral next. Afterwards your browser goes to {place}.</p>",
            place=destination(asking.redirect_uri),
        ),
        html('<div class="actions">'),
        html('<button class="primary" name="decision" value="allow">Allow</button>'),
        html('<button name="decision" value="deny">Deny</button>\n</div>'),
        html('<button class="quiet" name="decision" value="another">Allow, and use another account</button>'),
        html("</form>"),
    )
    return page(
        f"Let {plain_host(client.host) or 'a program'} use your meetings?", content, footer=FOOTER, isolated=False
    )


def asker(client: Client) -> Html:
    """Return who a client is, at the start of a sentence: the host that vouches for it, else what it calls itself."""
    if client.host:
        return host(client.host)
    if client.kind == "fixed":
        return foreign(client.name or client.id)
    if not clean_and_cut(client.name, MAX_NAME):
        return html("A program without a name")
    return html("A program that calls itself “{name}”", name=foreign(client.name))


def destination(uri: str) -> Html:
    """Return in words where an address leads."""
    parts = urlsplit(uri)
    if parts.scheme not in WEB:
        return html("a program on this computer that opens {scheme} addresses", scheme=host(f"{parts.scheme}:"))
    place = host(_place(parts))
    return html("a program on this computer ({place})", place=place) if is_local(uri) else place


def is_local(uri: str) -> bool:
    """Return whether an address leads to this computer: to a loopback address, or by a scheme of a program's own."""
    parts = urlsplit(uri)
    return parts.scheme not in WEB or parts.hostname == "localhost" or _is_loopback(parts.hostname or "")


def _is_loopback(name: str) -> bool:
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


def _place(parts: SplitResult) -> str:
    """Return host and port, without what may stand in front of them in an address."""
    name = parts.hostname or ""
    bracketed = f"[{name}]" if ":" in name else name
    return bracketed if parts.port is None else f"{bracketed}:{parts.port}"


def _standing(client: Client) -> Html:
    """Return what is known of a client besides what it is called above."""
    if client.kind == "fixed":
        return html("Whoever runs this server has set it up.")
    if client.kind == "registered":
        return html("It has registered itself. Nobody has checked what it is.")
    if not clean_and_cut(client.name, MAX_NAME):
        return html("It gives no name of its own.")
    return html("It calls itself “{name}”. Nobody has checked this name.", name=foreign(client.name))


def _warning(asking: Asking) -> Html:
    local, registered = is_local(asking.redirect_uri), asking.client.kind == "registered"
    sentences = (
        html("Nobody vouches for this program: any program can take any name.") if registered else "",
        html("What you allow goes to a program on this computer.") if local else "",
        html("All that is certain is where your browser goes: {place}.", place=destination(asking.redirect_uri))
        if registered and not local
        else "",
        html("Allow it only if you have just started this yourself."),
    )
    if not (local or registered):
        return Html()
    facts = Html(" ".join(sentence for sentence in sentences if sentence))
    return html('<p class="banner warning"><strong>Be careful.</strong> {facts}</p>', facts=facts)


def _rights(scopes: tuple[str, ...]) -> Html:
    read = html("<li>{tick}<b>{right}</b>{means}</li>", tick=TICK, right=READING, means=_note(READING_MEANS))
    items = joined(read if READ in scopes else Html(), _writing(optional=READ in scopes) if WRITE in scopes else Html())
    return html(
        '<fieldset>\n<legend>What it may do</legend>\n<ul class="rights">\n{items}\n</ul>\n{rest}</fieldset>',
        items=items,
        rest=Html() if WRITE in scopes else _note("It cannot change anything."),
    )


def _writing(*, optional: bool) -> Html:
    """Return the right to write, which can be left out if there is another one."""
    if not optional:
        field = html('{tick}<b>{right}</b><input type="hidden" name="write" value="on">', tick=TICK, right=WRITING)
        return html("<li>{field}{means}</li>", field=field, means=_note(WRITING_MEANS))
    return html(
        '<li><input type="checkbox" id="write" name="write" checked aria-describedby="writing">'
        '<label for="write">{right}</label><p class="note" id="writing">{means} '
        "Untick this to let it only see them.</p>"
        "</li>",
        right=WRITING,
        means=WRITING_MEANS,
    )


def _note(text: str) -> Html:
    return html('<p class="note">{text}</p>', text=text)
