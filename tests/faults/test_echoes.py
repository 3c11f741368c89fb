"""Secrets that the platform, or a proxy before it, echoes in its answers: none gets to the model."""

import base64
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from faults.scripted import a_meeting, a_page, a_past_meeting, at_work_on, service_info
from ringcentral_meetings.protocol.redaction import redacted

pytestmark = pytest.mark.anyio

TOKEN = "U0pDMDFQMDdQQVMwMnxBQURXXzk3_access"
NAME_LIKE = "tokenOfAnOpaqueKindThatLooksLikeAName"
SECRET = "client-secret-0123456789abcdef"
JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"
BASIC = base64.b64encode(f"client-id:{SECRET}".encode()).decode()
WAYS: dict[str, Callable[[str], Any]] = {
    "request id": lambda said: refusal({}, RCRequestId=said),
    "parameter": lambda said: refusal({"errors": [{"errorCode": "CMN-101", "parameterName": said}]}),
    "code": lambda said: refusal({"errorCode": said}),
    "permission": lambda said: refusal({"errorCode": "CMN-408", "permissionName": said}, status=403),
    "topic": lambda said: a_meeting() | {"topic": said},
    "password": lambda said: a_meeting() | {"password": said},
    "link": lambda said: a_meeting() | {"links": {"joinUri": f"https://meetings.example/j/1?t={said}"}},
    "status": lambda said: a_meeting() | {"status": said},
    "host": lambda said: a_meeting() | {"host": {"id": said}},
}


def refusal(body: dict[str, Any], status: int = 400, **headers: str) -> httpx.Response:
    return httpx.Response(status, content=json.dumps(body), headers=headers)


@pytest.mark.parametrize("token", [TOKEN, NAME_LIKE])
@pytest.mark.parametrize("form", ["{}", "Bearer {}", "Authorization: Bearer {}", '{{"authorization":"Bearer {}"}}'])
@pytest.mark.parametrize("way", WAYS)
async def test_a_token_that_is_echoed_is_taken_out(way: str, form: str, token: str) -> None:
    settings = {"simulator": False, "server_url": "https://platform.example", "access_token": SecretStr(token)}
    async with at_work_on(lambda _: WAYS[way](form.format(token)), **settings) as assistant:
        result = await assistant.client.call_tool("get_meeting", {"meeting_id": "1234567890"})
    whole = result.model_dump_json()
    assert "1234567890" in whole or result.is_error
    assert token[:24] not in whole


async def test_a_token_that_was_issued_by_sign_in_is_taken_out_of_results_and_of_resources() -> None:
    async with at_work_on(lambda request: a_meeting() | {"topic": request.headers["Authorization"]}) as assistant:
        read = await assistant.call("get_meeting", meeting_id="1234567890")
        assert read.data["meeting"]["topic"] == "Bearer [redacted]"
        templates = (await assistant.client.list_resource_templates()).resource_templates
        for template in templates:
            uri = template.uri_template.replace("{meeting_id}", "1234567890")
            assert "scripted-token" not in (await assistant.client.read_resource(uri)).model_dump_json()
        assert templates


@pytest.mark.parametrize("secret", [SECRET, JWT, BASIC])
async def test_what_the_settings_hold_is_taken_out_as_well(secret: str) -> None:
    settings = {
        "simulator": False,
        "server_url": "https://platform.example",
        "client_id": "client-id",
        "client_secret": SecretStr(SECRET),
        "jwt": SecretStr(JWT),
        "token_store": "memory",
    }
    async with at_work_on(lambda _: a_page(a_meeting() | {"topic": f"Plan {secret}"}), **settings) as assistant:
        result = await assistant.client.call_tool("list_meetings", {})
    assert not result.is_error
    assert "Plan [redacted]" in result.model_dump_json()
    assert secret not in result.model_dump_json()


async def test_the_key_of_the_host_in_a_text_of_ringcentral_is_taken_out() -> None:
    def answer(request: httpx.Request) -> Any:
        if request.url.path.endswith("/invitation"):
            return {"invitation": "Join: https://meetings.example/j/1\nHost Key: 654321\nhostKey=654321\nPassword: abc"}
        return service_info() if request.url.path.endswith("/service-info") else a_meeting()

    async with at_work_on(answer) as assistant:
        text = (await assistant.call("get_meeting_invitation", meeting_id="1234567890")).text
    assert "654321" not in text
    assert "abc" in text


async def test_ordinary_words_and_links_stay_as_they_are() -> None:
    words = (
        'Basic training: bearer bonds, "authorization" of the code; password: pw=1 https://x.example/j/1?pwd=a.b&tk=2'
    )
    assert redacted({"a": [words, 1, None, True]}, ["", "ab", "code"]) == {"a": [words, 1, None, True]}
    async with at_work_on(lambda _: a_past_meeting(displayName="Basic training 2026-introduction")) as assistant:
        past = await assistant.client.call_tool("list_past_meetings", {})
    assert "[redacted]" not in past.model_dump_json()
