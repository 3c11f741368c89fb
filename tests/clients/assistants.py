"""What assistants say of what `config --write` puts into their files, `python -m clients.assistants FOLDER NAME`.

FOLDER holds their programs. They list their servers, need no account for that, and run in a home folder of their own.
Claude Code has to be connected. Codex only lists its servers. Gemini CLI gives a server five seconds, which a busy
machine may exceed: it has to list it, and what it says of the connection is shown.
"""

import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

ENTRY = "ringcentral-meetings"
SECONDS = 300
PROGRAMS = {"claude-code": "claude", "codex": "codex", "gemini": "gemini"}
SAYS = {
    "claude-code": re.compile(rf"{ENTRY}: \S+ --simulator - \S* ?(Connected)"),
    "codex": re.compile(rf"{ENTRY} +\S+ +--simulator .*(enabled)"),
    "gemini": re.compile(rf"{ENTRY}: \S+ --simulator \(stdio\) - (\w+)"),
}


def main(folder: str, client: str) -> None:
    with TemporaryDirectory(prefix="assistant-") as home:
        env = _environment(Path(home), Path(folder).absolute())
        _config(["--simulator", client, "--write"], env)
        listed = _listed(client, env)
        said = SAYS[client].search(listed)
        if said is None:
            sys.exit(f"{PROGRAMS[client]} mcp list:\n{listed}")
        _config([client, "--undo"], env)
        left = _listed(client, env)
    if ENTRY in left:
        sys.exit(f"{PROGRAMS[client]} mcp list after --undo:\n{left}")
    sys.stdout.write(f"{said[1].lower()}; gone after --undo")


def _environment(home: Path, programs: Path) -> dict[str, str]:
    path = os.pathsep.join([str(programs), os.environ.get("PATH", os.defpath)])
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("RINGCENTRAL_", "XDG_"))}
    folders = {"CODEX_HOME": str(home / ".codex"), "CLAUDE_CONFIG_DIR": str(home), "GEMINI_CLI_HOME": str(home)}
    for folder in folders.values():
        Path(folder).mkdir(exist_ok=True)
    own = {"HOME": str(home), "USERPROFILE": str(home), "PATH": path, "GEMINI_CLI_TRUST_WORKSPACE": "true"}
    own["CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC"] = "1"
    return kept | own | folders


def _config(arguments: Sequence[str], env: Mapping[str, str]) -> None:
    _ran([sys.executable, "-m", "ringcentral_meetings", "config", *arguments], env)


def _listed(client: str, env: Mapping[str, str]) -> str:
    return _ran([PROGRAMS[client], "mcp", "list"], env)


def _ran(command: Sequence[str], env: Mapping[str, str]) -> str:
    ended = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        check=False,
        env=dict(env),
        cwd=env["HOME"],
        timeout=SECONDS,
    )
    if ended.returncode != 0:
        sys.exit(f"{' '.join(command)}: exit code {ended.returncode}:\n{ended.stdout}")
    return ended.stdout


if __name__ == "__main__":
    main(*sys.argv[1:])
