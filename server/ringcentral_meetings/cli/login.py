"""The command `login`: signing a person in with a browser (authorization code with PKCE)."""

import os
import queue
import threading
import time
import webbrowser
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager, suppress
from typing import Final

import anyio
import anyio.to_thread
import click
import httpx

from ringcentral_meetings import errors
from ringcentral_meetings.cli.loopback import HOST, PATH, Loopback, bind
from ringcentral_meetings.connection import USER_AGENT, app_of, shared_store
from ringcentral_meetings.platform.api.meetings import Operations
from ringcentral_meetings.platform.client import PlatformClient, build_http
from ringcentral_meetings.platform.limits import LoopClock, RateLimits
from ringcentral_meetings.platform.signin.auth import PlatformAuth
from ringcentral_meetings.platform.signin.consent import Consent, check, revoke
from ringcentral_meetings.platform.signin.grants import App
from ringcentral_meetings.platform.signin.tokens import Token
from ringcentral_meetings.products.status import MEETING_SCOPES
from ringcentral_meetings.settings import Settings

PATIENCE_SECONDS: Final = 300.0
LOOK_SECONDS: Final = 0.5
"""How long Ctrl-C may go unseen while an address is waited for."""
CLOSE_IT: Final = "You can close this window and go back to the terminal."


class Failed(Exception):
    """A login or logout that failed: one line that says why and what to do."""


def app_for(settings: Settings) -> App:
    """Return the app to sign in with. Raises `Failed` if the settings name none, or the session could not be stored."""
    app = app_of(settings)
    if app is None:
        raise Failed("RINGCENTRAL_CLIENT_ID is not set; it is the client id of your app in the developer console")
    if settings.token_store == "memory":  # noqa: S105  (a choice, not a secret)
        raise Failed("RINGCENTRAL_TOKEN_STORE=memory does not keep a login for other processes; unset it")
    return app


def with_browser(
    settings: Settings,
    port: int,
    *,
    open_browser: Callable[[str], object] = webbrowser.open,
    patience: float = PATIENCE_SECONDS,
) -> None:
    """Sign in through a browser on this machine. Raises `Failed`."""
    anyio.run(_with_browser, settings, app_for(settings), port, open_browser, patience)


def without_browser(
    settings: Settings,
    port: int,
    *,
    read_line: Callable[[], str] | None = None,
    patience: float = PATIENCE_SECONDS,
) -> None:
    """Sign in through a browser on any machine: the person pastes the address it ends at. Raises `Failed`."""
    consent = Consent(app_for(settings), f"http://{HOST}:{port}{PATH}")
    anyio.run(_checked, settings, consent)
    anyio.run(_finish, settings, consent, _pasted(consent, read_line or _stdin_line, patience))


async def _with_browser(
    settings: Settings, app: App, port: int, open_browser: Callable[[str], object], patience: float
) -> None:
    problems: list[str] = []
    async with aclosing(await _bound(port)) as loopback:
        consent = Consent(app, loopback.redirect_uri)

        async def answer(target: str) -> tuple[bool, str]:
            try:
                await _finish(settings, consent, target)
            except Failed as failed:
                problems.append(str(failed))
                return False, str(failed)
            return True, CLOSE_IT

        await _checked(settings, consent)
        click.echo(f"Opening the browser. If none opens, go to this address:\n\n  {consent.address}\n")
        with anyio.move_on_after(patience) as waiting:
            async with anyio.create_task_group() as group:
                group.start_soon(_open, open_browser, consent.address)
                await loopback.answer_once(answer, consent.is_answered_by)
                group.cancel_scope.cancel()
    if waiting.cancelled_caught:
        raise Failed(_timed_out(patience, consent))
    if problems:
        raise Failed(problems[0])


async def _bound(port: int) -> Loopback:
    try:
        return await bind(port)
    except OSError as taken:
        raise Failed(
            f"--port {port}: {taken.strerror}; choose another port, and list http://{HOST}:PORT{PATH} with it in the "
            "developer console"
        ) from taken


async def _open(open_browser: Callable[[str], object], address: str) -> None:
    """Open the browser. One that runs in the terminal blocks its thread until it is closed."""
    await anyio.to_thread.run_sync(open_browser, address, abandon_on_cancel=True)


async def _checked(settings: Settings, consent: Consent) -> None:
    """Find out what can be found out before a person is sent to a browser. Raises `Failed`."""
    async with http_for(settings) as http:
        try:
            await shared_store(settings, consent.app, LoopClock()).check()
            await check(http, consent)
        except errors.MeetingsError as problem:
            raise Failed(in_a_line(problem)) from problem


async def _finish(settings: Settings, consent: Consent, redirected: str) -> None:
    """Sign in with the address that the browser was redirected to, and print who is signed in."""
    try:
        token, name = await _sign_in(settings, consent, redirected)
    except errors.MeetingsError as problem:
        raise Failed(in_a_line(problem)) from problem
    click.echo(f'Signed in as {name}; profile "{settings.profile}".')
    click.echo(f"Application scopes granted: {errors.quoted(token.scope) or 'none'}.")
    for warning in _warnings(settings, token):
        click.echo(f"Warning: {warning}", err=True)


async def _sign_in(settings: Settings, consent: Consent, redirected: str) -> tuple[Token, str]:
    clock = LoopClock()
    limits = RateLimits(settings.plan_limits, clock)
    auth = PlatformAuth(consent.grant(redirected), limits, clock)
    async with http_for(settings, auth) as http:
        token = await auth.token()
        try:
            former = await _store(settings, consent.app, token)
        except errors.MeetingsError:
            await revoke(http, consent.app, token)
            raise
        if former is not None:
            await revoke(http, consent.app, former)
        name = await _name(PlatformClient(http, limits, clock=clock), token)
    return token, name


async def _store(settings: Settings, app: App, token: Token) -> Token | None:
    """Store the session; return the one of an earlier login that it replaces, if that can be read."""
    store = shared_store(settings, app, LoopClock())
    async with store.exclusive():
        try:
            former = await store.load()
        except errors.Refused:
            former = None
        await store.save(token)
    return former if former is not None and former.by_login else None


async def _name(client: PlatformClient, token: Token) -> str:
    """Return the user's name if the app may read it, else the extension id."""
    try:
        extension = await Operations(client).load_extension()
    except errors.MeetingsError:
        return f"extension {errors.quoted(token.owner_id or 'unknown')}"
    return f"{errors.quoted(extension.name or '')} (extension {errors.quoted(token.owner_id or 'unknown')})".lstrip()


def _warnings(settings: Settings, token: Token) -> list[str]:
    found = []
    if not set(MEETING_SCOPES) & set(token.scope.split()):
        found.append(
            "the app has neither of the scopes Video and Meetings, and every tool needs one of them: add the one of "
            "your product in the developer console (RingCentral support grants Meetings), then log in again."
        )
    if token.refresh_token is None:
        found.append(
            f"the app issues no refresh tokens, so this session ends in {token.lifetime / 60:.0f} minutes: "
            'turn on "Issue refresh tokens" in the developer console, then log in again.'
        )
    if settings.access_token is not None:
        found.append("RINGCENTRAL_ACCESS_TOKEN is set and is used instead of this login: unset it.")
    return found


def _pasted(consent: Consent, read_line: Callable[[], str], patience: float) -> str:
    """Return the address that the person pastes, the one their browser ended at."""
    click.echo(f"Open this address in any browser:\n\n  {consent.address}\n")
    click.echo(f"The browser then goes to {consent.redirect_uri}?..., and most likely cannot show that page.")
    click.echo("Copy that whole address from its address bar, paste it here and press Enter:")
    return _line_within(read_line, patience)


def _line_within(read_line: Callable[[], str], patience: float) -> str:
    """Return a line of input. Raises `Failed` if none comes in time."""
    lines: queue.Queue[str] = queue.Queue()
    threading.Thread(target=lambda: lines.put(read_line()), daemon=True).start()
    until = time.monotonic() + patience
    line: str | None = None
    while line is None:
        # In short waits: on Windows a wait for a lock does not end with Ctrl-C, nor elsewhere if it came just before.
        left = until - time.monotonic()
        if left <= 0:
            raise Failed(f"no address was pasted within {patience / 60:g} minutes")
        with suppress(queue.Empty):
            line = lines.get(timeout=min(left, LOOK_SECONDS))
    if not line.strip():
        raise Failed("no address was pasted; with docker, run the container with -i")
    return line


def _stdin_line() -> str:
    """Return a line of stdin, read past `sys.stdin`: a thread blocked in its buffer would keep the process alive."""
    line = b""
    while not line.endswith(b"\n") and (piece := os.read(0, 4_096)):
        line += piece
    return line.decode(errors="replace")


def _timed_out(patience: float, consent: Consent) -> str:
    return (
        f"the browser did not come back within {patience / 60:g} minutes; if it showed an error, check the client id "
        f"and that the developer console lists exactly {consent.redirect_uri}"
    )


def in_a_line(problem: errors.MeetingsError) -> str:
    """Return what failed and what to do, as one line."""
    return f"{problem.message} {errors.next_step_for_a_person(problem, 'try again')}"


@asynccontextmanager
async def http_for(settings: Settings, auth: httpx.Auth | None = None) -> AsyncIterator[httpx.AsyncClient]:
    """Open the HTTP client for the RingCentral server that the settings name."""
    async with build_http(
        settings.server_url, auth or httpx.Auth(), proxy=settings.proxy, user_agent=USER_AGENT
    ) as http:
        yield http
