"""Replacing the key that seals: all that another has sealed is sealed anew, and then that one can go."""

import pytest

from ringcentral_meetings.store import KeyRing, Resealed, Store
from ringcentral_meetings.store.memory import MemorySteps
from store.forms import Form, about, redis_form
from store.grant_use import ANN, DAY, HOUR, MONTH, SESSION, begun, is_open, offered, rotated, signed_in, tokens
from store.grant_use import grant as new_grant
from store.servers import StoreServer

pytestmark = pytest.mark.anyio

NAMES, OLD, NEW = (letter * 32 for letter in (b"n", b"o", b"k"))


def with_keys(form: Form, *keys: bytes) -> Store:
    return Store(form.steps, KeyRing(NAMES, keys), form.sleep)


async def test_everything_opens_with_the_new_key_alone_once_it_is_sealed_anew(form: Form) -> None:
    before, both, after = with_keys(form, OLD), with_keys(form, NEW, OLD), with_keys(form, NEW)
    await signed_in(before, ends_in=20 * DAY)
    given = await begun(before)
    await before.notes(ANN).write("facts", "of ann", 600)
    await before.notes("").write("documents: with (odd) names\n", "of all", 600)
    await before.grants.put_flow("secret", "state", 600)
    await both.notes("").write("newer", "text", 600)
    form.advance(300)
    keys: list[str] = []
    assert await both.reseal(keys.append) == Resealed(5, 0)
    assert len(set(keys)) == 5
    assert sum(ANN in key for key in keys) == 3
    assert await both.reseal(keys.append) == Resealed(0, 0)
    assert len(keys) == 5
    assert await is_open(after, given.issued)
    session = await after.sessions.load(ANN)
    assert session is not None
    assert (session.access_token, session.expires_in) == ("access-1", about(HOUR - 300))
    for notes, name, text in (
        (after.notes(ANN), "facts", "of ann"),
        (after.notes(""), "documents: with (odd) names\n", "of all"),
        (after.notes(""), "newer", "text"),
    ):
        note = await notes.read(name)
        assert note is not None
        assert note.text == text
    assert await after.grants.take_flow("secret") == "state"
    later = await rotated(after, given)
    again = await after.grants.rotate(given.issued.refresh, tokens(ANN), MONTH)
    assert again.issued is not None
    assert again.issued.refresh == later.issued.refresh
    form.advance(301)
    assert await after.notes(ANN).read("facts") is None, "it ends when it was to end"
    form.advance(20 * DAY)
    assert await after.sessions.load(ANN) is None
    assert await after.grants.of_user(ANN) == []


async def test_what_is_sealed_anew_is_no_new_writing_to_who_changes_it(form: Form) -> None:
    before, both = with_keys(form, OLD), with_keys(form, NEW, OLD)
    session = await signed_in(before)
    generation = await before.notes(ANN).write("facts", "of ann", 600)
    assert isinstance(generation, int)
    assert (await both.reseal(lambda _: None)).count == 2
    stored = await both.sessions.put(ANN, SESSION, over=session.generation, ends_in=DAY)
    assert stored is not None
    assert stored.generation > session.generation
    assert isinstance(await both.notes(ANN).write("facts", "changed", 600, over=generation), int)


async def test_what_is_written_meanwhile_is_not_written_over(form: Form, monkeypatch: pytest.MonkeyPatch) -> None:
    before, both, after = with_keys(form, OLD), with_keys(form, NEW, OLD), with_keys(form, NEW)
    await before.notes(ANN).write("facts", "first", 600)
    read, times = form.steps.read_note, 0

    async def and_then_another_writes(key: str) -> object:
        nonlocal times
        found, times = await read(key), times + 1
        if times < 3:
            await before.notes(ANN).write("facts", f"written {times}", 600)
        return found

    with monkeypatch.context() as patch:
        patch.setattr(form.steps, "read_note", and_then_another_writes)
        assert await both.reseal(lambda _: None) == Resealed(1, 0)
    note = await after.notes(ANN).read("facts")
    assert note is not None
    assert note.text == "written 2"


async def test_what_no_key_opens_is_left_and_counted(form: Form, caplog: pytest.LogCaptureFixture) -> None:
    foreign, store = with_keys(form, b"f" * 32), with_keys(form, NEW, OLD)
    await foreign.notes(ANN).write("facts", "foreign", 600)
    await with_keys(form, OLD).notes(ANN).write("other", "ours", 600)
    keys: list[str] = []
    assert await store.reseal(keys.append) == Resealed(1, 1)
    assert keys == [f"rcm:{{{ANN}}}:note:other"]
    assert f"rcm:{{{ANN}}}:note:facts" in caplog.text
    note = await foreign.notes(ANN).read("facts")
    assert note is not None
    assert note.text == "foreign"


async def test_codes_are_left_to_end_within_their_minute(form: Form) -> None:
    before, both = with_keys(form, OLD), with_keys(form, NEW, OLD)
    code = await offered(before, new_grant(ANN))
    assert await both.reseal(lambda _: None) == Resealed(0, 0)
    assert await both.grants.exchange_code(code, tokens(ANN), MONTH)
    assert await both.reseal(lambda _: None) == Resealed(1, 0), "the grant that it began"


async def test_a_server_with_more_than_one_scan_reads_is_walked_whole(any_server: StoreServer) -> None:
    form = redis_form(any_server)
    before, both = with_keys(form, OLD), with_keys(form, NEW, OLD)
    for number in range(1_200):
        await before.notes(ANN).write(f"note {number}", "text", 600)
    assert await both.reseal(lambda _: None) == Resealed(1_200, 0)
    assert sum(step == "scan" for step, _ in form.trips) >= 2
    await form.store.close()


async def test_a_record_that_never_rests_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    steps = MemorySteps()
    before = Store(steps, KeyRing(NAMES, [OLD]))
    await before.notes(ANN).write("facts", "text", 600)

    async def never(key: str, generation: int, value: bytes) -> bool:
        return False

    monkeypatch.setattr(steps.grants, "reseal", never)
    assert await Store(steps, KeyRing(NAMES, [NEW, OLD])).reseal(lambda _: None) == Resealed(0, 1)
