"""The pages of administration in a browser: people, units, the log, one's own settings; wide, narrow, by keyboard."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pyotp
import pytest
from playwright.sync_api import Page, expect

from fixtures_office import OfficeInstallation
from lienthong.webkit.site.duties import Duty
from office_server import serving
from office_world import PASSWORD, OfficeAgency, make_agency

Look = Callable[[str], None]


@pytest.fixture(scope="module")
def office(office_installation: OfficeInstallation) -> Iterator[str]:
    with serving() as url:
        yield url


def sign_in(page: Page, office: str, made: OfficeAgency, duty: Duty) -> None:
    account = made.people[duty]
    page.goto(office + "/sign-in")
    page.get_by_label("Tên đăng nhập").fill(account.login)
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_label("Mã 6 chữ số").fill(pyotp.TOTP(made.secrets[account.pk]).now())
    page.keyboard.press("Enter")
    expect(page.get_by_role("navigation", name="Danh mục", exact=True)).to_be_attached()


def test_an_administrator_adds_a_person_gives_a_position_and_reads_the_log(
    office: str, page: Page, look_at: Look, agency_number: int
) -> None:
    made = make_agency(agency_number)
    sign_in(page, office, made, Duty.ADMINISTRATOR)
    page.goto(office + "/people")
    look_at("office-people")
    page.get_by_role("link", name="Thêm người dùng").click()
    look_at("office-person-new")
    page.get_by_label("Họ và tên").fill("Lê Thị Ánh Nguyệt")
    page.get_by_label("Tên đăng nhập").fill(f"nguyet.{made.agency.code.lower()}")
    page.get_by_role("button", name="Tạo tài khoản").click()
    expect(page.get_by_role("heading", name="Mật khẩu dùng một lần")).to_be_visible()
    look_at("office-person-password")
    page.get_by_role("link", name="Phân công chức vụ").click()
    page.get_by_label("Vai trò", exact=True).select_option("case_officer")
    page.get_by_label("Chức vụ, như ghi trên văn bản").fill("Chuyên viên")
    page.get_by_role("button", name="Phân công").click()
    expect(page.get_by_text("Chuyên viên · ")).to_be_visible()
    look_at("office-person")
    page.goto(office + "/units")
    look_at("office-units")
    page.goto(office + "/audit")
    expect(page.get_by_text("right.given")).to_be_visible()
    look_at("office-audit")
    page.get_by_role("button", name="Kiểm tra toàn vẹn").click()
    expect(page.get_by_text("Nhật ký nguyên vẹn")).to_be_visible()
    look_at("office-audit-verified")


def test_a_leader_names_a_substitute_and_takes_it_back(
    office: str, page: Page, look_at: Look, agency_number: int
) -> None:
    made = make_agency(agency_number)
    sign_in(page, office, made, Duty.LEADER)
    page.goto(office + "/mine")
    look_at("office-mine")
    expect(page.get_by_role("button", name="Ủy quyền")).to_be_visible()
