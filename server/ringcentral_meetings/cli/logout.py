"""The command `logout`: the session is ended at RingCentral and deleted here."""

import anyio
import click

from ringcentral_meetings import errors
from ringcentral_meetings.cli.login import Failed, app_for, http_for, in_a_line
from ringcentral_meetings.connection import shared_store
from ringcentral_meetings.platform.limits import LoopClock
from ringcentral_meetings.platform.signin.consent import revoke
from ringcentral_meetings.platform.signin.grants import App
from ringcentral_meetings.settings import Settings


def run(settings: Settings) -> None:
    """Revoke the session and delete it. Raises `Failed` if either fails."""
    anyio.run(_run, settings, app_for(settings))


async def _run(settings: Settings, app: App) -> None:
    store = shared_store(settings, app, LoopClock())
    doubts: list[str] = []
    try:
        async with store.exclusive():
            tokens, unread = await store.all_stored()
            async with http_for(settings) as http:
                doubts = [*unread, *filter(None, [await revoke(http, app, token) for token in tokens])]
            await store.clear()
    except errors.MeetingsError as problem:
        raise Failed(in_a_line(problem)) from problem
    if doubts:
        raise Failed(f"the session was deleted here, but RingCentral did not confirm that it ended: {doubts[0]}")
    click.echo(_farewell(settings, was_there=bool(tokens)))


def _farewell(settings: Settings, *, was_there: bool) -> str:
    result = "Signed out" if was_there else "Nobody was signed in"
    jwt = " RINGCENTRAL_JWT is set: the server still signs in with it." if settings.jwt is not None else ""
    return f'{result}; profile "{settings.profile}".{jwt}'
