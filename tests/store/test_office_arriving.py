"""What comes in: once in the tray, checked before the registrar sees it, with warnings and proposals."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from lienthong.infra import apart
from lienthong.office.models import Arrival, Message, Notice, StatusEvent, StoredFile
from lienthong.office.services.arriving import arrive, take_file
from lienthong.office.services.examining import examine
from lienthong.office.services.registering import IncomingFields, register, send_back
from lienthong.office.states import ArrivalState, Source
from lienthong.webkit.door.visit import Visit, now
from lienthong.webkit.site.configure import site
from lienthong.webkit.site.duties import Duty
from office_world import OfficeAgency, make_agency, visit_of_worker, working_as
from official_document import decision

FOREIGN = Path(__file__).parents[2] / "vectors" / "foreign"


def kept(*files: tuple[str, bytes]) -> list[Any]:
    return [take_file(io.BytesIO(data), name) for name, data in files]


def come_in(visit: Visit, made: OfficeAgency, reference: str, files: list[Any], **more: Any) -> Arrival:
    values: dict[str, Any] = {"title": "V/v thử nghiệm", "received_at": now(), "sender_code": "G22"} | more
    source = values.pop("source", Source.AXIS)
    return arrive(visit, made.agency.pk, source, reference, files, **values)


@pytest.fixture
def made(agency_number: int) -> OfficeAgency:
    return make_agency(agency_number)


@pytest.fixture
def foreign_trust() -> Any:
    context: Any = site().context
    context["trust"] = FOREIGN / "trust"
    yield
    context["trust"] = None


def test_the_first_pdf_is_the_document_and_the_same_reference_is_the_same_arrival(made) -> None:
    files = kept(("bang-ke.txt", b"mot, hai"), ("van-ban", decision()), ("phu-luc.pdf", decision(pages=1)))
    with visit_of_worker(made) as visit:
        first = come_in(visit, made, "r-1", files)
        again = come_in(visit, made, "r-1", kept(("khac.pdf", decision(pages=3))))
        assert first.pk == again.pk
        assert first.state == ArrivalState.CHECKING.value
        stored = StoredFile.objects.filter(arrival=first).order_by("slot")
        assert [(each.name, each.role) for each in stored] == [
            ("van-ban.pdf", "document"), ("bang-ke.txt", "attachment"), ("phu-luc.pdf", "attachment")
        ]  # fmt: skip


def test_status_01_goes_out_once_for_the_axis_and_not_for_a_scan(made) -> None:
    with visit_of_worker(made) as visit:
        for _ in range(2):
            come_in(visit, made, "r-1", kept(("a.pdf", decision())))
        come_in(visit, made, "r-1", kept(("a.pdf", decision())), source=Source.SCAN)
        (message,) = Message.objects.filter(agency=made.agency)
        assert (message.kind, message.members["code"], message.members["received"]) == ("status", 1, "r-1")
        assert StatusEvent.objects.filter(agency=made.agency, outward=True, code=1).count() == 1


def test_a_signed_document_waits_with_who_signed_and_whether_it_holds(made, foreign_trust) -> None:
    with visit_of_worker(made) as visit:
        arrival = come_in(visit, made, "r-1", kept(("ky.pdf", (FOREIGN / "libreoffice-7.4.pdf").read_bytes())))
        examine(visit, arrival)
        assert arrival.state == ArrivalState.WAITING.value
        report = StoredFile.objects.get(arrival=arrival).verdict
        (signature,) = report["signatures"]
        assert report["kind"] == "pdf"
        assert signature["who"]
        assert signature["when"].startswith("20")
        assert all(each["vi"] and each["en"] for each in signature["sentences"])
        assert report["verdict"] == arrival.verdict["verdict"] != "FAILED"


def test_a_damaged_signature_is_told_and_the_document_waits_all_the_same(made, foreign_trust) -> None:
    data = bytearray((FOREIGN / "libreoffice-7.4.pdf").read_bytes())
    at = data.index(b"stream") + 40
    data[at] ^= 1
    with visit_of_worker(made) as visit:
        arrival = come_in(visit, made, "r-1", kept(("ky.pdf", bytes(data))))
        examine(visit, arrival)
        assert arrival.state == ArrivalState.WAITING.value
        assert arrival.verdict["verdict"] == "FAILED"
        assert "không hợp lệ" in arrival.verdict["sentences"][0]["vi"]


def test_an_unreadable_pdf_waits_with_a_sentence_that_says_so(made) -> None:
    with visit_of_worker(made) as visit:
        arrival = come_in(visit, made, "r-1", kept(("hong.pdf", b"%PDF-1.7\n" + b"rac " * 500)))
        examine(visit, arrival)
        assert arrival.state == ArrivalState.WAITING.value
        assert arrival.verdict["verdict"] in {"INDETERMINATE", "FAILED"}
        assert any("hong.pdf" in each["vi"] for each in arrival.verdict["sentences"])
        assert StoredFile.objects.get(arrival=arrival).text_state == "failed"


def test_what_the_page_says_is_proposed_and_what_the_packet_says_wins(made) -> None:
    packet = {"number": "15", "symbol": "QĐ-SNV", "abstract": "Về việc khác", "packet": {"header_signature": ""}}
    with visit_of_worker(made) as visit:
        arrival = come_in(visit, made, "r-1", kept(("a.pdf", decision())), fields=packet)
        examine(visit, arrival)
        fields = arrival.fields
        assert fields["abstract"] == "Về việc khác"
        assert fields["proposals"]["abstract"]["origin"] == "packet"
        assert fields["kind"] == "Quyết định (cá biệt)"
        assert fields["proposals"]["kind"]["origin"] == "page"
        assert fields["proposals"]["kind"]["reason_vi"]
        assert fields["pages"] == 2
        assert fields["text"].count("\f") == 1
        assert "QUYẾT ĐỊNH" in fields["text"]


def test_registrars_are_told_once_when_it_waits(made) -> None:
    with visit_of_worker(made) as visit:
        arrival = come_in(visit, made, "r-1", kept(("a.pdf", decision())))
        examine(visit, arrival)
        examine(visit, arrival)
        notices = Notice.objects.filter(agency=made.agency, kind="arrival")
        assert [each.account_id for each in notices] == [made.people[Duty.REGISTRAR].pk]


def test_the_same_identifier_number_or_bytes_are_warned_about_with_the_reason(made) -> None:
    with visit_of_worker(made) as visit:
        fields = {"number": "05", "symbol": "CV-SNV", "issuer_name": "Sở Nội vụ"}
        first = come_in(visit, made, "r-1", kept(("a.pdf", decision())), identifier="G22,2026/1/1,5/CV", fields=fields)
        examine(visit, first)
        assert first.duplicates == []
    with working_as(made, Duty.REGISTRAR) as visit:
        register(visit, first, IncomingFields("Công văn", "05", "CV-SNV", None, "Sở Nội vụ", "Thử"))
    with visit_of_worker(made) as visit:
        cases = {
            "identifier": {"identifier": "G22,2026/1/1,5/CV"},
            "number": {"fields": {"number": "5", "symbol": "cv-snv", "issuer_name": "SỞ NỘI VỤ"}, "sender_code": "X"},
        }  # fmt: skip
        for n, (by, more) in enumerate(cases.items()):
            other = come_in(visit, made, f"o-{n}", kept(("b.pdf", decision(pages=n + 3))), **more)
            examine(visit, other)
            assert [each["by"] for each in other.duplicates if each["type"] == "document"] == [by]
            assert "số đến 1" in other.duplicates[0]["vi"]
        same = come_in(visit, made, "o-9", kept(("c.pdf", decision())), source=Source.SCAN, sender_code="")
        examine(visit, same)
        assert [each["by"] for each in same.duplicates] == ["bytes"]
        foreign = {"number": "5", "symbol": "CV-SNV", "issuer_name": "Sở Tài chính"}
        other = come_in(visit, made, "o-10", kept(("d.pdf", decision(pages=9))), fields=foreign, sender_code="Y")
        examine(visit, other)
        assert other.duplicates == []


def test_something_that_was_returned_and_comes_again_is_recognised(made) -> None:
    with visit_of_worker(made) as visit:
        first = come_in(visit, made, "r-1", kept(("a.pdf", decision())), identifier="G22,2026/1/1,5/CV")
        examine(visit, first)
    with working_as(made, Duty.REGISTRAR) as visit:
        send_back(visit, first, "Gửi nhầm nơi nhận")
    with visit_of_worker(made) as visit:
        again = come_in(visit, made, "r-2", kept(("b.pdf", decision(pages=3))), identifier="G22,2026/1/1,5/CV")
        examine(visit, again)
        assert "đã trả lại" in again.duplicates[0]["vi"]


def work_that_fails(path: str) -> None:
    raise KeyError(path)


def test_work_on_a_file_that_fails_unforeseen_is_a_refusal_and_the_process_goes_on() -> None:
    away = apart.Apart(30)
    with pytest.raises(Exception, match="FILE_NOT_DIGESTED"):
        away.run(work_that_fails, "x")
    assert away.run(len, "abc") == 3
    away.close()
