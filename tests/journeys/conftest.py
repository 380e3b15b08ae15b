"""A real house on a port of its own, and browsers that visit it: phone and desk, Polish and English.

Every page that a journey touches is looked at: no accessibility violation, nothing wider than the screen, on a phone nothing
lower than a thumb, no complaint in the console, no request to anywhere else. With NAWZAJEM_SHOTS=FOLDER each look leaves a picture.
"""

from __future__ import annotations

import contextlib
import gettext
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import unless_there
from tests.doors import processes
from tests.doors.processes import HOUSE, House, environment
from tests.journeys.browser import CHROMIUM, FLAGS, SIZES
from tests.journeys.moving import move_back
from tests.journeys.town import PASSPHRASE
from tests.tables import Tables, once

# What can be pressed and is not a word within a sentence; a box counts with its label, whose words press it too.
TOO_SMALL = """() => {
  const low = one => one.getBoundingClientRect().height < 43.5;
  const label = one => one.closest('label') ?? (one.id && document.querySelector(`label[for="${one.id}"]`));
  return [...document.querySelectorAll('a[href]:not(.skip), button, input:not([type=hidden]), select, textarea, summary')]
    .filter(one => one.checkVisibility({visibilityProperty: true}) && getComputedStyle(one).display != 'inline')
    .filter(one => low(one) && !(label(one) && !low(label(one))))
    .map(one => one.outerHTML.slice(0, 120))
}"""
AXE_LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(scope="session")
def town(tables: Tables, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """People moved in once; each journey begins with them."""
    unless_there(CHROMIUM, "a browser (Debian: apt install chromium)")
    with once(tmp_path_factory) as place:
        data, moved_in = place / "town", place / "moved-in"
        if not moved_in.exists():
            tables.begin(data)
            subprocess.run([sys.executable, "-m", "tests.journeys.town"], env=environment(data), cwd=HOUSE, check=True)
            moved_in.touch()
    return data


@pytest.fixture(scope="session")
def opened(town: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One for each worker: to open a house takes as long as many a story."""
    data = tmp_path_factory.mktemp("house") / "data"
    shutil.copytree(town, data)
    with processes.house(data, NAWZAJEM_CHORES="yes") as one:
        yield one.until_open()


@pytest.fixture
def house(opened: House, town: Path) -> Iterator[House]:
    """Open all the time, and in it those who live there have done nothing yet."""
    before = len(opened.told)
    move_back(town, opened.data)
    yield opened
    print(opened.told[before:])  # shown where a journey fails


@pytest.fixture(scope="session")
def chromium(town: Path) -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@dataclass
class Visitor:
    """Somebody with a browser, in one language, who knows what the pages say in it."""

    page: Any
    language: str
    size: str
    story: str
    complaints: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)
    looks: int = 0

    def says(self, english: str, **gaps: Any) -> str:
        """What the source says in English, in this visitor's language."""
        words = english
        if self.language == "pl":
            words = gettext.translation("django", HOUSE / "nawzajem" / "locale", ["pl"]).gettext(english)
            assert words != english or english.isupper(), f"no Polish for {english!r}"
        return words % gaps if gaps else words

    def go(self, path: str) -> None:
        self.page.goto(path)

    def press(self, english: str, *, stays: bool = False) -> None:
        """A button or a link that says this; it leads to another page, unless one `stays`."""
        name = re.compile("^" + re.escape(self.says(english)) + "$")
        either = self.page.get_by_role("button", name=name).or_(self.page.get_by_role("link", name=name))
        with contextlib.nullcontext() if stays else self.page.expect_navigation():
            either.first.click()

    def follow(self, where: str, words: str = "") -> None:
        """What stands there leads to another page."""
        with self.page.expect_navigation():
            self.page.locator(where, has_text=words).first.click()

    def pick(self, words: str) -> None:
        """An answer among several, by its words."""
        self.page.locator("label.choice", has_text=words).first.click()

    def fill(self, english: str, words: str) -> None:
        self.page.get_by_label(self.says(english), exact=True).fill(words)

    def sees(self, words: str, *, within: float = 15) -> None:
        """Now, or after so many seconds."""
        from playwright.sync_api import expect

        expect(self.page.get_by_text(words).locator("visible=true").first).to_be_visible(timeout=1000 * within)

    def sign_in(self, pseudonym: str, passphrase: str = PASSPHRASE, *, code: str = "") -> None:
        self.go("/accounts/login/")
        self.page.fill("[name=login]", pseudonym)
        self.page.fill("[name=password]", passphrase)
        with self.page.expect_navigation():
            self.page.locator("main form button").first.click()
        if code:
            self.show(code)

    def show(self, code: str) -> None:
        """A second factor, where the page asks for one."""
        self.page.fill("[name=code]", code)
        self.follow("form:has([name=code]) button")

    def look(self) -> None:
        """At the page as it is now: is it right for everybody?"""
        from axe_playwright_python.sync_playwright import Axe

        self.looks += 1
        if folder := os.environ.get("NAWZAJEM_SHOTS"):
            Path(folder).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(
                path=f"{folder}/{self.story}-{self.language}-{self.size}-{self.looks:02}.png", full_page=True
            )
        size = SIZES[self.size]
        there = "document.documentElement && document.readyState == 'complete'"
        self.page.wait_for_function(there)  # one may just be led on to another page
        whole = self.page.evaluate("document.documentElement.scrollHeight")
        self.page.set_viewport_size(size | {"height": max(whole, size["height"])})  # so that nothing lies under a bar
        found = Axe().run(self.page, options={"runOnly": AXE_LEVELS, "resultTypes": ["violations"]})
        self.page.set_viewport_size(size)
        assert found.violations_count == 0, f"{self.page.url}\n{found.generate_report()}"
        assert not self.page.evaluate("document.documentElement.scrollWidth > innerWidth"), (
            f"{self.page.url} is wider than the screen"
        )
        if self.size == "phone":
            small = self.page.evaluate(TOO_SMALL)
            assert not small, f"{self.page.url}: too small for a thumb: {small}"
        assert self.page.locator("html").get_attribute("lang") == self.language
        assert not self.complaints, f"{self.page.url}: {self.complaints}"
        assert not self.elsewhere, f"{self.page.url} asked elsewhere: {self.elsewhere}"


@pytest.fixture
def visitor(chromium: Any, house: Any, request: Any) -> Iterator[Callable[..., Visitor]]:
    """`visitor("pl", "phone")` opens a browser for somebody."""
    opened = []

    def open_for(
        language: str, size: str = "phone", *, dark: bool = False, scripts: bool = True, host: str = "127.0.0.1"
    ) -> Visitor:
        address = f"http://{host}:{house.port}"
        locale = {"pl": "pl-PL", "en": "en-GB"}[language]
        context = chromium.new_context(
            viewport=SIZES[size],
            locale=locale,
            color_scheme="dark" if dark else "light",
            base_url=address,
            java_script_enabled=scripts,
            has_touch=size == "phone",
        )
        context.set_default_timeout(15_000)
        opened.append(context)
        story = re.sub(r"\W+", "-", request.node.name.split("[")[0].removeprefix("test_"))
        story = f"{story}-{len(opened)}"
        one = Visitor(context.new_page(), language, size, story)
        one.page.on("console", lambda said: one.complaints.append(said.text) if said.type == "error" else None)
        one.page.on("pageerror", lambda error: one.complaints.append(str(error)))
        one.page.on(
            "request",
            lambda asked: None if asked.url.startswith((address, "data:")) else one.elsewhere.append(asked.url),
        )
        return one

    yield open_for
    for context in opened:
        context.close()
