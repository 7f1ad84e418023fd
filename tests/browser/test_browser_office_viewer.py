"""The pages of a document in a browser: words that are selected, hits that are marked, ten thousand pages, a phone."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from fixtures_office import OfficeInstallation
from incoming_world import arrived
from lienthong.webkit.site.duties import Duty
from office_server import serving
from office_world import PASSWORD, OfficeAgency, make_agency
from official_document import decision
from viewed_pages import long_pdf, scan_of
from viewer_world import readable_document

Look = Callable[[str], None]
SOON = 30_000
"""Milliseconds within which what is asked for is there, on a machine that has other work."""

CHOSEN = "window.getSelection().toString()"


@pytest.fixture(scope="module")
def office(office_installation: OfficeInstallation) -> Iterator[str]:
    with serving() as url:
        yield url


@pytest.fixture
def made(agency_number: int) -> OfficeAgency:
    return make_agency(agency_number)


@pytest.fixture
def desk(office: str, page: Page, made: OfficeAgency) -> Page:
    """The registrar's browser, signed in."""
    page.set_default_timeout(SOON)
    enter(office, page, made, Duty.REGISTRAR)
    return page


def enter(office: str, page: Page, made: OfficeAgency, duty: Duty) -> None:
    page.goto(office + "/sign-in")
    page.get_by_label("Tên đăng nhập").fill(made.people[duty].login)
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Tiếp tục").click()
    page.get_by_label("Mã 6 chữ số").fill(made.code(duty))
    page.get_by_role("button", name="Vào hệ thống").click()
    expect(page.get_by_role("heading", name="Việc của tôi", level=1)).to_be_visible(timeout=SOON)


def count(page: Page) -> Locator:
    return page.locator(".doc__find output")


def here(page: Page) -> Locator:
    return page.locator(".words__hit.is-here")


def test_from_a_hit_of_the_search_to_the_marked_words_and_on(
    office: str, desk: Page, made: OfficeAgency, look_at: Look
) -> None:
    readable_document(made, decision(pages=5), abstract="Về việc thành lập Tổ công tác")
    desk.goto(office + "/search?q=dieu+47")
    look_at("viewer-search")
    desk.get_by_role("link", name="tr. 3").click()
    expect(here(desk)).to_be_visible(timeout=SOON)
    expect(count(desk)).to_have_text("47/100", timeout=SOON)
    expect(desk.locator("[data-doc-page]")).to_have_value("3")
    expect(desk.locator("#doc-3 .words__hit")).to_have_count(20)
    look_at("viewer-hit")
    for key, at in (("n", "48/100"), ("n", "49/100"), ("Shift+N", "48/100")):
        desk.keyboard.press(key)
        expect(count(desk)).to_have_text(at)
    desk.get_by_role("searchbox", name="Từ cần tìm trong văn bản này").fill('"dieu 99"')
    expect(count(desk)).to_have_text("1/1", timeout=SOON)
    expect(desk.locator("#doc-5 .is-here")).to_be_in_viewport(timeout=SOON)
    assert "q=%22dieu+99%22" in desk.url
    desk.wait_for_function("new URL(location).searchParams.get('page') === '5'", timeout=SOON)
    desk.reload()
    expect(desk.locator("#doc-5 .is-here")).to_be_in_viewport(timeout=SOON)
    desk.get_by_role("searchbox", name="Từ cần tìm trong văn bản này").fill("khongco")
    expect(count(desk)).to_have_text("không thấy", timeout=SOON)
    expect(desk.locator(".words__hit")).to_have_count(0)
    expect(desk.get_by_role("button", name="Chỗ khớp sau")).to_be_disabled()


@pytest.mark.parametrize("scanned", [False, True])
def test_words_are_selected_and_copied_line_by_line(
    office: str, desk: Page, made: OfficeAgency, *, scanned: bool
) -> None:
    data = decision(pages=1)
    document = readable_document(made, scan_of(data) if scanned else data)
    desk.goto(f"{office}/documents/{document.pk}")
    rows = desk.locator("#doc-1 svg text")
    first, second = (rows.filter(has_text=f"Điều {each}.").first for each in (1, 2))
    expect(first).to_be_attached(timeout=SOON)
    first.scroll_into_view_if_needed()
    start, end = first.bounding_box(), second.bounding_box()
    assert start and end
    desk.mouse.move(start["x"] + 1, start["y"] + start["height"] / 2)
    desk.mouse.down()
    desk.mouse.move(end["x"] + end["width"] - 1, end["y"] + end["height"] / 2, steps=8)
    desk.mouse.up()
    chosen = desk.evaluate(CHOSEN)
    lines = [" ".join(each.split()) for each in chosen.strip().splitlines()]
    assert len(lines) == 2, chosen
    assert (
        lines[0].startswith("Điều 1. Nguyễn") and lines[1].startswith("Điều 2. Nguyễn") and lines[1].endswith("hành.")
    )


def test_everything_is_done_with_the_keys(office: str, desk: Page, made: OfficeAgency, look_at: Look) -> None:
    document = readable_document(made, decision(pages=5))
    desk.goto(f"{office}/documents/{document.pk}")
    expect(desk.locator("#doc-1 svg text").first).to_be_attached(timeout=SOON)
    desk.keyboard.press("f")
    desk.keyboard.type("giam doc")
    desk.keyboard.press("Enter")
    # The first hit is "Độc lập", which has one of the words; the second has both.
    expect(count(desk)).to_have_text("2/102", timeout=SOON)
    desk.keyboard.press("Enter")
    expect(count(desk)).to_have_text("3/102")
    desk.keyboard.press("Shift+Enter")
    expect(count(desk)).to_have_text("2/102")
    desk.keyboard.press("Escape")
    expect(desk.locator(".doc__find")).to_be_hidden()
    expect(desk.locator(".words__hit")).to_have_count(0)
    expect(desk.locator(".doc__leaves")).to_be_focused()
    desk.keyboard.press("End")
    expect(desk.locator("[data-doc-page]")).to_have_value("5", timeout=SOON)
    desk.locator("[data-doc-page]").focus()
    desk.keyboard.type("2")
    desk.keyboard.press("Enter")
    expect(desk.locator("#doc-2")).to_be_in_viewport()
    desk.locator(".doc__leaves").focus()
    desk.keyboard.press("+")
    expect(desk.locator(".doc__zoom output")).to_have_text("125 %")
    desk.keyboard.press("-")
    expect(desk.locator(".doc__zoom output")).to_have_text("vừa")
    desk.keyboard.press("?")
    expect(desk.locator("#keys")).to_contain_text("Tìm trong văn bản này")
    desk.keyboard.press("Escape")
    desk.get_by_role("button", name="Ảnh nhỏ các trang").press("Enter")
    expect(desk.locator(".doc__thumbs a[aria-current]")).to_contain_text("2")
    look_at("viewer-thumbs")
    desk.get_by_role("link", name="4 (tới trang này)").press("Enter")
    expect(desk.locator("[data-doc-page]")).to_have_value("4", timeout=SOON)
    desk.get_by_role("button", name="Xoay trang để xem").press("Enter")
    box = desk.locator("#doc-4").bounding_box()
    assert box and box["width"] > box["height"]
    expect(desk.locator("#doc-4 img")).to_be_in_viewport()
    look_at("viewer-turned")


def test_ten_thousand_pages_are_turned_without_holding_them(office: str, desk: Page, made: OfficeAgency) -> None:
    arrival = arrived(made, data=long_pdf(10_000))
    desk.goto(f"{office}/arrivals/{arrival.pk}")
    expect(desk.locator(".leaf")).to_have_count(10_000, timeout=SOON)
    for asked in ("5000", "9998", "40", "7000"):
        desk.locator("[data-doc-page]").fill(asked)
        desk.keyboard.press("Enter")
        expect(desk.locator(f"#doc-{asked} img")).to_be_in_viewport(timeout=SOON)
        expect(desk.locator(f"#doc-{asked} svg text").first).to_be_attached(timeout=SOON)
    assert desk.locator(".leaf img").count() < 60 and desk.locator(".leaf svg").count() < 60
    turned = desk.locator("#doc-9999").bounding_box()
    assert turned and turned["width"] > turned["height"], "the page that lies on its side has a place of its shape"
    desk.get_by_role("button", name="Ảnh nhỏ các trang").click()
    expect(desk.locator(".doc__thumbs a[aria-current] img")).to_be_attached(timeout=SOON)
    assert desk.locator(".doc__thumbs img").count() < 60


def test_on_a_phone_hits_are_gone_through_with_a_thumb(office: str, chromium: Browser, made: OfficeAgency) -> None:
    document = readable_document(made, decision(pages=5))
    context = chromium.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, locale="vi-VN", device_scale_factor=3,
        timezone_id="Asia/Ho_Chi_Minh",
    )  # fmt: skip
    page = context.new_page()
    page.set_default_timeout(SOON)
    enter(office, page, made, Duty.REGISTRAR)
    page.goto(f"{office}/documents/{document.pk}?q=dieu+47&hit=3")
    expect(here(page)).to_be_in_viewport(timeout=SOON)
    page.get_by_role("button", name="Chỗ khớp sau").tap()
    expect(count(page)).to_have_text("48/100", timeout=SOON)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("button", name="Phóng to").tap()
    page.get_by_role("button", name="Xoay trang để xem").tap()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    small = page.evaluate(
        """[...document.querySelectorAll(".doc__bar button, .doc__bar a, .doc__bar input, .doc__find button, .doc__find input")]
           .filter((each) => each.checkVisibility() && Math.min(each.getBoundingClientRect().height, each.getBoundingClientRect().width) < 43.5)
           .map((each) => each.outerHTML.slice(0, 90))"""
    )
    assert small == []
    # The fine picture of a fine screen comes in the place of the coarse one.
    expect(page.locator("#doc-3 img[src*='-220.png']")).to_be_attached(timeout=SOON)
    context.close()
