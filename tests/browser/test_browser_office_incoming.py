"""An incoming document in a browser, from the tray to the end, wide and narrow, by the people who handle it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from fixtures_office import OfficeInstallation
from incoming_world import arrived
from lienthong.office.models import Document
from lienthong.webkit.site.duties import Duty
from lienthong.webkit.site.tenancy import acting_for
from office_server import serving
from office_world import PASSWORD, OfficeAgency, make_agency

Look = Callable[[str], None]


@pytest.fixture(scope="module")
def office(office_installation: OfficeInstallation) -> Iterator[str]:
    with serving() as url:
        yield url


def enter(office: str, page: Page, made: OfficeAgency, duty: Duty) -> None:
    """Sign in as the person with a duty, with nobody's session left."""
    page.context.clear_cookies()
    account = made.people[duty]
    page.goto(office + "/sign-in")
    page.get_by_label("Tên đăng nhập").fill(account.login)
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Tiếp tục").click()
    page.get_by_label("Mã 6 chữ số").fill(made.code(duty))
    page.get_by_role("button", name="Vào hệ thống").click()
    expect(page.get_by_role("heading", name="Việc của tôi", level=1)).to_be_visible()


def verdict() -> dict[str, Any]:
    """What an examination found, as it is stored."""
    check = {"name": "pdf.intact", "verdict": "PASSED", "vi": "Văn bản không bị sửa sau khi ký.", "en": "Unchanged.",
             "why_vi": "", "why_en": ""}  # fmt: skip
    signature = {"who": "Nguyễn Văn Mẫu", "organization": "Bộ Thử nghiệm", "role": "person", "when": "2026-01-05T02:00:00Z",
                 "proven": True, "verdict": "PASSED", "sentences": [check]}  # fmt: skip
    return {"verdict": "PASSED", "signatures": [signature], "sentences": []}


def test_from_the_tray_to_the_finished_document(office: str, page: Page, look_at: Look, agency_number: int) -> None:
    made = make_agency(agency_number)
    arrival = arrived(made, urgency=2, title="V/v báo cáo kết quả chuyển đổi số quý IV năm 2026")
    arrived(made)
    with acting_for(made.agency.pk):
        arrival.files.update(verdict=verdict())
        kind = {"value": "Công văn", "confidence": "certain", "reason_vi": "Có «V/v» và không có tên loại: công văn.",
                "reason_en": "It says so."}  # fmt: skip
        arrival.verdict = {"verdict": "PASSED", "sentences": [
            {"verdict": "PASSED", "vi": "Gói tin nguyên vẹn, do hệ thống đã đăng ký của cơ quan gửi ký.", "en": "Intact."}]}  # fmt: skip
        arrival.fields = {**arrival.fields, "proposals": {"kind": kind}, "abstract": arrival.title, "urgency": 2}
        arrival.save()

    enter(office, page, made, Duty.REGISTRAR)
    page.goto(office + "/arrivals")
    look_at("office-arrivals")
    page.get_by_role("link", name=arrival.title).first.click()
    expect(page.get_by_role("heading", name="Đăng ký văn bản đến")).to_be_visible()
    look_at("office-arrival")
    page.locator("#abstract").focus()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Đã vào sổ, số đến 1:")).to_be_visible()
    page.goto(office + "/arrivals/new")
    look_at("office-arrival-new")

    page.goto(office + "/incoming")
    look_at("office-incoming")
    page.locator(".grid__table tbody a").first.click()
    expect(page.get_by_role("heading", name="Trình hoặc chuyển văn bản")).to_be_visible()
    look_at("office-document-registered")
    page.locator("select[name='submit-0-to']").select_option(str(made.people[Duty.LEADER].pk))
    page.get_by_label("Đề xuất xử lý").fill("Đề nghị giao Phòng Tổng hợp chủ trì.")
    page.get_by_role("button", name="Trình", exact=True).click()
    expect(page.get_by_text("Đã ghi.")).to_be_visible()

    enter(office, page, made, Duty.LEADER)
    look_at("office-home-leader")
    page.get_by_role("link", name=arrival.title).first.click()
    page.get_by_label("Ý kiến chỉ đạo").fill("Giao Phòng Tổng hợp chủ trì, báo cáo trước ngày họp.")
    row = page.get_by_role("group", name="Phòng Tổng hợp", exact=True).first
    row.get_by_label("Chủ trì").check(force=True)
    look_at("office-document-directive")
    page.get_by_role("button", name="Giao xử lý").click()
    expect(page.get_by_text("Đã ghi.")).to_be_visible()

    enter(office, page, made, Duty.UNIT_HEAD)
    page.get_by_role("link", name=arrival.title).first.click()
    name = made.people[Duty.CASE_OFFICER].full_name
    page.get_by_role("group", name=name, exact=True).first.get_by_label("Chủ trì").check(force=True)
    look_at("office-document-assignment")
    page.get_by_role("button", name="Phân công").click()
    expect(page.get_by_text("Đã ghi.")).to_be_visible()

    enter(office, page, made, Duty.CASE_OFFICER)
    page.get_by_role("link", name=arrival.title).first.click()
    page.get_by_role("button", name="Báo cáo kết quả").click()
    expect(page.get_by_role("alert")).to_be_visible()
    look_at("office-document-refused")
    page.get_by_label("Kết quả xử lý").fill("Đã gửi số liệu.")
    page.locator("select[name$='-answer']").select_option("none")
    page.get_by_role("button", name="Báo cáo kết quả").click()
    expect(page.get_by_text("Đã ghi.")).to_be_visible()

    enter(office, page, made, Duty.UNIT_REGISTRAR)
    page.goto(office + "/incoming")
    page.locator(".grid__table tbody a").first.click()
    enter(office, page, made, Duty.LEADER)
    with acting_for(made.agency.pk):
        document = Document.objects.get(agency=made.agency)
    page.goto(f"{office}/documents/{document.pk}")
    look_at("office-document-reported")
    page.goto(f"{office}/documents/{document.pk}/slip")
    look_at("office-document-slip")


@pytest.mark.parametrize("width", [1440, 390])
def test_the_head_confirms_on_a_desk_and_on_a_phone(
    office: str, chromium: Browser, agency_number: int, width: int
) -> None:
    from incoming_world import registered
    from lienthong.office.services import routing, working
    from lienthong.office.services.routing import Order, Target
    from lienthong.office.services.tasks import Owner
    from lienthong.office.states import Role
    from office_world import working_as

    made = make_agency(agency_number)
    document = registered(made)
    with working_as(made, Duty.REGISTRAR) as visit:
        order = Order((Target(Owner(unit=made.unit.pk), Role.LEAD),))
        (unit,) = routing.pass_directly(visit, document, order, "Điều 5 Quy chế")
    with working_as(made, Duty.UNIT_HEAD) as visit:
        officer = Order((Target(Owner(account=made.people[Duty.CASE_OFFICER].pk), Role.LEAD),))
        (task,) = routing.assign(visit, unit.pk, officer)
    with working_as(made, Duty.CASE_OFFICER) as visit:
        working.report(visit, task.pk, "Đã xong", no_answer=True)
    context = chromium.new_context(viewport={"width": width, "height": 900}, locale="vi-VN")
    page = context.new_page()
    enter(office, page, made, Duty.UNIT_HEAD)
    page.goto(f"{office}/documents/{document.pk}")
    if width < 600:
        page.locator("a[data-step-to=side]").click()
    page.get_by_role("button", name="Xác nhận kết quả").click()
    expect(page.get_by_text("Đã ghi.")).to_be_visible()
    with acting_for(made.agency.pk):
        assert Document.objects.get(pk=document.pk).state == "finished"
    context.close()
