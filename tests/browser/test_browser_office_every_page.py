"""Every page of the office as every duty sees it, with real objects, wide and narrow: axe, width, console, picture.

What differs from a page that was looked at only by its words is looked at once: pages are known by their elements and
classes. Nothing is left out by name; an address that answers no page (a file, a redirect) is opened and passed over.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, BrowserContext, TimeoutError

from fixtures_office import OfficeInstallation
from lienthong.office import urls
from lienthong.webkit.door.access import ONLY_FORMS, PUBLIC, Route
from lienthong.webkit.door.entering import COOKIE
from lienthong.webkit.site.duties import Duty
from office_server import serving
from screens import WIDTHS, look_closely, pictures
from whole_office import Whole, make_whole

_TAG = re.compile(r"<svg.*?</svg>|<!--.*?-->|<(\w+)([^>]*)>", re.DOTALL)
_KEPT = re.compile(r'\b(class|type|role|hidden|aria-[a-z]+)(?==|\b)(?:="([^"]*)")?')


@dataclass
class Walk:
    """What was seen so far: skeletons of pages, and what is wrong."""

    whole: Whole
    url: str
    seen: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)
    looked_at: set[str] = field(default_factory=set)


@pytest.fixture(scope="module")
def walk(office_installation: OfficeInstallation) -> Iterator[Walk]:
    with serving() as url:
        yield Walk(make_whole(97_600), url)


def entered(chromium: Browser, walk: Walk, duty: Duty | None) -> BrowserContext:
    context = chromium.new_context(
        viewport={"width": WIDTHS[0], "height": 900}, locale="vi-VN", timezone_id="Asia/Ho_Chi_Minh"
    )
    if duty is not None:
        value = walk.whole.made.client(duty).cookies[COOKIE].value
        context.add_cookies([{"name": COOKIE, "value": value, "url": walk.url}])
    return context


def pages(duty: Duty | None) -> list[Route]:
    """Routes that this person opens with a link; a stranger those that are open to all."""
    routes = [each for each in urls.ALL if each.methods != ONLY_FORMS and not each.pattern.startswith("api/")]
    if duty is None:
        return [each for each in routes if each.rule == PUBLIC]
    return [each for each in routes if each.rule != PUBLIC and duty in (each.rule.duties or Duty)]


def skeleton(route: Route, html: str) -> str:
    """A page without its words: elements with class, type and role in their order; equal neighbours once, as the rows
    of a list are. Pages of one skeleton look the same but for their words."""
    lines: list[str] = []
    for tag in _TAG.finditer(html):
        if tag[1]:
            kept = [
                f"{name}={value}" if name in {"class", "type", "role"} else name
                for name, value in _KEPT.findall(tag[2])
            ]
            lines.append(f"{tag[1]} {' '.join(kept)}")
    text = re.sub(r"((?:[^\n]+\n){1,12}?)\1+", r"\1", "\n".join(lines) + "\n")
    return hashlib.sha256(f"{route.name}\n{text}".encode()).hexdigest()


def look(context: BrowserContext, walk: Walk, route: Route, where: str) -> None:
    """One address: what the server says of it first, since a file is no page, and only then the browser."""
    answer = context.request.get(walk.url + where, max_redirects=0, fail_on_status_code=False)
    if answer.status >= 500:
        walk.wrong.append(f"{where}: {answer.status}")
    if not answer.headers.get("content-type", "").startswith("text/html") or 300 <= answer.status < 400:
        return
    if "<html" not in answer.text():
        return  # a part that a page fetches for itself
    known = skeleton(route, answer.text())
    if known in walk.seen:
        return
    walk.seen.add(known)
    walk.looked_at.add(route.name)
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    name = re.sub(r"\d+", "n", where.strip("/")).replace("/", "-")[:60] or "home"
    try:
        page.goto(walk.url + where)
        page.wait_for_selector("html[data-ready]", state="attached")
        look_closely(page, name, also=lambda impact: impact in {"serious", "critical"})
    except (AssertionError, TimeoutError) as failure:
        walk.wrong.append(f"{where}: {str(failure)[:1500]}")
    walk.wrong += [f"{where}: {line}" for line in said if "Failed to load resource" not in line]
    page.close()


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("duty", [None, *Duty], ids=lambda each: "guest" if each is None else each.value)
def test_every_page_that_a_duty_opens_is_accessible_and_fits(chromium: Browser, walk: Walk, duty: Duty | None) -> None:
    context = entered(chromium, walk, duty)
    walk.wrong.clear()
    opened = 0
    for route in pages(duty):
        for where in walk.whole.addresses(route):
            look(context, walk, route, where)
            opened += 1
    context.close()
    assert "\n".join(walk.wrong) == ""
    # Who only looks after certificates or the log has few pages.
    assert opened > (5 if duty is None else 8)
    if duty in {None, Duty.REGISTRAR}:
        assert list(pictures().glob(f"{'guest' if duty is None else duty.value}-*-390.png")), "pictures were taken"


def test_the_walk_has_looked_at_every_page(walk: Walk) -> None:
    """Of the routes, all but those that answer files, pictures, data or another address."""
    if len(walk.seen) < 30:
        pytest.skip("the walk was run in part")
    no_pages = {"look", "health", "manifest", "worker", "mark", "language", "single", "single_return", "calendar_feed",
                "page", "download", "document_stamped", "document_slip_pdf", "draft_recipients", "draft_marked",
                "register_paper", "import_report", "import_progress", "search_export", "dossier_export", "file_plan_export",
                "report_export", "report_register_export", "book_export", "second_factor", "set_up", "new_password",
                "draft_compared", "incoming_view", "find_in", "page_words"}  # fmt: skip
    every = {each.name for duty in (None, *Duty) for each in pages(duty)}
    assert every - walk.looked_at - no_pages == set()
