"""A connector that runs by itself, over a real axis: jobs out, documents in, numbered events."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest

from axis_process import SOURCE, Installation, Party, attachment, document, wait_for
from courier_process import write_config
from fixtures_axis import Town
from lienthong.base.clock import SystemClock
from lienthong.base.errors import Refused
from lienthong.base.ids import AgencyCode
from lienthong.connector import Attachment, compose
from lienthong.connector.courier.engine import Courier
from lienthong.connector.courier.links import AxisLink, AxisSettings
from lienthong.connector.courier.model import (
    ChangeAnswer,
    ContentUpdate,
    FinishedPacket,
    Job,
    JobState,
    JobView,
    Recall,
    ReceivedView,
    ReceiverUpdate,
    ReplacingDocument,
)
from lienthong.connector.errors import DELIVERY_NOT_VALID
from lienthong.connector.receiving import Inbox
from lienthong.connector.spool import Spool
from lienthong.edxml.model import BusinessKind, DocumentPacket
from lienthong.edxml.writer import Packing, write_packet


@dataclass
class Pair:
    """Two couriers of two agencies, running."""

    here: Courier
    there: Courier
    sender: str
    recipient: str


def link_to(axis: Installation, party: Party, root: Path) -> AxisLink:
    settings = AxisSettings(axis.name, axis.url, axis.keys.receipt.public_key, 10)
    return AxisLink(settings, party.signer, root, Spool(root), Inbox(root), SystemClock())


@contextmanager
def courier_of(axis: Installation, party: Party, root: Path, **more: Any) -> Iterator[Courier]:
    with Courier(root, [link_to(axis, party, root)], [party.agency], wait=2, **more) as courier:
        yield courier


@contextmanager
def running(*couriers: Courier) -> Iterator[None]:
    stop = threading.Event()
    threads = [threading.Thread(target=courier.run, args=(stop,), daemon=True) for courier in couriers]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(20)


def types(courier: Courier) -> list[str]:
    return [event.type for event in courier.events(0, 1000)]


def until(courier: Courier, type_: str, count: int = 1) -> None:
    wait_for(lambda: types(courier).count(type_) >= count, f"{count} × {type_}; so far {types(courier)}", 30)


def test_a_job_leaves_arrives_and_is_answered(town: Town, tmp_path: Path) -> None:
    first, second, *_ = town
    with courier_of(town.axis, first, tmp_path / "1") as here, courier_of(town.axis, second, tmp_path / "2") as there:
        file = attachment("Quyết định.pdf")
        job = here.submit(Job(first.agency, document([second.agency]), [file], key="dms-1"))
        view = here.job(job)
        assert view is not None
        assert view.state is JobState.QUEUED
        with running(here, there):
            until(here, "job.sent")
            until(there, "document.received")
            (received,) = there.received()
            assert received.files[0].path.read_bytes() == file.content
            there.report(received.id, 1, "đã đến")
            until(here, "status.received")
            until(here, "delivery.delivered")
        sent = here.job(job)
        assert sent is not None
        assert sent.state is JobState.SENT
        assert sent.recipients[0].delivery == "delivered"
        assert sent.recipients[0].status == 1
        assert sent.envelopes[0].receipt is not None
        assert [event.number for event in here.events(0, 100)] == list(range(1, len(types(here)) + 1))


@pytest.fixture
def pair(town: Town, tmp_path: Path) -> Iterator[Pair]:
    """Two running couriers, each with an empty spool; nothing is left over for the next test."""
    first, second, *_ = town
    with (
        courier_of(town.axis, first, tmp_path / "1") as here,
        courier_of(town.axis, second, tmp_path / "2") as there,
        running(here, there),
    ):
        yield Pair(here, there, first.agency, second.agency)
        wait_for(lambda: not here.health().waiting + there.health().waiting, "all is sent", 20)


def finished(sender: str, to: str, name: str, content: bytes, packing: Packing = Packing.AS_IS) -> tuple[bytes, str]:
    """A whole packet with one file, and the identifier of its document."""
    entries = compose.manifest([Attachment(name, content)])
    packet = compose.document_header(document([to]), AgencyCode(sender), str, datetime.now(UTC), entries)
    return b"".join(write_packet(packet, [(entries[0], [content])], packing=packing)), packet.document_id


def received_by(courier: Courier, document_id: str) -> ReceivedView:
    def found() -> ReceivedView | None:
        return next((r for r in courier.received(limit=1000) if r.document_id == document_id), None)

    return wait_for(found, f"{document_id} arrives", 30)  # type: ignore[no-any-return]


def state_of(courier: Courier, job: str) -> JobView:
    found = courier.job(job)
    assert found is not None
    assert found.state is not JobState.REFUSED, found.reason
    return found


def delivery(courier: Courier, job: str, state: str) -> None:
    wait_for(lambda: {r.delivery for r in state_of(courier, job).recipients} == {state}, f"{job} is {state}", 30)


# --- whole packets ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("packing", list(Packing))
def test_a_finished_packet_travels_byte_by_byte_and_its_files_lie_beside_it(pair: Pair, packing: Packing) -> None:
    content = os.urandom(300_000)
    packet, document_id = finished(pair.sender, pair.recipient, "bảng số liệu.xlsx", content, packing)
    job = pair.here.submit(Job(pair.sender, FinishedPacket(packet)))
    got = received_by(pair.there, document_id)
    assert (got.folder / "packet.edxml").read_bytes() == packet
    assert [(file.name, file.path.read_bytes()) for file in got.files] == [("bảng số liệu.xlsx", content)]
    assert got.files[0].sha256 == hashlib.sha256(content).hexdigest()
    assert got.packet.sender.organ_id == pair.sender
    pair.there.report(got.id, 3, "đã vào sổ")
    wait_for(lambda: state_of(pair.here, job).recipients[0].status == 3, "its status comes back", 30)


def test_a_packet_that_another_agency_signs_for_is_refused_at_once(pair: Pair) -> None:
    packet, _ = finished(pair.recipient, pair.sender, "a.pdf", b"%PDF-1.7")
    with pytest.raises(Refused) as refused:
        pair.here.submit(Job(pair.sender, FinishedPacket(packet)))
    assert refused.value.code.name == "INPUT_NOT_USABLE"
    with pytest.raises(Refused) as refused:
        pair.here.submit(Job(pair.sender, FinishedPacket(packet[:-300])))
    assert refused.value.code.name.startswith("EDXML_")


# --- documents about documents ----------------------------------------------------------------------------------------


def test_a_recall_submitted_with_its_document_follows_it_and_is_answered(pair: Pair) -> None:
    job = pair.here.submit(Job(pair.sender, document([pair.recipient]), [attachment(size=2000)]))
    number = state_of(pair.here, job).document_id
    got = received_by(pair.there, number)
    delivery(pair.here, job, "delivered")
    pair.here.submit(Job(pair.sender, Recall(number, "gửi nhầm")))
    until(pair.there, "document.received", 2)
    asked = pair.there.received()[-1]
    assert asked.id != got.id
    assert isinstance(asked.packet, DocumentPacket)
    assert asked.packet.business.kind is BusinessKind.RECALL
    pair.there.submit(Job(pair.recipient, ChangeAnswer(asked.id, True, "đồng ý")))
    delivery(pair.here, job, "recalled")
    assert state_of(pair.here, job).recipients[0].status == 15


def test_corrected_content_a_replacement_and_a_further_receiver_travel_as_jobs(pair: Pair, town: Town) -> None:
    third = list(town)[2]
    job = pair.here.submit(Job(pair.sender, document([pair.recipient]), [attachment(size=2000)]))
    number = state_of(pair.here, job).document_id
    received_by(pair.there, number)
    made = document([pair.recipient])
    for content in (
        ContentUpdate(made, number, "sửa phụ lục"),
        ReceiverUpdate(number, "thêm nơi nhận", added=(third.agency,)),
        ReplacingDocument(document([pair.recipient]), number, "thay bản sai"),
    ):
        files = [] if isinstance(content, ReceiverUpdate) else [attachment(size=2000)]
        later = pair.here.submit(Job(pair.sender, content, files))
        wait_for(lambda: state_of(pair.here, later).state is JobState.SENT, type(content).__name__, 30)  # noqa: B023
    until(pair.there, "document.received", 4)
    kinds = [r.packet.business.kind for r in pair.there.received() if isinstance(r.packet, DocumentPacket)]
    assert kinds == [BusinessKind.NEW, BusinessKind.UPDATE, BusinessKind.UPDATE, BusinessKind.REPLACE]
    for got in third.client.receive(10, 5):
        third.client.take(got)


# --- consumers that fail ----------------------------------------------------------------------------------------------


def test_what_the_agency_cannot_store_now_is_failed_offered_again_and_told_once(town: Town, tmp_path: Path) -> None:
    first, second, *_ = town
    seen: list[str] = []

    def store(received: ReceivedView) -> None:
        seen.append(received.document_id)
        if len(seen) == 1:
            raise OSError(28, "No space left on device")

    with courier_of(town.axis, second, tmp_path, after_receive=store) as courier, running(courier):
        sent = first.client.send(document([second.agency]), [attachment(size=2000)])
        wait_for(lambda: seen, "the software is asked", 20)
        with psycopg.connect(town.axis.database) as connection:
            wait_for(
                lambda: (
                    connection.execute(
                        "UPDATE delivery SET available_at = now() WHERE state = 'available' AND agency = %s",
                        (second.agency,),
                    ).rowcount
                ),
                "it is reported as failed",
                20,
            )
            connection.commit()
        received_by(courier, sent.envelope.document_id)
        until(courier, "document.received")
    assert seen == [sent.envelope.document_id] * 2
    assert types(courier).count("document.received") == 1


def test_what_must_never_be_taken_is_refused_to_its_sender_with_the_reason(town: Town, tmp_path: Path) -> None:
    first, second, *_ = town

    def scan(received: ReceivedView) -> None:
        raise Refused(DELIVERY_NOT_VALID, why="có mã độc (malware)")

    with courier_of(town.axis, second, tmp_path, after_receive=scan) as courier, running(courier):
        sent = first.client.send(document([second.agency]), [attachment(size=2000)])
        until(courier, "document.refused")
        assert courier.received() == []
    story = first.client.trace(first.agency, envelope_id=str(sent.envelope.id))
    assert [row["state"] for row in story["recipients"]] == ["refused"]


# --- the process ------------------------------------------------------------------------------------------------------


def test_the_connector_runs_by_its_configuration_tells_its_status_and_stops_when_asked(
    town: Town, tmp_path: Path
) -> None:
    first, second, *_ = town
    config = write_config(tmp_path, second, town.axis)
    command = [sys.executable, "-m", "lienthong.roles.cli", "connector"]
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHONPATH": str(SOURCE), "LC_ALL": "C.UTF-8"}

    def ask(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*command, *arguments, "--config", str(config)],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    assert json.loads(ask("status", "--json").stdout) == {"running": False}
    process = subprocess.Popen([*command, "--config", str(config)], env=environment, stderr=subprocess.PIPE, text=True)
    try:
        first.client.send(document([second.agency]), [attachment(size=2000)])

        def status() -> Any:
            said = json.loads(ask("status", "--json").stdout)
            return said if said["running"] and said.get("events") else None

        said = wait_for(status, "it has received", 40)
        assert said["axes"][0]["name"] == town.axis.name
        assert said["axes"][0]["reachable_since"]
        again = ask("run")
        assert again.returncode == 1
        assert "SPOOL_IN_USE" in again.stderr
    finally:
        process.terminate()
    assert process.wait(30) == 0
    assert "Không chạy" in ask("status").stdout
