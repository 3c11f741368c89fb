"""Typed operations of RingCentral Video, and those that they depend on.

Names, paths and plan groups: RingCentral's OpenAPI of 2026-08. Every method raises `Refused` if nothing was done
and `Unanswered` if the outcome is unknown.
"""

from collections.abc import Mapping
from typing import Any, Final

from ringcentral_meetings.platform.api.meetings import EXTENSION, OWN
from ringcentral_meetings.platform.api.meetings_wire import Person
from ringcentral_meetings.platform.api.reading import read, unreadable
from ringcentral_meetings.platform.api.video_wire import Bridge, Conferencing, Delegators
from ringcentral_meetings.platform.client import Answer, PlatformClient

BRIDGES: Final = "/rcvideo/v2/account/{accountId}/extension/{extensionId}/bridges"
BRIDGE: Final = "/rcvideo/v2/bridges/{bridgeId}"
BY_WEB_PIN: Final = "/rcvideo/v2/bridges/pin/web/{pin}"
BY_PHONE_PIN: Final = "/rcvideo/v2/bridges/pin/pstn/{pin}"
DELEGATORS: Final = "/rcvideo/v1/accounts/{accountId}/extensions/{extensionId}/delegators"
CONFERENCING: Final = f"{EXTENSION}/conferencing"


class VideoOperations:
    """Typed calls on behalf of one account. `extension_id` is the host's; `~` is the signed-in user.

    `hash_of_password` is what a join link holds in `pw`; those who may manage the room do not need it.
    """

    def __init__(self, client: PlatformClient, account_id: str = OWN) -> None:
        self._client = client
        self._account_id = account_id

    def _values(self, extension_id: str) -> dict[str, str]:
        return {"accountId": self._account_id, "extensionId": extension_id}

    async def create_bridge(self, body: Mapping[str, Any], extension_id: str = OWN) -> Bridge:
        """`createBridge`. Calling it twice makes two rooms."""
        answer = await self._client.request(
            "POST", BRIDGES, values=self._values(extension_id), json=body, group="heavy"
        )
        return read(Bridge, answer)

    async def load_default_bridge(self, extension_id: str = OWN) -> Bridge:
        """`getDefaultBridge`: the personal room."""
        path = f"{BRIDGES}/default"
        return _room(await self._client.request("GET", path, values=self._values(extension_id), group="medium"))

    async def load_bridge(self, bridge_id: str, hash_of_password: str | None = None) -> Bridge:
        """`getBridge`."""
        return await self._find(BRIDGE, {"bridgeId": bridge_id}, hash_of_password)

    async def load_bridge_by_web_pin(self, pin: str, hash_of_password: str | None = None) -> Bridge:
        """`getBridgeByWebPin`: by the PIN of a join link, or a personal meeting name."""
        return await self._find(BY_WEB_PIN, {"pin": pin}, hash_of_password)

    async def load_bridge_by_phone_pin(self, pin: str) -> Bridge:
        """`getBridgeByPstnPin`: by the PIN that guests dial."""
        return await self._find(BY_PHONE_PIN, {"pin": pin}, None)

    async def update_bridge(self, bridge_id: str, body: Mapping[str, Any]) -> Bridge:
        """`updateBridge`: PATCH, so that what `body` leaves out stays."""
        answer = await self._client.request("PATCH", BRIDGE, values={"bridgeId": bridge_id}, json=body, group="medium")
        return read(Bridge, answer)

    async def delete_bridge(self, bridge_id: str) -> None:
        """`deleteBridge`."""
        await self._client.request("DELETE", BRIDGE, values={"bridgeId": bridge_id}, group="medium")

    async def list_delegators(self, extension_id: str = OWN) -> list[Person]:
        """`rcvListDelegators`: in whose name the user may create rooms.

        The reference has `items`; the developer guide and RingCentral's own clients read a bare array.
        """
        answer = await self._client.request("GET", DELEGATORS, values=self._values(extension_id), group="medium")
        if isinstance(answer.data, list):
            return Delegators.model_validate({"items": answer.data}).items
        return read(Delegators, answer).items

    async def load_conferencing(self, extension_id: str = OWN) -> Conferencing:
        """`readConferencingSettings`: the numbers to dial."""
        answer = await self._client.request("GET", CONFERENCING, values=self._values(extension_id), group="light")
        return read(Conferencing, answer)

    async def _find(self, path: str, values: Mapping[str, str], hash_of_password: str | None) -> Bridge:
        query = {"pw": hash_of_password} if hash_of_password else None
        return _room(await self._client.request("GET", path, values=values, query=query, group="medium"))


def _room(answer: Answer) -> Bridge:
    bridge = read(Bridge, answer)
    if not bridge.id:
        raise unreadable(answer, "it is not a room")
    return bridge
