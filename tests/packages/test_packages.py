"""What is published beside the wheel: the same version, settings and owner everywhere, and no release without one."""

import ast
import json
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import forms
import pytest
import release
from packaging.requirements import Requirement

from ringcentral_meetings import __version__, app
from ringcentral_meetings.settings import Settings

PACKAGING = forms.ROOT / "packaging"
SECRETS = {
    "RINGCENTRAL_CLIENT_SECRET",
    "RINGCENTRAL_JWT",
    "RINGCENTRAL_ACCESS_TOKEN",
    "RINGCENTRAL_PROXY",
    "RINGCENTRAL_CALENDARS",
}

in_a_clone = pytest.mark.skipif(not (forms.ROOT / ".git").exists(), reason="a source archive has no tags to look at")


def read(path: str) -> Any:
    text = (PACKAGING / path).read_text("utf-8")
    return tomllib.loads(text) if path.endswith(".toml") else json.loads(text)


def marketplace() -> Any:
    return json.loads((forms.ROOT / ".claude-plugin" / "marketplace.json").read_text("utf-8"))


def settings_names() -> set[str]:
    return {forms.variable(field, info) for field, info in Settings.model_fields.items()}


def test_every_derived_file_is_what_its_source_makes_it() -> None:
    for path, text in forms.files(forms.pins()).items():
        assert (forms.ROOT / path).read_text("utf-8") == text, f"{path}: run python packaging/forms.py"


def test_the_version_is_the_same_everywhere() -> None:
    entry, plugin = read("server.json"), read("claude-code/.claude-plugin/plugin.json")
    manifest, bundle = read("mcpb/manifest.json"), read("mcpb/pyproject.toml")
    [package] = entry["packages"]
    [offered] = marketplace()["plugins"]
    versions = {one["version"] for one in (entry, package, manifest, plugin, offered)}
    assert versions == {__version__}
    assert bundle["project"]["version"] == __version__
    assert bundle["project"]["dependencies"][0] == f"ringcentral-meetings-mcp=={__version__}"
    [server] = read("claude-code/.mcp.json")["mcpServers"].values()
    assert server["args"] == [f"ringcentral-meetings-mcp=={__version__}"]
    assert f"ARG VERSION={__version__}\n" in (PACKAGING / "Dockerfile").read_text("utf-8")


def test_the_registry_names_every_setting_and_marks_the_secret_ones() -> None:
    [package] = read("server.json")["packages"]
    listed = {one["name"]: one for one in package["environmentVariables"]}
    assert listed.keys() == settings_names()
    assert {name for name, one in listed.items() if one["isSecret"]} == SECRETS
    assert all(one["description"] for one in listed.values())
    assert listed["RINGCENTRAL_PRODUCT"]["choices"] == ["auto", "meetings", "video"]
    assert listed["RINGCENTRAL_READ_ONLY"]["format"] == "boolean"
    chosen = [one for one in listed.values() if "choices" in one]
    assert len(chosen) >= 4
    assert all(one["default"] in one["choices"] for one in chosen)


def test_the_registry_entry_keeps_the_rules_of_the_registry() -> None:
    entry = read("server.json")
    assert re.fullmatch(r"[a-zA-Z0-9.-]+/[a-zA-Z0-9._-]+", entry["name"])
    assert len(entry["name"]) <= 200
    assert 1 <= len(entry["description"]) <= 100
    assert len(entry["title"]) <= 100
    assert re.fullmatch(r"\d+\.\d+\.\d+", entry["version"])
    readme = (forms.ROOT / "README.md").read_text("utf-8")
    assert f"<!-- mcp-name: {entry['name']} -->" in readme
    assert f'io.modelcontextprotocol.server.name="{entry["name"]}"' in (PACKAGING / "Dockerfile").read_text("utf-8")


def test_the_bundle_asks_for_settings_and_keeps_secrets_in_the_keychain() -> None:
    manifest = read("mcpb/manifest.json")
    env, asked = manifest["server"]["mcp_config"]["env"], manifest["user_config"]
    assert env.keys() <= settings_names()
    assert set(env.values()) == {f"${{user_config.{name}}}" for name in asked}
    for name, value in env.items():
        entry = asked[value.removeprefix("${user_config.").removesuffix("}")]
        assert entry.get("sensitive", False) is (name in SECRETS)
        assert entry["default"] == ("" if entry["type"] == "string" else False)
        assert entry["required"] is False
    assert {tool["name"] for tool in manifest["tools"]} == {
        spec.fn.__name__ for spec in (*app.READ_TOOLS, *app.WRITE_TOOLS)
    }


def test_the_plugin_names_settings_and_holds_no_value() -> None:
    [server] = read("claude-code/.mcp.json")["mcpServers"].values()
    assert server["env"].keys() <= settings_names()
    assert all(value == f"${{{name}:-}}" for name, value in server["env"].items())


def test_the_marketplace_offers_the_plugin_where_it_lies() -> None:
    [offered] = marketplace()["plugins"]
    folder = forms.ROOT / offered["source"]
    plugin = json.loads((folder / ".claude-plugin" / "plugin.json").read_text("utf-8"))
    assert offered["name"] == plugin["name"]
    assert offered["description"] == plugin["description"]
    assert marketplace()["owner"] == plugin["author"] == {"name": forms.OWNER}
    assert (folder / ".mcp.json").is_file()


def test_the_bundle_pins_all_that_the_server_needs_to_versions_that_it_takes() -> None:
    pinned = {one.name: one for one in map(Requirement, forms.pins())}
    assert all([spec.operator for spec in one.specifier] == ["=="] for one in pinned.values())
    for needed in map(Requirement, forms.PROJECT["project"]["dependencies"]):
        [spec] = pinned[needed.name].specifier
        assert needed.specifier.contains(spec.version, prereleases=True), needed.name
    assert not re.search(r"https?://|@", (PACKAGING / "mcpb/pyproject.toml").read_text("utf-8"))


def test_the_packed_bundle_holds_its_files_and_is_the_same_each_time(tmp_path: Path) -> None:
    first, second = release.bundle(tmp_path), tmp_path / "again"
    second.mkdir()
    assert release.bundle(second).read_bytes() == first.read_bytes()
    with zipfile.ZipFile(first) as archive:
        assert sorted(archive.namelist()) == ["icon.png", "main.py", "manifest.json", "pyproject.toml"]
        icon = archive.read("icon.png")
        ast.parse(archive.read("main.py"))
    assert icon.startswith(b"\x89PNG")
    assert (int.from_bytes(icon[16:20]), int.from_bytes(icon[20:24])) == (512, 512)


def test_nothing_names_an_address_before_an_owner_is_set() -> None:
    assert forms.PROJECT["project"].get("urls") is None
    assert ("repository" in read("server.json")) is forms.is_set()
    assert ("repository" in read("mcpb/manifest.json")) is forms.is_set()


@in_a_clone
@pytest.mark.skipif(forms.is_set(), reason="the project has an owner now, and may be released")
def test_a_release_is_refused_while_nobody_owns_it() -> None:
    refused = subprocess.run(  # noqa: S603  (the project's own script)
        [sys.executable, str(PACKAGING / "release.py")], capture_output=True, text=True, check=False
    )
    assert refused.returncode == 1
    assert refused.stdout == ""
    assert "owner and address in [tool.ringcentral-meetings] of pyproject.toml are not set" in refused.stderr


@in_a_clone
def test_a_stale_file_stands_against_a_release(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forms, "SHORT", "Another description")
    [stale] = [text for text in release.problems() if "forms.py" in text]
    assert "packaging/server.json" in stale


def test_the_image_runs_as_a_user_of_its_own_and_takes_nothing_else_along() -> None:
    lines = (PACKAGING / "Dockerfile").read_text("utf-8").splitlines()
    assert lines[-1] == 'ENTRYPOINT ["/opt/server/bin/ringcentral-meetings-mcp"]'
    assert "USER 10001" in lines
    kept = {line[1:] for line in (forms.ROOT / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")}
    copied = {word for line in lines if re.match(r"COPY (?!--from)", line) for word in line.split()[1:-1]}
    assert copied == kept
