"""The one session that all processes of a user, app and profile share.

RingCentral ends the oldest of more than about five sessions per user and app (developer guide, "Access tokens"),
and a refresh token is valid once. So whoever signs in or renews does it under a lock, for all of them.
"""

import hashlib
import json
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import urlsplit

import anyio
import anyio.to_thread

from ringcentral_meetings import errors
from ringcentral_meetings.platform.limits import Clock
from ringcentral_meetings.platform.signin.token_stores import (
    FileStorage,
    KeyringUnusable,
    KeyringWithFileFallback,
    MemoryStorage,
    Storage,
    StorageUnusable,
    TokenStoreSetting,
    keyring_storage,
    prepare,
    revision_path,
    state_folder,
)
from ringcentral_meetings.platform.signin.tokens import Token

if TYPE_CHECKING:
    from filelock import BaseFileLock

VERSION: Final = 1
FIRST_PAUSE_SECONDS: Final = 0.01
LONGEST_PAUSE_SECONDS: Final = 0.25
LOCK_PATIENCE_SECONDS: Final = 60.0

logger = logging.getLogger(__name__)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SessionKey:
    """Whose session: a profile, an app on a server, and the JWT if there is one.

    The session of a `login` is stored under one name, those of JWTs under another for each JWT; all share a lock.
    """

    profile: str
    client_id: str
    server_url: str
    jwt: str | None = field(default=None, repr=False)

    @property
    def login(self) -> str:
        """The name of what `login` stores: `default-1f0c...`."""
        address = urlsplit(self.server_url).netloc.lower()
        return f"{self.profile}-{_digest(self.profile, self.client_id, address)}"

    @property
    def by_jwt(self) -> str | None:
        """The name of the session that the JWT obtains."""
        return None if self.jwt is None else f"{self.login}-{_digest(self.jwt)}"


def read_stored(text: str, where: str) -> tuple[str, str, Token]:
    """Return the client id, the server's address and the token of a stored text. Raises `Refused` for a damaged one."""
    token, record = _from_text(text, where), json.loads(text)
    return str(record.get("client_id")), str(record.get("server_url")), token


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode(errors="replace")).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class _Opened:
    storage: Storage
    lock: "BaseFileLock | None"


@dataclass(frozen=True, slots=True)
class _Cached:
    revision: object
    token: Token | None


class SharedTokenStore:
    """A `TokenStore` in a storage that outlives the process. Nothing is opened or imported before first need.

    In storage `expires_at` is in seconds since 1970, by `wall`; `clock` is the platform client's. A session that
    `login` stored comes first, until it has ended; then that of the key's JWT.
    """

    def __init__(
        self,
        key: SessionKey,
        choice: TokenStoreSetting,
        clock: Clock,
        *,
        folder: Path | None = None,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._key = key
        self._choice = choice
        self._clock = clock
        self._folder = folder
        self._wall = wall
        self._opened: _Opened | None = None
        self._opening = anyio.Lock()
        self._task_lock = anyio.Lock()
        self._cache: dict[str, _Cached] = {}
        self._holds_lock = False

    @asynccontextmanager
    async def exclusive(self) -> AsyncIterator[None]:
        """Hold the lock among the tasks of this process and the processes of this user.

        Within, the keyring is read each time: a process that died right after writing to it left the old revision.
        """
        async with self._task_lock:
            lock = (await self._open()).lock
            if lock is None:
                yield
                return
            await self._acquire(lock)
            self._holds_lock = True
            try:
                yield
            finally:
                self._holds_lock = False
                lock.release()

    async def check(self) -> None:
        """Take the lock once, and read nothing. Raises `Refused` where a sign-in could not be stored."""
        async with self.exclusive():
            pass

    async def load(self) -> Token | None:
        """Return the token to use or to renew. Raises `Refused` where a stored sign-in cannot be read."""
        login = await self._load(self._key.login)
        if self._key.by_jwt is None or (login is not None and self._is_alive(login)):
            return login
        try:
            return await self._load(self._key.by_jwt)
        except _Damaged as damaged:
            logger.warning("A stored sign-in is replaced: %s", damaged.message)
            return None

    async def save(self, token: Token) -> None:
        """Store a token, as a whole or not at all, under the name of the login or of the JWT that it came from."""
        name = self._key.login if token.by_login or self._key.by_jwt is None else self._key.by_jwt
        storage, text = (await self._open()).storage, self._as_text(token)
        await _in_thread(lambda: storage.write(name, text))

    async def all_stored(self) -> tuple[list[Token], list[str]]:
        """Return every token stored under the key, and why others cannot be read."""
        tokens, unread = [], []
        for name in self._names():
            try:
                tokens.append(await self._load(name))
            except _Damaged as damaged:
                unread.append(damaged.message)
        return [token for token in tokens if token is not None], unread

    async def clear(self) -> None:
        """Remove the sessions of the login and of the JWT."""
        storage = (await self._open()).storage
        for name in self._names():
            await _in_thread(lambda name=name: storage.remove(name))  # type: ignore[misc]

    def _names(self) -> list[str]:
        return [name for name in (self._key.login, self._key.by_jwt) if name is not None]

    def _is_alive(self, token: Token) -> bool:
        return token.refresh_token is not None or token.renew_at > self._clock.now()

    async def _load(self, name: str) -> Token | None:
        storage = (await self._open()).storage
        cached = self._cache.get(name)
        revision = _or_refused(lambda: storage.revision(name))
        if (self._holds_lock and storage.revision_may_lag) or cached is None or cached.revision != revision:
            text = await _in_thread(lambda: storage.read(name))
            cached = _Cached(revision, None if text is None else _from_text(text, storage.where(name)))
            self._cache[name] = cached
        return None if cached.token is None else self._on_our_clock(cached.token)

    def _on_our_clock(self, token: Token) -> Token:
        """Return the token on the client's clock, with at most its lifetime left, in case the wall clock was set."""
        left = min(token.expires_at - self._wall(), token.lifetime)
        return replace(token, expires_at=self._clock.now() + left)

    def _as_text(self, token: Token) -> str:
        record = {
            "version": VERSION,
            "profile": self._key.profile,
            "client_id": self._key.client_id,
            "server_url": self._key.server_url,
            "access_token": token.access_token,
            "refresh_token": token.refresh_token,
            "expires_at": self._wall() + token.expires_at - self._clock.now(),
            "lifetime": token.lifetime,
            "scope": token.scope,
            "owner_id": token.owner_id,
            "by_login": token.by_login,
        }
        return json.dumps(record)

    async def _acquire(self, lock: "BaseFileLock") -> None:
        """Take the lock that other processes may hold. The operating system frees it when its holder dies."""
        from filelock import Timeout

        until, pause = self._clock.now() + LOCK_PATIENCE_SECONDS, FIRST_PAUSE_SECONDS
        while True:
            try:
                lock.acquire(blocking=False)
            except Timeout:
                if self._clock.now() >= until:
                    raise errors.token_store_unusable(
                        f"The lock {lock.lock_file}", "another process has held it for a minute"
                    ) from None
                await self._clock.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
            except OSError as fault:
                why = fault.strerror or type(fault).__name__
                raise errors.token_store_unusable(f"The lock {lock.lock_file}", why) from fault
            else:
                return

    async def _open(self) -> _Opened:
        if self._opened is not None:
            return self._opened
        async with self._opening:
            if self._opened is None:
                self._opened = await _in_thread(self._open_storage)
        return self._opened

    def _open_storage(self) -> _Opened:
        folder = self._folder or state_folder()
        try:
            prepare(folder)
        except StorageUnusable as unusable:
            if self._choice != "auto" or self._key.jwt is None:
                raise
            logger.warning("%s; the sign-in is kept in memory, and no other process shares it", unusable)
            return _Opened(MemoryStorage(), None)
        from filelock import FileLock

        return _Opened(self._storage(folder), FileLock(folder / f"{self._key.login}.lock", mode=0o600))

    def _storage(self, folder: Path) -> Storage:
        if self._choice == "file":
            return FileStorage(folder)
        try:
            ring = keyring_storage(folder)
        except StorageUnusable as unusable:
            if self._choice == "keyring":
                raise
            self._check_not_in_keyring(folder, unusable)
            logger.debug("%s; sign-ins are kept in files", unusable)
            return FileStorage(folder)
        return ring if self._choice == "keyring" else KeyringWithFileFallback(ring, FileStorage(folder))

    def _check_not_in_keyring(self, folder: Path, unusable: StorageUnusable) -> None:
        """Refuse to use files, without a JWT, where another process keeps the login in the keyring."""
        in_file = FileStorage(folder).revision(self._key.login) is not None
        if self._key.jwt is None and not in_file and revision_path(folder, self._key.login).exists():
            raise errors.keyring_closed(self._key.profile, unusable.why)


class _Damaged(errors.Refused):
    """A stored text that is not a sign-in, or not one of this version."""


def _damaged(where: str, why: str) -> _Damaged:
    error = errors.token_store_unusable(where, why)
    return _Damaged(error.code, error.message, error.next_step)


def _from_text(text: str, where: str) -> Token:
    try:
        record = json.loads(text)
    except ValueError:
        raise _damaged(where, "it is cut off or damaged") from None
    if not isinstance(record, dict) or record.get("version") != VERSION:
        raise _damaged(where, "another version of this program wrote it")
    token = _token_of(record)
    if token is None:
        raise _damaged(where, "something in it is missing")
    return token


def _token_of(record: dict[str, Any]) -> Token | None:
    texts = [record.get(name) for name in ("access_token", "refresh_token", "scope", "owner_id")]
    numbers = [record.get(name) for name in ("expires_at", "lifetime")]
    access, refresh, scope, owner = (text if isinstance(text, str) else None for text in texts)
    if not access or not all(isinstance(number, int | float) and isfinite(number) for number in numbers):
        return None
    return Token(
        access_token=access,
        expires_at=float(record["expires_at"]),
        scope=scope or "",
        owner_id=owner,
        refresh_token=refresh or None,
        lifetime=float(record["lifetime"]),
        by_login=record.get("by_login") is True,
    )


def _or_refused(action: Callable[[], T]) -> T:
    try:
        return action()
    except KeyringUnusable as unusable:
        raise errors.keyring_unusable(unusable.why) from unusable
    except StorageUnusable as unusable:
        raise errors.token_store_unusable(unusable.where, unusable.why) from unusable


async def _in_thread(action: Callable[[], T]) -> T:
    """Run a blocking action, such as reading a keyring, which may ask the person first, and return its result."""
    return await anyio.to_thread.run_sync(lambda: _or_refused(action), abandon_on_cancel=True)
