"""Registration of clients without a record of them: the client id is the registration itself, sealed.

So nothing grows with it, nobody's registration ends another's, and every replica knows all. An id ends with the key
that sealed it, or with the address of this server; the client then registers again.

Facts: RFC 7591 (registration); the MCP specification deprecates it in favour of metadata documents, and clients that
have none, Cursor among them, need it.
"""

import base64
import binascii
import json
import re
import zlib
from collections.abc import Callable
from typing import Any, Final

from ringcentral_meetings.gate import redirects
from ringcentral_meetings.gate.client_metadata import InvalidMetadata, Metadata, read
from ringcentral_meetings.gate.records import Client, OAuthError
from ringcentral_meetings.store import KeyRing
from ringcentral_meetings.store.vault import Unopenable, Vault

PREFIX: Final = "rcm_client_"
LONGEST_ID: Final = 1_000
"""Characters of a client id: it travels in every address of an authorization request."""

MOST_BYTES: Final = 16_384
"""Of a request to register."""

_VERSION: Final = 1
_ID: Final = re.compile(rf"{PREFIX}([A-Za-z0-9_-]+)")
_DEFLATED: Final = b"z"
_PLAIN: Final = b"p"


class Registrations:
    """Registers clients, and knows those that it has registered; `now` is the time in seconds since 1970.

    An id holds for one `issuer` alone, to which the MCP specification binds what a client is given.
    """

    def __init__(self, ring: KeyRing, issuer: str, now: Callable[[], float]) -> None:
        self._vault = Vault(ring, "registrations")
        self._issuer = issuer
        self._now = now

    def register(self, body: bytes) -> dict[str, Any]:
        """Return what a client is answered, with status 201 (RFC 7591, 3.2.1).

        A registration is taken if one of its redirect URIs is good; the answer has those that are. Whichever way to
        authenticate is asked for, the answer is `none`: a secret that everybody can have proves nothing.

        Raises `OAuthError`: `invalid_redirect_uri` or `invalid_client_metadata` (3.2.2).
        """
        if len(body) > MOST_BYTES:
            raise OAuthError("invalid_client_metadata", f"A registration may have {MOST_BYTES} bytes.")
        try:
            metadata = read(body)
            uris = metadata.good_redirect_uris()
            client_id = self._sealed(metadata, uris)
        except InvalidMetadata as invalid:
            is_of_redirects = invalid.member == "redirect_uris"
            error = "invalid_redirect_uri" if is_of_redirects else "invalid_client_metadata"
            raise OAuthError(error, f"{invalid}.") from None
        named = {"client_name": metadata.name, "client_uri": metadata.uri}
        return {
            "client_id": client_id,
            "client_id_issued_at": int(self._now()),
            **{member: value for member, value in named.items() if value},
            "redirect_uris": list(uris),
            "token_endpoint_auth_method": "none",
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
        }

    def find(self, client_id: str) -> Client | None:
        """Return the client of an id; None for one that was not given out here, or cannot be read any longer."""
        try:
            version, name, uri, *uris = json.loads(self._opened(client_id))
        except (Unopenable, ValueError, TypeError):
            return None
        good = redirects.good(uris)  # what was good when it was sealed may not be any more
        if version != _VERSION or not good:
            return None
        return Client(id=client_id, kind="registered", name=name, host="", redirect_uris=good, uri=uri)

    def _sealed(self, metadata: Metadata, uris: tuple[str, ...]) -> str:
        text = json.dumps([_VERSION, metadata.name, metadata.uri, *uris], separators=(",", ":"), ensure_ascii=False)
        plain = _PLAIN + text.encode()
        value = min(plain, _DEFLATED + zlib.compress(text.encode(), 9, -zlib.MAX_WBITS), key=len)
        sealed = self._vault.seal(value, name=self._issuer, owner="")
        client_id = PREFIX + base64.urlsafe_b64encode(sealed).decode().rstrip("=")
        if len(client_id) > LONGEST_ID:
            member = "client_uri" if len(metadata.uri) > sum(map(len, uris)) else "redirect_uris"
            raise InvalidMetadata(member, f"is too long: a client id may have {LONGEST_ID} characters, and holds it")
        return client_id

    def _opened(self, client_id: str) -> str:
        found = _ID.fullmatch(client_id) if len(client_id) <= LONGEST_ID else None
        if found is None:
            raise Unopenable("client id")
        try:
            sealed = base64.urlsafe_b64decode(found[1] + "=" * (-len(found[1]) % 4))
        except binascii.Error:
            raise Unopenable("client id") from None
        value = self._vault.open(sealed, name=self._issuer, owner="")
        kept = zlib.decompress(value[1:], -zlib.MAX_WBITS) if value.startswith(_DEFLATED) else value[1:]
        return kept.decode()
