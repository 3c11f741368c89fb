"""Clients that prove who they are with a signed assertion, `private_key_jwt`, and the keys that they publish.

Facts: RFC 7521, 4.2; RFC 7523, 2.2 and 3 (what the assertion says); RFC 7517 (keys); RFC 8725, 3.1 (the algorithm is
never the token's choice alone).
"""

import json
import logging
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Protocol

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from ringcentral_meetings.gate.client_metadata import NotJson, read_object
from ringcentral_meetings.gate.documents import FRESH_SECONDS, RETRY_SECONDS, Documents, Unusable
from ringcentral_meetings.gate.records import Client, OAuthError
from ringcentral_meetings.gate.tokens import digest

ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ALGORITHMS: Final = ("RS256", "PS256", "ES256", "EdDSA")
AHEAD_SECONDS: Final = 600
"""How far ahead an assertion may end: its `jti` is remembered until then."""

SKEW_SECONDS: Final = 30
"""By how much the clocks of a client and of this machine may differ."""

LONGEST: Final = 8_192
LONGEST_ID: Final = 512
RSA_BITS: Final = (2_048, 8_192)
"""Shorter keys are weak (RFC 7518, 3.3), longer ones take long."""

MOST_KEYS: Final = 32

_KEY_TYPES: Final = {
    "RS256": ("RSA", None),
    "PS256": ("RSA", None),
    "ES256": ("EC", "P-256"),
    "EdDSA": ("OKP", "Ed25519"),
}
_PUBLIC: Final = ("kty", "kid", "use", "alg", "crv", "n", "e", "x", "y")
_FORM: Final = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+){2}")
_REQUIRED: Final = ["iss", "sub", "aud", "exp", "jti"]

Key = Mapping[str, str]

logger = logging.getLogger(__name__)


class Replays(Protocol):
    """Remembers names for a while, for all replicas."""

    async def seen_before(self, name: str, seconds: float) -> bool:
        """Return whether a name was seen already, and remember it for so long. Raises `StoreDown`."""
        ...


class Assertions:
    """Verifies assertions that are meant for one of `audiences`; `now` is the time in seconds since 1970."""

    def __init__(
        self, documents: Documents, replays: Replays, audiences: Sequence[str], now: Callable[[], float]
    ) -> None:
        self._documents = documents
        self._replays = replays
        self._audiences = tuple(audiences)
        self._now = now

    async def verify(self, client: Client, assertion: str) -> None:
        """Check that a client has signed this for us, and that it comes for the first time.

        Raises `OAuthError`, `StoreDown`.
        """
        header = _header(assertion)
        claims = await self._signed(client, assertion, header)
        seconds = self._left(claims)
        if not self._is_of(claims, client.id) or seconds is None:
            raise _refused("its iss, sub, aud, exp, nbf, iat or jti is not as it has to be")
        if await self._replays.seen_before(f"assertion:{digest(json.dumps([client.id, claims['jti']]))}", seconds):
            raise _refused("it was used before")

    async def _signed(self, client: Client, assertion: str, header: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the claims. Keys that are not at hand are asked for again, once a minute at most."""
        key = _fitting(await self._keys(client, FRESH_SECONDS[1]), header)
        if key is None and client.jwks_uri:
            key = _fitting(await self._keys(client, RETRY_SECONDS), header)
        if key is None:
            raise _refused("the client publishes no key that fits it")
        try:
            public = jwt.PyJWK(dict(key), header["alg"])
            if isinstance(public.key, RSAPublicKey) and not RSA_BITS[0] <= public.key.key_size <= RSA_BITS[1]:
                raise _refused("its key is too short or too long")
            return jwt.decode(assertion, public, algorithms=[header["alg"]], options=_SIGNATURE_ALONE)
        except (jwt.PyJWTError, ValueError, TypeError, RecursionError):
            raise _refused("its signature is not the client's") from None

    async def _keys(self, client: Client, max_age: float) -> list[Key]:
        if not client.jwks_uri:
            return public_keys(json.loads(client.jwks or "{}"))
        try:
            found: list[Key] = json.loads(await self._documents.read("keys", client.jwks_uri, _kept_keys, max_age))
        except Unusable as unusable:
            raise unavailable("The client's keys cannot be read", unusable) from None
        return found

    def _is_of(self, claims: Mapping[str, Any], client_id: str) -> bool:
        audience, jti = claims["aud"], claims["jti"]
        named = audience if isinstance(audience, list) else [audience]
        return (
            claims["iss"] == claims["sub"] == client_id
            and bool(named)
            and all(one in self._audiences for one in named)
            and isinstance(jti, str)
            and 0 < len(jti) <= LONGEST_ID
        )

    def _left(self, claims: Mapping[str, Any]) -> float | None:
        """Return for how many seconds an assertion can still be used, None if it cannot now."""
        now, ends = self._now(), claims["exp"]
        begins = [claims[name] for name in ("nbf", "iat") if name in claims]
        if not all(type(moment) in (int, float) for moment in (ends, *begins)):
            return None
        if not now - SKEW_SECONDS < ends <= now + AHEAD_SECONDS + SKEW_SECONDS:
            return None
        if not all(moment <= now + SKEW_SECONDS for moment in begins):
            return None
        return float(ends - now + SKEW_SECONDS)


_SIGNATURE_ALONE: Final[Any] = {
    "require": _REQUIRED,
    **{f"verify_{name}": False for name in ("exp", "nbf", "iat", "aud", "iss", "sub", "jti")},
}
"""What the claims say is checked here: by a clock that is passed in, and with words of ours."""


def public_keys(found: Mapping[str, Any]) -> list[Key]:
    """Return the keys of a set that may sign assertions, without their private and their other members."""
    keys = found.get("keys")
    return [
        {name: key[name] for name in _PUBLIC if name in key}
        for key in (keys[:MOST_KEYS] if isinstance(keys, list) else [])
        if isinstance(key, dict)
        and "d" not in key
        and all(isinstance(key.get(name, ""), str) for name in _PUBLIC)
        and (key.get("kty"), key.get("crv")) in _KEY_TYPES.values()
        and key.get("use", "sig") == "sig"
    ]


def subject_of(assertion: str) -> str:
    """Return which client an assertion says that it is of, which is not believed yet. Raises `OAuthError`."""
    _header(assertion)
    try:
        subject = jwt.decode(assertion, options={"verify_signature": False}).get("sub")
    except (jwt.PyJWTError, ValueError, RecursionError):
        subject = None
    if not isinstance(subject, str):
        raise _refused("it has no sub")
    return subject


def unavailable(what: str, unusable: Unusable) -> OAuthError:
    """Return the answer to a client whose document or keys cannot be read, which may be over in a moment."""
    if unusable.temporary:
        return OAuthError("temporarily_unavailable", f"{what}: {unusable}.", 503, {"Retry-After": "10"})
    return OAuthError("invalid_client", f"{what}: {unusable}.", 401)


def _kept_keys(body: bytes) -> str:
    try:
        keys = public_keys(read_object(body))
    except NotJson as problem:
        raise Unusable(str(problem)) from None
    return json.dumps(keys)


def _header(assertion: str) -> Mapping[str, Any]:
    if len(assertion) > LONGEST or _FORM.fullmatch(assertion) is None:
        raise _refused("it is not a signed JWT")
    try:
        header = jwt.get_unverified_header(assertion)
    except (jwt.PyJWTError, ValueError, RecursionError):
        raise _refused("it is not a signed JWT") from None
    if header.get("alg") not in ALGORITHMS:
        raise _refused(f"it must be signed by one of {', '.join(ALGORITHMS)}")
    return header


def _fitting(keys: Sequence[Key], header: Mapping[str, Any]) -> Key | None:
    """Return the key that an assertion names; the only one of its type where it names none."""
    algorithm, kid = header["alg"], header.get("kid")
    typed = [
        key
        for key in keys
        if (key.get("kty"), key.get("crv")) == _KEY_TYPES[algorithm] and key.get("alg", algorithm) == algorithm
    ]
    named = typed if kid is None else [key for key in typed if key.get("kid") == kid]
    return named[0] if len(named) == 1 else None


def _refused(problem: str) -> OAuthError:
    return OAuthError("invalid_client", f"The client assertion is refused: {problem}.", 401)
