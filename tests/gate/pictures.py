"""Pictures of the pages of a sign-in, `python -m tests.gate.pictures FOLDER`: light and dark, 320 and 1,000 px wide."""

import sys
from functools import partial
from pathlib import Path

from playwright.sync_api import sync_playwright

# Run as a module of the checkout, whose tests find each other from the folder of tests.
sys.path.insert(0, str(Path(__file__).parents[1]))

from gate.origins import origins
from gate.shown_pages import SHOWN
from views.conftest import CHROMIUM, FLAGS


def draw(folder: Path) -> None:
    with origins() as town, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for name in SHOWN:
            town.answers["gate", "/page"] = partial(SHOWN[name], town["further"])
            for theme in ("light", "dark"):
                for width in (320, 1_000):
                    page = browser.new_page(color_scheme=theme, viewport={"width": width, "height": 600})
                    page.goto(f"{town['gate']}/page", wait_until="commit")
                    page.locator("main").wait_for()
                    page.screenshot(path=folder / f"{name}-{theme}-{width}.png", full_page=True)
                    page.close()
        browser.close()


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    draw(target)
