"""People who let MCP clients use their meetings, as tests of the store need them."""

import secrets
import time
from dataclasses import dataclass, replace
from itertools import count

from ringcentral_meetings.store import CodeRecord, Grant, Issued, Opened, Session, Store
from ringcentral_meetings.store.grants import digest
from store.forms import RING

HOUR = 3_600
DAY = 86_400.0
MONTH = 30 * DAY

SESSION = Session("access-1", "refresh-1", HOUR, HOUR)
ANN = RING.user("platform.ringcentral.com", "4711", "1")
BEN = RING.user("platform.ringcentral.com", "4711", "2")

_numbers = count(1)


def token(kind: str, user: str) -> str:
    return f"rcm_{kind}_{user}_{secrets.token_urlsafe(32)}_00000000"


def tokens(user: str, seconds: int = HOUR) -> Issued:
    return Issued(token("at", user), token("rt", user), seconds, ("meetings.read", "meetings.write"))


def grant(user: str, client: str = "claude.ai", began: int | None = None) -> Grant:
    return Grant(
        id=f"{next(_numbers):032x}",
        user=user,
        account_id="account of Ann",
        extension_id="extension of Ann",
        person="Ann Example",
        client_id=f"https://{client}/client.json",
        client=client,
        scopes=("meetings.read", "meetings.write"),
        resource="https://meetings.example.com/mcp",
        began=round(time.time()) if began is None else began,
    )


def code_record(given: Grant) -> CodeRecord:
    return CodeRecord(given, "https://claude.ai/api/mcp/auth_callback", "the challenge")


@dataclass
class Given:
    """A grant with its current tokens."""

    grant: Grant
    code: str
    issued: Issued


async def offered(store: Store, given: Grant) -> str:
    """Return a code that stands for a grant."""
    code = token("ac", given.user)
    await store.grants.put_code(code, code_record(given))
    return code


async def begun(store: Store, user: str = ANN, client: str = "claude.ai", began: int | None = None) -> Given:
    """Return a grant that has begun."""
    given, issued = grant(user, client, began), tokens(user)
    code = await offered(store, given)
    assert await store.grants.exchange_code(code, issued, MONTH)
    return Given(given, code, issued)


async def signed_in(store: Store, user: str = ANN, ends_in: float = MONTH) -> Session:
    stored = await store.sessions.put(user, SESSION, over=0, ends_in=ends_in)
    assert stored is not None
    return stored


async def rotated(store: Store, given: Given) -> Given:
    """Return a grant with the tokens that follow."""
    issued = tokens(given.grant.user)
    answer = await store.grants.rotate(given.issued.refresh, issued, MONTH)
    assert (answer.outcome, answer.issued) == ("rotated", issued)
    return replace(given, issued=issued)


async def opened(store: Store, issued: Issued, user: str = ANN) -> Opened:
    return await store.open_call(user, (), digest(issued.access))


async def is_open(store: Store, issued: Issued, user: str = ANN) -> bool:
    return (await opened(store, issued, user)).grant is not None


async def every_step(store: Store, user: str) -> None:
    """Use every step of grants for a user, so that something of each is left."""
    await signed_in(store, user)
    await store.grants.put_flow(f"flow of {user}", "state", 600)
    await store.grants.put_flow(f"left flow of {user}", "state", 600)
    assert await store.grants.take_flow(f"flow of {user}") == "state"
    assert not await store.grants.seen_before(f"jti {next(_numbers)}", 300)
    kept, reused, ended = [await begun(store, user, client) for client in ("claude.ai", "cursor", "codex")]
    await offered(store, grant(user))
    later = await rotated(store, kept)
    assert (await store.grants.rotate(kept.issued.refresh, tokens(user), MONTH)).outcome == "same"
    assert await store.grants.read_refresh(later.issued.refresh) == kept.grant
    assert await store.grants.read_code(kept.code) == "used"
    await rotated(store, await rotated(store, reused))
    assert (await store.grants.rotate(reused.issued.refresh, tokens(user), MONTH)).outcome == "reused"
    assert (await store.grants.end_grant_of_code(ended.code)).grants == 1
    assert (await store.grants.end(user, ended.grant.id)).grants == 0
    assert await is_open(store, later.issued, user)
    assert kept.grant in await store.grants.of_user(user)
    assert user in [one async for one in store.grants.people()]
    await store.reseal(lambda _: None)
