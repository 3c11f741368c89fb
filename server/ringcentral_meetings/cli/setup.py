"""The command `setup`: from nothing to an assistant that works with a person's meetings."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, get_args

import click

from ringcentral_meetings import PROGRAM
from ringcentral_meetings.cli import changes, config, doctor
from ringcentral_meetings.cli.account import Account, SignIn, end_sessions, sign_in
from ringcentral_meetings.cli.clients.catalog import KINDS, Client
from ringcentral_meetings.cli.clients.found import ConfigFile, Entry, found_in
from ringcentral_meetings.cli.clients.machine import Machine
from ringcentral_meetings.cli.config import Failed, Wanted, options_of
from ringcentral_meetings.cli.dialog import Dialog, heading, say
from ringcentral_meetings.cli.entries import check_entry
from ringcentral_meetings.cli.settings_file import settings_file, written
from ringcentral_meetings.environment import SECRETS
from ringcentral_meetings.settings import Settings, load
from ringcentral_meetings.untrusted_text import clean

__all__ = ["Failed", "Options", "run"]

NAMES: Final[tuple[Client, ...]] = tuple(name for name in get_args(Client) if name != "json")
ACCOUNTS: Final = (
    ("simulator", "Made-up ones, to try everything without an account"),
    ("own", "My own, in RingCentral"),
)
WELCOME: Final = (
    "This connects RingCentral meetings with an AI assistant on this computer. Every question has an answer that Enter "
    "takes, and no file is changed before you have seen the change. Ctrl-C ends it and leaves everything as it was."
)


@dataclass(frozen=True, slots=True)
class Options:
    """What was said on the command line; None for what is to be asked."""

    clients: tuple[Client, ...] = ()
    how: SignIn | None = None
    yes: bool = False


@dataclass(frozen=True, slots=True)
class _Plan:
    """The changes that are to be made, by file; the settings file has no client."""

    changes: Sequence[changes.Change]
    files: Sequence[ConfigFile]


def run(env_file: str | None, overrides: Mapping[str, Any], options: Options) -> None:
    """Set up the server for clients. Raises `Failed`, `Unwritable` and `SettingsError`; then nothing was changed."""
    asks = Dialog.is_possible() and not options.yes
    if not asks and not options.yes:
        raise Failed(
            "there is no terminal to ask questions in. Say --yes, and what you want: "
            f"`{PROGRAM} setup --yes --simulator --client claude-desktop`; for your own account instead of --simulator "
            "RINGCENTRAL_CLIENT_ID and RINGCENTRAL_JWT in the environment or in a file given by --env-file"
        )
    opened: list[Settings] = []
    try:
        _set_up(Dialog(asks), env_file, overrides, options, opened)
    except BaseException:
        end_sessions(opened)
        raise


def _set_up(
    dialog: Dialog, env_file: str | None, overrides: Mapping[str, Any], options: Options, opened: list[Settings]
) -> None:
    if dialog.asks:
        click.secho("RingCentral meetings for your AI assistant", bold=True)
        say(WELCOME)
    account = _account(dialog, env_file, overrides, options, opened)
    machine = Machine.here()
    clients = options.clients or _clients(dialog, machine)
    plan = _plan(account, overrides, clients, machine)
    _make(dialog, plan, machine)
    _farewell(account, clients)


def _account(
    dialog: Dialog, env_file: str | None, overrides: Mapping[str, Any], options: Options, opened: list[Settings]
) -> Account:
    """Return the account, None of whose settings are needed for the simulator."""
    is_simulator = bool(overrides.get("simulator"))
    if dialog.asks and not is_simulator and options.how is None and env_file is None:
        heading("Whose meetings?")
        settings = load(env_file, overrides)
        default = "own" if settings.client_id or settings_file(settings.profile).is_file() else "simulator"
        is_simulator = dialog.choose(ACCOUNTS, default) == "simulator"
    if is_simulator:
        return Account(load(env_file, {**overrides, "simulator": True}), env_file=env_file)
    return sign_in(dialog, env_file, overrides, options.how, opened)


def _clients(dialog: Dialog, machine: Machine) -> tuple[Client, ...]:
    """Return the clients that are chosen of those on this machine."""
    here = [name for name in NAMES if KINDS[name].is_here(machine)]
    if dialog.asks:
        heading("Which assistants?")
        if here:
            say("These were found on this computer. Type numbers with commas between them, or names of others.")
        else:
            say(f"None was found on this computer. Type the name of one that you will install: {', '.join(NAMES)}.")
    chosen = dialog.choose_some([(name, KINDS[name].label) for name in here], NAMES)
    if not chosen:
        raise Failed(
            f"no assistant was found on this computer. Name one with --client ({', '.join(NAMES)}); "
            f"`{PROGRAM} config json` prints what any other needs"
        )
    return tuple(name for name in NAMES if name in chosen)


def _plan(account: Account, overrides: Mapping[str, Any], clients: Sequence[Client], machine: Machine) -> _Plan:
    """Return what is to be changed. Raises `Unwritable` for a file that has to be left alone."""
    own = [_settings_change(account)] if account.kept else []
    wanted = _wanted(account, overrides)
    files = [file for client in clients for file in config.targets(client, machine)]
    planned = [changes.planned(file, config.server_of(file.client, wanted)) for file in files]
    return _Plan([*own, *planned], files)


def _wanted(account: Account, overrides: Mapping[str, Any]) -> Wanted:
    named = {name: value for name, value in overrides.items() if name != "simulator"}
    if account.settings.simulator:
        named = {"simulator": True, **named}
    file = str(settings_file(account.settings.profile)) if account.kept else account.env_file
    return Wanted(tuple(options_of(file, named)))


def _settings_change(account: Account) -> changes.Change:
    try:
        return changes.private(settings_file(account.settings.profile), written(account.kept))
    except ValueError as wrong:
        raise Failed(str(wrong)) from None


def _make(dialog: Dialog, plan: _Plan, machine: Machine) -> None:
    """Show the changes, make them, and start what was written as its client would; take them back if that fails."""
    heading("What changes")
    for change in plan.changes:
        if change.is_private:
            _show_private(change)
        else:
            config.show(change)
    if not dialog.agrees("Write this?"):
        raise Failed("nothing was changed")
    made = [change for change in plan.changes if change.is_private or not change.is_empty]
    changes.make_all(made)
    try:
        _try_out(plan.files, machine)
    except BaseException:
        for change in reversed(made):
            if not change.take_back():
                say(f"{change.path} was changed again meanwhile; `{PROGRAM} config NAME --undo` takes the entry out.")
        raise


def _show_private(change: changes.Change) -> None:
    """Print what a settings file will hold, secrets by name alone."""
    state = "new" if change.before is None else "as it is" if change.is_empty else "changed"
    click.secho(f"{change.path} ({state}; only you can read it)", bold=True)
    for line in (change.after or b"").decode().splitlines():
        name, _, value = line.partition("=")
        if not line.startswith("#"):
            click.secho(f"  + {name}={'...' if name in SECRETS else clean(value)}", fg="green")
    click.echo()


def _try_out(files: Sequence[ConfigFile], machine: Machine) -> None:
    """Start each entry as its client would. Raises `Failed` if one does not answer."""
    heading("Starting what was written, as the assistant will")
    show = doctor.terminal_output()
    for file in files:
        entry = next(
            one for one in found_in(file, machine) if isinstance(one, Entry) and one.name == file.kind.place().name
        )
        check = check_entry(entry, signs_in=True)
        show(check)
        if check.state != "ok":
            raise Failed(f"{check.detail}. Everything was put back as it was; `{PROGRAM} doctor` says more")


def _farewell(account: Account, clients: Sequence[Client]) -> None:
    heading("Done")
    for client in clients:
        say(f"{KINDS[client].label}: {KINDS[client].then}", hang=2)
    say('Then ask, for example: "What meetings do I have this week?"')
    if account.settings.simulator:
        say(f"The meetings are made up. `{PROGRAM} setup` again connects your own account.")
    click.echo("\nTo take it back:")
    for client in clients:
        click.echo(f"  {PROGRAM} config {client} --undo")
    if account.kept:
        profile = account.settings.profile
        click.echo(f"  {PROGRAM} logout --all")
        say("The last ends your sessions and deletes your settings. To check them later:")
        click.echo(f"  {PROGRAM} doctor{'' if profile == 'default' else f' --profile {shlex.quote(profile)}'}")
