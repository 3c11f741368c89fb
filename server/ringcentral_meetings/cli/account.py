"""The part of `setup` that gets from nothing to a signed-in account, with doctor's checks as they become possible."""

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

import anyio
from pydantic import SecretStr

from ringcentral_meetings import logs
from ringcentral_meetings.cli import doctor, login, logout
from ringcentral_meetings.cli.checks import Check, examine
from ringcentral_meetings.cli.config import Failed, is_logged_in
from ringcentral_meetings.cli.dialog import Dialog, heading, say
from ringcentral_meetings.cli.settings_file import of_this_terminal, settings_file
from ringcentral_meetings.environment import read_file
from ringcentral_meetings.settings import ENV_FILE, NAMES, Settings, load

SignIn = Literal["browser", "other-browser", "jwt"]
PORT: Final = 8_912
CONSOLE: Final = "https://developers.ringcentral.com/console"
NETWORK: Final = "clock"
"""The last of the checks that need no sign-in."""

SIGN_INS: Final[tuple[tuple[SignIn, str], ...]] = (
    ("browser", "In the browser of this computer"),
    ("other-browser", "In a browser elsewhere: over ssh, or in a container"),
    ("jwt", "With a JWT credential, which the developer console makes for you"),
)
APP: Final = "RingCentral lets programs in through an app that you register there once. If you have none yet:"
REGISTER: Final = f"Open {CONSOLE} and choose Apps, Create App: a REST API App, and a private one."
BY_BROWSER: Final = (
    "Under Auth take 3-legged OAuth flow authorization code, let it issue refresh tokens, and list the redirect "
    f"address http://127.0.0.1:{PORT}/callback."
)
BY_JWT: Final = "Under Auth take JWT auth flow."
SCOPES: Final = (
    "Under Security add the scopes Read Accounts and Video; for the older RingCentral Meetings add Meetings."
)
MAKE_A_JWT: Final = "Click your name at the upper right, choose Credentials, and create a JWT for that app."
"""The console's words are those of RingCentral's developer guide, "Registering an application", "Configuring apps to
use JWT"."""


class _Shown(Failed):
    """A failure that a person has seen already, as a check."""


@dataclass(frozen=True, slots=True)
class Account:
    """A signed-in account: its settings, and those to be kept in a file; `env_file` is one that holds them already."""

    settings: Settings
    kept: Mapping[str, str] = field(default_factory=dict)
    env_file: str | None = None


def sign_in(
    dialog: Dialog,
    env_file: str | None,
    overrides: Mapping[str, Any],
    how: SignIn | None,
    opened: list[Settings],
) -> Account:
    """Ask for what is missing, sign in, and check the account; again, until it works or the person gives up.

    Each session that was not there before is noted in `opened`, by its settings.

    Raises `Failed`, and `SettingsError` for a setting that cannot be used.
    """
    env_file = env_file or os.environ.get(ENV_FILE)
    _check_network(dialog, load(env_file or _kept_file(load(None, overrides)), overrides))
    while True:
        account, way = _ask(dialog, env_file, overrides, how)
        try:
            _open_session(account.settings, way, opened)
            _check_account(account.settings)
        except Failed as failed:
            if not dialog.asks:
                raise
            if not isinstance(failed, _Shown):
                say(str(failed))
            if not dialog.agrees("Try again?"):
                raise Failed("nothing was changed") from None
            continue
        return account


def _kept_file(settings: Settings) -> Path | None:
    """Return the file that an earlier setup wrote for the profile, if there is one."""
    path = settings_file(settings.profile)
    return path if path.is_file() else None


def _check_network(dialog: Dialog, settings: Settings) -> None:
    heading("Looking whether RingCentral can be reached")
    while _failed(settings, None, NETWORK):
        if not dialog.asks or not dialog.agrees("Try again?"):
            raise Failed("RingCentral cannot be reached from here; see above")


def _check_account(settings: Settings) -> None:
    heading("Looking at the account")
    if check := _failed(settings, NETWORK, None):
        raise _Shown(f"{check.name}: {check.detail}")


def _failed(settings: Settings, after: str | None, last: str | None) -> Check | None:
    """Run doctor's checks between two, and show what is of interest; return the first that fails."""
    logs.configure("CRITICAL", settings.log_format, settings.secrets())
    show = doctor.terminal_output()
    found: list[Check] = []

    async def run() -> None:
        shows = after is None
        async with doctor.doctor_context(settings) as context:
            async for check in examine(context, last=last):
                if check.state == "fail" or (shows and check.state != "skip"):
                    show(check)
                    found.append(check)
                shows = shows or check.name == after

    anyio.run(run)
    return next((check for check in found if check.state == "fail"), None)


def _ask(
    dialog: Dialog, env_file: str | None, overrides: Mapping[str, Any], how: SignIn | None
) -> tuple[Account, SignIn | None]:
    """Return the account that is meant, and how to sign in; None where that has been done."""
    settings = load(env_file, overrides)
    own = _kept_file(settings) if env_file is None else None
    if not dialog.asks or env_file is not None:
        named = env_file if own is None or settings.client_id is not None else str(own)
        return _as_given(load(named, overrides), named, how)
    settings = load(own, overrides)
    heading("Signing in")
    way: SignIn = how or dialog.choose(SIGN_INS, "jwt" if settings.jwt else "browser")
    _explain(way)
    typed = _typed(dialog, settings, way)
    kept = {**(read_file(own) if own else {}), **of_this_terminal(NAMES), **typed}
    fields = _fields(typed)
    if way != "jwt":  # the session of a login is kept apart from those of JWTs
        kept = {name: value for name, value in kept.items() if name not in {"RINGCENTRAL_JWT", "RC_USER_JWT"}}
        fields["jwt"] = None
    settings = load(own, {**overrides, **fields})
    done = way != "jwt" and is_logged_in(settings) and dialog.agrees("You are signed in already. Keep that?")
    return Account(settings, kept), None if done else way


def _explain(way: SignIn) -> None:
    """Say how to get the app that signing in needs."""
    say()
    say(APP)
    steps = (BY_JWT, SCOPES, MAKE_A_JWT) if way == "jwt" else (BY_BROWSER, SCOPES)
    for number, step in enumerate((REGISTER, *steps), 1):
        say(f"{number}. {step}", indent=2, hang=3)
    say()


def _typed(dialog: Dialog, settings: Settings, way: SignIn) -> dict[str, str]:
    client_id = dialog.text("Client ID of your app", settings.client_id or "")
    while not client_id:
        say("It is on the app's page in the developer console. Ctrl-C ends setup; nothing has been changed.")
        client_id = dialog.text("Client ID of your app", "")
    former = settings.client_secret.get_secret_value() if settings.client_secret else ""
    note = "Enter keeps the present one" if former else "Enter, if it has none"
    values = {"RINGCENTRAL_CLIENT_ID": client_id}
    values["RINGCENTRAL_CLIENT_SECRET"] = dialog.secret(f"Client secret ({note}; it is not shown)", former)
    if way == "jwt":
        former = settings.jwt.get_secret_value() if settings.jwt else ""
        note = "Enter keeps the present one; " if former else ""
        values["RINGCENTRAL_JWT"] = dialog.secret(f"JWT ({note}it is not shown)", former)
    return {name: value for name, value in values.items() if value}


def _fields(values: Mapping[str, str]) -> dict[str, Any]:
    """Return the values as fields of the settings."""
    secret = {"RINGCENTRAL_CLIENT_SECRET", "RINGCENTRAL_JWT"}
    return {
        name.removeprefix("RINGCENTRAL_").lower(): SecretStr(value) if name in secret else value
        for name, value in values.items()
    }


def _as_given(settings: Settings, env_file: str | None, how: SignIn | None) -> tuple[Account, SignIn | None]:
    """Return the account of the settings that there are, where nobody is asked for any."""
    where = f"in {env_file}" if env_file else "in the environment"
    if settings.client_id is None:
        raise Failed(
            f"RINGCENTRAL_CLIENT_ID is not set {where}. For your own account set it, and RINGCENTRAL_JWT or --sign-in "
            "browser; or take --simulator"
        )
    kept = {} if env_file else of_this_terminal(NAMES)
    account = Account(settings, kept, env_file)
    if how == "jwt" and settings.jwt is None:
        raise Failed(f"RINGCENTRAL_JWT is not set {where}")
    if how is None and (settings.jwt is not None or is_logged_in(settings)):
        return account, None
    if how is None:
        raise Failed(f"RINGCENTRAL_JWT is not set {where}; set it, or sign in with --sign-in browser")
    return account, None if how == "jwt" else how


def _open_session(settings: Settings, way: SignIn | None, opened: list[Settings]) -> None:
    if way is None:
        return
    if way == "jwt":
        if settings.jwt is None:
            raise Failed("no JWT was given; the developer console makes one under your credentials")
        return
    is_new = not is_logged_in(settings)
    try:
        if way == "browser":
            login.with_browser(settings, PORT)
        else:
            login.without_browser(settings, PORT)
    except login.Failed as failed:
        raise Failed(str(failed)) from None
    if is_new:
        opened.append(settings)


def end_sessions(opened: list[Settings]) -> None:
    """End the sessions that were opened, as far as that is possible."""
    for settings in opened:
        with suppress(login.Failed):
            logout.run(settings)
