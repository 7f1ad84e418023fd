"""The pages of a document in a browser: words that are selected, hits that are marked, ten thousand pages, a phone."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from fixtures_office import OfficeInstallation
from lienthong.webkit.site.duties import Duty
from office_server import serving
from office_world import PASSWORD, OfficeAgency, make_agency
from official_document import decision
from viewer_world import readable_document

Look = Callable[[str], None]


@pytest.fixture(scope="module")
def office(office_installation: OfficeInstallation) -> Iterator[str]:
    with serving() as url:
        yield url


def enter(office: str, page: Page, made: OfficeAgency, duty: Duty) -> None:
    """Sign in as the person with a duty."""
    page.goto(office + "/sign-in")
    page.get_by_label("Tên đăng nhập").fill(made.people[duty].login)
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Tiếp tục").click()
    page.get_by_label("Mã 6 chữ số").fill(made.code(duty))
    page.get_by_role("button", name="Vào hệ thống").click()
    expect(page.get_by_role("heading", name="Việc của tôi", level=1)).to_be_visible()


def test_from_a_hit_of_the_search_to_the_marked_words(office: str, page: Page, look_at: Look, agency_number: int) -> None:
    made = make_agency(agency_number)
    readable_document(made, decision(pages=5), abstract="Về việc thành lập Tổ công tác")
    enter(office, page, made, Duty.REGISTRAR)
    page.goto(office + "/search?q=dieu+47")
    page.get_by_role("link", name="tr. 3").click()
    here = page.locator(".words__hit.is-here")
    expect(here).to_be_visible()
    look_at("viewer-hit")
