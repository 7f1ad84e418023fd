"""A dossier as XML: the tags of the decree, round trips, what is too long, files that are not right."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from lienthong.base.errors import Refused
from lienthong.packages.dossier_xml import (
    Addressee,
    DossierExport,
    DossierRecord,
    FileCode,
    IncomingRecord,
    OutgoingRecord,
    SignerInfo,
    read_dossier,
    write_dossier,
)

CODE = FileCode("000.00.07.G11", 2026, "01.TCCB")
OUT = OutgoingRecord(
    CODE, 1, "Quyết định", "15", "QĐ-SNV", date(2026, 1, 5), "Sở Nội vụ", "Về việc cử công chức đi học", "Tiếng Việt", 3,
    "Bản chính", SignerInfo("Giám đốc", "Nguyễn Văn An"), 1, date(2026, 2, 1),
    to=(Addressee("H49.64", "Sở Tài chính"), Addressee("H49.65", "Sở Y tế")), issued_amount=12,
)  # fmt: skip
IN = IncomingRecord(
    CODE, 2, "Công văn", "88", "VPCP-TH", date(2026, 1, 6), "Văn phòng Chính phủ", "V/v báo cáo", "Tiếng Việt", 2, "",
    SignerInfo("Phó Chủ nhiệm", "Lê Quốc Đại"), 0, None, arrival_date=date(2026, 1, 7), arrival_number=7,
    to_places="Văn phòng", trace_header_list="Giao Phòng Công nghệ\nĐã xong",
)  # fmt: skip
DOSSIER = DossierRecord(
    CODE,
    "Hồ sơ đào tạo",
    "20 năm",
    "Hạn chế",
    "Phạm Ngọc Ưng",
    "Tiếng Việt",
    date(2026, 1, 5),
    date(2026, 1, 7),
    2,
    5,
    "Đủ",
)
EXPORT = DossierExport(DOSSIER, (OUT, IN))
OUTGOING_TAGS = [
    "FileCode",
    "DocOrdinal",
    "TypeName",
    "CodeNumber",
    "CodeNotation",
    "IssuedDate",
    "OrganName",
    "Subject",
    "Language",
    "PageAmount",
    "Description",
    "SignerInfo",
    "To",
    "To",
    "Priority",
    "IssuedAmount",
    "DueDate",
]
INCOMING_TAGS = [
    "FileCode",
    "DocOrdinal",
    "TypeName",
    "CodeNumber",
    "CodeNotation",
    "IssuedDate",
    "OrganName",
    "Subject",
    "Language",
    "PageAmount",
    "Description",
    "ArrivalDate",
    "ArrivalNumber",
    "SignerInfo",
    "Priority",
    "ToPlaces",
    "TraceHeaderList",
    "DueDate",
]
DOSSIER_TAGS = [
    "FileCode",
    "Title",
    "Maintenance",
    "Rights",
    "Creator",
    "Language",
    "StartDate",
    "EndDate",
    "DocTotal",
    "PageTotal",
    "Description",
]


def wrong(work, *given) -> Refused:
    with pytest.raises(Refused) as caught:
        work(*given)
    return caught.value


def test_the_tags_are_those_of_the_decree_in_its_order():
    full = replace(IN, description="ghi chú", due_date=date(2026, 2, 2))
    root = etree.fromstring(write_dossier(DossierExport(DOSSIER, (OUT, full))))
    assert [[child.tag for child in part] for part in root] == [DOSSIER_TAGS, OUTGOING_TAGS, INCOMING_TAGS]
    assert [child.tag for child in root[0][0]] == ["OrganId", "FileCatalog", "FileNotation"]
    assert [child.tag for child in root[1].find("SignerInfo")] == ["Position", "FullName"]
    assert [child.tag for child in root[1].find("To")] == ["OrganId", "OrganName"]
    assert (root.findtext("Dossier/StartDate"), root.findtext("OutgoingDocument/Priority")) == ("05/01/2026", "1")


def test_a_dossier_is_read_back_as_it_was():
    assert read_dossier(write_dossier(EXPORT)) == EXPORT


def text(length: int):
    return st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Cn")), max_size=min(length, 40))


DAYS = st.none() | st.dates(date(1945, 1, 1), date(2200, 1, 1))
CODES = st.builds(FileCode, text(13), st.none() | st.integers(0, 9999), text(20))
PEOPLE = st.builds(SignerInfo, text(100), text(50))
COMMON = {
    "file_code": CODES, "type_name": text(100), "code_number": text(11), "code_notation": text(30), "issued_date": DAYS, "organ_name": text(200),
    "subject": text(500), "language": text(30), "page_amount": st.none() | st.integers(0, 999), "description": text(500), "signer_info": PEOPLE,
    "priority": st.none() | st.integers(0, 9), "due_date": DAYS,
}  # fmt: skip
OUTGOING = st.builds(
    OutgoingRecord, to=st.lists(st.builds(Addressee, text(13), text(200)), max_size=3).map(tuple),
    issued_amount=st.none() | st.integers(0, 999), **COMMON,
)  # fmt: skip
INCOMING = st.builds(
    IncomingRecord, arrival_date=DAYS, arrival_number=st.none() | st.integers(0, 10**10 - 1), to_places=text(1000),
    trace_header_list=text(2000), **COMMON,
)  # fmt: skip


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=60, deadline=None)
@given(st.lists(OUTGOING | INCOMING, max_size=3), CODES, text(500))
def test_any_dossier_within_the_lengths_is_read_back(documents, code, title):
    numbered = tuple(replace(each, doc_ordinal=place) for place, each in enumerate(documents, 1))
    export = DossierExport(DossierRecord(code, title), numbered)
    assert read_dossier(write_dossier(export)) == export


def test_everything_too_long_is_reported_at_once_and_nothing_is_cut():
    error = wrong(write_dossier, DossierExport(
        replace(DOSSIER, title="a" * 501, doc_total=10000, file_code=FileCode("1" * 14, 20260, "x" * 21)),
        (replace(OUT, subject="b" * 501, to=(Addressee("1" * 14, "c" * 201),), priority=10),
         replace(IN, signer_info=SignerInfo("", "d" * 51))),
    ))  # fmt: skip
    assert error.code.name == "DOSSIER_XML_FIELDS_WRONG"
    assert [problem.path for problem in error.problems] == [
        "Dossier/FileCode/OrganId", "Dossier/FileCode/FileCatalog", "Dossier/FileCode/FileNotation", "Dossier/Title",
        "Dossier/DocTotal", "OutgoingDocument[1]/Subject", "OutgoingDocument[1]/To[1]/OrganId",
        "OutgoingDocument[1]/To[1]/OrganName", "OutgoingDocument[1]/Priority", "IncomingDocument[2]/SignerInfo/FullName",
    ]  # fmt: skip
    assert error.problems[3].vi == "Dossier/Title: dài 501 ký tự, tối đa 500."
    assert error.params["count"] == "10"


@pytest.mark.parametrize("ordinals", [(2, 1), (1, 1), (0, 1), (None, 2), (1, 1000)])
def test_ordinals_must_follow_and_fit(ordinals):
    documents = tuple(replace(each, doc_ordinal=number) for each, number in zip((OUT, IN), ordinals, strict=True))
    assert "DocOrdinal" in wrong(write_dossier, DossierExport(DOSSIER, documents)).problems[0].path


def test_a_character_that_xml_has_not_is_reported():
    error = wrong(write_dossier, DossierExport(replace(DOSSIER, title="a\x07b"), ()))
    assert error.problems[0].path == "Dossier/Title"


GOOD = write_dossier(EXPORT)


@pytest.mark.parametrize(
    "data",
    [
        b"", b"<DossierExport/>", b"<a/>", GOOD[:-20], GOOD.replace(b"<Title>", b"<Titel>").replace(b"</Title>", b"</Titel>"),
        GOOD.replace(b"05/01/2026", b"2026-01-05"), GOOD.replace(b"05/01/2026", b"31/02/2026"),
        GOOD.replace(b"<DocTotal>2", b"<DocTotal>hai"), GOOD.replace(b"<Title>", b"<Title>a</Title><Title>"),
        GOOD.replace(b"IncomingDocument", b"OtherDocument"), GOOD.replace(b"<Title>", b"<Title><b/>"),
        GOOD.replace(b"<DossierExport>", b'<!DOCTYPE a [<!ENTITY b "c">]><DossierExport>'),
        '<?xml version="1.0" encoding="UTF-16"?><DossierExport/>'.encode("utf-16"),
    ],
)  # fmt: skip
def test_a_file_that_is_not_right_is_refused(data):
    assert data != GOOD
    assert wrong(read_dossier, data).code.name == "DOSSIER_XML_MALFORMED"


def test_a_file_with_a_field_too_long_is_refused_as_when_written():
    data = GOOD.replace("Hồ sơ đào tạo".encode(), b"x" * 501)
    assert wrong(read_dossier, data).code.name == "DOSSIER_XML_FIELDS_WRONG"


def test_damaged_files_are_refused_or_read_and_never_anything_else():
    draw = random.Random(3)
    outcomes = set()
    for _ in range(600):
        data = bytearray(GOOD)
        for _ in range(draw.randint(1, 4)):
            data[draw.randrange(len(data))] = draw.choice(b"<>/&a1 \x00\xff")
        try:
            read_dossier(bytes(data))
            outcomes.add("read")
        except Refused:
            outcomes.add("refused")
    assert outcomes == {"read", "refused"}
