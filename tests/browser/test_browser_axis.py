"""The axis's own page, in a browser."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page

from fixtures_axis import Town


def test_the_axis_page_is_accessible_in_both_languages_and_fits_a_telephone(
    town: Town, page: Page, look_at: Callable[[str], None]
) -> None:
    page.goto(town.axis.url + "/")
    assert page.locator("html").get_attribute("lang") == "vi"
    look_at("axis-vi")
    page.get_by_role("link", name="English").click()
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.get_by_role("heading", level=1).inner_text().startswith("Document exchange axis")
    look_at("axis-en")


def test_the_axis_page_uses_the_shared_look_with_its_own_font_and_nothing_from_elsewhere(
    town: Town, page: Page
) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(town.axis.url + "/", wait_until="networkidle")
    assert all(url.startswith(town.axis.url) for url in asked)
    assert any(url.endswith(".css") for url in asked)
    assert page.evaluate("document.fonts.check('15px \"Be Vietnam Pro\"')")
    assert page.evaluate("getComputedStyle(document.body).borderTopColor") == "rgb(218, 37, 29)"


def test_the_first_press_of_the_tab_key_offers_the_way_to_the_content(town: Town, page: Page) -> None:
    page.goto(town.axis.url + "/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
