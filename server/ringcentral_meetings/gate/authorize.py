"""The page on which a person approves what a client asks for, and the way on to RingCentral.

Until the person approves, nothing is stored: what the client asked for travels in the page's form, sealed. Each page
that is shown has a cookie of its own, which the form's nonce names, and with whose value alone the form opens; so
several tabs work side by side, and a form is good once. A cookie for the whole browser would lose one of two tabs that
are opened at the same moment.

Facts: the MCP project's "Security Best Practices" on the confused deputy, RFC 9700 section 4.7 (CSRF), Fetch Metadata.
"""

import logging
import secrets
from dataclasses import asdict, replace
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from ringcentral_meetings.gate import pages, redirects
from ringcentral_meetings.gate.answers import Refused, error_address, redirect
from ringcentral_meetings.gate.browsers import FLOW_SECONDS
from ringcentral_meetings.gate.flow import Flow, asked_of
from ringcentral_meetings.gate.parameters import Parameters, read_form
from ringcentral_meetings.gate.parts import Parts
from ringcentral_meetings.gate.records import WRITE, AuthorizationRequest, Client, OAuthError
from ringcentral_meetings.gate.requested import requested

PAGE_SECONDS: Final = 600
"""For how long a page may be answered."""

MOST_QUERY_BYTES: Final = 8_192
MOST_PAGES: Final = 12
"""How many pages a browser may have open: its cookies would make its requests too long to be read."""

DENIED: Final = OAuthError("access_denied", "The person did not allow it.")

logger = logging.getLogger(__name__)


class Authorization:
    """The endpoints /authorize and /consent."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def show(self, request: Request) -> Response:
        """Show the page, or send the browser back with an error; an error in where to is a page.

        Anybody can be a client that nobody has vouched for. Its errors are a page with a link, or our address would
        lead to any other without a word (RFC 9700 section 4.11.2).
        """
        await self._parts.throttles.admit_address(request)
        query = request.scope["query_string"]
        if len(query) > MOST_QUERY_BYTES:
            raise OAuthError("invalid_request", f"The query is longer than {MOST_QUERY_BYTES} bytes.", 414)
        given = Parameters.of_text(query)
        client, redirect_uri = await self._client(given.values("client_id"), given.values("redirect_uri"))
        try:
            asked = requested(self._parts.gate, client.id, redirect_uri, given)
        except OAuthError as problem:
            logger.info("A request of %s was refused: %s", _called(client), problem.error)
            back = error_address(self._parts.gate, redirect_uri, given.get("state"), problem)
            if client.kind != "fixed" and redirects.leads_away(redirect_uri):
                raise Refused(400, "This request cannot be answered", problem.description, back) from problem
            return redirect(back)
        return self._page(request, client, asked)

    async def decide(self, request: Request) -> Response:
        """Take the person's decision, and go on to RingCentral, or back to the client."""
        self._parts.browsers.check_own_page(request)
        await self._parts.throttles.admit_address(request)
        form = await read_form(request)
        nonce, asked = self._opened(request, form)
        client, _ = await self._client([asked.client_id], [asked.redirect_uri])
        response = await self._decided(request, form, client, asked)
        self._parts.browsers.forget(response, _cookie(nonce))
        return response

    async def _client(self, client_ids: list[str], redirect_uris: list[str]) -> tuple[Client, str]:
        """Return the client, and the address at which it is answered, which is one of its own."""
        if len(client_ids) != 1 or len(redirect_uris) != 1:
            raise Refused(400, "The request is incomplete", "A program must name itself and its address, each once.")
        client = await self._parts.clients.find(client_ids[0])
        if not redirects.matches(client.redirect_uris, redirect_uris[0]):
            text = "The address to which you would return is not one of the program's own. Nothing was sent there."
            raise Refused(400, "This program cannot be trusted", text)
        return client, redirect_uris[0]

    def _page(self, request: Request, client: Client, asked: AuthorizationRequest) -> Response:
        nonce = f"{int(self._parts.now()):010x}{secrets.token_hex(8)}"
        browser = secrets.token_urlsafe(32)
        form = self._parts.sealer.seal("consent", asdict(asked), browser, PAGE_SECONDS)
        response = pages.consent(pages.Asking(client, asked.redirect_uri, asked.scopes, form, nonce))
        for name in self._parts.browsers.names(request, _cookie(""))[: 1 - MOST_PAGES]:
            self._parts.browsers.forget(response, name)
        self._parts.browsers.keep(response, _cookie(nonce), browser, PAGE_SECONDS)
        logger.info("Asked for consent to %s", _called(client))
        return response

    def _opened(self, request: Request, form: Parameters) -> tuple[str, AuthorizationRequest]:
        nonce, sealed = form.get("nonce") or "", form.get("request") or ""
        browser = self._parts.browsers.cookie(request, _cookie(nonce))
        opened = self._parts.sealer.open("consent", sealed, browser) if browser is not None else None
        if opened is None:
            text = "It was open for too long, was answered before, or was opened in another browser."
            raise Refused(400, "This page is no longer valid", f"{text} Start again in your program.")
        return nonce, asked_of(opened)

    async def _decided(
        self, request: Request, form: Parameters, client: Client, asked: AuthorizationRequest
    ) -> Response:
        decision = form.get("decision")
        if decision not in {"allow", "another", "deny"}:
            raise OAuthError("invalid_request", "The form has no decision.")
        if form.get("write") is None:
            asked = replace(asked, scopes=tuple(scope for scope in asked.scopes if scope != WRITE))
        if decision == "deny" or not asked.scopes:
            logger.info("Consent to %s was denied", _called(client))
            return pages.denied(client, error_address(self._parts.gate, asked.redirect_uri, asked.state, DENIED))
        await self._parts.throttles.admit_flow(request)
        return await self._started(client, asked, another_account=decision == "another")

    async def _started(self, client: Client, asked: AuthorizationRequest, *, another_account: bool) -> Response:
        state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(48)
        flow = Flow(asked, client.host or client.name, verifier)
        await self._parts.store.grants.put_flow(state, flow.text, FLOW_SECONDS)
        address = self._parts.upstream.authorize_url(state, verifier, another_account=another_account)
        response = pages.to_ringcentral(address)
        self._parts.browsers.bind(response, state)
        logger.info("Consent to %s was given", _called(client))
        return response


def _cookie(nonce: str) -> str:
    """Return the name of a page's cookie; those of later pages come after it in order."""
    return f"page-{nonce}"


def _called(client: Client) -> str:
    """Return what a client is called in the log: the host that vouches for it, else how it is known."""
    return client.host or f"a {client.kind} client"
