"""The way back from RingCentral: whose session it is, and the code for the client.

The browser must be the one in which the person approved: else a link with an attacker's code would sign somebody in as
the attacker, and a link to RingCentral would give the attacker a code for somebody else. Facts: RFC 6749 section 4.1.2,
RFC 9207, RFC 9700 sections 4.4 (mix-up) and 4.7 (CSRF).
"""

import logging
import secrets
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from ringcentral_meetings.gate import pages, tokens
from ringcentral_meetings.gate.answers import BUSY, Refused, answer_address, error_address, redirect
from ringcentral_meetings.gate.connections import Connections
from ringcentral_meetings.gate.flow import Flow
from ringcentral_meetings.gate.parameters import Parameters
from ringcentral_meetings.gate.parts import Parts
from ringcentral_meetings.gate.records import Declined, OAuthError, SignedInPerson
from ringcentral_meetings.gate.signing_in import CANCELLED, signed_in, status_of
from ringcentral_meetings.store import CodeRecord, Grant, StoreDown

WEB: Final = ("https://", "http://")
"""A redirect to another scheme would leave the browser with a blank page."""

logger = logging.getLogger(__name__)


class Callback:
    """The endpoint /callback."""

    def __init__(self, parts: Parts, connections: Connections) -> None:
        self._parts = parts
        self._connections = connections

    async def answer(self, request: Request) -> Response:
        """Send the browser back to the client with a code, or on to the person's own page."""
        await self._parts.throttles.admit_address(request)
        given = Parameters.of_text(request.scope["query_string"])
        given.check_each_once()
        state = given.get("state") or ""
        if self._connections.is_visit(request, state):
            return await self._connections.arrive(request, given)
        if not self._parts.browsers.is_bound(request, state):
            raise _stale()
        if (text := await self._parts.store.grants.take_flow(state)) is None:
            raise _stale()
        response = await self._finished(Flow.of_text(text), given)
        self._parts.browsers.unbind(response, state)
        return response

    async def _finished(self, flow: Flow, given: Parameters) -> Response:
        if given.get("error") == CANCELLED:
            return redirect(self._error(flow, CANCELLED, "The person did not sign in."))
        try:
            person = await signed_in(self._parts.upstream, given, flow.verifier)
            code = await self._code(flow, person)
        except Declined as declined:
            logger.info("A sign-in was declined: %s", declined.error)
            back = self._error(flow, declined.error, "The sign-in at RingCentral did not succeed.")
            raise Refused(status_of(declined), declined.title, declined.text, back) from declined
        except StoreDown as down:
            logger.warning("A sign-in was not completed: %s", down)
            back = self._error(flow, "temporarily_unavailable", "The server cannot answer now.")
            raise Refused(503, *BUSY, back) from down
        logger.info("A code was issued, user=%s", person.user)
        address = answer_address(self._parts.gate, flow.asked.redirect_uri, flow.asked.state, code=code)
        return redirect(address) if address.startswith(WEB) else pages.success(person.name, back=address)

    async def _code(self, flow: Flow, person: SignedInPerson) -> str:
        """Issue the code with which the client gets its tokens."""
        grant = Grant(
            id=secrets.token_hex(16),
            user=person.user,
            account_id=person.account_id,
            extension_id=person.extension_id,
            person=person.name,
            client_id=flow.asked.client_id,
            client=flow.client,
            scopes=flow.asked.scopes,
            resource=flow.asked.resource,
            began=int(self._parts.now()),
        )
        code = tokens.new("ac", person.user)
        await self._parts.store.grants.put_code(code, CodeRecord(grant, flow.asked.redirect_uri, flow.asked.challenge))
        return code

    def _error(self, flow: Flow, error: str, description: str) -> str:
        problem = OAuthError(error, description)
        return error_address(self._parts.gate, flow.asked.redirect_uri, flow.asked.state, problem)


def _stale() -> Refused:
    text = "It took too long, was completed before, or was begun in another browser. Start again in your program."
    return Refused(400, "This sign-in cannot be completed", text)
