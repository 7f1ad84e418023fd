"""What the header reader refuses, reports and repairs beyond the vectors."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lienthong.base.errors import ProblemKind, Refused, Severity, all_codes
from lienthong.base.ids import DocumentId
from lienthong.edxml.check import check_document, check_status
from lienthong.edxml.fields import FIELDS
from lienthong.edxml.limits import Limits
from lienthong.edxml.model import (
    Business,
    BusinessKind,
    DocumentPacket,
    Organization,
    OtherInfo,
    SignatureForm,
    StatusPacket,
)
from lienthong.edxml.reader import read_header
from lienthong.edxml.stream import PacketStream
from lienthong.edxml.writer import write_document
from lienthong.vocabulary.number import document_id

VALID = Path(__file__).parents[3] / "vectors" / "edxml" / "valid"
STATUS = (VALID / "status-03-acceptance.edxml").read_bytes()
DOCUMENT = re.sub(
    rb"  <AttachmentEncoded>.*</AttachmentEncoded>\n",
    b"",
    (VALID / "document-new.edxml").read_bytes(),
    flags=re.S,
)


def document() -> DocumentPacket:
    packet = read_header(DOCUMENT).require_valid()
    assert isinstance(packet, DocumentPacket)
    return packet


def status() -> StatusPacket:
    packet = read_header(STATUS).require_valid()
    assert isinstance(packet, StatusPacket)
    return packet


def refusal(data: bytes, limits: Limits | None = None) -> str:
    with pytest.raises(Refused) as refused:
        read_header(data, limits or Limits())
    return refused.value.code.name


def codes(packet: DocumentPacket | StatusPacket, today: date | None = None) -> list[tuple[str, Severity]]:
    check = check_document(packet, today) if isinstance(packet, DocumentPacket) else check_status(packet, today)
    return [(problem.code, problem.severity) for problem in check]


def test_the_samples_have_no_problem() -> None:
    assert read_header(DOCUMENT, today=date(2026, 11, 20)).problems == ()
    assert read_header(STATUS).problems == ()


def test_an_invalid_packet_is_refused_with_all_its_problems_in_both_languages() -> None:
    data = DOCUMENT.replace(b"<edXML:Priority>1", b"<edXML:Priority>khan").replace(b"2026/11/30", b"2026/11/31")
    reading = read_header(data)
    with pytest.raises(Refused) as refused:
        reading.require_valid()
    assert refused.value.code.name == "EDXML_INVALID"
    assert [problem.code for problem in refused.value.problems] == [
        "M.MessageHeader.DueDate",
        "T.MessageHeader.OtherInfo.Priority",
    ]
    assert "2 lỗi" in refused.value.sentence("vi")
    assert "2 errors" in refused.value.sentence("en")
    assert "Hạn trả lời “2026/11/31”" in refused.value.sentence("vi")


def test_children_are_read_in_any_order() -> None:
    header = re.search(rb"<edXML:MessageHeader>\n(.*)      </edXML:MessageHeader>", DOCUMENT, re.S)
    assert header is not None
    children = re.findall(rb"        <edXML:(?:\w+)>(?:.(?!\n        <edXML:))*.\n?", header[1], re.S)
    backwards = b"".join(child.rstrip(b"\n") + b"\n" for child in reversed(children))
    read = read_header(DOCUMENT.replace(header[1], backwards)).packet
    assert isinstance(read, DocumentPacket)
    assert replace(read, receivers=tuple(reversed(read.receivers))) == document()


def test_content_of_attachments_in_a_header_packet_is_an_error_not_a_silent_loss() -> None:
    reading = read_header((VALID / "document-new.edxml").read_bytes())
    assert [problem.code for problem in reading.errors] == ["T.AttachmentEncoded"]


def test_sizes_are_refused_on_the_bytes() -> None:
    assert refusal(DOCUMENT.replace(b"V/v", b"V/v " + b"a" * 300_000)) == "EDXML_TOO_LARGE"
    assert refusal(b"<a/>" * 70_000) == "EDXML_TOO_LARGE"
    assert refusal(b"<" * 250_000) == "EDXML_TOO_LARGE"
    assert refusal(DOCUMENT, Limits(elements=50)) == "EDXML_TOO_LARGE"
    assert refusal(DOCUMENT, Limits(receivers=1)) == "EDXML_TOO_LARGE"
    assert refusal(DOCUMENT, Limits(attachments=1)) == "EDXML_TOO_LARGE"
    assert refusal(DOCUMENT, Limits(depth=5)) == "EDXML_TOO_DEEP"
    assert refusal(b"<a>" * 400 + b"</a>" * 400) in ("EDXML_TOO_DEEP", "EDXML_NOT_XML")


def test_a_hundred_thousand_attributes_are_refused_by_size() -> None:
    attributes = b"".join(b' a%d=""' % n for n in range(100_000))
    assert refusal(DOCUMENT.replace(b"<edXML:Subject>", b"<edXML:Subject" + attributes + b">")) == "EDXML_TOO_LARGE"


def test_a_document_to_every_commune_of_the_country_is_read() -> None:
    one = document().receivers[0]
    receivers = tuple(replace(one, organ_id=f"H{n % 63 + 1:02d}.{n}", address="a" * 200) for n in range(3_400))
    data = write_document(replace(document(), receivers=receivers))
    assert len(data) > 256 * 1024
    packet = read_header(data).require_valid()
    assert isinstance(packet, DocumentPacket)
    assert packet.receivers == receivers


def test_the_allowance_for_receivers_cannot_be_had_without_receivers() -> None:
    filler = b"<!--" + b"To>" * 3_000 + b"-->" + b"<edXML:X/>" * 40_000
    assert refusal(DOCUMENT.replace(b"<edXML:Subject>", filler + b"<edXML:Subject>")) == "EDXML_TOO_LARGE"


def test_problems_are_limited_and_an_error_is_never_hidden_behind_warnings() -> None:
    receivers = tuple(Organization(f"H{n % 63 + 1:02d}.{n}") for n in range(500))
    data = write_document(replace(document(), receivers=receivers)).replace(
        b"<edXML:FullName>", b"<edXML:FullName/><edXML:FullName>"
    )
    data = data.replace(b"<edXML:BussinessDocType>0", b"<edXML:BussinessDocType>1")
    reading = read_header(data)
    assert len(reading.problems) == 200
    assert reading.errors
    late = check_document(replace(document(), receivers=receivers, business=Business(kind=BusinessKind.RECALL)))
    assert [problem.code for problem in late if problem.severity is Severity.ERROR] == [
        "N.TraceHeaderList.Bussiness.DocumentId"
    ]


def test_an_issue_date_is_compared_with_the_given_day_only() -> None:
    path = "R.MessageHeader.PromulgationInfo.PromulgationDate"
    assert codes(document(), date(2026, 11, 19)) == [(path, Severity.ERROR)]
    assert codes(document(), date(2026, 11, 20)) == []
    assert codes(replace(document(), promulgation_date=date(2199, 1, 1))) == []
    assert codes(replace(document(), promulgation_date=date(9999, 1, 1))) == [(path, Severity.ERROR)]


@pytest.mark.parametrize(
    ("length", "expected"),
    [(50, None), (51, Severity.WARNING), (255, Severity.WARNING), (256, Severity.ERROR)],
)
def test_a_length_warns_above_the_smaller_figure_and_fails_above_the_larger(
    length: int, expected: Severity | None
) -> None:
    signer = replace(document().signer, full_name="Đ" * length)
    found = codes(replace(document(), signer=signer))
    assert found == ([("R.MessageHeader.SignerInfo.FullName", expected)] if expected else [])


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("000.00.13.H26", None),
        ("H37.DN.001", None),
        ("G09", None),
        ("vxp.saas.03", Severity.WARNING),
        ("000.0013.H26", Severity.WARNING),
        ("000 00 13 H26", Severity.ERROR),
        ("000..13.H26", Severity.ERROR),
        ("H26.", Severity.ERROR),
        ("h26", Severity.WARNING),
        ("../H26", Severity.ERROR),
        ("H26\u202e", Severity.ERROR),
    ],
)
def test_agency_codes_are_tolerated_as_far_as_they_are_seen_in_practice(code: str, expected: Severity | None) -> None:
    found = codes(replace(document(), sender=replace(document().sender, organ_id=code)))
    assert found == ([("M.MessageHeader.From.OrganId", expected)] if expected else [])


def test_the_longest_code_number_and_symbol_make_an_identifier_that_may_be_sent() -> None:
    code, number, notation = "H37." + "A1B2C3D4E5." * 2 + "12345678A", "1" * 11, "Đ" * 30
    longest = document_id(code, date(2026, 11, 20), number, notation)
    assert (len(code), len(longest)) == (35, 89)
    assert codes(replace(document(), document_id=longest)) == [("R.MessageHeader.DocumentId", Severity.WARNING)]
    assert codes(replace(document(), document_id=DocumentId("x" * 201))) == [
        ("R.MessageHeader.DocumentId", Severity.ERROR)
    ]


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        (b"DocumentId>000.00.13", b"DocumentId>000.\n00.13", "MessageHeader.DocumentId"),
        (b"CodeNumber>1234", b"CodeNumber>12\t34", "MessageHeader.Code.CodeNumber"),
        (b"CodeNotation>SM", b"CodeNotation>S\xc2\x85M", "MessageHeader.Code.CodeNotation"),
        (b"Code>987", b"Code>9&#10;87", "MessageHeader.ResponseFor.Code"),
        (b"DocumentId>000.00.00.G22", b"DocumentId>000.00.00\n.G22", "MessageHeader.ResponseFor.DocumentId"),
        (b"cid:3f6c1c52", b"cid:3f6c\x7f1c52", "edXMLBody.edXMLManifest.Reference.ContentId"),
        (b"Name>1234", b"Name>12&#13;34", "edXMLBody.edXMLManifest.Reference.AttachmentName"),
    ],
)  # fmt: skip
def test_an_identifier_with_control_characters_cannot_be_used(old: bytes, new: bytes, path: str) -> None:
    assert old in DOCUMENT
    problems = read_header(DOCUMENT.replace(old, new, 1)).problems
    assert [(problem.code, problem.severity) for problem in problems] == [(f"M.{path}", Severity.ERROR)]


@pytest.mark.parametrize("sign", ["\u200b", "\u202e", "\u2066", "\ufeff", "\u00ad", "\u2028"])
def test_invisible_characters_in_an_identifier_are_told_and_named(sign: str) -> None:
    problems = read_header(DOCUMENT.replace(b"CodeNumber>1234", f"CodeNumber>12{sign}34".encode(), 1)).problems
    assert [(p.code, p.severity) for p in problems] == [("M.MessageHeader.Code.CodeNumber", Severity.WARNING)]
    assert f"U+{ord(sign):04X}" in problems[0].vi
    assert f"U+{ord(sign):04X}" in problems[0].en


@pytest.mark.parametrize(
    "element",
    [b"<edXML:To><edXML:OrganId>H01</edXML:OrganId></edXML:To>", b"<DocumentId>1</DocumentId>", b"<Subject>a</Subject>"],
)  # fmt: skip
def test_a_packet_that_is_a_status_and_a_document_at_once_is_neither(element: bytes) -> None:
    data = STATUS.replace(b"<edXML:StatusCode>", element + b"<edXML:StatusCode>")
    assert [(p.code, p.severity) for p in read_header(data).problems] == [("T.MessageHeader", Severity.ERROR)]


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        (b"</edXML:edXMLHeader>", b"<edXML:TraceHeaderList/></edXML:edXMLHeader>", "TraceHeaderList"),
        (b"</edXML:edXMLEnvelope>", b"<edXML:edXMLBody><edXML:edXMLManifest version='1.0'/></edXML:edXMLBody></edXML:edXMLEnvelope>", "edXMLBody"),
        (b"</edXML>", b"<AttachmentEncoded/></edXML>", "AttachmentEncoded"),
    ],
)  # fmt: skip
def test_what_a_status_packet_does_not_have_is_told_when_it_is_there(old: bytes, new: bytes, path: str) -> None:
    problems = read_header(STATUS.replace(old, new, 1)).problems
    assert [(p.code, p.severity) for p in problems] == [(f"T.{path}", Severity.WARNING)]


@pytest.mark.parametrize("version", [b'version="2.0"', b"", b'version=""'])
def test_a_manifest_of_another_version_is_told(version: bytes) -> None:
    problems = read_header(
        DOCUMENT.replace(b'version="1.0">\n        <edXML:Ref', version + b">\n        <edXML:Ref")
    ).problems
    assert [(p.code, p.severity) for p in problems] == [("M.edXMLBody.edXMLManifest.version", Severity.WARNING)]


def test_missing_values_are_named_by_their_path() -> None:
    empty = DocumentPacket(Organization(""), (), "", document().code, None, "", other=OtherInfo(priority=7))
    found = {code for code, severity in codes(empty) if severity is Severity.ERROR}
    assert found == {
        "N.MessageHeader.From.OrganId",
        "N.MessageHeader.From.OrganName",
        "N.MessageHeader.To",
        "N.MessageHeader.DocumentId",
        "N.MessageHeader.DocumentType.TypeName",
        "N.MessageHeader.Subject",
        "N.MessageHeader.PromulgationInfo.PromulgationDate",
        "M.MessageHeader.OtherInfo.Priority",
    }


def test_an_unreadable_value_is_not_reported_as_missing_too() -> None:
    data = DOCUMENT.replace(b"Date>2026/11/20", b"Date>hom nay", 1)
    assert [problem.code for problem in read_header(data).problems] == [
        "M.MessageHeader.PromulgationInfo.PromulgationDate"
    ]


def test_a_status_needs_a_document_it_speaks_of() -> None:
    response = replace(status().response_for, code="", document_id="")
    found = codes(replace(status(), response_for=response))
    assert ("N.MessageHeader.ResponseFor.Code", Severity.ERROR) in found
    assert codes(replace(status(), response_for=replace(response, code="1/A"))) == [
        ("N.MessageHeader.ResponseFor.DocumentId", Severity.WARNING)
    ]


def test_a_repair_keeps_the_odd_text() -> None:
    reading = read_header(DOCUMENT.replace(b"Date>2026/11/20", b"Date>20/11/2026", 1))
    assert isinstance(reading.packet, DocumentPacket)
    (repair,) = reading.packet.repairs
    assert (repair.written, repair.read_as) == ("20/11/2026", "2026/11/20")
    assert reading.warnings[0].kind is ProblemKind.FORMAT


def test_a_text_in_decomposed_letters_is_composed() -> None:
    data = DOCUMENT.replace("Sở Mẫu thành phố Hà Nội".encode(), b"Ha\xcc\x80 N\xc3\xb4\xcc\xa3i", 1)
    packet = read_header(data).packet
    assert packet.sender.name == "Hà Nội"


def test_the_signature_is_handed_out_with_its_namespaces() -> None:
    data = (VALID / "variant-xmldsig.edxml").read_bytes()
    packet = read_header(data).packet
    assert isinstance(packet, DocumentPacket)
    assert packet.signature_form is SignatureForm.XMLDSIG
    assert packet.signature_xml is not None
    assert packet.signature_xml.startswith(b"<ds:Signature xmlns:ds=")
    assert document().signature_form is SignatureForm.NONE


def test_every_field_has_a_vietnamese_and_an_english_name() -> None:
    for path, field in FIELDS.items():
        assert field.vi, path
        assert field.en.isascii(), path
        assert (field.warn_above is None) == (field.longest is None), path
        assert (field.warn_above or 0) <= (field.longest or 0), path


def test_every_refusal_says_what_to_do() -> None:
    ours = [code for name, code in all_codes().items() if name.startswith("EDXML_")]
    assert len(ours) >= 13
    for code in ours:
        assert all((code.vi, code.en, code.do_vi, code.do_en)), code.name


_MUTATED = [path.read_bytes() for path in sorted(VALID.parent.glob("*/*.edxml")) if path.stat().st_size < 20_000]


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_mutated_packet_gives_a_reading_or_a_refusal_and_the_same_for_any_pieces(
    data: st.DataObject,
) -> None:
    packet = bytearray(data.draw(st.sampled_from(_MUTATED)))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(packet)))
        cut = data.draw(st.integers(0, 12))
        pieces = [
            b"",
            b"<",
            b">",
            b"/",
            b"&",
            b'"',
            b"]]>",
            b"<!--",
            b"-->",
            b"<![CDATA[",
            b"=",
            b"\x00",
            b"\xff",
            b"xlink:",
        ]
        packet[at : at + cut] = data.draw(st.sampled_from(pieces) | st.binary(max_size=6))
    verdicts = []
    for step in (len(packet) or 1, data.draw(st.integers(1, 400))):
        stream = PacketStream(_Discard)
        try:
            for at in range(0, len(packet), step):
                stream.feed(bytes(packet[at : at + step]))
            verdicts.append(repr(stream.close()))
        except Refused as refused:
            verdicts.append(refused.code.name)
            refused.sentence("vi")
    assert verdicts[0] == verdicts[1]
    try:
        read_header(bytes(packet))
    except Refused as refused:
        assert refused.code.name.startswith("EDXML_")


class _Discard:
    def __init__(self, ordinal: int) -> None: ...

    def write(self, data: bytes) -> None: ...

    def close(self) -> None: ...

    def abort(self) -> None: ...
