"""The user's products: which one a call goes to, and what is true of the account whichever it is."""

from collections.abc import Callable
from dataclasses import dataclass, field

from whenever import Instant

from ringcentral_meetings.domain.meeting import Host, ProductName
from ringcentral_meetings.platform import waits
from ringcentral_meetings.platform.api.meetings import OWN, Operations
from ringcentral_meetings.platform.client import PlatformClient
from ringcentral_meetings.platform.records import MemoryRecord, Record
from ringcentral_meetings.platform.waits import OnWait
from ringcentral_meetings.products import MeetingProduct
from ringcentral_meetings.products.hosts import HostDirectory
from ringcentral_meetings.products.provider import VIDEO, ProductResolver, ProductSetting


@dataclass(frozen=True, slots=True)
class Products:
    """Both products of RingCentral, and whose meetings are on which; `host` is the configured one.

    Each is made when the first call goes to it: most people have one alone, and a start pays for neither.
    """

    operations: Operations
    provider: ProductResolver
    make: Callable[[ProductName], MeetingProduct]
    host: str = OWN
    hosts: HostDirectory = field(default_factory=HostDirectory)
    _made: dict[ProductName, MeetingProduct] = field(default_factory=dict)

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
        record: Record | None = None,
        place: str = "",
    ) -> "Products":
        """Both products over one client. `choice` is what the settings say of the product.

        `record` is where creations are remembered until their outcome is known, this process where none is given;
        `place` tells simulated platforms in it apart.
        """
        operations, provider = Operations(client, account_id), ProductResolver(choice)
        kept = record or MemoryRecord()

        def make(name: ProductName) -> MeetingProduct:
            from ringcentral_meetings.platform.api.history import HistoryOperations
            from ringcentral_meetings.products.unsettled import Creations

            creations = Creations(now, kept, place)
            history = HistoryOperations(client, account_id)
            if name == VIDEO:
                from ringcentral_meetings.platform.api.video import VideoOperations
                from ringcentral_meetings.products.video.product import RingCentralVideo

                rooms = VideoOperations(client, account_id)
                return RingCentralVideo(rooms, operations, history, provider, creations, host=host)
            from ringcentral_meetings.products.meetings.product import RingCentralMeetings

            return RingCentralMeetings(
                operations, history, provider, now, creations, host=host, reveal_start_link=reveal_start_link
            )

        return cls(operations, provider, make, host)

    async def of(self, host_id: str | None, on_wait: OnWait | None = None) -> MeetingProduct:
        """The product of a host. `on_wait`, where given, hears of the call's waits from now on.

        Raises:
            errors.MeetingsError: nobody is signed in, or it cannot be found out.
        """
        if on_wait is not None:
            waits.report_to(on_wait)
        return self._product(await self.provider.product_of(host_id or self.host, self.operations))

    def _product(self, name: ProductName) -> MeetingProduct:
        if name not in self._made:
            self._made[name] = self.make(name)
        return self._made[name]

    async def host_of(self, host_id: str | None) -> Host:
        """Whose meetings they are, as far as RingCentral says: at least the `host_id` given."""
        return await self.hosts.find(self.operations, host_id or self.host) or Host(host_id)

    async def account_zone(self) -> str | None:
        """The IANA zone of the signed-in user's account; None where it is not told."""
        told = await self.hosts.find(self.operations, OWN)
        return told.zone if told is not None else None
