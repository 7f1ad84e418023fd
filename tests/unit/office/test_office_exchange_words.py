"""Packets in the words of the office, and its documents in those of a packet."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

import fixtures_office  # noqa: F401 - configures Django before its models are imported
from lienthong.base.ids import AgencyCode, DocumentId
from lienthong.connector.compose import OutgoingDocument
from lienthong.connector.courier.model import ReplacingDocument
from lienthong.edxml.model import DocumentCode, DocumentPacket, DocumentType, Organization, OtherInfo, SignerInfo
from lienthong.office.models import Arrival
from lienthong.office.ports import Event, Letter, OutgoingFile, SendLetter
from lienthong.office.services.arriving import in_order
from lienthong.office.services.dispatching import places
from lienthong.office.services.doubles import writings
from lienthong.office.services.examining import Found
from lienthong.office.services.examining import fields_of as findings_of
from lienthong.office.services.file_checks import text_of
from lienthong.office.services.mail_intake import _PARSER, _date
from lienthong.roles.office_courier import attachments_of, content_of, fields_of
from lienthong.roles.office_exchange import Lanes, Turns
from lienthong.trust.pdf.anchors import Box
from lienthong.trust.pdf.lines import Line

PACKET = DocumentPacket(
    sender=Organization(AgencyCode("H05.07"), "Sở Nội vụ"), receivers=(), document_id=DocumentId("H05.07,2026/11/20,5/SNV"),
    code=DocumentCode("05", "SNV-TCCB"), promulgation_date=date(2026, 11, 20), subject="V/v thử nghiệm",
    document_type=DocumentType(2, None, "CÔNG VĂN"), signer=SignerInfo("KT. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC", "-"),
    other=OtherInfo(priority=2, page_amount=3), to_places=("Như trên", "Lưu: VT"),
)  # fmt: skip
LETTER = Letter(
    "15/QĐ-SNV", "Về việc thử", ("H05.61",), date(2026, 11, 20), "Quyết định", urgency=1,
    files=(OutgoingFile("15.pdf", Path("/tmp/x"), "application/pdf"),),
)  # fmt: skip


def test_a_packet_fills_the_registration_form_and_leaves_out_what_it_does_not_say() -> None:
    fields = fields_of(PACKET)
    assert (fields["number"], fields["symbol"], fields["kind"]) == ("05", "SNV-TCCB", "Công văn")
    assert (fields["issued_date"], fields["urgency"], fields["pages"]) == ("2026-11-20", 2, 3)
    assert fields["to_places"] == "Như trên; Lưu: VT"
    assert "signer_name" not in fields, "a dash stands for nobody"
    assert "due_date" not in fields


def test_a_letter_is_new_or_replaces() -> None:
    new = content_of(SendLetter(LETTER))
    assert isinstance(new, OutgoingDocument)
    assert (new.number, tuple(new.to), new.urgency) == ("15/QĐ-SNV", ("H05.61",), 1)
    replacing = content_of(SendLetter(LETTER, replaces="X", reason="Sai"))
    assert isinstance(replacing, ReplacingDocument)
    assert (replacing.replaced, replacing.reason) == ("X", "Sai")
    assert [each.name for each in attachments_of(SendLetter(LETTER))] == ["15.pdf"]


@pytest.mark.parametrize(
    ("text", "lines"),
    [("Như trên; Lưu: VT.", ("Như trên", "Lưu: VT")), ("- Như Điều 3;\n- Lưu: VT, VP", ("Như Điều 3", "Lưu: VT, VP")), ("", ())],
)  # fmt: skip
def test_the_places_of_a_document_are_lines(text: str, lines: tuple[str, ...]) -> None:
    assert places(text) == lines


def test_a_number_is_found_with_and_without_leading_noughts() -> None:
    assert {"5", "05", "005"} <= set(writings("005"))
    assert writings("05") == writings("5")
    assert {"12A", "12a"} <= set(writings("12a"))


def test_the_first_pdf_leads_and_the_others_keep_their_order() -> None:
    text, first, second = (
        ((b"", 1, "text/plain"), "a"),
        ((b"", 1, "application/pdf"), "b"),
        ((b"", 1, "image/png"), "c"),
    )
    assert [name for _, name in in_order([text, first, second])] == ["b", "a", "c"]  # type: ignore[list-item]
    assert [name for _, name in in_order([text, second])] == ["a", "c"]  # type: ignore[list-item]
    assert in_order([]) == []


def test_pages_of_a_text_are_parted_by_form_feeds_even_when_one_is_blank() -> None:
    lines = [
        Line(page, text, Box(page, 0, 0, 1, 1), 13, "", False, False) for page, text in ((0, "a"), (0, "b"), (2, "c"))
    ]
    assert text_of(lines) == "a\nb\f\fc"
    assert text_of([]) == ""


def test_a_page_that_disagrees_with_the_packet_is_told_beside_it() -> None:
    arrival = Arrival(source="axis", fields={"number": "05", "abstract": "Một"})
    seen = {"confidence": "certain", "reason_vi": "x", "reason_en": "x", "page": 0, "box": [0, 0, 1, 1]}
    file = type("File", (), {"pk": 1, "slot": 0})()
    proposals = {
        "number": {"value": "5", **seen},
        "abstract": {"value": "Hai", **seen},
        "kind": {"value": "Công văn", **seen},
    }
    found = Found(readings={1: {"text": "", "proposals": proposals, "cautions": []}})
    fields = findings_of(arrival, [file], found)
    assert (fields["number"], fields["abstract"], fields["kind"]) == ("05", "Một", "Công văn")
    assert "page_value" not in fields["proposals"]["number"], "a leading nought is no difference"
    assert fields["proposals"]["abstract"]["page_value"] == "Hai"
    assert fields["proposals"]["kind"]["origin"] == "page"


def test_a_round_that_broke_off_goes_on_behind_the_agency_at_which_it_broke() -> None:
    turns, agencies = Turns(), [(1, "A"), (2, "B"), (3, "C")]
    for number, _ in turns.round(agencies):
        if number == 2:
            break
    assert [number for number, _ in turns.round(agencies)] == [3, 1, 2]


def test_lanes_keep_the_order_of_each_agency_over_a_restart(tmp_path: Path) -> None:
    lanes = Lanes.load(tmp_path / "exchange.json")
    lanes.add([Event(1, "job.queued", "A"), Event(2, "document.received", "A"), Event(3, "status.received", "B"),
               Event(4, "delivery.delivered", "A"), Event(5, "axis.away", "")])  # fmt: skip
    lanes.save()
    again = Lanes.load(tmp_path / "exchange.json")
    assert (again.read, again.waiting) == (5, {"A": [2, 4], "B": [3]})


@pytest.mark.parametrize("text", ["", "hôm qua", "Mon, 99 Foo 2026 10:00", "Fri, 20 Nov 2099 10:00:00 +0700"])
def test_a_letter_without_a_sound_date_came_now(text: str) -> None:
    now = datetime(2026, 11, 26, 10, 0, tzinfo=UTC)
    assert _date(_PARSER.parsebytes(f"Date: {text}\n\n".encode()), now) == now
