"""Pictures of the view, `python -m tests.views.pictures FOLDER`: each face, light and dark, 320 and 900 px wide."""

import sys
from pathlib import Path

import anyio
from playwright.async_api import async_playwright

# Run as a module of the checkout, whose tests find each other from the folder of tests.
sys.path.insert(0, str(Path(__file__).parents[1]))

from assistant import MONDAY, at_work

from .conftest import CHROMIUM, FLAGS
from .faces import FACES
from .hosting import hosting


async def draw(folder: Path) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for face in FACES:
            for theme in ("light", "dark"):
                for width in (320, 900):
                    async with (
                        at_work(seeded=True) as assistant,
                        hosting(browser, assistant.client, now=MONDAY, width=width, context={"theme": theme}) as host,
                    ):
                        await host.page.evaluate("window.grow = true")
                        if not (face.__name__ == "week" and width == 320):
                            await face(host)
                            file = folder / f"{face.__name__}-{theme}-{width}.png"
                            await host.page.screenshot(path=file, full_page=True)
        await browser.close()


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    anyio.run(draw, target)
