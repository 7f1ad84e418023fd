"""Quick phrases in a browser: kept on their page, put into a directive by the keyboard."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect
from test_browser_office_incoming import enter

from fixtures_office import OfficeInstallation
from incoming_world import arrived
from lienthong.office.services import quick_phrases
from lienthong.webkit.site.duties import Duty
from office_server import serving
from office_world import make_agency, working_as


@pytest.fixture(scope="module")
def office(office_installation: OfficeInstallation) -> Iterator[str]:
    with serving() as url:
        yield url


def test_phrases_are_kept_moved_and_typed_by_one_key(
    office: str, page: Page, look_at: Callable[[str], None], agency_number: int
) -> None:
    made = make_agency(agency_number)
    with working_as(made, Duty.ADMINISTRATOR) as visit:
        quick_phrases.add(visit, "Văn phòng tổng hợp, báo cáo Giám đốc trước ngày làm việc cuối tháng.", agency=True)
    arrival = arrived(made)
    enter(office, page, made, Duty.OFFICE_CHIEF)
    page.goto(office + "/phrases")
    look_at("office-phrases-none")
    for text in ("Chủ trì tham mưu.", "Phối hợp thực hiện."):
        page.get_by_label("Câu mới của tôi").fill(text)
        page.get_by_label("Câu mới của tôi").press("Control+Enter")
        expect(page.get_by_role("listitem").filter(has_text=text)).to_be_visible()
    page.get_by_role("button", name="Đưa lên: Phối hợp thực hiện.").press("Enter")
    expect(page.get_by_role("button", name="Đưa xuống: Phối hợp thực hiện.")).to_be_visible()
    look_at("office-phrases")
    page.locator("#add-agency").get_by_role("button").click()
    expect(page.get_by_text("Nhập câu mẫu.").first).to_be_visible()
    look_at("office-phrases-fault")

    enter(office, page, made, Duty.REGISTRAR)
    page.goto(f"{office}/arrivals/{arrival.pk}")
    page.locator("#abstract").press("Control+Enter")
    expect(page.get_by_text("Đã vào sổ, số đến 1:")).to_be_visible()
    page.goto(office + "/incoming")
    page.locator(".grid__table tbody a").first.click()
    page.get_by_text("Chuyển thẳng theo quy chế").click()
    field = page.locator("textarea[name$='words']").nth(1)
    page.get_by_role("button", name="Văn phòng tổng hợp, báo cáo").press("Enter")
    expect(field).to_have_value("Văn phòng tổng hợp, báo cáo Giám đốc trước ngày làm việc cuối tháng.")
    expect(field).to_be_focused()
