"""The tables of RingCentral Video: rooms ("bridges"), their PINs, and the meetings held in them."""

import json
import sqlite3
from dataclasses import asdict, dataclass
from itertools import chain, count
from typing import Any, Literal

from ringcentral_meetings.simulator.ids import digits
from ringcentral_meetings.simulator.state import State

PinKind = Literal["web", "pstn"]

ALIVE = "(gone IS NULL OR gone > ?)"
PIN_DIGITS = 12


@dataclass
class Bridge:
    """A room: its id, the extension id of its host, its attributes, and when it ceases to exist (None: never).

    `body` is the resource without id, host and discovery; `security.password` is the plain password or None.
    """

    id: str
    host: str
    body: dict[str, Any]
    gone: float | None = None


@dataclass(frozen=True)
class Held:
    """A meeting held in a room, with the name and PIN that the room had then."""

    id: str
    bridge: str
    host: str
    short_id: str
    name: str
    start: float
    seconds: int
    participants: list[dict[str, str]]
    recorded: bool
    noted: bool

    @property
    def end(self) -> float:
        """The end in seconds since 1970: the last participant left."""
        return self.start + self.seconds


def free_pin(state: State, kind: PinKind, bridge_id: str, purpose: str, *wanted: str) -> str:
    """Return a PIN that is not in use, preferably one of those wanted."""
    made_up = (digits(PIN_DIGITS, state.seed, bridge_id, purpose, n) for n in count())
    return next(pin for pin in chain(wanted, made_up) if find_by_pin(state, kind, pin) is None)


def add_bridge(state: State, bridge: Bridge) -> None:
    """Store a new room."""
    insert = "INSERT INTO bridges (id, host, body, gone) VALUES (?, ?, ?, ?)"
    state.store.run(insert, bridge.id, bridge.host, json.dumps(bridge.body), bridge.gone)
    _store_pins(state, bridge)


def save_bridge(state: State, bridge: Bridge) -> None:
    """Store the changes of a room that is already stored."""
    update = "UPDATE bridges SET body = ?, gone = ? WHERE id = ?"
    state.store.run(update, json.dumps(bridge.body), bridge.gone, bridge.id)
    _store_pins(state, bridge)


def remove_bridge(state: State, bridge_id: str) -> None:
    """Delete a room and free its PINs; its history stays."""
    state.store.run("DELETE FROM bridges WHERE id = ?", bridge_id)
    state.store.run("DELETE FROM pins WHERE bridge = ?", bridge_id)


def find_bridge(state: State, bridge_id: str) -> Bridge | None:
    """Return a room by its id, or None if it does not exist or no longer does."""
    query = f"SELECT * FROM bridges WHERE id = ? AND {ALIVE}"  # noqa: S608
    rows = state.store.run(query, bridge_id, state.now())
    return _bridge(rows[0]) if rows else None


def find_by_pin(state: State, kind: PinKind, pin: str) -> Bridge | None:
    """Return the room that a PIN or an alias belongs to, or None."""
    rows = state.store.run("SELECT bridge FROM pins WHERE kind = ? AND pin = ?", kind, pin)
    return find_bridge(state, rows[0]["bridge"]) if rows else None


def all_bridges(state: State) -> list[Bridge]:
    """Return the rooms of every host in the order in which they were created."""
    query = f"SELECT * FROM bridges WHERE {ALIVE} ORDER BY position"  # noqa: S608
    return [_bridge(row) for row in state.store.run(query, state.now())]


def default_bridge(state: State, host: str) -> Bridge | None:
    """Return the personal room of a user, or None."""
    rooms = state.store.run("SELECT * FROM bridges WHERE host = ?", host)
    return next((room for room in map(_bridge, rooms) if room.body["type"] == "PMI"), None)


def add_held(state: State, held: Held) -> None:
    """Store a held meeting."""
    insert = "INSERT INTO held (id, bridge, host, start, body) VALUES (?, ?, ?, ?, ?)"
    state.store.run(insert, held.id, held.bridge, held.host, held.start, json.dumps(asdict(held)))


def begun(state: State) -> list[Held]:
    """Return every meeting that has begun by now, the newest first."""
    query = "SELECT body FROM held WHERE start <= ? ORDER BY start DESC, position DESC"
    return [Held(**json.loads(row["body"])) for row in state.store.run(query, state.now())]


def _store_pins(state: State, bridge: Bridge) -> None:
    pins = bridge.body["pins"]
    leading = [("web", pin) for pin in (pins["web"], *pins["aliases"])]
    leading += [("pstn", pin) for pin in pins["pstn"].values()]
    state.store.run("DELETE FROM pins WHERE bridge = ?", bridge.id)
    for kind, pin in leading:
        state.store.run("INSERT OR REPLACE INTO pins VALUES (?, ?, ?)", kind, pin, bridge.id)


def _bridge(row: sqlite3.Row) -> Bridge:
    return Bridge(row["id"], row["host"], json.loads(row["body"]), row["gone"])
