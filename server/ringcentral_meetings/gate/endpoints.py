"""What clients ask for without a browser in between: /token, /revoke and /register.

Facts: OAuth 2.1 section 3.2, RFC 7009, RFC 7591.
"""

import logging
from collections.abc import Mapping
from typing import Final

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response

from ringcentral_meetings.gate import tokens
from ringcentral_meetings.gate.answers import json_answer
from ringcentral_meetings.gate.issuing import Issuing
from ringcentral_meetings.gate.parameters import Parameters, media_type, read_body, read_form
from ringcentral_meetings.gate.parts import Parts
from ringcentral_meetings.gate.records import OAuthError
from ringcentral_meetings.store import Issued

PRESENTED: Final[Mapping[str, tuple[str, tokens.Kind]]] = {
    "authorization_code": ("code", "ac"),
    "refresh_token": ("refresh_token", "rt"),
}
"""What a grant type is shown: the name of the parameter, and the kind of token."""

logger = logging.getLogger(__name__)


class Endpoints:
    """The endpoints that answer with JSON."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._issuing = Issuing(parts)

    async def token(self, request: Request) -> Response:
        """Issue tokens. A code or token that cannot be one of ours costs no trip to the store."""
        form = await read_form(request)
        kind = _checked_kind(form)
        await self._parts.throttles.admit_address(request)
        client = await self._parts.clients.authenticate(dict(form.pairs), request.headers)
        if kind == "authorization_code":
            return _tokens(await self._issuing.for_code(client, form))
        return _tokens(await self._issuing.for_refresh_token(client, form))

    async def revoke(self, request: Request) -> Response:
        """End the grant of a token. One that is not known counts as ended (RFC 7009 section 2.2)."""
        form = await read_form(request)
        if (token := form.get("token")) is None:
            raise OAuthError("invalid_request", "token is missing.")
        await self._parts.throttles.admit_address(request)
        client = await self._parts.clients.authenticate(dict(form.pairs), request.headers)
        ended = await self._issuing.revoke(client, token)
        response = json_answer({})
        if ended is not None and ended.session is not None:
            response.background = BackgroundTask(self._parts.upstream.ended, ended.session)
        return response

    async def register(self, request: Request) -> Response:
        """Register a client, of which nothing is stored."""
        if media_type(request) != "application/json":
            raise OAuthError("invalid_client_metadata", "The body must be application/json.", 415)
        await self._parts.throttles.admit_address(request)
        registered = self._parts.clients.registrations.register(await read_body(request))
        logger.info("A client has registered")
        return json_answer(registered, 201)


def _checked_kind(form: Parameters) -> str:
    kind = form.get("grant_type")
    if kind is None:
        raise OAuthError("invalid_request", "grant_type is missing.")
    if kind not in PRESENTED:
        raise OAuthError("unsupported_grant_type", f"grant_type must be one of {', '.join(PRESENTED)}.")
    name, token_kind = PRESENTED[kind]
    if (given := form.get(name)) is None:
        raise OAuthError("invalid_request", f"{name} is missing.")
    if tokens.user_of(token_kind, given) is None:
        raise OAuthError("invalid_grant", f"{name} is not one of this server's.")
    return kind


def _tokens(issued: Issued) -> Response:
    body: Mapping[str, object] = {
        "access_token": issued.access,
        "token_type": "Bearer",
        "expires_in": issued.expires_in,
        "refresh_token": issued.refresh,
        "scope": " ".join(issued.scopes),
    }
    return json_answer(body)
