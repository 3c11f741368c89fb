"""The command `logout --all`: everything that the product has stored for this user is removed, or named."""

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

import anyio
import click

from ringcentral_meetings import PROGRAM, errors
from ringcentral_meetings.cli.changes import BACKUP_SUFFIX
from ringcentral_meetings.cli.clients.found import Entry, found
from ringcentral_meetings.cli.clients.machine import Machine
from ringcentral_meetings.cli.login import Failed, http_for
from ringcentral_meetings.cli.settings_file import HEAD, settings_file
from ringcentral_meetings.connection import CREATIONS, app_of
from ringcentral_meetings.environment import read_file
from ringcentral_meetings.platform.signin import stored_sign_ins
from ringcentral_meetings.platform.signin.consent import revoke
from ringcentral_meetings.platform.signin.grants import App
from ringcentral_meetings.platform.signin.sessions import read_stored
from ringcentral_meetings.platform.signin.stored_sign_ins import Stored
from ringcentral_meetings.platform.signin.token_stores import StorageUnusable, state_folder
from ringcentral_meetings.platform.signin.tokens import Token
from ringcentral_meetings.settings import ENV_FILE, Settings

CLIENT_ID: Final = ("RINGCENTRAL_CLIENT_ID", "RC_APP_CLIENT_ID")
CLIENT_SECRET: Final = ("RINGCENTRAL_CLIENT_SECRET", "RC_APP_CLIENT_SECRET")
LAST: Final = f"""\
Quit your assistants now: a server that still runs could store a sign-in again.
What installed the program removes it: pip, pipx or uv tool, each with uninstall {PROGRAM}."""


def run(settings: Settings, env_file: str | None) -> None:
    """End every session, remove what is stored, and say what was removed and what is left.

    Raises `Failed` where something could not be removed, or a session may go on.
    """
    doubts: list[str] = []
    removed = [*_sign_ins(state_folder(), settings, doubts), *_settings_files(doubts)]
    _list("Removed:", removed or ["nothing, for nothing was stored"])
    _list("Left, because it is yours:", list(_left(settings, env_file)))
    click.echo(LAST)
    if doubts:
        raise Failed("; ".join(doubts))


def _sign_ins(folder: Path, settings: Settings, doubts: list[str]) -> list[str]:
    try:
        with stored_sign_ins.alone(folder):
            found = [*stored_sign_ins.in_files(folder, frozenset({CREATIONS})), *_in_keyring(folder, doubts)]
            removed = [where for one in found if (where := _signed_out(one, settings, doubts)) is not None]
    except StorageUnusable as unusable:
        raise Failed(f"nothing was removed: {unusable}. End the assistants that use it, then try again") from unusable
    try:
        gone = [*stored_sign_ins.remove_files(folder), *stored_sign_ins.remove_empty(folder.parent)]
    except OSError as fault:
        raise Failed(f"{fault.filename} cannot be removed: {fault.strerror}") from fault
    return [*removed, *(str(path) for path in gone if not any(where.endswith(str(path)) for where in removed))]


def _in_keyring(folder: Path, doubts: list[str]) -> list[Stored]:
    try:
        return stored_sign_ins.in_keyring(folder)
    except StorageUnusable as unusable:
        doubts.append(f"{unusable}, and still holds sign-ins: open it and run this again")
        return []


def _signed_out(one: Stored, settings: Settings, doubts: list[str]) -> str | None:
    """End a session at RingCentral as far as that can be done, and remove it; return where it was."""
    where = one.storage.where(one.name)
    try:
        text = one.storage.read(one.name)
        if text is not None and (why := _not_ended(text, where, settings)):
            doubts.append(why)
        one.storage.remove(one.name)
    except StorageUnusable as unusable:
        doubts.append(str(unusable))
        return None
    return where


def _not_ended(text: str, where: str, settings: Settings) -> str | None:
    """End the session of a stored text; return why that is not certain, or None."""
    try:
        client_id, server_url, token = read_stored(text, where)
    except errors.Refused as damaged:
        return damaged.message
    own = app_of(settings)
    is_own = own is not None and own.client_id == client_id
    secret = (own.client_secret if own is not None and is_own else None) or _kept_secret(client_id)
    why = anyio.run(_revoke, settings, App(server_url, client_id, secret), token)
    return why and f"{where} was removed, but RingCentral did not confirm that its session ended: {why}"


def _kept_secret(client_id: str) -> str | None:
    """Return the secret that `setup` keeps of an app; `_settings_files` reports a file that cannot be read."""
    for path in _kept():
        with suppress(OSError, ValueError):
            values = read_file(path)
            if client_id in {values.get(name) for name in CLIENT_ID}:
                return next((values[name] for name in CLIENT_SECRET if values.get(name)), None)
    return None


def _kept() -> list[Path]:
    return sorted(settings_file("default").parent.glob("*.env"))


async def _revoke(settings: Settings, app: App, token: Token) -> str | None:
    async with http_for(settings) as http:
        return await revoke(http, app, token)


def _settings_files(doubts: list[str]) -> list[str]:
    """Remove the env-files that `setup` wrote, and their folder if nothing else is in it."""
    folder, removed = settings_file("default").parent, []
    for path in _kept():
        try:
            if path.read_bytes().startswith(HEAD.encode()):
                path.unlink()
                removed.append(path)
        except OSError as fault:
            doubts.append(f"{path} cannot be removed: {fault.strerror}")
    return [str(path) for path in (*removed, *stored_sign_ins.remove_empty(folder))]


def _left(settings: Settings, env_file: str | None) -> Iterator[str]:
    """Yield the files that the settings name, and the entries of clients."""
    named = {
        "RINGCENTRAL_AUDIT_LOG": settings.audit_log,
        "RINGCENTRAL_SIMULATOR_DATA": settings.simulator_data,
        "--env-file": env_file and Path(env_file),
        ENV_FILE: os.environ.get(ENV_FILE) and Path(os.environ[ENV_FILE]),
    }
    for name, path in named.items():
        if isinstance(path, Path) and path.exists():
            yield f"{path} ({name})"
    for one in found(Machine.here()):
        if isinstance(one, Entry):
            yield f"the entry {one.name} in {one.file.path} (config {one.file.client} --undo takes it out)"
            kept = one.file.path.with_name(one.file.path.name + BACKUP_SUFFIX)
            if kept.exists():
                yield f"{kept} (what was there before)"


def _list(title: str, lines: Sequence[str]) -> None:
    if lines:
        click.echo("\n  ".join([title, *lines]))
