"""Which client a request comes from: one with a metadata document, one that has registered, or one of the operator's.

Facts: RFC 6749, 2.3 and 5.2 (authentication, and what is answered without); RFC 7521, 4.2 (assertions); the MCP
specification and draft-ietf-oauth-client-id-metadata-document, 3 (a client id that is the address of a document).
"""

import base64
import hmac
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal
from urllib.parse import unquote_plus

from starlette.datastructures import Headers

from ringcentral_meetings.gate import client_documents, redirects
from ringcentral_meetings.gate.assertions import ASSERTION_TYPE, Assertions, Replays, subject_of, unavailable
from ringcentral_meetings.gate.documents import Documents, Unusable
from ringcentral_meetings.gate.metadata import TOKEN
from ringcentral_meetings.gate.records import Client, Gate, OAuthError
from ringcentral_meetings.gate.registrations import PREFIX, Registrations
from ringcentral_meetings.gate.tokens import digest
from ringcentral_meetings.platform.guarded_fetch import Guarded
from ringcentral_meetings.store import Store

_UNKNOWN: Final = "This client is not known here. It may register again."
_CHALLENGE: Final = {"WWW-Authenticate": 'Basic realm="token endpoint", charset="UTF-8"'}


@dataclass(frozen=True, slots=True)
class _Shown:
    """How a client has authenticated, and with what."""

    client_id: str
    way: Literal["none", "secret", "assertion"]
    proof: str = ""


class Clients:
    """Finds clients and authenticates them.

    `replays` remembers the assertions that were used; `now` is the time in seconds since 1970.
    """

    def __init__(
        self, gate: Gate, store: Store, fetch: Guarded, replays: Replays, now: Callable[[], float] = time.time
    ) -> None:
        self._gate = gate
        self._fixed = {client.id: client for client in gate.fixed}
        self._documents = Documents(store, fetch, now, is_local=gate.is_local)
        self._assertions = Assertions(self._documents, replays, (gate.issuer, gate.issuer + TOKEN), now)
        self.registrations: Final = Registrations(store.ring, gate.issuer, now)

    async def find(self, client_id: str) -> Client:
        """Return a client.

        Raises:
            OAuthError: `invalid_client` with status 401, so that a client registers again; where its document cannot
                be had at the moment, `temporarily_unavailable` with status 503.
            StoreDown: the store cannot be used.
        """
        if (client := self._fixed.get(client_id)) is not None:
            return client
        if client_id.startswith(PREFIX):
            registered = self.registrations.find(client_id) if self._gate.registration else None
            if registered is not None:
                return registered
        elif client_documents.is_address(client_id, is_local=self._gate.is_local):
            return await self._of_document(client_id)
        raise OAuthError("invalid_client", _UNKNOWN, 401)

    async def authenticate(self, form: Mapping[str, str], headers: Mapping[str, str]) -> Client:
        """Return the client that sends a request to /token or /revoke, once it has shown that it is that one.

        `form` holds the body, in which no parameter may have been twice; the names of `headers` are in lower case, or
        they are Starlette's. Raises as `find` does, and `OAuthError` `invalid_request` where it authenticates in more
        than one way.
        """
        if isinstance(headers, Headers) and len(headers.getlist("authorization")) > 1:
            raise OAuthError("invalid_request", "A client authenticates in one way.")
        authorization = headers.get("authorization", "")
        try:
            shown = _shown(form, authorization)
            client = await self.find(shown.client_id)
            await self._check(client, shown)
        except OAuthError as refused:
            if authorization and refused.status == 401:
                refused.headers.update(_CHALLENGE)
            raise
        return client

    async def _of_document(self, url: str) -> Client:
        host = redirects.host_of(url)
        if not {"*", host}.intersection(self._gate.document_hosts):
            raise OAuthError("invalid_client", f"Clients of {host} are not admitted here.", 401)
        parse = client_documents.parser(url, is_local=self._gate.is_local)
        try:
            text = await self._documents.read("client", url, parse)
            return client_documents.client(url, text.encode(), is_local=self._gate.is_local)
        except Unusable as unusable:
            raise unavailable(f"The document of this client at {host} cannot be used", unusable) from None

    async def _check(self, client: Client, shown: _Shown) -> None:
        """Hold a client to its own way of authenticating."""
        has_secret = client.auth_method in {"client_secret_basic", "client_secret_post"}
        if shown.way == "assertion" and client.auth_method == "private_key_jwt":
            await self._assertions.verify(client, shown.proof)
        elif shown.way == "secret" and has_secret:
            if not hmac.compare_digest(digest(shown.proof), client.secret_digest):
                raise OAuthError("invalid_client", "The client secret is wrong.", 401)
        elif shown.way != "none" or not (client.auth_method == "none" or client.may_omit_assertion):
            raise OAuthError("invalid_client", f"This client has to authenticate by {client.auth_method}.", 401)


def _shown(form: Mapping[str, str], authorization: str) -> _Shown:
    """Return what a request has of credentials. Empty parameters count as left out (RFC 6749, 3.2)."""
    named, secret, assertion = (form.get(name, "") for name in ("client_id", "client_secret", "client_assertion"))
    assertion_type = form.get("client_assertion_type", "")
    if sum(map(bool, (authorization, secret, assertion or assertion_type))) > 1:
        raise OAuthError("invalid_request", "A client authenticates in one way.")
    if authorization:
        return _of_header(authorization, named)
    if secret:
        return _Shown(named, "secret", secret)
    if assertion or assertion_type:
        if assertion_type != ASSERTION_TYPE:
            raise OAuthError("invalid_request", f"client_assertion_type must be {ASSERTION_TYPE}.")
        return _Shown(named or subject_of(assertion), "assertion", assertion)
    if not named:
        raise OAuthError("invalid_client", "client_id is missing.", 401)
    return _Shown(named, "none")


def _of_header(authorization: str, named: str) -> _Shown:
    """Return the credentials of HTTP Basic, each of them encoded as a form's (RFC 6749, 2.3.1)."""
    scheme, _, encoded = authorization.partition(" ")
    try:
        decoded = base64.b64decode(encoded.strip(), validate=True).decode() if scheme.lower() == "basic" else ""
        client_id, _, secret = (unquote_plus(part, errors="strict") for part in decoded.partition(":"))
    except ValueError:
        client_id = ""
    if not client_id:
        raise OAuthError("invalid_client", "The Authorization header is not HTTP Basic.", 401)
    if named and named != client_id:
        raise OAuthError("invalid_request", "Two clients are named.")
    return _Shown(client_id, "secret" if secret else "none", secret)
