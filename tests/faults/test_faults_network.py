"""Networks and peers that are slow, cut off, doubled or out of order."""

from __future__ import annotations

import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from axis_process import Installation, Party, attachment, document, new_signer, rows, system_row, wait_for
from faults_invariants import Invariants, posted_again, stored
from faults_story import check, sent_original, settle, take_all
from fixtures_axis import Town
from lienthong.connector.errors import AxisRefused
from lienthong.wire.packet import content_type
from raw_requests import BOUNDARY, ask, packet, require_clear, send, send_bytes, signed


def _head(party: Party, body: bytes, length: int | None = None) -> bytes:
    headers = signed(party.signer, "POST", "/v1/envelopes", body, media_type=content_type(BOUNDARY))
    headers |= {"Host": "x", "Content-Length": str(len(body) if length is None else length)}
    return b"POST /v1/envelopes HTTP/1.1\r\n" + "".join(f"{k}: {v}\r\n" for k, v in headers.items()).encode() + b"\r\n"


def test_the_same_document_from_many_lines_at_once_is_accepted_once(town: Town) -> None:
    first, second, *_ = town
    made = packet(first, [second.agency])
    body = b"".join(made.pieces())
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: made.post(town.axis, body=body), range(32)))
    assert sorted(a.status for a in answers) == [200] * 31 + [201]
    assert len({a.body for a in answers}) == 1
    # The same envelope signed again is the same envelope.
    again = packet(first, [second.agency])
    again.envelope, again.contents = made.envelope, made.contents
    assert again.signed_token() != made.signed_token()
    answer = again.post(town.axis)
    assert (answer.status, answer.body) == (200, answers[0].body)


def test_two_documents_under_one_id_at_once_are_one_acceptance_and_one_refusal(town: Town) -> None:
    from dataclasses import replace

    first, second, *_ = town
    for _ in range(3):
        one, two = packet(first, [second.agency]), packet(first, [second.agency])
        two.envelope = replace(two.envelope, id=one.envelope.id)
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda p: p.post(town.axis), [one, two] * 4))
        good = {a.body for a in answers if a.status in {200, 201}}
        assert len(good) == 1
        for answer in answers:
            if answer.status >= 400:
                require_clear(answer, "ENVELOPE_ID_REUSED", "AXIS_BUSY")


def test_a_body_cut_off_at_any_place_leaves_nothing_and_may_be_sent_again(town: Town) -> None:
    first, second, *_ = town
    made = packet(first, [second.agency])
    body = b"".join(made.pieces())
    before = stored(town.axis)
    for cut in (0, 1, 100, len(body) // 3, len(body) // 2, len(body) - 1):
        with socket.create_connection(("127.0.0.1", town.axis.port)) as line:
            line.sendall(_head(first, body) + body[:cut])
            if cut % 2:
                line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    wait_for(lambda: stored(town.axis) == before, "nothing is left of cut bodies", 10)
    assert made.post(town.axis, body=body).status == 201


def test_an_answer_that_nobody_hears_is_given_again(town: Town) -> None:
    """The line is cut after the last byte of the body: accepted or not, the sender's next try decides nothing new."""
    first, second, *_ = town
    made = packet(first, [second.agency])
    body = b"".join(made.pieces())
    for _ in range(5):
        with socket.create_connection(("127.0.0.1", town.axis.port)) as line:
            line.sendall(_head(first, body) + body)
    answer = made.post(town.axis, body=body)
    assert answer.status in {200, 201}
    count = rows(town.axis.database, "SELECT count(*) FROM envelope WHERE envelope_id = %s", made.envelope.id)
    assert count == [(1,)]


def test_a_recall_that_overtakes_its_document_does_no_harm(town: Town) -> None:
    """Out of order: the recall comes first, is refused, and works when it is sent again after the document."""
    first, second, *_ = town
    spooled = first.client.prepare(document([second.agency]), [attachment()])
    original = sent_original(first, spooled.envelope.document_id)
    with pytest.raises(AxisRefused) as refused:
        first.client.recall(original, [second.agency], "gửi nhầm")
    assert refused.value.code in {"ORIGINAL_UNKNOWN", "STATUS_UNMATCHED"}
    first.client.transmit(spooled)
    first.client.recall(original, [second.agency], "gửi nhầm")
    states = rows(
        town.axis.database,
        "SELECT state FROM delivery JOIN envelope USING (envelope_no) WHERE envelope_id = %s", spooled.envelope.id,
    )  # fmt: skip
    assert states == [("recalled",)]


def test_slow_senders_and_idle_lines_do_not_hold_up_others(town: Town) -> None:
    first, second, *_ = town
    made = packet(first, [second.agency])
    body = b"".join(made.pieces())
    lines = []
    try:
        for n in range(120):
            line = socket.create_connection(("127.0.0.1", town.axis.port))
            lines.append(line)
            if n % 3 == 0:
                line.sendall(b"POST /v1/envelopes HTTP/1.1\r\nHo")
            elif n % 3 == 1:
                line.sendall(_head(first, body) + body[:10])
        began = time.monotonic()
        for _ in range(10):
            assert packet(first, [second.agency]).post(town.axis).status == 201
        assert time.monotonic() - began < 5
    finally:
        for line in lines:
            line.close()


def test_a_head_that_never_ends_and_a_body_of_a_byte_a_second_are_ended(town: Town) -> None:
    """Slow-loris, both ways; the limits are 15 s for a head, and for a body 20 s of grace at a kilobyte a second."""
    first, second, *_ = town
    made = packet(first, [second.agency], attachments=[attachment(size=200_000)])
    body = b"".join(made.pieces())
    before = stored(town.axis)
    results: dict[str, float] = {}

    def drip(name: str, begin: bytes, piece: bytes) -> None:
        began = time.monotonic()
        with socket.create_connection(("127.0.0.1", town.axis.port), timeout=1) as line:
            line.sendall(begin)
            while time.monotonic() - began < 45:
                try:
                    line.sendall(piece)
                    if not line.recv(4096):
                        break
                    # An answer came: the axis has ended it.
                    break
                except TimeoutError:
                    continue
                except OSError:
                    break
        results[name] = time.monotonic() - began

    threads = [
        threading.Thread(target=drip, args=("head", b"GET /health HTTP/1.1\r\nHost: x\r\nX-A: ", b"a")),
        threading.Thread(target=drip, args=("body", _head(first, body) + body[:1000], b"\0")),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results["head"] < 40, results
    assert results["body"] < 40, results
    wait_for(lambda: stored(town.axis) == before, "nothing is left", 5)


def test_a_reader_who_does_not_read_costs_no_memory_and_no_time_of_others(axis: Installation) -> None:
    parties = axis.bootstrap()
    sender, second, third, _ = parties.values()
    process = axis.start("axis")
    sender.client.send(document([second.agency]), [attachment(size=40 * 2**20)])
    sender.client.send(document([third.agency]), [attachment()])
    lease = second.client.lease(1)[0]
    before = process.resident()
    target = f"/v1/deliveries/{lease.delivery}/parts/1?fence={lease.fence}"
    lines = []
    for _ in range(6):
        headers = signed(second.signer, "GET", target) | {"Host": "x"}
        line = socket.create_connection(("127.0.0.1", axis.port))
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        line.sendall(
            f"GET {target} HTTP/1.1\r\n".encode()
            + "".join(f"{k}: {v}\r\n" for k, v in headers.items()).encode()
            + b"\r\n"
        )
        assert line.recv(100).startswith(b"HTTP/1.1 200")
        lines.append(line)
    began = time.monotonic()
    assert take_all(third, 1) == 1
    sender.client.send(document([third.agency]), [attachment()])
    assert time.monotonic() - began < 5
    assert process.resident() - before < 64 * 2**20
    for line in lines:
        line.close()


def test_two_holders_of_one_lease_hand_over_once(axis: Installation) -> None:
    """The first is slow; its lease runs out and another one takes the document; then the first comes back."""
    parties = axis.bootstrap()
    sender, second, *_ = parties.values()
    axis.start("axis")
    axis.start("worker")
    sender.client.send(document([second.agency]), [attachment()])
    slow = second.client.lease(1, seconds=10)[0]
    held = second.client.inbox.store(second.client.connection, slow)
    assert second.client.lease(1) == [], "one lease at a time"
    _end_lease(axis)
    fast = wait_for(lambda: second.client.lease(1, seconds=30), "the delivery is offered again", 45)[0]
    assert fast.fence > slow.fence
    with pytest.raises(AxisRefused) as refused:
        second.client.take(held)
    assert refused.value.code == "LEASE_LOST"
    with pytest.raises(AxisRefused):
        second.client.refuse(slow, "X", "không nhận")
    first_answer = second.client.take(fast)
    second_answer = second.client.take(fast)
    assert first_answer["evidence"]
    assert second_answer["evidence"] == first_answer["evidence"]
    settle(axis, parties)
    assert check(axis, parties).counts() == {"delivered": 1}


def test_many_workers_of_one_system_share_deliveries_without_doubles(axis: Installation) -> None:
    parties = axis.bootstrap()
    sender, second, *_ = parties.values()
    axis.start("axis")
    axis.start("worker")
    for _ in range(40):
        sender.client.send(document([second.agency]), [attachment(size=500)])

    workers = [axis.party(second.agency, second.signer, second.store.parent / f"{second.agency}-{n}") for n in range(4)]

    def work(mine: Party) -> list[int]:
        taken = []
        for _ in range(20):
            for received in mine.client.receive(3):
                mine.client.take(received)
                taken.append(received.lease.delivery)
        return taken

    with ThreadPoolExecutor(4) as pool:
        taken = [number for each in pool.map(work, workers) for number in each]
    assert len(taken) == len(set(taken)) == 40
    found = Invariants(axis, [sender, *workers])
    assert found.counts() == {"delivered": 40}
    found.hold()


def test_a_key_revoked_in_mid_flight_stops_its_holder_and_keeps_what_it_signed(axis: Installation) -> None:
    parties = axis.bootstrap()
    sender, second, third, _ = parties.values()
    axis.start("axis")
    axis.start("worker")
    sender.client.send(document([second.agency, third.agency]), [attachment()])
    lease = second.client.lease(1)[0]
    received = second.client.inbox.store(second.client.connection, lease)
    # In one change, so that an axis that knows of one knows of both.
    axis.change_directory(
        [system_row(each.system_id, [each.agency], revoked=[each.signer]) for each in (second, sender)]
    )
    before = stored(axis)
    wait_for(
        lambda: ask(axis, second.signer, "GET", f"/v1/outbox?agency={second.agency}").status == 401,
        "the axis knows",
        10,
    )
    made = packet(sender, [third.agency])
    require_clear(made.post(axis), "KEY_REVOKED")
    with pytest.raises(AxisRefused) as refused:
        second.client.take(received)
    assert refused.value.code == "KEY_REVOKED"
    assert stored(axis) == before
    # What was signed before counts: the third agency verifies the sender's envelope and takes it.
    assert take_all(third, 1) == 1
    # A new key, and the second agency goes on where it stopped.
    fresh = new_signer()
    axis.change_directory([system_row(second.system_id, [second.agency], fresh, revoked=[second.signer])])
    _end_lease(axis)
    renewed = axis.party(second.agency, fresh, second.store)
    wait_for(lambda: ask(axis, fresh, "GET", f"/v1/outbox?agency={second.agency}").status == 200, "the axis knows", 10)
    assert take_all(renewed, 1) == 1
    Invariants(axis, [sender, renewed, third]).hold()


def test_a_suspended_system_is_stopped_and_its_documents_wait(axis: Installation) -> None:
    parties = axis.bootstrap()
    sender, second, *_ = parties.values()
    axis.start("axis")
    sender.client.send(document([second.agency]), [attachment()])
    axis.change_directory([system_row(second.system_id, [second.agency], second.signer, status="suspended")])
    target = f"/v1/outbox?agency={second.agency}"
    wait_for(lambda: ask(axis, second.signer, "GET", target).status == 403, "the axis knows", 10)
    require_clear(ask(axis, second.signer, "GET", target), "SYSTEM_SUSPENDED")
    axis.change_directory([system_row(second.system_id, [second.agency], second.signer)])
    wait_for(lambda: ask(axis, second.signer, "GET", target).status == 200, "the axis knows", 10)
    assert take_all(second, 1) == 1


def test_one_recipients_failures_delay_nobody_else(axis: Installation) -> None:
    """A recipient that fails everything is put aside in the end; the others have theirs at once."""
    parties = axis.bootstrap()
    sender, second, third, _ = parties.values()
    axis.start("axis")
    axis.start("worker")
    for _ in range(10):
        sender.client.send(document([second.agency, third.agency]), [attachment(size=1000)])
    for received in second.client.receive(50):
        second.client.fail(received, "DISK_FULL", "hết chỗ lưu")
    began = time.monotonic()
    assert take_all(third, 10) == 10
    assert time.monotonic() - began < 5
    assert second.client.lease(50) == [], "a failed delivery pauses before it is offered again"
    Invariants(axis, parties.values()).hold()


def test_a_system_that_asks_too_often_is_told_when_to_come_back_and_others_are_served(axis: Installation) -> None:
    parties = axis.bootstrap()
    sender, second, *_ = parties.values()
    axis.start("axis", quota_per_second=2.0, quota_burst=5)
    target = f"/v1/outbox?agency={sender.agency}"
    answers = [ask(axis, sender.signer, "GET", target) for _ in range(8)]
    refused = [a for a in answers if a.status == 429]
    assert refused
    require_clear(refused[0], "TOO_MANY_REQUESTS")
    assert int(refused[0].headers["retry-after"]) >= 1
    assert ask(axis, second.signer, "GET", f"/v1/outbox?agency={second.agency}").status == 200


def _end_lease(axis: Installation) -> None:
    import psycopg

    with psycopg.connect(axis.database) as connection:
        connection.execute("UPDATE delivery SET lease_until = now() - interval '1 second' WHERE state = 'leased'")


def test_an_axis_asked_to_stop_finishes_what_it_has_begun(axis: Installation) -> None:
    parties = axis.bootstrap()
    sender, second, *_ = parties.values()
    axis.start("axis")
    axis.start("worker")
    with ThreadPoolExecutor(4) as pool:
        work = [pool.submit(lambda: packet(sender, [second.agency]).post(axis).status) for _ in range(40)]
        time.sleep(0.2)
        axis.processes["axis"].popen.terminate()
        ended = []
        for each in work:
            try:
                ended.append(each.result())
            except OSError:
                ended.append(0)
    axis.processes["axis"].popen.wait(30)
    accepted = sum(status == 201 for status in ended)
    assert rows(axis.database, "SELECT count(*) FROM envelope")[0][0] >= accepted
    axis.start("axis")
    posted_again(parties.values())
    settle(axis, parties)
    assert send_bytes(axis, b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n").startswith(b"HTTP/1.1 200")
    assert send(axis, "GET", "/health", {}).status == 200
