"""Envelopes and packets that break the rules: a clear refusal, and nothing of them stored."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import struct
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from axis_process import attachment, new_signer, wait_for
from faults_invariants import stored
from fixtures_axis import Town
from lienthong.trust import jws
from lienthong.trust.keys import public_pem
from lienthong.wire.envelope import TYP, encode_envelope
from raw_requests import Packet, packet, require_clear, with_part


@pytest.fixture
def untouched(town: Town) -> Iterator[Town]:
    """The axis must hold after the test exactly what it held before."""
    before = stored(town.axis)
    yield town
    # A cut connection is cleaned up a moment after the answer.
    wait_for(lambda: stored(town.axis) == before, "nothing is left behind", 5)


def _packet(town: Town, **more: Any) -> Packet:
    first, second, *_ = town
    return packet(first, [second.agency], **more)


def b64(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


MEMBERS: list[tuple[str, dict[str, Any], tuple[str, ...]]] = [
    ("year 9999", {"created_at": "9999-12-31T23:59:59.999Z"}, ("CREATED_AT_NOT_PLAUSIBLE",)),
    ("year 1", {"created_at": "0001-01-01T00:00:00.000Z"}, ("CREATED_AT_NOT_PLAUSIBLE", "ENVELOPE_MALFORMED")),
    ("29 February 2027", {"created_at": "2027-02-29T00:00:00.000Z"}, ("ENVELOPE_MALFORMED",)),
    ("leap second", {"created_at": "2026-12-31T23:59:60.000Z"}, ("ENVELOPE_MALFORMED",)),
    ("time at plus fourteen", {"created_at": "2026-11-24T23:00:00.000+14:00"}, ("ENVELOPE_MALFORMED",)),
    ("time without zone", {"created_at": "2026-11-24T08:00:00.000"}, ("ENVELOPE_MALFORMED",)),
    ("time in seconds only", {"created_at": "2026-11-24T08:00:00Z"}, ("ENVELOPE_MALFORMED",)),
    ("deadline in the past", {"expires_at": "2020-01-01T00:00:00.000Z"}, ("EXPIRES_TOO_SOON",)),
    ("deadline before time", {"expires_at": "0001-01-01T00:00:00.000Z"}, ("EXPIRES_TOO_SOON", "ENVELOPE_MALFORMED")),
    ("id in capitals", {"id": "0192F0C1-0000-7000-8000-00000000000A"}, ("ENVELOPE_MALFORMED",)),
    ("id in braces", {"id": "{0192f0c1-0000-7000-8000-00000000000a}"}, ("ENVELOPE_MALFORMED",)),
    ("id is a path", {"id": "../../../../etc/passwd"}, ("ENVELOPE_MALFORMED",)),
    ("no recipient", {"to": []}, ("ENVELOPE_MALFORMED",)),
    ("a recipient twice", {"to": ["000.00.00.H15", "000.00.00.H15"]}, ("ENVELOPE_MALFORMED",)),
    ("ten thousand and one recipients", {"to": [f"H{n}" for n in range(10_001)]}, ("ENVELOPE_MALFORMED",)),
    ("recipients as text", {"to": "000.00.00.H15"}, ("ENVELOPE_MALFORMED",)),
    ("recipient with a line feed", {"to": ["000.00.00.H15\n"]}, ("ENVELOPE_MALFORMED",)),
    ("recipient unknown", {"to": ["999.99.99.H99"]}, ("RECIPIENTS_REFUSED", "HEADER_DISAGREES")),
    ("recipient in SQL", {"to": ["'; DROP TABLE envelope; --"]}, ("RECIPIENTS_REFUSED", "HEADER_DISAGREES")),
    ("other recipients than the header", {"to": ["000.00.00.H26"]}, ("HEADER_DISAGREES",)),
    ("more recipients than the header", {"to": ["000.00.00.H15", "000.00.00.H26"]}, ("HEADER_DISAGREES",)),
    ("another sender", {"from": "000.00.00.H26"}, ("SENDER_NOT_ALLOWED",)),
    ("sender unknown", {"from": "777.77.77.H77"}, ("SENDER_NOT_ALLOWED", "SENDER_NOT_ACTIVE")),
    ("empty sender", {"from": ""}, ("ENVELOPE_MALFORMED",)),
    ("another document", {"document_id": "000.00.00.H29,2026/11/20,999/KHAC"}, ("HEADER_DISAGREES",)),
    ("document id too long", {"document_id": "x" * 201}, ("ENVELOPE_MALFORMED",)),
    ("kind unknown", {"kind": "letter"}, ("ENVELOPE_MALFORMED",)),
    ("kind status for a document", {"kind": "status"}, ("HEADER_DISAGREES",)),
    ("urgency five", {"urgency": 5}, ("ENVELOPE_MALFORMED",)),
    ("urgency true", {"urgency": True}, ("ENVELOPE_MALFORMED",)),
    ("urgency is half", {"urgency": 0.5}, ("ENVELOPE_MALFORMED",)),
    ("urgency of a thousand digits", {"urgency": 10**999}, ("ENVELOPE_MALFORMED",)),
    ("another urgency than the header", {"urgency": 4}, ("HEADER_DISAGREES",)),
    ("version two", {"v": 2}, ("ENVELOPE_MALFORMED",)),
    ("a member too many", {"extra": 1}, ("ENVELOPE_MALFORMED",)),
    ("a member missing", {"urgency": None}, ("ENVELOPE_MALFORMED",)),
    ("no parts", {"parts": []}, ("ENVELOPE_MALFORMED",)),
    ("parts as an object", {"parts": {"0": {}}}, ("ENVELOPE_MALFORMED",)),
    ("a lone surrogate", {"document_id": "\ud800"}, ("ENVELOPE_MALFORMED",)),
    ("text not in normal form", {"document_id": "e\u0323\u0302"}, ("ENVELOPE_MALFORMED",)),
]


@pytest.mark.parametrize(("members", "codes"), [pytest.param(m, c, id=name) for name, m, c in MEMBERS])
def test_an_envelope_with_a_wrong_member_is_refused_and_nothing_is_stored(
    untouched: Town, members: dict[str, Any], codes: tuple[str, ...]
) -> None:
    made = _packet(untouched)
    made.members = members
    require_clear(made.post(untouched.axis), *codes)


PAYLOADS: list[tuple[str, Callable[[bytes], bytes]]] = [
    ("empty", lambda p: b""),
    ("not JSON", lambda p: b"\x80\x04K\x01."),
    ("an array", lambda p: b"[" + p + b"]"),
    ("a member twice", lambda p: p[:-1] + b',"v":1}'),
    ("a sender twice", lambda p: b'{"from":"000.00.00.H26",' + p[1:]),
    ("spaces", lambda p: p.replace(b'","', b'", "', 1)),
    ("a byte order mark", lambda p: b"\xef\xbb\xbf" + p),
    ("trailing bytes", lambda p: p + b"\n"),
    ("UTF-16", lambda p: p.decode().encode("utf-16")),
    ("not UTF-8", lambda p: p.replace(b"header.edxml", b"header\xff.edx")),
    ("escaped letters", lambda p: p.replace(b'"header.edxml"', b'"\\u0068eader.edxml"')),
    (
        "members in another order",
        lambda p: json.dumps(dict(reversed(json.loads(p).items())), separators=(",", ":")).encode(),
    ),
    ("not a number", lambda p: p.replace(b'"urgency":0', b'"urgency":NaN')),
    ("a negative size", lambda p: p.replace(b'"size":', b'"size":-', 1)),
    ("deep nesting", lambda p: b"[" * 100_000 + b"]" * 100_000),
]


@pytest.mark.parametrize("change", [pytest.param(c, id=name) for name, c in PAYLOADS])
def test_a_payload_that_is_not_canonical_is_refused_and_nothing_is_stored(
    untouched: Town, change: Callable[[bytes], bytes]
) -> None:
    made = _packet(untouched)
    made.payload = change(encode_envelope(made.envelope))
    require_clear(made.post(untouched.axis), "ENVELOPE_MALFORMED", "JWS_MALFORMED")


def _forged(town: Town, header: dict[str, Any], signature: bytes | Callable[[bytes], bytes]) -> Packet:
    """A packet whose JWS has this protected header and this signature."""
    made = _packet(town)
    lead = b64(json.dumps(header, separators=(",", ":")).encode()) + b"." + b64(encode_envelope(made.envelope))
    proof = signature(lead) if callable(signature) else signature
    made.token = lead + b"." + b64(proof)
    return made


def test_tokens_whose_algorithm_is_the_messages_choice_are_refused(untouched: Town) -> None:
    first, *_ = untouched
    kid = first.signer.key_id
    pem = public_pem(first.signer.public_key)
    good = first.signer.sign
    for header, signature in [
        ({"alg": "none", "kid": kid, "typ": TYP}, b""),
        ({"alg": "none", "kid": kid, "typ": TYP}, b"x" * 64),
        ({"alg": "None", "kid": kid, "typ": TYP}, b""),
        ({"alg": "HS256", "kid": kid, "typ": TYP}, lambda m: hmac.digest(pem, m, "sha256")),
        ({"alg": "RS256", "kid": kid, "typ": TYP}, b"x" * 256),
        ({"alg": "RS1", "kid": kid, "typ": TYP}, b"x" * 256),
        ({"alg": "ES384", "kid": kid, "typ": TYP}, good),
        ({"alg": "EdDSA", "kid": kid, "typ": TYP}, good),
        ({"alg": "ES256", "kid": kid, "typ": TYP}, b"\0" * 64),
        ({"alg": "ES256", "kid": kid, "typ": TYP}, b""),
        ({"alg": "ES256", "kid": kid, "typ": TYP}, lambda m: good(m) + b"\0"),
        ({"alg": "ES256", "kid": kid, "typ": "lt-acknowledgement"}, good),
        ({"alg": "ES256", "kid": kid}, good),
        ({"alg": "ES256", "typ": TYP}, good),
        ({"alg": "ES256", "kid": kid, "typ": TYP, "crit": ["b64"], "b64": False}, good),
        ({"alg": "ES256", "kid": kid, "typ": TYP, "jwk": {"kty": "EC"}}, good),
        ({"alg": "ES256", "kid": kid, "typ": TYP, "jku": "http://127.0.0.1:9/keys"}, good),
        ({"alg": "ES256", "kid": "../../keys/receipt.pub.pem", "typ": TYP}, good),
        ({"alg": "ES256", "kid": "x" * 10_000, "typ": TYP}, good),
    ]:
        answer = _forged(untouched, header, signature).post(untouched.axis)
        require_clear(answer, "JWS_MALFORMED", "ALGORITHM_NOT_ALLOWED", "SIGNATURE_NOT_VALID", "SIGNER_NOT_KNOWN")


def test_tokens_of_another_shape_are_refused(untouched: Town) -> None:
    good = _packet(untouched).signed_token()
    head, payload, proof = good.split(b".")
    for token in [
        b".".join([head, payload]),
        b".".join([head, payload, proof, b"x"]),
        b".".join([head + b"=", payload, proof]),
        b".".join([head, payload + b"\n", proof]),
        b".".join([head, payload[:-1] + (b"A" if payload[-1:] != b"A" else b"B"), proof]),
        json.dumps({"payload": payload.decode(), "protected": head.decode(), "signature": proof.decode()}).encode(),
        b"." * 3,
        b"\x00" * 100,
        b"A" * 1_900_000,
    ]:
        made = _packet(untouched)
        made.token = token
        require_clear(made.post(untouched.axis), "JWS_MALFORMED", "SIGNATURE_NOT_VALID", "ENVELOPE_MALFORMED")


def test_an_envelope_signed_by_another_system_or_by_nobody_known_is_refused(untouched: Town) -> None:
    _, second, *_ = untouched
    stranger = _packet(untouched)
    stranger.signer = new_signer()
    require_clear(stranger.post(untouched.axis), "SIGNER_NOT_KNOWN")
    foreign = _packet(untouched)
    foreign.signer = second.signer
    require_clear(foreign.post(untouched.axis), "SIGNER_MISMATCH", "SENDER_NOT_ALLOWED")
    carried = _packet(untouched)
    require_clear(carried.post(untouched.axis, signer=second.signer), "SIGNER_MISMATCH", "SENDER_NOT_ALLOWED")
    raw = _packet(untouched)
    payload = encode_envelope(raw.envelope)
    raw.token = jws.sign(payload, raw.sender.signer, TYP).replace(b64(payload), b64(payload.replace(b"H15", b"H26")))
    require_clear(raw.post(untouched.axis), "SIGNATURE_NOT_VALID")


def test_content_that_differs_from_the_envelope_is_refused_and_nothing_is_stored(untouched: Town) -> None:
    axis = untouched.axis
    flipped = _packet(untouched)
    flipped.contents[1] = flipped.contents[1][:-1] + bytes([flipped.contents[1][-1] ^ 1])
    require_clear(flipped.post(axis), "PART_DIGEST_MISMATCH")
    header = _packet(untouched)
    header.contents[0] = header.contents[0].replace(b"1", b"2", 1)
    require_clear(header.post(axis), "PART_DIGEST_MISMATCH")
    declared = _packet(untouched)
    declared.envelope = with_part(declared.envelope, 1, sha256=b"\0" * 32)
    require_clear(declared.post(axis), "PART_DIGEST_MISMATCH")


def test_framing_that_breaks_the_rules_is_refused_and_nothing_is_stored(untouched: Town) -> None:
    axis = untouched.axis
    good = _packet(untouched)
    head, part0, bytes0, part1, bytes1, end = good.pieces()
    bodies = {
        "empty": b"",
        "only the end": end,
        "preamble": b"hello\r\n" + b"".join(good.pieces()),
        "epilogue": b"".join(good.pieces()) + b"more",
        "second packet behind": b"".join(good.pieces()) * 2,
        "parts in another order": head + part1 + bytes1 + part0 + bytes0 + end,
        "a part twice": head + part0 + bytes0 + part1 + bytes1 + part1 + bytes1 + end,
        "an unknown part": head + part0 + bytes0 + part1.replace(b"part-1", b"part-7") + bytes1 + end,
        "a negative part": head + part0.replace(b"part-0", b"part--1") + bytes0 + end,
        "a size that lies": head + part0 + bytes0 + part1.replace(b"Length: ", b"Length: 1") + bytes1 + end,
        "no size": head + part0 + bytes0 + part1.replace(b"Content-Length", b"X-Length") + bytes1 + end,
        "a size twice": head + part0.replace(b"\r\n\r\n", b"\r\nContent-Length: 1\r\n\r\n") + bytes0 + end,
        "one byte too many": head + part0 + bytes0 + b"x" + part1 + bytes1 + end,
        "one byte too few": head + part0 + bytes0[:-1] + part1 + bytes1 + end,
        "line feeds alone": b"".join(good.pieces()).replace(b"\r\n", b"\n"),
        "a part's head without end": head + b"\r\n--lt-0123456789abcdef\r\n" + b"A" * 4000,
        "the envelope is not first": part0 + bytes0 + head + end,
    }
    for name, body in bodies.items():
        answer = good.post(axis, body=body)
        problem = require_clear(answer, "PACKET_MALFORMED", "PACKET_CUT_SHORT", "REQUEST_MALFORMED", "LENGTH_REQUIRED")
        assert problem["retry"] in {"permanent", "transient"}, name


def test_parts_that_nobody_sent_are_asked_for(untouched: Town) -> None:
    made = _packet(untouched)
    pieces = made.pieces()
    answer = made.post(untouched.axis, body=b"".join([*pieces[:3], pieces[-1]]))
    problem = require_clear(answer, "PART_MISSING")
    assert problem["retry"] == "transient"
    headless = made.post(untouched.axis, body=pieces[0] + pieces[-1])
    require_clear(headless, "PART_MISSING", "PACKET_MALFORMED")


def test_too_many_parts_are_refused_before_they_cost_anything(untouched: Town) -> None:
    made = _packet(untouched)
    row = json.loads(encode_envelope(made.envelope))["parts"][1]
    head = json.loads(encode_envelope(made.envelope))["parts"][0]
    made.members = {"parts": [head, *({**row, "content_id": str(n)} for n in range(201))]}
    require_clear(made.post(untouched.axis), "ENVELOPE_MALFORMED")
    made.members = {"parts": [head, row, row]}
    require_clear(made.post(untouched.axis), "ENVELOPE_MALFORMED")
    made.members = {"parts": [row, head]}
    require_clear(made.post(untouched.axis), "ENVELOPE_MALFORMED")
    made.members = {"parts": [head, {**row, "size": 1 << 40}]}
    require_clear(made.post(untouched.axis), "DOCUMENT_TOO_LARGE", "PACKET_MALFORMED", "PART_TOO_LARGE")
    made.members = {"parts": [head, {**row, "size": (1 << 40) + 1}]}
    require_clear(made.post(untouched.axis), "ENVELOPE_MALFORMED")
    made.members = {"parts": [{**head, "size": 64 * 2**20}, row]}
    require_clear(
        made.post(untouched.axis), "EDXML_TOO_LARGE", "DOCUMENT_TOO_LARGE", "PART_TOO_LARGE", "PACKET_MALFORMED"
    )


def test_an_id_used_for_another_envelope_is_refused_with_signed_evidence(town: Town) -> None:
    first, second, *_ = town
    original = packet(first, [second.agency])
    assert original.post(town.axis).status == 201
    before = stored(town.axis)
    other = packet(first, [second.agency])
    other.envelope = replace(other.envelope, id=original.envelope.id)
    problem = require_clear(other.post(town.axis), "ENVELOPE_ID_REUSED")
    assert problem["evidence"].count(".") == 2
    assert require_clear(other.post(town.axis), "ENVELOPE_ID_REUSED")["evidence"] == problem["evidence"]
    assert stored(town.axis)[0] == before[0]
    assert original.post(town.axis).status == 200


def test_a_document_id_used_for_another_document_is_refused(town: Town) -> None:
    first, second, *_ = town
    original = packet(first, [second.agency])
    assert original.post(town.axis).status == 201
    before = stored(town.axis)
    other = packet(first, [second.agency], document_id=original.envelope.document_id, subject="Nội dung khác hẳn")
    assert other.envelope.document_id == original.envelope.document_id
    problem = require_clear(other.post(town.axis), "DOCUMENT_ID_REUSED")
    assert problem["evidence"]
    assert stored(town.axis)[0] == before[0]


def test_the_answer_to_a_repeated_refusal_is_the_same(town: Town) -> None:
    made = _packet(town)
    made.members = {"to": ["999.99.99.H99"]}
    first = made.post(town.axis)
    again = made.post(town.axis)
    assert (first.status, first.code) == (again.status, again.code)


def test_names_that_attack_file_systems_and_pages_are_carried_as_names_only(town: Town) -> None:
    """A file name is metadata: the axis keeps it as it is, and the recipient never writes to it."""
    first, second, *_ = town
    names = [
        "../../../etc/cron.d/evil", "..\\..\\windows\\evil.bat", "/etc/passwd", "C:\\evil.exe", "con.pdf", ".htaccess",
        "<script>alert(1)</script>.pdf", "' OR 1=1 --.pdf", "x" * 400 + ".pdf", "a\u202egpj.exe", "index.json", "header.edxml",
    ]  # fmt: skip
    subject = "<img src=x onerror=alert(1)> \"'; DROP TABLE envelope; -- {{7*7}} ${jndi:ldap://127.0.0.1/a}"
    made = packet(first, [second.agency], attachments=[attachment(name, 100) for name in names], subject=subject)
    assert made.post(town.axis).status == 201
    inbox = second.client.inbox.root
    found = [r for r in second.client.receive(50) if r.lease.envelope.id == made.envelope.id]
    assert len(found) == 1
    for path in found[0].files:
        assert path.resolve().is_relative_to(found[0].folder.resolve())
        assert path.resolve().is_relative_to(inbox.resolve())
        assert path.stat().st_mode & 0o111 == 0
    assert [p["name"] for p in json.loads((found[0].folder / "index.json").read_bytes())["parts"][1:]] == names
    second.client.take(found[0])


def _zip_bomb() -> bytes:
    """A quine-like archive is content like any other here: it is never opened."""
    return b"PK\x03\x04" + struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 0, 0, 10, 2**32 - 1, 1, 0) + b"x" + b"\0" * 100


def test_dangerous_content_is_carried_unopened_and_arrives_as_it_was(town: Town) -> None:
    first, second, *_ = town
    files = [
        compose_attachment("bom.zip", _zip_bomb()),
        compose_attachment("run.sh", b"#!/bin/sh\ntouch /tmp/owned\n"),
        compose_attachment("pickle.bin", b"cos\nsystem\n(S'true'\ntR."),
    ]
    made = packet(first, [second.agency], attachments=files)
    assert made.post(town.axis).status == 201
    found = [r for r in second.client.receive(50) if r.lease.envelope.id == made.envelope.id]
    assert [hashlib.sha256(p.read_bytes()).digest() for p in found[0].files[1:]] == [
        hashlib.sha256(f.content).digest() for f in files if isinstance(f.content, bytes)
    ]
    second.client.take(found[0])
    for blob in town.axis.blobs.rglob("*"):
        if blob.is_file():
            assert blob.stat().st_mode & 0o111 == 0
    assert uuid.UUID(str(made.envelope.id))


def compose_attachment(name: str, content: bytes) -> Any:
    from lienthong.connector.compose import Attachment

    return Attachment(name, content)
