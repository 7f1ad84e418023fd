"""The face of the national SDK under trouble: death between steps, large packets, a large directory."""

from __future__ import annotations

import base64
import hashlib
import os
import socket
import time
from itertools import pairwise
from pathlib import Path

import pytest

from axis_process import Installation, agency_row, document, rows
from lienthong.connector.compose import Attachment as File
from vxp_client import NoAnswer, add_connection, read_answer, sdk
from vxp_world import document_packet, edxml

VXP, OTHER = "000.00.00.H29", "000.00.00.H15"
LARGE = 100_000_000
GROWTH = 64 * 2**20


@pytest.mark.parametrize("step", ["post.claimed", "accept.before_commit", "accept.committed", "post.accepted"])
def test_an_axis_that_dies_at_any_step_gives_the_repeated_post_one_name_and_one_delivery(
    axis: Installation, step: str
) -> None:
    axis.bootstrap()
    axis.start("axis")
    secret = add_connection(axis, VXP, agencies=[VXP])
    axis.stop()
    axis.start("axis", kill_at=f"{step}:1")
    client = sdk(axis, VXP, secret)
    request = client.service.send(edxml(document_packet(VXP, [OTHER])), VXP, "edoc")
    with axis.keep_running("axis") as ended:
        with pytest.raises((NoAnswer, ConnectionError, AssertionError)):
            for _ in range(3):
                with socket.create_connection(("127.0.0.1", axis.port), timeout=20) as line:
                    line.sendall(request.whole)
                    assert read_answer(line).json["status"] != "OK"
        until = time.monotonic() + 30
        name = ""
        while time.monotonic() < until and not name:
            try:
                with socket.create_connection(("127.0.0.1", axis.port), timeout=20) as line:
                    line.sendall(request.whole)
                    name = read_answer(line).json["DocId"]
            except (NoAnswer, OSError):
                time.sleep(0.2)
        assert ended, "the axis was not killed"
    again = client.ok(request)["DocId"]
    assert again == name
    assert [str(row[0]) for row in rows(axis.database, "SELECT envelope_id FROM envelope")] == [name]
    assert rows(axis.database, "SELECT count(*) FROM delivery") == [(1,)]
    axis.stop()


def test_a_packet_of_a_hundred_megabytes_goes_through_in_little_memory_in_both_directions(axis: Installation) -> None:
    parties = axis.bootstrap()
    process = axis.start("axis")
    client = sdk(axis, VXP, add_connection(axis, VXP, agencies=[VXP]))
    other = sdk(axis, "vxp.saas.15", add_connection(axis, "vxp.saas.15", agencies=[OTHER]))
    for each in (client, other):
        each.patience = 120
    # Everything that is allocated once is allocated before it is measured.
    client.ok(client.service.send(edxml(document_packet(VXP, [OTHER])), VXP, "edoc"))
    [row] = other.ok(other.service.received("edoc"))["data"]
    other.ok(other.service.get(row["docId"]))
    other.ok(other.service.update(row["docId"], "done"))
    content = os.urandom(LARGE * 3 // 4)
    raw = edxml(document_packet(VXP, [OTHER]), [content])
    assert len(raw) > LARGE
    before = process.peak()
    client.ok(client.service.send(raw, VXP, "edoc"))
    sent = process.peak() - before
    [row] = other.ok(other.service.received("edoc"))["data"]
    answer = other.call(other.service.get(row["docId"]))
    got = base64.b64decode(answer.body[answer.body.index(b'"data":"') + 8 : -2])
    assert hashlib.sha256(got).digest() == hashlib.sha256(raw).digest()
    assert (
        hashlib.sha256(other.call(other.service.download(row["docId"])).body).digest() == hashlib.sha256(raw).digest()
    )
    other.ok(other.service.update(row["docId"], "done"))
    parties[OTHER].client.send(document([VXP]), [File("lon.pdf", content)])
    [row] = client.ok(client.service.received("edoc"))["data"]
    answer = client.call(client.service.get(row["docId"]))
    assert base64.b64encode(content) in base64.b64decode(answer.body[answer.body.index(b'"data":"') + 8 : -2])
    whole = process.peak() - before
    print(f"growth: {sent >> 20} MiB after sendEdoc, {whole >> 20} MiB after getEdoc in both forms")
    assert whole <= GROWTH, f"{whole >> 20} MiB"
    axis.stop()


def test_an_axis_that_dies_while_it_lends_a_packet_gives_it_again_and_takes_one_confirmation(
    axis: Installation,
) -> None:
    axis.bootstrap()
    axis.start("axis")
    sender = sdk(axis, VXP, add_connection(axis, VXP, agencies=[VXP]))
    secret = add_connection(axis, "vxp.saas.15", agencies=[OTHER])
    raw = edxml(document_packet(VXP, [OTHER]))
    sender.ok(sender.service.send(raw, VXP, "edoc"))
    axis.stop()
    axis.start("axis", kill_at="fetch.taken:1")
    with axis.keep_running("axis") as ended:
        name = sdk(axis, "vxp.saas.15", secret).ok(sdk(axis, "vxp.saas.15", secret).service.received("edoc"))["data"][
            0
        ]["docId"]
        until, got = time.monotonic() + 30, None
        while time.monotonic() < until and got is None:
            reader = sdk(axis, "vxp.saas.15", secret)
            try:
                got = base64.b64decode(reader.ok(reader.service.get(name))["data"])
            except (NoAnswer, OSError):
                time.sleep(0.2)
        assert ended, "the axis was not killed"
    assert got == raw
    reader = sdk(axis, "vxp.saas.15", secret)
    for _ in range(2):
        reader.ok(reader.service.update(name, "done"))
    assert rows(axis.database, "SELECT state FROM delivery") == [("delivered",)]
    axis.stop()


def cpu_seconds(pid: int) -> float:
    """Seconds of processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_a_hundred_and_twenty_five_thousand_agencies_are_listed_in_two_seconds_and_flat_memory(
    axis: Installation,
) -> None:
    axis.bootstrap()
    axis.change_directory(
        [
            agency_row(f"000.{n // 1000:02d}.{n % 1000:03d}.X00", f"Đơn vị mẫu số {n}", parent=VXP, email="a@b.example")
            for n in range(125_000)
        ]
    )
    process = axis.start("axis")
    client = sdk(axis, VXP, add_connection(axis, VXP, agencies=[VXP]))
    client.ok(client.service.agencies("getAgenciesListQD20"))
    before, spent = process.peak(), []
    used = [cpu_seconds(process.pid)]
    for operation in ("getAgenciesList", "getSynchronizeUnit", "getAgenciesListQD20"):
        began = time.monotonic()
        answer = client.call(client.service.agencies(operation))
        spent.append(time.monotonic() - began)
        used.append(cpu_seconds(process.pid))
        assert len(answer.json["data"]) >= 125_000
    axis.change_directory([agency_row(f"000.00.{n:03d}.X00", f"Tên mới {n}", parent=VXP) for n in range(100)])
    time.sleep(3)
    client.ok(client.service.agencies("getSynchronizeUnit"))
    began = time.monotonic()
    delta = client.ok(client.service.agencies("getSynchronizeUnit"))["data"]
    delta_seconds = time.monotonic() - began
    growth = process.peak() - before
    print(f"lists: {spent}, delta of {len(delta)}: {delta_seconds:.3f} s, growth {growth >> 20} MiB")
    assert growth < 48 * 2**20
    # What other programs of this machine do meanwhile says nothing about the axis: its own work is counted.
    work = [after - earlier for earlier, after in pairwise(used)]
    print(f"work of the axis: {work}")
    assert max(work) < 2.0
    assert len(delta) == 100
    axis.stop()
