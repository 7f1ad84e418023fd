"""A document from the first word to its recipients in a real browser, by four people, wide and narrow."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from fixtures_office import OfficeInstallation
from lienthong.office.services import drafting
from lienthong.webkit.site.duties import Duty
from lienthong.webkit.site.tenancy import acting_for
from office_server import serving
from outgoing_world import BODY, PASSWORD_TEXT, OutgoingAgency, make_outgoing

Look = Callable[[str], None]
SESSIONS: dict[str, str] = {}


@pytest.fixture(scope="module")
def office(office_installation: OfficeInstallation) -> Iterator[str]:
    with serving() as url:
        yield url


@pytest.fixture
def world(office_installation: OfficeInstallation, agency_number: int) -> OutgoingAgency:
    return make_outgoing(agency_number)


def be(page: Page, office: str, world: OutgoingAgency, duty: Duty) -> None:
    """Go on as another person: the session of a client that has signed in, once a person, as codes work once."""
    login = world.account(duty).login
    if login not in SESSIONS:
        SESSIONS[login] = world.made.client(duty).cookies["lienthong"].value
    cookie = SESSIONS[login]
    page.context.clear_cookies()
    page.context.add_cookies([{"name": "lienthong", "value": cookie, "url": office}])


def test_a_document_from_the_first_word_to_its_recipients(
    office: str, page: Page, look_at: Look, world: OutgoingAgency
) -> None:
    be(page, office, world, Duty.CASE_OFFICER)
    page.goto(f"{office}/drafts")
    look_at("outgoing-drafts-empty")
    page.get_by_role("link", name="Soạn văn bản").first.click()
    page.get_by_label("Loại văn bản").select_option("Quyết định (cá biệt)")
    page.get_by_role("button", name="Lưu dự thảo").click()
    expect(page.get_by_role("alert")).to_contain_text("Nhập trích yếu")
    look_at("outgoing-form-refused")
    page.get_by_role("textbox", name="Trích yếu", exact=True).fill("Về việc thành lập Tổ công tác chuyển đổi số của Sở")
    page.get_by_label("Căn cứ ban hành").fill(
        "Căn cứ Nghị định số 30/2020/NĐ-CP ngày 05 tháng 3 năm 2020 của Chính phủ về công tác văn thư"
    )
    page.locator("#body").fill(BODY)
    page.locator("#signer_1").select_option(label="GIÁM ĐỐC – Nguyễn Văn An")
    page.locator("#others").fill("UBND tỉnh Thử Nghiệm; H99\nSở Tài chính Thử Nghiệm; H99.02\nThư viện tỉnh")
    page.get_by_role("button", name="Lưu dự thảo").click()
    expect(page.get_by_role("heading", name="Quyết định (cá biệt)")).to_be_visible()
    look_at("outgoing-draft-without-file")
    page.get_by_role("button", name="Tạo văn bản từ nội dung").click()
    expect(page.locator(".leaf").first).to_be_visible(timeout=60_000)
    look_at("outgoing-draft")
    document = int(page.url.rpartition("/")[2])
    page.get_by_role("button", name="Trình duyệt").click()
    expect(page.get_by_text("Chờ duyệt nội dung").first).to_be_visible()
    be(page, office, world, Duty.UNIT_HEAD)
    page.goto(f"{office}/drafts?of=waiting")
    look_at("outgoing-drafts-waiting")
    page.get_by_role("link", name="Về việc thành lập").click()
    look_at("outgoing-review")
    page.get_by_role("button", name="Duyệt nội dung").click()
    be(page, office, world, Duty.REGISTRAR)
    page.goto(f"{office}/drafts/{document}/check")
    look_at("outgoing-check")
    page.goto(f"{office}/drafts/{document}")
    page.get_by_role("button", name="Đạt thể thức, trình ký").click()
    be(page, office, world, Duty.LEADER)
    page.goto(f"{office}/drafts/{document}")
    look_at("outgoing-to-sign")
    page.get_by_role("link", name="Ký số").first.click()
    look_at("outgoing-signing")
    page.get_by_label("Mật khẩu hoặc PIN").fill("sai")
    page.get_by_role("button", name="Ký các văn bản đã đánh dấu").click()
    expect(page.get_by_role("alert")).to_be_visible()
    look_at("outgoing-signing-wrong")
    page.get_by_label("Mật khẩu hoặc PIN").fill(PASSWORD_TEXT)
    page.get_by_role("button", name="Ký các văn bản đã đánh dấu").click()
    expect(page.get_by_role("heading", name="Kết quả ký")).to_be_visible()
    look_at("outgoing-signed")
    be(page, office, world, Duty.REGISTRAR)
    page.goto(f"{office}/numbering")
    look_at("outgoing-numbering")
    page.get_by_role("link", name="Về việc thành lập").click()
    page.get_by_role("button", name="Cấp số và vào sổ").click()
    expect(page.get_by_role("heading", name="01/QĐ-STN").first).to_be_visible()
    look_at("outgoing-seal")
    page.get_by_label("Mật khẩu hoặc PIN khóa của cơ quan").fill(PASSWORD_TEXT)
    page.get_by_role("button", name="Ký số của cơ quan").click()
    page.get_by_role("button", name="Phát hành").click()
    expect(page.get_by_text("Đã phát hành").first).to_be_visible()
    look_at("outgoing-issued")
    page.locator("a[href='#deliveries']").click()
    look_at("outgoing-recipients")
    page.get_by_role("button", name="Đã gửi Thư viện tỉnh").click()
    page.goto(f"{office}/outgoing")
    look_at("outgoing-register")
    page.goto(f"{office}/receipts?of=all")
    look_at("outgoing-receipts")
    page.goto(f"{office}/registers")
    look_at("outgoing-registers")
    with acting_for(world.made.agency.pk):
        assert world.get(document).state == "issued"


def test_two_versions_are_compared(office: str, page: Page, look_at: Look, world: OutgoingAgency) -> None:
    document = world.draft()
    with world.visit(Duty.CASE_OFFICER) as visit:
        drafting.save(
            visit, document, world.fields(abstract="Về việc kiện toàn Tổ công tác"), world.get(document).revision
        )
    be(page, office, world, Duty.CASE_OFFICER)
    page.goto(f"{office}/drafts/{document}")
    page.locator("a[href='#versions']").click()
    page.get_by_role("link", name="So sánh").click()
    expect(page.locator("ins").first).to_contain_text("kiện")
    look_at("outgoing-compared")


def test_an_officer_on_a_phone_returns_and_withdraws(
    office: str, chromium: Browser, world: OutgoingAgency, tmp_path: Path
) -> None:
    document = world.draft()
    world.submit(document)
    context = chromium.new_context(viewport={"width": 390, "height": 800}, locale="vi-VN")
    page = context.new_page()
    be(page, office, world, Duty.CASE_OFFICER)
    page.goto(f"{office}/drafts/{document}")
    page.get_by_role("link", name="Xử lý").click()
    page.get_by_role("button", name="Rút về để sửa").click()
    expect(page.get_by_text("Đang soạn").first).to_be_attached()
    context.close()
    assert world.look(document).state == "draft"
