"""Dossiers: codes, ordinals, rights that wait for confirmation, the meter, closing, exports, and the file plan."""

import io
import xml.etree.ElementTree as ET
from datetime import date

import openpyxl
import pypdfium2
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lienthong.base.errors import Refused
from lienthong.base.text import nfc
from lienthong.office.models import Dossier, DossierDocument, DossierReader, FilePlan, StoredFile
from lienthong.office.services import dossier_export, dossier_rights, dossier_state, filing, planning
from lienthong.office.services.filing import DossierFields
from lienthong.office.services.reading_rights import readable
from lienthong.office.services.tasks import Owner, give
from lienthong.office.states import Role, TaskKind
from lienthong.webkit.papers.xlsx import write_xlsx
from lienthong.webkit.site.duties import Duty
from lienthong.webkit.site.errors import NOT_FOUND_HERE
from lienthong.webkit.site.tenancy import acting_for
from office_documents import incoming_document, outgoing_document
from office_world import make_agency, working_as


@pytest.fixture
def made(office_installation, agency_number):
    return make_agency(agency_number)


def opened(visit, title="Hồ sơ về việc thử nghiệm", **more) -> Dossier:
    return filing.open_dossier(visit, DossierFields(title, "10 năm", visit.today.year, **more))


def test_codes_count_from_01_under_their_abbreviation(made) -> None:
    with working_as(made, Duty.REGISTRAR) as visit:
        plan = planning.begin(visit, 2026)
        heading = planning.add_heading(visit, plan, "Tổ chức cán bộ", "TCCB")
        small = planning.add_heading(visit, plan, "Tuyển dụng", parent=heading.pk)
        codes = [
            planning.plan_dossier(visit, plan, place, DossierFields(f"Hồ sơ {place} {n}", "Vĩnh viễn", 2026)).code
            for n, place in enumerate((heading.pk, small.pk, heading.pk))
        ]
    assert codes == ["01.TCCB", "02.TCCB", "03.TCCB"]


def test_a_code_is_taken_once_a_year(made) -> None:
    with working_as(made, Duty.REGISTRAR) as visit:
        opened(visit, code="07.VP")
        with pytest.raises(Refused) as refusal:
            opened(visit, code="07.VP")
    assert [each.path for each in refusal.value.problems] == ["code"]


@pytest.mark.parametrize(
    ("said", "years"), [("Vĩnh viễn", None), ("vinh vien", None), ("10 năm", 10), ("5", 5), ("70 nam", 70)]
)
def test_retention_is_read_as_people_write_it(said, years) -> None:
    assert filing.read_retention(said) == years


@pytest.mark.parametrize("said", ["", "1 năm", "71", "mười năm", "10 tháng", "-5"])
def test_another_retention_is_refused(said) -> None:
    with pytest.raises(ValueError, match=f"^{said}$"):
        filing.read_retention(said)


def test_one_document_lies_in_several_dossiers_without_a_copy_and_only_once_in_each(made) -> None:
    with working_as(made, Duty.CASE_OFFICER) as visit:
        document = outgoing_document(visit, drafter=visit.who.account)
        one, two = opened(visit), opened(visit, "Hồ sơ khác")
        first = filing.file_document(visit, one, document.pk)
        assert filing.file_document(visit, one, document.pk).pk == first.pk
        filing.file_document(visit, two, document.pk)
        assert list(document.dossier_entries.values_list("dossier", "ordinal").order_by("dossier")) == [
            (one.pk, 1),
            (two.pk, 1),
        ]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=st.lists(st.tuples(st.booleans(), st.integers(0, 4)), max_size=14))
def test_ordinals_have_no_gap_whatever_is_put_in_and_taken_out(made, moves) -> None:
    with working_as(made, Duty.REGISTRAR) as visit:
        documents = [incoming_document(visit, abstract=f"Số {n}") for n in range(5)]
        dossier = opened(visit)
        expected: list[int] = []
        for put, at in moves:
            pk = documents[at].pk
            if put:
                filing.file_document(visit, dossier, pk)
                expected += [pk] if pk not in expected else []
            else:
                filing.take_out(visit, dossier, pk)
                expected = [each for each in expected if each != pk]
        found = list(dossier.entries.order_by("ordinal").values_list("ordinal", "document"))
    assert found == list(enumerate(expected, 1))


def test_taking_out_asks_no_more_of_a_dossier_of_fifty_documents_than_of_five(made) -> None:
    counts = []
    for number in (5, 50):
        with working_as(made, Duty.REGISTRAR) as visit:
            dossier = opened(visit)
            first, *others = [incoming_document(visit, abstract=f"Số {n}").pk for n in range(number)]
            for each in (first, *others):
                filing.file_document(visit, dossier, each)
            with CaptureQueriesContext(connection) as asked:
                filing.take_out(visit, dossier, first)
            assert list(dossier.entries.values_list("ordinal", "document")) == list(enumerate(others, 1))
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_nobody_files_what_he_may_not_read_or_into_dossiers_of_others(made) -> None:
    with working_as(made, Duty.REGISTRAR) as visit:
        hidden, foreign = incoming_document(visit), opened(visit, unit=made.office.pk)
    with working_as(made, Duty.CASE_OFFICER) as visit:
        mine = opened(visit)
        with pytest.raises(Refused, match="NOT_FOUND_HERE"):
            filing.file_document(visit, mine, hidden.pk)
        with pytest.raises(Refused, match="NOT_FOUND_HERE"):
            filing.file_document(visit, foreign, hidden.pk)


def test_a_right_is_in_force_only_when_it_is_confirmed_and_a_change_leaves_the_former_one(made) -> None:
    officer = made.people[Duty.CASE_OFFICER].pk
    with working_as(made, Duty.REGISTRAR) as visit:
        dossier = opened(visit, unit=made.unit.pk)
        document = incoming_document(visit)
        filing.file_document(visit, dossier, document.pk)
        right = dossier_rights.ask_right(visit, dossier, officer, "read")
    with working_as(made, Duty.CASE_OFFICER) as visit:
        assert not readable(visit).exists()
        with pytest.raises(Refused, match="NOT_FOUND_HERE"):
            dossier_rights.find_dossier(visit, dossier.pk)
    with working_as(made, Duty.ARCHIVIST) as visit, pytest.raises(Refused, match="NOT_YOURS"):
        dossier_rights.decide_right(visit, dossier, right.pk, agreed=True)
    with working_as(made, Duty.UNIT_HEAD) as visit:
        dossier_rights.decide_right(visit, dossier, right.pk, agreed=True)
    with working_as(made, Duty.CASE_OFFICER) as visit:
        assert readable(visit).get().pk == document.pk
        assert not dossier_rights.may_write(visit, dossier)
    with working_as(made, Duty.REGISTRAR) as visit:
        dossier_rights.ask_right(visit, dossier, officer, "write")
    with working_as(made, Duty.CASE_OFFICER) as visit:
        assert readable(visit).exists()
        assert not dossier_rights.may_write(visit, dossier)
    with working_as(made, Duty.UNIT_HEAD) as visit:
        dossier_rights.decide_right(visit, dossier, right.pk, agreed=False)
        dossier_rights.ask_right(visit, dossier, officer, "none")
        dossier_rights.decide_right(visit, dossier, right.pk, agreed=True)
    with working_as(made, Duty.CASE_OFFICER) as visit:
        assert not readable(visit).exists()


def test_the_meter_says_what_is_missing_and_its_acts_put_it_right(made) -> None:
    with working_as(made, Duty.REGISTRAR) as visit:
        asked = incoming_document(visit, arrived=date(2026, 3, 2), pages=3, signer="A", paper=True)
        answer = outgoing_document(visit, issued=date(2026, 3, 9), answers=asked, pages=2, signer_name="B", paper=True)
        dossier = opened(visit)
        filing.file_document(visit, dossier, asked.pk)
        before = dossier_state.measure(visit, dossier)
        assert {each.key for each in before.missing} == {"ends_on", "parts", "rights"}
        with pytest.raises(Refused, match="STEP_NOT_POSSIBLE"):
            dossier_state.close(visit, dossier)
        for fix in ("parts", "dates", "rights"):
            dossier_state.put_right(visit, dossier, fix)
        dossier.refresh_from_db()
        after = dossier_state.measure(visit, dossier)
        assert (after.percent, after.documents, after.pages) == (100, 2, 5)
        assert dossier.ends_on == date(2026, 3, 9)
        assert DossierDocument.objects.filter(dossier=dossier, document=answer).exists()
        assert 0 < before.percent < 100
        dossier_state.close(visit, dossier)
        with pytest.raises(Refused, match="STEP_NOT_POSSIBLE"):
            filing.take_out(visit, dossier, asked.pk)


def test_an_empty_dossier_is_not_ready_at_all_and_nothing_is_said_of_documents_it_does_not_have(made) -> None:
    with working_as(made, Duty.REGISTRAR) as visit:
        meter = dossier_state.measure(visit, opened(visit))
        assert meter.percent == 0
        assert "documents" in {each.key for each in meter.shown}
        assert not {"dated", "filed", "paged", "signed"} & {each.key for each in meter.shown}
        assert not [each for each in meter.blocking if each.of_documents]


def test_open_tasks_hinder_closing_and_reopening_is_a_right_of_its_own(made) -> None:
    with working_as(made, Duty.REGISTRAR) as visit:
        document = incoming_document(visit, pages=1, signer="A", paper=True)
        dossier = opened(visit, ends_on=visit.today, unit=made.unit.pk)
        filing.file_document(visit, dossier, document.pk)
        task = give(visit, document, Owner(account=made.people[Duty.CASE_OFFICER].pk), TaskKind.HANDLING, Role.LEAD)
        with pytest.raises(Refused) as refusal:
            dossier_state.close(visit, dossier)
        assert "còn việc" in refusal.value.sentence("vi")
        task.state = "finished"
        task.save()
        dossier_state.close(visit, dossier)
        with pytest.raises(Refused, match="NOT_YOURS"):
            dossier_state.reopen(visit, dossier, "cần thêm")
    with working_as(made, Duty.LEADER) as visit:
        with pytest.raises(Refused, match="STEP_NOT_POSSIBLE"):
            dossier_state.reopen(visit, dossier, " ")
        assert dossier_state.reopen(visit, dossier, "cần thêm văn bản").state == "open"


def test_only_closed_dossiers_are_handed_in_and_the_archive_takes_or_returns_them(made) -> None:
    with working_as(made, Duty.REGISTRAR) as visit:
        document = incoming_document(visit, pages=1, signer="A", paper=True)
        closed, open_ = opened(visit, ends_on=visit.today), opened(visit)
        filing.file_document(visit, closed, document.pk)
        dossier_state.close(visit, closed)
        assert [(each.pk, why) for each, why in dossier_state.submit(visit, [closed.pk, open_.pk])] == [
            (closed.pk, ""), (open_.pk, "chưa kết thúc"),
        ]  # fmt: skip
        with pytest.raises(Refused, match="NOT_YOURS"):
            dossier_state.receive(visit, closed, accepted=True)
    with working_as(made, Duty.ARCHIVIST) as visit:
        assert dossier_state.receive(visit, closed, accepted=False, reason="thiếu bìa").state == "closed"
        dossier_state.submit(visit, [closed.pk])
        assert dossier_state.receive(visit, closed, accepted=True).state == "accepted"


def test_handing_in_tells_nothing_of_dossiers_that_one_may_not_see(made) -> None:
    with working_as(made, Duty.LEADER) as visit:
        hidden = opened(visit, "Hồ sơ kỷ luật ông A")
        Dossier.objects.filter(pk=hidden.pk).update(state="closed")
    with working_as(made, Duty.CASE_OFFICER) as visit:
        told = dossier_state.submit(visit, [hidden.pk, hidden.pk + 1_000_000])
        assert told == [(None, Refused(NOT_FOUND_HERE).sentence("vi"))] * 2
    page = made.client(Duty.CASE_OFFICER).submit("/dossiers/submit", page="/dossiers", row=hidden.pk)
    assert "kỷ luật" not in page.content.decode()
    assert "Không có trang hoặc tài liệu này" in page.content.decode()


def test_a_dossier_is_proposed_by_what_is_answered_and_by_the_words_of_the_subject(made) -> None:
    with working_as(made, Duty.REGISTRAR) as visit:
        asked = incoming_document(visit, abstract="Đề nghị hỗ trợ kinh phí")
        answered, subject = opened(visit, "Hồ sơ A"), opened(visit, "Hồ sơ kiểm tra công tác phòng cháy chữa cháy")
        opened(visit, "Hồ sơ tuyển dụng viên chức")
        filing.file_document(visit, answered, asked.pk)
        answer = outgoing_document(visit, abstract="Trả lời", answers=asked)
        assert [each.dossier.pk for each in filing.propose(answer, filing.candidates(visit, answer))] == [answered.pk]
        other = incoming_document(visit, abstract="Kế hoạch kiểm tra phòng cháy", issuer="Công an tỉnh")
        assert [each.dossier.pk for each in filing.propose(other, filing.candidates(visit, other))] == [subject.pk]


def test_the_whole_dossier_leaves_as_pdf_and_xml_in_time_order(made) -> None:
    with working_as(made, Duty.REGISTRAR) as visit:
        late = incoming_document(visit, abstract="Đến sau", arrived=date(2026, 5, 2), issued=date(2026, 5, 1), pages=2)
        early = incoming_document(
            visit, abstract="Đến trước", arrived=date(2026, 2, 3), issued=date(2026, 2, 1), pages=1
        )
        dossier = opened(visit)
        for each in (late, early):
            filing.file_document(visit, dossier, each.pk)
        root = ET.fromstring(dossier_export.xml_of(visit, dossier))
        out = io.BytesIO()
        pages = dossier_export.write_pdf(visit, dossier, out)
        subjects = [each.text for each in root.iter() if each.tag.endswith("Subject")]
        assert subjects == ["Đến trước", "Đến sau"]
        assert len(pypdfium2.PdfDocument(out.getvalue())) == pages >= 4


def test_accounts_are_counted_with_their_dossiers(made) -> None:
    with working_as(made, Duty.CASE_OFFICER) as visit:
        opened(visit)
        opened(visit, "Thứ hai", due_date=date(2026, 1, 2))
        lines = dossier_state.counts_by_account(dossier_rights.readable_dossiers(visit), visit.today)
        assert [(each["creator"], each["total"], each["open"], each["late"]) for each in lines] == [
            (visit.who.account.pk, 2, 2, 1)
        ]


def spreadsheet(*rows: tuple[object, ...]) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(
        ("Số và ký hiệu hồ sơ", "Tên đề mục và tiêu đề hồ sơ", "Thời hạn bảo quản", "Người lập hồ sơ", "Ghi chú")
    )
    for row in rows:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_plan_goes_out_as_a_spreadsheet_and_comes_back_without_loss(made) -> None:
    with working_as(made, Duty.REGISTRAR) as visit:
        person = made.people[Duty.CASE_OFFICER]
        data = spreadsheet(
            (None, "I. TỔ CHỨC CÁN BỘ"), (None, "1. Tuyển dụng"),
            ("01.TCCB", "Hồ sơ tuyển dụng năm 2026", "70 năm", person.full_name, None),
            (None, "II. VĂN PHÒNG"), ("01.VP", "Tập lưu công văn đi", "Vĩnh viễn", None, "giấy"),
        )  # fmt: skip
        dry = planning.read_plan(visit, 2026, "dm.xlsx", data)
        assert not Dossier.objects.exists()
        assert planning.take(visit, planning.begin(visit, 2026), dry) == 2
        plan = planning.plan_of(visit, 2026)
        out = io.BytesIO()
        write_xlsx(planning.table_of(visit, plan), out)
        again = planning.read_plan(visit, 2027, "dm.xlsx", out.getvalue())
        assert again.problems == []
        assert [(each.large, each.small, each.code, each.title, each.retention, each.creator, each.note) for each in again.new] == [
            ("TỔ CHỨC CÁN BỘ", "Tuyển dụng", "01.TCCB", "Hồ sơ tuyển dụng năm 2026", 70, person, ""),
            ("VĂN PHÒNG", "", "01.VP", "Tập lưu công văn đi", None, None, "giấy"),
        ]  # fmt: skip
        assert [each.code for each in planning.read_plan(visit, 2026, "dm.xlsx", out.getvalue()).same] == [
            "01.TCCB",
            "01.VP",
        ]


def test_every_wrong_cell_of_a_plan_is_named_and_nothing_is_taken(made) -> None:
    with working_as(made, Duty.REGISTRAR) as visit:
        data = spreadsheet(
            ("01.VP", "Chưa có đề mục", "10 năm", None, None), (None, "I. VĂN PHÒNG"),
            ("x", "Số sai", "10 năm", None, None), ("02.VP", "Thời hạn sai", "lâu dài", None, None),
            ("03.VP", "Người lạ", "5 năm", "Không Có Ai", None), ("01.VP", "Trùng số", "5 năm", None, None),
        )  # fmt: skip
        dry = planning.read_plan(visit, 2026, "dm.xlsx", data)
        assert sorted(each.path for each in dry.problems) == ["A4", "A7", "B2", "C5", "D6"]
        with pytest.raises(Refused, match="FIELDS_WRONG"):
            planning.take(visit, planning.begin(visit, 2026), dry)
        assert not Dossier.objects.exists()


def test_the_head_approves_and_then_the_plan_is_fixed(made) -> None:
    with working_as(made, Duty.REGISTRAR) as visit:
        plan = planning.begin(visit, 2026)
        heading = planning.add_heading(visit, plan, "Văn phòng", "VP")
        planning.plan_dossier(visit, plan, heading.pk, DossierFields("Tập lưu", "Vĩnh viễn", 2026))
        with pytest.raises(Refused, match="NOT_YOURS"):
            planning.approve(visit, plan, "Quyết định số 1")
    with working_as(made, Duty.LEADER) as visit:
        assert planning.approve(visit, plan, "Quyết định số 1/QĐ-STN").state == "approved"
    with working_as(made, Duty.REGISTRAR) as visit:
        with pytest.raises(Refused, match="STEP_NOT_POSSIBLE"):
            planning.add_heading(visit, plan, "Khác", "K")
        assert planning.copy_plan(visit, 2027) == 1
        assert [each.code for each in Dossier.objects.filter(year=2027)] == ["01.VP"]


def test_the_journey_of_a_dossier_through_its_pages(made) -> None:
    with working_as(made, Duty.REGISTRAR) as visit:
        document = incoming_document(visit, abstract="Giấy mời họp", signer="A", pages=1, paper=True)
    client = made.client(Duty.REGISTRAR)
    wrong = client.submit("/dossiers/new", title="", retention="10 năm", year="2026", note="vẫn còn")
    assert wrong.status_code == 422
    assert "Nhập tiêu đề hồ sơ." in wrong.content.decode()
    assert "vẫn còn" in wrong.content.decode()
    answer = client.submit("/dossiers/new", title="Hồ sơ họp", retention="10 năm", year="2026", ends_on="30/11/2026",
                           rights="Hạn chế")  # fmt: skip
    where = answer.headers["Location"]
    found = client.get(f"{where}/add", {"q": "giay moi"}).content.decode()
    assert f'value="{document.pk}"' in found
    done = client.submit(f"{where}/add", page=f"{where}/add?q=giay", row=document.pk).content.decode()
    assert "số thứ tự 1" in done
    assert "100 %" in client.get(where).content.decode()
    assert client.submit(f"{where}/close", page=where).status_code == 303
    assert "Đã kết thúc" in client.get(where).content.decode()
    for ending, start in (("pdf", b"%PDF"), ("xml", b"<?xml"), ("list-pdf", b"%PDF"), ("list-xlsx", b"PK")):
        file = client.get(f"{where}/export/{ending}")
        assert b"".join(file.streaming_content).startswith(start), ending
    pk = int(where.rpartition("/")[2])
    assert "đã nộp lưu" in client.submit("/dossiers/submit", page="/dossiers", row=pk).content.decode()
    assert b"".join(client.submit("/dossiers/inventory", page="/dossiers", row=pk).streaming_content).startswith(
        b"%PDF"
    )
    assert "Hồ sơ họp" in client.get("/dossiers", {"title": "ho so hop", "state": "submitted"}).content.decode()


def test_the_journey_of_a_plan_through_its_pages(made) -> None:
    client = made.client(Duty.REGISTRAR)
    data = spreadsheet((None, "I. VĂN PHÒNG"), (None, "Tập lưu", "Vĩnh viễn", None, None))
    shown = client.submit("/file-plan/2026/upload", page="/file-plan?year=2026",
                          file=SimpleUploadedFile("dm.xlsx", data)).content.decode()  # fmt: skip
    assert "Thêm 1 hồ sơ" in shown
    with acting_for(made.agency.pk):
        assert not FilePlan.objects.exists()
    sealed = shown.split('name="sealed" value="')[1].split('"')[0]
    taken = client.submit("/file-plan/2026/take", page="/file-plan?year=2026", sealed=sealed)
    assert taken.status_code == 303
    assert "01.VP" in client.get("/file-plan?year=2026").content.decode()
    broken = client.submit(
        "/file-plan/2026/upload", page="/file-plan?year=2026", file=SimpleUploadedFile("dm.xlsx", b"PK")
    )
    assert broken.status_code == 422
    leader = made.client(Duty.LEADER)
    assert leader.submit("/file-plan/2026/approve", page="/file-plan?year=2026", decision="QĐ 1").status_code == 303
    assert "Đã phê duyệt" in leader.get("/file-plan?year=2026").content.decode()
    assert client.get("/file-plan/2026/export.xlsx").status_code == 200


def test_another_agency_gets_404_for_every_address_of_a_dossier_and_other_duties_403(made, agency_number) -> None:
    with working_as(made, Duty.REGISTRAR) as visit:
        dossier = opened(visit)
    stranger = make_agency(agency_number + 500_000).client(Duty.REGISTRAR)
    for rest in ("", "/change", "/add", "/export/pdf", "/export/xml", "/export/list-pdf"):
        assert stranger.get(f"/dossiers/{dossier.pk}{rest}").status_code == 404, rest
    for verb in ("open", "file", "take-out", "fix", "close", "reopen", "accept", "give-back", "right", "decide", "add"):
        assert stranger.submit(f"/dossiers/{dossier.pk}/{verb}", page="/dossiers/new").status_code == 404, verb
    auditor = made.client(Duty.AUDITOR)
    for where in ("/dossiers", f"/dossiers/{dossier.pk}", "/file-plan", "/dossiers/new", "/dossiers/counts"):
        assert auditor.get(where).status_code == 403, where
    with acting_for(made.agency.pk):
        assert DossierReader.objects.filter(dossier=dossier).count() == 1


def test_a_documents_page_warns_proposes_and_files(made) -> None:
    with working_as(made, Duty.REGISTRAR) as visit:
        document = incoming_document(visit, abstract="Kế hoạch kiểm tra phòng cháy chữa cháy")
        dossier = opened(visit, "Hồ sơ kiểm tra công tác phòng cháy")
        other = opened(visit, "Hồ sơ khác hẳn")
    client = made.client(Duty.REGISTRAR)
    where = f"/documents/{document.pk}"
    shown = client.get(where).content.decode()
    assert "Văn bản chưa nằm trong hồ sơ nào." in shown
    assert f"/dossiers/{dossier.pk}/file" in shown
    assert f"/dossiers/{other.pk}/file" not in shown
    filed = client.submit(f"/dossiers/{dossier.pk}/file", page=where, document=document.pk, back=document.pk)
    assert (filed.status_code, filed.headers["Location"]) == (303, where)
    assert client.submit(f"{where}/file", page=where, dossier=other.pk).status_code == 303
    shown = client.get(where).content.decode()
    assert "Văn bản chưa nằm trong hồ sơ nào." not in shown
    assert dossier.code in shown
    with acting_for(made.agency.pk):
        assert DossierDocument.objects.filter(document=document).count() == 2


def test_a_refused_act_leaves_no_entry_in_the_audit_log(made) -> None:
    with working_as(made, Duty.REGISTRAR) as visit:
        dossier = opened(visit)
    client = made.client(Duty.REGISTRAR)
    assert client.submit(f"/dossiers/{dossier.pk}/close", page=f"/dossiers/{dossier.pk}").status_code == 422
    with acting_for(made.agency.pk), connection.cursor() as cursor:
        cursor.execute("select count(*) from audit_entry where body like %s", ['%"dossier.closed"%'])
        assert cursor.fetchone() == (0,)


def test_a_dossier_with_documents_that_one_may_not_see_is_not_exported(made) -> None:
    with working_as(made, Duty.REGISTRAR) as visit:
        dossier = opened(visit, unit=made.unit.pk)
        filing.file_document(visit, dossier, incoming_document(visit, abstract="Điều kín").pk)
    client = made.client(Duty.UNIT_HEAD)
    shown = client.get(f"/dossiers/{dossier.pk}").content.decode()
    assert "Điều kín" not in shown
    assert "không có quyền xem" in shown
    for ending in ("pdf", "xml", "list-pdf"):
        assert client.get(f"/dossiers/{dossier.pk}/export/{ending}").status_code == 403


def test_dossiers_are_handed_over_with_minutes_and_list_on_screen_and_as_files(made) -> None:
    client = made.client(Duty.REGISTRAR)
    with working_as(made, Duty.REGISTRAR) as visit:
        paper, electronic = opened(visit, "Hồ sơ giấy"), opened(visit, "Hồ sơ điện tử")
        filing.file_document(visit, paper, incoming_document(visit, abstract="Chỉ có bản giấy").pk)
        document = incoming_document(visit)
        StoredFile.objects.create(
            agency=made.agency, document=document, slot=0, role="document", name="a.pdf", size=1, added_at=visit.now,
            media_type="application/pdf", sha256=bytes(32),
        )  # fmt: skip
        filing.file_document(visit, electronic, document.pk)
    page = client.submit("/dossiers/handover", page="/dossiers", row=[paper.pk, electronic.pk]).content.decode()
    for said in ("Hồ sơ giấy", "Hồ sơ điện tử", "1 hồ sơ, ", made.people[Duty.ARCHIVIST].full_name):
        assert said in page, said
    given = {"name": "Hồ sơ, tài liệu của Phòng", "receiver": "Trần Thị Bưởi", "receiver_position": "Lưu trữ viên",
             "condition": "Nguyên vẹn", "boxes": "3", "paper_dossiers": "1", "metres": "0,5"}  # fmt: skip
    rows = [paper.pk, electronic.pk]
    answer = client.submit("/dossiers/handover/minutes.pdf", page="/dossiers", row=rows, **given)
    data = b"".join(answer.streaming_content)
    words = " ".join(pypdfium2.PdfDocument(data)[0].get_textpage().get_text_range().split())
    for said in ("BIÊN BẢN", "Trần Thị Bưởi", "Nguyên vẹn", "0,50 mét"):
        assert nfc(said) in nfc(words), said
    wrong = client.submit("/dossiers/handover/minutes.pdf", page="/dossiers", row=rows, **(given | {"boxes": "-1"}))
    assert (wrong.status_code, "Nhập một số không âm." in wrong.content.decode()) == (422, True)
    for ending, start in (("pdf", b"%PDF"), ("xlsx", b"PK")):
        file = client.submit(f"/dossiers/handover/inventory.{ending}", page="/dossiers", row=rows)
        assert b"".join(file.streaming_content).startswith(start), ending
    stranger = make_agency(made.agency.pk + 20_000_000, code=f"Z{made.agency.code}").client(Duty.REGISTRAR)
    assert stranger.submit("/dossiers/handover", page="/dossiers", row=rows).status_code == 404
