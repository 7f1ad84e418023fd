"""Documents and statuses between systems that speak VXP and native ones, in every direction."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from axis_process import Party, attachment, document, rows
from fixtures_axis import Town
from lienthong.connector.client import Original
from lienthong.connector.receiving import Lease
from lienthong.edxml.model import DocumentPacket, StatusPacket, StatusVariant
from lienthong.edxml.reader import read_header
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
