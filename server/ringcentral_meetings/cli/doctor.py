"""The command `doctor`: whether the server can work here, and how to fix what fails."""

import io
import json
import shlex
import sys
import textwrap
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from sqlite3 import Error as DatabaseError
from typing import TYPE_CHECKING, Any, Final

import anyio
import httpx
from whenever import Instant

from ringcentral_meetings import PROGRAM, __version__, logs
from ringcentral_meetings.cli.checks import Check, DoctorContext, examine
from ringcentral_meetings.cli.clients.found import Entry, Unreadable, found
from ringcentral_meetings.cli.clients.machine import Machine
from ringcentral_meetings.cli.entries import check_entry
from ringcentral_meetings.cli.settings_file import has_account, load_for_command, names_file, settings_file
from ringcentral_meetings.connection import cannot_sign_in, connected
from ringcentral_meetings.domain.zones import DATABASE
from ringcentral_meetings.platform.client import PlatformClient
from ringcentral_meetings.platform.limits import Clock, LoopClock, RateLimits
from ringcentral_meetings.products.choice import Products
from ringcentral_meetings.protocol import audit_file
from ringcentral_meetings.settings import Settings, SettingsError, findings
from ringcentral_meetings.untrusted_text import clean

if TYPE_CHECKING:
    from rich.console import Console

TRY_SECONDS: Final = 4.0
MARKS: Final = {"ok": ("✓", "ok", "green"), "warn": ("!", "warn", "yellow"), "fail": ("✗", "FAIL", "bold red")}
SKIPPED: Final = ("-", "skip", "dim")

NO_ACCOUNT: Final = Check(
    "account",
    "skip",
    "no credentials are set, and the entries use the simulator",
    f"`{PROGRAM} doctor --simulator` checks it; `{PROGRAM} setup` connects your account.",
)

Show = Callable[[Check], None]


def run(env_file: str | None, overrides: Mapping[str, Any], *, as_json: bool) -> int:
    """Run all checks and show them; return 1 if the server cannot work, else 0."""
    checks: list[Check] = []
    show = _show_nothing if as_json else terminal_output()

    def note(check: Check) -> None:
        checks.append(check)
        show(check)

    check, settings = check_settings(env_file, overrides)
    note(check)
    note(check_zone_data())
    machine = Machine.here()
    if settings is not None and not names_file(env_file) and only_simulator(settings, machine):
        note(NO_ACCOUNT)
    elif settings is not None:
        _check_connection(settings, note)
    for check in check_clients(machine):
        note(check)
    works = all(check.state != "fail" for check in checks)
    if as_json:
        body = {"version": __version__, "works": works, "checks": [_fields(check) for check in checks]}
        sys.stdout.write(json.dumps(body, separators=(",", ":")) + "\n")
    else:
        sys.stdout.write(f"\n{summary(checks)}\n")
    return 0 if works else 1


def only_simulator(settings: Settings, machine: Machine) -> bool:
    """Return whether no account is set and every entry of a client uses the simulator, as after `setup --simulator`."""
    if settings.simulator or has_account(settings) or settings_file(settings.profile).exists():
        return False
    entries = list(found(machine))
    return bool(entries) and all(isinstance(one, Entry) and one.uses_simulator for one in entries)


def _check_connection(settings: Settings, note: Show) -> None:
    logs.configure("CRITICAL", settings.log_format, settings.secrets())
    try:
        anyio.run(_run_checks, settings, note)
    except DatabaseError as unusable:
        fix = "Give the path of a file that the simulator wrote, or a path that does not exist yet; or unset it."
        note(Check("simulator", "fail", f"RINGCENTRAL_SIMULATOR_DATA: {unusable}", fix))


async def _run_checks(settings: Settings, note: Show) -> None:
    async with doctor_context(settings) as context:
        async for check in examine(context):
            note(check)


@asynccontextmanager
async def doctor_context(
    settings: Settings,
    transport: httpx.AsyncBaseTransport | None = None,
    wall: Callable[[], float] = time.time,
    clock: Clock | None = None,
) -> AsyncIterator[DoctorContext]:
    """Open the connection to check; `transport` stands in for the network."""
    clock = clock or LoopClock()
    limits = RateLimits(settings.plan_limits, clock)
    async with connected(settings, limits, clock, transport) as connection:
        client = PlatformClient(connection.http, limits, clock=clock, read_timeout=TRY_SECONDS)
        products = Products.over(
            client,
            Instant.now,
            choice=settings.product,
            account_id=settings.account_id,
            host=settings.host_id,
            feeds=connection.feeds,
            zone=settings.time_zone,
        )
        yield DoctorContext(settings, connection.http, products, wall)


def check_settings(env_file: str | None, overrides: Mapping[str, Any]) -> tuple[Check, Settings | None]:
    """Check whether the settings can be used, and which way of signing in they name."""
    try:
        settings, kept = load_for_command(env_file, overrides)
    except SettingsError as wrong:
        return Check("settings", "fail", str(wrong), "Correct that setting; .env.example explains each one."), None
    if (unwritable := audit_file.problem(settings.audit_log)) is not None:
        return Check(
            "settings", "fail", unwritable, "Name a file that can be written, in a folder that exists."
        ), settings
    problem, facts, notes = cannot_sign_in(settings), "; ".join(_facts(settings, kept)), findings(kept or env_file)
    if notes.unknown:
        fix = "Correct the name or remove it; .env.example lists every setting."
        return Check("settings", "fail", "; ".join([facts, *notes.unknown_names()]), fix), settings
    if warnings := list(notes.lines()):
        is_open = notes.open_file is not None and len(warnings) == 1
        fix = "" if is_open else "Fill it in where the client keeps its configuration, or name the right file."
        return Check("settings", "warn", "; ".join([facts, *warnings]), fix), settings
    if problem is not None:
        return Check("settings", "warn", f"{facts}; {problem.message}", problem.next_step), settings
    unread = settings_file(settings.profile)
    if not (settings.simulator or has_account(settings)) and kept is None and unread.is_file():
        fix = f"To check those, run `{PROGRAM} doctor --env-file {shlex.quote(str(unread))}`."
        return Check("settings", "warn", f"{facts} in this terminal; setup keeps yours in {unread}", fix), settings
    return Check("settings", "ok", facts), settings


def _facts(settings: Settings, kept: Path | None) -> Iterator[str]:
    """Yield what is set, without any value that could be a secret; `kept` is the file of `setup` if that is read."""
    yield "the simulator" if settings.simulator else settings.server_url
    if not settings.simulator:
        given = ("access_token", "client_id", "client_secret", "jwt")
        names = [f"RINGCENTRAL_{name.upper()}" for name in given if getattr(settings, name) is not None]
        yield ", ".join(names) + " set" if names else "no credentials set"
    if kept is not None:
        yield f"read from {kept}, which setup keeps"
    if settings.read_only:
        yield "read-only"
    yield f"Python {sys.version.split()[0]}, version {__version__}"


def check_zone_data() -> Check:
    """Return which copy of the time zone database is used, and the version of each that is here."""
    here, package = DATABASE.system or "no known version", f"the package tzdata has {DATABASE.package or 'no version'}"
    details = {
        "system": f"the system's {here} is used; {package}",
        "package": f"{DATABASE.package} of the package tzdata is used; the system has {here}",
        "PYTHONTZPATH": f"the files under PYTHONTZPATH are used, {here}; {package}",
    }
    return Check("time zone data", "ok", details[DATABASE.source])


def check_clients(machine: Machine) -> Iterator[Check]:
    """Check whether the entries of clients for this server start."""
    none_yet = True
    for one in found(machine):
        none_yet = False
        yield _unreadable(one) if isinstance(one, Unreadable) else check_entry(one)
    if none_yet:
        fix = "`ringcentral-meetings-mcp setup` puts one into those you choose; `config CLIENT` prints one."
        yield Check("clients", "skip", "no client on this machine has an entry for this server", fix)


def _unreadable(file: Unreadable) -> Check:
    fix = f"Correct {file.file.path}: the client cannot read it either."
    return Check(file.file.kind.label, "warn", f"{file.file.path}: {file.why}", fix)


def _show_nothing(check: Check) -> None:
    pass


def _fields(check: Check) -> dict[str, str]:
    """Return the fields for `--json`, where the key of `fix` is `mend`."""
    fields = {"name": check.name, "state": check.state, "detail": check.detail, "mend": check.fix}
    return {name: text for name, text in fields.items() if text}


def summary(checks: Sequence[Check]) -> str:
    """Return how many problems and warnings there are, as a sentence."""
    problems, warnings = (sum(check.state == state for check in checks) for state in ("fail", "warn"))
    if not problems + warnings:
        return "No problems."
    counted = [_counted(problems, "problem")] if problems else ["No problems"]
    return f"{', '.join([*counted, *([_counted(warnings, 'warning')] if warnings else [])])}."


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def terminal_output() -> Show:
    """Return a function that prints a check as lines with a mark, in colour on a terminal, wrapped between words."""
    from rich.console import Console

    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    console = Console(highlight=False, markup=False, emoji=False, soft_wrap=True)
    return lambda check: _show(console, check)


def _show(console: "Console", check: Check) -> None:
    from rich.text import Text

    sign, word, style = MARKS.get(check.state, SKIPPED)
    mark = sign.ljust(2) if console.is_terminal and console.encoding.startswith("utf") else word.ljust(5)
    first, *more = _wrapped(f"{check.name}: {clean(check.detail)}", console.width, len(mark))
    console.print(Text.assemble((mark, style), (check.name, "bold"), first.removeprefix(check.name)))
    for line in more:
        console.print(Text(" " * len(mark) + line))
    style = "dim" if check.state == "skip" else "cyan"
    for number, line in enumerate(_wrapped(clean(check.fix), console.width, len(mark) + 3)):
        console.print(Text(" " * len(mark) + ("   " if number else "-> ") + line, style=style))


def _wrapped(text: str, width: int, indent: int) -> list[str]:
    """Return lines of whole words; one that is longer than a line, as a path, has its own."""
    return textwrap.wrap(text, max(20, width - indent), break_long_words=False, break_on_hyphens=False)
