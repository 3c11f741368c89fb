"""The form in memory and a server answer alike to whatever is asked of them, in any order."""

import itertools
from dataclasses import dataclass, field, replace
from typing import Any

import anyio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ringcentral_meetings.store import Ended, Grant, Issued, Rotated, Store
from ringcentral_meetings.store.grants import digest
from store.forms import Form, memory_form, redis_form
from store.grant_use import ANN, BEN, DAY, HOUR, MONTH, SESSION, code_record
from store.servers import StoreServer

USERS = (ANN, BEN)
CLIENTS = range(3)
STEPS = st.one_of(
    st.tuples(
        st.sampled_from(["code", "read", "use", "second_use", "end", "call", "read_refresh"]),
        st.sampled_from(USERS),
        st.sampled_from(CLIENTS),
    ),
    st.tuples(st.just("rotate"), st.sampled_from(USERS), st.sampled_from(CLIENTS), st.integers(0, 2)),
    st.tuples(st.sampled_from(["sign_in", "end_user", "end_unused", "end_session", "list"]), st.sampled_from(USERS)),
    st.tuples(st.just("advance"), st.sampled_from([25.0, 4_000.0, 20 * DAY])),
    st.tuples(st.just("people")),
)
"""Times lie far enough from what ends after a minute, ten, an hour, a month and 90 days for a slow machine."""


@dataclass
class World:
    """A store, and what clients have got from it. The same names are issued in the same order in each world."""

    form: Form
    numbers: "itertools.count[int]" = field(default_factory=itertools.count)
    codes: dict[tuple[str, int], str] = field(default_factory=dict)
    grants: dict[tuple[str, int], Grant] = field(default_factory=dict)
    issued: dict[tuple[str, int], list[Issued]] = field(default_factory=dict)

    @property
    def store(self) -> Store:
        return self.form.store

    def token(self, kind: str, user: str) -> str:
        return f"rcm_{kind}_{user}_{next(self.numbers)}"

    def tokens(self, user: str) -> Issued:
        return Issued(self.token("at", user), self.token("rt", user), HOUR, ("meetings.read",))

    def before(self, user: str, client: int, back: int) -> str:
        """Return the refresh token that a client had so many rotations ago."""
        had = self.issued.get((user, client), [])
        return had[-1 - back].refresh if len(had) > back else f"rcm_rt_{user}_never"

    async def code(self, user: str, client: int) -> None:
        code, number = self.token("ac", user), next(self.numbers)
        grant = Grant(f"{number:032x}", user, "4711", "1", "Ann", f"client {client}", "c", ("r",), "resource", number)
        self.codes[user, client], self.grants[user, client] = code, grant
        await self.store.grants.put_code(code, code_record(grant))

    async def read(self, user: str, client: int) -> Any:
        return await self.store.grants.read_code(self.codes.get((user, client), "none"))

    async def use(self, user: str, client: int) -> bool:
        issued = self.tokens(user)
        began = await self.store.grants.exchange_code(self.codes.get((user, client), "none"), issued, MONTH)
        if began:
            self.issued.setdefault((user, client), []).append(issued)
        return began

    async def second_use(self, user: str, client: int) -> Any:
        return plain(await self.store.grants.end_grant_of_code(self.codes.get((user, client), "none")))

    async def end(self, user: str, client: int) -> Any:
        grant = self.grants.get((user, client))
        return plain(await self.store.grants.end(user, grant.id if grant else "none"))

    async def call(self, user: str, client: int) -> Any:
        opened = []
        for issued in self.issued.get((user, client), []):
            call = await self.store.open_call(user, (), digest(issued.access))
            opened.append((call.grant, call.session is not None))
        return opened

    async def read_refresh(self, user: str, client: int) -> Any:
        had = self.issued.get((user, client), [])
        return [await self.store.grants.read_refresh(issued.refresh) for issued in had]

    async def rotate(self, user: str, client: int, back: int) -> Any:
        issued = self.tokens(user)
        turned = await self.store.grants.rotate(self.before(user, client, back), issued, MONTH)
        if turned.outcome == "rotated":
            self.issued[user, client].append(issued)
        return plain(turned)

    async def sign_in(self, user: str) -> bool:
        return await self.store.sessions.put(user, SESSION, over=0, ends_in=25 * DAY) is not None

    async def end_user(self, user: str) -> Any:
        return plain(await self.store.grants.end_user(user))

    async def end_unused(self, user: str) -> Any:
        return plain(await self.store.grants.end_unused(user))

    async def end_session(self, user: str) -> bool:
        return await self.store.sessions.end(user) is not None

    async def list(self, user: str) -> list[Grant]:
        return await self.store.grants.of_user(user)

    async def people(self) -> set[str]:
        return {user async for user in self.store.grants.people()}

    async def advance(self, seconds: float) -> None:
        self.form.advance(seconds)


def plain(answer: Rotated | Ended | None) -> Any:
    """Return an answer without what differs from one form to the other: times and generations."""
    if isinstance(answer, Rotated):
        issued = replace(answer.issued, expires_in=0) if answer.issued else None
        return answer.outcome, issued, plain(answer.ended)
    return (answer.grants, answer.last, answer.session is not None) if answer is not None else None


@given(steps=st.lists(STEPS, min_size=10, max_size=24))
@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_both_forms_answer_alike(any_server: StoreServer, steps: list[tuple[Any, ...]]) -> None:
    async def compare() -> None:
        with any_server.admin as admin:
            admin.flushall()
        memory, server = World(memory_form()), World(redis_form(any_server))
        for name, *args in steps:
            answers = [await getattr(world, name)(*args) for world in (memory, server)]
            assert answers[0] == answers[1], (name, args)
        await server.store.close()

    anyio.run(compare)
