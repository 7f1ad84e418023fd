"""A clock that is wrong by a day, in either direction: no evidence before its cause, no expiry before its deadline."""

from __future__ import annotations

from datetime import timedelta

from axis_process import AGENCIES, RETRIES, Installation, Party, attachment, document, rows, text_of, wait_for
from faults_invariants import Invariants, stored
from faults_story import check, settle, take_all
from lienthong.base.clock import OffsetClock
from lienthong.connector.client import Client
from lienthong.connector.http import AxisConnection
from lienthong.wire.packet import content_type
from raw_requests import BOUNDARY, ask, packet, require_clear

DAY = 86_400.0


def _at(axis: Installation, parties: dict[str, Party], offset: float) -> dict[str, Party]:
    """The same parties with clocks as wrong as the axis's."""
    clock = OffsetClock(timedelta(seconds=offset))
    made = {}
    for code, party in parties.items():
        connection = AxisConnection(axis.url, party.signer, timeout=30, pauses=RETRIES[:2], clock=clock)
        client = Client(connection, code, axis.keys.receipt.public_key, party.store, clock=clock)
        made[code] = Party(party.system_id, code, party.signer, client, party.store)
    return made


def test_a_sender_whose_clock_differs_by_a_day_is_told_by_how_much(axis: Installation) -> None:
    parties = axis.bootstrap()
    axis.start("axis", clock_offset=-DAY)
    before = stored(axis)
    sender, second, *_ = parties.values()
    problem = require_clear(packet(sender, [second.agency]).post(axis), "HTTP_SIGNATURE_OUT_OF_TIME")
    assert "86" in problem["title_en"]
    assert stored(axis) == before


def test_an_axis_set_back_a_day_signs_nothing_until_the_clock_is_right(axis: Installation) -> None:
    parties = axis.bootstrap()
    axis.start("axis")
    axis.start("worker")
    sender, second, *_ = parties.values()
    sender.client.send(document([second.agency]), [attachment()])
    wait_for(lambda: rows(axis.database, "SELECT 1 FROM axis_fact"), "the mark of the clock is kept", 5)
    axis.stop()
    axis.start("axis", clock_offset=-DAY)
    axis.start("worker", clock_offset=-DAY)
    back = _at(axis, parties, -DAY)
    before = stored(axis)
    made = packet(back[AGENCIES[0]], [AGENCIES[1]])
    yesterday = OffsetClock(timedelta(days=-1)).now()
    made.members = {"created_at": text_of(yesterday)}
    answer = ask(
        axis, sender.signer, "POST", "/v1/envelopes", b"".join(made.pieces()),
        media_type=content_type(BOUNDARY), created=int(yesterday.timestamp()),
    )  # fmt: skip
    problem = require_clear(answer, "CLOCK_WRONG")
    assert problem["retry"] == "transient"
    assert "86" in problem["title_en"]
    # Its attachment was durable before the writer refused; without a row it is the sweep's.
    assert stored(axis)[0] == before[0]
    axis.stop()
    axis.start("axis")
    axis.start("worker")
    settle(axis, parties)
    check(axis, parties)


def test_an_axis_set_back_a_little_keeps_the_order_of_causes(axis: Installation) -> None:
    parties = axis.bootstrap()
    axis.start("axis")
    sender, second, *_ = parties.values()
    sender.client.send(document([second.agency]), [attachment()])
    axis.stop()
    axis.start("axis", clock_offset=-20.0)
    axis.start("worker", clock_offset=-20.0)
    take_all(second, 1)
    sender.client.send(document([second.agency]), [attachment()])
    settle(axis, parties)
    check(axis, parties)


def test_an_axis_set_forward_a_day_expires_nothing_before_its_deadline(axis: Installation) -> None:
    parties = axis.bootstrap()
    axis.settings["deadline"] = "12h"
    axis.start("axis")
    sender, second, *_ = parties.values()
    sender.client.send(document([second.agency]), [attachment()])
    # The axis's own clock now says that the deadline is over: events it signs carry that time, so nothing contradicts.
    axis.stop()
    axis.start("axis", clock_offset=DAY)
    axis.start("worker", clock_offset=DAY)
    wait_for(lambda: rows(axis.database, "SELECT 1 FROM leaf"), "the worker works", 10)
    Invariants(axis, parties.values()).hold()
    axis.stop()


def test_a_deadline_ends_a_delivery_with_evidence_and_not_a_moment_earlier(axis: Installation) -> None:
    parties = axis.bootstrap()
    axis.settings["deadline"] = "60s"
    axis.start("axis")
    sender, second, third, _ = parties.values()
    sender.client.send(document([second.agency, third.agency]), [attachment()])
    take_all(second, 1)
    axis.start("worker", clock_offset=59.0)
    wait_for(lambda: rows(axis.database, "SELECT 1 FROM delivery WHERE state = 'expired'"), "the delivery expires", 20)
    found = Invariants(axis, parties.values())
    found.hold()
    assert found.counts() == {"delivered": 1, "expired": 1}
    assert third.client.lease(10) == []
