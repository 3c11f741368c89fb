"""The people of a development host: a file in which each line has a bearer token, and the refresh token of a session.

The identity behind a line is read from RingCentral once for all replicas, and the session sealed into the store. It is
for loopback alone: nobody is asked for consent.
"""

import hashlib
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import anyio

from ringcentral_meetings.settings import SettingsError
from ringcentral_meetings.store import LeaseTaken, Store, StoreDown
from ringcentral_meetings.users import Person, person_of
from ringcentral_meetings.users.sign_in import SignedIn

KEPT_SECONDS: Final = 30 * 24 * 3600.0
SIGN_IN_SECONDS: Final = 40.0
LEAST_CHARS: Final = 20

logger = logging.getLogger(__name__)

SignIn = Callable[[str], Awaitable[SignedIn]]
"""Turns a refresh token into a person and a session."""


def read_test_users(path: Path) -> dict[str, str]:
    """Return the refresh tokens of a file by the digest of their bearer token.

    Raises SettingsError where the file cannot be read, or a line is not two words.
    """
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as unreadable:
        raise SettingsError(f"--test-users: {path} cannot be read ({type(unreadable).__name__})") from unreadable
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        words = line.partition("#")[0].split()
        if not words:
            continue
        if len(words) != 2 or len(words[0]) < LEAST_CHARS:
            raise SettingsError(
                f"--test-users: line {number} of {path} is not a bearer token of {LEAST_CHARS} characters or more and "
                "a refresh token"
            )
        found[digest_of(words[0])] = words[1]
    if not found:
        raise SettingsError(f"--test-users: {path} names nobody")
    return found


def digest_of(bearer: str) -> str:
    """Return what stands for a bearer token."""
    return hashlib.sha256(bearer.encode(errors="replace")).hexdigest()


@dataclass(slots=True)
class FileOfUsers:
    """Identifies the people of a file by their bearer tokens; `lines` as `read_test_users` returns them."""

    lines: Mapping[str, str] = field(repr=False)
    server_url: str
    store: Store
    sign_in: SignIn
    _known: dict[str, Person] = field(default_factory=dict)

    async def identify(self, bearer: str) -> Person | None:
        """Return whose bearer token it is; None where it is nobody's.

        Raises:
            StoreDown: the store does not answer, or another replica signs the same person in for too long.
            MeetingsError: RingCentral does not accept the session of the file, or does not answer.
        """
        digest = digest_of(bearer)
        refresh_token = self.lines.get(digest)
        if refresh_token is None:
            return None
        if digest not in self._known:
            self._known[digest] = await self._read(digest) or await self._signed_in(digest, refresh_token)
        return self._known[digest]

    async def _signed_in(self, digest: str, refresh_token: str) -> Person:
        """Sign in, once for all replicas, and keep the session and the identity for all of them."""
        try:
            async with self.store.leases.held(f"test-user:{digest}", SIGN_IN_SECONDS + 5, SIGN_IN_SECONDS):
                if (person := await self._read(digest)) is not None:
                    return person
                with anyio.fail_after(SIGN_IN_SECONDS):
                    return await self._keep(digest, await self.sign_in(refresh_token))
        except (LeaseTaken, TimeoutError) as late:
            raise StoreDown("waits for a sign-in") from late

    async def _keep(self, digest: str, new: SignedIn) -> Person:
        person = new.person
        async with self.store.sessions.renewing(person.user) as turn:
            over = turn.session.generation if turn.session is not None else 0
            await self.store.sessions.put(person.user, new.session, over=over, ends_in=new.ends_in, lease=turn.lease)
        record = json.dumps([person.account_id, person.extension_id])
        await self.store.notes("").write(self._name(digest), record, KEPT_SECONDS)
        logger.info("A test user is signed in: %s", person.user)
        return person

    async def _read(self, digest: str) -> Person | None:
        note = await self.store.notes("").read(self._name(digest))
        if note is None or not note.text:
            return None
        account_id, extension_id = json.loads(note.text)
        return person_of(self.store.ring, self.server_url, account_id, extension_id)

    def _name(self, digest: str) -> str:
        return f"test-user:{digest}"
