"""The user's products: which one a call goes to, and what is true of the account whichever it is."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

from whenever import Instant

from ringcentral_meetings.calendars import Calendars
from ringcentral_meetings.domain.meeting import Host, ProductName
from ringcentral_meetings.platform import call_context
from ringcentral_meetings.platform.api.meetings import OWN, Operations
from ringcentral_meetings.platform.call_context import OnWait
from ringcentral_meetings.platform.client import PlatformClient
from ringcentral_meetings.products import MeetingProduct
from ringcentral_meetings.products.facts import PersonFacts
from ringcentral_meetings.products.hosts import HostDirectory
from ringcentral_meetings.products.memories import Memories, SharedFacts
from ringcentral_meetings.products.provider import VIDEO, ProductResolver, ProductSetting

T = TypeVar("T")

OpenFeeds = Callable[[str, frozenset[str]], Calendars]
"""Opens the calendars of whom these e-mail addresses are; times without a zone are in the IANA zone given."""


@dataclass(slots=True)
class _Memory:
    """All that is remembered between the calls of one person: `owner` says of whom, None before anybody signed in.

    A product, with what it remembers itself, is made when the first call goes to it: most people have one alone, and a
    start pays for neither.
    """

    owner: str | None
    provider: ProductResolver
    hosts: HostDirectory
    made: dict[ProductName, MeetingProduct] = field(default_factory=dict)


@dataclass(slots=True)
class Products:
    """Both products of RingCentral, and whose meetings are on which; `host` is the configured one.

    The token store may take up another login while the process runs: nothing that is remembered of the person before
    is used for the one after.
    """

    operations: Operations
    make: Callable[[ProductName, ProductResolver], MeetingProduct]
    now: Callable[[], Instant]
    choice: ProductSetting = "auto"
    host: str = OWN
    feeds: OpenFeeds | None = None
    zone: str | None = None
    shared: SharedFacts | None = None
    _memory: _Memory | None = None
    _opened: dict[tuple[str, frozenset[str]], Calendars] = field(default_factory=dict)

    @classmethod
    def over(
        cls,
        client: PlatformClient,
        now: Callable[[], Instant],
        *,
        choice: ProductSetting = "auto",
        account_id: str = OWN,
        host: str = OWN,
        reveal_start_link: bool = False,
        memories: Memories | None = None,
        place: str = "",
        feeds: OpenFeeds | None = None,
        zone: str | None = None,
    ) -> "Products":
        """Return both products over one client. `choice` is what the settings say of the product.

        `memories` is what outlives a call, of this process where none is given; `place` names a simulated platform in
        it. `feeds` opens the calendars of the configured person, whose zone
        is `zone`, else that of the account.
        """
        operations = Operations(client, account_id)
        kept = memories or Memories()

        def make(name: ProductName, provider: ProductResolver) -> MeetingProduct:
            from ringcentral_meetings.platform.api.history import HistoryOperations
            from ringcentral_meetings.products.agenda import OwnCalendar
            from ringcentral_meetings.products.unsettled import Creations

            creations = Creations(now, kept, place)
            calendar = OwnCalendar(operations, host, products.agenda, now) if feeds is not None else None
            history = HistoryOperations(client, account_id)
            if name == VIDEO:
                from ringcentral_meetings.platform.api.video import VideoOperations
                from ringcentral_meetings.products.video.product import RingCentralVideo

                rooms = VideoOperations(client, account_id)
                return RingCentralVideo(
                    rooms, operations, history, provider, creations, now=now, calendar=calendar, host=host
                )
            from ringcentral_meetings.products.meetings.product import RingCentralMeetings

            return RingCentralMeetings(
                operations,
                history,
                provider,
                now,
                creations,
                calendar=calendar,
                host=host,
                reveal_start_link=reveal_start_link,
            )

        products = cls(operations, make, now, choice, host, feeds, zone, kept.facts)
        return products

    async def of(self, host_id: str | None, on_wait: OnWait | None = None) -> MeetingProduct:
        """Return the product of a host. `on_wait`, where given, hears of the call's waits from now on.

        Raises:
            errors.MeetingsError: nobody is signed in, or it cannot be found out.
        """
        if on_wait is not None:
            call_context.report_waits_to(on_wait)
        memory = await self._own_memory()
        name = await self._learnt(memory, memory.provider.product_of(host_id or self.host, self.operations))
        if name not in memory.made:
            memory.made[name] = self.make(name, memory.provider)
        return memory.made[name]

    async def product_name(self) -> ProductName:
        """Return the name of the configured host's product. Raises as `of`."""
        memory = await self._own_memory()
        return await self._learnt(memory, memory.provider.product_of(self.host, self.operations))

    async def owner(self) -> str | None:
        """Return who is signed in, as far as known without signing in; it differs between persons and servers."""
        return await self.operations.owner()

    async def _own_memory(self) -> _Memory:
        """Return the memory of the person who is signed in now, a new one if it is somebody else than before."""
        owner = await self.operations.owner()
        if self._memory is None or self._memory.owner not in {None, owner}:
            facts = self.shared.of_person if self.shared and self._memory is None else PersonFacts(self.now)
            resolver = ProductResolver(self.choice, self.now, facts.products)
            self._memory = _Memory(owner, resolver, HostDirectory(facts.hosts))
        self._memory.owner = owner
        if self.shared is not None:
            await self.shared.refresh()
        return self._memory

    async def _learnt(self, memory: _Memory, asked: Awaitable[T]) -> T:
        """Return a fact to remember. Reading the first one signs in, which shows whose memory it is."""
        fact = await asked
        memory.owner = memory.owner or await self.operations.owner()
        return fact

    async def host_of(self, host_id: str | None) -> Host:
        """Return whose meetings they are, as far as RingCentral says: at least the `host_id` given."""
        memory = await self._own_memory()
        found = await self._learnt(memory, memory.hosts.find(self.operations, host_id or self.host))
        return found or Host(host_id)

    async def agenda(self) -> Calendars | None:
        """Return the calendars of the configured person; None if none are set. Raises as `account_zone`."""
        if self.feeds is None:
            return None
        person = await self._person()
        zone, email = (person.zone, person.email) if person is not None else (None, None)
        key = (self.zone or zone or "UTC", frozenset({email.lower()} if email else ()))
        if key not in self._opened:
            self._opened[key] = self.feeds(*key)
        return self._opened[key]

    async def account_zone(self) -> str | None:
        """Return the IANA zone of the signed-in user's account; None if RingCentral does not say."""
        person = await self._person()
        return person.zone if person is not None else None

    async def _person(self) -> Host | None:
        memory = await self._own_memory()
        return await self._learnt(memory, memory.hosts.find(self.operations, OWN))
