"""A connector that runs by itself, over a real axis: jobs out, documents in, numbered events."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from axis_process import Installation, Party, attachment, document, wait_for
from fixtures_axis import Town
from lienthong.base.clock import SystemClock
from lienthong.connector.courier.engine import Courier
from lienthong.connector.courier.links import AxisLink, AxisSettings
from lienthong.connector.courier.model import Job, JobState
from lienthong.connector.receiving import Inbox
from lienthong.connector.spool import Spool


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
