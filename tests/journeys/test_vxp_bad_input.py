"""What the face of the national SDK refuses: in the library's own words, with a code, nothing stored, no secret logged."""

from __future__ import annotations

import io
import os
import socket
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from axis_process import agency_row, rows, wait_for
from fixtures_axis import Town
from lienthong.connector.errors import AxisRefused
from lienthong.edxml.model import ManifestEntry
from lienthong.wire.vxp.sdk import SdkRequest
from vxp_client import Sdk, add_connection, operate, read_answer, sdk
from vxp_world import document_packet, edxml, status

VXP, OTHER, THIRD, LOCKED = "000.00.00.H29", "000.00.00.H15", "000.00.00.H26", "000.00.00.H99"
TABLES = ("envelope", "delivery", "event", "part", "post", "refusal", "upload", "directory_change")


@dataclass
class Place:
    town: Town
    secret: str

    def sdk(self, **more: Any) -> Sdk:
        return sdk(self.town.axis, VXP, self.secret, **more)

    def kept(self) -> dict[str, int]:
        """How much there is: rows of every table, files of every folder of blobs."""
        found = {name: int(rows(self.town.axis.database, f"SELECT count(*) FROM {name}")[0][0]) for name in TABLES}
        found["files"] = sum(path.is_file() for path in self.town.axis.blobs.rglob("*"))
        return found


@pytest.fixture(scope="module")
def place(town: Town) -> Iterator[Place]:
    secret = add_connection(town.axis, VXP, agencies=[VXP])
    town.axis.change_directory([agency_row(LOCKED, "Cơ quan bị khóa", status="locked")])
    made = Place(town, secret)
    client = made.sdk()
    ready = lambda: any(LOCKED in str(x) for x in rows(town.axis.database, "SELECT key FROM directory_row"))  # noqa: E731
    wait_for(ready, "the locked agency is in the directory")
    client.ok(client.service.received("edoc"))
    time.sleep(1.5)
    yield made


@pytest.fixture(autouse=True)
def nothing_is_kept(place: Place) -> Iterator[None]:
    before = place.kept()
    yield
    wait_for(lambda: place.kept() == before, f"{before} again, not {place.kept()}", 5)
    log = "".join(path.read_text("utf-8", "replace") for path in place.town.axis.root.glob("*.log"))
    assert place.secret not in log
    assert "hash-header" not in log


def code_of(found: dict[str, Any]) -> str:
    return str(found["ErrorDesc"].rpartition("[")[2].rstrip("]"))


def refused(client: Sdk, request: SdkRequest) -> tuple[str, str]:
    found = client.fails(request)
    return found["ErrorCode"], code_of(found)


def raw() -> bytes:
    return edxml(document_packet(VXP, [OTHER]))


@pytest.mark.parametrize("operation", ["sendEdoc", "getReceivedEdocList", "getAgenciesList"])
def test_a_wrong_secret(place: Place, operation: str) -> None:
    client = sdk(place.town.axis, VXP, "khong-phai-bi-mat")
    request = client.service.send(raw(), VXP, "edoc") if operation == "sendEdoc" else client.service.request(operation)
    assert refused(client, request) == ("15", "CREDENTIALS_WRONG")


def test_an_unknown_system_hears_the_same_as_one_with_a_wrong_secret(place: Place) -> None:
    for name in ("khong-co", "sys-000.00.00.H15", "operator"):
        client = sdk(place.town.axis, name, place.secret)
        assert refused(client, client.service.received("edoc")) == ("15", "CREDENTIALS_WRONG")


def test_a_timestamp_of_the_future_beyond_every_zone(place: Place) -> None:
    client = place.sdk(at=datetime.now(UTC) + timedelta(hours=15))
    assert refused(client, client.service.send(raw(), VXP, "edoc")) == ("100", "VXP_TIMESTAMP_AHEAD")


def test_a_signature_over_other_headers(place: Place) -> None:
    client = place.sdk()
    good = client.service.send(raw(), VXP, "edoc")
    forged = replace(
        good, head=good.head.replace(f"XroadVnpt-from: {VXP}".encode(), f"XroadVnpt-from: {OTHER}".encode())
    )
    assert refused(client, forged) == ("15", "VXP_HEADERS_NOT_SIGNED")


@pytest.mark.parametrize(
    "line", [b"XroadVnpt-from: x\r\n", b"xroadvnpt-systemid: 000.00.00.G22\r\n", b"XROADVNPT-STATUS: done\r\n"]
)
def test_a_header_that_somebody_slipped_in(place: Place, line: bytes) -> None:
    client = place.sdk()
    good = client.service.get("x")
    assert refused(client, replace(good, head=good.head.replace(b"User-Agent", line + b"User-Agent"))) == (
        "15",
        "VXP_HEADERS_NOT_SIGNED",
    )


def test_a_line_end_inside_a_parameter_does_not_make_a_header(place: Place) -> None:
    client = place.sdk()
    request = client.service.request("getEdoc", {"docId": "x\r\nXroadVnpt-from: 000.00.00.G22"}, b"{}")
    assert refused(client, request)[1] in {"VXP_HEADERS_NOT_SIGNED", "VXP_HEADERS_MALFORMED"}


def test_an_unknown_recipient(place: Place) -> None:
    client = place.sdk()
    assert refused(client, client.service.send(edxml(document_packet(VXP, ["000.00.00.G98"])), VXP, "edoc")) == (
        "18",
        "RECIPIENTS_REFUSED",
    )


def test_a_locked_recipient(place: Place) -> None:
    client = place.sdk()
    assert refused(client, client.service.send(edxml(document_packet(VXP, [LOCKED])), VXP, "edoc")) == (
        "23",
        "RECIPIENTS_REFUSED",
    )


def test_a_code_of_somebody_else_as_sender(place: Place) -> None:
    client = place.sdk()
    assert refused(client, client.service.send(edxml(document_packet(OTHER, [THIRD])), OTHER, "edoc")) == (
        "19",
        "SENDER_NOT_ALLOWED",
    )
    assert refused(client, client.service.send(edxml(document_packet(OTHER, [THIRD])), VXP, "edoc")) == (
        "22",
        "HEADER_DISAGREES",
    )


def test_a_wrong_hash_file(place: Place) -> None:
    client = place.sdk()
    good = client.service.send(raw(), VXP, "edoc")
    assert refused(client, replace(good, body=good.body.replace(b"VXP-VP", b"VXP-XX"))) == ("10", "VXP_HASH_FILE_WRONG")
    client.service.parameters["hash-file"] = ""
    request = client.service.request("sendEdoc", body=raw(), content_type="application/octet-stream", stack="jdk")
    assert refused(client, request) == ("10", "VXP_HASH_FILE_WRONG")


def test_base64_that_was_cut(place: Place) -> None:
    client = place.sdk()
    content = raw().replace(b"</edXML:ContentTransferEncoded>", b"A</edXML:ContentTransferEncoded>")
    assert refused(client, client.service.send(content, VXP, "edoc")) == ("21", "EDXML_BASE64")


def test_a_bomb_inside_an_attachment(place: Place) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.xls", bytes(50_000_000))
    packet = replace(document_packet(VXP, [OTHER]), manifest=(ManifestEntry("a", "a.xls", "application/zip"),))
    client = place.sdk()
    assert refused(client, client.service.send(edxml(packet, [out.getvalue()]), VXP, "edoc"))[1] == "EDXML_ZIP_BOMB"


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"<a/>", "<?xml version='1.0'?><edXML>đ".encode("utf-16"), b"<!DOCTYPE a><a/>", os.urandom(1000)],
)
def test_what_is_no_packet(place: Place, content: bytes) -> None:
    client = place.sdk()
    number, code = refused(client, client.service.send(content, VXP, "edoc"))
    assert number in {"10", "21", "22"}
    assert code.startswith("EDXML_")


def test_a_packet_that_is_not_utf_8(place: Place) -> None:
    client = place.sdk()
    content = raw().replace("kiểm".encode(), "kiểm".encode()[:-1] + b"\xff")
    assert refused(client, client.service.send(content, VXP, "edoc"))[0] in {"10", "21", "22"}


def test_a_status_that_calls_itself_a_document_and_the_other_way_round(place: Place) -> None:
    client, packet = place.sdk(), document_packet(OTHER, [VXP])
    assert refused(client, client.service.send(status(VXP, packet, 3), VXP, "edoc")) == ("22", "HEADER_DISAGREES")
    assert refused(client, client.service.send(raw(), VXP, "status")) == ("22", "HEADER_DISAGREES")


def test_a_body_of_a_gigabyte_is_refused_before_it_comes(place: Place) -> None:
    client = place.sdk()
    good = client.service.send(raw(), VXP, "edoc")
    length = f"Content-Length: {len(good.body)}".encode()
    assert length in good.head
    with socket.create_connection(("127.0.0.1", place.town.axis.port), timeout=10) as line:
        line.sendall(good.head.replace(length, b"Content-Length: 1073741824"))
        found = read_answer(line).json
    assert (found["ErrorCode"], code_of(found)) == ("10", "BODY_TOO_LARGE")


def test_a_body_that_ends_too_soon_leaves_nothing(place: Place) -> None:
    good = place.sdk().service.send(raw(), VXP, "edoc")
    with socket.create_connection(("127.0.0.1", place.town.axis.port), timeout=10) as line:
        line.sendall(good.head + good.body[:2000])


@pytest.mark.parametrize(
    "body",
    ["{", "[]", "null", '{"code":1}', '{"code":"000.01.00.H29","name":"Phòng","mail":"x","pcode":"000.00.00.H29"}'],
)
def test_a_registration_that_is_not_one(place: Place, body: str) -> None:
    client = place.sdk()
    assert refused(client, client.service.register(body))[1] in {"REQUEST_MALFORMED", "AGENCY_FORM_WRONG"}


def test_a_registration_outside_of_the_own_branch(place: Place) -> None:
    client = place.sdk()
    body = '{"code":"%s","name":"Phòng Mẫu","mail":"a@b.example","pcode":"%s"}'
    assert refused(client, client.service.register(body % ("000.01.00.H15", OTHER)))[1] == "AGENCY_NOT_BELOW"
    assert refused(client, client.service.register(body % ("000.01.00.H29", VXP)))[1] == "AGENCY_NOT_BELOW"
    for code in (OTHER, VXP, "khong-co", ""):
        assert refused(client, client.service.delete(code))[1] == "AGENCY_NOT_BELOW"


def test_names_that_are_nobody_s_or_somebody_else_s(place: Place) -> None:
    client = place.sdk()
    for name in (
        "",
        "x",
        "0190a7c0-0000-8000-8000-000000000001",
        "0190a7c0-0000-7000-8000-000000000001",
        "../../etc/passwd",
    ):
        assert refused(client, client.service.get(name))[1] == "DELIVERY_UNKNOWN"
        for wanted in ("done", "fail", "processing"):
            assert refused(client, client.service.update(name, wanted))[1] == "DELIVERY_UNKNOWN"


def test_two_connections_for_one_code(place: Place) -> None:
    with pytest.raises(AxisRefused) as caught:
        add_connection(place.town.axis, "vxp.saas.09", agencies=[VXP])
    assert caught.value.code == "CONNECTION_CODE_CLAIMED"
    with pytest.raises(AxisRefused):
        add_connection(place.town.axis, VXP, agencies=[VXP])
    with pytest.raises(AxisRefused):
        operate(place.town.axis, "khong-co/rotate")
