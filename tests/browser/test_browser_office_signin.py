"""Signing in to the office in a browser: first time with a new authenticator, later with a code, and what is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pyotp
import pytest
from playwright.sync_api import Page, expect

from fixtures_office import OfficeInstallation
from lienthong.webkit.people.models import Account
from lienthong.webkit.site.duties import Duty
from lienthong.webkit.site.tenancy import acting_for
from office_server import serving
from office_world import PASSWORD, make_agency

Look = Callable[[str], None]


@pytest.fixture(scope="module")
def office(office_installation: OfficeInstallation) -> Iterator[str]:
    with serving() as url:
        yield url


def test_the_first_sign_in_sets_up_an_authenticator_and_shows_recovery_codes(
    office: str, page: Page, look_at: Look, agency_number: int
) -> None:
    made = make_agency(agency_number)
    account = made.people[Duty.REGISTRAR]
    with acting_for(made.agency.pk):
        Account.objects.filter(pk=account.pk).update(totp_secret=None, totp_since=None)
    page.goto(office + "/incoming")
    look_at("office-sign-in")
    page.get_by_label("Tên đăng nhập").fill(account.login)
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Tiếp tục").click()
    expect(page.get_by_role("heading", name="Đặt xác thực hai bước")).to_be_visible()
    look_at("office-set-up")
    secret = page.locator("input[name=secret]").input_value()
    page.get_by_label("Mã 6 chữ số").fill(pyotp.TOTP(secret).now())
    page.get_by_role("button", name="Bật xác thực hai bước").click()
    expect(page.locator(".codes li")).to_have_count(10)
    look_at("office-recovery-codes")
    page.get_by_role("link", name="Đã cất, vào hệ thống").click()
    expect(page.get_by_role("heading", name="Việc của tôi", level=1)).to_be_visible()
    look_at("office-home-empty")


def test_a_wrong_password_is_refused_in_words_and_the_login_stays_typed(
    office: str, page: Page, look_at: Look, agency_number: int
) -> None:
    made = make_agency(agency_number)
    page.goto(office + "/sign-in")
    page.get_by_label("Tên đăng nhập").fill(made.people[Duty.LEADER].login)
    page.get_by_label("Mật khẩu").fill("sai rồi")
    page.get_by_role("button", name="Tiếp tục").click()
    expect(page.get_by_role("alert")).to_contain_text("Tên đăng nhập hoặc mật khẩu không đúng")
    expect(page.get_by_label("Tên đăng nhập")).to_have_value(made.people[Duty.LEADER].login)
    look_at("office-sign-in-refused")
