"""From what a registrar types to a packet: every header that we write is one that we would take."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from connector_axis import RECIPIENT, SENDER, FakeAxis, letter, pdf
from hypothesis import given
from hypothesis import strategies as st

from lienthong.base.errors import Refused
from lienthong.base.ids import AgencyCode
from lienthong.connector import compose
from lienthong.connector.receiving import check_content
from lienthong.edxml.limits import DEFAULT
from lienthong.edxml.model import ResponseFor
from lienthong.edxml.reader import read_header
from lienthong.edxml.writer import write_document, write_status
from lienthong.wire.envelope import Envelope, Kind, decode_envelope, encode_envelope

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
TEXT = st.text(st.characters(exclude_categories=["C"]), min_size=1, max_size=60).filter(str.strip)


def _name(code: str) -> str:
    return f"Cơ quan {code}"


@given(subject=TEXT, signer=TEXT, urgency=st.integers(0, 4), number=st.integers(1, 99999), name=TEXT,
       issued=st.dates(date(2020, 1, 1), date(2026, 11, 24)))  # fmt: skip
def test_every_header_that_we_make_reads_back_without_errors(
    subject: str, signer: str, urgency: int, number: int, name: str, issued: date
) -> None:
    attachments = [pdf(name)]
    document = letter(
        subject=subject, signer_name=signer, urgency=urgency, number=f"{number}/QĐ-UBND", issued_on=issued
    )
    entries = compose.manifest(attachments)
    packet = compose.document_header(document, AgencyCode(SENDER), _name, NOW, entries)
    header = write_document(packet)
    reading = read_header(header, DEFAULT)
    assert reading.errors == ()
    envelope = _envelope(header, entries=entries, attachments=attachments)
    assert check_content(envelope, header).packet == reading.packet


@given(
    code=st.sampled_from([1, 2, 3, 4, 5, 6, 13, 15, 16]),
    note=st.text(st.characters(exclude_categories=["C"]), max_size=80),
)
def test_every_status_that_we_make_reads_back_without_errors(code: int, note: str) -> None:
    about = ResponseFor(AgencyCode(RECIPIENT), "12/TB-VP", compose.DocumentId("D1"), date(2026, 11, 20))
    header = write_status(compose.status_header(AgencyCode(SENDER), about, code, note, NOW, _name))
    assert read_header(header, DEFAULT).errors == ()


def _envelope(header: bytes, **more: object) -> Envelope:
    packet = compose.read_own_header(header)
    made = compose.make_envelope(
        kind=Kind.DOCUMENT, sender=packet.sender.organ_id, recipients=[RECIPIENT], about=packet.document_id,
        header=header, now=NOW, **more,  # type: ignore[arg-type]
    )  # fmt: skip
    assert decode_envelope(encode_envelope(made)) == made
    return made


@pytest.mark.parametrize(
    ("more", "field"),
    [({"subject": "  "}, "subject"), ({"to": ()}, "to"), ({"to": (RECIPIENT, RECIPIENT)}, "to"),
     ({"kind": "Thư tình"}, "kind"), ({"urgency": 5}, "urgency"), ({"urgency": -1}, "urgency")],
)  # fmt: skip
def test_what_a_registrar_forgot_or_mistyped_is_named(more: dict[str, object], field: str) -> None:
    with pytest.raises(Refused) as refused:
        compose.document_header(letter(**more), AgencyCode(SENDER), _name, NOW, ())
    assert refused.value.params["field"] == field


@pytest.mark.parametrize("number", ["", "///", "không số", "12/" + "X" * 300])
def test_a_number_that_is_none_is_refused_in_words(number: str) -> None:
    with pytest.raises(Refused):
        compose.document_header(letter(number=number), AgencyCode(SENDER), _name, NOW, ())


def test_an_attachment_whose_name_no_axis_could_read_is_refused_and_not_spooled(
    axis: FakeAxis, tmp_path: object
) -> None:
    client = axis.client(tmp_path)  # type: ignore[arg-type]
    with pytest.raises(Refused):
        client.prepare(letter(), [compose.Attachment("a\nb.pdf", b"x")])
    assert list(client.spool.unsent()) == []


@pytest.mark.parametrize("name", ["none.pdf", "empty.pdf", "."])
def test_a_file_that_is_none_or_empty_is_refused(tmp_path: object, name: str) -> None:
    (tmp_path / "empty.pdf").touch()  # type: ignore[operator]
    with pytest.raises(Refused, match="FILE_NOT_USABLE"):
        compose.Attachment.of(tmp_path / name)  # type: ignore[operator]


def test_a_packet_from_another_sender_or_about_another_document_is_not_taken() -> None:
    packet = compose.document_header(letter(), AgencyCode(SENDER), _name, NOW, ())
    header = write_document(packet)
    from dataclasses import replace

    envelope = _envelope(header)
    for wrong in (
        replace(envelope, sender=AgencyCode(RECIPIENT)),
        replace(envelope, document_id=compose.DocumentId("other")),
    ):
        with pytest.raises(Refused, match="DELIVERY_NOT_VALID"):
            check_content(wrong, header)


@pytest.mark.parametrize("header", [b"", b"<a/>", b"\xff\xfe", b"<!DOCTYPE x><x/>", b"not xml"])
def test_a_header_that_cannot_be_read_is_a_delivery_that_is_not_valid(header: bytes) -> None:
    envelope = _envelope(write_document(compose.document_header(letter(), AgencyCode(SENDER), _name, NOW, ())))
    with pytest.raises(Refused, match="DELIVERY_NOT_VALID"):
        check_content(envelope, header)
