"""README and docs/ name everything that there is, and every link in them leads somewhere."""

import re
from pathlib import Path
from typing import Any, get_args

import click
import pytest
import yaml
from mcp import Client
from starlette.requests import Request

from ringcentral_meetings import build_server
from ringcentral_meetings.errors.codes import Code
from ringcentral_meetings.hosting.metrics import NAMESPACE, Metrics
from ringcentral_meetings.hosting.settings import PERSONAL, HostSettings, check_complete, load_host
from ringcentral_meetings.settings import NAMES, SettingsError, load

ROOT = Path(__file__).parents[1]
HOST_EXAMPLE = ROOT / "packaging/host.env.example"
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


def test_the_example_of_a_hosts_settings_has_each_with_its_default() -> None:
    lines = re.findall(r"^(?:# )?RINGCENTRAL_(\w+)=(.*)$", HOST_EXAMPLE.read_text("utf-8"), re.MULTILINE)
    shown = {name.lower(): value for name, value in lines}
    assert len(shown) == len(lines)
    assert set(HostSettings.model_fields) | {"client_id", "client_secret"} == set(shown)
    given = {name: field.default for name, field in HostSettings.model_fields.items() if field.default is not None}
    assert HostSettings(**{name: shown[name] for name in given}) == HostSettings()


def test_the_example_of_a_hosts_settings_starts_one_once_it_is_filled_in(tmp_path: Path) -> None:
    filled, ring = tmp_path / "host.env", tmp_path / "ring"
    filled.write_text(HOST_EXAMPLE.read_text("utf-8").replace("=...", "=37439510"))
    filled.chmod(0o600)
    with pytest.raises(SettingsError, match="STORE_URL"):
        check_complete(*load_host(filled))
    with filled.open("a") as file:
        file.write(f"RINGCENTRAL_STORE_URL=redis://store:6379/0\nRINGCENTRAL_KEY_RING={ring}\n")
    check_complete(*load_host(filled))


def test_the_composition_gives_a_host_what_the_example_leaves_to_it() -> None:
    composed: Any = yaml.safe_load((ROOT / "packaging/compose.yaml").read_text("utf-8"))
    hosts = [service for service in composed["services"].values() if "host" in service.get("command", ())]
    assert len(hosts) == 2
    for host in hosts:
        assert {"RINGCENTRAL_STORE_URL", "RINGCENTRAL_KEY_RING", "RINGCENTRAL_TRUSTED_PROXIES"} <= set(
            host["environment"]
        )
        assert set(host["environment"]) <= NAMES | {f"RINGCENTRAL_{name.upper()}" for name in HostSettings.model_fields}
        assert (ROOT / "packaging" / host["build"]["context"] / host["build"]["dockerfile"]).is_file()
        assert host["secrets"] == list(composed["secrets"])
        assert host["environment"]["RINGCENTRAL_KEY_RING"] == f"/run/secrets/{host['secrets'][0]}"
        assert (
            HostSettings(trusted_proxies=host["environment"]["RINGCENTRAL_TRUSTED_PROXIES"]).trusted_proxies
            == (composed["networks"]["default"]["ipam"]["config"][0]["subnet"])
        )


@pytest.mark.anyio
async def test_the_page_on_running_a_host_has_each_metric() -> None:
    described = (ROOT / "docs/hosting-operation.md").read_text("utf-8")
    published = bytes((await Metrics().answer(Request({"type": "http"}))).body).decode()
    names = re.findall(rf"^# TYPE {NAMESPACE}_(\w+) ", published, re.MULTILINE)
    assert {"users", "calls_total"} <= set(names)
    assert [name for name in names if f"`{name}`" not in described and not name.endswith("_created")] == []


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
