"""How a page is put together: the one place where text becomes HTML, and the headers of every page.

Pages have no script, and load nothing: no image, font or style sheet. Their policy allows no more (Content Security
Policy Level 3).
"""

import hashlib
from base64 import b64encode
from functools import cache
from html import escape
from importlib.resources import files
from typing import Final, LiteralString
from urllib.parse import urlsplit

from starlette.responses import HTMLResponse, Response

from ringcentral_meetings.untrusted_text import clean, clean_and_cut

MAX_NAME: Final = 80
"""Characters of a name that are shown."""

NO_ADDRESSES: Final = frozenset(
    {"", "about", "blob", "data", "file", "filesystem", "javascript", "vbscript", "view-source"}
)
"""Schemes to which no page leads. Which redirect URIs are good is decided elsewhere, for every scheme."""

BASE_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
ISOLATED: Final = {"Cross-Origin-Opener-Policy": "same-origin"}
"""Cuts a page off from the window that opened it: not for pages on the way back to a client (see `page`)."""


class Html(str):
    """Text that is HTML already."""

    __slots__ = ()


def html(template: LiteralString, **values: str) -> Html:
    """Fill in a template; a value is escaped unless it is `Html`."""
    return Html(template.format_map({name: _escaped(value) for name, value in values.items()}))


def joined(*parts: Html) -> Html:
    """Return parts of a page on lines of their own, without those that are empty."""
    return Html("\n".join(part for part in parts if part))


def foreign(text: str) -> Html:
    """Return a text that somebody else wrote: cleaned, cut, its direction of writing kept to itself."""
    return html("<bdi>{text}</bdi>", text=clean_and_cut(text, MAX_NAME) or "")


def host(name: str) -> Html:
    """Return a host name, the whole of it: its end says whose it is."""
    return html('<bdi class="address">{name}</bdi>', name=plain_host(name))


def plain_host(name: str) -> str:
    """Return a host name without HTML. Outside ASCII, where letters look alike, it is as DNS has it."""
    return clean(name if name.isascii() else _as_in_dns(name))


def icon(paths: LiteralString) -> Html:
    """Return a drawing that says no more than the text beside it."""
    return html('<svg viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d="{paths}"/></svg>', paths=paths)


def address(uri: str) -> str:
    """Return an address to which a page may lead; raises `ValueError` for what would run or open something here."""
    if urlsplit(uri).scheme in NO_ADDRESSES:
        raise ValueError("no page leads to such an address")
    return uri


def page(
    title: str, content: Html, *, status: int = 200, footer: Html | None = None, onward: str = "", isolated: bool = True
) -> Response:
    """Return a page. With `onward` the browser goes on to that address at once.

    It goes there by a refresh of the page and not by a redirect, since Chrome applies `form-action` to each redirect
    that follows a form, as far as it leads (https://github.com/w3c/webappsec-csp/issues/8): to whatever host people
    sign in at, and to whatever a client's own address redirects to, such as `claude:`. So `form-action` names nobody
    but us.

    A page that is not `isolated` may lie between a client's window and its pop-up, which would not find each other
    again after `Cross-Origin-Opener-Policy`.
    """
    text = html(
        _file("page.html"),
        refresh=html('\n<meta http-equiv="refresh" content="0; url={onward}">', onward=address(onward))
        if onward
        else "",
        title=title,
        style=Html(_file("page.css")),
        mark=icon("M4 6h9a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2H4a2 2 0 0 1-2-2V8a2 2 0 0 1 2-2zM15 10.5l6-3.5v10l-6-3.5"),
        content=content,
        footer=html("\n<footer><p>{text}</p></footer>", text=footer) if footer else Html(),
    )
    headers = {**BASE_HEADERS, "Content-Security-Policy": _policy(), **(ISOLATED if isolated else {})}
    return HTMLResponse(text, status, headers)


@cache
def _policy() -> str:
    digest = b64encode(hashlib.sha256(_file("page.css").encode()).digest()).decode()
    rules = (
        "default-src 'none'",
        f"style-src 'sha256-{digest}'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
    return "; ".join(rules)


@cache
def _file(name: LiteralString) -> LiteralString:
    return (files(__package__) / name).read_text(encoding="utf-8")


def _escaped(value: str) -> str:
    return value if isinstance(value, Html) else escape(value)


def _as_in_dns(name: str) -> str:
    try:
        return name.encode("idna").decode()
    except UnicodeError:
        return name.encode("ascii", "backslashreplace").decode()
