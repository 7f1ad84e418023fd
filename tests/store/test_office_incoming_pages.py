"""Pages of incoming documents: forms that come back, two tabs, double clicks, other agencies, and who may open what."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from incoming_world import arrived, pdf, registered
from lienthong.office.models import Arrival, Document, NumberEntry, StoredFile, Task
from lienthong.webkit.site.duties import Duty
from lienthong.webkit.site.tenancy import acting_for
from office_world import OfficeAgency, OfficeClient, make_agency


@pytest.fixture
def made(office_installation: object, agency_number: int) -> OfficeAgency:
    return make_agency(agency_number)


def form(**more: str) -> dict[str, str]:
    """A registration form that is right."""
    return {"kind": "Công văn", "number": "12", "symbol": "THU-VP", "issued_date": "5/1/2026", "issuer_name": "Bộ Thử nghiệm",
            "abstract": "Về việc thử", "language": "Tiếng Việt", "urgency": "1", "then": "open", **more}  # fmt: skip


def text(answer: Any) -> str:
    return str(answer.content.decode())


def tab(client: OfficeClient) -> OfficeClient:
    """Another tab of the same browser."""
    other = OfficeClient(enforce_csrf_checks=True)
    other.cookies = client.cookies
    return other


def test_a_form_that_is_refused_comes_back_with_everything_that_was_typed(made: OfficeAgency) -> None:
    arrival, client = arrived(made), made.client(Duty.REGISTRAR)
    page = f"/arrivals/{arrival.pk}"
    answer = client.submit(f"{page}/register", page=page, **form(abstract="", issued_date="32/13/2026", note="Giữ lại"))
    assert answer.status_code == 422
    assert "Ngày văn bản viết theo dạng" in text(answer)
    answer = client.submit(f"{page}/register", page=page, **form(abstract="", signer_name="Nguyễn Thử"))
    assert answer.status_code == 422
    assert "Nhập trích yếu." in text(answer)
    assert 'value="Nguyễn Thử"' in text(answer)
    with acting_for(made.agency.pk):
        assert not NumberEntry.objects.filter(agency=made.agency).exists()


def test_the_tray_tells_a_registrar_what_waits_on_other_pages_and_nobody_else(made: OfficeAgency) -> None:
    arrived(made)
    page = text(made.client(Duty.REGISTRAR).get("/"))
    assert "Văn bản chờ tiếp nhận" in page
    assert "Không còn việc nào chờ anh/chị" not in page
    assert "Văn bản chờ tiếp nhận" not in text(made.client(Duty.CASE_OFFICER).get("/"))


def test_what_arrived_ahead_of_our_clock_has_just_arrived(made: OfficeAgency) -> None:
    ahead = arrived(made)
    with acting_for(made.agency.pk):
        Arrival.objects.filter(pk=ahead.pk).update(received_at=datetime.now(UTC) + timedelta(hours=9))
    page = text(made.client(Duty.REGISTRAR).get("/arrivals"))
    assert "vừa đến" in page
    assert "giờ trước" not in page


def test_proposals_are_shown_as_proposals_with_their_reason(made: OfficeAgency) -> None:
    proposal = {"value": "Công văn", "confidence": "guess", "reason_vi": "Suy từ ký hiệu.", "reason_en": "By symbol.",
                "page_value": "Báo cáo"}  # fmt: skip
    given = {"kind": "Công văn", "abstract": "Về việc thử", "proposals": {"kind": proposal}, "text": ""}
    arrival = arrived(made, fields=given)
    shown = text(made.client(Duty.REGISTRAR).get(f"/arrivals/{arrival.pk}"))
    assert "Đề xuất (phỏng đoán): Suy từ ký hiệu. Trên trang ghi: Báo cáo." in shown


def test_of_what_is_certain_only_the_source_is_said(made: OfficeAgency) -> None:
    proposal = {
        "value": "Công văn",
        "confidence": "certain",
        "reason_vi": "Theo gói tin của nơi gửi.",
        "reason_en": ".",
    }
    arrival = arrived(made, fields={"kind": "Công văn", "proposals": {"kind": proposal}, "text": ""})
    shown = text(made.client(Duty.REGISTRAR).get(f"/arrivals/{arrival.pk}"))
    assert "Theo gói tin của nơi gửi." in shown
    assert "Đề xuất (chắc chắn)" not in shown


def test_two_tabs_and_a_double_click_register_once(made: OfficeAgency) -> None:
    arrival = arrived(made)
    one = made.client(Duty.REGISTRAR)
    other = tab(one)
    page = f"/arrivals/{arrival.pk}"
    first = one.submit(f"{page}/register", page=page, **form())
    token = other.cookies["csrf"].value
    second = other.post(f"{page}/register", {"csrfmiddlewaretoken": token, **form(number="13")})
    assert (first.status_code, second.status_code) == (303, 303)
    with acting_for(made.agency.pk):
        document = Document.objects.get(agency=made.agency)
        assert (document.number, NumberEntry.objects.filter(agency=made.agency).count()) == ("12", 1)
    assert second["Location"] == f"/documents/{document.pk}?done=already&was={document.pk}"
    assert "đã vào sổ trước đó, số đến 1" in text(one.get(second["Location"]))
    assert one.get(page)["Location"] == f"/documents/{document.pk}"


def test_a_possible_duplicate_has_to_be_confirmed(made: OfficeAgency) -> None:
    known = registered(made, number="77")
    arrival, client = arrived(made), made.client(Duty.REGISTRAR)
    page = f"/arrivals/{arrival.pk}"
    answer = client.submit(f"{page}/register", page=page, **form(symbol="BTN-VP", number="077"))
    assert answer.status_code == 422
    assert "cùng số, ký hiệu và cơ quan ban hành" in text(answer)
    assert f"/documents/{known.pk}" in text(answer)
    assert (
        client.submit(f"{page}/register", page=page, **form(symbol="BTN-VP", number="077", confirmed="1")).status_code
        == 303
    )


def test_save_and_next_opens_the_next_of_the_tray_the_urgent_first(made: OfficeAgency) -> None:
    later, urgent, last = arrived(made), arrived(made, urgency=2), arrived(made)
    client = made.client(Duty.REGISTRAR)
    shown = text(client.get("/arrivals"))
    assert shown.index(urgent.title) < shown.index(later.title) < shown.index(last.title)
    page = f"/arrivals/{urgent.pk}"
    answer = client.submit(f"{page}/register", page=page, **form(then="next"))
    assert answer["Location"].startswith(f"/arrivals/{later.pk}?registered=")
    assert "Đã vào sổ, số đến 1:" in text(client.get(answer["Location"]))


def test_a_document_with_a_secrecy_mark_is_not_registered(made: OfficeAgency) -> None:
    arrival, client = arrived(made), made.client(Duty.REGISTRAR)
    page = f"/arrivals/{arrival.pk}"
    answer = client.submit(f"{page}/register", page=page, **form(secret="1"))
    assert answer.status_code == 403
    with acting_for(made.agency.pk):
        assert Arrival.objects.get(pk=arrival.pk).state == "waiting"


def test_returning_needs_a_reason_and_takes_it_out_of_the_tray(made: OfficeAgency) -> None:
    arrival, client = arrived(made), made.client(Duty.REGISTRAR)
    page = f"/arrivals/{arrival.pk}"
    assert client.submit(f"{page}/return", page=page, reason="").status_code == 422
    assert client.submit(f"{page}/return", page=page, reason="Không đúng nơi nhận").status_code == 303
    assert arrival.title not in text(client.get("/arrivals"))
    assert "Không đúng nơi nhận" in text(client.get(page))


def test_a_paper_is_received_with_files_or_none_and_a_form_sent_twice_is_one_arrival(made: OfficeAgency) -> None:
    client = made.client(Duty.REGISTRAR)
    reference, data = "ab" * 16, pdf()
    file = io.BytesIO(data)
    file.name = "quét.pdf"
    first = client.submit("/arrivals/new", reference=reference, files=file)
    again = io.BytesIO(data)
    again.name = "quét.pdf"
    second = client.submit("/arrivals/new", reference=reference, files=again)
    assert first["Location"] == second["Location"]
    none = client.submit("/arrivals/new", reference="cd" * 16)
    with acting_for(made.agency.pk):
        assert Arrival.objects.filter(agency=made.agency).count() == 2
        assert StoredFile.objects.filter(arrival__agency=made.agency).count() == 1
    assert "Chỉ có bản giấy" in text(client.get(none["Location"]))
    page = none["Location"]
    assert client.submit(f"{page}/register", page=page, **form(paper="1")).status_code == 303
    with acting_for(made.agency.pk):
        assert Document.objects.get(agency=made.agency).paper


def test_a_program_is_not_taken_at_the_counter(made: OfficeAgency) -> None:
    file = io.BytesIO(b"MZ\x90")
    file.name = "van-ban.pdf"
    answer = made.client(Duty.REGISTRAR).submit("/arrivals/new", reference="ef" * 16, files=file)
    assert answer.status_code == 422
    assert "chương trình" in text(answer)


def test_a_stale_correction_is_refused_and_the_typed_stays(made: OfficeAgency) -> None:
    document = registered(made)
    one = made.client(Duty.REGISTRAR)
    other = tab(one)
    page = f"/documents/{document.pk}/edit"
    assert one.submit(page, revision="1", **form(abstract="Sửa trước")).status_code == 303
    answer = other.submit(page, revision="1", **form(abstract="Sửa sau"))
    assert answer.status_code == 422
    assert "đã được" in text(answer)
    assert "Sửa sau" in text(answer)
    with acting_for(made.agency.pk):
        assert Document.objects.get(pk=document.pk).abstract == "Sửa trước"


def test_a_second_submission_from_an_old_page_changes_nothing(made: OfficeAgency) -> None:
    document = registered(made)
    client, page = made.client(Duty.REGISTRAR), f"/documents/{document.pk}"
    values = {"task": "0", "submit-0-to": str(made.people[Duty.LEADER].pk), "submit-0-words": "Đề nghị giao"}
    for _ in range(2):
        assert client.submit(f"{page}/acts/submit", page=page, **values).status_code == 303
    other = client.submit(
        f"{page}/acts/submit", page=page, **{**values, "submit-0-to": str(made.people[Duty.OFFICE_CHIEF].pk)}
    )
    assert other.status_code == 422
    with acting_for(made.agency.pk):
        assert Task.objects.filter(document=document).count() == 1
    assert client.get(f"{page}/acts/submit").status_code == 405


def test_the_register_keeps_its_filters_on_every_page(made: OfficeAgency) -> None:
    documents = [
        registered(made, issuer_name="Bộ Một" if n % 2 else "Bộ Hai", abstract=f"Thử số {n:03d}") for n in range(8)
    ]
    client = made.client(Duty.REGISTRAR)
    shown = text(client.get("/incoming?issuer=Bộ+Hai&cols=kind&cols=abstract"))
    assert "Thử số 006" in shown
    assert "Thử số 007" not in shown
    assert "Loại văn bản" in shown
    assert f"/documents/{documents[6].pk}?from=incoming&amp;issuer=" in shown
    around = text(client.get(f"/documents/{documents[4].pk}?from=incoming&issuer=Bộ+Hai"))
    assert "Thử số 006" in around
    assert "Thử số 005" not in around
    assert "Thử số 006" not in text(client.get("/incoming?state=finished"))
    assert "Không có văn bản nào khớp bộ lọc" in text(client.get("/incoming?year=1999"))


def test_a_view_is_saved_and_shared(made: OfficeAgency) -> None:
    registered(made)
    client = made.client(Duty.REGISTRAR)
    assert client.submit("/incoming/views", query="state=registered", name="").status_code == 422
    answer = client.submit("/incoming/views", query="state=registered&evil=//x", name="Chờ trình", shared="1")
    assert answer["Location"].startswith("/incoming?state=registered")
    assert "Chờ trình" in text(made.client(Duty.LEADER).get("/incoming"))


def test_many_are_passed_for_information_with_a_result_for_each(made: OfficeAgency) -> None:
    fresh, under_way = registered(made), registered(made)
    client, page = made.client(Duty.REGISTRAR), f"/documents/{under_way.pk}"
    client.submit(f"{page}/acts/submit", page=page, task="0", **{"submit-0-to": str(made.people[Duty.LEADER].pk)})
    rows = {"row": [str(fresh.pk), str(under_way.pk)]}
    asked = client.submit("/incoming/bulk", page="/incoming", **rows)
    assert "2 văn bản đã chọn" in text(asked)
    assert client.submit("/incoming/bulk", page="/incoming", go="1", **rows).status_code == 422
    done = client.submit("/incoming/bulk", page="/incoming", go="1", **rows, **{f"targets:u{made.unit.pk}": "lead"})
    assert "chưa được trình" in text(done)
    with acting_for(made.agency.pk):
        assert [each.role for each in Task.objects.filter(unit=made.unit)] == ["inform"]


def test_what_was_only_to_be_known_is_taken_note_of_from_the_tray(made: OfficeAgency) -> None:
    document = registered(made)
    client, page = made.client(Duty.REGISTRAR), f"/documents/{document.pk}"
    client.submit(f"{page}/acts/pass", page=page, task="0",
                  **{"pass-0-basis": "Điều 5", f"pass-0-targets:u{made.unit.pk}": "inform"})  # fmt: skip
    head = made.client(Duty.UNIT_HEAD)
    assert "Đã biết tất cả" in text(head.get("/"))
    with acting_for(made.agency.pk):
        task = Task.objects.get(document=document)
    assert head.submit("/know", page="/", row=str(task.pk)).status_code == 200
    with acting_for(made.agency.pk):
        assert Document.objects.get(pk=document.pk).state == "finished"


def addresses(document: Document, arrival: Arrival) -> list[str]:
    d, a = f"/documents/{document.pk}", f"/arrivals/{arrival.pk}"
    return [d, f"{d}/acts/opinion", f"{d}/edit", f"{d}/slip", a, f"{a}/register", f"{a}/return", f"{a}/files"]


def test_another_agency_finds_nothing_at_any_address(made: OfficeAgency) -> None:
    document, arrival = registered(made), arrived(made)
    other = make_agency(made.agency.pk + 20_000_000, code=f"Y{made.agency.code}")
    client = other.client(Duty.REGISTRAR)
    token = client.get("/arrivals/new").cookies["csrf"].value
    for where in addresses(document, arrival):
        assert client.get(where).status_code in {404, 405}, where
        assert client.post(where, {"csrfmiddlewaretoken": token}).status_code == 404, where


def test_whoever_lacks_the_duty_is_kept_out(made: OfficeAgency) -> None:
    document, arrival = registered(made), arrived(made)
    administrator, officer = made.client(Duty.ADMINISTRATOR), made.client(Duty.CASE_OFFICER)
    for where in [
        *addresses(document, arrival),
        "/arrivals",
        "/arrivals/new",
        "/incoming",
        "/incoming/views",
        "/incoming/bulk",
    ]:
        assert administrator.get(where).status_code == 403, where
    for where in [f"/documents/{document.pk}/edit", f"/arrivals/{arrival.pk}", "/arrivals", "/incoming/bulk"]:
        assert officer.get(where).status_code == 403, where
    assert officer.get(f"/documents/{document.pk}").status_code == 404


def test_an_act_that_does_not_exist_is_not_found(made: OfficeAgency) -> None:
    document, client = registered(made), made.client(Duty.REGISTRAR)
    page = f"/documents/{document.pk}"
    assert client.submit(f"{page}/acts/destroy", page=page).status_code == 404
