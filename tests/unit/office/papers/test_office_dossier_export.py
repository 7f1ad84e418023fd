"""A dossier exported whole: XML and PDF in time order, signed files kept, lengths told."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date

import pypdfium2
import pytest

import papers_samples as samples
from lienthong.base.errors import Refused
from lienthong.office.papers.dossier_pdf import write_dossier_pdf
from lienthong.office.papers.dossier_xml import dossier_export, dossier_xml
from lienthong.office.papers.filed import Direction, FiledDocument, FiledDossier, FiledFile, FiledRecipient
from lienthong.packages.dossier_xml import IncomingRecord, OutgoingRecord, read_dossier
from lienthong.trust.pdf.joining import attached, outline
from lienthong.vocabulary.secrecy import Secrecy
from lienthong.vocabulary.urgency import Urgency
from signing_world import World, plain_pdf

DOSSIER = FiledDossier("H49.64", 2026, "01.TCCB", "Hồ sơ tuyển dụng công chức năm 2026", "Vĩnh viễn", "Phạm Ngọc Ưng")
OUT = FiledDocument(
    Direction.OUTGOING, "Quyết định", "15", "QĐ-SNV", date(2026, 3, 1), "Sở Nội vụ", "Về việc tuyển dụng", pages=2,
    urgency=Urgency.IMMEDIATE, recipients=(FiledRecipient("Sở Y tế", "H49.65"),), copies=5, signer_name="Nguyễn Văn An",
    files=(FiledFile("15-qd.pdf", plain_pdf(2, "quyet dinh")),),
)  # fmt: skip
IN = FiledDocument(
    Direction.INCOMING, "Công văn", "08", "SYT-TC", date(2026, 1, 8), "Sở Y tế", "V/v nhu cầu tuyển dụng", pages=1,
    arrived_on=date(2026, 1, 10), arrival_number=31, receivers=("Phòng Tổ chức", "Thanh tra"), trace="Đã giao",
    secrecy=Secrecy.MAT, note="Bản sao", files=(FiledFile("so-lieu.xlsx", b"PK\x03\x04 bang tinh"),),
)  # fmt: skip
EARLY = replace(OUT, number="02", day=date(2026, 1, 9), files=())


def test_documents_stand_in_the_order_in_which_the_dossier_was_formed():
    export = read_dossier(dossier_xml(DOSSIER, [OUT, IN, EARLY]))
    assert [(each.doc_ordinal, each.code_number) for each in export.documents] == [(1, "02"), (2, "08"), (3, "15")]
    record = export.dossier
    assert (record.start_date, record.end_date, record.doc_total, record.page_total) == (
        date(2026, 1, 9),
        date(2026, 3, 1),
        3,
        5,
    )
    assert all(each.file_code == record.file_code for each in export.documents)


def test_each_direction_has_its_own_fields():
    _, incoming, outgoing = dossier_export(DOSSIER, [OUT, IN, EARLY]).documents
    assert isinstance(outgoing, OutgoingRecord) and isinstance(incoming, IncomingRecord)
    assert (outgoing.priority, outgoing.issued_amount, outgoing.to[0].organ_id) == (3, 5, "H49.65")
    assert (incoming.arrival_number, incoming.to_places, incoming.trace_header_list) == (
        31,
        "Phòng Tổ chức; Thanh tra",
        "Đã giao",
    )
    assert incoming.description == "Độ mật: Mật; Bản sao"


def test_an_agency_code_longer_than_the_decree_allows_is_told():
    with pytest.raises(Refused) as refused:
        dossier_xml(replace(DOSSIER, agency_code="H49.64.33.100.7"), [OUT])
    assert [problem.path for problem in refused.value.problems] == [
        "Dossier/FileCode/OrganId", "OutgoingDocument[1]/FileCode/OrganId",
    ]  # fmt: skip


def exported(*documents: FiledDocument) -> tuple[bytes, list[str]]:
    out = io.BytesIO()
    count = write_dossier_pdf(DOSSIER, documents, samples.HEAD, out, samples.MARK)
    found = [" ".join(page.get_textpage().get_text_range().split()) for page in pypdfium2.PdfDocument(out.getvalue())]
    assert count == len(found)
    return out.getvalue(), found


def test_the_pdf_has_cover_list_and_documents_in_time_order():
    data, pages = exported(OUT, IN, EARLY)
    assert outline(data) == [
        "Bìa hồ sơ", "Mục lục văn bản, tài liệu", "01. 02/QĐ-SNV Quyết định về việc tuyển dụng",
        "02. 08/SYT-TC Công văn V/v nhu cầu tuyển dụng", "03. 15/QĐ-SNV Quyết định về việc tuyển dụng",
    ]  # fmt: skip
    assert "Tổng số văn bản trong hồ sơ: 03 (ba)" in pages[0] and "09/01/2026 - 01/03/2026" in pages[0]
    assert "MỤC LỤC VĂN BẢN, TÀI LIỆU" in pages[1]
    assert ["VĂN BẢN SỐ" in page for page in pages] == [False, False, True, True, True, False, False]
    assert pages[-2].startswith("quyet dinh trang 1")
    assert "không có tệp" in pages[2]


def test_a_file_without_pages_goes_along_attached():
    data, pages = exported(IN)
    assert attached(data) == {"001-01 so-lieu.xlsx": b"PK\x03\x04 bang tinh"}
    assert "«001-01 so-lieu.xlsx»" in pages[2] and "không trình bày được thành trang" in pages[2]


def test_a_signed_file_is_shown_and_goes_along_whole_and_the_page_before_says_why():
    world = World.make()
    signed = world.sign_pdf(plain_pdf(1, "ban ky"), world.person, "Sig1")
    data, pages = exported(replace(OUT, files=(FiledFile("15 QĐ.pdf", signed), OUT.files[0])))
    assert attached(data) == {"001-01 15 QĐ.pdf": signed}
    assert "không có giá trị trên các trang ghép" in pages[2] and "Số chữ ký số trong tệp: 01 (một)" in pages[2]
    assert pages[3].startswith("ban ky") and pages[4].startswith("quyet dinh")


def test_two_files_of_one_name_and_odd_names_are_both_kept():
    odd = FiledFile("../a/b\x07.bin", b"1")
    data, _ = exported(replace(OUT, files=(odd, odd)), replace(IN, files=(odd,)))
    assert sorted(attached(data)) == ["001-01 .._a_b .bin", "002-01 .._a_b .bin", "002-02 .._a_b .bin"]
