"""The pages at the end of a sign-in, and those from which the browser goes on at once, or by a link if it does not."""

from typing import Final

from starlette.responses import Response

from ringcentral_meetings.gate.pages.asking import asker, destination
from ringcentral_meetings.gate.pages.markup import Html, address, foreign, html, icon, joined, page
from ringcentral_meetings.gate.records import Client
from ringcentral_meetings.untrusted_text import clean

DONE: Final = icon("M5 12.5l5 5L20 7")
STOPPED: Final = icon("M12 6v7M12 17.5v.5")
ONWARD: Final = icon("M5 12h14M13 6l6 6-6 6")


def to_ringcentral(uri: str) -> Response:
    """Return the answer to a consent: the browser goes on to RingCentral, at `uri`."""
    text = html("Your browser goes on to RingCentral, where you sign in.")
    content = joined(_head("On to RingCentral", ONWARD), _paragraph(text), _link(uri, html("Go on to RingCentral")))
    return page("On to RingCentral", content, onward=uri, isolated=False)


def denied(client: Client, uri: str) -> Response:
    """Return the answer to a person's refusal: the browser goes back to the client, at `uri`, which has the error."""
    text = html(
        "{who} cannot use your meetings. Your browser goes back to {place}.", who=asker(client), place=destination(uri)
    )
    content = joined(_head("You have not allowed it", DONE), _paragraph(text), _link(uri, html("Go back")))
    return page("You have not allowed it", content, onward=uri, isolated=False)


def success(person: str, *, back: str | None = None) -> Response:
    """Return the end of a sign-in, for a client whose address the browser does not show: `cursor:`, for one.

    `person` is the name of whoever has signed in, empty if unknown. The browser goes on to `back`, which opens the
    client, and keeps showing this page.
    """
    name = html(" as {name}", name=foreign(person)) if person else Html()
    text = html(
        "You have signed in{name}. You can close this page, and go on in the program that asked you.", name=name
    )
    content = joined(_head("Signed in", DONE, "success"), _paragraph(text))
    if back is None:
        return page("Signed in", content)
    return page("Signed in", joined(content, _link(back, html("Go back to the program"))), onward=back, isolated=False)


def refusal(status: int, title: str, text: str, *, back: str | None = None) -> Response:
    """Return a page that says why something was not done, and the way back if there is one."""
    way = html("Go back to {place}", place=destination(back)) if back else Html()
    content = joined(
        _head(title, STOPPED, "danger"),
        _paragraph(html("{text}", text=clean(text))),
        _link(back, way) if back else Html(),
    )
    return page(clean(title), content, status=status, isolated=back is None)


def _head(title: str, drawing: Html, kind: str = "") -> Html:
    return html(
        '<div class="state {kind}">{drawing}<h1>{title}</h1></div>', kind=kind, drawing=drawing, title=clean(title)
    )


def _paragraph(text: Html) -> Html:
    return html("<p>{text}</p>", text=text)


def _link(uri: str, text: Html) -> Html:
    return html('<p><a class="button primary" href="{uri}">{text}</a></p>', uri=address(uri), text=text)
