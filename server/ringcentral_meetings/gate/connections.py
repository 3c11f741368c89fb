"""A person's own page: which clients they have let in, and how to end that.

The person signs in at RingCentral for it, in this browser. What is to be remembered until then, and who it was for ten
minutes after, is in sealed cookies: nothing is stored for it here. Forms carry a text that was sealed for this person
and this sign-in.
"""

import logging
import secrets
from dataclasses import dataclass
from typing import Final

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response

from ringcentral_meetings.gate import pages
from ringcentral_meetings.gate.answers import Refused, redirect
from ringcentral_meetings.gate.parameters import Parameters, read_form
from ringcentral_meetings.gate.parts import Parts
from ringcentral_meetings.gate.records import Declined, OAuthError, SignedInPerson
from ringcentral_meetings.gate.signing_in import signed_in, status_of
from ringcentral_meetings.store import Ended

PATH: Final = "/connections"
SECONDS: Final = 600
"""How long a sign-in for the page may take, and how long it counts."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Visitor:
    """Whoever has signed in for their page; `sign_in` is the name of that sign-in."""

    user: str
    name: str
    sign_in: str


class Connections:
    """The endpoint /connections."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def show(self, request: Request) -> Response:
        """Show the page, or go to RingCentral to sign in for it."""
        await self._parts.throttles.admit_address(request)
        visitor = self._visitor(request)
        return self._sent_to_sign_in() if visitor is None else await self._page(visitor)

    async def change(self, request: Request) -> Response:
        """End one connection or all of them, and show the page again."""
        self._parts.browsers.check_own_page(request)
        await self._parts.throttles.admit_address(request)
        form = await read_form(request)
        if (visitor := self._visitor(request)) is None:
            return redirect(f"{self._parts.gate.issuer}{PATH}")
        if self._parts.sealer.open("end", form.get("nonce") or "", visitor.sign_in) is None:
            raise Refused(400, "This page is no longer valid", "Open your connections again.")
        ended = await self._ended(visitor, form)
        logger.info("A person ended %d of their connections, user=%s", ended.grants, visitor.user)
        return self._revoking(await self._page(visitor, _notice(ended.grants)), ended)

    def is_visit(self, request: Request, state: str) -> bool:
        """Return whether a browser comes back from RingCentral for this page."""
        return self._verifier(request, state) is not None

    async def arrive(self, request: Request, answer: Parameters) -> Response:
        """Take in whoever comes back from RingCentral.

        Where they have let in nobody, their session there ends at once: it would only lie around.
        """
        await self._parts.throttles.admit_flow(request)
        verifier = self._verifier(request, answer.get("state") or "") or ""
        try:
            person = await signed_in(self._parts.upstream, answer, verifier)
        except Declined as declined:
            raise Refused(status_of(declined), declined.title, declined.text) from declined
        return self._revoking(self._known(person), await self._parts.store.grants.end_unused(person.user))

    def _sent_to_sign_in(self) -> Response:
        state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(48)
        response = redirect(self._parts.upstream.authorize_url(state, verifier))
        sealed = self._parts.sealer.seal("visit", {"verifier": verifier}, state, SECONDS)
        self._parts.browsers.keep(response, "visit", sealed, SECONDS)
        return response

    def _verifier(self, request: Request, state: str) -> str | None:
        cookie = self._parts.browsers.cookie(request, "visit")
        opened = self._parts.sealer.open("visit", cookie, state) if cookie is not None else None
        return opened["verifier"] if opened is not None else None

    def _known(self, person: SignedInPerson) -> Response:
        response = redirect(f"{self._parts.gate.issuer}{PATH}")
        fields = {"user": person.user, "name": person.name, "sign_in": secrets.token_hex(16)}
        sealed = self._parts.sealer.seal("visitor", fields, "", SECONDS)
        self._parts.browsers.keep(response, "visitor", sealed, SECONDS)
        self._parts.browsers.forget(response, "visit")
        return response

    def _visitor(self, request: Request) -> Visitor | None:
        cookie = self._parts.browsers.cookie(request, "visitor")
        opened = self._parts.sealer.open("visitor", cookie, "") if cookie is not None else None
        return Visitor(**opened) if opened is not None else None

    async def _page(self, visitor: Visitor, notice: str = "") -> Response:
        grants = await self._parts.store.grants.of_user(visitor.user)
        nonce = self._parts.sealer.seal("end", {}, visitor.sign_in, SECONDS)
        return pages.connections(visitor.name, grants, nonce, notice)

    async def _ended(self, visitor: Visitor, form: Parameters) -> Ended:
        if form.get("end_all") is not None:
            return await self._parts.store.grants.end_user(visitor.user)
        if (grant_id := form.get("end")) is not None:
            return await self._parts.store.grants.end(visitor.user, grant_id)
        raise OAuthError("invalid_request", "The form does not say what to end.")

    def _revoking(self, response: Response, ended: Ended) -> Response:
        """Have the session at RingCentral revoked once the browser has its answer."""
        if ended.session is not None:
            response.background = BackgroundTask(self._parts.upstream.ended, ended.session)
        return response


def _notice(ended: int) -> str:
    if ended == 0:
        return "That connection had ended before."
    return "The connection was ended." if ended == 1 else f"{ended} connections were ended."
