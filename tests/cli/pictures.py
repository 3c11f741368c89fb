"""Makes the picture of `demo` in a terminal from its real output.

    python -m tests.cli.pictures   # writes docs/images/demo.svg

The simulator's clock stands still, so that the same version makes the same picture.
"""

import io
import re
import sys
from datetime import datetime
from html import unescape
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from rich.console import Console
from whenever import Instant

from ringcentral_meetings import PROGRAM
from ringcentral_meetings.app import build_server
from ringcentral_meetings.cli import demo
from ringcentral_meetings.cli.demo_output import Table
from ringcentral_meetings.cli.working_day import ZONE
from ringcentral_meetings.settings import Settings
from ringcentral_meetings.simulator import Simulator

PICTURE: Final = Path(__file__).parents[2] / "docs" / "images" / "demo.svg"
WIDTH: Final = 92
MOMENT: Final = datetime(2027, 2, 1, 8, 40, tzinfo=ZoneInfo(ZONE))
FONTS: Final = "ui-monospace, Menlo, Consolas, DejaVu Sans Mono, monospace"


def picture() -> str:
    """Return what `demo` shows in a terminal as SVG that loads nothing."""
    # legacy_windows=False: a recording is no console of Windows, wherever it is made.
    console = Console(
        record=True,
        width=WIDTH,
        file=io.StringIO(),
        color_system="truecolor",
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )
    simulator = Simulator(clock=MOMENT.timestamp)
    server = build_server(
        Settings(simulator=True, log_level="ERROR"),
        transport=simulator.transport(),
        now=lambda: Instant.from_timestamp(MOMENT.timestamp()),
    )
    try:
        if demo.run(server=server, output=Table(console)) != 0:
            raise SystemExit(console.export_text())
    finally:
        simulator.close()
    svg = console.export_svg(title=f"{PROGRAM} demo", unique_id="demo")
    without_loading = re.sub(r"@font-face \{.*?\}\s*|<!--.*?-->\s*", "", svg, flags=re.DOTALL)
    return without_loading.replace("Fira Code, monospace", FONTS)


def words(svg: str) -> str:
    """Return the text in a picture, in which only the words of one version of rich or another are the same."""
    return " ".join(unescape("".join(re.findall(r"<text[^>]*>([^<]*)</text>", svg))).split())


if __name__ == "__main__":
    PICTURE.write_text(picture(), "utf-8")
    sys.stdout.write(f"{PICTURE}\n")
