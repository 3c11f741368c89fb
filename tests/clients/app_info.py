"""What the Inspector finds of the view, `python -m clients.app_info NODE SCRIPT`."""

import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

SERVER = [sys.executable, "-m", "ringcentral_meetings", "--simulator"]
DRAWN = ("list_meetings", "find_meeting_times", "get_meeting", "create_meeting")


def main(node: str, script: str) -> None:
    for tool in DRAWN:
        found = _app_info([node, script], tool)
        if not found["hasApp"] or found["resourceMimeType"] != "text/html;profile=mcp-app":
            sys.exit(f"{tool}: {found}")
    without = _app_info([node, script], "delete_meeting")
    if without["hasApp"]:
        sys.exit(f"delete_meeting: {without}")
    sys.stdout.write(f"{len(DRAWN)} tools with a view")


def _app_info(inspector: list[str], tool: str) -> dict[str, object]:
    with TemporaryDirectory() as folder:
        options = ["--cli", "--format", "json", "--client-config", str(Path(folder, "client.json"))]
        asked = ["--method", "tools/call", "--tool-name", tool, "--app-info", "--", *SERVER]
        ended = subprocess.run(
            [*inspector, *options, *asked], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
    try:
        found: dict[str, object] = json.loads(ended.stdout)["appInfo"]
    except (ValueError, KeyError):
        sys.exit(f"{tool}: exit code {ended.returncode}:\n{ended.stdout}{ended.stderr}")
    return found


if __name__ == "__main__":
    main(*sys.argv[1:])
