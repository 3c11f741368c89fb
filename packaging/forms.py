"""The forms in which the server is found and installed, derived from pyproject.toml, the settings and .env.example.

`python packaging/forms.py` writes the files anew after a change of the version, a setting or the owner; the tests
compare them. `python packaging/forms.py pins` also pins the packages of the bundle to today's (needs uv).
"""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

from pydantic import AliasChoices, SecretStr
from pydantic.fields import FieldInfo

from ringcentral_meetings import PROGRAM, __version__
from ringcentral_meetings.app import READ_TOOLS, WRITE_TOOLS
from ringcentral_meetings.settings import Settings

ROOT: Final = Path(__file__).parents[1]
UNSET: Final = "OWNER"
TITLE: Final = "RingCentral Meetings"
SHORT: Final = "Find, schedule, change and end RingCentral meetings; a simulator needs no account."
REGISTRY_SCHEMA: Final = "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json"
MARKETPLACE: Final = "ringcentral-meetings"
ASKED: Final = {
    "client_id": "Client id",
    "client_secret": "Client secret",
    "jwt": "JWT credential",
    "product": "Product: auto, meetings or video",
    "time_zone": "Time zone, such as Europe/Paris",
    "read_only": "Only tools that change nothing",
    "simulator": "Simulator: made-up meetings, no account",
}
"""The settings that a dialog of a client asks for, with what it calls them; all others keep their defaults."""

PROJECT: Final = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
OWNER: Final[str] = PROJECT["tool"]["ringcentral-meetings"]["owner"]
ADDRESS: Final[str] = PROJECT["tool"]["ringcentral-meetings"]["address"]
REGISTRY_NAME: Final = f"io.github.{OWNER}/{PROGRAM}"


def variable(field: str, info: FieldInfo) -> str:
    """Return the environment variable of a setting."""
    alias = info.validation_alias
    return str(alias.choices[0]) if isinstance(alias, AliasChoices) else f"RINGCENTRAL_{field.upper()}"


def is_secret(field: str, info: FieldInfo) -> bool:
    """Return whether a setting holds a secret: the address of a proxy may hold a password."""
    return SecretStr in _types(info.annotation) or field == "proxy"


def explanations() -> dict[str, str]:
    """Return the first sentence that .env.example says of each setting."""
    found: dict[str, str] = {}
    said: list[str] = []
    began = True
    for line in (ROOT / ".env.example").read_text("utf-8").splitlines():
        text = line.removeprefix("#").strip()
        if match := re.match(r"([A-Z][A-Z_]+)=", text):
            found[match[1]] = re.split(r"(?<=\.)\s", " ".join(said))[0]
            began = True
        elif not text:
            said, began = [], True
        else:
            said, began = ([text] if began else [*said, text]), False
    return found


def server_json() -> str:
    """Return the entry of the official registry (schema of 2025-12-11)."""
    said = explanations()
    package = {
        "registryType": "pypi",
        "identifier": PROGRAM,
        "version": __version__,
        "runtimeHint": "uvx",
        "transport": {"type": "stdio"},
        "environmentVariables": [
            _registry_variable(field, info, said[variable(field, info)])
            for field, info in Settings.model_fields.items()
        ],
    }
    entry = {
        "$schema": REGISTRY_SCHEMA,
        "name": REGISTRY_NAME,
        "title": TITLE,
        "description": SHORT,
        "version": __version__,
        **({"repository": {"url": ADDRESS, "source": "github"}} if is_set() else {}),
        "packages": [package],
    }
    return _json(entry)


def manifest_json() -> str:
    """Return the manifest of the bundle (version 0.4).

    A field left empty would reach the server as the literal `${user_config.x}`, hence the empty defaults.
    """
    config = {field: _asked(field, title) for field, title in ASKED.items()}
    env = {variable(field, Settings.model_fields[field]): f"${{user_config.{field}}}" for field in ASKED}
    run = ["run", "--directory", "${__dirname}", "--no-dev", "main.py"]
    manifest = {
        "manifest_version": "0.4",
        "name": PROGRAM,
        "display_name": TITLE,
        "version": __version__,
        "description": SHORT,
        "author": {"name": OWNER, **({"url": ADDRESS} if is_set() else {})},
        **({"repository": {"type": "git", "url": ADDRESS}} if is_set() else {}),
        "icon": "icon.png",
        "server": {
            "type": "uv",
            "entry_point": "main.py",
            "mcp_config": {"command": "uv", "args": run, "env": env},
        },
        "tools": [{"name": spec.fn.__name__, "description": spec.title} for spec in (*READ_TOOLS, *WRITE_TOOLS)],
        "keywords": PROJECT["project"]["keywords"],
        "license": PROJECT["project"]["license"],
        "compatibility": {
            "platforms": ["darwin", "win32", "linux"],
            "runtimes": {"python": PROJECT["project"]["requires-python"]},
        },
        "user_config": config,
    }
    return _json(manifest)


def plugin_json() -> str:
    """Return the manifest of the plugin for Claude Code."""
    author = {"name": OWNER}
    return _json({"name": PROGRAM, "version": __version__, "description": SHORT, "author": author, "license": "MIT"})


def marketplace_json() -> str:
    """Return the marketplace by which Claude Code installs the plugin from the repository."""
    plugin = {"name": PROGRAM, "source": "./packaging/claude-code", "description": SHORT, "version": __version__}
    return _json({"name": MARKETPLACE, "owner": {"name": OWNER}, "description": SHORT, "plugins": [plugin]})


def plugin_mcp_json() -> str:
    """Return the server of the plugin, with the values of the environment that Claude Code was started in."""
    names = (variable(field, Settings.model_fields[field]) for field in ASKED)
    server = {
        "command": "uvx",
        "args": [f"{PROGRAM}=={__version__}"],
        "env": {name: f"${{{name}:-}}" for name in names},
    }
    return _json({"mcpServers": {"ringcentral-meetings": server}})


def bundle_pyproject(pins: list[str]) -> str:
    """Return the project of the bundle: this version, and the other packages that it was tried with."""
    listed = "".join(f"    {json.dumps(pin)},\n" for pin in [f"{PROGRAM}=={__version__}", *pins])
    python = PROJECT["project"]["requires-python"]
    return (
        f'[project]\nname = "{PROGRAM}-bundle"\nversion = "{__version__}"\nrequires-python = "{python}"\n'
        f"dependencies = [\n{listed}]\n\n[tool.uv]\npackage = false\n"
    )


def pins() -> list[str]:
    """Return the pinned packages of the bundle, without the server itself."""
    bundle = tomllib.loads((ROOT / "packaging/mcpb/pyproject.toml").read_text("utf-8"))
    dependencies: list[str] = bundle["project"]["dependencies"]
    return dependencies[1:]


def resolved() -> list[str]:
    """Return today's packages for every platform, as uv resolves them."""
    command = ["uv", "pip", "compile", "--universal", "--quiet", "--no-header", "--no-annotate"]
    oldest = PROJECT["project"]["requires-python"].removeprefix(">=")
    made = subprocess.run(
        [*command, "--python-version", oldest, "pyproject.toml"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    return made.stdout.splitlines()


def marked(text: str) -> str:
    """Return a README or a Dockerfile with the name in the registry and the version where they belong."""
    text = re.sub(r"(?<=mcp-name: )\S+", REGISTRY_NAME, text)
    text = re.sub(r'(?<=server\.name=")[^"]*', REGISTRY_NAME, text)
    return re.sub(r"(?<=ARG VERSION=)\S+", __version__, text)


def files(pinned: list[str]) -> dict[str, str]:
    """Return every derived file, by its path."""
    kept = {path: marked((ROOT / path).read_text("utf-8")) for path in ("README.md", "packaging/Dockerfile")}
    return kept | {
        "packaging/server.json": server_json(),
        "packaging/mcpb/manifest.json": manifest_json(),
        "packaging/mcpb/pyproject.toml": bundle_pyproject(pinned),
        "packaging/claude-code/.claude-plugin/plugin.json": plugin_json(),
        "packaging/claude-code/.mcp.json": plugin_mcp_json(),
        ".claude-plugin/marketplace.json": marketplace_json(),
    }


def is_set() -> bool:
    """Return whether somebody owns what is to be published."""
    return UNSET not in (OWNER, ADDRESS)


def _types(annotation: Any) -> set[Any]:
    """Return the plain types and literals within an annotation."""
    if get_origin(annotation) is Annotated:
        return _types(get_args(annotation)[0])
    if isinstance(annotation, UnionType) or get_origin(annotation) is Union:
        return set().union(*(_types(one) for one in get_args(annotation)))
    return {annotation}


def _choices(info: FieldInfo) -> list[str]:
    """Return the closed set of a setting; none where it takes other values too."""
    types = _types(info.annotation) - {type(None)}
    return list(get_args(info.annotation)) if {get_origin(one) for one in types} == {Literal} else []


def _registry_variable(field: str, info: FieldInfo, description: str) -> dict[str, Any]:
    formats = {bool: "boolean", float: "number", Path: "filepath"}
    named = next((formats[one] for one in formats if one in _types(info.annotation)), "string")
    known = {"name": variable(field, info), "description": description, "format": named, "isRequired": False}
    choices = _choices(info)
    default = {"default": str(info.default).lower() if isinstance(info.default, bool) else info.default}
    default = default if isinstance(info.default, bool) or choices else {}
    return known | {"isSecret": is_secret(field, info)} | ({"choices": choices} if choices else {}) | default


def _asked(field: str, title: str) -> dict[str, Any]:
    info = Settings.model_fields[field]
    boolean = info.annotation is bool
    entry = {
        "type": "boolean" if boolean else "string",
        "title": title,
        "description": explanations()[variable(field, info)],
        "required": False,
        "default": info.default if boolean else "",
    }
    return entry | ({"sensitive": True} if is_secret(field, info) else {})


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    for path, text in files(resolved() if sys.argv[1:] == ["pins"] else pins()).items():
        (ROOT / path).parent.mkdir(exist_ok=True)
        (ROOT / path).write_text(text, "utf-8")
