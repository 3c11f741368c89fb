"""README and docs/ name everything that there is, and every link in them leads somewhere."""

import re
from pathlib import Path
from typing import get_args

import click
import pytest
from mcp import Client

from ringcentral_meetings import build_server
from ringcentral_meetings.errors.codes import Code
from ringcentral_meetings.hosting.settings import PERSONAL, HostSettings
from ringcentral_meetings.settings import load

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
LINK = re.compile(r"\]\((?!https?://)([^)#\s]*)(?:#([^)\s]*))?\)")


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub forms them from letters, digits and hyphens."""
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_within_the_repository_leads_somewhere(page: Path) -> None:
    for target, anchor in LINK.findall(page.read_text("utf-8")):
        file = (page.parent / target).resolve() if target else page
        assert file.exists(), target
        assert not anchor or anchor in anchors(file), f"{target}#{anchor}"


@pytest.mark.parametrize("page", sorted((ROOT / "docs").glob("*.md")), ids=lambda page: page.name)
def test_every_page_is_found_from_the_readme(page: Path) -> None:
    assert f"(docs/{page.name})" in (ROOT / "README.md").read_text("utf-8")


def test_the_page_on_settings_has_each_of_them() -> None:
    described = (ROOT / "docs/settings.md").read_text("utf-8")
    named = re.findall(r"^# (RINGCENTRAL_\w+)=", (ROOT / ".env.example").read_text("utf-8"), re.MULTILINE)
    assert len(named) > 20
    assert [name for name in named if f"`{name}`" not in described] == []


def test_the_page_on_hosting_has_each_setting_of_a_host() -> None:
    described = (ROOT / "docs/hosting.md").read_text("utf-8")
    names = [f"RINGCENTRAL_{name.upper()}" for name in (*HostSettings.model_fields, *PERSONAL)]
    assert [name for name in names if f"`{name}`" not in described and "CALENDAR_" not in name] == []


def test_the_page_on_errors_has_each_code() -> None:
    described = (ROOT / "docs/errors.md").read_text("utf-8")
    assert [code for code in get_args(Code) if f"`{code}`" not in described] == []


@pytest.mark.anyio
async def test_the_readme_and_the_page_on_tools_have_each_tool() -> None:
    readme, page = ((ROOT / name).read_text("utf-8") for name in ("README.md", "docs/tools.md"))
    async with Client(build_server(load(overrides={"simulator": True}))) as client:
        tools = [tool.name for tool in (await client.list_tools()).tools]
    assert [name for name in tools if f"`{name}`" not in readme or f"`{name}`" not in page] == []


def test_the_page_on_the_command_line_has_each_command() -> None:
    from ringcentral_meetings.cli import cli

    described = (ROOT / "docs/command-line.md").read_text("utf-8")
    names = cli.list_commands(click.Context(cli))
    assert {"host", "simulate"} <= set(names)
    assert [name for name in names if not re.search(rf"ringcentral-meetings-mcp .*\b{name}\b", described)] == []
