"""Leader and officer at the end of their main task on a phone by touch, and at a desk by nothing but the keyboard."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from fixtures_office import OfficeInstallation
from incoming_world import registered
from lienthong.office.models import Document, Opinion, Task
from lienthong.office.services import routing
from lienthong.office.services.routing import Order, Target
from lienthong.office.services.tasks import Owner
from lienthong.office.states import Role
from lienthong.webkit.door.entering import COOKIE
from lienthong.webkit.site.duties import Duty
from lienthong.webkit.site.tenancy import acting_for
from office_server import serving
from office_world import OfficeAgency, make_agency, working_as
from outgoing_world import PASSWORD_TEXT, make_outgoing
from screens import picture

WORDS = "Giao Phòng Tổng hợp chủ trì."


@pytest.fixture(scope="module")
def office(office_installation: OfficeInstallation) -> Iterator[str]:
    with serving() as url:
        yield url


def phone(chromium: Browser, office: str, made: OfficeAgency, duty: Duty) -> Page:
    """A phone in the hand of the person with this duty."""
    context = chromium.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, device_scale_factor=2, locale="vi-VN"
    )
    value = made.client(duty).cookies[COOKIE].value
    context.add_cookies([{"name": COOKIE, "value": value, "url": office}])
    page = context.new_page()
    page.goto(office)
    page.wait_for_selector("html[data-ready]")
    return page


def touch(page: Page, target: Locator) -> None:
    """Touch what can be seen; large enough for a finger (WCAG 2.2, 2.5.8)."""
    target.scroll_into_view_if_needed()
    box = target.bounding_box()
    assert box is not None
    assert min(box["width"], box["height"]) >= 24, box
    target.tap()


def press_to(page: Page, target: Locator, key: str = "Tab", most: int = 250) -> None:
    """Press a key until the target has the focus, as somebody without a mouse does."""
    for _ in range(most):
        if target.evaluate("(one) => one === document.activeElement"):
            return
        page.keyboard.press(key)
    raise AssertionError("it cannot be reached by the keyboard")


def submitted(made: OfficeAgency) -> Document:
    document = registered(made)
    with working_as(made, Duty.REGISTRAR) as visit:
        routing.submit(visit, document, made.people[Duty.LEADER].pk, "Đề nghị giao Phòng Tổng hợp.")
    return document


def assigned(made: OfficeAgency) -> tuple[Document, Task]:
    document = registered(made)
    with working_as(made, Duty.REGISTRAR) as visit:
        order = Order((Target(Owner(unit=made.unit.pk), Role.LEAD),))
        (unit,) = routing.pass_directly(visit, document, order, "Điều 5 Quy chế")
    with working_as(made, Duty.UNIT_HEAD) as visit:
        officer = Order((Target(Owner(account=made.people[Duty.CASE_OFFICER].pk), Role.LEAD),))
        (task,) = routing.assign(visit, unit.pk, officer)
    return document, task


def directives(made: OfficeAgency) -> list[str]:
    with acting_for(made.agency.pk):
        return list(Opinion.objects.filter(agency=made.agency, kind="directive").values_list("text", flat=True))


def test_a_leader_directs_on_a_phone_by_touch(office: str, chromium: Browser, agency_number: int) -> None:
    made = make_agency(agency_number)
    document = submitted(made)
    page = phone(chromium, office, made, Duty.LEADER)
    picture(page, "phone-home")
    touch(page, page.locator("main").get_by_role("link", name=document.abstract).first)
    page.wait_for_selector("html[data-ready]")
    touch(page, page.locator("a[data-step-to=side]").first)
    page.get_by_label("Ý kiến chỉ đạo").fill(WORDS)
    row = page.get_by_role("group", name="Phòng Tổng hợp", exact=True).first
    touch(page, row.locator("label", has_text="Chủ trì").first)
    picture(page, "phone-directive")
    touch(page, page.get_by_role("button", name="Giao xử lý"))
    expect(page.get_by_text("Đã ghi.")).to_be_visible()
    picture(page, "phone-directed")
    page.context.close()
    assert directives(made) == [WORDS]


def test_a_leader_signs_on_a_phone_by_touch(office: str, chromium: Browser, agency_number: int) -> None:
    world = make_outgoing(agency_number)
    document = world.draft()
    world.to_signers(document)
    page = phone(chromium, office, world.made, Duty.LEADER)
    page.goto(f"{office}/signing")
    page.wait_for_selector("html[data-ready]")
    page.get_by_label("Tôi đã xem và ký văn bản này").first.check()
    page.get_by_label("Mật khẩu hoặc PIN").fill(PASSWORD_TEXT)
    picture(page, "phone-signing")
    touch(page, page.get_by_role("button", name="Ký các văn bản đã đánh dấu"))
    expect(page.get_by_role("heading", name="Kết quả ký")).to_be_visible(timeout=60_000)
    picture(page, "phone-signed")
    page.context.close()
    assert world.look(document).state == "signed"


def test_an_officer_reports_on_a_phone_by_touch(office: str, chromium: Browser, agency_number: int) -> None:
    made = make_agency(agency_number)
    document, task = assigned(made)
    page = phone(chromium, office, made, Duty.CASE_OFFICER)
    touch(page, page.locator("main").get_by_role("link", name=document.abstract).first)
    page.wait_for_selector("html[data-ready]")
    touch(page, page.locator("a[data-step-to=side]").first)
    page.get_by_label("Kết quả xử lý").fill("Đã gửi số liệu.")
    page.locator("select[name$='-answer']").select_option("none")
    picture(page, "phone-report")
    touch(page, page.get_by_role("button", name="Báo cáo kết quả"))
    expect(page.get_by_text("Đã ghi.")).to_be_visible()
    page.context.close()
    with acting_for(made.agency.pk):
        assert Task.objects.get(pk=task.pk).result == "Đã gửi số liệu."


def at_desk(page: Page, office: str, made: OfficeAgency, duty: Duty) -> None:
    value = made.client(duty).cookies[COOKIE].value
    page.context.add_cookies([{"name": COOKIE, "value": value, "url": office}])
    page.goto(office)
    page.wait_for_selector("html[data-ready]")


def test_a_leader_directs_with_nothing_but_the_keyboard(office: str, page: Page, agency_number: int) -> None:
    made = make_agency(agency_number)
    document = submitted(made)
    at_desk(page, office, made, Duty.LEADER)
    press_to(page, page.locator("main").get_by_role("link", name=document.abstract).first)
    page.keyboard.press("Enter")
    page.wait_for_url("**/documents/*")
    page.wait_for_selector("html[data-ready]")
    press_to(page, page.get_by_label("Ý kiến chỉ đạo"))
    page.keyboard.type(WORDS)
    row = page.get_by_role("group", name="Phòng Tổng hợp", exact=True).first
    press_to(page, row.locator("input[value='']"))
    # The roles of a unit are one group: arrows walk it, round its end to the first, who leads.
    press_to(page, row.locator("input[value=lead]"), "ArrowRight", 6)
    press_to(page, page.get_by_role("button", name="Giao xử lý"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("Đã ghi.")).to_be_visible()
    assert directives(made) == [WORDS]


def test_an_officer_reports_with_nothing_but_the_keyboard(office: str, page: Page, agency_number: int) -> None:
    made = make_agency(agency_number)
    document, task = assigned(made)
    at_desk(page, office, made, Duty.CASE_OFFICER)
    press_to(page, page.locator("main").get_by_role("link", name=document.abstract).first)
    page.keyboard.press("Enter")
    page.wait_for_url("**/documents/*")
    page.wait_for_selector("html[data-ready]")
    press_to(page, page.get_by_label("Kết quả xử lý"))
    page.keyboard.type("Đã gửi số liệu.")
    answer = page.locator("select[name$='-answer']")
    press_to(page, answer)
    for _ in range(10):
        if answer.input_value() == "none":
            break
        page.keyboard.press("ArrowDown")
    press_to(page, page.get_by_role("button", name="Báo cáo kết quả"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("Đã ghi.")).to_be_visible()
    with acting_for(made.agency.pk):
        assert Task.objects.get(pk=task.pk).result == "Đã gửi số liệu."
