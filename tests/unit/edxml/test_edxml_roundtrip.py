"""What is written is read back, by our reader and by a second parser."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lienthong.base.clock import VIETNAM
from lienthong.base.errors import Refused
from lienthong.edxml import model
from lienthong.edxml.model import BusinessKind, DocumentPacket, ManifestEntry, StatusPacket, StatusVariant
from lienthong.edxml.names import NAMESPACE
from lienthong.edxml.reader import read_header
from lienthong.edxml.stream import PacketStream
from lienthong.edxml.unwrap import unwrap
from lienthong.edxml.writer import Order, Packing, write_document, write_packet, write_status

VALID = Path(__file__).parents[3] / "vectors" / "edxml" / "valid"


class MemorySink:
    def __init__(self, ordinal: int = 0) -> None:
        self.data = b""

    def write(self, data: bytes) -> None:
        self.data += data

    def close(self) -> None: ...

    def abort(self) -> None:
        self.data = b"aborted"


def _clean(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip(" \t\r\n")


CHARACTERS = st.one_of(
    st.sampled_from("ÀĐăâêôơưạ&<>\"']]>-\t\n\r"),
    st.characters(min_codepoint=0x20, max_codepoint=0x10FFF, blacklist_categories=("Cs", "Cn")),
)
TEXT = st.text(CHARACTERS, max_size=20).map(_clean)
SOME = TEXT.filter(bool)
DAYS = st.dates(min_value=date(1945, 9, 2), max_value=date(2199, 12, 31))
MOMENTS = st.datetimes(min_value=datetime(1945, 9, 2), max_value=datetime(2199, 12, 31)).map(
    lambda moment: moment.replace(microsecond=0, tzinfo=VIETNAM)
)
MAYBE_DAY = st.none() | DAYS
MAYBE_INT = st.none() | st.integers(0, 999)


def _tuples(strategy: st.SearchStrategy[Any], most: int = 2) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(strategy, max_size=most).map(tuple)


ORGANIZATION = st.builds(model.Organization, *[TEXT] * 8)
RESPONSE = st.builds(model.ResponseFor, TEXT, TEXT, TEXT, MAYBE_DAY)
STAFF = st.builds(model.StaffInfo, *[TEXT] * 6).filter(lambda staff: staff != model.StaffInfo())
BUSINESS = st.builds(
    model.Business,
    st.sampled_from(BusinessKind),
    TEXT,
    st.booleans(),
    TEXT,
    st.booleans(),
    st.booleans(),
    _tuples(st.builds(model.ReceiverChange, SOME, st.booleans())),
    _tuples(st.builds(model.Replacement, SOME, _tuples(SOME))),
    _tuples(STAFF),
)
IDS = st.text("0123456789abcdef-", min_size=1, max_size=12)
ENTRIES = st.lists(
    st.builds(ManifestEntry, IDS, TEXT, TEXT, TEXT, st.text("cid:0123", max_size=6)),
    max_size=3,
    unique_by=lambda entry: entry.content_id,
).map(tuple)
DOCUMENT = st.builds(
    DocumentPacket,
    sender=ORGANIZATION,
    receivers=_tuples(ORGANIZATION),
    document_id=TEXT,
    code=st.builds(model.DocumentCode, TEXT, TEXT),
    promulgation_date=MAYBE_DAY,
    subject=TEXT,
    place=TEXT,
    document_type=st.builds(model.DocumentType, MAYBE_INT, MAYBE_INT, TEXT),
    content=TEXT,
    signer=st.builds(model.SignerInfo, TEXT, TEXT, TEXT),
    due_date=MAYBE_DAY,
    other=st.builds(
        model.OtherInfo,
        MAYBE_INT,
        TEXT,
        TEXT,
        MAYBE_INT,
        MAYBE_INT,
        TEXT,
        st.none() | st.booleans(),
        TEXT,
        _tuples(SOME),
    ),
    responses_for=_tuples(RESPONSE.filter(lambda response: response != model.ResponseFor())),
    steering_type=MAYBE_INT,
    tasks=_tuples(SOME),
    application_type=TEXT,
    to_places=_tuples(SOME),
    trace=_tuples(st.builds(model.TraceHop, TEXT, st.none() | MOMENTS)),
    business=BUSINESS,
    manifest=ENTRIES,
)
STATUS = st.builds(
    StatusPacket,
    sender=ORGANIZATION,
    response_for=RESPONSE,
    status_code=st.integers(1, 99),
    timestamp=st.none() | MOMENTS,
    staff=st.none() | STAFF,
    description=TEXT,
    variant=st.sampled_from(StatusVariant),
)


@settings(max_examples=60, deadline=None)
@given(DOCUMENT, st.sampled_from(Order))
def test_a_document_packet_is_read_back_as_it_was_written(packet: DocumentPacket, order: Order) -> None:
    assert read_header(write_document(packet, order)).packet == packet


@settings(max_examples=40, deadline=None)
@given(STATUS)
def test_a_status_packet_is_read_back_as_it_was_written(packet: StatusPacket) -> None:
    assert read_header(write_status(packet)).packet == packet


@settings(max_examples=40, deadline=None)
@given(DOCUMENT, st.sampled_from(Order))
def test_a_second_parser_sees_the_same_texts(packet: DocumentPacket, order: Order) -> None:
    """expat instead of libxml2, paths instead of our reader."""
    root = ElementTree.fromstring(write_document(packet, order))
    header = root.find("./{*}edXMLEnvelope/{*}edXMLHeader/{*}MessageHeader")
    assert header is not None
    assert {element.tag.partition("}")[0] for element in root.iter()} == {"{" + NAMESPACE}
    assert (header.findtext("{*}Subject") or "").strip(" \t\r\n") == packet.subject
    assert header.findtext("{*}From/{*}OrganName") == packet.sender.name
    assert [to.findtext("{*}OrganId") for to in header.findall("{*}To")] == [to.organ_id for to in packet.receivers]
    assert [place.text for place in header.findall("{*}ToPlaces/{*}Place")] == list(packet.to_places)
    assert (header.findtext("{*}Code/{*}CodeNotation") or "") == packet.code.notation
    order_written = [child.tag.partition("}")[2] for child in header]
    first_last = (order_written[0], order_written.index("DocumentId") == len(order_written) - 1)
    assert first_last[0] == "From"
    assert first_last[1] == (order is Order.Q)


@settings(max_examples=40, deadline=None)
@given(
    DOCUMENT,
    st.lists(st.binary(max_size=50), min_size=3, max_size=3),
    st.sampled_from(Packing),
    st.integers(1, 900),
)
def test_a_whole_packet_gives_back_header_and_files(
    packet: DocumentPacket, contents: list[bytes], packing: Packing, step: int
) -> None:
    # An address of the attachment without an id would be taken for one; and empty files are reported.
    files = {entry.content_id: content + b"." for entry, content in zip(packet.manifest, contents, strict=False)}
    pairs = [(entry, [files[entry.content_id]]) for entry in reversed(packet.manifest)]
    data = b"".join(write_packet(packet, pairs, packing=packing))
    sinks: list[MemorySink] = []
    stream = PacketStream(lambda ordinal: sinks.append(MemorySink()) or sinks[-1])
    for at in range(0, len(data), step):
        stream.feed(data[at : at + step])
    read = stream.close()
    assert read.raw_size == len(data)
    assert read.raw_sha256 == hashlib.sha256(data).digest()
    assert isinstance(read.reading.packet, DocumentPacket)
    if packing is Packing.AS_IS:
        assert read.reading.packet == packet
    assert [attachment.content_id for attachment in read.attachments] == [entry.content_id for entry, _ in pairs]
    for attachment, sink in zip(read.attachments, sinks, strict=True):
        assert attachment.sha256 == hashlib.sha256(sink.data).digest()
        content = sink.data
        if attachment.is_zip_wrapped and packing is Packing.SDK:
            inner = MemorySink()
            unwrap([content], inner)
            content = inner.data
        if packing is Packing.AS_IS or attachment.is_zip_wrapped:
            assert content == files[attachment.content_id]


def test_the_sample_packet_is_written_byte_for_byte_from_what_was_read() -> None:
    data = (VALID / "document-new.edxml").read_bytes()
    sinks: list[MemorySink] = []
    stream = PacketStream(lambda ordinal: sinks.append(MemorySink()) or sinks[-1])
    stream.feed(data)
    packet = stream.close().reading.require_valid()
    assert isinstance(packet, DocumentPacket)
    assert b"".join(write_packet(packet, zip(packet.manifest, [[sink.data] for sink in sinks], strict=True))) == data


def test_the_sample_status_is_written_byte_for_byte_and_in_the_other_variant() -> None:
    data = (VALID / "status-03-acceptance.edxml").read_bytes()
    packet = read_header(data).packet
    assert isinstance(packet, StatusPacket)
    assert write_status(packet) == data
    assert write_status(packet, StatusVariant.S) == data.replace(b"edXML:MessageHeader", b"edXML:Status")


def _sample() -> DocumentPacket:
    data = re.sub(
        rb"<AttachmentEncoded>.*</AttachmentEncoded>",
        b"",
        (VALID / "document-new.edxml").read_bytes(),
        flags=re.S,
    )
    packet = read_header(data).require_valid()
    assert isinstance(packet, DocumentPacket)
    return packet


@pytest.mark.parametrize("character", ["\x00", "\x0b", "\ud800", "\uffff"])
def test_a_character_that_xml_cannot_carry_is_refused_and_named(character: str) -> None:
    with pytest.raises(Refused) as refusal:
        write_document(replace(_sample(), subject=f"V/v {character}"))
    assert refusal.value.code.name == "EDXML_UNWRITABLE"
    assert f"U+{ord(character):04X}" in refusal.value.sentence("vi")


def test_attachments_and_manifest_must_agree() -> None:
    packet = _sample()
    first, second = packet.manifest
    for pairs in ([(first, [b"a"])], [(first, [b"a"]), (first, [b"a"])], [(ManifestEntry("khac"), [b"a"])]):
        with pytest.raises(Refused, match="EDXML_UNWRITABLE"):
            b"".join(write_packet(packet, pairs))
    with pytest.raises(Refused, match="EDXML_UNWRITABLE"):
        b"".join(write_packet(replace(packet, manifest=(first, replace(second, content_id=first.content_id))), []))


def test_a_signature_that_was_read_is_not_written_again() -> None:
    packet = replace(_sample(), signature_form=model.SignatureForm.XMLDSIG, signature_xml=b"<Signature>x</Signature>")
    assert b"Signature" not in write_document(packet)
