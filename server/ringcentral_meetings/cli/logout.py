"""Signing out: the session ends at RingCentral and is forgotten here."""

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
    """Revoke and forget. Raises `Failed` where one of both did not come about."""
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
        raise Failed(f"the sign-in is forgotten here, but the end of its session is not confirmed: {doubts[0]}")
    click.echo(_farewell(settings, was_there=bool(tokens)))


def _farewell(settings: Settings, *, was_there: bool) -> str:
    told = "Signed out" if was_there else "Nobody was signed in"
    again = " RINGCENTRAL_JWT is set: the server signs in with it." if settings.jwt is not None else ""
    return f'{told}; profile "{settings.profile}".{again}'
