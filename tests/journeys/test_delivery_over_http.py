"""Delivery through a real axis and worker, over HTTP, with the connector library that agencies use."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from axis_process import AGENCIES, Party, document
from fixtures_axis import Town
from lienthong.connector.bodies import bytes_body
from lienthong.connector.client import Sent
from lienthong.connector.compose import Attachment
from lienthong.connector.errors import AxisRefused
from lienthong.wire.acknowledgement import Outcome

SENDER, FIRST, SECOND = AGENCIES[0], AGENCIES[1], AGENCIES[2]


def send(party: Party, to: str, data: bytes) -> Sent:
    return party.client.send(document([to]), [Attachment("toàn văn.pdf", data)])


def lease(party: Party, **asked: Any) -> list[dict[str, Any]]:
    body = bytes_body(json.dumps({"agencies": [party.agency], "max": 20, "wait": 0} | asked).encode())
    answer = party.client.connection.request("POST", "/v1/inbox/leases", body=body).json()
    return list(answer["leases"])


def test_a_document_is_handed_over_once_and_its_statuses_come_back(town: Town, tmp_path: Path) -> None:
    sender, first = town.parties[SENDER], town.parties[FIRST]
    sent = send(sender, FIRST, b"%PDF-1.7 noi dung mau")
    received = list(first.client.receive(wait=10))
    assert [r.lease.envelope.id for r in received] == [sent.envelope.id]
    assert received[0].files[1].read_bytes() == b"%PDF-1.7 noi dung mau"
    taken = first.client.take(received[0])
    assert first.client.take(received[0])["evidence"] == taken["evidence"]
    assert first.client.lease() == []
    original = first.client.original_in(received[0].folder)
    for code in (1, 3, 5):
        first.client.report_status(original, code, "")
    codes: list[int] = []
    until = time.monotonic() + 20
    while len(codes) < 3 and time.monotonic() < until:
        for back in sender.client.receive(wait=2):
            codes.append(back.packet.status_code)  # type: ignore[union-attr]
            sender.client.take(back)
    assert codes == [1, 3, 5], "in the order in which they were reported"
    story = sender.client.trace(SENDER, envelope_id=str(sent.envelope.id))
    assert [row["code"] for row in story["statuses"]] == ["01", "03", "05"]
    assert story["recipients"][0]["state"] == "delivered"
    page = sender.client.outbox()
    row = next(row for row in page["envelopes"] if row["id"] == str(sent.envelope.id))
    assert row["deliveries"][0]["status"] == "05"


def test_a_long_poll_is_woken_by_what_arrives(town: Town) -> None:
    sender, second = town.parties[SENDER], town.parties[SECOND]
    found: list[float] = []

    def wait() -> None:
        assert lease(second, wait=20)
        found.append(time.monotonic())

    waiting = threading.Thread(target=wait)
    waiting.start()
    time.sleep(1.5)
    send(sender, SECOND, b"%PDF-1.7 khan")
    answered = time.monotonic()
    waiting.join(20)
    assert found and found[0] - answered < 0.2


def test_parts_are_downloaded_with_ranges_by_the_lease_holder_only(town: Town) -> None:
    sender, first, second = (town.parties[code] for code in (SENDER, FIRST, SECOND))
    data = bytes(range(256)) * 8000
    send(sender, FIRST, data)
    row = lease(first, wait=10)[0]
    path, query = f"/v1/deliveries/{row['delivery']}/parts/1", {"fence": str(row["fence"])}
    whole = first.client.connection.request("GET", path, query)
    assert whole.content == data and whole.headers["accept-ranges"] == "bytes"
    rest = first.client.connection.request("GET", path, query, headers={"Range": "bytes=2000000-"})
    assert rest.status_code == 206 and rest.content == data[2_000_000:]
    some = first.client.connection.request("GET", path, query, headers={"Range": "bytes=5-9"})
    assert (some.content, some.headers["content-range"]) == (data[5:10], f"bytes 5-9/{len(data)}")
    for party, asked, headers, code in (
        (first, query, {"Range": "bytes=9999999-"}, "RANGE_NOT_POSSIBLE"),
        (first, {"fence": "99"}, {}, "LEASE_LOST"),
        (second, query, {}, "DELIVERY_UNKNOWN"),
    ):
        with pytest.raises(AxisRefused) as refused:
            party.client.connection.request("GET", path, asked, headers=headers)
        assert refused.value.code == code
    packet = first.client.connection.request("GET", f"/v1/deliveries/{row['delivery']}/packet", query)
    assert data in packet.content and packet.headers["content-type"].startswith("multipart/related")


def test_a_batch_answers_each_acknowledgement_for_itself(town: Town) -> None:
    sender, first = town.parties[SENDER], town.parties[FIRST]
    send(sender, FIRST, b"%PDF-1.7 mot")
    found = first.client.lease(wait=10)
    tokens = [first.client._sign_ack(row, Outcome.TAKEN, None) for row in found]
    body = bytes_body(json.dumps({"acknowledgements": ["khong.phai.jws", *tokens]}).encode())
    results = first.client.connection.request("POST", "/v1/inbox/acknowledgements", body=body).json()["results"]
    assert results[0]["error"]["code"] == "JWS_MALFORMED" and results[0]["error"]["title_vi"]
    assert all(row["result"] == "delivered" and row["evidence"] for row in results[1:]) and len(results) > 1


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"max": 0}, "REQUEST_MALFORMED"),
        ({"wait": 61}, "REQUEST_MALFORMED"),
        ({"lease_seconds": 5}, "REQUEST_MALFORMED"),
        ({"other": 1}, "REQUEST_MALFORMED"),
        ({"agencies": [SECOND]}, "AGENCY_NOT_SERVED"),
    ],
)
def test_a_wrong_question_is_refused_by_name(town: Town, asked: dict[str, Any], code: str) -> None:
    with pytest.raises(AxisRefused) as refused:
        lease(town.parties[FIRST], **asked)
    assert refused.value.code == code


def test_only_the_operator_sees_the_conservation_law_and_it_holds(town: Town) -> None:
    until = time.monotonic() + 30
    found: dict[str, Any] = {}
    while not found.get("accepted") and time.monotonic() < until:
        try:
            found = town.axis.operator.get_json("/v1/operator/conservation")
        except AxisRefused as refused:
            assert refused.code == "NOT_FOUND"
            time.sleep(0.5)
    assert found["holds"] and found["evidence_holds"]
    ends = sum(found[name] for name in ("delivered", "pending", "refused", "expired", "recalled"))
    assert found["accepted"] == ends > 0
    assert town.axis.operator.get_json("/v1/operator/quarantine") == {"deliveries": []}
    with pytest.raises(AxisRefused) as refused:
        town.parties[FIRST].client.connection.get_json("/v1/operator/conservation")
    assert refused.value.code == "OPERATOR_ONLY"
