"""What the tools of a process work with that serves one person. Imported with the first call."""

from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack

import httpx
from whenever import Instant

from ringcentral_meetings.completion import Completion
from ringcentral_meetings.connection import connect, creations_record
from ringcentral_meetings.platform.client import PlatformClient
from ringcentral_meetings.platform.limits import Clock, RateLimits
from ringcentral_meetings.platform.records import LocalRecordTurns
from ringcentral_meetings.products.choice import Products
from ringcentral_meetings.products.memories import Memories
from ringcentral_meetings.settings import Settings
from ringcentral_meetings.tools import Services


def open_services(
    settings: Settings,
    limits: RateLimits,
    clock: Clock,
    transport: httpx.AsyncBaseTransport | None,
    now: Callable[[], Instant],
    closing: AsyncExitStack,
) -> Services:
    """Connect as the settings say, until `closing` closes; nothing is sent yet. `transport` replaces the network."""
    connection = connect(settings, limits, clock, closing, transport, now)
    client = PlatformClient(
        connection.http, limits, clock=clock, read_timeout=settings.timeout, write_timeout=min(settings.timeout, 20.0)
    )
    products = Products.over(
        client,
        now,
        choice=settings.product,
        account_id=settings.account_id,
        host=settings.host_id,
        reveal_start_link=settings.reveal_start_link,
        memories=Memories(creations=LocalRecordTurns(creations_record(settings))),
        feeds=connection.feeds,
        zone=settings.time_zone,
        place=str(settings.simulator_data.absolute()) if settings.simulator and settings.simulator_data else "",
    )

    def secrets() -> Iterator[str]:
        yield from settings.secrets()
        yield from client.secrets()

    complete = Completion(limits, clock).values
    return Services(products, now, settings.time_zone, settings.confirm, settings.read_only, secrets, complete)
