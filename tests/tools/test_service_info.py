"""Facts about the meeting service: whom to ring, whom to ask, and no credential of the host."""

import json
from typing import Any

import httpx
import pytest
from mcp import Client

from assistant import at_work
from ringcentral_meetings.app import build_server
from ringcentral_meetings.protocol.contract import MAX_RESULT_BYTES
from ringcentral_meetings.settings import Settings

pytestmark = pytest.mark.anyio


async def answered(payload: dict[str, Any], **arguments: Any) -> tuple[str, dict[str, Any]]:
    """The tool's answer where RingCentral answers so."""
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json=payload))
    settings = Settings(access_token="given-token", log_level="CRITICAL", product="meetings")
    async with Client(build_server(settings, transport=transport)) as client:
        result = await client.call_tool("get_meeting_service_info", arguments)
    assert not result.is_error
    assert result.structured_content is not None
    return json.dumps(result.structured_content, ensure_ascii=False), result.structured_content


def number(index: int, iso: str, name: str) -> dict[str, Any]:
    return {
        "phoneNumber": f"+1555{index:07}",
        "formattedNumber": f"+1 555 {index:07}",
        "location": f"City {index}",
        "country": {"isoCode": iso, "name": name},
    }


async def test_it_tells_dial_in_numbers_support_and_the_personal_meeting() -> None:
    async with at_work() as assistant:
        info = (await assistant.call("get_meeting_service_info")).data
        assert info["dial_in_numbers"][0] == {
            "number": "+1 (646) 3573664",
            "country": "US",
            "country_name": "United States",
            "location": "New York",
        }
        assert info["countries"] == ["AU", "CA", "DE", "FR", "GB", "JP", "US"]
        assert info["support_url"] == "https://support.ringcentral.com/meetings"
        assert info["international_numbers_url"] == "https://meetings.ringcentral.com/teleconference"
        assert info["personal_meeting_id"] == "4155550101"
        assert info["personal_link"] == "https://meetings.ringcentral.com/my/robin"
        assert info["personal_id_for_instant_meetings"] is False
        assert "more_numbers" not in info
        assert "hint" not in info


@pytest.mark.parametrize("country", ["US", "us", "United States", "united  STATES ", "\uff35\uff33"])
async def test_numbers_are_filtered_by_the_code_or_the_name_of_a_country(country: str) -> None:
    async with at_work() as assistant:
        info = (await assistant.call("get_meeting_service_info", country=country)).data
        assert [one["location"] for one in info["dial_in_numbers"]] == ["New York", "San Jose"]
        assert "countries" not in info


@pytest.mark.parametrize("country", ["UK", "England", "Great Britain", "Reino Unido", "+44"])
async def test_a_country_is_understood_as_people_write_it(country: str) -> None:
    async with at_work() as assistant:
        info = (await assistant.call("get_meeting_service_info", country=country)).data
        assert {one["country"] for one in info["dial_in_numbers"]} == {"GB"}


async def test_an_unknown_country_is_not_called_one_without_numbers() -> None:
    async with at_work() as assistant:
        unknown = (await assistant.call("get_meeting_service_info", country="Germny")).data
        assert "not a known country" in unknown["hint"]
        assert "Germany" in unknown["hint"]
        assert "No dial-in number" not in unknown["hint"]
        without = (await assistant.call("get_meeting_service_info", country="Iceland")).data
        assert without["hint"].startswith("No dial-in number in Iceland")
        assert without["countries"] == unknown["countries"]


@pytest.mark.parametrize("country", ["Narnia", "U"])
async def test_where_a_country_has_no_number_those_that_have_some_are_listed(country: str) -> None:
    async with at_work() as assistant:
        info = (await assistant.call("get_meeting_service_info", country=country)).data
        assert info["dial_in_numbers"] == []
        assert "US" in info["countries"]
        assert info["hint"]


async def test_the_hosts_key_and_token_do_not_get_out() -> None:
    async with at_work() as assistant:
        text = (await assistant.call("get_meeting_service_info")).text
        assert "SIMUSERTOKEN" not in text
        assert "token" not in text.lower()
        assert "hostkey" not in text.lower().replace("_", "")
    external = {"userToken": "canary-token", "hostKey": "493817", "userId": "canary-user", "personalMeetingId": "77"}
    text, info = await answered({"externalUserInfo": external, "dialInNumbers": []})
    assert info["personal_meeting_id"] == "77"
    assert not any(secret in text for secret in ("canary-token", "493817", "canary-user"))


async def test_another_persons_facts_are_read_under_their_extension() -> None:
    async with at_work() as assistant:
        executive = assistant.simulator.executive_id
        info = (await assistant.call("get_meeting_service_info", host_id=executive)).data
        assert info["personal_link"] == "https://meetings.ringcentral.com/my/helena"
        assert assistant.sent("GET")[0].path.endswith(f"/extension/{executive}/meeting/service-info")


async def test_no_more_than_fifty_numbers_are_shown_and_the_rest_are_counted() -> None:
    numbers = [number(index, "US" if index % 2 else "CA", "x") for index in range(300)]
    text, info = await answered({"dialInNumbers": numbers})
    assert (len(info["dial_in_numbers"]), info["more_numbers"]) == (50, 250)
    assert info["countries"] == ["CA", "US"]
    assert len(text.encode()) < MAX_RESULT_BYTES
    _, info = await answered({"dialInNumbers": numbers}, country="CA")
    assert (len(info["dial_in_numbers"]), info["more_numbers"]) == (50, 100)


async def test_an_answer_that_tells_next_to_nothing_is_no_error() -> None:
    payloads: list[dict[str, Any]] = [
        {},
        {"dialInNumbers": None, "externalUserInfo": None},
        {"dialInNumbers": [{}], "externalUserInfo": []},
    ]
    for payload in payloads:
        _, info = await answered(payload)
        assert "personal_meeting_id" not in info


async def test_the_text_of_others_is_cleaned() -> None:
    hidden = "Lon\u202edon\u200b"
    payload = {
        "supportUri": "https://support.example/\u202ehelp",
        "intlDialInNumbersUri": "https://dial.example/\u200b",
        "dialInNumbers": [
            {"phoneNumber": "+44\u202e20", "location": hidden, "country": {"isoCode": "G\u200bB", "name": hidden}}
        ],
        "externalUserInfo": {"personalLink": "https://me.example/\u202e", "personalMeetingId": "77\u200b"},
    }
    text, info = await answered(payload)
    assert "\u202e" not in text
    assert "\u200b" not in text
    assert info["dial_in_numbers"][0]["location"] == "London"
