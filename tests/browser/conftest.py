"""A real browser for the pages: Debian's Chromium under Playwright, and axe-core for accessibility."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from screens import look_closely
from softhsm_token import Tokens

# Other tests may run beside these; how quick the pages are is measured in bench/.
expect.set_options(timeout=20_000)

# A machine that others use as well may take seconds over one page.
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


@pytest.fixture(scope="module")
def tokens() -> Iterator[Tokens]:
    """Signing devices, none at first."""
    made = Tokens()
    yield made
    made.remove()


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
    """Check the page as it is now: axe finds nothing and nothing sticks out sideways, wide and narrow; and keep a
    picture of each (see :func:`screens.picture`)."""

    def look(name: str) -> None:
        look_closely(page, name)

    return look
