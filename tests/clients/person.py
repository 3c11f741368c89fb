"""A person with a browser, who signs in for a client and takes back what it may do."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import anyio
import httpx

PATIENCE_SECONDS = 60.0
MOST_PAGES = 12
ALLOW = ("decision", "allow")
TYPED = {"Sec-Fetch-Site": "none"}
PRESSED = {"Sec-Fetch-Site": "same-origin", "Origin": "null"}
"""What a browser says of a form that a page with `Referrer-Policy: no-referrer` sends to its own host."""

_REFRESH = re.compile(r'<meta http-equiv="refresh" content="0; url=([^"]*)">')


class Unreadable(Exception):
    """A page on which this person does not know what to do; what it says."""


@dataclass
class Form:
    """A form: its fields as the page fills them in, what may be chosen in each, and its buttons."""

    action: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    choices: dict[str, dict[str, str]] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)


class Page(HTMLParser):
    """The forms of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._chosen = ("", "")
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(given.get("action", "")))
        elif self.forms:
            self._part_of(self.forms[-1], tag, given)

    def _part_of(self, form: Form, tag: str, given: dict[str, str]) -> None:
        name = given.get("name", "")
        if tag == "button":
            form.buttons.append((name, given.get("value", "")))
        elif tag == "input" and (given.get("type") != "checkbox" or "checked" in given):
            form.fields[name] = given.get("value", "on")
        elif tag == "select":
            form.choices[name] = {}
            self._chosen = (name, "")
        elif tag == "option":
            self._chosen = (self._chosen[0], given.get("value", ""))

    def handle_data(self, data: str) -> None:
        name, value = self._chosen
        if value:
            self.forms[-1].choices[name][data] = value
            self._chosen = (name, "")


@dataclass
class Person:
    """Somebody by name, who knows the pages of `home`, the host, and of `platform`; `visits` is what clients opened.

    Who is `sparing` allows no writing at the first sign-in.
    """

    name: str
    home: str
    platform: str
    visits: list[str] = field(default_factory=list)
    sparing: bool = False

    async def sign_in(self, address: str) -> str:
        """Follow a client's address, allow what it asks for, and return where at the client the browser is sent."""
        self.visits.append(address)
        async with self._browser() as browser:
            end = await self._through(browser, await browser.get(address))
        if isinstance(end, httpx.Response):
            raise Unreadable(end.text)
        return end

    async def sign_in_fully(self, address: str) -> httpx.Response:
        """Sign in, and go where the client listens, as soon as it does."""
        end = await self.sign_in(address)
        async with self._browser() as browser:
            with anyio.fail_after(PATIENCE_SECONDS):
                while True:
                    try:
                        return await browser.get(end)
                    except httpx.ConnectError:
                        await anyio.sleep(0.1)

    async def end_access(self) -> None:
        """End what every client may do, on the host's page for that."""
        async with self._browser() as browser:
            page = await self._through(browser, await browser.get(f"{self.home}/connections"))
            assert isinstance(page, httpx.Response)
            form = next(one for one in reversed(Page(page.text).forms) if one.buttons)
            (await self._pressed(browser, page, form, form.buttons[0])).raise_for_status()

    async def _through(self, browser: httpx.AsyncClient, page: httpx.Response) -> httpx.Response | str:
        """Go on until there is nothing to allow any more, and return that page or the address that is a client's."""
        for _ in range(MOST_PAGES):
            if (there := onward(page)) is not None:
                if origin(there) not in {self.home, self.platform}:
                    return there
                page = await browser.get(there)
                continue
            form = next((one for one in Page(page.text).forms if ALLOW in one.buttons), None)
            if form is None:
                page.raise_for_status()
                return page
            page = await self._pressed(browser, page, form, ALLOW)
        raise Unreadable(f"no end after {MOST_PAGES} pages: {page.url}")

    async def _pressed(
        self, browser: httpx.AsyncClient, page: httpx.Response, form: Form, button: tuple[str, str]
    ) -> httpx.Response:
        chosen = {name: self.choice(options) for name, options in form.choices.items()}
        filled = form.fields | chosen | dict([button])
        if self.sparing and len(self.visits) == 1:
            filled.pop("write", None)
        return await browser.post(urljoin(str(page.url), form.action), data=filled, headers=PRESSED)

    def choice(self, options: dict[str, str]) -> str:
        """Find oneself among people."""
        found = [value for label, value in options.items() if label.startswith(f"{self.name},")]
        if len(found) != 1:
            raise Unreadable(f"{self.name} is not one of {list(options)}")
        return found[0]

    @asynccontextmanager
    async def _browser(self) -> AsyncIterator[httpx.AsyncClient]:
        """A browser without cookies."""
        async with httpx.AsyncClient(trust_env=False, timeout=PATIENCE_SECONDS, headers=TYPED) as made:
            yield made


def onward(page: httpx.Response) -> str | None:
    """Where a page sends the browser without being asked."""
    if page.is_redirect:
        return urljoin(str(page.url), page.headers["Location"])
    found = _REFRESH.search(page.text)
    return unescape(found[1]) if found is not None else None


def origin(url: str) -> str:
    """The scheme, host and port of an address."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
