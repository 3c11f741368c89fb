"""What people have given MCP clients, and the codes and tokens that stand for it.

Codes and tokens of ours are `rcm_KIND_USER_…`, with the user's 32 hex digits in the open: what concerns a user lies
together, and nobody's token opens a record of another. In the store they have names that the key ring makes of their
SHA-256: who can read the store learns none of them, and who can write to it cannot make it take one of his own.

Facts: RFC 6749 (OAuth 2.0), RFC 9700 section 4.14 (rotation of refresh tokens).
"""

import hashlib
import json
import logging
import re
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import asdict, replace
from typing import Any, Final, Literal

import anyio

from ringcentral_meetings.store.grant_steps import GrantKeys, StoredCode, StoredGrant, Taken, Tokens
from ringcentral_meetings.store.keys import KeyRing
from ringcentral_meetings.store.leases import lease_key
from ringcentral_meetings.store.records import CodeRecord, Ended, Grant, Issued, Rotated, StoreDown, mixed_up
from ringcentral_meetings.store.same_answer import open_answer, seal_answer
from ringcentral_meetings.store.sessions import Sessions, renewal_name
from ringcentral_meetings.store.steps import Steps, new_request
from ringcentral_meetings.store.vault import RetiredKey, Unopenable, Vault

CODE_SECONDS: Final = 60.0
SAME_SECONDS: Final = 60.0
"""How long a refresh token that was replaced gets the answer that replaced it: for clients whose answer was lost, and
those whose processes share one token and renew it at the same moment."""

VERSION: Final = 1

_USER: Final = re.compile(r"rcm_[a-z]+_([0-9a-f]{32})_")
_INDEX: Final = re.compile(r"rcm:\{([^}]+)\}:grants")

logger = logging.getLogger(__name__)


class Grants:
    """The grants of all users. All methods raise `StoreDown`; then what they were to do may have been done.

    `now` gives seconds since 1970.
    """

    def __init__(
        self, steps: Steps, ring: KeyRing, vault: Vault, sessions: Sessions, now: Callable[[], float] = time.time
    ) -> None:
        self._steps = steps
        self._ring = ring
        self._vault = vault
        self._sessions = sessions
        self._now = now

    async def put_flow(self, flow: str, text: str, seconds: float) -> None:
        """Keep what a sign-in needs when the browser comes back, for so long, under a secret that it brings."""
        key = _flow_key(flow)
        await self._steps.write_note(key, new_request(), self._sealed(key, "", text.encode()), seconds, None)

    async def take_flow(self, flow: str) -> str | None:
        """Take a sign-in out, once; None where there is none, or somebody else has taken it."""
        key = _flow_key(flow)
        sealed = await self._steps.grants.take_note(key, new_request())
        text = self._opened(key, "", sealed.value) if sealed is not None else None
        return text.decode() if text is not None else None

    async def put_code(self, code: str, record: CodeRecord, seconds: float = CODE_SECONDS) -> None:
        """Keep an authorization code for so long. Its user is that of the grant."""
        owner = record.grant.user
        keys, name = keys_of(owner), self._named("code", owner, code)
        key = keys.code(name)
        text = json.dumps({"version": VERSION, "redirect_uri": record.redirect_uri, "challenge": record.challenge})
        value = self._sealed(key, owner, text.encode())
        grant = self._sealed(keys.grant(record.grant.id), owner, _text(record.grant))
        await self._steps.grants.put_code(keys, name, StoredCode(record.grant.id, value, grant), seconds)

    async def read_code(self, code: str) -> CodeRecord | Literal["used"] | None:
        """Return what a code stands for, and use nothing up; None where it is over, or its grant was ended."""
        if (user := user_of(code)) is None:
            return None
        keys, name = keys_of(user), self._named("code", user, code)
        stored = await self._steps.grants.read_code(keys, name)
        if not isinstance(stored, StoredCode):
            return stored
        text = self._opened(keys.code(name), user, stored.value)
        grant = self._opened(keys.grant(stored.grant_id), user, stored.grant)
        if text is None or grant is None:
            return None
        record = _fields(text)
        return CodeRecord(_grant(grant, stored.grant_id, user), record["redirect_uri"], record["challenge"])

    async def exchange_code(self, code: str, issued: Issued, refresh_seconds: float) -> bool:
        """Begin the grant of a code with its first tokens, once; False where the code is over, or was used before.

        The grant lasts as long as its refresh token, and never longer than the user's session, if there is one, or 90
        days.
        """
        if (user := user_of(code)) is None:
            return False
        tokens, name = self._tokens(user, issued, refresh_seconds), self._named("code", user, code)
        return await self._steps.grants.exchange_code(keys_of(user), name, new_request(), tokens)

    async def end_grant_of_code(self, code: str) -> Ended:
        """End the grant that a code began which is now presented a second time."""
        if (user := user_of(code)) is None:
            return Ended(0, last=False, session=None)
        with anyio.CancelScope(shield=True):
            name = self._named("code", user, code)
            taken = await self._steps.grants.end_grant_of_code(keys_of(user), name, new_request())
        return self._ended(user, taken)

    async def read_refresh(self, refresh: str) -> Grant | None:
        """Return the grant of a refresh token, also of one that was replaced, and change nothing; None if it ended.

        So what is wrong with a request is found before `rotate`, which alone distinguishes a current token from an old
        one.
        """
        if (user := user_of(refresh)) is None:
            return None
        name = self._named("refresh", user, refresh)
        return self.opened(user, await self._steps.grants.read_refresh(keys_of(user), name))

    async def rotate(
        self, refresh: str, issued: Issued, refresh_seconds: float, same_seconds: float = SAME_SECONDS
    ) -> Rotated:
        """Replace a refresh token by the next, once; the grant lasts for `refresh_seconds` more, as in `exchange_code`.

        The access token that it replaces goes on until its own end. A refresh token that was replaced within
        `same_seconds`, by the one that is current, gets the same tokens again. Any other that the grant has had before
        is in two hands, and the grant ends.
        """
        if (user := user_of(refresh)) is None:
            return Rotated("unknown")
        keys, name = keys_of(user), self._named("refresh", user, refresh)
        answer = seal_answer(refresh, issued, name=keys.same(name))
        tokens = self._tokens(user, issued, refresh_seconds)
        with anyio.CancelScope(shield=True):
            turned = await self._steps.grants.rotate(keys, name, new_request(), tokens, answer, same_seconds)
        if turned.outcome == "rotated":
            return Rotated("rotated", issued)
        if turned.outcome == "same":
            return Rotated("same", open_answer(refresh, turned.answer, turned.age, name=keys.same(name)))
        ended = self._ended(user, turned.taken) if turned.taken is not None else None
        return Rotated(turned.outcome, ended=ended)

    async def end(self, user: str, grant_id: str) -> Ended:
        """End one grant: its tokens are of no use from now on. The session goes with the user's last grant."""
        return await self._end(user, grant_id)

    async def end_user(self, user: str) -> Ended:
        """End all grants of a user, codes that are still to be exchanged, and the session."""
        return await self._end(user, None)

    async def end_unused(self, user: str) -> Ended:
        """End the session of a user who has no grant, and no code that may begin one."""
        with anyio.CancelScope(shield=True):
            taken = await self._steps.grants.end_unused(keys_of(user), new_request())
        return self._ended(user, taken)

    async def of_user(self, user: str) -> list[Grant]:
        """Return the grants of a user, the newest first, with when they were last used to the hour."""
        stored = await self._steps.grants.of_user(keys_of(user))
        grants = [self._with_use(grant, one) for one in stored if (grant := self.opened(user, one)) is not None]
        return sorted(grants, key=lambda grant: (grant.began, grant.id), reverse=True)

    async def people(self) -> AsyncIterator[str]:
        """Yield the users who have grants, each once, in no order."""
        found: set[str] = set()
        async for key in self._steps.grants.scan("rcm:{*}:grants"):
            match = _INDEX.fullmatch(key)
            if match is not None and match[1] not in found:
                found.add(match[1])
                yield match[1]

    async def seen_before(self, name: str, seconds: float) -> bool:
        """Return whether this was asked of a name already within the `seconds` that were said then."""
        key = f"rcm:seen:{self._ring.digest('seen', name)}"
        return not await self._steps.grants.first(key, new_request(), seconds)

    def opened(self, user: str, stored: StoredGrant | None) -> Grant | None:
        """Return a grant as it lies in the store; None where there is none, or none that a key of the ring opens."""
        if stored is None:
            return None
        text = self._opened(keys_of(user).grant(stored.id), user, stored.sealed.value)
        return _grant(text, stored.id, user) if text is not None else None

    async def _end(self, user: str, grant_id: str | None) -> Ended:
        with anyio.CancelScope(shield=True):
            taken = await self._steps.grants.end(keys_of(user), grant_id, new_request())
        return self._ended(user, taken)

    def _ended(self, user: str, taken: Taken) -> Ended:
        return Ended(taken.grants, taken.last, self._sessions.opened(user, taken.session))

    def access_key(self, user: str, access: str) -> str:
        """Return the key of an access token, by its SHA-256 in hex."""
        return keys_of(user).access(self._ring.digest("access", user, access))

    def _named(self, kind: str, user: str, token: str) -> str:
        return self._ring.digest(kind, user, digest(token))

    def _tokens(self, user: str, issued: Issued, refresh_seconds: float) -> Tokens:
        access, refresh = self._named("access", user, issued.access), self._named("refresh", user, issued.refresh)
        return Tokens(access, refresh, issued.expires_in, refresh_seconds)

    def _with_use(self, grant: Grant, stored: StoredGrant) -> Grant:
        return replace(grant, last_used=round(self._now() - stored.age))

    def _sealed(self, key: str, owner: str, text: bytes) -> bytes:
        return self._vault.seal(text, name=key, owner=owner)

    def _opened(self, key: str, owner: str, sealed: bytes) -> bytes | None:
        try:
            return self._vault.open(sealed, name=key, owner=owner)
        except RetiredKey:
            logger.warning("A sign-in (%s) is sealed with a key that is not there any more: it is of no use", key)
            return None
        except Unopenable:
            raise mixed_up(key) from None


def digest(token: str) -> str:
    """Return the SHA-256 of a code or token, in hex."""
    return hashlib.sha256(token.encode()).hexdigest()


def user_of(token: str) -> str | None:
    """Return the user who is named in a code or token; None where it has another form."""
    match = _USER.match(token)
    return match[1] if match is not None else None


def keys_of(user: str) -> GrantKeys:
    """Return the keys of a user's grants."""
    return GrantKeys(f"rcm:{{{user}}}:", lease_key(renewal_name(user)))


def _flow_key(flow: str) -> str:
    return f"rcm:flow:{digest(flow)}"


def _text(grant: Grant) -> bytes:
    record = asdict(grant)
    for name in ("id", "user", "last_used"):
        del record[name]
    return json.dumps({"version": VERSION, **record}, separators=(",", ":")).encode()


def _grant(text: bytes, grant_id: str, user: str) -> Grant:
    record = _fields(text)
    return Grant(id=grant_id, user=user, scopes=tuple(record.pop("scopes")), **record)


def _fields(text: bytes) -> dict[str, Any]:
    record: dict[str, Any] = json.loads(text)
    if record.pop("version") != VERSION:
        raise StoreDown("holds a grant of another version of this program")
    return record
