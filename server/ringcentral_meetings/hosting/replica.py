"""One process of a host, put together: the people's services, the MCP server before them, and the door to both."""

import socket
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial

import httpx
from mcp.server.request_state import RequestStateSecurity
from starlette.types import ASGIApp
from whenever import Instant

from ringcentral_meetings.app import build_server_behind, common_fields
from ringcentral_meetings.hosting import requests, serving
from ringcentral_meetings.hosting.doorman import Doorman
from ringcentral_meetings.hosting.file_of_users import FileOfUsers, SignIn
from ringcentral_meetings.hosting.metrics import HostRecord, Metrics
from ringcentral_meetings.hosting.settings import HostSettings
from ringcentral_meetings.platform import call_context
from ringcentral_meetings.platform.limits import Clock, LoopClock
from ringcentral_meetings.protocol.audit import AuditLog
from ringcentral_meetings.protocol.server import ContractServer
from ringcentral_meetings.settings import Settings
from ringcentral_meetings.store import Store
from ringcentral_meetings.tools import Door
from ringcentral_meetings.users import Users, hosted_app
from ringcentral_meetings.users.sign_in import sign_in


@dataclass(frozen=True, slots=True)
class Replica:
    """What a process serves: the application, whether it is to be sent requests, and whom it knows."""

    app: ASGIApp
    health: serving.Health
    users: Users
    metrics: Metrics


@dataclass(frozen=True, slots=True)
class Plan:
    """What a process of a host is made of. `lines` are the test users, `http` the connections of all people."""

    common: Settings
    host: HostSettings
    store: Store
    http: httpx.AsyncClient
    lines: Mapping[str, str] = field(repr=False)
    metrics: Metrics
    clock: Clock = field(default_factory=LoopClock)
    now: Callable[[], Instant] = Instant.now


@asynccontextmanager
async def opened(plan: Plan, listeners: Sequence[socket.socket] = ()) -> AsyncIterator[Replica]:
    """Run a process of a host, of which `listeners` are the sockets that will be served."""
    users = Users(
        plan.common,
        plan.store,
        plan.http,
        plan.clock,
        plan.now,
        on_wait=plan.metrics.waited,
        seconds=plan.clock.now,
    )
    plan.metrics.watch_users(users.__len__)
    mcp = serving.build_mcp_app(_server(plan, users), plan.host, listeners)
    people = FileOfUsers(plan.lines, plan.common.server_url, plan.store, _signing_in(plan))
    doorman = Doorman(mcp, people.identify, plan.store, users, plan.host, plan.metrics)
    health = serving.Health(plan.store)
    async with mcp.router.lifespan_context(mcp):
        yield Replica(serving.build_app(doorman, health), health, users, plan.metrics)


def _audit_log(settings: Settings, now: Callable[[], Instant]) -> AuditLog | None:
    """Return the audit log that the settings ask for, whose lines name the person by a digest."""
    if settings.audit_log is None:
        return None
    return AuditLog(settings.audit_log, now, call_context.follow_requests, common_fields(settings), _who)


def _signing_in(plan: Plan) -> SignIn:
    app = hosted_app(plan.common)
    return partial(sign_in, app=app, http=plan.http, ring=plan.store.ring, clock=plan.clock)


def _server(plan: Plan, users: Users) -> ContractServer[Door]:
    @asynccontextmanager
    async def door() -> AsyncIterator[Door]:
        yield users.door

    sealed = RequestStateSecurity(keys=plan.store.ring.request_state_keys(), audience=plan.host.public_url)
    server = build_server_behind(door, plan.common, request_state=sealed)
    server.record_with(HostRecord(plan.metrics, _audit_log(plan.common, plan.now), time.monotonic))
    return server


def _who() -> str | None:
    inbound = requests.current()
    return inbound.user if inbound is not None else None
