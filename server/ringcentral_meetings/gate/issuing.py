"""Giving tokens for codes and for refresh tokens, and ending grants.

Everything about a request is checked before anything is written, so that a refused one changes nothing. RingCentral is
not asked: a token of ours stands for the person's session, and lasts no longer.

Facts: OAuth 2.1 sections 4.1.3 and 4.3, RFC 7636 section 4.6, RFC 7009 (revocation), RFC 8707 section 2.2, RFC 9700
sections 2.1.1 and 4.14.
"""

import base64
import hashlib
import hmac
import logging
import re
from typing import Final

from ringcentral_meetings.gate import tokens
from ringcentral_meetings.gate.parameters import Parameters
from ringcentral_meetings.gate.parts import Parts
from ringcentral_meetings.gate.records import Client, OAuthError
from ringcentral_meetings.gate.requested import known, target
from ringcentral_meetings.store import CodeRecord, Ended, Grant, Issued

_VERIFIER: Final = re.compile(r"[A-Za-z0-9._~-]{43,128}", re.ASCII)

logger = logging.getLogger(__name__)


class Issuing:
    """What /token and /revoke do for a client that has shown who it is. Methods raise `OAuthError`, `StoreDown`."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._grants = parts.store.grants

    async def for_code(self, client: Client, form: Parameters) -> Issued:
        """Exchange an authorization code. A second exchange ends what the first began."""
        code = form.get("code") or ""
        record = await self._grants.read_code(code)
        if record == "used":
            raise await self._code_reused(code)
        if record is None:
            raise _invalid("The code is not known, or has expired.")
        self._check_code(client, form, record)
        await self._parts.throttles.admit_client(client, record.grant.user)
        seconds = await self._refresh_seconds(record.grant)
        issued = self._issued(record.grant, seconds)
        if not await self._grants.exchange_code(code, issued, seconds):
            raise await self._code_reused(code)
        logger.info("A grant began, user=%s", record.grant.user)
        return issued

    async def for_refresh_token(self, client: Client, form: Parameters) -> Issued:
        """Exchange a refresh token for the next one, which a client that repeats itself soon is given again."""
        refresh = form.get("refresh_token") or ""
        grant = await self._grants.read_refresh(refresh)
        if grant is None:
            raise _invalid("The refresh token is not known, or has expired.")
        self._check_refresh(client, form, grant)
        await self._parts.throttles.admit_client(client, grant.user)
        seconds = await self._refresh_seconds(grant)
        rotated = await self._grants.rotate(refresh, self._issued(grant, seconds), seconds)
        if rotated.ended is not None:
            logger.warning("A refresh token was used again: its grant has ended, user=%s", grant.user)
            await self._revoked(rotated.ended)
        if rotated.issued is None:
            raise _invalid("The refresh token was used before, or its grant has ended.")
        return rotated.issued

    async def revoke(self, client: Client, token: str) -> Ended | None:
        """End the grant of an access or a refresh token; return None where it has no grant."""
        grant = await self._grant_of(token)
        if grant is None:
            return None
        if grant.client_id != client.id:
            raise _invalid("The token was issued to another client.")
        logger.info("A client ended its grant, user=%s", grant.user)
        return await self._grants.end(grant.user, grant.id)

    async def _grant_of(self, token: str) -> Grant | None:
        if tokens.user_of("rt", token) is not None:
            return await self._grants.read_refresh(token)
        user = tokens.user_of("at", token)
        return (await self._parts.store.open_call(user, (), access=tokens.digest(token))).grant if user else None

    def _check_code(self, client: Client, form: Parameters, record: CodeRecord) -> None:
        if record.grant.client_id != client.id:
            raise _invalid("The code was issued to another client.")
        if form.get("redirect_uri") not in {None, record.redirect_uri}:
            raise _invalid("redirect_uri is not that of the authorization request.")
        verifier = form.get("code_verifier") or ""
        if not _VERIFIER.fullmatch(verifier) or not hmac.compare_digest(_challenge(verifier), record.challenge):
            raise _invalid("code_verifier does not fit the code_challenge.")
        target(self._parts.gate, form.values("resource"))

    def _check_refresh(self, client: Client, form: Parameters, grant: Grant) -> None:
        """Raise where something does not belong to a grant.

        Fewer scopes than were granted may be asked for; the answer says that the token has all (RFC 6749 section 3.3).
        """
        if grant.client_id != client.id:
            raise _invalid("The refresh token was issued to another client.")
        target(self._parts.gate, form.values("resource"))
        if not set(known(form.get("scope"))) <= set(grant.scopes):
            raise OAuthError("invalid_scope", "A scope was not granted; the person has to approve it first.")

    async def _refresh_seconds(self, grant: Grant) -> int:
        """Return for how long a refresh token may last: no longer than the session at RingCentral, or the grant."""
        gate = self._parts.gate
        ends = grant.began + gate.absolute_seconds - self._parts.now()
        seconds = int(min(gate.refresh_seconds, ends, await self._parts.upstream.remaining(grant.user)))
        if seconds <= 0:
            raise _invalid("The person has to sign in again.")
        return seconds

    def _issued(self, grant: Grant, seconds: int) -> Issued:
        lasts = min(self._parts.gate.access_seconds, seconds)
        return Issued(tokens.new("at", grant.user), tokens.new("rt", grant.user), lasts, grant.scopes)

    async def _code_reused(self, code: str) -> OAuthError:
        """End what a code began, and return what to raise: two have it, of which one has stolen it."""
        ended = await self._grants.end_grant_of_code(code)
        logger.warning("A code was used again: %d grants have ended", ended.grants)
        await self._revoked(ended)
        return _invalid("The code was used before.")

    async def _revoked(self, ended: Ended) -> None:
        if ended.session is not None:
            await self._parts.upstream.ended(ended.session)


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _invalid(description: str) -> OAuthError:
    return OAuthError("invalid_grant", description)
