"""A person's visit to RingCentral's consent page, and the end of the session that came of one.

Facts: RingCentral developer guide, "Authorization code flow", "PKCE" and "API errors"; RFC 7636.
"""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx

from ringcentral_meetings import errors
from ringcentral_meetings.platform.answers import Reply, read_reply, transport_error, upstream_of
from ringcentral_meetings.platform.signin.grants import App, CodeGrant, revoke_request
from ringcentral_meetings.platform.signin.tokens import Token

AUTHORIZE_PATH: Final = "/restapi/oauth/authorize"
MAX_PAGE_BYTES: Final = 2_000_000


@dataclass(frozen=True, slots=True)
class Consent:
    """One visit to the consent page: its address, and what shows that an answer belongs to it.

    The code that comes back is worthless without `verifier`, which does not leave this process before the exchange.
    `prompt` is what the page shows to somebody too who is signed in there: `login`, `sso`, or both.
    """

    app: App
    redirect_uri: str
    state: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48), repr=False)
    prompt: str | None = None

    @property
    def address(self) -> str:
        """The consent page, to be opened in a browser."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        query = {
            "response_type": "code",
            "client_id": self.app.client_id,
            "redirect_uri": self.redirect_uri,
            "state": self.state,
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        if self.prompt is not None:
            query["prompt"] = self.prompt
        return f"{self.app.url(AUTHORIZE_PATH)}?{urlencode(query)}"

    def is_answered_by(self, redirected: str) -> bool:
        """Return whether the address that the browser was sent back to carries the state of this visit."""
        return self._has_our_state(_query_of(redirected))

    def _has_our_state(self, answer: dict[str, str]) -> bool:
        return hmac.compare_digest(answer.get("state", "").encode(), self.state.encode())

    def grant(self, redirected: str) -> CodeGrant:
        """Return the grant in the address that the browser was sent back to.

        Raises `Refused` if the person did not consent, or if the address does not belong to this visit.
        """
        answer = _query_of(redirected)
        if not self._has_our_state(answer):
            raise errors.foreign_redirect()
        if "error" in answer:
            raise errors.consent_refused(answer["error"])
        if not answer.get("code"):
            raise errors.foreign_redirect()
        return CodeGrant(self.app, answer["code"], self.redirect_uri, self.verifier)


def _query_of(redirected: str) -> dict[str, str]:
    """Return the query of an address, with the first value of each name."""
    return {name: values[0] for name, values in parse_qs(urlsplit(redirected.strip()).query).items()}


async def check(http: httpx.AsyncClient, consent: Consent) -> None:
    """Request the consent page before a person does, since nobody comes back from that of an unknown app or address.

    Raises `Refused` if RingCentral does not know the app or its redirect address, `MeetingsError` without an answer.
    """
    reply = await _send(http, http.build_request("GET", consent.address))
    if reply.status in (httpx.codes.BAD_REQUEST, httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
        raise errors.authorize_refused(upstream_of(reply), consent.redirect_uri)


async def revoke(http: httpx.AsyncClient, app: App, token: Token) -> str | None:
    """End the session of a token, in one try; return None, or why it may not have ended."""
    try:
        reply = await _send(http, revoke_request(app, token))
    except errors.MeetingsError as fault:
        return fault.message
    return None if reply.succeeded else f"RingCentral answered with status {reply.status}."


async def _send(http: httpx.AsyncClient, request: httpx.Request) -> Reply:
    request.headers["User-Agent"] = http.headers["User-Agent"]
    request.extensions.setdefault("timeout", http.timeout.as_dict())
    try:
        return await read_reply(await http.send(request, auth=None, stream=True), MAX_PAGE_BYTES)
    except httpx.TransportError as fault:
        raise transport_error(fault, request.url.host) from fault
