"""The tables of RingCentral Video: rooms ("bridges"), the PINs that lead to them, and what was held in them."""

import hashlib
import json
import sqlite3
from dataclasses import asdict, dataclass
from itertools import chain, count
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from ringcentral_meetings.simulator.simulator import Simulator

PinKind = Literal["web", "pstn"]

ALIVE = "(gone IS NULL OR gone > ?)"
PIN_DIGITS = 12


@dataclass
class Bridge:
    """A room: its id, the extension id of its host, its attributes, and when it will be gone (None: never).

    `body` is the resource without id, host and discovery; `security.password` is the plain password or None.
    """

    id: str
    host: str
    body: dict[str, Any]
    gone: float | None = None


@dataclass(frozen=True)
class Held:
    """A meeting that took place in a room, with the room's name and PIN as they were then."""

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
        """When the last one left, in seconds since 1970."""
        return self.start + self.seconds


def digest(*parts: object) -> str:
    """Return 64 hexadecimal digits that depend on the parts alone."""
    return hashlib.sha256(":".join(map(str, parts)).encode()).hexdigest()


def digits(number: int, *parts: object) -> str:
    """Return that many decimal digits that depend on the parts alone."""
    return str(int(digest(*parts), 16))[-number:]


def new_bridge_id(simulator: "Simulator") -> str:
    """Return a bridge id that was never given out before."""
    return f"iad41-c04-ndb{digest(simulator.seed, 'bridge', simulator.store.count('bridge'))[:26]}"


def new_held_id(simulator: "Simulator") -> str:
    """Return the id of a held meeting: a UUID and the places that served it, as recorded from the platform."""
    text = digest(simulator.seed, "held", simulator.store.count("held"))
    uuid = "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:32]))
    return f"{uuid}!us-11-pdx10@us-11"


def free_pin(simulator: "Simulator", kind: PinKind, bridge_id: str, purpose: str, *wanted: str) -> str:
    """Return a PIN that leads nowhere yet, if possible one that is wanted."""
    made_up = (digits(PIN_DIGITS, simulator.seed, bridge_id, purpose, n) for n in count())
    return next(pin for pin in chain(wanted, made_up) if find_by_pin(simulator, kind, pin) is None)


def add_bridge(simulator: "Simulator", bridge: Bridge) -> None:
    """Store a new room."""
    insert = "INSERT INTO bridges (id, host, body, gone) VALUES (?, ?, ?, ?)"
    simulator.store.run(insert, bridge.id, bridge.host, json.dumps(bridge.body), bridge.gone)
    _store_pins(simulator, bridge)


def save_bridge(simulator: "Simulator", bridge: Bridge) -> None:
    """Store a room that is there already."""
    update = "UPDATE bridges SET body = ?, gone = ? WHERE id = ?"
    simulator.store.run(update, json.dumps(bridge.body), bridge.gone, bridge.id)
    _store_pins(simulator, bridge)


def remove_bridge(simulator: "Simulator", bridge_id: str) -> None:
    """Forget a room and free its PINs; what was held in it stays."""
    simulator.store.run("DELETE FROM bridges WHERE id = ?", bridge_id)
    simulator.store.run("DELETE FROM pins WHERE bridge = ?", bridge_id)


def find_bridge(simulator: "Simulator", bridge_id: str) -> Bridge | None:
    """Return the room of that id, or None where there is none any more."""
    query = f"SELECT * FROM bridges WHERE id = ? AND {ALIVE}"  # noqa: S608
    rows = simulator.store.run(query, bridge_id, simulator.now())
    return _bridge(rows[0]) if rows else None


def find_by_pin(simulator: "Simulator", kind: PinKind, pin: str) -> Bridge | None:
    """Return the room to which a PIN or an alias leads, or None."""
    rows = simulator.store.run("SELECT bridge FROM pins WHERE kind = ? AND pin = ?", kind, pin)
    return find_bridge(simulator, rows[0]["bridge"]) if rows else None


def all_bridges(simulator: "Simulator") -> list[Bridge]:
    """Return the rooms of everybody in the order in which they were created."""
    query = f"SELECT * FROM bridges WHERE {ALIVE} ORDER BY position"  # noqa: S608
    return [_bridge(row) for row in simulator.store.run(query, simulator.now())]


def default_bridge(simulator: "Simulator", host: str) -> Bridge | None:
    """Return the personal room of a user, or None."""
    rooms = simulator.store.run("SELECT * FROM bridges WHERE host = ?", host)
    return next((room for room in map(_bridge, rooms) if room.body["type"] == "PMI"), None)


def add_held(simulator: "Simulator", held: Held) -> None:
    """Store what was held."""
    insert = "INSERT INTO held (id, bridge, host, start, body) VALUES (?, ?, ?, ?, ?)"
    simulator.store.run(insert, held.id, held.bridge, held.host, held.start, json.dumps(asdict(held)))


def begun(simulator: "Simulator") -> list[Held]:
    """Return every meeting that has begun by now, the newest first."""
    query = "SELECT body FROM held WHERE start <= ? ORDER BY start DESC, position DESC"
    return [Held(**json.loads(row["body"])) for row in simulator.store.run(query, simulator.now())]


def _store_pins(simulator: "Simulator", bridge: Bridge) -> None:
    pins = bridge.body["pins"]
    leading = [("web", pin) for pin in (pins["web"], *pins["aliases"])]
    leading += [("pstn", pin) for pin in pins["pstn"].values()]
    simulator.store.run("DELETE FROM pins WHERE bridge = ?", bridge.id)
    for kind, pin in leading:
        simulator.store.run("INSERT OR REPLACE INTO pins VALUES (?, ?, ?)", kind, pin, bridge.id)


def _bridge(row: sqlite3.Row) -> Bridge:
    return Bridge(row["id"], row["host"], json.loads(row["body"]), row["gone"])
