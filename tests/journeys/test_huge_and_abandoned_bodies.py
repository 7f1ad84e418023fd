"""A body of a gigabyte, announced or not, and clients that leave in the middle: refused early, nothing kept, no growth."""

from __future__ import annotations

import json
import os
import socket
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from axis_process import Process, wait_for
from faults_invariants import stored
from fixtures_axis import Town
from flooding import Flood, flood
from lgsp_client import Gateway, form, form_headers, gateway
from lienthong.infra.http_limits import HttpLimits
from vxp_client import Sdk, add_connection, read_answer, sdk
from vxp_world import document_packet, edxml

VXP, GATE, OTHER = "000.00.00.H29", "000.00.00.H26", "000.00.00.H15"
GIGABYTE, MEGABYTE = 1 << 30, 1 << 20
TAKEN = HttpLimits().linger_bytes + 8 * MEGABYTE
"""What is thrown away for the sake of clients that read late, and what both sides' sockets hold."""
GROWTH = 16 * MEGABYTE


@dataclass
class Place:
    town: Town
    sdk: Sdk
    gate: Gateway

    @property
    def port(self) -> int:
        return self.town.axis.port

    @property
    def process(self) -> Process:
        return self.town.axis.processes["axis"]

    def handles(self) -> Counter[str]:
        """Open sockets and files of blobs of the axis."""
        found: Counter[str] = Counter()
        for each in Path(f"/proc/{self.process.pid}/fd").iterdir():
            try:
                name = os.readlink(each)
            except FileNotFoundError:
                continue
            found[name if name.startswith(str(self.town.axis.blobs)) else name.partition(":")[0]] += 1
        return Counter({name: n for name, n in found.items() if name == "socket" or "blobs" in name})

    def half_written(self) -> int:
        return sum(1 for _ in (self.town.axis.blobs / "tmp").iterdir())


@pytest.fixture(scope="module")
def place(town: Town) -> Iterator[Place]:
    secret = add_connection(town.axis, VXP, agencies=[VXP])
    made = Place(town, sdk(town.axis, VXP, secret), gateway(town.axis, "gate.h26", agencies=[GATE]))
    made.sdk.ok(made.sdk.service.send(edxml(document_packet(VXP, [OTHER])), VXP, "edoc"))
    made.gate.send(edxml(document_packet(GATE, [OTHER])))
    yield made


@pytest.fixture(autouse=True)
def nothing_is_kept(place: Place) -> Iterator[None]:
    before = stored(place.town.axis)
    yield
    wait_for(lambda: stored(place.town.axis) == before, "nothing is left behind", 10)


def vxp_head(place: Place, operation: str) -> tuple[bytes, int]:
    """The head of a request of the library, and the length that it announces."""
    service = place.sdk.service
    if operation == "sendEdoc":
        request = service.send(edxml(document_packet(VXP, [OTHER])), VXP, "edoc")
    else:
        request = service.agencies(operation)
    return request.head, len(request.body)


def lgsp_head(place: Place, operation: str) -> tuple[bytes, int]:
    """The head of a request of a gateway, and the length that it announces."""
    body = form(edxml(document_packet(GATE, [OTHER])))
    lines = [f"POST /lgsp/v1/{operation} HTTP/1.1", "Host: axis", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in form_headers(place.gate).items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode(), len(body)


def vxp_code(answer: bytes) -> str:
    return str(json.loads(answer)["ErrorDesc"].rpartition("[")[2].rstrip("]"))


def lgsp_code(answer: bytes) -> str:
    return str(json.loads(answer)["error"])


FACES: list[tuple[Callable[[Place, str], tuple[bytes, int]], str, Callable[[bytes], str]]] = [
    (vxp_head, "sendEdoc", vxp_code),
    (vxp_head, "getAgenciesList", vxp_code),
    (lgsp_head, "sendEdoc", lgsp_code),
    (lgsp_head, "updateStatus", lgsp_code),
]
NAMES = ["vxp-sendEdoc", "vxp-getAgenciesList", "lgsp-sendEdoc", "lgsp-updateStatus"]


def pour(place: Place, head: bytes, announced: int, *, chunked: bool) -> Flood:
    """A gigabyte under a request's head; what the axis's memory grew meanwhile is checked here."""
    length = f"Content-Length: {announced}".encode()
    assert length in head
    instead = b"Transfer-Encoding: chunked" if chunked else f"Content-Length: {GIGABYTE}".encode()
    before = place.process.peak()
    found = flood(place.port, head.replace(length, instead), GIGABYTE, chunked=chunked)
    assert place.process.peak() - before <= GROWTH
    return found


@pytest.mark.parametrize(("head_of", "operation", "code_of"), FACES, ids=NAMES)
@pytest.mark.parametrize("chunked", [False, True], ids=["announced", "not-announced"])
def test_a_gigabyte_is_refused_and_hung_up_on_before_it_has_come(
    place: Place,
    head_of: Callable[[Place, str], tuple[bytes, int]],
    operation: str,
    code_of: Callable[[bytes], str],
    chunked: bool,
) -> None:
    found = pour(place, *head_of(place, operation), chunked=chunked)
    assert code_of(found.body) == ("LENGTH_REQUIRED" if chunked else "BODY_TOO_LARGE")
    assert found.closed
    assert found.sent <= TAKEN
    assert found.seconds < 10


def test_many_gigabytes_one_after_another_cost_the_axis_nothing(place: Place) -> None:
    head, announced = vxp_head(place, "sendEdoc")
    before = place.handles()
    for _ in range(5):
        assert pour(place, head, announced, chunked=False).closed
    wait_for(lambda: place.handles()["socket"] <= before["socket"], "every connection is given back", 10)


def test_a_client_that_reads_only_when_it_has_sent_everything_still_hears_why(place: Place) -> None:
    head, announced = vxp_head(place, "sendEdoc")
    size = 180 * MEGABYTE  # as much as the library can send; its first bytes are refused
    head = head.replace(f"Content-Length: {announced}".encode(), f"Content-Length: {size}".encode())
    with socket.create_connection(("127.0.0.1", place.port), timeout=60) as line:
        line.sendall(head)
        for _ in range(size // MEGABYTE):
            line.sendall(bytes(MEGABYTE))
        assert vxp_code(read_answer(line).body) == "EDXML_NOT_UTF8"
        line.sendall(place.sdk.service.agencies().head)
        assert json.loads(read_answer(line).body)["status"] == "OK", "and the connection serves the next call"


def large(place: Place) -> tuple[bytes, bytes]:
    """Head and body of a packet that does not fit into memory on its way in."""
    request = place.sdk.service.send(edxml(document_packet(VXP, [OTHER]), [os.urandom(MEGABYTE)]), VXP, "edoc")
    return request.head, request.body


def half_way(place: Place) -> socket.socket:
    """A kept connection that served one call and has now brought half of a packet."""
    line = socket.create_connection(("127.0.0.1", place.port), timeout=60)
    line.sendall(place.sdk.service.agencies().head)
    assert json.loads(read_answer(line).body)["status"] == "OK"
    head, body = large(place)
    line.sendall(head + body[: len(body) // 2])
    return line


@pytest.mark.parametrize("rude", [False, True], ids=["closed", "reset"])
def test_clients_that_leave_a_kept_connection_in_the_middle_of_a_body_leave_nothing(place: Place, rude: bool) -> None:
    before, memory = place.handles(), place.process.resident()
    for _ in range(3):
        lines = [half_way(place) for _ in range(5)]
        wait_for(lambda: place.half_written() == 5, "the axis holds five halves", 10)
        for line in lines:
            if rude:
                # No last words: the axis hears of a connection that is not there any more.
                line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
            line.close()
        wait_for(lambda: place.half_written() == 0, "their bytes are gone", 10)
    wait_for(lambda: place.handles() <= before, f"{before} again", 10)
    assert place.process.resident() - memory <= GROWTH


def test_a_client_that_falls_silent_in_the_middle_of_a_body_is_hung_up_on(place: Place) -> None:
    before = place.handles()
    head, _ = large(place)
    lines = [half_way(place), socket.create_connection(("127.0.0.1", place.port), timeout=60)]
    lines[1].sendall(head + b"<")
    wait_for(lambda: place.half_written() == 1, "the axis holds a half", 10)
    for line in lines:
        assert vxp_code(read_answer(line).body) == "BODY_TOO_SLOW"
        assert line.recv(1) == b"", "the connection has ended"
        line.close()
    assert place.half_written() == 0
    wait_for(lambda: place.handles() <= before, f"{before} again", 10)
