"""The line to the axis, on a real server: what is repeated, what is not, and with which bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from itertools import chain, repeat
from pathlib import Path

import pytest
from connector_axis import Answer, FakeAxis, letter, pdf, problem

from lienthong.base.errors import Refused
from lienthong.connector.bodies import bytes_body, packet_body, read_pieces
from lienthong.connector.errors import AxisRefused
from lienthong.wire.envelope import decode_envelope
from lienthong.wire.packet import PacketReader, boundary_of

GOOD = Answer(200, b'{"ok":1}')


def script(axis: FakeAxis, *answers: Answer) -> None:
    following: Iterator[Answer] = chain(answers, repeat(GOOD))
    axis.script = lambda _: next(following)


def test_a_transient_refusal_is_repeated_after_the_pause_that_the_axis_names(axis: FakeAxis) -> None:
    slept: list[float] = []
    busy = problem("QUOTA", "transient", 429)
    busy.headers["Retry-After"] = "7"
    script(axis, busy, busy)
    assert axis.connection(sleep=slept.append).get_json("/x") == {"ok": 1}
    assert slept == [7.0, 7.0]


def test_a_pause_longer_than_anybody_would_wait_is_told_instead_of_slept(axis: FakeAxis) -> None:
    busy = problem("QUOTA", "transient", 429)
    busy.headers["Retry-After"] = "86400"
    script(axis, busy)
    with pytest.raises(AxisRefused) as refused:
        axis.connection(sleep=lambda _: pytest.fail("slept")).get_json("/x")
    assert refused.value.retry_after == 86400


def test_a_permanent_refusal_is_never_repeated(axis: FakeAxis) -> None:
    script(axis, problem("NO", "permanent", 422))
    with pytest.raises(AxisRefused, match="NO"):
        axis.connection().get_json("/x")
    assert len(axis.asked) == 1


def test_an_indeterminate_refusal_is_repeated(axis: FakeAxis) -> None:
    script(axis, problem("MAYBE", "indeterminate", 500))
    assert axis.connection().get_json("/x") == {"ok": 1}


def test_a_broken_line_is_repeated_with_identical_bytes_and_a_fresh_nonce(axis: FakeAxis) -> None:
    script(axis, Answer(cut=0), Answer(200, b'{"long": "answer"}', cut=5))
    axis.connection().request("POST", "/x", body=bytes_body(b'{"a":1}'))
    bodies = {a.body for a in axis.asked}
    assert bodies == {b'{"a":1}'}
    assert len({a.headers["signature-input"] for a in axis.asked}) == len(axis.asked) == 3


def test_an_axis_that_stays_away_is_reported_as_unreachable(axis: FakeAxis) -> None:
    connection = axis.connection()
    axis.stop()
    with pytest.raises(Refused, match="AXIS_UNREACHABLE"):
        connection.get_json("/x")


def test_an_answer_that_does_not_come_ends_after_the_timeout(axis: FakeAxis) -> None:
    axis.script = lambda _: Answer(hang=30)
    with pytest.raises(Refused, match="AXIS_UNREACHABLE"):
        axis.connection(timeout=0.1, pauses=()).get_json("/x")


@pytest.mark.parametrize("status", [500, 502, 503, 504, 408, 429])
def test_a_proxys_page_of_a_passing_fault_is_repeated(axis: FakeAxis, status: int) -> None:
    script(axis, Answer(status, b"<html>Bad gateway</html>", "text/html"))
    assert axis.connection().get_json("/x") == {"ok": 1}


@pytest.mark.parametrize("status", [400, 403, 404])
def test_a_proxys_page_of_a_lasting_fault_is_a_refusal_with_its_status(axis: FakeAxis, status: int) -> None:
    script(axis, Answer(status, b"<html>Forbidden</html>", "text/html"))
    with pytest.raises(AxisRefused, match=f"HTTP_{status}"):
        axis.connection().get_json("/x")


@pytest.mark.parametrize(
    "page",
    [Answer(200, b"<html>Log in</html>", "text/html"), Answer(302, b"", "text/html", {"Location": "/login"}),
     Answer(200, b"[1]"), Answer(200, b"\xff\xfe"), Answer(304, b"")],
)  # fmt: skip
def test_a_log_in_page_in_place_of_an_answer_is_said_in_words(axis: FakeAxis, page: Answer) -> None:
    script(axis, page)
    with pytest.raises(Refused, match="AXIS_ANSWER_NOT_VALID"):
        axis.connection().get_json("/x")


@pytest.mark.parametrize(
    "body", [b'{"retry":["x"],"problems":7,"evidence":{}}', b"[]", b"{", b"\xff", b'{"retry":"never"}']
)
def test_an_odd_problem_document_is_still_a_refusal(axis: FakeAxis, body: bytes) -> None:
    script(axis, Answer(422, body, "application/problem+json"))
    with pytest.raises(AxisRefused) as refused:
        axis.connection().get_json("/x")
    assert refused.value.http_status == 422
    assert refused.value.problems == []


def test_a_packet_is_as_long_as_announced_and_reads_back(axis: FakeAxis, tmp_path: Path) -> None:
    spooled = axis.client(tmp_path).prepare(letter(), [pdf(), pdf("b.pdf", 300_000)])
    body = packet_body(spooled.token, list(enumerate(spooled.envelope.parts)), spooled.part)
    data = b"".join(body.pieces())
    assert len(data) == body.size
    assert hashlib.sha256(data).digest() == body.digest
    parts: dict[int, bytearray] = {}

    class Sink:
        def __init__(self, index: int) -> None:
            self.into = parts.setdefault(index, bytearray())

        def write(self, piece: bytes | memoryview) -> None:
            self.into += piece

    class Handler:
        def on_envelope(self, token: bytes) -> object:
            assert token == spooled.token
            return decode_envelope(spooled.payload)

        def on_part(self, index: int, part: object) -> Sink:
            return Sink(index)

    reader = PacketReader(boundary_of(body.content_type), Handler())  # type: ignore[arg-type]
    for start in range(0, len(data), 777):
        reader.feed(data[start : start + 777])
    reader.close()
    assert {i: hashlib.sha256(b).digest() for i, b in parts.items()} == {
        i: p.sha256 for i, p in enumerate(spooled.envelope.parts)
    }


@pytest.mark.parametrize(("offset", "length"), [(0, None), (3, None), (0, 0), (2, 5), (8, 50), (50, 5)])
def test_pieces_of_a_file_are_the_bytes_asked_for(tmp_path: Path, offset: int, length: int | None) -> None:
    file = tmp_path / "f"
    file.write_bytes(b"0123456789")
    end = None if length is None else offset + length
    assert b"".join(read_pieces(file, offset, length)) == b"0123456789"[offset:end]


def test_what_has_not_changed_is_an_answer_to_whoever_asked_for_changes(axis: FakeAxis) -> None:
    script(axis, Answer(304, b"", "text/plain"))
    assert axis.connection().request("GET", "/x", headers={"If-None-Match": '"7"'}).status_code == 304
