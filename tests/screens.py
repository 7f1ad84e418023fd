"""Looking at a page in a browser: axe, width, and a picture of it for whoever wants to see what was tested."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

_RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
WIDTHS = (1440, 390)
_STICKS_OUT = """[...document.querySelectorAll('body, body *')]
    .filter((one) => one.getBoundingClientRect().right > innerWidth || one.offsetLeft + one.scrollWidth > innerWidth)
    .slice(-6).map((one) => one.outerHTML.slice(0, 160) + ' … ' + one.scrollWidth)"""
"""The innermost elements that are wider than the window, for whoever has to mend it."""


def look_closely(page: Page, name: str, *, also: Callable[[str], bool] = lambda _: True) -> None:
    """What ``look_at`` does, for a page of a context of its own. ``also``: of these violations only, by their impact."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        # As tall as the page: what lies under a bar that stays at the edge is scrolled out from under it, not too small.
        whole = min(int(page.evaluate("document.documentElement.scrollHeight")) + 200, 8000)
        page.set_viewport_size({"width": width, "height": max(whole, 900)})
        found = [each for each in Axe().run(page, options=_RULES).response["violations"] if also(each["impact"])]
        assert [(each["id"], [node["html"][:200] for node in each["nodes"]]) for each in found] == [], (name, width)
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, (name, width, page.evaluate(_STICKS_OUT))
        picture(page, name)
    page.set_viewport_size({"width": WIDTHS[0], "height": 900})


def picture(page: Page, name: str) -> None:
    """Keep a picture of the whole page as ``<role>-<screen>-<width>.png`` in :func:`pictures`."""
    size = page.viewport_size
    width = size["width"] if size else WIDTHS[0]
    page.screenshot(path=pictures() / f"{role_of(page)}-{name}-{width}.png", full_page=True)


@cache
def pictures() -> Path:
    """Where pictures are kept: the folder that LIENTHONG_SHOTS names, else ``.ci/artifacts/screens`` of the checkout."""
    named = os.environ.get("LIENTHONG_SHOTS")
    folder = Path(named) if named else Path(__file__).parents[1] / ".ci" / "artifacts" / "screens"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def role_of(page: Page) -> str:
    """The duty of whoever is signed in to the office on this page, by his session; ``guest`` for nobody."""
    value = next((each["value"] for each in page.context.cookies() if each["name"] == "lienthong"), "")
    if not value:
        return "guest"
    # The office's tables can be imported only where Django is set up, which tests of other pages do not need.
    from lienthong.webkit.door.entering import digest_of
    from lienthong.webkit.people.models import Session
    from lienthong.webkit.site.tenancy import as_owner

    with as_owner():
        session = Session.objects.filter(digest=digest_of(value)).select_related("account").first()
        return session.account.login.partition(".")[0] if session is not None else "guest"
