"""Documents from one agency to others, through a real axis, its worker and real connectors."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest

from axis_process import Installation, Party, agency_row, attachment, document, new_signer, system_row, wait_for
from fixtures_axis import Town
from lienthong.base.ids import DocumentId
from lienthong.connector.client import Client, Original, Sent
from lienthong.connector.errors import AxisRefused
from lienthong.connector.receiving import Received
from lienthong.edxml.model import BusinessKind, DocumentPacket, StatusPacket


def take(party: Party, count: int = 1) -> list[Received]:
    """Exactly the next ``count`` deliveries, taken in the order of the offer."""
    got: list[Received] = []

    def enough() -> bool:
        for received in party.client.receive(50):
            party.client.take(received)
            got.append(received)
        return len(got) >= count

    wait_for(enough, f"{party.agency} receives {count}", 20)
    assert len(got) == count, [r.lease.envelope.document_id for r in got]
    return got


def nothing_for(party: Party) -> None:
    assert [lease.envelope.document_id for lease in party.client.lease()] == []


def original(sent: Sent, party: Party) -> Original:
    found = party.client.find_sent(sent.envelope.document_id)
    assert found is not None
    packet = found[1]
    return Original(packet.sender.organ_id, packet.document_id, packet.code.full, packet.promulgation_date)


def story(party: Party, sent: Sent) -> dict[str, Any]:
    return party.client.trace(sent.envelope.sender, envelope_id=str(sent.envelope.id))


def states(party: Party, sent: Sent) -> dict[str, str]:
    return {row["agency"]: row["state"] for row in story(party, sent)["recipients"]}


def events(party: Party, sent: Sent) -> list[str]:
    return [event["name"] for event in story(party, sent)["events"]]


@pytest.fixture(autouse=True)
def _everything_is_taken(request: pytest.FixtureRequest) -> Any:
    """No test leaves anything to the next."""
    yield
    if "town" in request.fixturenames:
        town: Town = request.getfixturevalue("town")
        for party in town:
            wait_for(lambda: _emptied(party), f"{party.agency} is empty", 10)  # noqa: B023


def _emptied(party: Party) -> bool:
    got = list(party.client.receive(50))
    for received in got:
        party.client.take(received)
    return not got


# --- to one and to several --------------------------------------------------------------------------------------------


def test_a_document_with_attachments_reaches_its_recipient_byte_by_byte(town: Town) -> None:
    first, second, *_ = town
    files = [attachment("Quyết định.pdf"), attachment("phụ lục.docx", 1), attachment("bảng.xlsx", 100_000)]
    sent = first.client.send(document([second.agency]), files)
    (received,) = take(second)
    assert [f.name for f in received.files[1:]] == ["Quyết định.pdf", "phụ lục.docx", "bảng.xlsx"]
    assert [f.read_bytes() for f in received.files[1:]] == [a.content for a in files]
    assert events(first, sent) == ["SubmissionAcceptance", "ContentConsignment", "ContentHandover"]
    assert states(first, sent) == {second.agency: "delivered"}


def test_one_document_to_several_reaches_each_once_and_the_one_who_was_offline_later(town: Town) -> None:
    first, *others = town
    sent = first.client.send(document([p.agency for p in others]), [attachment()])
    for party in others[:2]:
        take(party)
        nothing_for(party)
    late = others[2]
    assert states(first, sent)[late.agency] == "available"
    take(late)
    assert set(states(first, sent).values()) == {"delivered"}


def test_a_recipient_sees_only_its_own_rows_of_a_trace(town: Town) -> None:
    first, second, third, fourth = town
    sent = first.client.send(document([second.agency, third.agency]), [attachment()])
    take(second)
    take(third)
    assert set(states(second, sent)) == {second.agency}
    assert {e["agency"] for e in story(second, sent)["events"] if e["delivery"]} == {second.agency}
    with pytest.raises(AxisRefused) as refused:
        story(fourth, sent)
    assert refused.value.http_status in {403, 404}


def test_the_urgent_comes_first(town: Town) -> None:
    first, second, *_ = town
    slow = [first.client.send(document([second.agency]), [attachment()]) for _ in range(3)]
    fast = first.client.send(document([second.agency], urgency=4), [attachment()])
    got = [r.lease.envelope.id for r in take(second, 4)]
    assert got == [fast.envelope.id, *(s.envelope.id for s in slow)]


# --- statuses ---------------------------------------------------------------------------------------------------------


def test_statuses_01_to_06_come_back_in_order_and_stand_in_the_trace(town: Town) -> None:
    first, second, *_ = town
    sent = first.client.send(document([second.agency]), [attachment()])
    (received,) = take(second)
    for code in (1, 3, 4, 5, 6):
        second.client.report_status(received, code, f"bước {code}")
    came = []
    while len(came) < 5:
        came += take(first)
    codes = [r.packet.status_code for r in came if isinstance(r.packet, StatusPacket)]
    assert codes == [1, 3, 4, 5, 6]
    assert [row["code"] for row in story(first, sent)["statuses"]] == ["01", "03", "04", "05", "06"]


def test_status_02_after_hand_over_ends_as_refused_with_its_reason(town: Town) -> None:
    first, second, *_ = town
    sent = first.client.send(document([second.agency]), [attachment()])
    (received,) = take(second)
    second.client.report_status(received, 2, "không thuộc thẩm quyền")
    assert states(first, sent) == {second.agency: "refused"}
    assert "ConsignmentRejection" in events(first, sent)


def test_a_refusal_at_hand_over_is_told_to_the_sender_with_its_reason(town: Town) -> None:
    first, second, *_ = town
    sent = first.client.send(document([second.agency]), [attachment()])
    (received,) = second.client.receive()
    answer = second.client.refuse(received, "WRONG_ADDRESS", "gửi nhầm nơi nhận")
    assert answer["evidence"]
    assert states(first, sent) == {second.agency: "refused"}
    nothing_for(second)


# --- recall, update, replace ------------------------------------------------------------------------------------------


def test_a_recall_before_hand_over_takes_the_copy_back_at_once(town: Town) -> None:
    first, second, *_ = town
    sent = first.client.send(document([second.agency]), [attachment()])
    first.client.recall(original(sent, first), [second.agency], "gửi nhầm")
    assert states(first, sent) == {second.agency: "recalled"}
    assert "Recall" in events(first, sent)


def test_status_13_before_hand_over_takes_the_copy_back_at_once(town: Town) -> None:
    first, second, *_ = town
    sent = first.client.send(document([second.agency]), [attachment()])
    first.client.recall_by_status(original(sent, first), second.agency, "gửi nhầm")
    assert states(first, sent) == {second.agency: "recalled"}


@pytest.mark.parametrize("agree", [True, False])
@pytest.mark.parametrize("channel", ["document", "status"])
def test_a_recall_after_hand_over_is_answered_with_15_or_16(town: Town, channel: str, agree: bool) -> None:
    first, second, *_ = town
    sent = first.client.send(document([second.agency]), [attachment()])
    take(second)
    if channel == "document":
        first.client.recall(original(sent, first), [second.agency], "gửi nhầm")
    else:
        first.client.recall_by_status(original(sent, first), second.agency, "gửi nhầm")
    assert states(first, sent) == {second.agency: "delivered"}
    (asked,) = take(second)
    second.client.answer_recall(asked, agree, "đồng ý" if agree else "đã xử lý xong")
    assert states(first, sent) == {second.agency: "recalled" if agree else "delivered"}
    (answer,) = take(first)
    assert isinstance(answer.packet, StatusPacket)
    assert answer.packet.status_code == (15 if agree else 16)


def test_an_update_gives_the_original_to_added_receivers_and_takes_it_from_removed_ones(town: Town) -> None:
    first, second, third, fourth = town
    sent = first.client.send(document([second.agency, third.agency]), [attachment()])
    take(second)
    first.client.update_receivers(
        original(sent, first), [second.agency, third.agency], [fourth.agency], [third.agency], "đổi nơi nhận"
    )
    assert states(first, sent) == {second.agency: "delivered", third.agency: "recalled", fourth.agency: "available"}
    (copy,) = take(fourth)
    assert copy.lease.envelope.id == sent.envelope.id
    (update,) = take(second)
    assert isinstance(update.packet, DocumentPacket)
    assert update.packet.business.kind is BusinessKind.UPDATE


def test_corrected_content_follows_under_the_same_identifier_and_is_answered(town: Town) -> None:
    first, second, *_ = town
    sent = first.client.send(document([second.agency]), [attachment()])
    take(second)
    made = document([second.agency])
    corrected = first.client.update(made, [attachment()], original(sent, first), "sửa phụ lục")
    assert corrected.envelope.document_id == sent.envelope.document_id
    (received,) = take(second)
    assert received.lease.envelope.id == corrected.envelope.id
    assert isinstance(received.packet, DocumentPacket)
    assert received.packet.business.document_changes
    second.client.answer_recall(received, True)
    (answer,) = take(first)
    assert isinstance(answer.packet, StatusPacket)
    assert answer.packet.status_code == 15


def test_a_replacement_takes_back_what_was_not_handed_over_and_follows(town: Town) -> None:
    first, second, third, _ = town
    sent = first.client.send(document([second.agency, third.agency]), [attachment()])
    take(second)
    new = first.client.replace(
        document([second.agency, third.agency]), [attachment()], DocumentId(sent.envelope.document_id), "thay bản sai"
    )
    assert states(first, sent) == {second.agency: "delivered", third.agency: "recalled"}
    for party in (second, third):
        (received,) = take(party)
        assert received.lease.envelope.id == new.envelope.id


def test_a_later_message_of_a_thread_waits_until_the_earlier_one_is_finished(town: Town) -> None:
    first, second, *_ = town
    sent = first.client.send(document([second.agency]), [attachment()])
    (held,) = second.client.receive()
    update = first.client.update_receivers(
        original(sent, first), [second.agency], [town.parties["000.00.00.H41"].agency], [], "thêm"
    )
    assert states(first, update) == {second.agency: "waiting"}
    nothing_for(second)
    second.client.take(held)
    (later,) = take(second)
    assert later.lease.envelope.id == update.envelope.id


def test_only_the_issuer_recalls(town: Town) -> None:
    first, second, third, _ = town
    sent = first.client.send(document([second.agency]), [attachment()])
    take(second)
    own = second.client.send(document([third.agency], document_id=sent.envelope.document_id + "X"), [attachment()])
    about = original(own, second)
    with pytest.raises(AxisRefused) as refused:
        second.client.recall(about, [town.parties["000.00.00.H41"].agency], "phá rối")
    assert refused.value.code == "ORIGINAL_UNKNOWN"
    assert refused.value.evidence


# --- repetition -------------------------------------------------------------------------------------------------------


def test_an_offer_again_after_a_lost_answer_becomes_no_second_document(town: Town) -> None:
    first, second, *_ = town
    first.client.send(document([second.agency]), [attachment()])
    (received,) = second.client.receive()
    second.client.fail(received, "POWER_CUT", "mất điện")
    _available_now(town.axis)
    (again,) = second.client.receive()
    assert again.folder == received.folder
    assert again.lease.fence > received.lease.fence
    with pytest.raises(AxisRefused) as refused:
        second.client.take(received)
    assert refused.value.code == "LEASE_LOST"
    once, twice = second.client.take(again), second.client.take(again)
    assert once["evidence"] == twice["evidence"]


def test_what_always_fails_lies_in_quarantine_until_one_command_lets_it_go(town: Town) -> None:
    first, second, *_ = town
    sent = first.client.send(document([second.agency]), [attachment()])
    for _ in range(20):
        got = wait_for(lambda: list(second.client.receive()), "it is offered", 5)
        second.client.fail(got[0], "DISK_FULL", "đĩa đầy")
        if states(first, sent)[second.agency] == "quarantined":
            break
        _available_now(town.axis)
    assert states(first, sent) == {second.agency: "quarantined"}
    assert "ContentConsignmentFailure" in events(first, sent)
    operator = town.axis.operator
    (row,) = operator.get_json("/v1/operator/quarantine")["deliveries"]
    assert row["reason"]
    operator.request("POST", f"/v1/operator/quarantine/{row['delivery']}/requeue")
    take(second)
    assert states(first, sent) == {second.agency: "delivered"}


def _available_now(axis: Installation) -> None:
    """The pause after a failure is over, here at once."""
    with psycopg.connect(axis.database) as connection:
        connection.execute("UPDATE delivery SET available_at = now() WHERE state = 'available'")


# --- large files ------------------------------------------------------------------------------------------------------


def test_a_large_file_goes_up_in_pieces_of_the_size_that_the_connector_is_set_to(town: Town) -> None:
    first, second, *_ = town
    small = Client(first.client.connection, first.agency, town.axis.keys.receipt.public_key, first.store, piece=2**21)
    seen: list[int] = []
    small.transmit(
        small.prepare(document([second.agency]), [attachment("sơ đồ.pdf", 9_000_000)]),
        lambda done, _: seen.append(done),
    )
    assert seen[:5] == [piece * 2**21 for piece in range(5)]
    take(second)


def test_a_large_file_interrupted_on_its_way_up_continues_and_arrives(town: Town) -> None:
    first, second, *_ = town
    big = attachment("bản vẽ.pdf", 20_000_000)
    spooled = first.client.prepare(document([second.agency]), [big])

    class Broken(Exception):
        """The line breaks here."""

    def breaks(done: int, total: int) -> None:
        if done > 0:
            raise Broken(f"{done} of {total}")

    with pytest.raises(Broken):
        first.client.transmit(spooled, breaks)
    seen: list[int] = []
    first.client.transmit(spooled, lambda done, total: seen.append(done))
    assert seen[0] == 8 * 1024 * 1024
    (received,) = take(second)
    assert hashlib.sha256(received.files[1].read_bytes()).digest() == spooled.envelope.parts[1].sha256
    stored = [
        p for p in town.axis.blobs.rglob("*") if p.is_file() and p.stat().st_size == spooled.envelope.parts[1].size
    ]
    assert len(stored) == 1


# --- the directory ----------------------------------------------------------------------------------------------------


def test_a_suspended_agency_neither_sends_nor_receives_and_the_reason_is_said(town: Town) -> None:
    first, *_ = town
    town.axis.change_directory([agency_row("000.00.00.H90", "Cơ quan tạm khóa", status="locked")])
    wait_for(lambda: "H90" in first.client.connection.request("GET", "/v1/directory/snapshot").text, "the axis follows")
    with pytest.raises(AxisRefused) as refused:
        first.client.send(document(["000.00.00.H90"]), [attachment()])
    assert refused.value.code == "RECIPIENTS_REFUSED"
    assert "H90" in str(refused.value.members)


def test_a_rotated_key_takes_over_and_the_revoked_one_is_refused(town: Town) -> None:
    _, second, *_ = town
    code, old, new = "000.00.00.H91", new_signer(), new_signer()
    town.axis.change_directory([agency_row(code, "Cơ quan đổi khóa"), system_row(f"sys-{code}", [code], old)])
    party = town.axis.party(code, old)
    wait_for(lambda: _sends(party, second), "the first key works", 10)
    late = party.client.prepare(document([second.agency]), [attachment()])
    revoked = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    row = system_row(f"sys-{code}", [code], old, new)
    row["keys"][0]["revoked_at"] = revoked
    town.axis.change_directory([row])
    rotated = town.axis.party(code, new, party.store)
    wait_for(lambda: _sends(rotated, second), "the second key works", 10)
    with pytest.raises(AxisRefused) as refused:
        party.client.transmit(late)
    assert refused.value.code == "KEY_REVOKED"
    assert late.refusal is None


def _sends(party: Party, to: Party) -> bool:
    try:
        party.client.send(document([to.agency]), [attachment()])
    except AxisRefused as refused:
        assert refused.http_status in {401, 403}, refused
        return False
    return True


# --- the outbox -------------------------------------------------------------------------------------------------------


def test_the_outbox_is_paged_without_gap_or_repetition(town: Town) -> None:
    first, second, *_ = town
    sent = [str(first.client.send(document([second.agency]), [attachment()]).envelope.id) for _ in range(5)]
    seen: list[str] = []
    after = ""
    while True:
        page = first.client.outbox(after, 2)
        seen += [row["id"] for row in page["envelopes"]]
        after = str(page.get("next") or "")
        if not after:
            break
    assert seen[:5] == sent[::-1]
    assert len(seen) == len(set(seen))


def test_every_delivery_is_accounted_for(town: Town) -> None:
    def balanced() -> bool:
        figures = town.axis.operator.get_json("/v1/operator/conservation")
        ends = sum(figures[name] for name in ("delivered", "pending", "refused", "expired", "recalled"))
        return bool(figures["accepted"] == ends > 0)

    wait_for(balanced, "accepted = delivered + pending + refused + expired + recalled", 10)


def test_nothing_of_the_connectors_lies_half_made(town: Town) -> None:
    for party in town:
        assert list(Path(party.store, "making").iterdir()) == []


def test_the_number_of_failures_before_quarantine_is_the_configured_one(axis: Installation) -> None:
    axis.worker_settings["max_attempts"] = 2
    first, second, *_ = axis.bootstrap().values()
    axis.start("axis")
    sent = first.client.send(document([second.agency]), [attachment()])
    for expected in ("available", "quarantined"):
        (received,) = second.client.receive()
        second.client.fail(received, "DISK_FULL", "đĩa đầy")
        assert states(first, sent) == {second.agency: expected}
        _available_now(axis)
