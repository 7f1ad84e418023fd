"""Packets are read by declared size, whatever the pieces in which they arrive."""

from __future__ import annotations

import hashlib
import uuid
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lienthong.base.errors import Refused
from lienthong.base.ids import AgencyCode, DocumentId, EnvelopeId, Sha256
from lienthong.wire.envelope import Envelope, Kind, Part, Role, decode_envelope, encode_envelope
from lienthong.wire.packet import PacketReader, boundary_of, content_type, packet_size, write_packet

BOUNDARY = "b0undary-0123456789"


def part(role: Role, data: bytes, n: int = 0) -> Part:
    return Part(role, f"c{n}", f"tệp {n}.pdf", "application/pdf", len(data), Sha256(hashlib.sha256(data).digest()))


def envelope(contents: list[bytes]) -> Envelope:
    parts = tuple(part(Role.HEADER if i == 0 else Role.ATTACHMENT, d, i) for i, d in enumerate(contents))
    at = datetime(2026, 11, 20, 8, 42, 7, 123000, tzinfo=UTC)
    to = (AgencyCode("000.00.00.H29"), AgencyCode("000.00.00.G22"))
    return Envelope(
        EnvelopeId(uuid.UUID(int=7)), Kind.DOCUMENT, AgencyCode("000.00.13.H26"), to,
        DocumentId("000.00.13.H26,2026/11/20,1234/SM-VP"), at, None, 1, parts,
    )  # fmt: skip


class Collect:
    def __init__(self) -> None:
        self.parts: dict[int, bytearray] = {}

    def on_envelope(self, token: bytes) -> Envelope:
        return decode_envelope(token)

    def on_part(self, index: int, part: Part) -> Collect._Sink:
        return self._Sink(self.parts.setdefault(index, bytearray()))

    class _Sink:
        def __init__(self, into: bytearray) -> None:
            self.into = into

        def write(self, data: bytes | memoryview) -> None:
            self.into += data


def body(contents: list[bytes], leave_out: set[int] = frozenset()) -> bytes:  # type: ignore[assignment]
    made = envelope(contents)
    inline = [(i, p) for i, p in enumerate(made.parts) if i not in leave_out]
    token = encode_envelope(made)
    whole = b"".join(write_packet(BOUNDARY, token, inline, lambda i: [contents[i]]))
    assert len(whole) == packet_size(BOUNDARY, token, inline)
    return whole


def read(data: bytes, cuts: list[int]) -> tuple[Envelope, Collect, PacketReader]:
    collect = Collect()
    reader = PacketReader(boundary_of(content_type(BOUNDARY)), collect)
    edges = [0, *sorted(c % (len(data) + 1) for c in cuts), len(data)]
    for a, b in zip(edges, edges[1:], strict=False):
        reader.feed(data[a:b])
    return reader.close(), collect, reader


TRICKY = b"\r\n--" + BOUNDARY.encode() + b"--\r\n"


@settings(deadline=None, max_examples=150)
@given(
    st.lists(st.one_of(st.binary(max_size=3000), st.just(TRICKY), st.just(b"")), min_size=1, max_size=5),
    st.lists(st.integers(min_value=0, max_value=20000), max_size=12),
)
def test_a_packet_cut_anywhere_gives_the_same_parts(contents: list[bytes], cuts: list[int]) -> None:
    got, collect, reader = read(body(contents), cuts)
    assert got == envelope(contents)
    assert [bytes(collect.parts[i]) for i in range(len(contents))] == contents
    assert reader.seen == set(range(len(contents)))


def test_a_part_uploaded_before_may_be_left_out() -> None:
    _, collect, reader = read(body([b"header", b"big", b"small"], leave_out={1}), [])
    assert reader.seen == {0, 2}
    assert bytes(collect.parts[2]) == b"small"


@settings(deadline=None, max_examples=200)
@given(st.integers(min_value=0), st.binary(min_size=1, max_size=3), st.lists(st.integers(0, 9999), max_size=3))
def test_a_damaged_packet_is_refused_or_keeps_its_framing(at: int, put: bytes, cuts: list[int]) -> None:
    whole = body([b"header" * 20, b"attachment" * 30])
    at %= len(whole)
    damaged = whole[:at] + put + whole[at + 1 :]
    try:
        got, _, _ = read(damaged, cuts)
    except Refused as refused:
        assert refused.code.name in {"PACKET_MALFORMED", "PACKET_CUT_SHORT", "ENVELOPE_MALFORMED"}
    else:
        assert len(got.parts) == 2


@pytest.mark.parametrize("keep", range(0, 900, 37))
def test_a_packet_cut_short_is_told_from_a_broken_one(keep: int) -> None:
    whole = body([b"header" * 20, b"attachment" * 30])
    with pytest.raises(Refused) as refused:
        read(whole[: keep % (len(whole) - 1)], [])
    assert refused.value.code.name == "PACKET_CUT_SHORT"


def test_bytes_after_the_end_are_refused() -> None:
    with pytest.raises(Refused) as refused:
        read(body([b"x"]) + b"more", [])
    assert refused.value.code.name == "PACKET_MALFORMED"
