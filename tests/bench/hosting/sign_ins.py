"""Signing in and refreshing a second, and what a call costs with a token of the host's own beside one of its file."""

import asyncio
import base64
import hashlib
import html
import re
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp

from .. import processes
from ..calls import ask_all
from ..clients import PATIENCE, PRESENT, HttpClient
from .site import FIRST_USER, Replica, site
from .speed import Cost, measure

PEOPLE = 50
AT_ONCE = 10
VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
REDIRECT = "http://127.0.0.1:8912/callback"
OWN_PAGE = {"Sec-Fetch-Site": "same-origin"}
_FIELD = re.compile(r'name="(request|nonce)" value="([^"]*)"')
_ONWARD = re.compile(r'http-equiv="refresh" content="0; url=([^"]*)"')


@dataclass
class Costs:
    """What signing in, refreshing, and calls of either kind of token cost."""

    sign_ins: Cost = field(default_factory=Cost)
    refreshes: Cost = field(default_factory=Cost)
    of_file: Cost = field(default_factory=Cost)
    of_grants: Cost = field(default_factory=Cost)


class Gate:
    """A client of one process's sign-in, and the browsers of its people."""

    def __init__(self, http: aiohttp.ClientSession, replica: Replica) -> None:
        self._http, self._url = http, replica.url
        self._client_id, self._addresses = "", count()

    @property
    def _head(self) -> dict[str, str]:
        """What a balancer says of a request: each from an address of its own, since few sign-ins may come from one."""
        number = next(self._addresses)
        sender = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        return {"Host": "127.0.0.1:8920", "X-Forwarded-For": sender}

    async def register(self) -> None:
        body = {"client_name": "bench", "redirect_uris": [REDIRECT]}
        async with self._http.post(f"{self._url}/register", json=body, headers=self._head) as answer:
            self._client_id = (await answer.json())["client_id"]

    async def sign_in(self, number: int) -> dict[str, Any]:
        """Sign a person in, from the page to the tokens; RingCentral's own pages are left out."""
        asked = {
            "response_type": "code",
            "client_id": self._client_id,
            "redirect_uri": REDIRECT,
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
        }
        cookies: dict[str, str] = {}
        page = await self._visit("GET", "/authorize", cookies, params=asked)
        form = {name: html.unescape(value) for name, value in _FIELD.findall(page)}
        form |= {"decision": "allow", "write": "on"}
        page = await self._visit("POST", "/consent", cookies, data=form)
        [onward] = _ONWARD.findall(page)
        state = parse_qs(urlsplit(html.unescape(onward)).query)["state"][0]
        brought = {"code": f"refresh-{FIRST_USER + number}", "state": state}
        back = await self._visit("GET", "/callback", cookies, params=brought)
        code = parse_qs(urlsplit(back).query)["code"][0]
        given = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT, "code_verifier": VERIFIER}
        return await self._token(given)

    async def refresh(self, tokens: dict[str, Any]) -> None:
        """Replace tokens by the next."""
        given = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
        tokens.update(await self._token(given))

    async def _token(self, given: dict[str, str]) -> dict[str, Any]:
        form = given | {"client_id": self._client_id}
        async with self._http.post(f"{self._url}/token", data=form, headers=self._head) as answer:
            told: dict[str, Any] = await answer.json()
        if answer.status != 200:
            raise ValueError(f"/token: {answer.status} {told}")
        return told

    async def _visit(self, method: str, path: str, cookies: dict[str, str], **more: Any) -> str:
        """Return a page, or where a redirect leads."""
        sent = "; ".join(f"{name}={value}" for name, value in cookies.items())
        headers = self._head | OWN_PAGE | ({"Cookie": sent} if sent else {})
        async with self._http.request(
            method, f"{self._url}{path}", headers=headers, allow_redirects=False, **more
        ) as answer:
            for name, cookie in answer.cookies.items():
                cookies[name] = cookie.value
            if answer.status >= 400:
                raise ValueError(f"{path}: {answer.status} {await answer.text()}")
            return answer.headers.get("Location") or await answer.text()


async def compare(rounds: int, sign_ins: int, calls: int) -> Costs:
    """Everything, one after the other in each round."""
    costs = Costs()
    with site(PEOPLE, ADMITTED_ACCOUNTS="*") as made:
        replica = made.start()
        async with AsyncExitStack() as stack:
            jar = aiohttp.DummyCookieJar()
            http = await stack.enter_async_context(aiohttp.ClientSession(timeout=PATIENCE, cookie_jar=jar))
            of_file = await stack.enter_async_context(made.clients(PEOPLE, replica))
            gate = Gate(http, replica)
            await gate.register()
            tokens = [await gate.sign_in(number) for number in range(PEOPLE)]
            for _ in range(rounds):
                await _timed(costs.sign_ins, _by_turns(gate.sign_in, list(range(PEOPLE))), replica, sign_ins)
                await _timed(costs.refreshes, _by_turns(gate.refresh, tokens), replica, sign_ins)
                url = f"{replica.url}/mcp"
                of_grants = [HttpClient(http, url, PRESENT, one["access_token"]) for one in tokens]
                await measure(costs.of_file, of_file, [replica.pid], AT_ONCE, calls)
                await measure(costs.of_grants, of_grants, [replica.pid], AT_ONCE, calls)
    return costs


def _by_turns(act: Callable[[Any], Awaitable[object]], of: Sequence[Any]) -> Callable[[], Awaitable[object]]:
    turns = count()
    return lambda: act(of[next(turns) % len(of)])


async def _timed(cost: Cost, act: Callable[[], Awaitable[object]], replica: Replica, number: int) -> None:
    began, busy = time.perf_counter(), processes.cpu_seconds(replica.pid)
    await ask_all(partial(act), AT_ONCE, number)
    cost.rate.values.append(number / (time.perf_counter() - began))
    cost.cpu.values.append((processes.cpu_seconds(replica.pid) - busy) * 1000 / number)


def run(*, quick: bool) -> Costs:
    """What was measured."""
    return asyncio.run(compare(1, 10, 20) if quick else compare(7, 100, 400))
