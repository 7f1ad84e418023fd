"""Search, dossiers, the file plan, reports and tasks in a browser, wide and narrow, with axe on every page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pyotp
import pytest
from playwright.sync_api import Page, expect

from fixtures_office import OfficeInstallation
from lienthong.office.services import assigning, filing, planning
from lienthong.office.services.assigning import TaskFields
from lienthong.office.services.filing import DossierFields
from lienthong.office.services.tasks import Owner, give
from lienthong.office.states import Incoming, Role, TaskKind
from lienthong.webkit.site.duties import Duty
from office_documents import incoming_document, outgoing_document
from office_server import serving
from office_world import PASSWORD, OfficeAgency, make_agency, working_as

Look = Callable[[str], None]
SUBJECTS = (
    "Về việc tăng cường kiểm soát thủ tục hành chính trên môi trường điện tử", "Báo cáo tình hình chuyển đổi số quý III",
    "Kế hoạch kiểm tra công tác văn thư, lưu trữ năm 2026", "Giấy mời họp triển khai nhiệm vụ tháng 11",
    "Về việc góp ý dự thảo Quy chế tiếp nhận, xử lý văn bản điện tử",
)  # fmt: skip


@pytest.fixture(scope="module")
def office(office_installation: OfficeInstallation) -> Iterator[str]:
    with serving() as url:
        yield url


def signed_in(page: Page, office: str, made: OfficeAgency, duty: Duty) -> None:
    account = made.people[duty]
    page.goto(office + "/sign-in")
    page.get_by_label("Tên đăng nhập").fill(account.login)
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Tiếp tục").click()
    page.get_by_label("Mã 6 chữ số").fill(pyotp.TOTP(made.secrets[account.pk]).now())
    page.get_by_role("button", name="Vào hệ thống").click()
    expect(page.get_by_role("heading", name="Việc của tôi", level=1)).to_be_visible()


@pytest.fixture
def made(agency_number: int) -> OfficeAgency:
    """An agency in the middle of its work."""
    agency = make_agency(agency_number)
    with working_as(agency, Duty.REGISTRAR) as visit:
        first = visit.today.replace(day=1)
        documents = [
            incoming_document(
                visit, abstract=SUBJECTS[n % 5], issuer=("Văn phòng Chính phủ", "UBND tỉnh Thử Nghiệm", "Bộ Thử")[n % 3],
                number=f"{1300 + n}", symbol="VPCP-KSTT", signer="Trần Thị Thử", pages=n % 4 + 1, source=("axis", "paper")[n % 2],
                arrived=first, due=visit.today + timedelta(days=n - 4), urgency=n % 3,
                body=f"Kính gửi: các đơn vị.\n{SUBJECTS[n % 5]}.\fTrang hai nói về chuyển đổi số và báo cáo.",
                state=Incoming.IN_PROGRESS if n % 2 else Incoming.FINISHED, finished_at=visit.now,
            )
            for n in range(12)
        ]  # fmt: skip
        for n, each in enumerate(documents):
            owner = Owner(unit=(agency.unit if n % 3 else agency.office).pk)
            give(visit, each, owner, TaskKind.HANDLING, Role.LEAD, due=each.due_date)
        answer = outgoing_document(visit, abstract="Trả lời về chuyển đổi số", answers=documents[1], unit=agency.unit)
        dossier = filing.open_dossier(
            visit, DossierFields("Hồ sơ về việc kiểm soát thủ tục hành chính năm 2026", "10 năm", visit.today.year,
                                 due_date=visit.today + timedelta(days=9)))  # fmt: skip
        for each in (documents[1], documents[3], documents[0]):
            filing.file_document(visit, dossier, each.pk)
        assert answer.pk
        plan = planning.begin(visit, visit.today.year)
        for title, mark in (("Tổ chức cán bộ", "TCCB"), ("Văn phòng", "VP")):
            heading = planning.add_heading(visit, plan, title, mark)
            small = planning.add_heading(visit, plan, f"Công tác {title.lower()}", parent=heading.pk)
            for n in range(3):
                planning.plan_dossier(
                    visit, plan, small.pk, DossierFields(f"Tập tài liệu {title.lower()} số {n}", "Vĩnh viễn", 0)
                )
    with working_as(agency, Duty.LEADER) as visit:
        for n in range(3):
            owner = Owner(unit=agency.unit.pk) if n else Owner(account=agency.people[Duty.CASE_OFFICER].pk)
            assigning.create(
                visit, TaskFields(f"Chuẩn bị báo cáo chuyên đề {n + 1}", "Làm rõ số liệu.", (owner,), days=n)
            )
    return agency


def test_a_registrar_finds_files_and_reports(office: str, page: Page, look_at: Look, made: OfficeAgency) -> None:
    signed_in(page, office, made, Duty.REGISTRAR)
    page.goto(office + "/search")
    look_at("search-empty")
    page.get_by_label("Từ cần tìm").fill("chuyen doi so")
    page.keyboard.press("Enter")
    expect(page.locator("mark").first).to_be_visible()
    look_at("search-found")
    page.get_by_role("button", name="Lưu góc nhìn này").click()
    page.get_by_label("Tên", exact=True).fill("Chuyển đổi số")
    look_at("search-save")
    page.get_by_role("button", name="Lưu", exact=True).click()
    expect(page.get_by_text("Chuyển đổi số").first).to_be_visible()
    page.goto(office + "/search?q=khongcogi")
    look_at("search-nothing")
    page.goto(office + "/dossiers")
    look_at("dossiers")
    page.get_by_role("link", name="Hồ sơ về việc kiểm soát thủ tục").first.click()
    look_at("dossier")
    page.get_by_role("button", name="Đưa vào hồ sơ").click()
    expect(page.get_by_text("văn bản liên quan chưa vào hồ sơ")).to_have_count(0)
    page.get_by_role("button", name="Kết thúc hồ sơ").first.click()
    look_at("dossier-close")
    page.locator("#close").get_by_role("button", name="Kết thúc hồ sơ").click()
    expect(page.get_by_role("alert")).to_contain_text("Không làm được bước này")
    look_at("dossier-refused")
    page.goto(office + "/dossiers/new")
    look_at("dossier-new")
    page.goto(office + "/dossiers/counts")
    look_at("dossier-counts")
    page.goto(office + "/file-plan")
    look_at("file-plan")
    for form in ("indicators", "handling", "sending"):
        page.goto(f"{office}/reports?form={form}")
        look_at(f"reports-{form}")
    page.goto(f"{office}/reports/lists/arrived?kind=year&year={date.today().year}")
    look_at("report-list")
    page.goto(f"{office}/reports")
    page.get_by_text("Sổ theo Phụ lục IV").click()
    page.get_by_role("link", name="Sổ đăng ký văn bản đến").click()
    look_at("report-register")


def test_a_leader_gives_follows_and_urges(office: str, page: Page, look_at: Look, made: OfficeAgency) -> None:
    signed_in(page, office, made, Duty.LEADER)
    page.goto(office + "/given")
    look_at("given")
    page.get_by_label("Đánh dấu mọi dòng ở trang này").check()
    page.get_by_role("button", name="Đôn đốc").click()
    expect(page.get_by_text("đã nhắc").first).to_be_visible()
    look_at("given-reminded")
    page.goto(office + "/tasks/new")
    look_at("task-new")
    page.goto(office + "/given")
    page.get_by_role("link", name="Chuẩn bị báo cáo chuyên đề 1").click()
    look_at("task")
    page.goto(f"{office}/hand-over/{made.people[Duty.CASE_OFFICER].pk}")
    look_at("hand-over")
    page.goto(office + "/calendar")
    page.get_by_role("button", name="Tạo địa chỉ mới").click()
    look_at("calendar")
