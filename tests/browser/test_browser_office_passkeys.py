"""Passkeys in a browser with an authenticator of its own: made, used as second factor and alone, renamed, removed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pyotp
import pytest
from playwright.sync_api import Page, expect

from fixtures_office import OfficeInstallation
from lienthong.webkit.people.models import Passkey
from lienthong.webkit.site.duties import Duty
from lienthong.webkit.site.tenancy import acting_for
from office_server import serving
from office_world import PASSWORD, OfficeAgency, make_agency

Look = Callable[[str], None]


@pytest.fixture(scope="module")
def office(office_installation: OfficeInstallation) -> Iterator[str]:
    with serving() as url:
        yield url.replace("127.0.0.1", "localhost")


def authenticator(page: Page, **more: Any) -> tuple[Any, str]:
    """A device inside the browser that holds passkeys and has just recognised its owner."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
               "isUserVerified": True, "automaticPresenceSimulation": True, **more}  # fmt: skip
    made = session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return session, made["authenticatorId"]


def sign_in(page: Page, office: str, made: OfficeAgency, duty: Duty) -> None:
    account = made.people[duty]
    page.goto(office + "/sign-in?next=/mine/passkeys")
    page.get_by_label("Tên đăng nhập").fill(account.login)
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_label("Mã 6 chữ số").fill(pyotp.TOTP(made.secrets[account.pk]).now())
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Khóa truy cập", level=1)).to_be_visible()


def add_key(page: Page, name: str, password: str = PASSWORD) -> None:
    page.get_by_label("Tên của khóa", exact=True).first.fill(name)
    page.get_by_label("Mật khẩu hiện tại").fill(password)
    page.get_by_role("button", name="Thêm khóa").click()


def test_a_passkey_is_made_and_then_opens_the_office_alone_and_after_the_password(
    office: str, page: Page, look_at: Look, agency_number: int
) -> None:
    made = make_agency(agency_number)
    authenticator(page)
    sign_in(page, office, made, Duty.REGISTRAR)
    look_at("office-passkeys-none")
    add_key(page, "Máy tính cơ quan", "sai mật khẩu rồi")
    expect(page.get_by_text("Tên đăng nhập hoặc mật khẩu không đúng")).to_be_visible()
    add_key(page, "Máy tính cơ quan")
    expect(page.get_by_role("button", name="Đổi tên")).to_be_visible()
    expect(page.locator(".tasks")).to_contain_text("Máy tính cơ quan")
    look_at("office-passkeys")
    page.context.clear_cookies()

    page.goto(office + "/incoming")
    look_at("office-sign-in-passkey")
    page.get_by_role("button", name="Đăng nhập bằng khóa truy cập").click()
    expect(page.get_by_role("navigation", name="Danh mục", exact=True)).to_be_attached()
    assert page.url.endswith("/incoming")
    page.context.clear_cookies()

    page.goto(office + "/sign-in?next=/mine/passkeys")
    page.get_by_label("Tên đăng nhập").fill(made.people[Duty.REGISTRAR].login)
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Mã xác thực")).to_be_visible()
    look_at("office-second-passkey")
    page.get_by_role("button", name="Dùng khóa truy cập").click()
    expect(page.get_by_role("heading", name="Khóa truy cập", level=1)).to_be_visible()
    with acting_for(made.agency.pk):
        key = Passkey.objects.get(account=made.people[Duty.REGISTRAR])
        assert key.used_at is not None

    page.get_by_role("button", name="Đổi tên").click()
    page.get_by_role("dialog").get_by_label("Tên của khóa").fill("Điện thoại")
    look_at("office-passkey-rename")
    page.get_by_role("button", name="Lưu tên").click()
    expect(page.locator(".tasks")).to_contain_text("Điện thoại")
    page.get_by_role("button", name="Xóa", exact=True).click()
    page.get_by_role("button", name="Xóa khóa").click()
    expect(page.get_by_text("Chưa có khóa truy cập")).to_be_visible()
    page.context.clear_cookies()
    page.goto(office + "/sign-in")
    page.get_by_role("button", name="Đăng nhập bằng khóa truy cập").click()
    expect(page.get_by_role("alert").filter(has_text="Không đăng nhập được bằng khóa truy cập này")).to_be_visible()


def test_a_device_that_does_not_recognise_its_owner_opens_nothing(office: str, page: Page, agency_number: int) -> None:
    made = make_agency(agency_number)
    session, device = authenticator(page)
    sign_in(page, office, made, Duty.LEADER)
    add_key(page, "Thử")
    expect(page.get_by_role("button", name="Đổi tên")).to_be_visible()
    page.context.clear_cookies()
    session.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": False})
    page.goto(office + "/sign-in")
    page.get_by_role("button", name="Đăng nhập bằng khóa truy cập").click()
    expect(page.get_by_text("Thiết bị chưa xác nhận, hoặc mất kết nối").first).to_be_visible()
    assert page.url.endswith("/sign-in")
