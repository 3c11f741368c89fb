"""The command `host`: one address for many people, as one of any number of equal processes."""

import logging
import os
import socket
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import anyio
import click
import httpx

from ringcentral_meetings import PROGRAM, logs
from ringcentral_meetings.connection import USER_AGENT
from ringcentral_meetings.hosting import replica, requests, serving
from ringcentral_meetings.hosting.file_of_users import read_test_users
from ringcentral_meetings.hosting.gate_setup import build_gate
from ringcentral_meetings.hosting.metrics import Metrics
from ringcentral_meetings.hosting.settings import HostSettings, check_complete, is_loopback_url, load_host, warnings
from ringcentral_meetings.platform.client import build_http
from ringcentral_meetings.platform.guarded_fetch import Guarded
from ringcentral_meetings.platform.signin.auth import NoCredentialsAuth
from ringcentral_meetings.protocol import audit_file
from ringcentral_meetings.protocol.http import PATH, Address, UnusableAddress, bound, listen, read_address
from ringcentral_meetings.settings import Settings, SettingsError
from ringcentral_meetings.store import KeyRing, Store, StoreDown, UnsafeKeys, UnsafeStore, memory_store, open_store

CONNECTIONS: Final = 256
"""How many connections to RingCentral a process has at most, for all people together."""

FAILED: Final = 1
USAGE_ERROR: Final = 2

logger = logging.getLogger(__name__)


class Unusable(Exception):
    """Why a host does not start. One line."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where it serves people, and where metrics, if anywhere."""

    people: Address
    metrics: Address | None


def run(listen_on: str, metrics_on: str | None, test_users: str | None, env_file: str | None) -> int:
    """Serve until SIGINT, SIGTERM or SIGHUP, and return 128 and the signal's number, or the exit code of a failure."""
    try:
        common, host = load_host(env_file)
        for_others = test_users is None
        side = _address("--metrics", metrics_on, for_others=for_others) if metrics_on is not None else None
        addresses = Addresses(_address("--listen", listen_on, for_others=for_others), side)
        lines = _people(host, test_users)
        check_complete(common, host, signs_in=for_others)
        ring = _ring(host)
        build_gate(host)
        _try_audit_log(common)
    except (SettingsError, Unusable) as wrong:
        return refuse(str(wrong), USAGE_ERROR)
    secrets = [*common.secrets(), *host.secrets(), *lines.values()]
    logs.configure(common.log_level, common.log_format, secrets, requests.InboundMarks())
    logging.getLogger("mcp").setLevel(max(logging.WARNING, logging.getLogger().level))
    for warning in warnings(env_file):
        logger.warning("%s", warning)
    serving_it = HostProcess(common, host, ring, lines).serve
    try:
        uvloop = find_spec("uvloop") is not None
        return 128 + anyio.run(serving_it, addresses, backend_options={"use_uvloop": uvloop})
    except UnsafeStore as unsafe:
        return refuse(f"RINGCENTRAL_STORE_URL: {unsafe}", USAGE_ERROR)
    except StoreDown as down:
        return refuse(f"RINGCENTRAL_STORE_URL: {down}", FAILED)
    except OSError as taken:
        return refuse(f"--listen or --metrics: {taken.strerror}", FAILED)


def new_key_ring(path: str) -> int:
    """Write a new file of keys, which its owner alone can read, and which must not be there yet."""
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(KeyRing.new_text())
    except OSError as failed:
        return refuse(f"--new-key-ring {path}: {failed.strerror}", FAILED)
    click.echo(f"Wrote {path}. Give every process of the host this file, by RINGCENTRAL_KEY_RING.", err=True)
    return 0


@dataclass(frozen=True, slots=True)
class HostProcess:
    """One process of a host, with what it was started with."""

    common: Settings
    host: HostSettings
    ring: KeyRing
    lines: dict[str, str]

    async def serve(self, addresses: Addresses) -> int:
        """Serve, and return the number of the signal that ended it.

        Raises `UnsafeStore`, `StoreDown`, or OSError where an address is taken.
        """
        metrics = Metrics()
        store = self._store(metrics)
        try:
            for advice in await store.check():
                logger.warning("RINGCENTRAL_STORE_URL: %s", advice)
            return await self._serve_with(store, metrics, addresses)
        finally:
            await store.close()

    def _store(self, metrics: Metrics) -> Store:
        if self.host.store_url is None or self.host.in_memory:
            return memory_store(self.ring, on_trip=metrics.store_trip)
        return open_store(self.host.store_url.get_secret_value(), self.ring, on_trip=metrics.store_trip)

    async def _serve_with(self, store: Store, metrics: Metrics, addresses: Addresses) -> int:
        people = listen(addresses.people)
        side = listen(addresses.metrics) if addresses.metrics is not None else []
        announce = partial(self._announce, _url_of(addresses.people, people), _url_of(addresses.metrics, side))
        try:
            async with self._http() as http:
                fetch = Guarded(USER_AGENT, proxy=self.common.proxy)
                plan = replica.Plan(self.common, self.host, store, http, self.lines, metrics, fetch)
                async with replica.opened(plan, people) as one, serving.aside(metrics, one.health, side):
                    return await serving.serve(one.app, people, self.host, one.health, announce)
        finally:
            for listener in (*people, *side):
                listener.close()

    def _http(self) -> httpx.AsyncClient:
        return build_http(
            self.common.server_url,
            NoCredentialsAuth(),
            proxy=self.common.proxy,
            user_agent=USER_AGENT,
            connections=CONNECTIONS,
        )

    def _announce(self, url: str | None, metrics: str | None) -> None:
        callback = f"{self.host.public_url}{replica.CALLBACK}"
        whom = [f"people who sign in (redirect address {callback})"] if self.host.admission is not None else []
        whom += [f"the {len(self.lines)} people of the file of test users"] if self.lines else []
        click.echo(f"Serving MCP at {url}{PATH} for {' and '.join(whom)}.", err=True)
        if metrics is not None:
            click.echo(f"Metrics at {metrics}/metrics.", err=True)


def refuse(problem: str, code: int) -> int:
    """Say in one line why nothing is served, and return the exit code."""
    click.echo(f"{PROGRAM}: {problem}", err=True)
    return code


def _address(option: str, text: str, *, for_others: bool) -> Address:
    try:
        return read_address(text, for_others=for_others)
    except UnusableAddress as unusable:
        raise Unusable(f"{option}: {unusable}") from None


def _url_of(address: Address | None, listeners: list[socket.socket]) -> str | None:
    return bound(address, listeners).url.removesuffix(PATH) if address is not None else None


def _people(host: HostSettings, test_users: str | None) -> dict[str, str]:
    """Return the people of the development mode, which no other machine may reach; nobody without it."""
    if test_users is None:
        return {}
    if host.public_url is not None and not is_loopback_url(host.public_url):
        raise Unusable("--test-users: is for this machine alone, and RINGCENTRAL_PUBLIC_URL is not a loopback address")
    return read_test_users(Path(test_users))


def _ring(host: HostSettings) -> KeyRing:
    if host.key_ring is None:
        return KeyRing.new()
    try:
        return KeyRing.load(host.key_ring)
    except UnsafeKeys as unsafe:
        raise Unusable(f"RINGCENTRAL_KEY_RING: {unsafe}") from None


def _try_audit_log(common: Settings) -> None:
    """Refuse an audit log that cannot be written: who wants a record gets no calls without one."""
    if (problem := audit_file.problem(common.audit_log)) is not None:
        raise Unusable(problem)
