"""Documents and statuses between systems that speak VXP and native ones, in every direction."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from axis_process import Installation, Party, agency_row, attachment, document, new_signer, rows, system_row, wait_for
from fixtures_axis import Town
from lienthong.connector.client import Original
from lienthong.connector.receiving import Lease
from lienthong.edxml.model import Business, BusinessKind, DocumentPacket, StatusPacket, StatusVariant
from lienthong.edxml.reader import read_header
from lienthong.ledger.notes import Ed25519NoteKey
from lienthong.trust.verdict import Verdict
from lienthong.verifier.anchors import Anchors
from lienthong.verifier.explain import verify_proof
from vxp_client import Sdk, add_connection, sdk
from vxp_world import document_packet, edxml, status

VXP, OTHER = "000.00.00.H29", "000.00.00.H15"


@dataclass
class Place:
    """A town whose first agency speaks VXP, and whose others are native."""

    town: Town
    secret: str

    def sdk(self, **more: object) -> Sdk:
        return sdk(self.town.axis, VXP, self.secret, **more)  # type: ignore[arg-type]

    @property
    def native(self) -> Party:
        return self.town.parties[OTHER]


@pytest.fixture(scope="module")
def place(town: Town) -> Iterator[Place]:
    secret = add_connection(town.axis, VXP, agencies=[VXP])
    yield Place(town, secret)


def test_a_document_sent_by_vxp_reaches_a_native_recipient_with_evidence_and_its_status_comes_back(
    place: Place,
) -> None:
    client = place.sdk()
    packet = document_packet(VXP, [OTHER])
    raw = edxml(packet)
    name = client.ok(client.service.send(raw, VXP, "edoc"))["DocId"]

    [lease] = place.native.client.lease()
    assert native_bytes(place.native, lease) == raw
    place.native.client.take(lease)
    place.native.client.report_status(original_of(packet), 3)

    listed = client.ok(client.service.received("status"))["data"]
    [row] = [r for r in listed if r["from"] == OTHER]
    assert row["status"] == "initial"
    got = client.ok(client.service.get(row["docId"]))["data"]
    read = read_header(base64.b64decode(got)).packet
    assert isinstance(read, StatusPacket)
    assert (read.status_code, read.variant) == (3, StatusVariant.M)
    client.ok(client.service.update(row["docId"], "done"))
    assert row["docId"] not in [r["docId"] for r in client.ok(client.service.received("status"))["data"]]
    found = rows(
        place.town.axis.database,
        "SELECT d.state, d.status_code FROM delivery d JOIN envelope e USING (envelope_no) WHERE e.envelope_id = %s", name,
    )  # fmt: skip
    assert found == [("delivered", 3)]


def test_a_native_document_is_listed_fetched_and_confirmed_by_vxp(place: Place) -> None:
    file = attachment(size=100_000)
    sent = place.native.client.send(document([VXP], subject="Gửi sang VXP"), [file])
    client = place.sdk()
    rows_before = client.ok(client.service.received("edoc"))["data"]
    assert len(rows_before) == 1
    row = rows_before[0]
    assert (row["from"], row["to"], row["status"]) == (OTHER, VXP, "initial")
    got = base64.b64decode(client.ok(client.service.get(row["docId"]))["data"])
    assert base64.b64encode(file.content) in got
    assert client.ok(client.service.received("edoc"))["data"][0]["status"] == "processing"
    client.ok(client.service.update(row["docId"], "done"))
    client.ok(client.service.update(row["docId"], "done"))
    assert client.ok(client.service.received("edoc"))["data"] == []
    trace = place.native.client.trace(OTHER, envelope_id=str(sent.envelope.id))
    assert trace["recipients"][0]["state"] == "delivered"
    client.ok(client.service.send(status(VXP, read_header(got_header(got)).packet, 3), VXP, "status"))  # type: ignore[arg-type]
    trace = place.native.client.trace(OTHER, envelope_id=str(sent.envelope.id))
    assert trace["recipients"][0]["status"] == 3 or trace["statuses"][0]["code"] in {3, "03"}


def native_bytes(party: Party, lease: Lease) -> bytes:
    """The one part of a packet, as the native protocol gives it."""
    with party.client.connection.stream(
        f"/v1/deliveries/{lease.delivery}/parts/0", {"fence": str(lease.fence)}, {}
    ) as response:
        return b"".join(response.iter_bytes())


def original_of(packet: DocumentPacket) -> Original:
    return Original(packet.sender.organ_id, packet.document_id, packet.code.full, packet.promulgation_date)


def got_header(packet: bytes) -> bytes:
    """A packet without its attachments, as any XML reader would see it."""
    start = packet.index(b"  <AttachmentEncoded")
    end = packet.index(b"</AttachmentEncoded>") + len(b"</AttachmentEncoded>\n")
    return packet[:start] + packet[end:]


def native_status(place: Place, packet: DocumentPacket, code: int) -> None:
    place.native.client.report_status(original_of(packet), code)


def test_the_proof_says_that_the_axis_signed_on_behalf_of_the_system(place: Place, tmp_path: Path) -> None:
    client, packet = place.sdk(), document_packet(VXP, [OTHER])
    name = client.ok(client.service.send(edxml(packet), VXP, "edoc"))["DocId"]
    [lease] = [each for each in place.native.client.lease(200) if str(each.envelope.id) == name]
    place.native.client.take(lease)
    file = tmp_path / "proof.asice"
    wait_for(lambda: rows(place.town.axis.database, "SELECT 1 FROM leaf_pending") == [], "everything is in the log")
    place.native.client.proof(VXP, file, envelope_id=name, content=True)
    public = place.town.axis.keys
    note = Ed25519NoteKey(place.town.axis.name, public.note.public_key)  # type: ignore[arg-type]
    with file.open("rb") as opened:
        report = verify_proof(opened, Anchors((public.receipt.public_key,), (note,)))
    assert report.verdict is Verdict.PASSED, report
    said = [(each.vi, each.en) for each in (*report.checks, *report.limits)]
    assert any("do trục ký thay hệ thống" in vi and "on behalf of the system" in en for vi, en in said)
    assert any("không phải bằng chứng chống lại chính trục" in vi for vi, _ in said)


def test_two_systems_of_this_face_reach_each_other_byte_for_byte(place: Place) -> None:
    third = "000.00.00.H26"
    other = sdk(place.town.axis, third, add_connection(place.town.axis, third, agencies=[third]))
    client, packet = place.sdk(), document_packet(VXP, [third])
    raw = edxml(packet)
    sent = client.ok(client.service.send(raw, VXP, "edoc"))["DocId"]
    [row] = other.ok(other.service.received("edoc"))["data"]
    assert base64.b64decode(other.ok(other.service.get(row["docId"]))["data"]) == raw
    other.ok(other.service.update(row["docId"], "done"))
    for form, code in ((StatusVariant.S, 1), (StatusVariant.M, 3)):
        other.ok(other.service.send(status(third, packet, code, form), third, "status"))
        [report] = client.ok(client.service.received("status"))["data"]
        client.ok(client.service.get(report["docId"]))
        client.ok(client.service.update(report["docId"], "done"))
    found = client.ok(client.service.sent("edoc"))["data"]
    [mine] = [each for each in found if each["senderDocId"] == sent]
    assert (mine["receiverDocId"], mine["receiveStatus"], mine["notation"]) == (row["docId"], "done", packet.code.full)
    assert mine["title"] == packet.subject


def test_a_failure_is_offered_again_and_an_unfetched_document_cannot_be_confirmed(place: Place) -> None:
    place.native.client.send(document([VXP], subject="Báo lỗi"))
    client = place.sdk()
    [row] = client.ok(client.service.received("edoc"))["data"]
    assert "[NOT_FETCHED]" in client.fails(client.service.update(row["docId"], "done"))["ErrorDesc"]
    client.ok(client.service.get(row["docId"]))
    client.ok(client.service.update(row["docId"], "processing"))
    client.ok(client.service.update(row["docId"], "fail"))
    assert client.ok(client.service.received("edoc"))["data"] == []
    [(state, attempts)] = rows(
        place.town.axis.database, "SELECT state, attempts FROM delivery WHERE reason = 'RECIPIENT_FAILED'"
    )
    assert (state, attempts) == ("available", 1)
    # It may be fetched and confirmed all the same.
    client.ok(client.service.get(row["docId"]))
    client.ok(client.service.update(row["docId"], "done"))


def test_a_recall_by_this_face_and_an_update_of_a_whole_file_are_answered(place: Place) -> None:
    client, packet = place.sdk(), document_packet(VXP, [OTHER])
    client.ok(client.service.send(edxml(packet), VXP, "edoc"))
    [lease] = [each for each in place.native.client.lease(200) if each.envelope.document_id == packet.document_id]
    place.native.client.take(lease)
    native_status(place, packet, 3)
    business = Business(BusinessKind.UPDATE, "Sửa nội dung", document_id=packet.document_id, document_changes=True)
    update = replace(document_packet(VXP, [OTHER]), business=business)
    client.ok(client.service.send(edxml(update), VXP, "edoc"))
    [lease] = [each for each in place.native.client.lease(200) if each.envelope.document_id == update.document_id]
    place.native.client.take(lease)
    native_status(place, packet, 15)
    for row in client.ok(client.service.received("status"))["data"]:
        client.ok(client.service.get(row["docId"]))
        client.ok(client.service.update(row["docId"], "done"))


def test_one_system_acts_for_a_whole_province_and_keeps_its_units(place: Place) -> None:
    province, below = "000.00.00.H41", "000.01.00.H41"
    client = sdk(place.town.axis, "vxp.saas.41", add_connection(place.town.axis, "vxp.saas.41", branches=[province]))
    unit = {"code": below, "pcode": province, "name": "Sở Mẫu", "mail": "vanthu@so-mau.example", "id": "7"}
    client.ok(client.service.register(json.dumps(unit)))
    client.ok(client.service.register(json.dumps(unit | {"name": "Sở Mẫu mới"})))
    [(by,)] = set(rows(place.town.axis.database, "SELECT by FROM directory_change WHERE key = %s", below))
    assert by == "vxp.saas.41"
    client.ok(client.service.send(edxml(document_packet(below, [OTHER])), below, "edoc"))
    place.native.client.book.newest()
    sent = document([below, province], subject="Cho cả tỉnh")
    place.native.client.send(sent)
    listed = client.ok(client.service.received("edoc"))["data"]
    assert {row["to"] for row in listed} == {below, province}
    for row in listed:
        client.ok(client.service.get(row["docId"]))
        client.ok(client.service.update(row["docId"], "done"))
    client.ok(client.service.delete(below))
    client.ok(client.service.delete(below))
    refused = client.fails(client.service.send(edxml(document_packet(below, [OTHER])), below, "edoc"))
    assert refused["ErrorCode"] == "19"
    assert "[AGENCY_NOT_BELOW]" in client.fails(client.service.delete(province))["ErrorDesc"]


def test_an_alias_and_a_code_that_was_taken_over_still_work_with_a_note(place: Place) -> None:
    axis = place.town.axis
    axis.change_directory([
        agency_row("H15.99", "Cơ quan mới", code102="000.00.99.H15", old_codes=["000.00.98.H15"]),
        {"type": "succession", "old": "000.00.97.H15", "new": "H15.99", "kind": "merge", "valid_from": "2026-01-01", "note": "Sáp nhập"},
        system_row("sys-moi", ["H15.99"], new_signer()),
    ])  # fmt: skip
    client = place.sdk()
    wait_for(
        lambda: "H15.99" in {row["code"] for row in client.ok(client.service.agencies())["data"]},
        "the new agency is known",
    )
    [row] = [
        each for each in client.ok(client.service.agencies("getAgenciesListQD20"))["data"] if each["code"] == "H15.99"
    ]
    assert (row["code102"], row["oldCode"]) == ("000.00.99.H15", "000.00.98.H15")
    for code in ("000.00.99.H15", "000.00.98.H15", "000.00.97.H15"):
        name = client.ok(client.service.send(edxml(document_packet(VXP, [code])), VXP, "edoc"))["DocId"]
        [(agency, addressed)] = rows(
            axis.database, "SELECT agency, addressed_to FROM delivery JOIN envelope USING (envelope_no) WHERE envelope_id = %s", name
        )  # fmt: skip
        assert (agency, addressed) == ("H15.99", code)


def test_the_directory_is_synchronised_without_losing_a_lost_answer(place: Place) -> None:
    axis = place.town.axis
    client = sdk(axis, "vxp.saas.50", add_connection(axis, "vxp.saas.50", agencies=[OTHER]))

    def synchronise() -> dict[str, dict[str, object]]:
        return {str(row["code"]): row for row in client.ok(client.service.agencies("getSynchronizeUnit"))["data"]}

    def change(name: str) -> None:
        axis.change_directory([agency_row("000.00.00.H60", name)])
        wait_for(lambda: name in str(client.ok(client.service.agencies())["data"]), name)

    everything = synchronise()
    assert {VXP, OTHER} <= set(everything)
    assert all(
        isinstance(row["version"], int) and row["deleted"] is False for row in everything.values() if row["code"] == VXP
    )
    assert set(synchronise()) == set(everything), "the first answer may have been lost"
    assert synchronise() == {}, "nothing changed since the answer before"
    change("Tên một")
    assert set(synchronise()) == {"000.00.00.H60"}
    change("Tên hai")
    lost = synchronise()
    assert set(lost) == {"000.00.00.H60"}
    assert lost["000.00.00.H60"]["modifyDate"]
    assert set(synchronise()) == {"000.00.00.H60"}
    assert synchronise() == {}
    axis.change_directory([{"delete": True, "type": "agency", "key": "000.00.00.H60"}])
    wait_for(lambda: "000.00.00.H60" not in str(client.ok(client.service.agencies())["data"]), "it is gone")
    assert synchronise()["000.00.00.H60"]["deleted"] is True


def test_more_calls_than_the_quota_are_told_to_wait(axis: Installation) -> None:
    axis.settings.update({"quota_per_second": 0.5, "quota_burst": 3})
    axis.bootstrap()
    axis.start("axis")
    client = sdk(axis, VXP, add_connection(axis, VXP, agencies=[VXP]))
    for _ in range(3):
        client.ok(client.service.received("edoc"))
    answer = client.call(client.service.received("edoc"))
    assert "[TOO_MANY_REQUESTS]" in answer.json["ErrorDesc"]
    assert answer.json["ErrorCode"] == "20"
    assert int(answer.headers["retry-after"]) >= 1
    axis.stop()
