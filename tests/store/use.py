"""Something of each that a store can do."""

from ringcentral_meetings.store import Lease, Note, Session, Store, Throttle

SESSION = Session("access-1", "refresh-1", 3_600, 3_600)
GROUPS = ("light", "medium", "heavy", "auth")


async def everything(store: Store, user: str) -> None:
    """Use every step of a store for a user, so that something of each is left."""
    limits = store.limits(user, f"account of {user}")
    for group in GROUPS:
        await limits.take_place(group, 10)
        await limits.learn(group, 10, limit=20, window=30.0, remaining=3)
        await limits.seconds_to_place(group, 10, 1)
        await limits.hold(group, 5)
    await limits.hold_account(5)
    await limits.headroom(dict.fromkeys(GROUPS, 10))
    kept = await store.leases.grant(f"{user}:kept", 60)
    if isinstance(kept, Lease):
        assert await store.leases.extend(kept, 90)
    given_back = await store.leases.grant(f"{user}:given back", 60)
    assert isinstance(given_back, Lease)
    assert await store.leases.release(given_back)
    await store.notes(user).write("attempt", "text", 60)
    await store.notes(user).write("removed", "text", 60)
    await store.notes(user).remove("removed")
    noted = store.noted_leases(user, 60)
    for text in ("settled", None):
        lease, found = await noted.granted(f"{{{user}}}:turn", "creation", lambda: "begun", 60, 0)
        generation = found.generation if isinstance(found, Note) else found or 0
        note = noted.notes.changed("creation", "sent", 60, generation)
        _, [(generation, _)] = await limits.take_place_noting("light", 10, [note])
        assert await noted.released(lease, "creation", text, generation)
    async with store.sessions.renewing(user) as turn:
        over = turn.session.generation if turn.session is not None else 0
        await store.sessions.put(user, SESSION, over=over, ends_in=1_800, lease=turn.lease)
    await store.open_call(user, [Throttle(f"user:{user}", 60, 5), Throttle("client", 60, 50)])
