"""A real browser for the pages: Debian's Chromium under Playwright, and axe-core for accessibility."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

_RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
WIDTHS = (1440, 390)

# Other tests may run beside these; how quick the pages are is measured in bench/.
expect.set_options(timeout=20_000)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for the whole run; every test opens its own context."""
    program = shutil.which("chromium")
    assert program, "the browser tests need Debian's package chromium (./dev test installs it)"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--hide-scrollbars"],
        )
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A page of its own, whose console errors fail the test: a blocked resource or script is one."""
    context = chromium.new_context(
        viewport={"width": 1440, "height": 900}, locale="vi-VN", timezone_id="Asia/Ho_Chi_Minh"
    )
    made = context.new_page()
    said: list[str] = []
    made.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    made.on("pageerror", lambda error: said.append(str(error)))
    yield made
    context.close()
    # An answer that refuses is said in the console as well; that is what some tests ask for.
    assert [line for line in said if "Failed to load resource" not in line] == []


@pytest.fixture
def look_at(page: Page) -> Callable[[str], None]:
    """Check the page as it is now: axe finds nothing and nothing sticks out sideways, wide and narrow. With
    ``LIENTHONG_SHOTS`` set to a folder, a picture of each is kept there."""
    shots = os.environ.get("LIENTHONG_SHOTS")

    def look(name: str) -> None:
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            found = Axe().run(page, options=_RULES).response["violations"]
            assert [(each["id"], [node["html"][:200] for node in each["nodes"]]) for each in found] == [], (name, width)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (name, width)
            if shots:
                page.screenshot(path=Path(shots) / f"{name}-{width}.png", full_page=True)
        page.set_viewport_size({"width": WIDTHS[0], "height": 900})

    return look
