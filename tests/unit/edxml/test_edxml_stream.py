"""Streaming a packet: pieces of any length, bounded memory, nothing left behind after a refusal."""

from __future__ import annotations

import base64
import hashlib
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lienthong.base.errors import Refused
from lienthong.edxml.base64stream import Base64Decoder, NotBase64
from lienthong.edxml.formats import detect, is_wrapped
from lienthong.edxml.guard import refuse_doctype, refuse_other_encodings
from lienthong.edxml.limits import Limits
from lienthong.edxml.model import DocumentPacket
from lienthong.edxml.stream import PacketStream, StreamedPacket

VALID = Path(__file__).parents[3] / "vectors" / "edxml" / "valid"
SAMPLE = (VALID / "document-new.edxml").read_bytes()
BEFORE, REST = SAMPLE.split(b"JVBER", 1)
AFTER = REST[REST.index(b"<") :]


class Recorder:
    def __init__(self, ordinal: int = 0) -> None:
        self.data, self.fate = b"", "open"

    def write(self, data: bytes) -> None:
        self.data += data

    def close(self) -> None:
        self.fate = "closed"

    def abort(self) -> None:
        self.fate = "aborted"


class Counter(Recorder):
    def write(self, data: bytes) -> None:
        self.size = getattr(self, "size", 0) + len(data)


def run(data: bytes, step: int = 10**9, limits: Limits | None = None) -> tuple[StreamedPacket, list[Recorder]]:
    sinks: list[Recorder] = []
    stream = PacketStream(lambda ordinal: sinks.append(Recorder()) or sinks[-1], limits or Limits())
    for at in range(0, len(data), step):
        stream.feed(data[at : at + step])
    return stream.close(), sinks


@pytest.mark.parametrize("name", ["document-new", "variant-base64-lines", "variant-order-q", "variant-bom"])
def test_the_pieces_do_not_matter(name: str) -> None:
    data = (VALID / f"{name}.edxml").read_bytes()
    whole, sinks = run(data)
    for step in [*range(1, 24), 64, 299, 300, 301]:
        packet, again = run(data, step)
        assert packet == whole
        assert [sink.data for sink in again] == [sink.data for sink in sinks]


def test_a_large_attachment_takes_little_memory() -> None:
    block = hashlib.shake_256(b"x").digest(300_000)
    text, times = base64.b64encode(block), 60
    stream = PacketStream(Counter)
    tracemalloc.start()
    stream.feed(BEFORE)
    for _ in range(times):
        for at in range(0, len(text), 65_536):
            stream.feed(text[at : at + 65_536])
    stream.feed(AFTER)
    attachment = stream.close().attachments[0]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert attachment.size == 18_000_000
    assert attachment.sha256 == hashlib.sha256(block * times).digest()
    assert peak < 600_000


def test_a_hopeless_packet_is_refused_before_its_first_attachment() -> None:
    def never(ordinal: int) -> Recorder:
        raise AssertionError("no attachment may be stored")

    stream = PacketStream(never)
    with pytest.raises(Refused) as refusal:
        stream.feed(BEFORE.replace(b"TBT/QCVN_102_2016", b"other"))
    assert refusal.value.code.name == "EDXML_NOT_EDXML"


def test_the_header_can_be_seen_while_attachments_still_arrive() -> None:
    stream = PacketStream(Recorder)
    stream.feed(BEFORE + b"JVBE")
    assert stream.preview is not None
    packet = stream.preview.require_valid()
    assert isinstance(packet, DocumentPacket)
    assert packet.document_id == "000.00.13.H26,2026/11/20,1234/SM-VP"


@pytest.mark.parametrize("comment", [b"<!-- a -->", b"<!---->", "<!-- tệp -->".encode()])
def test_a_comment_inside_content_is_stepped_over(comment: bytes) -> None:
    data = BEFORE + b"JVBER" + comment + REST
    for step in (1, 17, 10**9):
        assert run(data, step)[1][0].data == run(SAMPLE)[1][0].data


@pytest.mark.parametrize(
    "comment", [b"<!-- a--b -->", b"<!-- a --->", b"<!--->", b"<!--\x0b-->", b"<!--\xff-->", b"<!--\xef\xbf\xbf-->"]
)
def test_a_comment_inside_content_is_judged_by_the_xml_parser_like_any_other(comment: bytes) -> None:
    for step in (1, 17, 10**9):
        with pytest.raises(Refused) as refusal:
            run(BEFORE + b"JVBER" + comment + REST, step)
        assert refusal.value.code.name in {"EDXML_NOT_XML", "EDXML_NOT_UTF8"}


def test_a_late_refusal_aborts_attachments_that_were_complete() -> None:
    sinks: list[Recorder] = []
    stream = PacketStream(lambda ordinal: sinks.append(Recorder()) or sinks[-1])
    stream.feed(SAMPLE[:-10])
    assert [sink.fate for sink in sinks] == ["closed", "closed"]
    with pytest.raises(Refused):
        stream.close()
    assert [sink.fate for sink in sinks] == ["aborted", "aborted"]
    with pytest.raises(ValueError, match="ended"):
        stream.feed(b"more")


def test_a_full_disk_is_not_taken_for_a_bad_packet() -> None:
    class Full(Recorder):
        def write(self, data: bytes) -> None:
            raise OSError(28, "No space left on device")

    sinks: list[Full] = []
    stream = PacketStream(lambda ordinal: sinks.append(Full()) or sinks[-1])
    with pytest.raises(OSError, match="No space"):
        stream.feed(SAMPLE)
    assert sinks[0].fate == "aborted"


@pytest.mark.parametrize(
    "limits",
    [
        Limits(attachment_bytes=100),
        Limits(attachments_bytes=200),
        Limits(attachments=1),
        Limits(packet_bytes=6_000),
        Limits(header_bytes=4_000, header_bytes_per_receiver=0),
    ],
)
def test_every_limit_is_enforced(limits: Limits) -> None:
    with pytest.raises(Refused) as refusal:
        run(SAMPLE, 100, limits)
    assert refusal.value.code.name == "EDXML_TOO_LARGE"


@pytest.mark.parametrize("opening", [b"<!--", b"<?x ", b"<x a='", b"<![CDATA[", b"</x", b"x"])
def test_endless_markup_is_refused_without_being_kept(opening: bytes) -> None:
    stream = PacketStream(Recorder)
    stream.feed(b"<edXML>" + b" " * 400 + opening)
    with pytest.raises(Refused) as refusal:
        for _ in range(100):
            stream.feed(b"-a" * 5_000)
    assert refusal.value.code.name == "EDXML_TOO_LARGE"


@given(st.binary(max_size=200), st.lists(st.integers(1, 9), min_size=1, max_size=400), st.booleans())
def test_base64_in_any_pieces_gives_the_same_bytes(data: bytes, steps: list[int], lines: bool) -> None:
    text = base64.encodebytes(data) if lines else base64.b64encode(data)
    decoder, out, at = Base64Decoder(), b"", 0
    for step in steps:
        out += decoder.feed(text[at : at + step])
        at += step
    out += decoder.feed(text[at:])
    decoder.close()
    assert out == data


@pytest.mark.parametrize(
    "pieces", [[b"QQ==", b"QUJD"], [b"QQ==QUJD"], [b"QQ"], [b"QQ="], [b"Q-__"], [b"QQ==", b"="], [b"===="]]
)
def test_base64_that_is_not_strict_is_refused(pieces: list[bytes]) -> None:
    decoder = Base64Decoder()
    with pytest.raises(NotBase64):
        for piece in pieces:
            decoder.feed(piece)
        decoder.close()


@pytest.mark.parametrize(
    "prolog",
    [b"", b"\xef\xbb\xbf", b"<?xml version='1.0'?>\r\n", b"<!-- <a> -->", b"<?p <!-- ?> <!-- - > -->"],
)
def test_a_doctype_is_found_behind_any_prolog_and_only_there(prolog: bytes) -> None:
    with pytest.raises(Refused) as refusal:
        refuse_doctype(prolog + b"<!DOCTYPE a><a/>")
    assert refusal.value.code.name == "EDXML_DOCTYPE"
    refuse_doctype(prolog + b"<!-- <!DOCTYPE a> --><a><![CDATA[<!DOCTYPE a>]]></a>")


@pytest.mark.parametrize("encoding", ["UTF-16", "iso-8859-1", "UTF-7", "EBCDIC-CP-US", ""])
def test_only_utf_8_is_read(encoding: str) -> None:
    for quote in "\"'":
        with pytest.raises(Refused):
            refuse_other_encodings(f"<?xml version='1.0'\n encoding = {quote}{encoding}{quote}?><a/>".encode())
    refuse_other_encodings(b"<?xml version='1.0' encoding='Utf-8'?><a/>")


def test_a_wrapping_is_told_from_a_file_that_is_a_zip_itself() -> None:
    office = b"PK\x03\x04" + bytes(26) + b"[Content_Types].xml"
    assert detect(office) == "ooxml"
    assert is_wrapped("zip", "application/zip", "bang.xlsx")
    assert not is_wrapped("ooxml", "application/zip", "bang.xlsx")
    assert not is_wrapped("zip", "application/zip", "ho-so.ZIP")
    assert not is_wrapped("pdf", "application/zip", "van-ban.pdf")
    assert not is_wrapped("zip", "application/octet-stream", "bang.xlsx")


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=300), st.integers(1, 50))
def test_any_bytes_are_refused_by_a_code_and_never_crash(data: bytes, step: int) -> None:
    with pytest.raises(Refused):
        run(b"<" + data, step)
