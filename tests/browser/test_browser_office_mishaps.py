"""What goes wrong between a person and the office: pressed twice, back, two tabs, an old form, a lost connection.

Nothing typed is lost without a word, nothing is written twice, and a sentence says what happened.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from cutting_proxy import cutting
from fixtures_office import OfficeInstallation
from incoming_world import arrived, pdf, registered
from lienthong.office.models import Arrival, Document, NumberEntry, Opinion, StoredFile, Task
from lienthong.office.services import routing
from lienthong.office.services.routing import Order, Target
from lienthong.office.services.tasks import Owner
from lienthong.office.states import Role
from lienthong.webkit.door.entering import COOKIE
from lienthong.webkit.site.duties import Duty
from lienthong.webkit.site.tenancy import acting_for
from office_server import serving
from office_world import OfficeAgency, make_agency, working_as
from outgoing_world import OutgoingAgency, make_outgoing
from screens import picture

UNSENT = "Máy này đang mất kết nối nên chưa gửi gì"


@pytest.fixture(scope="module")
def office(office_installation: OfficeInstallation) -> Iterator[str]:
    with serving() as url:
        yield url


def be(context: BrowserContext, office: str, made: OfficeAgency, duty: Duty) -> None:
    """Go on as the person with this duty, in every tab."""
    value = made.client(duty).cookies[COOKIE].value
    context.clear_cookies()
    context.add_cookies([{"name": COOKIE, "value": value, "url": office}])


def seen(made: OfficeAgency, look: Callable[[], object]) -> object:
    with acting_for(made.agency.pk):
        return look()


# --- registration -----------------------------------------------------------------------------------------------------


def fill_registration(page: Page, abstract: str) -> None:
    page.locator("#abstract").fill(abstract)


def numbers(made: OfficeAgency) -> object:
    return seen(made, lambda: list(NumberEntry.objects.filter(agency=made.agency).values_list("number", flat=True)))


def test_registration_pressed_twice_and_back_is_one_document(office: str, page: Page, agency_number: int) -> None:
    made = make_agency(agency_number)
    arrival = arrived(made)
    be(page.context, office, made, Duty.REGISTRAR)
    page.goto(f"{office}/arrivals/{arrival.pk}")
    fill_registration(page, "Về việc bấm hai lần")
    page.get_by_role("button", name="Lưu và xem").dblclick()
    expect(page.get_by_text("Về việc bấm hai lần").first).to_be_visible()
    assert numbers(made) == [1]
    page.go_back()
    page.wait_for_load_state("load")
    if page.get_by_role("button", name="Lưu và xem").count():
        page.get_by_role("button", name="Lưu và xem").click()
        expect(page.get_by_text("đã vào sổ trước đó, số đến 1")).to_be_visible()
    assert numbers(made) == [1]


def test_registration_in_two_tabs_is_one_document_and_the_second_tab_is_told(
    office: str, page: Page, agency_number: int
) -> None:
    made = make_agency(agency_number)
    arrival = arrived(made)
    be(page.context, office, made, Duty.REGISTRAR)
    other = page.context.new_page()
    for tab in (page, other):
        tab.goto(f"{office}/arrivals/{arrival.pk}")
    fill_registration(page, "Về việc của thẻ thứ nhất")
    page.get_by_role("button", name="Lưu và xem").click()
    expect(page.get_by_text("Về việc của thẻ thứ nhất").first).to_be_visible()
    fill_registration(other, "Về việc của thẻ thứ hai")
    other.get_by_role("button", name="Lưu và xem").click()
    expect(other.get_by_text("đã vào sổ trước đó, số đến 1; lần gửi vừa rồi không ghi thêm gì")).to_be_visible()
    picture(other, "mishap-registered-before")
    assert numbers(made) == [1]
    assert seen(made, lambda: Document.objects.get(agency=made.agency).abstract) == "Về việc của thẻ thứ nhất"


def test_registration_without_a_connection_says_so_and_keeps_what_was_typed(
    office: str, page: Page, agency_number: int
) -> None:
    made = make_agency(agency_number)
    arrival = arrived(made)
    be(page.context, office, made, Duty.REGISTRAR)
    page.goto(f"{office}/arrivals/{arrival.pk}")
    page.wait_for_selector("html[data-ready]")
    fill_registration(page, "Về việc mất mạng")
    page.context.set_offline(True)
    page.get_by_role("button", name="Lưu và xem").click()
    expect(page.get_by_text(UNSENT)).to_be_visible()
    expect(page.locator("#abstract")).to_have_value("Về việc mất mạng")
    picture(page, "mishap-offline")
    assert numbers(made) == []
    page.context.set_offline(False)
    page.get_by_role("button", name="Lưu và xem").click()
    expect(page.get_by_text("Về việc mất mạng").first).to_be_visible()
    assert numbers(made) == [1]


# --- uploads ----------------------------------------------------------------------------------------------------------


def test_a_connection_lost_in_the_middle_of_an_upload_is_told_and_tried_again(
    office: str, page: Page, agency_number: int, tmp_path: Path
) -> None:
    made = make_agency(agency_number)
    (tmp_path / "quét.pdf").write_bytes(pdf() + bytes(3_000_000))
    with cutting(office) as line:
        be(page.context, line.url, made, Duty.REGISTRAR)
        page.goto(f"{line.url}/arrivals/new")
        page.wait_for_selector("html[data-ready]")
        line.cut_after = 1_000_000
        page.set_input_files("input[type=file]", tmp_path / "quét.pdf")
        expect(page.get_by_text("mất kết nối, tệp chưa lên hết")).to_be_visible()
        assert line.cuts
        picture(page, "mishap-upload-lost")
        page.get_by_role("button", name="Tiếp tục").click()
        expect(page.get_by_role("button", name="Thử lại quét.pdf")).to_be_focused()
        assert seen(made, lambda: StoredFile.objects.filter(agency=made.agency).count()) == 0
        line.cut_after = None
        page.get_by_role("button", name="Thử lại quét.pdf").click()
        expect(page.get_by_text("đã nhận")).to_be_visible(timeout=60_000)
        page.get_by_role("button", name="Tiếp tục").click()
        expect(page.get_by_role("heading", name="Đăng ký văn bản đến")).to_be_visible()
    assert seen(made, lambda: [each.name for each in StoredFile.objects.filter(agency=made.agency)]) == ["quét.pdf"]


def test_a_refused_file_is_told_with_its_code_and_left_out_and_a_wrong_one_is_taken_back(
    office: str, page: Page, agency_number: int, tmp_path: Path
) -> None:
    made = make_agency(agency_number)
    be(page.context, office, made, Duty.REGISTRAR)
    for name, data in (("chương trình.pdf", b"MZ" + bytes(99)), ("nhầm.pdf", pdf()), ("đúng.pdf", pdf())):
        (tmp_path / name).write_bytes(data)
    page.goto(f"{office}/arrivals/new")
    page.wait_for_selector("html[data-ready]")
    page.set_input_files("input[type=file]", tmp_path / "chương trình.pdf")
    expect(page.get_by_text("đây là chương trình, không phải tài liệu")).to_be_visible()
    expect(page.get_by_text("(FILE_NOT_TAKEN)")).to_be_visible()
    expect(page.get_by_role("button", name="Thử lại")).to_have_count(0)
    picture(page, "mishap-upload-refused")
    for name in ("nhầm.pdf", "đúng.pdf"):
        page.set_input_files("input[type=file]", tmp_path / name)
        expect(page.get_by_role("button", name=f"Bỏ tệp {name}")).to_be_visible()
    page.get_by_role("button", name="Tiếp tục").click()
    page.get_by_role("button", name="Bỏ tệp chương trình.pdf").click()
    page.get_by_role("button", name="Bỏ tệp nhầm.pdf").click()
    expect(page.locator(".upload__one")).to_have_count(1)
    page.get_by_role("button", name="Tiếp tục").click()
    expect(page.get_by_role("heading", name="Đăng ký văn bản đến")).to_be_visible()
    assert seen(made, lambda: [each.name for each in StoredFile.objects.filter(agency=made.agency)]) == ["đúng.pdf"]
    assert seen(made, lambda: Arrival.objects.filter(agency=made.agency).count()) == 1


# --- drafts -----------------------------------------------------------------------------------------------------------


def fill_draft(page: Page, abstract: str) -> None:
    page.get_by_label("Loại văn bản").select_option("Quyết định (cá biệt)")
    page.get_by_role("textbox", name="Trích yếu", exact=True).fill(abstract)


def drafts(made: OfficeAgency) -> object:
    return seen(made, lambda: list(Document.objects.filter(agency=made.agency).values_list("abstract", flat=True)))


def test_a_new_draft_pressed_twice_is_one_draft_also_after_going_back(
    office: str, page: Page, agency_number: int
) -> None:
    made = make_agency(agency_number)
    be(page.context, office, made, Duty.CASE_OFFICER)
    page.goto(f"{office}/drafts/new")
    page.wait_for_selector("html[data-ready]")
    fill_draft(page, "Về việc bấm hai lần")
    page.get_by_role("button", name="Lưu dự thảo").dblclick()
    expect(page.get_by_role("heading", name="Quyết định (cá biệt)")).to_be_visible()
    assert drafts(made) == ["Về việc bấm hai lần"]
    page.go_back()
    page.wait_for_load_state("load")
    if page.get_by_role("textbox", name="Trích yếu", exact=True).input_value():
        page.get_by_role("button", name="Lưu dự thảo").click()
        expect(page.get_by_role("heading", name="Quyết định (cá biệt)")).to_be_visible()
    assert drafts(made) == ["Về việc bấm hai lần"]


def test_a_draft_changed_in_two_tabs_keeps_the_first_and_shows_the_second_his_words_again(
    office: str, page: Page, agency_number: int
) -> None:
    world = make_outgoing(agency_number)
    document = world.draft()
    be(page.context, office, world.made, Duty.CASE_OFFICER)
    other = page.context.new_page()
    for tab in (page, other):
        tab.goto(f"{office}/drafts/{document}/edit")
    page.get_by_role("textbox", name="Trích yếu", exact=True).fill("Bản của thẻ thứ nhất")
    page.get_by_role("button", name="Chỉ lưu nội dung").click()
    expect(page.get_by_text("Bản của thẻ thứ nhất").first).to_be_visible()
    other.get_by_role("textbox", name="Trích yếu", exact=True).fill("Bản của thẻ thứ hai")
    other.get_by_role("button", name="Chỉ lưu nội dung").click()
    expect(other.get_by_role("alert")).to_contain_text("trong khi anh/chị đang sửa")
    expect(other.get_by_role("textbox", name="Trích yếu", exact=True)).to_have_value("Bản của thẻ thứ hai")
    picture(other, "mishap-draft-stale")
    assert world.look(document).abstract == "Bản của thẻ thứ nhất"


# --- directives -------------------------------------------------------------------------------------------------------


def submitted(made: OfficeAgency) -> Document:
    document = registered(made)
    with working_as(made, Duty.REGISTRAR) as visit:
        routing.submit(visit, document, made.people[Duty.LEADER].pk, "Đề nghị giao Phòng Tổng hợp.")
    return document


def fill_directive(page: Page, words: str) -> None:
    page.get_by_label("Ý kiến chỉ đạo").fill(words)
    row = page.get_by_role("group", name="Phòng Tổng hợp", exact=True).first
    row.get_by_label("Chủ trì").check(force=True)


def directives(made: OfficeAgency) -> object:
    return seen(
        made, lambda: list(Opinion.objects.filter(agency=made.agency, kind="directive").values_list("text", flat=True))
    )


def test_a_directive_pressed_twice_is_one_directive(office: str, page: Page, agency_number: int) -> None:
    made = make_agency(agency_number)
    document = submitted(made)
    be(page.context, office, made, Duty.LEADER)
    page.goto(f"{office}/documents/{document.pk}")
    page.wait_for_selector("html[data-ready]")
    fill_directive(page, "Giao Phòng Tổng hợp chủ trì.")
    page.get_by_role("button", name="Giao xử lý").dblclick()
    expect(page.get_by_text("Đã ghi.")).to_be_visible()
    assert directives(made) == ["Giao Phòng Tổng hợp chủ trì."]
    page.go_back()
    page.wait_for_load_state("load")
    assert directives(made) == ["Giao Phòng Tổng hợp chủ trì."]


def test_a_directive_in_two_tabs_is_the_first_and_the_second_is_told_with_his_words_still_there(
    office: str, page: Page, agency_number: int
) -> None:
    made = make_agency(agency_number)
    document = submitted(made)
    be(page.context, office, made, Duty.LEADER)
    other = page.context.new_page()
    for tab in (page, other):
        tab.goto(f"{office}/documents/{document.pk}")
        tab.wait_for_selector("html[data-ready]")
    fill_directive(page, "Giao Phòng Tổng hợp chủ trì.")
    page.get_by_role("button", name="Giao xử lý").click()
    expect(page.get_by_text("Đã ghi.")).to_be_visible()
    fill_directive(other, "Giao Văn phòng chủ trì.")
    other.get_by_role("button", name="Giao xử lý").click()
    expect(other.get_by_role("alert").first).to_be_visible()
    expect(other.get_by_text("Giao Văn phòng chủ trì.").first).to_be_visible()
    picture(other, "mishap-directive-stale")
    assert directives(made) == ["Giao Phòng Tổng hợp chủ trì."]


# --- reports of tasks -------------------------------------------------------------------------------------------------


def assigned(made: OfficeAgency) -> tuple[Document, Task]:
    document = registered(made)
    with working_as(made, Duty.REGISTRAR) as visit:
        order = Order((Target(Owner(unit=made.unit.pk), Role.LEAD),))
        (unit,) = routing.pass_directly(visit, document, order, "Điều 5 Quy chế")
    with working_as(made, Duty.UNIT_HEAD) as visit:
        officer = Order((Target(Owner(account=made.people[Duty.CASE_OFFICER].pk), Role.LEAD),))
        (task,) = routing.assign(visit, unit.pk, officer)
    return document, task


def fill_report(page: Page, result: str) -> None:
    page.get_by_label("Kết quả xử lý").fill(result)
    page.locator("select[name$='-answer']").select_option("none")


def test_a_report_pressed_twice_or_sent_from_an_old_form_is_one_report(
    office: str, page: Page, agency_number: int
) -> None:
    made = make_agency(agency_number)
    document, task = assigned(made)
    be(page.context, office, made, Duty.CASE_OFFICER)
    old = page.context.new_page()
    for tab in (page, old):
        tab.goto(f"{office}/documents/{document.pk}")
        tab.wait_for_selector("html[data-ready]")
    fill_report(page, "Đã gửi số liệu.")
    page.get_by_role("button", name="Báo cáo kết quả").dblclick()
    expect(page.get_by_text("Đã ghi.")).to_be_visible()
    page.go_back()
    page.wait_for_load_state("load")
    fill_report(old, "Kết quả của thẻ cũ.")
    old.get_by_role("button", name="Báo cáo kết quả").click()
    expect(old.get_by_role("alert").first).to_be_visible()
    expect(old.get_by_text("Kết quả của thẻ cũ.").first).to_be_visible()
    picture(old, "mishap-report-stale")

    def results() -> list[str]:
        return [Task.objects.get(pk=task.pk).result]

    assert seen(made, results) == ["Đã gửi số liệu."]


# --- numbering --------------------------------------------------------------------------------------------------------


@pytest.fixture
def signed(office_installation: OfficeInstallation, agency_number: int) -> tuple[OutgoingAgency, int]:
    world = make_outgoing(agency_number)
    document = world.draft()
    world.to_signers(document)
    world.sign(document)
    return world, document


def test_numbering_pressed_twice_in_two_tabs_and_after_going_back_gives_one_number(
    office: str, page: Page, signed: tuple[OutgoingAgency, int]
) -> None:
    world, document = signed
    be(page.context, office, world.made, Duty.REGISTRAR)
    other = page.context.new_page()
    for tab in (page, other):
        tab.goto(f"{office}/drafts/{document}")
        tab.wait_for_selector("html[data-ready]")
    page.get_by_role("button", name="Cấp số và vào sổ").dblclick()
    expect(page.get_by_role("heading", name="01/QĐ-STN").first).to_be_visible()
    page.go_back()
    page.wait_for_load_state("load")
    other.get_by_role("button", name="Cấp số và vào sổ").click()
    expect(other.get_by_role("heading", name="01/QĐ-STN").first).to_be_visible()
    picture(other, "mishap-numbered")
    assert numbers(world.made) == [1]


# --- sessions ---------------------------------------------------------------------------------------------------------


def test_a_form_sent_after_the_session_ended_is_told_and_written_when_signed_in_again(
    office: str, page: Page, agency_number: int
) -> None:
    made = make_agency(agency_number)
    be(page.context, office, made, Duty.CASE_OFFICER)
    page.goto(f"{office}/drafts/new")
    page.wait_for_selector("html[data-ready]")
    fill_draft(page, "Về việc hết phiên")
    page.context.clear_cookies(name=COOKIE)
    page.get_by_role("button", name="Lưu dự thảo").click()
    expect(page.get_by_text("Phiên làm việc đã hết nên việc vừa gửi chưa được ghi.")).to_be_visible()
    picture(page, "mishap-session-ended")
    assert drafts(made) == []
    be(page.context, office, made, Duty.CASE_OFFICER)
    page.goto(f"{office}/drafts/new")
    page.get_by_role("button", name="Lấy lại").click()
    expect(page.get_by_role("textbox", name="Trích yếu", exact=True)).to_have_value("Về việc hết phiên")
    page.get_by_role("button", name="Lưu dự thảo").click()
    expect(page.get_by_role("heading", name="Quyết định (cá biệt)")).to_be_visible()
    assert drafts(made) == ["Về việc hết phiên"]
    page.goto(f"{office}/drafts/new")
    page.wait_for_selector("html[data-ready]")
    expect(page.get_by_role("button", name="Lấy lại")).to_have_count(0)
