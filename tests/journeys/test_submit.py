"""Submitting documents to a real axis over real HTTP: what is answered, what is kept, what is refused."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from os import getpid, urandom

import pytest

from axis_process import (
    AGENCIES,
    Installation,
    Party,
    agency_row,
    attachment,
    installation,
    new_signer,
    rows,
    system_row,
    wait_for,
)
from fixtures_axis import Town
from lienthong.base.ids import EnvelopeId, uuid7
from lienthong.infra.postgres import Cluster
from lienthong.trust import jws
from lienthong.trust.keys import DEFAULT_POLICY
from lienthong.wire.event import TYP, EventName, decode_event
from lienthong.wire.packet import content_type
from raw_requests import BOUNDARY, Packet, ask, packet, require_clear, send, signed

_numbers = count(1)


@pytest.fixture(scope="module")
def town(pg18: Cluster) -> Iterator[Town]:
    """One axis without a worker for all tests of this module."""
    name = f"submit_{getpid()}_{next(_numbers)}"
    dsn = pg18.create_database(name, template="template_axis")
    try:
        with installation(dsn) as made:
            parties = made.bootstrap()
            made.start("axis")
            yield Town(made, parties)
            made.stop()
    finally:
        pg18.drop_database(name)


def read_event(axis: Installation, token: bytes):
    key = axis.keys.receipt.public_key
    return decode_event(jws.verify(token, lambda _: key, TYP, DEFAULT_POLICY, datetime.now(UTC)).payload)


def stored(axis: Installation) -> tuple[int, int, int, int]:
    """Envelopes, deliveries, events, pending leaves."""
    query = "SELECT (SELECT count(*) FROM envelope), (SELECT count(*) FROM delivery), (SELECT count(*) FROM event), (SELECT count(*) FROM leaf_pending)"
    return rows(axis.database, query)[0]  # type: ignore[return-value]


def same_again(sender: Party, made: Packet, **changes: object) -> Packet:
    return Packet(sender, replace(made.envelope, **changes), made.contents)


def test_a_document_is_answered_with_a_signed_receipt_and_stored_once(town: Town) -> None:
    sender, first, second, _ = town
    before = stored(town.axis)
    made = packet(sender, [first.agency, second.agency])
    answer = made.post(town.axis)
    assert answer.status == 201, answer.body
    event = read_event(town.axis, answer.body)
    assert event.name is EventName.SUBMISSION_ACCEPTANCE
    assert event.axis == town.axis.name
    assert event.details["recipients"] == 2
    assert event.details["size"] == made.envelope.size
    after = stored(town.axis)
    # One envelope, two deliveries, a receipt and one consignment, both owed to the log.
    assert tuple(b - a for a, b in zip(before, after, strict=True)) == (1, 2, 2, 2)
    blobs = [p for p in (town.axis.blobs / "sha256").rglob("*") if p.is_file() and p.read_bytes() == made.contents[1]]
    assert len(blobs) == 1
    assert blobs[0].name == hashlib.sha256(made.contents[1]).hexdigest()


def test_consignment_follows_the_receipt_and_names_every_recipient(town: Town) -> None:
    sender, first, second, _ = town
    answer = packet(sender, [first.agency, second.agency]).post(town.axis)
    receipt = read_event(town.axis, answer.body)
    found = rows(
        town.axis.database,
        "SELECT event.jws FROM event JOIN envelope USING (envelope_no) WHERE envelope_id = %s ORDER BY event_no",
        receipt.envelope.id,
    )
    consignment = read_event(town.axis, bytes(found[1][0]))
    assert consignment.name is EventName.CONTENT_CONSIGNMENT
    assert consignment.previous == hashlib.sha256(answer.body).digest()
    assert consignment.at >= receipt.at
    assert [to["agency"] for to in consignment.details["to"]] == [first.agency, second.agency]  # type: ignore[index,union-attr,call-overload]


def test_the_same_bytes_again_get_the_same_receipt_also_after_a_restart(axis: Installation) -> None:
    parties = axis.bootstrap()
    sender, first, *_ = parties.values()
    axis.start("axis")
    made = packet(sender, [first.agency])
    answer = made.post(axis)
    again = made.post(axis)
    axis.processes["axis"].kill()
    axis.start("axis")
    much_later = made.post(axis)
    axis.stop()
    assert (answer.status, again.status, much_later.status) == (201, 200, 200)
    assert answer.body == again.body == much_later.body
    assert rows(axis.database, "SELECT count(*) FROM envelope") == [(1,)]


def test_other_content_under_a_used_envelope_id_is_refused_with_evidence(town: Town) -> None:
    sender, first, second, _ = town
    made = packet(sender, [first.agency])
    accepted = made.post(town.axis)
    other = packet(sender, [second.agency])
    thief = same_again(sender, other, id=made.envelope.id)
    problem = require_clear(thief.post(town.axis), "ENVELOPE_ID_REUSED")
    evidence = read_event(town.axis, problem["evidence"].encode())
    assert evidence.name is EventName.SUBMISSION_REJECTION
    assert evidence.details["accepted_digest"] == read_event(town.axis, accepted.body).envelope.digest.hex()
    repeated = require_clear(thief.post(town.axis), "ENVELOPE_ID_REUSED")
    assert repeated["evidence"] == problem["evidence"]
    assert made.post(town.axis).body == accepted.body


def test_other_content_under_a_used_document_id_is_refused(town: Town) -> None:
    sender, first, *_ = town
    made = packet(sender, [first.agency])
    assert made.post(town.axis).status == 201
    other = packet(
        sender, [first.agency], header=lambda xml: xml.replace(b"<edXML:CodeNumber>", b"<edXML:CodeNumber>9")
    )
    number = made.envelope.document_id
    changed = other.contents[0].replace(other.envelope.document_id.encode(), number.encode())
    head = replace(other.envelope.parts[0], size=len(changed), sha256=hashlib.sha256(changed).digest())
    forged = replace(other.envelope, document_id=number, parts=(head, *other.envelope.parts[1:]))
    answer = Packet(sender, forged, [changed, *other.contents[1:]]).post(town.axis)
    problem = require_clear(answer, "DOCUMENT_ID_REUSED")
    assert "evidence" in problem


def test_the_same_document_in_another_envelope_is_accepted_as_a_likely_resend(town: Town) -> None:
    sender, first, *_ = town
    made = packet(sender, [first.agency])
    made.post(town.axis)
    answer = same_again(sender, made, id=EnvelopeId(uuid7())).post(town.axis)
    assert answer.status == 201, answer.body
    event = read_event(town.axis, answer.body)
    assert event.details["warnings"] == ["LIKELY_RESEND"]
    assert event.details["resend_of"] == str(made.envelope.id)


def test_a_refused_document_may_be_sent_again_with_other_content(town: Town) -> None:
    sender, first, *_ = town
    made = packet(sender, [first.agency])
    made.post(town.axis)
    with_conn = "UPDATE delivery SET state = 'refused', finished_at = now() FROM envelope e WHERE e.envelope_no = delivery.envelope_no AND e.envelope_id = %s RETURNING 1"
    import psycopg

    with psycopg.connect(town.axis.database) as conn:
        conn.execute(with_conn, (made.envelope.id,))
    new = attachment(size=3000)
    part = replace(made.envelope.parts[1], size=len(new.content), sha256=hashlib.sha256(new.content).digest())  # type: ignore[arg-type]
    envelope = replace(made.envelope, id=EnvelopeId(uuid7()), parts=(made.envelope.parts[0], part))
    assert Packet(sender, envelope, [made.contents[0], new.content]).post(town.axis).status == 201  # type: ignore[list-item]


def test_unknown_and_closed_recipients_are_refused_with_the_whole_list(town: Town) -> None:
    sender, first, *_ = town
    town.axis.change_directory([agency_row("K99", "Cơ quan đã đóng", status="closed")])
    wait_for(lambda: _version(town) >= _newest(town), "the directory follows")
    problem = require_clear(packet(sender, [first.agency, "X00.99", "K99"]).post(town.axis), "RECIPIENTS_REFUSED")
    assert [p["path"] for p in problem["problems"]] == ["to[1]", "to[2]"]
    assert "X00.99" in problem["title_vi"]
    assert "K99" in problem["title_vi"]
    assert read_event(town.axis, problem["evidence"].encode()).details["reason"]["code"] == "RECIPIENTS_REFUSED"  # type: ignore[index,call-overload]


def test_a_document_to_an_old_code_reaches_the_successor_with_a_note(town: Town) -> None:
    sender, first, *_ = town
    old = agency_row("H77", "Sở cũ")
    merged = {
        "type": "succession",
        "old": "H77",
        "new": first.agency,
        "kind": "merge",
        "valid_from": "2025-07-01",
        "note": "",
        "principal": True,
    }
    town.axis.change_directory([old, merged])
    wait_for(lambda: _version(town) >= _newest(town), "the directory follows")
    answer = packet(sender, ["H77"]).post(town.axis)
    assert answer.status == 201, answer.body
    identifier = read_event(town.axis, answer.body).envelope.id
    found = rows(
        town.axis.database,
        "SELECT addressed_to, agency FROM delivery JOIN envelope USING (envelope_no) WHERE envelope_id = %s",
        identifier,
    )
    assert found == [("H77", first.agency)]
    token = rows(
        town.axis.database,
        "SELECT event.jws FROM event JOIN envelope USING (envelope_no) WHERE envelope_id = %s AND name = 'ContentConsignment'",
        identifier,
    )[0][0]
    [to] = read_event(town.axis, bytes(token)).details["to"]  # type: ignore[misc]
    assert "H77" in to["note"]  # type: ignore[index,call-overload,operator]


def test_a_system_cannot_send_for_an_agency_that_is_not_its_own(town: Town) -> None:
    sender, first, second, _ = town
    made = packet(sender, [second.agency])
    stolen = Packet(first, made.envelope, made.contents)
    require_clear(stolen.post(town.axis), "SENDER_NOT_ALLOWED")
    carried = Packet(sender, made.envelope, made.contents)
    require_clear(carried.post(town.axis, signer=first.signer), "SIGNER_MISMATCH")


def test_a_secret_document_is_refused(town: Town) -> None:
    sender, first, *_ = town
    require_clear(
        packet(sender, [first.agency], subject="Kế hoạch phòng thủ (Tối mật)").post(town.axis), "SECRET_CONTENT"
    )


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"urgency": 3}, "HEADER_DISAGREES"),
        ({"to": [AGENCIES[2]]}, "HEADER_DISAGREES"),
        ({"document_id": "khac,2026/11/20,1/TN"}, "HEADER_DISAGREES"),
        ({"kind": "status"}, "HEADER_DISAGREES"),
        ({"created_at": "2031-01-01T00:00:00.000Z"}, "CREATED_AT_NOT_PLAUSIBLE"),
        ({"expires_at": "2026-01-01T00:00:00.000Z"}, "EXPIRES_TOO_SOON"),
    ],
)
def test_an_envelope_that_says_something_else_than_its_header_is_refused(
    town: Town, change: dict[str, object], code: str
) -> None:
    sender, first, *_ = town
    before = stored(town.axis)[0]
    made = packet(sender, [first.agency])
    made.members = change
    problem = require_clear(made.post(town.axis), code)
    assert problem["evidence"]
    assert stored(town.axis)[0] == before


def test_the_deadline_is_shortened_to_what_the_axis_allows(town: Town) -> None:
    sender, first, *_ = town
    made = packet(sender, [first.agency])
    answer = same_again(sender, made, expires_at=datetime(2090, 1, 1, tzinfo=UTC)).post(town.axis)
    event = read_event(town.axis, answer.body)
    assert datetime.fromisoformat(str(event.details["expires_at"])) - event.at == timedelta(days=30)


def test_damaged_and_short_bodies_leave_nothing(town: Town) -> None:
    sender, first, *_ = town
    before, files = stored(town.axis), _files(town)
    made = packet(sender, [first.agency])
    body = bytearray(b"".join(made.pieces()))
    body[-200] ^= 1
    require_clear(made.post(town.axis, bytes(body)), "PART_DIGEST_MISMATCH")
    require_clear(made.post(town.axis, b"".join(made.pieces())[:-700]), "PACKET_CUT_SHORT")
    whole = b"".join(made.pieces())
    headers = signed(sender.signer, "POST", "/v1/envelopes", whole, media_type=content_type(BOUNDARY))
    headers["Content-Digest"] = headers["Content-Digest"].replace("sha-256=:", "sha-256=:A", 1)
    assert send(town.axis, "POST", "/v1/envelopes", headers, whole).status in {400, 401}
    assert (stored(town.axis), _files(town)) == (before, files)


def test_a_request_is_taken_once(town: Town) -> None:
    sender, first, *_ = town
    made = packet(sender, [first.agency])
    whole = b"".join(made.pieces())
    headers = signed(sender.signer, "POST", "/v1/envelopes", whole, media_type=content_type(BOUNDARY))
    assert send(town.axis, "POST", "/v1/envelopes", headers, whole).status == 201
    require_clear(send(town.axis, "POST", "/v1/envelopes", headers, whole), "NONCE_REPLAYED")


def test_a_request_signed_by_a_wrong_clock_is_told_by_how_much(town: Town) -> None:
    sender, *_ = town
    at = int(datetime.now(UTC).timestamp()) + 1000
    answer = send(
        town.axis, "GET", "/v1/directory/systems", signed(sender.signer, "GET", "/v1/directory/systems", created=at)
    )
    problem = require_clear(answer, "HTTP_SIGNATURE_OUT_OF_TIME")
    assert "s ahead of the axis" in problem["title_en"]
    early = signed(sender.signer, "GET", "/v1/directory/systems", created=at - 750)
    assert send(town.axis, "GET", "/v1/directory/systems", early).status == 200


def test_a_document_to_thousands_is_accepted_within_a_second(axis: Installation) -> None:
    codes = [f"D{n // 100:02d}.{n % 100:02d}" for n in range(3400)]
    sender = next(iter(axis.bootstrap().values()))
    system = system_row("many", ["D"], new_signer())
    system["agencies"] = [{"code": "D", "subtree": True}]
    axis.change_directory(
        [agency_row("D", "Tỉnh D"), *(agency_row(code, f"Xã {code}", parent="D") for code in codes), system]
    )
    axis.start("axis")
    made = packet(sender, codes)
    began = datetime.now(UTC)
    answer = made.post(axis)
    took = datetime.now(UTC) - began
    axis.stop()
    assert answer.status == 201, answer.body
    assert rows(axis.database, "SELECT count(*) FROM delivery WHERE state = 'available'") == [(3400,)]
    assert rows(axis.database, "SELECT count(*) FROM event") == [(1 + 54,)]
    assert rows(axis.database, "SELECT count(*) FROM part") == [(1,)]
    assert took < timedelta(seconds=2)


def test_an_upload_is_resumed_after_a_restart_and_named_only_by_its_system(axis: Installation) -> None:
    sender, first, second, _ = axis.bootstrap().values()
    axis.start("axis")
    content = urandom(300_000)
    file = replace(attachment(), content=content)
    made = packet(sender, [first.agency], attachments=[file])
    begin = json.dumps({"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}).encode()
    state = json.loads(ask(axis, sender.signer, "POST", "/v1/uploads", begin).body)
    path = f"/v1/uploads/{state['id']}"
    assert state["offset"] == 0
    _patch(axis, sender, path, 0, content[:100_000])
    damaged = signed(sender.signer, "PATCH", path, content[100_000:], media_type="application/octet-stream") | {
        "Upload-Offset": "100000"
    }
    require_clear(send(axis, "PATCH", path, damaged, content[100_000:-1] + b"?"), "CONTENT_DIGEST_MISMATCH")
    axis.processes["axis"].kill()
    axis.start("axis")
    assert json.loads(ask(axis, sender.signer, "GET", path).body)["offset"] == 100_000
    require_clear(ask(axis, first.signer, "GET", path), "UPLOAD_UNKNOWN")
    problem = require_clear(_patch(axis, sender, path, 7, b"x"), "UPLOAD_OFFSET")
    assert problem["offset"] == 100_000
    early = require_clear(_without_file(axis, sender, made), "PART_MISSING")
    assert early["retry"] == "transient"
    assert json.loads(_patch(axis, sender, path, 100_000, content[100_000:]).body)["complete"] is True
    stolen = packet(second, [first.agency], attachments=[file])
    require_clear(_without_file(axis, second, stolen), "PART_MISSING")
    assert _without_file(axis, sender, made).status == 201
    axis.stop()


def test_open_pages_describe_every_route_and_its_rule(town: Town) -> None:
    health = json.loads(send(town.axis, "GET", "/health", {}).body)
    assert health["status"] == "ok"
    described = json.loads(send(town.axis, "GET", "/v1/openapi.json", {}).body)
    assert described["paths"]["/v1/envelopes"]["post"]["x-access"] == "sender"
    page = send(town.axis, "GET", "/", {})
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert b"lienthong_requests_total" in send(town.axis, "GET", "/metrics", {}).body
    require_clear(send(town.axis, "GET", "/v1/nothing", {}), "NOT_FOUND")
    require_clear(send(town.axis, "DELETE", "/health", {}), "METHOD_NOT_ALLOWED")


def _patch(axis: Installation, party: Party, path: str, offset: int, data: bytes):
    headers = signed(party.signer, "PATCH", path, data, media_type="application/octet-stream")
    return send(axis, "PATCH", path, headers | {"Upload-Offset": str(offset)}, data)


def _without_file(axis: Installation, party: Party, made: Packet):
    pieces = made.pieces()
    return made.post(axis, b"".join([*pieces[:3], pieces[-1]]))


def _files(town: Town) -> int:
    return sum(1 for p in town.axis.blobs.rglob("*") if p.is_file())


def _version(town: Town) -> int:
    return int(json.loads(send(town.axis, "GET", "/health", {}).body)["directory"])


def _newest(town: Town) -> int:
    return int(rows(town.axis.database, "SELECT max(version) FROM directory_change")[0][0])
