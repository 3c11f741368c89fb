"""What axe-core finds in each face of the view, in light and dark: nothing."""

from typing import TYPE_CHECKING

import pytest

from assistant import MONDAY, at_work

from .faces import FACES, Face
from .hosting import hosting

if TYPE_CHECKING:
    from playwright.async_api import Browser

pytestmark = pytest.mark.anyio

GROUNDS = {"light": "#ffffff", "dark": "#0d1117"}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("face", FACES, ids=lambda face: face.__name__)
async def test_axe_finds_nothing(browser: "Browser", face: Face, theme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.base", reason="axe is not installed (pip install -e '.[browser]')")
    async with (
        at_work(seeded=True) as assistant,
        hosting(browser, assistant.client, now=MONDAY, context={"theme": theme}) as host,
    ):
        await face(host)
        frame = host.page.frames[-1]
        # The frame is transparent: axe, which cannot look beyond it, is shown the ground that the host has.
        await frame.evaluate("(ground) => { document.documentElement.style.background = ground; }", GROUNDS[theme])
        await frame.evaluate(axe.AXE_SCRIPT)
        found = await frame.evaluate("axe.run()")
        faults = [(one["id"], [node["target"] for node in one["nodes"]]) for one in found["violations"]]
        assert faults == []
        assert len(found["passes"]) > 10
