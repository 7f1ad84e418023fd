"""The parts of every page in a real browser: they can be read, reached, used by keyboard, and lose nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from look_gallery import Gallery, serve

PAGES = ("list", "panes", "form", "pieces", "door")
Look = Callable[[str], None]


@pytest.fixture(scope="module")
def gallery() -> Iterator[Gallery]:
    with serve() as made:
        yield made


@pytest.fixture
def fresh(gallery: Gallery) -> Gallery:
    gallery.posts.clear()
    gallery.gets.clear()
    gallery.uploads = 0
    gallery.on_upload = lambda count: 201
    return gallery


@pytest.mark.parametrize("name", PAGES)
def test_a_page_of_parts_is_accessible_and_fits_wide_and_narrow(
    name: str, fresh: Gallery, page: Page, look_at: Look
) -> None:
    page.goto(f"{fresh.url}/{name}")
    page.wait_for_selector("html[data-ready]")
    look_at(f"look-{name}")


@pytest.mark.parametrize("name", PAGES)
def test_nothing_sticks_out_at_any_width_nor_at_twice_and_four_times_the_size(
    name: str, fresh: Gallery, page: Page
) -> None:
    """1440 px at 200 % is 720 px wide, 1280 px at 400 % is 320 px (WCAG 2.2, 1.4.10)."""
    page.goto(f"{fresh.url}/{name}")
    for width in (320, 720, 1024, 1920):
        page.set_viewport_size({"width": width, "height": 700})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, width


@pytest.mark.parametrize("name", PAGES)
def test_a_page_of_parts_speaks_english_when_asked(name: str, fresh: Gallery, page: Page) -> None:
    page.goto(f"{fresh.url}/{name}?lang=en")
    assert page.get_attribute("html", "lang") == "en"
    if name != "door":
        expect(page.get_by_role("link", name="Skip to main content")).to_be_attached()


@pytest.mark.parametrize("name", PAGES)
def test_what_a_page_loads_stays_light(name: str, fresh: Gallery, page: Page) -> None:
    sizes: dict[str, int] = {}
    page.on(
        "response", lambda answer: sizes.update({answer.url: len(answer.body())}) if "/look/" in answer.url else None
    )
    page.goto(f"{fresh.url}/{name}")
    page.wait_for_load_state("networkidle")
    assert sum(sizes.values()) < 250_000
    own = sum(size for url, size in sizes.items() if url.endswith(".js") and "htmx" not in url)
    # A document brings its viewer with it.
    assert 1_000 < own < (56_000 if name == "panes" else 40_000)


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("width", [1440, 390])
def test_the_tab_key_reaches_everything_that_can_be_pressed(name: str, width: int, fresh: Gallery, page: Page) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{fresh.url}/{name}")
    page.wait_for_selector("html[data-ready]" if name != "door" else "form")
    wanted = page.evaluate(
        """() => [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")].filter(
          (each) => each.checkVisibility({visibilityProperty: true}) && !each.disabled && each.tabIndex >= 0 && each.type !== "hidden"
            && !(each.type === "radio" && !each.checked)).map((each, at) => { each.dataset.at = at; return String(at); })"""
    )
    page.evaluate("document.activeElement.blur(); document.querySelector('.skip')?.focus({focusVisible: true})")
    reached = set()
    for _ in range(len(wanted) + 12):
        reached.add(page.evaluate("document.activeElement.dataset.at"))
        page.keyboard.press("Tab")
    missed = [at for at in wanted if at not in reached]
    assert [
        page.evaluate("(at) => document.querySelector(`[data-at='${at}']`).outerHTML.slice(0, 120)", at)
        for at in missed
    ] == []


@pytest.mark.parametrize("name", PAGES)
def test_what_is_pressed_on_a_phone_is_large_enough(name: str, fresh: Gallery, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{fresh.url}/{name}")
    small = page.evaluate(
        """() => [...document.querySelectorAll(".page button, .page .button, .page input:not([type=hidden], [type=checkbox], [type=radio], [type=date]), .page select, .phone a, .nav__item")].filter(
          (each) => each.checkVisibility() && !each.closest(".combo__box, .hidden, .doc__thumbs") && each.getBoundingClientRect().width > 2 && each.getBoundingClientRect().height < 43.5)
          .map((each) => each.outerHTML.slice(0, 120))"""
    )
    assert small == []


def test_lines_leave_room_for_stacked_marks(fresh: Gallery, page: Page) -> None:
    for name in PAGES:
        page.goto(f"{fresh.url}/{name}")
        tight = page.evaluate(
            """() => [...document.querySelectorAll("body *")].filter((each) => [...each.childNodes].some((node) => node.nodeType === 3 && /[ấầẩẫậắằẳẵặếềểễệốồổỗộớờởỡợứừửữựỳỷỹ]/i.test(node.data)))
              .filter((each) => { const style = getComputedStyle(each); return parseFloat(style.lineHeight) / parseFloat(style.fontSize) < 1.39; })
              .map((each) => each.className + ": " + each.textContent.slice(0, 40))"""
        )
        assert tight == [], name


def test_rows_are_moved_in_and_opened_by_keyboard(fresh: Gallery, page: Page) -> None:
    page.goto(f"{fresh.url}/list")
    page.wait_for_selector("html[data-ready]")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    where = page.evaluate("document.activeElement.getAttribute('href')")
    page.keyboard.press("x")
    expect(page.locator("[data-bulk-count]")).to_have_text("1")
    page.keyboard.press("Enter")
    expect(page).to_have_url(fresh.url + where)


def test_keys_do_nothing_in_fields_while_composing_or_when_switched_off(fresh: Gallery, page: Page) -> None:
    page.goto(f"{fresh.url}/list")
    page.wait_for_selector("html[data-ready]")
    page.keyboard.press("/")
    page.keyboard.type("gi jxc?")
    assert page.url == f"{fresh.url}/list"
    assert page.input_value(".bar__search input") == "gi jxc?"
    page.evaluate("document.activeElement.blur()")
    page.evaluate("document.dispatchEvent(new KeyboardEvent('keydown', {key: '?', bubbles: true, isComposing: true}))")
    expect(page.locator("#keys")).to_be_hidden()
    page.evaluate("document.documentElement.dataset.keys = 'off'")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_hidden()
    page.evaluate("delete document.documentElement.dataset.keys")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    expect(page.locator("#keys")).to_contain_text("Mục sau")
    expect(page.locator("#keys")).to_contain_text("G D")
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("d")
    expect(page).to_have_url(f"{fresh.url}/dossiers")


def test_ticked_rows_bring_the_bar_and_are_sent_together(fresh: Gallery, page: Page) -> None:
    page.goto(f"{fresh.url}/list")
    page.wait_for_selector("html[data-ready]")
    bar = page.locator("[data-bulk-bar]")
    expect(bar).to_be_hidden()
    ticks = page.locator("input[name=row]")
    ticks.nth(0).check()
    ticks.nth(3).click(modifiers=["Shift"])
    expect(page.locator("[data-bulk-count]")).to_have_text("4")
    expect(bar.get_by_role("button", name="Xoá")).to_be_disabled()
    bar.get_by_role("button", name="Chuyển xử lý").click()
    expect(page.get_by_role("heading", name="xong")).to_be_visible()
    assert fresh.posts[-1][0] == "/bulk/forward"
    assert fresh.posts[-1][1].count(b"row=") == 4


def test_live_search_waits_for_the_input_method_and_changes_list_and_address(fresh: Gallery, page: Page) -> None:
    page.goto(f"{fresh.url}/list")
    page.wait_for_selector("html[data-ready]")
    field = page.locator("input[data-live]")
    field.evaluate(
        """(field) => { field.focus(); field.value = "quye"; field.dispatchEvent(new InputEvent("input", {bubbles: true, isComposing: true})); }"""
    )
    page.wait_for_timeout(600)
    assert [each for each in fresh.gets if "q=" in each] == []
    field.evaluate(
        """(field) => { field.value = "quyết"; field.dispatchEvent(new CompositionEvent("compositionend", {bubbles: true})); }"""
    )
    expect(page.locator("#incoming tbody tr")).to_have_count(3)
    assert "q=quy%E1%BA%BFt" in page.url
    assert len([each for each in fresh.gets if "q=quy" in each]) == 1
    page.locator("#incoming input[name=row]").first.check()
    expect(page.locator("[data-bulk-count]")).to_have_text("1")
    page.go_back()
    expect(page.locator("#incoming tbody tr")).to_have_count(24)


def test_panes_are_resized_by_keyboard_and_remembered(fresh: Gallery, page: Page) -> None:
    page.goto(f"{fresh.url}/panes")
    page.wait_for_selector("html[data-ready]")
    bar = page.get_by_role("separator", name="Bề rộng danh sách")
    before = page.locator(".panes__list").bounding_box()
    bar.focus()
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    after = page.locator(".panes__list").bounding_box()
    assert before and after and after["width"] > before["width"] + 50
    page.reload()
    page.wait_for_selector("html[data-ready]")
    kept = page.locator(".panes__list").bounding_box()
    assert kept and abs(kept["width"] - after["width"]) < 2


def test_panes_are_steps_on_a_phone_and_the_document_can_be_paged_and_zoomed(fresh: Gallery, page: Page) -> None:
    page.goto(f"{fresh.url}/panes")
    page.wait_for_selector("html[data-ready]")
    page.get_by_label("Trang", exact=True).fill("4")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    expect(page.locator("#doc-4")).to_be_in_viewport()
    wide = page.locator("#doc-4").bounding_box()
    page.get_by_role("button", name="Phóng to").click()
    large = page.locator("#doc-4").bounding_box()
    assert wide and large and large["width"] > wide["width"] * 1.2
    page.get_by_role("tab", name="Quá trình").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_text("Chưa vào hồ sơ nào")).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 844})
    expect(page.locator(".panes__side")).to_be_hidden()
    page.get_by_role("link", name="Xử lý", exact=True).click()
    expect(page.locator(".panes__side")).to_be_visible()
    expect(page.locator(".panes__document")).to_be_hidden()


def test_the_chooser_finds_without_accents_and_the_form_sends_what_was_chosen(fresh: Gallery, page: Page) -> None:
    page.goto(f"{fresh.url}/form")
    page.wait_for_selector("html[data-ready]")
    assert page.evaluate("document.activeElement.className") == "faults"
    page.get_by_role("link", name="Chưa chọn nơi nhận nào").click()
    field = page.get_by_role("combobox", name="Nơi nhận")
    expect(field).to_be_focused()
    page.keyboard.type("dau tu")
    expect(page.locator(".combo__list:visible li")).to_have_count(1)
    expect(page.locator(".combo__list:visible li")).to_contain_text("Sở Đầu tư")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Bỏ Sở Tài chính tỉnh Mẫu Sơn").click()
    page.get_by_role("combobox", name="Loại văn bản").fill("quyet")
    page.keyboard.press("Enter")
    page.get_by_label("Ngày ban hành", exact=True).fill("1.2.26")
    page.get_by_label("Ghi chú cho văn thư").fill("Gấp.")
    page.get_by_role("button", name="Lưu, theo dõi.").click()
    page.get_by_label("Ghi chú cho văn thư").press("Control+Enter")
    expect(page.get_by_role("heading", name="xong")).to_be_visible()
    sent = fresh.posts[-1][1].decode()
    assert re.findall(r"(?:^|&)to=(\w+)", sent) == ["a2", "a4"]
    assert "kind=qd" in sent
    assert "day=01%2F02%2F2026" in sent
    assert "note=G%E1%BA%A5p.+L%C6%B0u" in sent


def test_a_form_pressed_twice_is_sent_once(fresh: Gallery, page: Page) -> None:
    page.goto(f"{fresh.url}/form")
    page.wait_for_selector("html[data-ready]")
    page.evaluate(
        "() => { const button = document.querySelector('#send button:not([type])'); button.click(); button.click(); }"
    )
    expect(page.get_by_role("heading", name="xong")).to_be_visible()
    assert [path for path, _ in fresh.posts] == ["/send"]


def test_a_file_whose_connection_is_lost_can_be_sent_again_and_its_id_goes_with_the_form(
    fresh: Gallery, page: Page, tmp_path: Path
) -> None:
    lost = [True]  # the browser itself tries a closed connection once more
    fresh.on_upload = lambda count: 0 if lost else 201
    (tmp_path / "Phụ lục 1.pdf").write_bytes(b"%PDF-1.7 " + b"x" * 4000)
    page.goto(f"{fresh.url}/form")
    page.wait_for_selector("html[data-ready]")
    page.set_input_files("input[type=file]", tmp_path / "Phụ lục 1.pdf")
    again = page.get_by_role("button", name="Thử lại Phụ lục 1.pdf")
    expect(page.get_by_text("mất kết nối")).to_be_visible()
    page.get_by_role("button", name="Gửi phát hành").click()
    assert {path for path, _ in fresh.posts} == {"/upload"}
    expect(again).to_be_focused()
    lost.clear()
    again.click()
    expect(page.get_by_text("đã nhận")).to_be_visible()
    page.get_by_role("button", name="Gửi phát hành").click()
    expect(page.get_by_role("heading", name="xong")).to_be_visible()
    assert fresh.posts[-1][0] == "/send"
    assert f"f{fresh.uploads}".encode() in fresh.posts[-1][1]


def test_a_file_dropped_anywhere_is_taken_and_a_refusal_is_told_in_the_servers_words(
    fresh: Gallery, page: Page
) -> None:
    fresh.on_upload = lambda count: 422
    page.goto(f"{fresh.url}/form")
    page.wait_for_selector("html[data-ready]")
    page.evaluate(
        """() => { const data = new DataTransfer(); data.items.add(new File(["abc"], "quyết định.pdf"));
          document.body.dispatchEvent(new DragEvent("dragenter", {dataTransfer: data, bubbles: true}));
          window.shown = !document.querySelector("[data-drop]").hidden;
          document.body.dispatchEvent(new DragEvent("drop", {dataTransfer: data, bubbles: true, cancelable: true})); }"""
    )
    assert page.evaluate("window.shown")
    expect(page.locator("[data-drop]")).to_be_hidden()
    expect(page.get_by_text("Tệp có mã độc, đã giữ lại.")).to_be_visible()


def test_a_grave_act_needs_its_word_typed_and_a_reason(fresh: Gallery, page: Page) -> None:
    page.goto(f"{fresh.url}/panes")
    page.wait_for_selector("html[data-ready]")
    page.keyboard.press("r")
    dialog = page.get_by_role("dialog")
    act = dialog.get_by_role("button", name="Trả lại nơi gửi")
    expect(act).to_be_disabled()
    dialog.get_by_label("Gõ «TRẢ LẠI»").fill("trả")
    expect(act).to_be_disabled()
    dialog.get_by_label("Gõ «TRẢ LẠI»").fill("TRẢ LẠI".encode().decode())
    expect(act).to_be_enabled()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    assert fresh.posts == []
    page.keyboard.press("r")
    dialog.get_by_label("Lý do").fill("Gửi nhầm nơi nhận")
    act.click()
    expect(page.get_by_role("heading", name="xong")).to_be_visible()
    assert b"reason=G" in fresh.posts[-1][1]


def test_a_message_is_read_out_offers_undo_and_can_be_closed(fresh: Gallery, page: Page) -> None:
    page.goto(f"{fresh.url}/pieces")
    page.wait_for_selector("html[data-ready]")
    place = page.locator("#toasts")
    assert place.get_attribute("aria-live") == "polite"
    expect(place).to_contain_text("Đã chuyển 1245/UBND-VP")
    place.get_by_role("button", name="Đóng").click()
    expect(place).to_be_empty()
    page.reload()
    place.get_by_role("button", name="Hoàn tác").click()
    expect(page.get_by_role("heading", name="xong")).to_be_visible()
    assert fresh.posts[-1][0] == "/undo"


def test_escape_leads_back_from_a_document_to_its_list(fresh: Gallery, page: Page) -> None:
    page.goto(f"{fresh.url}/panes")
    page.wait_for_selector("html[data-ready]")
    page.keyboard.press("Escape")
    expect(page).to_have_url(f"{fresh.url}/list")


def test_signatures_are_folded_on_a_phone_and_their_worst_is_still_told(fresh: Gallery, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{fresh.url}/panes")
    page.wait_for_selector("html[data-ready]")
    expect(page.locator(".strip")).to_be_hidden()
    expect(page.locator(".strip-fold summary")).to_contain_text("1 chưa xác định")
    page.locator(".strip-fold summary").click()
    expect(page.locator(".strip")).to_be_visible()


def test_one_unit_leads(fresh: Gallery, page: Page) -> None:
    page.goto(f"{fresh.url}/panes")
    page.wait_for_selector("html[data-ready]")
    page.locator("input[name='unit:snv'][value=lead]").check()
    assert page.locator("input[value=lead]:checked").count() == 1
    assert page.locator("input[name='unit:stc'][value=support]").is_checked()


def test_the_navigation_folds_is_remembered_and_slides_in_on_a_phone(fresh: Gallery, page: Page) -> None:
    page.goto(f"{fresh.url}/list")
    page.wait_for_selector("html[data-ready]")
    page.get_by_role("button", name="Thu gọn danh mục").click()
    page.reload()
    box = page.locator("#nav").bounding_box()
    assert box and box["width"] < 70
    expect(page.locator("#nav").get_by_role("link", name="Văn bản đi")).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_selector("html[data-ready]")
    expect(page.locator("#nav")).to_be_hidden()
    page.locator(".phone").get_by_role("link", name="Danh mục").click()
    expect(page.locator("#nav")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#nav")).to_be_hidden()


def test_core_tasks_work_without_javascript(fresh: Gallery, chromium: Browser) -> None:
    context = chromium.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(f"{fresh.url}/list")
    page.locator(".phone a[href='#nav']").click()
    expect(page.locator("#nav")).to_be_visible()
    page.locator(".nav__close").click()
    page.get_by_role("searchbox", name="Lọc trong danh sách").fill("quyết")
    page.locator(".live button").click()
    expect(page.locator("#incoming tbody tr")).to_have_count(3)
    page.locator("input[name=row]").first.check()
    page.locator("[data-bulk-bar]").get_by_role("button", name="Chuyển xử lý").click()
    assert fresh.posts[-1][0] == "/bulk/forward"
    page.goto(f"{fresh.url}/form")
    page.locator("select#to").select_option(["a1", "a5"])
    page.get_by_role("button", name="Gửi phát hành").click()
    assert fresh.posts[-1][0] == "/send"
    page.goto(f"{fresh.url}/panes")
    page.locator(".panes__steps a[href='#incoming-side']").click()
    expect(page.locator("#incoming-side")).to_be_visible()
    context.close()


def test_the_worker_keeps_one_page_and_the_style_and_nothing_else(fresh: Gallery, page: Page) -> None:
    page.goto(f"{fresh.url}/list")
    page.evaluate("async () => { await navigator.serviceWorker.ready; }")
    page.goto(f"{fresh.url}/panes")
    page.wait_for_selector("html[data-ready]")
    kept = page.evaluate(
        "async () => { const found = []; for (const name of await caches.keys()) { for (const each of await (await caches.open(name)).keys()) { found.push(new URL(each.url).pathname); } } return found; }"
    )
    assert [each for each in kept if not re.fullmatch(r"/look/look\.[0-9a-f]{12}\.css", each)] == ["/offline"]
