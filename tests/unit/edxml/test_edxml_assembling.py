"""A header and its files become one packet: known length, unchanged header, bombs noticed."""

from __future__ import annotations

import io
import zipfile
import zlib
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lienthong.base.errors import Refused
from lienthong.edxml.assembling import AssembledPacket, AttachedFile, base64_size, root_end
from lienthong.edxml.model import ManifestEntry
from lienthong.edxml.screening import BombScreen
from lienthong.edxml.stream import PacketStream, read_front
from lienthong.edxml.writer import write_document, write_packet
from vxp_world import document_packet


class Held:
    def __init__(self) -> None:
        self.data = bytearray()

    def write(self, data: bytes, /) -> None:
        self.data += data

    def close(self) -> None: ...

    def abort(self) -> None: ...


def files(contents: list[bytes]) -> tuple[ManifestEntry, ...]:
    return tuple(
        ManifestEntry(f"id-{n}", f"Tệp {n} & <{n}>.pdf", "application/pdf", "mô tả") for n in range(len(contents))
    )


@given(
    st.lists(st.binary(min_size=1, max_size=900), max_size=4),
    st.sampled_from(["", "<!-- </edXML> -->", "\n<?x </edXML> ?>\n"]),
)
@settings(max_examples=60, deadline=None)
def test_the_packet_has_the_length_that_was_announced_and_reads_back(contents, after):
    packet = replace(document_packet("000.00.00.H29", ["000.00.00.H15"], files=()), manifest=files(contents))
    header = write_document(packet).rstrip() + after.encode()
    made = AssembledPacket(
        header,
        [AttachedFile(e, len(c), lambda c=c: [c[:7], c[7:]]) for e, c in zip(packet.manifest, contents, strict=True)],
    )
    data = b"".join(made.pieces())
    assert len(data) == made.size
    at = root_end(header)
    assert data.startswith(header[:at])
    assert data.endswith(header[at:])
    held: list[Held] = []
    stream = PacketStream(lambda _: held.append(Held()) or held[-1])
    stream.feed(data)
    done = stream.close()
    assert [bytes(each.data) for each in held] == contents
    assert [each.name for each in done.attachments] == [each.name for each in packet.manifest]
    assert done.reading.require_valid() == packet


def test_without_files_the_header_is_the_packet():
    header = write_document(document_packet("000.00.00.H29", ["000.00.00.H15"], files=()))
    assert b"".join(AssembledPacket(header, []).pieces()) == header


@pytest.mark.parametrize("size", [0, 1, 2, 3, 4, 100, 10**9])
def test_base64_has_a_known_length(size):
    assert base64_size(size) == 4 * -(-size // 3)


def test_the_front_of_a_packet_is_read_without_its_files():
    packet = document_packet("000.00.00.H29", ["000.00.00.H15"])
    pieces = write_packet(packet, [(packet.manifest[0], (bytes(300_000) for _ in range(3)))])
    taken = 0

    def counted():
        nonlocal taken
        for piece in pieces:
            taken += len(piece)
            yield piece

    assert read_front(counted()).packet.document_id == packet.document_id
    assert taken < 500_000


def zipped(content: bytes, count: int = 1) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for n in range(count):
            archive.writestr(f"{n}.xml", content)
    return out.getvalue()


def test_a_bomb_is_refused_while_it_passes():
    screen, data = BombScreen(), zipped(bytes(30_000_000))
    with pytest.raises(Refused) as caught:
        for at in range(0, len(data), 1000):
            screen.write(data[at : at + 1000])
    assert caught.value.code.name == "EDXML_ZIP_BOMB"


@pytest.mark.parametrize(
    "data",
    [b"%PDF-1.7 ...", b"PK", b"", zipped(b"abc" * 100), zipped(b"abc" * 100, 5), b"PK\x03\x04 damaged", b"PK\x03\x04" + zlib.compress(b"x")],
)  # fmt: skip
def test_other_files_pass_whatever_they_are(data):
    screen = BombScreen()
    for byte in data:
        screen.write(bytes([byte]))
    screen.close()
