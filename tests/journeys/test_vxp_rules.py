"""The rules for a compatible server, each with the very bytes that the vendor's library sends (exchange facts §2.1)."""

from __future__ import annotations

import base64
import hashlib
import json
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from axis_process import Party, document, rows
from fixtures_axis import Town
from lienthong.edxml.model import StatusVariant
from lienthong.wire.vxp.files import unpadded
from lienthong.wire.vxp.sdk import SdkRequest
from vxp_client import Answer, Sdk, add_connection, exchange, operate, read_answer, sdk
from vxp_world import document_packet, edxml, status

VXP, OTHER, THIRD = "000.00.00.H29", "000.00.00.H15", "000.00.00.H26"


@dataclass
class Place:
    town: Town
    secret: str

    def sdk(self, **more: Any) -> Sdk:
        return sdk(self.town.axis, VXP, self.secret, **more)

    @property
    def native(self) -> Party:
        return self.town.parties[OTHER]

    def deliver(self, **more: Any) -> str:
        """One more native document for the VXP system; its name on the list."""
        before = {row["docId"] for row in self.listed()}
        self.native.client.send(document([VXP], **more))
        [name] = {row["docId"] for row in self.listed()} - before
        return str(name)

    def listed(self, kind: str = "edoc") -> list[dict[str, Any]]:
        client = self.sdk()
        return list(client.ok(client.service.received(kind))["data"])

    def envelopes(self) -> int:
        return int(rows(self.town.axis.database, "SELECT count(*) FROM envelope")[0][0])


@pytest.fixture(scope="module")
def place(town: Town) -> Iterator[Place]:
    yield Place(town, add_connection(town.axis, VXP, agencies=[VXP]))


# --- 1: repeated timestamps and signatures -----------------------------------------------------------------------


def test_the_same_bytes_twice_and_a_timestamp_of_spring_are_answered(place: Place) -> None:
    client = place.sdk(at=datetime.now(UTC) - timedelta(days=200))
    first, second = client.service.received("edoc"), client.service.received("edoc")
    assert first.whole == second.whole
    assert client.ok(first)["data"] == client.ok(second)["data"]


def test_the_same_file_posted_again_has_the_same_name_and_one_delivery(place: Place) -> None:
    client, raw = place.sdk(), edxml(document_packet(VXP, [OTHER]))
    request = client.service.send(raw, VXP, "edoc")
    before = place.envelopes()
    names = {client.ok(request)["DocId"] for _ in range(3)}
    assert len(names) == 1
    assert place.envelopes() == before + 1


def test_the_same_file_in_another_session_is_judged_by_its_document_identifier(place: Place) -> None:
    raw = edxml(document_packet(VXP, [OTHER]))
    first, later = place.sdk(), place.sdk(at=datetime.now(UTC) + timedelta(seconds=5))
    one = first.ok(first.service.send(raw, VXP, "edoc"))["DocId"]
    other = later.ok(later.service.send(raw, VXP, "edoc"))["DocId"]
    assert one != other, "a document that is sent again on purpose is a new envelope"
    packet = document_packet(VXP, [OTHER])
    first.ok(first.service.send(edxml(packet), VXP, "edoc"))
    assert "[DOCUMENT_ID_REUSED]" in later.fails(later.service.send(edxml(packet), VXP, "edoc"))["ErrorDesc"]


# --- 2 and "stale identifiers" -----------------------------------------------------------------------------------


def test_get_takes_the_documented_spelling_although_a_leftover_stands_beside_it(place: Place) -> None:
    first, second = place.deliver(subject="Thứ nhất"), place.deliver(subject="Thứ hai")
    client = place.sdk()
    client.ok(client.service.get(first))
    client.ok(client.service.update(first, "done"))
    request = client.service.get(second)
    assert f"XroadVnpt-docid: {first}" in request.head.decode()
    assert "Thứ hai".encode() in base64.b64decode(client.ok(request)["data"])
    client.ok(client.service.update(second, "done"))
    assert {first, second} & {row["docId"] for row in place.listed()} == set()


def test_the_other_spelling_alone_counts_too(place: Place) -> None:
    name, client = place.deliver(), place.sdk()
    got = client.ok(client.service.request("getEdoc", {"docid": name}, b"{}"))
    assert got["data"]
    client = place.sdk()
    client.ok(client.service.request("updateStatus", {"docId": name, "Status": "DONE"}, b"{}"))
    assert name not in {row["docId"] for row in place.listed()}


# --- 3 and "stale filters" ---------------------------------------------------------------------------------------


def test_leftovers_of_earlier_calls_filter_no_list(place: Place) -> None:
    name, client = place.deliver(), place.sdk()
    client.ok(client.service.send(edxml(document_packet(VXP, [THIRD])), VXP, "edoc", [THIRD]))
    client.ok(client.service.get(name))
    client.ok(client.service.update(name, "processing"))
    client.ok(client.service.received("edoc", ("01/01/2020 00:00:00", "02/01/2020 00:00:00")))
    request = client.service.received("edoc")
    for leftover in ("from", "to", "status", "docId", "docid", "hash-file", "fromDate"):
        assert f"XroadVnpt-{leftover}: " in request.head.decode()
    assert name in {row["docId"] for row in client.ok(request)["data"]}
    client.ok(client.service.update(name, "done"))


def test_software_that_is_not_the_library_means_its_filters(place: Place) -> None:
    names = [place.deliver(), place.deliver()]
    client = place.sdk()
    client.service.parameters.update({"from": OTHER, "pageSize": "1", "pageIndex": "2"})
    request = client.service.received("edoc")
    other = SdkRequest(request.head.replace(b"JAVASDKAgent", b"CongTinh"), b"", False, "apache")
    assert len(client.ok(other)["data"]) == 1
    client.service.parameters["from"] = THIRD
    request = client.service.received("edoc")
    assert client.ok(SdkRequest(request.head.replace(b"JAVASDKAgent", b"CongTinh"), b"", False, "apache"))["data"] == []
    for name in names:
        client.ok(client.service.get(name))
        client.ok(client.service.update(name, "done"))


# --- 4 and "stale receivers", "stale hash-file" ------------------------------------------------------------------


def recipients_of(place: Place, name: str) -> set[str]:
    found = rows(
        place.town.axis.database,
        "SELECT d.addressed_to FROM delivery d JOIN envelope e USING (envelope_no) WHERE e.envelope_id = %s", name,
    )  # fmt: skip
    return {row[0] for row in found}


def test_receivers_in_the_header_count_only_as_a_part_of_those_in_the_file(place: Place) -> None:
    client = place.sdk()
    both = edxml(document_packet(VXP, [OTHER, THIRD]))
    part = client.ok(client.service.send(both, VXP, "edoc", [THIRD]))["DocId"]
    assert recipients_of(place, part) == {THIRD}
    stale = client.service.send(edxml(document_packet(VXP, [OTHER])), VXP, "edoc")
    assert b'XroadVnpt-to: ["000.00.00.H26"]' in stale.head
    assert recipients_of(place, client.ok(stale)["DocId"]) == {OTHER}


@pytest.mark.parametrize("to", ["not json", "{}", "[1]", '["000.00.00.G99"]', "[]"])
def test_receivers_that_are_no_list_of_the_file_s_receivers_say_nothing(place: Place, to: str) -> None:
    client = place.sdk()
    client.service.parameters["to"] = to
    name = client.ok(client.service.send(edxml(document_packet(VXP, [OTHER])), VXP, "edoc"))["DocId"]
    assert recipients_of(place, name) == {OTHER}


# --- 5: 100 Continue, empty bodies, doubled slashes, large heads, abandoned connections --------------------------


def test_a_client_that_waits_for_100_continue_gets_it_at_once(place: Place) -> None:
    name, client = place.deliver(), place.sdk()
    for request in (client.service.get(name), client.service.update(name, "done")):
        assert request.expects
        answer = client.call(request)
        assert answer.json["status"] == "OK"
        assert answer.continued is not None
        assert answer.continued < 1.0


def test_an_endpoint_that_ends_in_a_slash_makes_two_and_works(place: Place) -> None:
    client = place.sdk(endpoint="/vxp/")
    request = client.service.send(edxml(document_packet(VXP, [OTHER])), VXP, "edoc")
    assert request.head.startswith(b"POST /vxp//sendEdoc HTTP/1.1\r\n")
    assert client.ok(request)["DocId"]
    assert client.service.received("edoc").head.startswith(b"POST /vxp/getReceivedEdocList HTTP/1.1\r\n")


def test_a_head_with_thousands_of_receivers_is_read_on_every_later_call(place: Place) -> None:
    client = place.sdk()
    many = [OTHER, *(f"000.{n // 100:02d}.{n % 100:02d}.X99" for n in range(3400))]
    client.ok(client.service.send(edxml(document_packet(VXP, [OTHER])), VXP, "edoc", many))
    later = client.service.received("edoc")
    assert len(later.head) > 110_000
    assert max(map(len, later.head.split(b"\r\n"))) > 60_000
    assert client.ok(later)["data"] is not None


def test_a_stranger_s_large_head_is_refused_elsewhere(place: Place) -> None:
    for path, size, most in (("/health", 70_000, 431), ("/vxp/getEdoc", 300_000, 431)):
        with socket.create_connection(("127.0.0.1", place.town.axis.port), timeout=20) as line:
            line.sendall(f"GET {path} HTTP/1.1\r\nHost: a\r\nX-Long: {'x' * size}".encode())
            assert line.recv(100).startswith(f"HTTP/1.1 {most}".encode())


def test_many_large_heads_at_once_are_not_all_held(place: Place) -> None:
    lines = [socket.create_connection(("127.0.0.1", place.town.axis.port), timeout=20) for _ in range(70)]
    try:
        for line in lines:
            line.sendall(b"GET /vxp/getEdoc HTTP/1.1\r\nHost: a\r\nX-Long: " + b"x" * 70_000)
        refused = 0
        time.sleep(1.0)
        for line in lines:
            line.settimeout(0.05)
            try:
                refused += line.recv(100).startswith(b"HTTP/1.1 431")
            except TimeoutError:
                continue
        assert 1 <= refused <= 10
    finally:
        for line in lines:
            line.close()
    client = place.sdk()
    assert client.ok(client.service.received("edoc"))["status"] == "OK"


def test_get_and_post_work_where_the_library_declares_one_and_sends_the_other(place: Place) -> None:
    client = place.sdk()
    for kind, name in (("edoc", "countReceiveEdoc"), ("status", "countReceiveStatus")):
        posted = client.ok(client.service.count(name, kind))["count"]
        got = client.ok(client.service.request(name, method="GET"))["count"]
        assert posted == got == len(place.listed(kind))


# --- 6: answers --------------------------------------------------------------------------------------------------


def test_every_refusal_is_an_answer_that_the_library_can_read(place: Place) -> None:
    client = place.sdk()
    service = client.service
    for request in (
        service.get("khong-co"), service.update("khong-co", "done"), service.request("khongCo", body=b"{}"),
        service.send(b"<a/>", VXP, "edoc"), service.request("getReceivedEdocList", {"messagetype": "x"}),
        service.register("{"), service.delete("x"), service.request("updateStatus", {"docid": "x", "status": "y"}, b"{}"),
    ):  # fmt: skip
        answer = client.call(request)
        found = answer.json
        assert found["status"] == "FAIL"
        assert found["DocId"] == ""
        assert found["data"] in ("", [])
        assert answer.headers["content-type"].startswith("application/json")


def test_a_list_that_is_refused_has_a_list(place: Place) -> None:
    client = place.sdk()
    assert client.fails(client.service.request("getReceivedEdocList", {"messagetype": "x"}))["data"] == []


def test_a_download_that_is_refused_has_no_body_at_all(place: Place) -> None:
    client = place.sdk()
    answer = client.call(client.service.download("khong-co"))
    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers["lienthong-error"] == "DELIVERY_UNKNOWN"


def test_a_download_is_the_file_as_it_is(place: Place) -> None:
    name, client = place.deliver(), place.sdk()
    raw = client.call(client.service.download(name)).body
    assert raw == base64.b64decode(client.ok(client.service.get(name))["data"])
    client.ok(client.service.update(name, "done"))


# --- 7: identifiers, encodings, one CRLF -------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["unpadded", "padded", "upper"])
def test_the_digest_of_the_file_counts_in_every_written_form(place: Place, form: str) -> None:
    client, raw = place.sdk(), edxml(document_packet(VXP, [OTHER]))
    digest = hashlib.sha256(raw).digest()
    written = {"unpadded": unpadded(digest), "padded": digest.hex(), "upper": digest.hex().upper()}[form]
    client.service.send(raw, VXP, "edoc")
    given = {"hash-file": written}
    request = client.service.request(
        "sendEdoc", given, raw + b"\r\n", content_type="application/octet-stream", stack="jdk"
    )
    assert client.ok(request)["DocId"]


def test_a_body_without_the_line_end_or_with_one_that_belongs_to_the_file_is_taken(place: Place) -> None:
    client = place.sdk()
    for end in (b"", b"\r\n"):
        raw = edxml(document_packet(VXP, [OTHER])) + end
        client.service.send(raw, VXP, "edoc")
        request = client.service.request("sendEdoc", body=raw, content_type="application/octet-stream", stack="jdk")
        assert client.call(request).json["status"] == "OK"


def test_a_true_form_is_taken_as_well(place: Place) -> None:
    client, packet = place.sdk(), document_packet(VXP, [OTHER])
    raw = edxml(packet)
    client.service.send(raw, VXP, "edoc")
    body = (
        b'--xyz\r\nContent-Disposition: form-data; name="note"\r\n\r\nx\r\n--xyz\r\nContent-Disposition: form-data; '
        b'name="file_doc"; filename="a.edxml"\r\nContent-Type: application/octet-stream\r\n\r\n'
        + raw
        + b"\r\n--xyz--\r\n"
    )
    request = client.service.request(
        "sendEdoc", body=body, content_type="multipart/form-data; boundary=xyz", stack="jdk"
    )
    name = client.ok(request)["DocId"]
    [stored] = rows(
        place.town.axis.database,
        "SELECT p.sha256 FROM part p JOIN envelope e USING (envelope_no) WHERE e.envelope_id = %s",
        name,
    )
    assert bytes(stored[0]) == hashlib.sha256(raw).digest()


# --- connection, rate, order of the library ----------------------------------------------------------------------


def test_the_library_s_silent_second_post_after_a_cut_connection_makes_one_delivery(place: Place) -> None:
    client, raw = place.sdk(), edxml(document_packet(VXP, [OTHER]))
    request = client.service.send(raw, VXP, "edoc")
    before = place.envelopes()
    with socket.create_connection(("127.0.0.1", place.town.axis.port)) as line:
        line.sendall(request.whole)
    answer: Answer = exchange(place.town.axis.port, request)
    assert answer.json["status"] == "OK"
    time.sleep(0.3)
    assert place.envelopes() == before + 1


def test_a_connection_that_stays_open_serves_the_next_post(place: Place) -> None:
    client = place.sdk()
    with socket.create_connection(("127.0.0.1", place.town.axis.port), timeout=20) as line:
        for _ in range(2):
            line.sendall(client.service.send(edxml(document_packet(VXP, [OTHER])), VXP, "edoc").whole)
            assert json.loads(read_answer(line).body)["status"] == "OK"


def test_a_status_is_written_in_the_form_that_the_connection_reads(place: Place) -> None:
    client, packet = place.sdk(), document_packet(VXP, [OTHER])
    client.ok(client.service.send(edxml(packet), VXP, "edoc"))
    [lease] = [each for each in place.native.client.lease(200) if each.envelope.document_id == packet.document_id]
    place.native.client.take(lease)
    from lienthong.connector.client import Original

    place.native.client.report_status(
        Original(packet.sender.organ_id, packet.document_id, packet.code.full, packet.promulgation_date), 1
    )
    [row] = place.listed("status")
    for form, mark in (("S", b"edXML:Status>"), ("M", b"edXML:MessageHeader>")):
        operate(place.town.axis, f"{VXP}/settings", {"status_form": form})
        assert mark in base64.b64decode(client.ok(client.service.get(row["docId"]))["data"])
    client.ok(client.service.update(row["docId"], "done"))


@pytest.mark.parametrize("form", list(StatusVariant))
def test_a_status_in_either_form_reaches_its_issuer(place: Place, form: StatusVariant) -> None:
    sent = place.native.client.send(document([VXP], subject="Báo trạng thái"))
    client = place.sdk()
    for row in place.listed():
        client.ok(client.service.get(row["docId"]))
        client.ok(client.service.update(row["docId"], "done"))
    found = place.native.client.find_sent(sent.envelope.document_id)
    assert found is not None
    client.ok(client.service.send(status(VXP, found[1], 3, form), VXP, "status"))
    received = [each for each in place.native.client.receive(200) if each.lease.envelope.kind.value == "status"]
    assert [each.packet.status_code for each in received] == [3]  # type: ignore[union-attr]
    for each in received:
        place.native.client.take(each)
