"""The wire of the national SDK: signed headers by exact spelling, digests in both forms, answers."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lienthong.base.errors import Refused
from lienthong.exchange.errors import RECIPIENTS_REFUSED
from lienthong.wire.vxp import answers
from lienthong.wire.vxp.files import ContentTail, fits, unpadded
from lienthong.wire.vxp.headers import SignedHeaders, read_headers, signature
from lienthong.wire.vxp.sdk import SdkRequest, SdkService, hash_code, timestamp

VECTORS = json.loads((Path(__file__).parents[3] / "vectors/vxp/vectors.json").read_text("utf-8"))
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def service(**given: str) -> SdkService:
    return SdkService(
        "axis.example",
        "/vxp",
        "000.00.13.H26",
        "demo-secret",
        timestamp(datetime(2026, 11, 20, 15, 42, 7)),
        dict(given),
    )


def raw_headers(request: SdkRequest) -> list[tuple[bytes, bytes]]:
    lines = request.head.split(b"\r\n")[1:-2]
    return [(name, value.strip()) for name, _, value in (line.partition(b":") for line in lines)]


def refusal(raw: list[tuple[bytes, bytes]]) -> str:
    with pytest.raises(Refused) as caught:
        read_headers(raw)
    return caught.value.code.name


def test_the_published_signature_is_ours():
    vector = VECTORS["signature"]
    assert signature(vector["text"].encode(), vector["secret"].encode()).decode() == vector["hash_header"]
    raw = [(name.encode(), value.encode()) for name, value in json.loads(vector["text"]).items()]
    raw += [
        (b"XroadVnpt-sign-header", vector["text"].encode()),
        (b"XroadVnpt-hash-header", vector["hash_header"].encode()),
    ]
    read = read_headers(raw)
    assert read.is_by(b"demo-secret")
    assert not read.is_by(b"demo-secret ")
    assert ";".join(read.parameters) == vector["sign_header_key"]


def test_the_published_digest_counts_in_both_forms():
    vector = VECTORS["hash_file"]
    digest = hashlib.sha256(vector["content"].encode()).digest()
    assert unpadded(digest) == vector["sdk"]
    assert fits(vector["sdk"], digest)
    assert fits(vector["correct"], digest)
    assert fits(vector["correct"].upper(), digest)
    assert not fits(vector["correct"][:-1], digest)
    assert not fits("", digest)


REQUESTS = (
    lambda made: made.agencies(),
    lambda made: made.received("edoc"),
    lambda made: made.get("x"),
    lambda made: made.update("x", "done"),
    lambda made: made.send(b"x", "000.00.13.H26", "edoc"),
)


@pytest.mark.parametrize(("order", "request_of"), list(zip(VECTORS["orders"], REQUESTS, strict=True)))
def test_the_library_s_map_gives_the_orders_that_were_seen(order, request_of):
    raw = dict(raw_headers(request_of(service())))
    assert raw[b"XroadVnpt-sign-header-key"].decode() == order
    assert [name[len("XroadVnpt-") :] for name in json.loads(raw[b"XroadVnpt-sign-header"])] == order.split(";")


def test_java_s_hash_code_is_that_of_known_texts():
    assert hash_code("") == 0
    assert hash_code("hello") == 99162322
    assert hash_code("polygenelubricants") == 0x80000000


def test_a_request_of_the_library_is_read_back():
    request = service().get("0190a-x", folder="D:/Tài liệu")
    assert request.head.startswith(b"POST /vxp/getEdoc HTTP/1.1\r\nXroadVnpt-systemid: 000.00.13.H26\r\n")
    assert request.head.endswith(b"Expect: 100-continue\r\nAccept-Encoding: gzip,deflate\r\n\r\n")
    read = read_headers(raw_headers(request))
    assert read.is_by(b"demo-secret")
    assert read.parameters["filePath"] == "D:/Tài liệu"


def test_two_parameters_that_differ_by_case_only_are_two_and_the_documented_one_wins():
    made = service()
    made.update("first", "done")
    read = read_headers(raw_headers(made.get("second")))
    assert (read.parameters["docid"], read.parameters["docId"]) == ("first", "second")
    assert (read.parameter("docId"), read.parameter("docid")) == ("second", "first")
    assert read_headers(raw_headers(service(DOCID="x").received("edoc"))).parameter("docId") == "x"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda raw: [*raw, (b"XroadVnpt-docId", b"slipped in")], "VXP_HEADERS_NOT_SIGNED"),
        (lambda raw: [*raw, (b"xroadvnpt-from", b"000.00.00.G22")], "VXP_HEADERS_NOT_SIGNED"),
        (
            lambda raw: [(n, b"000.00.00.G22" if n == b"XroadVnpt-systemid" else v) for n, v in raw],
            "VXP_HEADERS_NOT_SIGNED",
        ),
        (lambda raw: [(n, v) for n, v in raw if n != b"XroadVnpt-messagetype"], "VXP_HEADERS_NOT_SIGNED"),
        (lambda raw: [*raw, (b"XroadVnpt-systemid", b"000.00.13.H26")], "VXP_HEADERS_MALFORMED"),
        (lambda raw: [(n, v) for n, v in raw if n != b"XroadVnpt-sign-header"], "VXP_HEADERS_MALFORMED"),
        (lambda raw: [(n, b"zz" if n == b"XroadVnpt-hash-header" else v) for n, v in raw], "VXP_HEADERS_MALFORMED"),
        (lambda raw: [(n, b"[1]" if n == b"XroadVnpt-sign-header" else v) for n, v in raw], "VXP_HEADERS_MALFORMED"),
    ],
)
def test_headers_that_are_not_the_signed_ones_are_refused(change, code):
    assert refusal(change(raw_headers(service().received("edoc")))) == code


def signed(text: str) -> list[tuple[bytes, bytes]]:
    return [(b"XroadVnpt-sign-header", text.encode()), (b"XroadVnpt-hash-header", b"0" * 64)]


@pytest.mark.parametrize(
    "text",
    ['{"XroadVnpt-systemid":"a","XroadVnpt-systemid":"b"}', '{"XroadVnpt-systemid":1}', '{"XroadVnpt-systemid":null}', "{", "\\ud800",
     '{"a":"b"}', '{"XroadVnpt-sign-header":"x"}', "[" * 5000, '{"XroadVnpt-systemid":"\\ud800"}', '{"XroadVnpt-x":{}}'],
)  # fmt: skip
def test_a_signed_text_that_is_no_object_of_texts_is_refused(text: str):
    assert refusal(signed(text)) == "VXP_HEADERS_MALFORMED"


@pytest.mark.parametrize("hours", [-24 * 300, -1, 0, 13, 14])
def test_a_timestamp_of_any_zone_or_of_last_spring_counts(hours: int):
    made = service()
    made.made_at = timestamp((NOW + timedelta(hours=hours)).replace(tzinfo=None))
    read_headers(raw_headers(made.received("edoc"))).require_plausible(NOW)


def test_a_timestamp_further_ahead_than_any_zone_is_refused():
    made = service()
    made.made_at = timestamp((NOW + timedelta(hours=14, minutes=11)).replace(tzinfo=None))
    with pytest.raises(Refused) as caught:
        read_headers(raw_headers(made.received("edoc"))).require_plausible(NOW)
    assert caught.value.code.name == "VXP_TIMESTAMP_AHEAD"


@pytest.mark.parametrize(
    "written", ["", "2026-11-20", "31022026T000000+0000", "20112026T154207+123", "20112026T154207 0123"]
)
def test_a_timestamp_of_another_form_is_refused(written: str):
    made = service()
    made.made_at = written
    assert refusal(raw_headers(made.received("edoc"))) == "VXP_HEADERS_MALFORMED"


HEADER = st.tuples(
    st.sampled_from([b"XroadVnpt-systemid", b"XroadVnpt-timestamp", b"xroadvnpt-SYSTEMID", b"XroadVnpt-docId", b"Host"])
    | st.binary(max_size=30).map(lambda tail: b"XroadVnpt-" + tail),
    st.binary(max_size=60),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20), lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["XroadVnpt-systemid", "XroadVnpt-timestamp", "XroadVnpt-a", "b"]), inner, max_size=4), max_leaves=8,
)  # fmt: skip


@given(
    st.lists(HEADER, max_size=8),
    JSON.map(lambda v: json.dumps(v).encode()) | st.binary(max_size=200),
    st.binary(max_size=70),
)
@settings(max_examples=400, deadline=None)
def test_whatever_comes_is_read_or_refused_by_a_code(raw, text, claimed):
    try:
        read = read_headers([*raw, (b"XroadVnpt-sign-header", text), (b"XroadVnpt-hash-header", claimed)])
    except Refused as refused:
        assert refused.code.name in {"VXP_HEADERS_MALFORMED", "VXP_HEADERS_NOT_SIGNED"}
    else:
        assert set(read.parameters) >= {"systemid", "timestamp"}


@given(
    st.dictionaries(
        st.text("abcdeDI-", min_size=1, max_size=9),
        st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zs"]), max_size=20),
        max_size=12,
    )
)
@settings(max_examples=200, deadline=None)
def test_every_map_of_the_library_is_read_back_as_it_was(given_map):
    names = {"systemid", "timestamp", "Content-Type", "sign-header", "hash-header", "sign-header-key", "version"}
    request = service().request("getEdoc", {k: v for k, v in given_map.items() if k not in names}, b"{}")
    read: SignedHeaders = read_headers(raw_headers(request))
    assert read.is_by(b"demo-secret")
    assert read.parameters.items() >= {k: v for k, v in given_map.items() if k not in names}.items()


@given(
    st.binary(max_size=60),
    st.sampled_from([b"", b"\r\n", b"\r\n\r\n", b"\n"]),
    st.lists(st.integers(1, 9), max_size=40),
)
def test_exactly_one_line_end_is_taken_off_however_the_bytes_come(content, end, cuts):
    body, taken = content + end, bytearray()
    tail, at = ContentTail(taken.extend, lambda: hashlib.sha256(taken)), 0
    for cut in cuts:
        tail.feed(body[at : at + cut])
        at += cut
    tail.feed(body[at:])
    bare = body.removesuffix(b"\r\n")
    assert tail.close(unpadded(hashlib.sha256(bare).digest()))
    assert bytes(taken) == bare


def test_a_file_that_ends_with_a_line_end_of_its_own_is_taken_whole_when_only_that_fits():
    taken = bytearray()
    tail = ContentTail(taken.extend, lambda: hashlib.sha256(taken))
    tail.feed(b"<a/>\r\n")
    assert tail.close(hashlib.sha256(b"<a/>\r\n").hexdigest())
    assert bytes(taken) == b"<a/>\r\n"


def test_another_content_does_not_fit():
    taken = bytearray()
    tail = ContentTail(taken.extend, lambda: hashlib.sha256(taken))
    tail.feed(b"abd\r\n")
    assert not tail.close(VECTORS["hash_file"]["sdk"])


def test_answers_are_ascii_and_hold_their_three_members():
    refused = Refused(RECIPIENTS_REFUSED, count=1, codes="Đơn vị «mẫu»", locked=0)
    members = json.loads(answers.refused(refused, DocId="", data="").decode("ascii"))
    assert (members["status"], members["ErrorCode"], members["DocId"], members["data"]) == ("FAIL", "18", "", "")
    assert "[RECIPIENTS_REFUSED]" in members["ErrorDesc"]
    assert "Đơn vị" in members["ErrorDesc"]
    locked = Refused(RECIPIENTS_REFUSED, count=1, codes="x", locked=1)
    assert answers.number_of(locked) == "23"


def test_a_null_never_leaves():
    with pytest.raises(ValueError, match="null"):
        answers.success(data=None)


@given(st.lists(st.dictionaries(st.text(max_size=5), st.text(max_size=8), max_size=3), max_size=1200))
@settings(max_examples=20, deadline=None)
def test_a_list_in_pieces_is_the_list(rows):
    found = json.loads(b"".join(answers.listing(rows)).decode("ascii"))
    assert found == {"status": "OK", "ErrorCode": "0", "ErrorDesc": "", "data": rows}
