"""A connector with a provincial and a national axis: routing, fail-over, and nothing twice."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from axis_process import (
    Installation,
    Party,
    agency_row,
    attachment,
    document,
    installation,
    rows,
    system_row,
    wait_for,
)
from fixtures_pg import Cluster
from lienthong.base.clock import SystemClock
from lienthong.connector.courier.engine import Courier
from lienthong.connector.courier.links import AxisLink, AxisSettings
from lienthong.connector.courier.model import Job, JobState, JobView, Recall
from lienthong.connector.receiving import Inbox
from lienthong.connector.spool import Spool

BOTH = ("000.00.00.H29", "000.00.00.H15")
ONLY_FIRST, ONLY_SECOND = "000.00.00.H26", "000.00.00.H41"


@dataclass
class Country:
    """Two axes. Two agencies are on both, one only on each."""

    province: Installation
    nation: Installation
    parties: dict[str, Party]

    def start(self) -> None:
        for axis in (self.province, self.nation):
            for role in ("axis", "worker"):
                process = axis.processes.get(role)
                if process is None or not process.running:
                    axis.start(role)


@pytest.fixture(scope="module")
def country(pg18: Cluster) -> Iterator[Country]:
    names = [f"country_{os.getpid()}_{n}" for n in (1, 2)]
    dsns = [pg18.create_database(name, template="template_axis") for name in names]
    try:
        with (
            installation(dsns[0], name="tinh.example") as first,
            installation(dsns[1], name="quocgia.example") as second,
        ):
            parties = first.bootstrap([*BOTH, ONLY_FIRST])
            second.bootstrap([ONLY_SECOND])
            shared = [agency_row(code, f"Cơ quan {code}") for code in BOTH]
            second.change_directory([*shared, *(system_row(f"sys-{c}", [c], parties[c].signer) for c in BOTH)])
            made = Country(first, second, parties)
            made.start()
            yield made
            for axis in (first, second):
                axis.stop()
    finally:
        for name in names:
            pg18.drop_database(name)


@contextmanager
def courier_of(country: Country, agency: str, root: Path, **more: Any) -> Iterator[Courier]:
    signer = country.parties[agency].signer
    spool, inbox = Spool(root), Inbox(root)
    links = [
        AxisLink(AxisSettings(a.name, a.url, a.keys.receipt.public_key, 5), signer, root, spool, inbox, SystemClock())
        for a in (country.province, country.nation)
    ]
    with Courier(root, links, [agency], wait=1, failover_after=0.5, **more) as courier:
        stop = threading.Event()
        thread = threading.Thread(target=courier.run, args=(stop,), daemon=True)
        thread.start()
        try:
            yield courier
        finally:
            stop.set()
            thread.join(20)


def sent(courier: Courier, job: str) -> JobView:
    def found() -> JobView | None:
        view = courier.job(job)
        assert view is not None
        assert view.state is not JobState.REFUSED, view.reason
        return view if view.state is JobState.SENT else None

    return wait_for(found, "it is sent", 60)  # type: ignore[no-any-return]


def count(axis: Installation, document_id: str) -> int:
    return int(rows(axis.database, "SELECT count(*) FROM envelope WHERE document_id = %s", document_id)[0][0])


def test_a_document_goes_to_the_first_axis_that_knows_its_recipients(country: Country, tmp_path: Path) -> None:
    with courier_of(country, BOTH[0], tmp_path) as courier:
        for to, axis in (([BOTH[1]], "tinh.example"), ([ONLY_FIRST], "tinh.example"), ([ONLY_SECOND], "quocgia.example"),
                         ([BOTH[1], ONLY_SECOND], "quocgia.example")):  # fmt: skip
            view = sent(courier, courier.submit(Job(BOTH[0], document(to), [attachment(size=2000)])))
            assert [envelope.axis for envelope in view.envelopes] == [axis]
            assert view.envelopes[0].receipt is not None


def test_recipients_of_two_axes_get_envelopes_of_one_document_each_once_and_a_recall_follows_them(
    country: Country, tmp_path: Path
) -> None:
    to = [ONLY_SECOND, ONLY_FIRST, BOTH[1]]
    with courier_of(country, BOTH[0], tmp_path) as courier:
        view = sent(courier, courier.submit(Job(BOTH[0], document(to), [attachment(size=2000)])))
        assert [(e.axis, set(e.recipients)) for e in view.envelopes] == [
            ("tinh.example", {ONLY_FIRST, BOTH[1]}),
            ("quocgia.example", {ONLY_SECOND}),
        ]
        assert count(country.province, view.document_id) == count(country.nation, view.document_id) == 1
        recall = sent(courier, courier.submit(Job(BOTH[0], Recall(view.document_id, "gửi nhầm"))))
        assert [(e.axis, set(e.recipients)) for e in recall.envelopes] == [
            (e.axis, set(e.recipients)) for e in view.envelopes
        ]

        def recalled() -> bool:
            found = courier.job(view.id)
            return found is not None and {r.delivery for r in found.recipients} == {"recalled"}

        wait_for(recalled, "every delivery is taken back", 30)


def test_an_answer_lost_with_the_axis_makes_no_duplicate(country: Country, tmp_path: Path) -> None:
    """The provincial axis is killed when it has accepted and not answered: the same envelope goes by the national one,
    the recipient gets it from both, and has it once; both axes count it as handed over."""
    country.province.processes["axis"].stop()
    country.province.start("axis", kill_at="accept.committed:1")
    with (
        courier_of(country, BOTH[0], tmp_path / "sender") as sender,
        courier_of(country, BOTH[1], tmp_path / "b") as desk,
    ):
        view = sent(sender, sender.submit(Job(BOTH[0], document([BOTH[1]]), [attachment(size=2000)])))
        assert not country.province.processes["axis"].running
        assert [envelope.axis for envelope in view.envelopes] == ["quocgia.example"]
        assert count(country.province, view.document_id) == count(country.nation, view.document_id) == 1

        def arrived(axes: int) -> bool:
            found = [r for r in desk.received(limit=1000) if r.document_id == view.document_id]
            return len(found) == 1 and len(found[0].axes) == axes

        wait_for(lambda: arrived(1), "it came by the national axis", 30)
        country.start()
        wait_for(lambda: arrived(2), "it came by the provincial axis as well", 60)
        states = "SELECT d.state FROM delivery d JOIN envelope e USING (envelope_no) WHERE e.document_id = %s"
        for axis in (country.province, country.nation):
            wait_for(
                lambda: rows(axis.database, states, view.document_id) == [("delivered",)],  # noqa: B023 - called at once
                f"{axis.name} has its acknowledgement",
                30,
            )
        told = [e for e in desk.events(0, 1000) if e.data.get("document_id") == view.document_id]
        assert [event.type for event in told] == ["document.received"]
        # A report goes back by an axis that brought the document.
        (received,) = [r for r in desk.received(limit=1000) if r.document_id == view.document_id]
        report = sent(desk, desk.report(received.id, 1, "đã đến"))
        assert report.envelopes[0].axis in received.axes
        types = [event.type for event in sender.events(0, 1000)]
        assert "axis.away" in types
        wait_for(lambda: "axis.back" in [e.type for e in sender.events(0, 1000)], "the axis is back", 30)


def test_work_of_an_axis_that_stays_away_goes_to_the_next_and_what_only_it_can_do_waits(
    country: Country, tmp_path: Path
) -> None:
    country.start()
    with courier_of(country, BOTH[0], tmp_path) as courier:
        sent(courier, courier.submit(Job(BOTH[0], document([ONLY_FIRST]), [attachment(size=2000)])))
        country.province.processes["axis"].kill()
        alone = courier.submit(Job(BOTH[0], document([ONLY_FIRST]), [attachment(size=2000)]))
        shared = courier.submit(Job(BOTH[0], document([BOTH[1]]), [attachment(size=2000)]))
        view = sent(courier, shared)
        assert view.envelopes[0].axis == "quocgia.example"
        waiting = courier.job(alone)
        assert waiting is not None
        assert waiting.state in {JobState.QUEUED, JobState.SENDING}
        country.start()
        assert sent(courier, alone).envelopes[0].axis == "tinh.example"
