"""Knowing a browser again: our cookies, and whether a form comes from one of our pages.

No page reads the cookies, no other host sets them, and a foreign site's forms do not carry them. Facts: RFC 6265bis
sections 4.1.3.2 (`__Host-`) and 5.6.7 (`SameSite=Lax`); the Fetch standard on `Origin`, and Fetch Metadata. On loopback
over http, where a browser accepts no `__Host-` cookie, they go without the prefix.
"""

import hashlib
import hmac
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from ringcentral_meetings.gate.answers import Refused
from ringcentral_meetings.gate.records import Gate
from ringcentral_meetings.store import KeyRing

FLOW_SECONDS: Final = 600
"""How long a sign-in at RingCentral may take."""


@dataclass(frozen=True, slots=True)
class Browsers:
    """The browsers that come to a gate."""

    gate: Gate
    ring: KeyRing

    def cookie(self, request: Request, name: str) -> str | None:
        """Return the value of a cookie; None where it is not there, or there twice: one of them is somebody else's."""
        full = self._full(name)
        found = [value for given, value in _sent(request) if given == full]
        return found[0] if len(found) == 1 and found[0] else None

    def names(self, request: Request, start: str) -> list[str]:
        """Return the names of our cookies that begin so, in order."""
        full, prefix = self._full(start), self._full("")
        return sorted({given.removeprefix(prefix) for given, _ in _sent(request) if given.startswith(full)})

    def keep(self, response: Response, name: str, value: str, seconds: int) -> None:
        """Have the browser keep a cookie for so long."""
        response.set_cookie(
            self._full(name), value, max_age=seconds, path="/", secure=self._secure, httponly=True, samesite="lax"
        )

    def forget(self, response: Response, name: str) -> None:
        """Have the browser forget a cookie."""
        self.keep(response, name, "", 0)

    def bind(self, response: Response, state: str) -> None:
        """Mark the browser that goes to RingCentral with this `state`."""
        self.keep(response, _flow(state), self._mark(state), FLOW_SECONDS)

    def is_bound(self, request: Request, state: str) -> bool:
        """Return whether a browser is the one that was marked, which costs no trip to the store."""
        given = self.cookie(request, _flow(state)) or ""
        return hmac.compare_digest(given.encode(), self._mark(state).encode())

    def unbind(self, response: Response, state: str) -> None:
        """Remove the mark."""
        self.forget(response, _flow(state))

    def check_own_page(self, request: Request) -> None:
        """Raise `Refused` where a form was not sent from a page of ours.

        A page that sends no referrer sends `Origin: null` with its forms, so that `Sec-Fetch-Site` counts first.
        """
        site, origin = (request.headers.getlist(name) for name in ("sec-fetch-site", "origin"))
        if site != ["same-origin"] if site else origin != [self.gate.issuer]:
            text = "Start again in your program. If this happens again, another browser may help."
            raise Refused(403, "This form was not sent from here", text)

    @property
    def _secure(self) -> bool:
        return self.gate.issuer.startswith("https://")

    def _full(self, name: str) -> str:
        return f"{'__Host-' if self._secure else ''}rcm-{name}"

    def _mark(self, state: str) -> str:
        return self.ring.digest("browser", state)


def _flow(state: str) -> str:
    return f"flow-{hashlib.sha256(state.encode()).hexdigest()[:16]}"


def _sent(request: Request) -> list[tuple[str, str]]:
    pieces = ";".join(request.headers.getlist("cookie")).split(";")
    return [(name.strip(), value.strip()) for name, _, value in (piece.partition("=") for piece in pieces)]
