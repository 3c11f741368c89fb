"""What the tests of the simulator share: a clock to turn, a signed-in caller, and bodies to send."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from ringcentral_meetings.simulator import CLIENT_ID, CLIENT_SECRET, JWT, Simulator

BASE_URL = "https://platform.ringcentral.com"
EXTENSION = "/restapi/v1.0/account/~/extension/~"
JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
TOKEN_PATH = "/restapi/oauth/token"
NOON = datetime(2026, 10, 20, 12, 0, tzinfo=UTC)


@dataclass
class Clock:
    """A clock that stands still until it is turned; also a sleep that turns it."""

    seconds: float = NOON.timestamp()

    def __call__(self) -> float:
        return self.seconds

    def turn(self, **delta: float) -> None:
        self.seconds += timedelta(**delta).total_seconds()

    async def sleep(self, seconds: float) -> None:
        self.seconds += seconds


@dataclass
class Caller:
    """An HTTP client with a bearer token, whose paths start at the extension unless they start with `/`."""

    client: httpx.AsyncClient
    simulator: Simulator

    async def call(self, method: str, path: str, **more: Any) -> httpx.Response:
        whole = path if path.startswith("/") else f"{EXTENSION}/{path}".rstrip("/")
        return await self.client.request(method, whole, **more)

    async def get(self, path: str, **more: Any) -> httpx.Response:
        return await self.call("GET", path, **more)

    async def listed(self) -> list[str]:
        answer = await self.get("meeting")
        return [record["topic"] for record in answer.json()["records"]]

    async def create(self, **fields: Any) -> httpx.Response:
        return await self.call("POST", "meeting", json=fields)

    async def created(self, **fields: Any) -> dict[str, Any]:
        answer = await self.create(**fields)
        assert answer.status_code == 201, answer.text
        body: dict[str, Any] = answer.json()
        return body

    async def log_in_again(self) -> None:
        token = (await log_in(self.client)).json()["access_token"]
        self.client.headers["Authorization"] = f"Bearer {token}"

    async def zone_id(self, name: str) -> str:
        answer = await self.get("/restapi/v1.0/dictionary/timezone", params={"perPage": "1000"})
        return next(str(record["id"]) for record in answer.json()["records"] if record["name"] == name)


def client_of(simulator: Simulator, **more: Any) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=simulator.transport(), base_url=BASE_URL, **more)


async def log_in(client: httpx.AsyncClient, **form: str) -> httpx.Response:
    data = {"grant_type": JWT_GRANT, "assertion": JWT} | form
    return await client.post(TOKEN_PATH, data=data, auth=(CLIENT_ID, CLIENT_SECRET))


def schedule(start: str = "2026-11-24T15:00:00Z", minutes: int = 30, zone: str = "1") -> dict[str, Any]:
    return {"startTime": start, "durationInMinutes": minutes, "timeZone": {"id": zone}}


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["errors"][0]["errorCode"]


def refusal(answer: httpx.Response) -> tuple[int, str, str | None]:
    return (*code(answer), answer.json()["errors"][0].get("parameterName"))
