"""Documents and statuses between provincial gateways (REST façade), native systems and those with the national SDK."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from axis_process import Party, agency_row, attachment, document, rows, wait_for
from faults_invariants import stored
from fixtures_axis import Town
from lgsp_client import Gateway, form, form_headers, gateway, ok
from lienthong.base.clock import VIETNAM
from lienthong.connector.client import Original
from lienthong.edxml.model import DocumentPacket, StatusPacket, StatusVariant
from lienthong.edxml.reader import read_header
from lienthong.ledger.notes import Ed25519NoteKey
from lienthong.trust.verdict import Verdict
from lienthong.verifier.anchors import Anchors
from lienthong.verifier.explain import verify_proof
from lienthong.wire.envelope import Kind
from vxp_client import Sdk, add_connection, sdk
from vxp_world import document_packet, edxml, status

GATE, NATIVE, VXP = "000.00.00.H29", "000.00.00.H15", "000.00.00.H41"
PROVINCE, BELOW = "000.00.00.H26", ("000.00.01.H26", "000.00.02.H26")
MB = 1024 * 1024


@dataclass
class Place:
    """A town in which one agency has a gateway, one the national SDK, one province a gateway for all its agencies."""

    town: Town
    gate: Gateway
    province: Gateway
    vxp_secret: str

    @property
    def native(self) -> Party:
        return self.town.parties[NATIVE]

    @property
    def vxp(self) -> Sdk:
        return sdk(self.town.axis, VXP, self.vxp_secret)


@pytest.fixture(scope="module")
def place(town: Town) -> Iterator[Place]:
    axis = town.axis
    axis.change_directory([agency_row(code, f"Sở {code[:6]}", parent=PROVINCE) | {"level": 2} for code in BELOW])
    secret = add_connection(axis, VXP, agencies=[VXP])
    yield Place(
        town, gateway(axis, "lgsp.h29", agencies=[GATE]), gateway(axis, "lgsp.h26", branches=[PROVINCE]), secret
    )


def test_a_document_from_a_gateway_reaches_a_native_recipient_and_its_status_comes_back(place: Place) -> None:
    packet = document_packet(GATE, [NATIVE])
    raw = edxml(packet)
    name = place.gate.send(raw)
    [lease] = place.native.client.lease()
    path, fence = f"/v1/deliveries/{lease.delivery}/parts/0", {"fence": str(lease.fence)}
    with place.native.client.connection.stream(path, fence, {}) as response:
        assert b"".join(response.iter_bytes()) == raw
    place.native.client.take(lease)
    place.native.client.report_status(
        Original(GATE, packet.document_id, packet.code.full, packet.promulgation_date), 3
    )  # fmt: skip

    [row] = place.gate.listed("status")
    assert (row["from"], row["to"], row["messageType"], row["status"]) == (NATIVE, GATE, "status", "initial")
    read = read_header(place.gate.get(row["docId"])).packet
    assert isinstance(read, StatusPacket)
    assert (read.status_code, read.variant) == (3, StatusVariant.M)
    place.gate.confirm(row["docId"])
    assert place.gate.listed("status") == []
    held = rows(
        place.town.axis.database,
        "SELECT d.state, d.status_code FROM delivery d JOIN envelope e USING (envelope_no) WHERE e.envelope_id = %s", name,
    )  # fmt: skip
    assert held == [("delivered", 3)]


def test_a_native_document_is_listed_until_the_gateway_confirms_it_and_the_sender_sees_its_status(place: Place) -> None:
    file = attachment(size=100_000)
    sent = place.native.client.send(document([GATE], subject="Gửi sang cổng tỉnh"), [file])
    [row] = place.gate.listed()
    assert (row["from"], row["to"], row["serviceType"], row["status"]) == (NATIVE, GATE, "eDoc", "initial")
    got = place.gate.get(row["docId"])
    assert base64.b64encode(file.content) in got
    assert [each["status"] for each in place.gate.listed()] == ["processing"]
    place.gate.confirm(row["docId"], "processing")
    place.gate.confirm(row["docId"])
    place.gate.confirm(row["docId"])
    assert place.gate.listed() == []
    trace = place.native.client.trace(NATIVE, envelope_id=str(sent.envelope.id))
    assert trace["recipients"][0]["state"] == "delivered"

    document_got = read_header(_header(got)).packet
    assert isinstance(document_got, DocumentPacket)
    place.gate.send(status(GATE, document_got, 3), "status")
    trace = place.native.client.trace(NATIVE, envelope_id=str(sent.envelope.id))
    assert trace["recipients"][0]["status"] == "03"


def test_documents_and_statuses_go_between_a_gateway_and_the_national_sdk_in_both_directions(place: Place) -> None:
    there = document_packet(GATE, [VXP])
    raw = edxml(there)
    place.gate.send(raw)
    client = place.vxp
    [row] = client.ok(client.service.received("edoc"))["data"]
    assert base64.b64decode(client.ok(client.service.get(row["docId"]))["data"]) == raw
    client.ok(client.service.update(row["docId"], "done"))
    client.ok(client.service.send(status(VXP, there, 3), VXP, "status"))
    [row] = place.gate.listed("status")
    read = read_header(place.gate.get(row["docId"])).packet
    assert isinstance(read, StatusPacket)
    assert (read.sender.organ_id, read.status_code) == (VXP, 3)
    place.gate.confirm(row["docId"])

    back = document_packet(VXP, [GATE])
    raw = edxml(back)
    client.ok(client.service.send(raw, VXP, "edoc"))
    [row] = place.gate.listed()
    assert place.gate.get(row["docId"]) == raw
    place.gate.confirm(row["docId"])
    place.gate.send(status(GATE, back, 5), "status")
    statuses = client.ok(client.service.received("status"))["data"]
    read = read_header(base64.b64decode(client.ok(client.service.get(statuses[0]["docId"]))["data"])).packet
    assert isinstance(read, StatusPacket)
    assert (read.sender.organ_id, read.status_code) == (GATE, 5)
    client.ok(client.service.update(statuses[0]["docId"], "done"))


def test_a_document_from_a_gateway_has_the_same_proof_as_every_other(place: Place, tmp_path: Path) -> None:
    name = place.gate.send(edxml(document_packet(GATE, [NATIVE])))
    [lease] = [each for each in place.native.client.lease() if str(each.envelope.id) == name]
    place.native.client.take(lease)
    axis, file = place.town.axis, tmp_path / "proof.asice"
    wait_for(lambda: rows(axis.database, "SELECT 1 FROM leaf_pending") == [], "everything is in the log")
    place.native.client.proof(GATE, file, envelope_id=name, content=True)
    note = Ed25519NoteKey(axis.name, axis.keys.note.public_key)  # type: ignore[arg-type]
    with file.open("rb") as opened:
        report = verify_proof(opened, Anchors((axis.keys.receipt.public_key,), (note,)))
    assert report.verdict is Verdict.PASSED, report
    assert any("on behalf of the system" in each.en for each in (*report.checks, *report.limits))


def test_one_gateway_sends_and_receives_for_every_agency_of_its_province(place: Place) -> None:
    for code in (PROVINCE, *BELOW):
        place.province.send(edxml(document_packet(code, [NATIVE])))
        place.native.client.send(document([code]), [attachment(size=500)])
    place.native.client.send(document([PROVINCE, *BELOW]), [attachment(size=500)])
    found = place.province.listed()
    assert sorted(row["to"] for row in found) == sorted((PROVINCE, *BELOW) * 2)
    assert place.gate.listed() == []
    for row in found:
        place.province.get(row["docId"])
        place.province.confirm(row["docId"])
    assert place.province.listed() == []
    leases = place.native.client.lease(maximum=10)
    senders = [lease.envelope.sender for lease in leases if lease.envelope.kind is Kind.DOCUMENT]
    assert sorted(senders) == sorted((PROVINCE, *BELOW))
    for lease in leases:
        place.native.client.take(lease)


def test_a_document_between_two_agencies_of_one_gateway_goes_through_the_axis(place: Place) -> None:
    raw = edxml(document_packet(BELOW[0], [BELOW[1]]))
    place.province.send(raw)
    [row] = place.province.listed()
    assert (row["from"], row["to"]) == BELOW
    assert place.province.get(row["docId"]) == raw
    place.province.confirm(row["docId"])


def test_the_same_bytes_again_get_the_same_name_and_one_delivery(place: Place) -> None:
    raw = edxml(document_packet(GATE, [VXP]))
    names = {place.gate.send(raw) for _ in range(3)}
    assert len(names) == 1
    client = place.vxp
    found = client.ok(client.service.received("edoc"))["data"]
    assert len(found) == 1
    client.ok(client.service.get(found[0]["docId"]))
    client.ok(client.service.update(found[0]["docId"], "done"))


def test_the_kind_may_be_said_after_the_file_and_in_the_query(place: Place) -> None:
    for size in (2_000, 700_000):
        raw = edxml(document_packet(GATE, [VXP]), [b"%PDF-1.7\n" + b"x" * size])
        body = form(raw, file_first=True)
        first = ok(place.gate.http.post("/sendEdoc", content=body, headers=form_headers(place.gate)))
        assert place.gate.send(raw) == first["docId"]
        assert ok(place.gate.post_file(raw, None, params={"messagetype": "edoc"}))["docId"] == first["docId"]
    _empty(place)


def test_a_failed_document_is_offered_again(place: Place) -> None:
    place.native.client.send(document([GATE]), [attachment(size=500)])
    [row] = place.gate.listed()
    place.gate.get(row["docId"])
    place.gate.confirm(row["docId"], "fail")
    again = wait_for(lambda: [each for each in place.gate.listed() if each["status"] == "initial"], "offered again", 60)
    assert again[0]["docId"] == row["docId"]
    place.gate.get(row["docId"])
    place.gate.confirm(row["docId"])


def test_what_was_not_confirmed_yesterday_is_on_the_list_of_today(place: Place) -> None:
    today = datetime.now(UTC).astimezone(VIETNAM).date()
    place.native.client.send(document([GATE]), [attachment(size=500)])
    tomorrow, yesterday = (f"{today + timedelta(days=days):%Y/%m/%d}" for days in (1, -1))
    assert len(place.gate.listed(fromDate=tomorrow, toDate=tomorrow)) == 1
    assert len(place.gate.listed(fromDate=yesterday, toDate=f"{today:%Y/%m/%d}")) == 1
    assert place.gate.listed(fromDate=yesterday, toDate=yesterday) == []
    _empty(place)


def test_the_agencies_are_listed_for_whoever_has_a_token(place: Place) -> None:
    headers = {"Authorization": f"Bearer {place.gate.token}"}
    found = ok(place.gate.http.get("/getAgenciesList", headers=headers))["data"]
    by_code = {row["code"]: row for row in found}
    assert {GATE, NATIVE, VXP, PROVINCE, *BELOW} <= set(by_code)
    assert by_code[BELOW[0]]["pid"] == PROVINCE
    assert set(by_code[GATE]) >= {"id", "pid", "code", "name", "mail"}


def test_a_packet_of_a_hundred_megabytes_stays_within_bounded_memory_both_ways(place: Place) -> None:
    axis = place.town.axis.processes["axis"]
    # The list of agencies and a first large packet bring the process to its working size.
    raw = edxml(document_packet(GATE, [PROVINCE]), [b"%PDF-1.7\n" + b"0123456789abcdef" * (74 * MB // 16)])
    assert len(raw) > 98 * MB
    before = axis.resident()
    body = form(raw, file_first=True)
    ok(place.gate.http.post("/sendEdoc", content=body, headers=form_headers(place.gate)))
    [row] = place.province.listed()
    got = place.province.get(row["docId"])
    assert axis.peak() - before < 64 * MB
    assert got == raw
    place.province.confirm(row["docId"])


def test_the_secret_and_the_token_are_in_no_log_and_not_in_the_database(place: Place) -> None:
    place.gate.log_in()
    place.gate.http.post("/auth/login", json={"username": place.gate.system, "password": place.gate.secret + "x"})
    said = place.town.axis.processes["axis"].log.read_text("utf-8", "replace")
    assert "lgsp.done" in said
    assert place.gate.secret not in said
    assert place.gate.token not in said
    kept = rows(
        place.town.axis.database,
        "SELECT c::text || s::text FROM connection c JOIN connection_secret s USING (system_id)",
    )
    secret = place.gate.secret.encode()
    assert not any(secret.hex() in row[0] or place.gate.secret in row[0] for row in kept)
    assert stored(place.town.axis)


def _empty(place: Place) -> None:
    """Confirm whatever is open, so that the next test begins with empty lists."""
    for row in place.gate.listed():
        place.gate.get(row["docId"])
        place.gate.confirm(row["docId"])
    client = place.vxp
    for row in client.ok(client.service.received("edoc"))["data"]:
        client.ok(client.service.get(row["docId"]))
        client.ok(client.service.update(row["docId"], "done"))


def _header(packet: bytes) -> bytes:
    """A packet without its attachments."""
    start, end = packet.index(b"  <AttachmentEncoded"), packet.index(b"</AttachmentEncoded>")
    return packet[:start] + packet[end + len(b"</AttachmentEncoded>\n") :]
