"""Which meeting product somebody has: read from RingCentral, and again after a while or when it is refused."""

from collections.abc import Callable, Mapping
from typing import Final, Literal

import anyio
from whenever import Instant

from ringcentral_meetings import errors
from ringcentral_meetings.domain.meeting import ProductName
from ringcentral_meetings.platform.api.meetings import OWN, Operations
from ringcentral_meetings.products.hosts import TOLERATED_REFUSALS
from ringcentral_meetings.products.refusals import Wording
from ringcentral_meetings.products.remembered import Remembered

Lacking = Callable[[errors.Upstream | None], errors.Refused]
ProductSetting = Literal["auto", "meetings", "video"]

MEETINGS: Final = "RingCentral Meetings"
VIDEO: Final = "RingCentral Video"

_CHOSEN: Final[Mapping[str, ProductName]] = {"meetings": MEETINGS, "video": VIDEO}
_PRODUCTS: Final[Mapping[str, ProductName]] = {"RCMeetings": MEETINGS, "None": MEETINGS, "RCVideo": VIDEO}
"""By `provider` (API reference, `readUserVideoConfiguration`). RingCentral's own clients take `None` for Meetings."""

_SCOPES: Final[Mapping[str, ProductName]] = {"Meetings": MEETINGS, "Video": VIDEO}
_NO_SUCH_URI: Final = "CMN-120"


class ProductResolver:
    """Finds out the product of each host, by extension id; `choice` is the setting, `known` what was found out."""

    def __init__(self, choice: ProductSetting, now: Callable[[], Instant], known: Remembered[ProductName]) -> None:
        self.choice = choice
        self._known = known
        self._providers = Remembered[str](now)
        self._lock = anyio.Lock()

    async def product_of(self, extension_id: str, operations: Operations) -> ProductName:
        """Return the product of somebody's meetings.

        Raises:
            errors.MeetingsError: it cannot be found out, and a guess might show an empty calendar.
        """
        if self.choice != "auto":
            return _CHOSEN[self.choice]
        if (known := self._known.get(extension_id)) is not None:
            return known
        async with self._lock:
            if (known := self._known.get(extension_id)) is not None:
                return known
            found = await self._find_out(extension_id, operations)
            self._known.learn(extension_id, found)
            return found

    async def _find_out(self, extension_id: str, operations: Operations) -> ProductName:
        problem: errors.Refused | None = None
        try:
            product = _PRODUCTS.get((await operations.load_video_configuration(extension_id)).provider or "")
        except errors.Refused as refused:
            if refused.code not in TOLERATED_REFUSALS:
                raise
            product, problem = None, refused
        if product is None and extension_id != OWN:
            return await self._find_out(OWN, operations)
        return product or await _by_scopes(operations, problem)

    def for_product(self, tried: ProductName, operations: Operations, lacking: Lacking | None = None) -> Wording:
        """Return the wording of refusals that show that the user lacks the product `tried`: it names the right one.

        `lacking` words the refusal if they do have it, but not the part that was asked for.
        """

        async def words(refused: errors.Refused) -> errors.Refused | None:
            if not _is_about_the_product(tried, refused):
                return None
            provider = await self._provider(operations)
            has = _PRODUCTS.get(provider)
            if has is None:
                return None
            self._known.forget_all()
            self._known.learn(OWN, has)
            if has == tried and lacking is not None:
                return lacking(refused.upstream)
            if has == tried:
                return errors.no_api_of_product(tried, provider, refused.upstream)
            forced = self.choice != "auto"
            return errors.on_other_product(tried, has, refused.upstream, chosen_by_setting=forced)

        return words

    async def _provider(self, operations: Operations) -> str:
        """Return the provider that RingCentral names. Unless a setting decides, it is read each time: accounts move."""
        provider = self._providers.get(OWN) if self.choice != "auto" else None
        if provider is None:
            try:
                provider = (await operations.load_video_configuration(OWN)).provider or ""
            except errors.MeetingsError:
                return ""
            self._providers.learn(OWN, provider)
        return provider


async def _by_scopes(operations: Operations, problem: errors.Refused | None) -> ProductName:
    """Return the product of the one meeting scope that the app was granted."""
    token = await operations.token()
    granted = token.scope.split() if token is not None else []
    found = {product for scope, product in _SCOPES.items() if scope in granted}
    if len(found) != 1:
        raise errors.product_unknown(problem)
    return found.pop()


def _is_about_the_product(tried: ProductName, refused: errors.Refused) -> bool:
    """Return whether a refusal is about the product, not one meeting: RingCentral Video's 404 of a room has no code."""
    upstream = refused.upstream
    if refused.code == "feature_unavailable":
        return True
    if upstream is None or upstream.http_status != 404:
        return False
    return upstream.error_code == _NO_SUCH_URI or (tried == MEETINGS and upstream.error_code != "CMN-102")
