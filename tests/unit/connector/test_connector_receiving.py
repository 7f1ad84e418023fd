"""What a connector believes: nothing that is not signed by whom it should be, and nothing that is not whole."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from connector_axis import (
    RECIPIENT,
    SENDER,
    Answer,
    Asked,
    FakeAxis,
    directory,
    letter,
    new_signer,
    offered,
    payload_in,
    pdf,
    problem,
    system,
)

from lienthong.base.errors import Refused
from lienthong.base.ids import AgencyCode
from lienthong.connector.client import Client
from lienthong.connector.compose import Attachment
from lienthong.connector.errors import AxisRefused
from lienthong.connector.poll import poll
from lienthong.connector.receiving import Received, judge_header
from lienthong.connector.spool import Spooled
from lienthong.directory import delta
from lienthong.directory.model import Agency
from lienthong.trust import jws
from lienthong.wire.acknowledgement import Acknowledgement, Outcome, decode_acknowledgement
from lienthong.wire.envelope import TYP as ENVELOPE_TYP
from lienthong.wire.event import EventName


@pytest.fixture
def sender(axis: FakeAxis, tmp_path: Path) -> Client:
    return axis.client(tmp_path / "sender")


class Desk:
    """Offers spooled envelopes to the recipient; ``said``: acknowledgements that came."""

    def __init__(self, axis: FakeAxis, tmp_path: Path) -> None:
        self.axis = axis
        self.rows: list[dict[str, object]] = []
        self.packets: dict[int, Spooled] = {}
        self.said: list[Acknowledgement] = []
        self.part: Callable[[Asked, bytes], Answer] = lambda asked, data: Answer(200, data, "application/octet-stream")
        self.client = axis.client(tmp_path / "recipient", RECIPIENT)
        axis.script = self.answer

    def offer(self, spooled: Spooled, **more: object) -> None:
        number = 7 + len(self.packets)
        self.packets[number] = spooled
        self.rows.append(offered(self.axis, spooled.payload, spooled.token, delivery=number, **more))

    def answer(self, asked: Asked) -> Answer:
        if asked.path == "/v1/inbox/leases":
            rows, self.rows = self.rows, []
            return Answer(200, json.dumps({"leases": rows}).encode())
        if asked.path == "/v1/inbox/acknowledgements":
            tokens = json.loads(asked.body)["acknowledgements"]
            acks = [decode_acknowledgement(jws.unverified_payload(t.encode())) for t in tokens]
            self.said += acks
            return Answer(
                200, json.dumps({"results": [{"delivery": a.delivery, "result": "delivered"} for a in acks]}).encode()
            )
        if asked.path.startswith("/v1/deliveries/"):
            _, _, _, number, _, rest = asked.path.split("/")
            data = self.packets[int(number)].part(int(rest.split("?")[0])).read_bytes()
            return self.part(asked, data)
        return self.axis.honest(asked)


@pytest.fixture
def desk(axis: FakeAxis, tmp_path: Path) -> Desk:
    return Desk(axis, tmp_path)


def names_of(received: Received) -> list[str]:
    return [f.name for f in received.files]


# --- receipts ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lie", ["another key", "another envelope", "tampered", "another event", "no receipt", "empty"])
def test_a_receipt_that_is_not_the_pinned_axis_own_for_this_envelope_is_not_believed(
    axis: FakeAxis, sender: Client, tmp_path: Path, lie: str
) -> None:
    other = axis.client(tmp_path / "other").prepare(letter(number="99/X-Y"), [pdf()])

    def receipt(asked: Asked) -> bytes:
        payload = payload_in(asked)
        if lie == "another key":
            return axis.event(payload, signer=new_signer())
        if lie == "another envelope":
            return axis.event(other.payload)
        if lie == "tampered":
            token = bytearray(axis.event(payload))
            token[len(token) // 2] ^= 1
            return bytes(token)
        if lie == "another event":
            return axis.event(payload, EventName.CONTENT_HANDOVER)
        return b"" if lie == "empty" else b"<html>"

    sender.book.refresh()
    axis.script = lambda asked: (
        Answer(201, receipt(asked), "application/jose") if asked.path == "/v1/envelopes" else axis.honest(asked)
    )
    with pytest.raises(Refused, match="AXIS_ANSWER_NOT_VALID"):
        sender.send(letter(), [pdf()])
    assert len(list(sender.spool.unsent())) == 1


# --- leases -----------------------------------------------------------------------------------------------------------


def test_a_good_delivery_is_stored_whole_and_acknowledged_by_digest(desk: Desk, sender: Client) -> None:
    spooled = sender.prepare(letter(), [pdf()])
    desk.offer(spooled)
    (received,) = desk.client.receive()
    assert received.files[1].read_bytes() == spooled.part(1).read_bytes()
    assert json.loads((received.folder / "index.json").read_bytes())["header_signature"] == "PASSED"
    desk.client.take(received)
    assert [(a.outcome, a.digest) for a in desk.said] == [(Outcome.TAKEN, hashlib.sha256(spooled.payload).digest())]


@pytest.mark.parametrize("lie", ["tampered", "stranger", "another agency's system"])
def test_an_envelope_whose_signature_does_not_hold_is_refused_to_the_axis_and_the_next_is_taken(
    desk: Desk, sender: Client, lie: str
) -> None:
    bad, good = sender.prepare(letter(), [pdf()]), sender.prepare(letter(number="13/X-Y"), [pdf()])
    token = bad.token
    if lie == "tampered":
        token = token[:-6] + (b"AAAAAA" if not token.endswith(b"AAAAAA") else b"BBBBBB")
    elif lie == "stranger":
        token = jws.sign(bad.payload, new_signer(), ENVELOPE_TYP)
    else:
        token = jws.sign(bad.payload, desk.axis.systems[RECIPIENT], ENVELOPE_TYP)
    desk.offer(replace(bad, token=token))
    desk.offer(good)
    assert [r.lease.envelope.id for r in desk.client.receive()] == [good.envelope.id]
    assert [(a.outcome, a.delivery) for a in desk.said] == [(Outcome.REFUSED, 7)]


def test_a_delivery_is_not_refused_because_our_address_book_cannot_be_had(desk: Desk, sender: Client) -> None:
    desk.offer(sender.prepare(letter(), [pdf()]))
    answer = desk.answer
    desk.axis.script = lambda a: Answer(200, b"forged") if "directory" in a.path else answer(a)
    with pytest.raises(Refused, match="AXIS_ANSWER_NOT_VALID"):
        list(desk.client.receive())
    assert desk.said == []


@pytest.mark.parametrize(
    "row",
    [
        {"agency": "../../x"},
        {"agency": SENDER},
        {"fence": None},
        {"envelope": "ü"},
        {"envelope": "a.b.c"},
        {"receipt": "x"},
    ],
)
def test_an_offer_that_makes_no_sense_is_told_in_words_and_writes_nothing(
    desk: Desk, sender: Client, row: dict[str, object]
) -> None:
    desk.offer(sender.prepare(letter(), [pdf()]), **row)
    with pytest.raises(Refused, match="AXIS_ANSWER_NOT_VALID"):
        list(desk.client.receive())
    assert list(desk.client.inbox.root.glob("inbox/*")) == []
    assert desk.said == []


def test_an_authority_younger_than_our_copy_is_asked_for_before_anything_is_refused(desk: Desk, sender: Client) -> None:
    axis = desk.axis
    full = axis.state
    axis.state = directory({RECIPIENT: axis.systems[RECIPIENT]})
    desk.client.book.refresh()
    axis.state = full
    changes = [
        delta.put(2, Agency(AgencyCode(SENDER), "Mới", level=1)),
        delta.put(3, system(SENDER, axis.systems[SENDER])),
    ]
    answer = desk.answer
    desk.axis.script = lambda a: Answer(200, axis.delta(changes, 1, 3)) if "delta" in a.path else answer(a)
    desk.offer(sender.prepare(letter(), [pdf()]))
    assert len(list(desk.client.receive())) == 1


# --- parts ------------------------------------------------------------------------------------------------------------


def test_a_broken_download_continues_where_it_stopped(desk: Desk, sender: Client) -> None:
    spooled = sender.prepare(letter(), [pdf(size=900_000)])
    ranges: list[str] = []

    def part(asked: Asked, data: bytes) -> Answer:
        start = int(asked.headers.get("range", "bytes=0-")[6:-1])
        ranges.append(asked.headers.get("range", ""))
        cut = 300_000 if len(data) - start > 300_000 else None
        return Answer(206 if start else 200, data[start:], "application/octet-stream", cut=cut)

    desk.part = part
    desk.offer(spooled)
    (received,) = desk.client.receive()
    assert received.files[1].read_bytes() == spooled.part(1).read_bytes()
    assert any(ranges)


def test_bytes_that_are_not_the_senders_are_fetched_again_then_reported_as_failed_not_refused(
    desk: Desk, sender: Client
) -> None:
    desk.part = lambda asked, data: Answer(200, b"x" * len(data), "application/octet-stream")
    desk.offer(sender.prepare(letter(), [pdf()]))
    assert list(desk.client.receive()) == []
    assert [(a.outcome, a.reason.code if a.reason else "") for a in desk.said] == [(Outcome.FAILED, "DOWNLOAD_DAMAGED")]
    desk.part = lambda asked, data: Answer(200, data, "application/octet-stream")
    desk.offer(next(iter(sender.spool.unsent())))
    assert len(list(desk.client.receive())) == 1


def test_an_answer_longer_than_the_part_is_not_written_to_its_end(desk: Desk, sender: Client) -> None:
    desk.part = lambda asked, data: Answer(200, data + b"x" * 5_000_000, "application/octet-stream")
    desk.offer(sender.prepare(letter(), [pdf()]))
    assert list(desk.client.receive()) == []
    assert desk.said[0].outcome is Outcome.FAILED


def test_a_delivery_that_was_withdrawn_meanwhile_does_not_hold_up_the_next(desk: Desk, sender: Client) -> None:
    desk.offer(sender.prepare(letter(), [pdf()]))
    good = sender.prepare(letter(number="14/X-Y"), [pdf()])
    desk.offer(good)
    desk.part = lambda asked, data: (
        problem("LEASE_LOST", "permanent", 409) if "/7/" in asked.path else Answer(200, data, "a/b")
    )
    assert [r.lease.envelope.id for r in desk.client.receive()] == [good.envelope.id]
    assert desk.said == []


def test_an_attachment_never_takes_the_place_of_our_own_files(desk: Desk, sender: Client) -> None:
    hostile = ["index.json", "envelope.jws", "receipt.jws.new", "header.edxml", "INDEX.JSON"]
    spooled = sender.prepare(letter(), [Attachment(name, f"content of {name}".encode()) for name in hostile])
    desk.offer(spooled)
    (received,) = desk.client.receive()
    assert [f.read_text() for f in received.files[1:]] == [f"content of {name}" for name in hostile]
    assert json.loads((received.folder / "index.json").read_bytes())["digest"] == received.lease.digest.hex()


def test_two_envelopes_with_one_identifier_are_both_kept_and_each_found_again(
    desk: Desk, sender: Client, tmp_path: Path
) -> None:
    first = sender.prepare(letter(), [pdf()])
    second = desk.axis.client(tmp_path / "s2").prepare(letter(subject="khác"), [pdf("b.pdf")])
    envelope = replace(second.envelope, id=first.envelope.id)
    from lienthong.wire.envelope import encode_envelope

    payload = encode_envelope(envelope)
    again = replace(
        second, envelope=envelope, payload=payload, token=jws.sign(payload, desk.axis.systems[SENDER], ENVELOPE_TYP)
    )
    for spooled in (first, again, first, again):
        desk.offer(spooled)
    got = list(desk.client.receive())
    assert len(got) == 4
    assert len({r.folder for r in got}) == 2
    assert got[0].folder == got[2].folder
    assert got[1].folder == got[3].folder


# --- the receiving loop -----------------------------------------------------------------------------------------------


def test_software_that_fails_on_one_delivery_still_gets_the_next(desk: Desk, sender: Client) -> None:
    desk.offer(sender.prepare(letter(), [pdf()]))
    desk.offer(sender.prepare(letter(number="15/X-Y"), [pdf()]))
    stop, seen = threading.Event(), []

    def handle(_: Client, received: Received) -> None:
        seen.append(received.lease.delivery)
        if len(seen) == 1:
            raise KeyError("hỏng")

    def then(_: Client, received: Received) -> None:
        stop.set()
        raise RuntimeError("after the fact")

    poll(desk.client, handle, stop, then=then, wait=0, pause=0.01)
    assert seen == [7, 8]
    assert [a.outcome for a in desk.said] == [Outcome.FAILED, Outcome.TAKEN]


def test_a_refused_acknowledgement_is_raised_with_the_words_of_the_axis(desk: Desk, sender: Client) -> None:
    desk.offer(sender.prepare(letter(), [pdf()]))
    (received,) = desk.client.receive()
    error = {"code": "LEASE_LOST", "retry": "permanent", "status": 409, "title_vi": "Mất lượt."}
    desk.axis.script = lambda a: Answer(200, json.dumps({"results": [{"delivery": 7, "error": error}]}).encode())
    with pytest.raises(AxisRefused, match="LEASE_LOST"):
        desk.client.take(received)
    desk.axis.script = lambda a: Answer(200, b'{"results":[]}')
    with pytest.raises(Refused, match="AXIS_ANSWER_NOT_VALID"):
        desk.client.take(received)


# --- the address book -------------------------------------------------------------------------------------------------


def test_the_address_book_works_from_disk_when_the_axis_is_away(axis: FakeAxis, tmp_path: Path) -> None:
    axis.client(tmp_path).book.refresh()
    axis.script = lambda _: Answer(cut=0)
    assert axis.client(tmp_path).book.name_of(RECIPIENT) == "Cơ quan H15"


def test_without_axis_and_without_a_copy_the_reason_is_said(axis: FakeAxis, tmp_path: Path) -> None:
    axis.script = lambda _: Answer(cut=0)
    with pytest.raises(Refused, match="AXIS_UNREACHABLE"):
        axis.client(tmp_path).book.name_of(RECIPIENT)


@pytest.mark.parametrize("forge", ["key", "row", "cut", "page"])
def test_a_forged_directory_is_not_believed(axis: FakeAxis, tmp_path: Path, forge: str) -> None:
    data = {
        "key": axis.snapshot(new_signer()),
        "row": axis.snapshot().replace("Cơ quan H15".encode(), "Cơ quan H16".encode()),
        "cut": axis.snapshot()[:-20],
        "page": b"<html>",
    }[forge]
    axis.script = lambda _: Answer(200, data)
    client = axis.client(tmp_path)
    with pytest.raises(Refused, match="AXIS_ANSWER_NOT_VALID"):
        client.book.refresh()
    assert not (tmp_path / "directory" / "snapshot").exists()


def test_a_damaged_copy_on_disk_is_fetched_again(axis: FakeAxis, tmp_path: Path) -> None:
    axis.client(tmp_path).book.refresh()
    (tmp_path / "directory" / "snapshot").write_bytes(b"damaged")
    assert axis.client(tmp_path).book.name_of(RECIPIENT) == "Cơ quan H15"


def test_changes_follow_by_delta(axis: FakeAxis, tmp_path: Path) -> None:
    client = axis.client(tmp_path)
    client.book.refresh()
    change = [delta.put(2, Agency(AgencyCode(RECIPIENT), "Tên mới", level=1))]
    axis.script = lambda a: Answer(200, axis.delta(change, 1, 2)) if "delta" in a.path else axis.honest(a)
    client.book.refresh()
    assert client.book.name_of(RECIPIENT) == "Tên mới"
    assert client.book.state.version == 2


def test_an_axis_that_cannot_tell_the_changes_gives_the_whole(axis: FakeAxis, tmp_path: Path) -> None:
    client = axis.client(tmp_path)
    client.book.refresh()
    axis.state = directory(axis.systems, 9)
    gone = problem("DIRECTORY_VERSION_GAP", "permanent", 410)
    axis.script = lambda a: gone if "delta" in a.path else axis.honest(a)
    client.book.refresh()
    assert client.book.state.version == 9


def test_a_busy_directory_leaves_the_copy_in_use(axis: FakeAxis, tmp_path: Path) -> None:
    client = axis.client(tmp_path)
    client.book.refresh()
    axis.script = lambda _: problem("QUOTA", "transient", 429)
    client.book.refresh()
    assert client.book.key_for(datetime.now(UTC))(axis.systems[SENDER].key_id) is not None


@pytest.mark.parametrize(("key", "verdict"), [("sender", "PASSED"), ("other", "FAILED"), ("none", "INDETERMINATE")])
def test_the_verdict_on_the_headers_own_signature_is_kept(desk: Desk, sender: Client, key: str, verdict: str) -> None:
    desk.offer(sender.prepare(letter(), [pdf()]))
    (lease,) = desk.client.lease()
    keys = {"sender": lease.sender_key, "other": new_signer().public_key, "none": None}
    header = next(iter(sender.spool.unsent())).part(0).read_bytes()
    assert judge_header(replace(lease, sender_key=keys[key]), header).name == verdict
