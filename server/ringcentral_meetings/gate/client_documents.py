"""Clients whose id is the address of a document that describes them: whoever serves the address vouches for them.

Facts: draft-ietf-oauth-client-id-metadata-document, 3 (addresses) and 4 (what a document holds), which the MCP
specification prescribes.
"""

import json
from collections.abc import Callable, Sequence
from typing import Final, cast

from ringcentral_meetings.gate import redirects
from ringcentral_meetings.gate.assertions import Key, public_keys
from ringcentral_meetings.gate.client_metadata import InvalidMetadata, Metadata, NotJson, read
from ringcentral_meetings.gate.documents import Unusable
from ringcentral_meetings.gate.records import AuthMethod, Client

METHODS: Final = ("none", "private_key_jwt")
"""How a client with a document may authenticate: anybody can read what would be its secret."""


def is_address(client_id: str, *, is_local: bool) -> bool:
    """Return whether this can be the address of a document: https, with a path and nothing after it.

    For development (`is_local`) it may be http on loopback.
    """
    found = redirects.parsed(client_id)
    if found is None or found.path in {"", "/"} or found.query is not None:
        return False
    return found.scheme == "https" or is_local


def parser(url: str, *, is_local: bool) -> Callable[[bytes], str]:
    """Return what `Documents.read` has to do with the body of the document at `url`: to keep it if it can be used."""

    def parse(body: bytes) -> str:
        client(url, body, is_local=is_local)
        return body.decode()

    return parse


def client(url: str, body: bytes, *, is_local: bool) -> Client:
    """Return the client that a document at `url` describes. Raises `Unusable`."""
    try:
        return _described(url, read(body), is_local=is_local)
    except NotJson as problem:
        raise Unusable(str(problem)) from None
    except InvalidMetadata as problem:
        raise Unusable(str(problem), final=True) from None


def _described(url: str, metadata: Metadata, *, is_local: bool) -> Client:
    if metadata.client_id != url:
        raise InvalidMetadata("client_id", "is not the address of the document")
    method, keys = _method(metadata), public_keys(metadata.jwks or {})
    if method == "private_key_jwt":
        _check_keys(metadata, keys, is_local=is_local)
    return Client(
        id=url,
        kind="document",
        name=metadata.name,
        host=redirects.host_of(url),
        redirect_uris=metadata.good_redirect_uris(),
        auth_method=method,
        uri=metadata.uri,
        jwks_uri=metadata.jwks_uri or "",
        jwks=json.dumps({"keys": keys}) if keys else "",
        may_omit_assertion="none" in (metadata.token_endpoint_auth_methods_supported or []),
    )


def _method(metadata: Metadata) -> AuthMethod:
    method = metadata.token_endpoint_auth_method or "none"
    if method not in METHODS:
        raise InvalidMetadata("token_endpoint_auth_method", f"must be {' or '.join(METHODS)}")
    if metadata.client_secret is not None:
        raise InvalidMetadata("client_secret", "must not be published")
    return cast("AuthMethod", method)


def _check_keys(metadata: Metadata, keys: Sequence[Key], *, is_local: bool) -> None:
    """Check that a client says where its keys are, once (RFC 7591, 2)."""
    if (metadata.jwks is None) == (metadata.jwks_uri is None):
        raise InvalidMetadata("jwks_uri", "or jwks must be there, and not both")
    if metadata.jwks is not None and not keys:
        raise InvalidMetadata("jwks", "has no public key that can be used")
    if metadata.jwks_uri is not None and not is_address(metadata.jwks_uri, is_local=is_local):
        raise InvalidMetadata("jwks_uri", "must be an https address")
