"""The SQLite database of the simulator: its tables, the counters that ids are made from, and the stored meetings."""

import json
import os
import sqlite3
import threading
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

SCHEMA = """
CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS meetings (
    position INTEGER PRIMARY KEY, id TEXT UNIQUE NOT NULL, host TEXT NOT NULL,
    body TEXT NOT NULL, progress TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS sessions (
    position INTEGER PRIMARY KEY, id TEXT UNIQUE NOT NULL, user TEXT NOT NULL,
    client TEXT NOT NULL, endpoint TEXT NOT NULL, ended INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS tokens (
    position INTEGER PRIMARY KEY, token TEXT UNIQUE NOT NULL, kind TEXT NOT NULL, session TEXT NOT NULL,
    expires REAL NOT NULL, revoked INTEGER NOT NULL DEFAULT 0, first_used REAL,
    access TEXT, next_refresh TEXT, seconds INTEGER NOT NULL DEFAULT 604800);
CREATE TABLE IF NOT EXISTS codes (
    position INTEGER PRIMARY KEY, code TEXT UNIQUE NOT NULL, client TEXT NOT NULL, redirect_uri TEXT NOT NULL,
    challenge TEXT NOT NULL, method TEXT NOT NULL, expires REAL NOT NULL, used INTEGER NOT NULL DEFAULT 0,
    user TEXT NOT NULL DEFAULT '304921004');
CREATE TABLE IF NOT EXISTS bridges (
    position INTEGER PRIMARY KEY, id TEXT UNIQUE NOT NULL, host TEXT NOT NULL, body TEXT NOT NULL, gone REAL);
CREATE TABLE IF NOT EXISTS pins (
    kind TEXT NOT NULL, pin TEXT NOT NULL, bridge TEXT NOT NULL, PRIMARY KEY (kind, pin));
CREATE TABLE IF NOT EXISTS held (
    position INTEGER PRIMARY KEY, id TEXT UNIQUE NOT NULL, bridge TEXT NOT NULL, host TEXT NOT NULL,
    start REAL NOT NULL, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS recorded (
    position INTEGER PRIMARY KEY, uuid TEXT UNIQUE NOT NULL, meeting TEXT NOT NULL, host TEXT NOT NULL,
    topic TEXT NOT NULL, start REAL NOT NULL, seconds INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS entries (position INTEGER PRIMARY KEY, uid TEXT UNIQUE NOT NULL, body TEXT NOT NULL);
"""
ADDED = (
    ("tokens", "seconds", "INTEGER NOT NULL DEFAULT 604800"),
    ("codes", "user", "TEXT NOT NULL DEFAULT '304921004'"),
)
"""Columns that a file of an earlier version lacks: table, name and type."""

LOCKED_SECONDS = 10.0
"""How long another process may keep the file to itself."""
REASONS = {
    "file is not a database": "it is no file of the simulator; give another, or one that does not exist yet",
    "unable to open database file": "it cannot be opened; its folder has to exist, and to be yours to write to",
    "database is locked": "another process has been writing to it for some seconds; end that, or give another file",
    "attempt to write a readonly database": "it cannot be written; change its permissions, or give another file",
}
"""What SQLite says of a file that cannot be used, in words for a person."""


@dataclass
class Progress:
    """What has happened to a meeting, apart from its attributes.

    `auto_started` meetings run between their start and end; `started` runs until it is ended. `ended` and
    `removed` hold occurrence ids. `held` dates of a series are part of its count, though they came before its start.
    """

    started: bool = False
    auto_started: bool = False
    finished: bool = False
    ended: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    held: int = 0


@dataclass
class Meeting:
    """A stored meeting: its id, the extension id of its host, its attributes and its progress."""

    id: str
    host: str
    body: dict[str, Any]
    progress: Progress = field(default_factory=Progress)


class Store:
    """The tables, in memory or in a file that survives a restart.

    One connection behind a lock, so that a test may read it while a server thread answers.
    """

    def __init__(self, database: str | os.PathLike[str]) -> None:
        self._lock = threading.RLock()
        self._connection = _opened(os.fspath(database))
        for table, name, kind in ADDED:
            if not self.run("SELECT 1 FROM pragma_table_info(?) WHERE name = ?", table, name):
                self.run(f"ALTER TABLE {table} ADD COLUMN {name} {kind}")

    def close(self) -> None:
        """Close the database."""
        with self._lock:
            self._connection.close()

    def run(self, statement: str, *values: object) -> Sequence[sqlite3.Row]:
        """Run one statement, committed at once, and return its rows."""
        with self._lock:
            return self._connection.execute(statement, values).fetchall()

    def count(self, name: str) -> int:
        """Add one to a counter and return it; the first value is 1."""
        rows = self.run(
            "INSERT INTO counters VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value",
            name,
        )
        return int(rows[0]["value"])

    def keep(self, name: str, number: int) -> None:
        """Store a number under a name that is not a counter's."""
        self.run("INSERT OR REPLACE INTO counters VALUES (?, ?)", name, number)

    def replace(self, name: str, old: int, new: int) -> bool:
        """Store a number in the place of another, and return whether the other was still there."""
        update = "UPDATE counters SET value = ? WHERE name = ? AND value = ? RETURNING value"
        return bool(self.run(update, new, name, old))

    def kept(self, name: str) -> int | None:
        """Return the number stored under a name, or None."""
        rows = self.run("SELECT value FROM counters WHERE name = ?", name)
        return int(rows[0]["value"]) if rows else None

    def clear(self) -> None:
        """Delete everything, so that the database is new again."""
        for row in self.run("SELECT name FROM sqlite_master WHERE type = 'table'"):
            self.run(f"DELETE FROM {row['name']}")  # noqa: S608  (names from SCHEMA)

    def is_new(self) -> bool:
        """Return whether the database is new: nothing was ever counted in it."""
        return not self.run("SELECT 1 FROM counters")

    def add(self, meeting: Meeting) -> None:
        """Store a new meeting."""
        self.run(
            "INSERT INTO meetings (id, host, body, progress) VALUES (?, ?, ?, ?)",
            meeting.id,
            meeting.host,
            json.dumps(meeting.body),
            json.dumps(asdict(meeting.progress)),
        )

    def save(self, meeting: Meeting) -> None:
        """Store the changes of a meeting that is already stored."""
        self.run(
            "UPDATE meetings SET host = ?, body = ?, progress = ? WHERE id = ?",
            meeting.host,
            json.dumps(meeting.body),
            json.dumps(asdict(meeting.progress)),
            meeting.id,
        )

    def remove(self, meeting_id: str) -> None:
        """Delete a meeting."""
        self.run("DELETE FROM meetings WHERE id = ?", meeting_id)

    def find(self, meeting_id: str) -> Meeting | None:
        """Return a meeting by its id, or None."""
        rows = self.run("SELECT * FROM meetings WHERE id = ?", meeting_id)
        return _meeting(rows[0]) if rows else None

    def all(self) -> list[Meeting]:
        """Return all meetings in the order in which they were created."""
        return [_meeting(row) for row in self.run("SELECT * FROM meetings ORDER BY position")]

    def hosted_by(self, host_id: str) -> list[Meeting]:
        """Return the meetings of one host in the order in which they were created."""
        rows = self.run("SELECT * FROM meetings WHERE host = ? ORDER BY position", host_id)
        return [_meeting(row) for row in rows]


def _opened(database: str) -> sqlite3.Connection:
    """Open a database, with its tables. Raises sqlite3.DatabaseError, which names the file and says what to do."""
    try:
        connection = sqlite3.connect(database, check_same_thread=False, isolation_level=None, timeout=LOCKED_SECONDS)
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA synchronous = OFF")
        connection.executescript(SCHEMA)
    except sqlite3.Error as fault:
        raise sqlite3.DatabaseError(f"{database}: {REASONS.get(str(fault), fault)}") from fault
    return connection


def _meeting(row: sqlite3.Row) -> Meeting:
    return Meeting(row["id"], row["host"], json.loads(row["body"]), Progress(**json.loads(row["progress"])))
