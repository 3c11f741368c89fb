"""What the operator of a host does beside it: see who has signed in, sign people out, and replace keys."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

import anyio
import click
from whenever import Instant

from ringcentral_meetings import logs
from ringcentral_meetings.cli.exits import FAILED, USAGE_ERROR
from ringcentral_meetings.cli.host import refuse
from ringcentral_meetings.connection import USER_AGENT
from ringcentral_meetings.environment import PREFIX
from ringcentral_meetings.hosting.settings import load_host
from ringcentral_meetings.platform.client import build_http
from ringcentral_meetings.platform.signin import consent
from ringcentral_meetings.platform.signin.auth import NoCredentialsAuth
from ringcentral_meetings.platform.signin.tokens import Token
from ringcentral_meetings.settings import Settings, SettingsError
from ringcentral_meetings.store import Grant, KeyRing, Store, StoreDown, UnsafeKeys, UnsafeStore, open_store
from ringcentral_meetings.untrusted_text import clean_and_cut
from ringcentral_meetings.users import hosted_app

LEAST_DIGITS: Final = 8
"""How much of a user's digest says whom one means."""

WORDS: Final = {"meetings.read": "read", "meetings.write": "change"}
LONGEST_NAME: Final = 40
REVOKE_SECONDS: Final = 15.0


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody who has signed in, and what they have given to clients, the newest first."""

    user: str
    grants: list[Grant] = field(default_factory=list)

    @property
    def ids(self) -> str:
        """The ids of account and extension at RingCentral."""
        return f"{self.grants[0].account_id}/{self.grants[0].extension_id}"

    def is_meant_by(self, words: str) -> bool:
        """Whether somebody is named by the beginning of a digest, an extension id, or account and extension."""
        by_digest = len(words) >= LEAST_DIGITS and self.user.startswith(words.lower())
        return by_digest or words in (self.ids, self.grants[0].extension_id)


class Operator:
    """The operator's end of a host: its settings, its store, and its app at RingCentral."""

    def __init__(self, common: Settings, store: Store) -> None:
        self._common, self.store = common, store

    async def known(self) -> list[Known]:
        """Return everybody who has given a client something, by account and extension."""
        found = [Known(user, await self.store.grants.of_user(user)) async for user in self.store.grants.people()]
        return sorted((one for one in found if one.grants), key=lambda one: one.ids)

    async def end(self, user: str) -> int:
        """End all that somebody has given, and their session at RingCentral; return how many grants that were."""
        ended = await self.store.grants.end_user(user)
        if ended.session is not None and (ended.session.refresh_token or ended.session.access_token):
            token = Token(ended.session.access_token, 0.0, refresh_token=ended.session.refresh_token)
            await self._revoke(token, user)
        return ended.grants

    async def _revoke(self, token: Token, user: str) -> None:
        problem: str | None = "no answer in time"
        async with build_http(
            self._common.server_url, NoCredentialsAuth(), proxy=self._common.proxy, user_agent=USER_AGENT
        ) as http:
            with anyio.move_on_after(REVOKE_SECONDS):
                problem = await consent.revoke(http, hosted_app(self._common), token)
        if problem is not None:
            click.echo(f"{user[:LEAST_DIGITS]}: the session may go on at RingCentral: {problem}", err=True)


def _loaded(env_file: str | None) -> tuple[Settings, str, KeyRing]:
    """Return the settings of the server, and the address and the keys of the store. Raises `SettingsError`."""
    common, host = load_host(env_file)
    if common.client_id is None:
        raise SettingsError(f"{PREFIX}CLIENT_ID: is needed: the client id of the host's app")
    if host.store_url is None or host.in_memory:
        raise SettingsError(f"{PREFIX}STORE_URL: is needed: the store of the host, on a Redis or Valkey server")
    if host.key_ring is None:
        raise SettingsError(f"{PREFIX}KEY_RING: is needed: the file of keys of the host")
    return common, host.store_url.get_secret_value(), KeyRing.load(host.key_ring)


@asynccontextmanager
async def _operator(common: Settings, store_url: str, ring: KeyRing) -> AsyncIterator[Operator]:
    store = open_store(store_url, ring)
    try:
        yield Operator(common, store)
    finally:
        await store.close()


def at_the_host(act: Callable[[Operator], Awaitable[int]], env_file: str | None) -> int:
    """Do something at the store of a host, and return its exit code, or that of what is in the way."""
    try:
        common, store_url, ring = _loaded(env_file)
        logs.configure("ERROR", common.log_format, [*common.secrets(), store_url])

        async def acting() -> int:
            async with _operator(common, store_url, ring) as operator:
                return await act(operator)

        return anyio.run(acting)
    except SettingsError as wrong:
        return refuse(str(wrong), USAGE_ERROR)
    except UnsafeKeys as unsafe:
        return refuse(f"{PREFIX}KEY_RING: {unsafe}", USAGE_ERROR)
    except UnsafeStore as unsafe:
        return refuse(f"{PREFIX}STORE_URL: {unsafe}", USAGE_ERROR)
    except StoreDown as down:
        return refuse(f"{PREFIX}STORE_URL: {down}", FAILED)


async def show(operator: Operator) -> int:
    """Print who has signed in, with what for each client."""
    people = await operator.known()
    if not people:
        click.echo("Nobody has signed in.")
        return 0
    for one in people:
        click.echo(f"{_plain(one.grants[0].person)}, {one.ids}, {one.user[:12]}")
        for grant in one.grants:
            click.echo(f"    {_plain(grant.client)}: {_may(grant)}, {_times(grant)}")
    click.echo(f"{len(people)} {'person' if len(people) == 1 else 'people'}.")
    return 0


def ending(words: str) -> Callable[[Operator], Awaitable[int]]:
    """Return what signs out the one person who is meant."""

    async def end(operator: Operator) -> int:
        meant = [one for one in await operator.known() if one.is_meant_by(words)]
        if len(meant) != 1:
            found = "nobody who has signed in is" if not meant else f"{len(meant)} people are"
            return refuse(f"people end: {found} meant by {words!r}; `people list` shows all", FAILED)
        return await _end(operator, meant)

    return end


async def end_all(operator: Operator) -> int:
    """Sign everybody out."""
    return await _end(operator, await operator.known())


async def _end(operator: Operator, people: list[Known]) -> int:
    for one in people:
        count = await operator.end(one.user)
        click.echo(f"Signed out {one.ids} ({one.user[:12]}): {count} client{'' if count == 1 else 's'}.")
    if not people:
        click.echo("Nobody has signed in.")
    return 0


async def rekey(operator: Operator) -> int:
    """Seal everything in the store with the first key of the ring, and say whether the others are still needed."""
    done = await operator.store.reseal(lambda _key: None)
    click.echo(f"{done.count} record{'' if done.count == 1 else 's'} resealed with the first key of the ring.")
    if done.left:
        return refuse(f"rekey: {done.left} cannot be opened with any key of the ring, and stay as they are", FAILED)
    click.echo(
        "The other keys can be removed in 10 minutes, when forms and questions that wait for an answer are over. "
        "Clients that have registered themselves with one of them then register again, and ask for a new sign-in."
    )
    return 0


def _plain(text: str) -> str:
    return clean_and_cut(text, LONGEST_NAME) or "-"


def _may(grant: Grant) -> str:
    return ", ".join(WORDS.get(scope, scope) for scope in grant.scopes)


def _times(grant: Grant) -> str:
    """Return since when a client has a grant, and when it got tokens last, as it does about once an hour in use."""
    began, last = (Instant.from_timestamp(seconds).to_tz("UTC") for seconds in (grant.began, _past(grant.last_used)))
    return f"since {began.date()}, last used {last.date()} {last.hour:02}:00 UTC"


def _past(seconds: int) -> int:
    return min(seconds, int(time.time()))
