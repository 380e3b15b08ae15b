"""The pictures of the README, taken anew from a demo town: bin/pictures.

Each is somebody's screen at a moment worth showing, small enough to be kept beside the words.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.doors import processes
from tests.doors.processes import HOUSE, environment
from tests.journeys.browser import CHROMIUM, FLAGS, SIZES

PICTURES = HOUSE / "docs" / "pictures"
PASSPHRASE = "herbata i rozmowa"  # of everybody in the demo town; see management/demo


def main() -> None:
    from playwright.sync_api import sync_playwright

    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        data = Path(folder) / "town"
        subprocess.run(
            [sys.executable, "-m", "nawzajem", "demo"],
            env=environment(data),
            cwd=HOUSE,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        with processes.house(data) as house:
            house.until_open()
            take_all(browser, f"http://127.0.0.1:{house.port}")
        browser.close()


def take_all(browser: Any, address: str) -> None:
    with screen(browser, address, "phone", "en-GB") as page:
        page.goto("/p/krag/")
        page.get_by_label("Search in your own words").fill("cannot sleep")
        page.get_by_text("What is it about?").evaluate("one => one.scrollIntoView()")
        page.mouse.wheel(0, -90)  # from under the bar
        page.locator("label.choice >> visible=true").first.click()
        page.wait_for_timeout(1200)
        take(page, "words")
    with screen(browser, address, "phone", "en-GB", who="Grace") as page:
        page.goto("/p/krag/home/")
        page.get_by_role("link", name="Sleepless nights").first.click()
        page.wait_for_timeout(500)
        take(page, "proposal")
    with screen(browser, address, "phone", "en-GB", who="Grace") as page:
        talk(page, "Harry")
        take(page, "talk")
    with screen(browser, address, "phone", "pl-PL", who="Ania", dark=True) as page:
        talk(page, "Bartek")
        take(page, "talk-dark")
    with screen(browser, address, "desk", "en-GB", who="Celina") as page:
        page.goto("/p/krag/desk/")
        page.locator("main a[href*='/desk/asks/']", has_text="Thyme").first.click()
        page.wait_for_timeout(500)
        take(page, "desk")


@contextmanager
def screen(browser: Any, address: str, size: str, locale: str, *, who: str = "", dark: bool = False) -> Iterator[Any]:
    context = browser.new_context(
        viewport=SIZES[size],
        locale=locale,
        base_url=address,
        color_scheme="dark" if dark else "light",
        has_touch=size == "phone",
    )
    page = context.new_page()
    if who:
        page.goto("/accounts/login/")
        page.fill("[name=login]", who)
        page.fill("[name=password]", PASSPHRASE)
        with page.expect_navigation():
            page.locator("main form button").first.click()
    yield page
    context.close()


def talk(page: Any, other: str) -> None:
    page.goto("/p/krag/pairs/")
    page.locator("main a", has_text=other).first.click()
    page.wait_for_timeout(800)


def take(page: Any, name: str) -> None:
    page.screenshot(path=PICTURES / f"{name}.png")
    print(PICTURES.relative_to(HOUSE) / f"{name}.png")


if __name__ == "__main__":
    main()
