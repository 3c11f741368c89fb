"""How the view is published: with the tools whose results it draws, and as a resource, in both protocol eras."""

import pytest
from mcp.server.apps import EXTENSION_ID
from mcp_types import TextResourceContents

from assistant import MODES, Mode, at_work
from ringcentral_meetings import views

pytestmark = pytest.mark.anyio

DRAWN = {"list_meetings", "find_meeting_times", "get_meeting", "create_meeting"}


@pytest.mark.parametrize("mode", MODES)
async def test_the_tools_whose_results_it_draws_name_it_and_no_others(mode: Mode) -> None:
    async with at_work(mode=mode) as assistant:
        tools = (await assistant.client.list_tools()).tools
        named = {tool.name: tool.meta for tool in tools if tool.meta}
        assert named == {name: {"ui": {"resourceUri": views.uri()}} for name in DRAWN}


@pytest.mark.parametrize("mode", MODES)
async def test_the_address_gives_the_page_and_what_a_host_is_to_know_of_it(mode: Mode) -> None:
    async with at_work(mode=mode) as assistant:
        (page,) = (await assistant.client.read_resource(views.uri())).contents
        assert isinstance(page, TextResourceContents)
        assert page.mime_type == "text/html;profile=mcp-app"
        assert page.text == views.page()
        assert page.meta == views.META


async def test_an_address_from_before_an_update_gives_the_present_page() -> None:
    async with at_work() as assistant:
        (page,) = (await assistant.client.read_resource("ui://ringcentral-meetings/view-0123abcd.html")).contents
        assert isinstance(page, TextResourceContents)
        assert page.text == views.page()


async def test_another_page_has_another_address(monkeypatch: pytest.MonkeyPatch) -> None:
    before = views.uri()
    views.uri.cache_clear()
    monkeypatch.setattr(views, "page", lambda: "another page")
    assert views.uri() != before
    views.uri.cache_clear()


async def test_the_server_says_that_it_knows_mcp_apps() -> None:
    async with at_work() as assistant:
        capabilities = assistant.client.server_capabilities
        assert capabilities is not None
        assert EXTENSION_ID in (capabilities.extensions or {})
