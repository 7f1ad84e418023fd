"""One short story that passes every step between receive and hand-over, told while something breaks.

The parties' connectors repeat what fails in passing, as real ones do; nothing in the story knows of the fault.
"""

from __future__ import annotations

from axis_process import Installation, Party, attachment, document, hurry, rows, wait_for
from faults_invariants import PENDING, Invariants
from lienthong.connector.client import Original, Sent
from lienthong.connector.errors import AxisRefused
from lienthong.connector.uploads import upload

SHORT_LEASE = 10
"""Seconds: a lease whose answer was lost in the crash must run out before the delivery is offered again."""


def tell(axis: Installation, parties: dict[str, Party]) -> None:
    """Send to two, hand over, report back, recall, refuse; then wait until everything is final and in the log."""
    sender, second, third, _ = parties.values()
    first_document = _send_with_upload(sender, [second.agency, third.agency])
    take_all(second, 1, dsn=axis.database)
    take_all(third, 1, dsn=axis.database)
    received = _of(second, first_document)
    second.client.report_status(received, 1, "đã đến")
    take_all(sender, 1, dsn=axis.database)
    recalled = sender.client.send(document([second.agency]), [attachment()])
    sender.client.recall(sent_original(sender, recalled.envelope.document_id), [second.agency], "gửi nhầm")
    take_all(second, 1, dsn=axis.database)
    sender.client.send(document([third.agency]), [attachment()])
    refuse_one(axis, third)
    settle(axis, parties)


def settle(axis: Installation, parties: dict[str, Party], seconds: float = 45) -> None:
    """Everybody takes what waits until nothing is pending and the log has everything."""

    def quiet() -> bool:
        hurry(axis.database)
        for party in parties.values():
            take_all(party)
        states = {r[0] for r in rows(axis.database, "SELECT DISTINCT state FROM delivery")}
        waiting = rows(axis.database, "SELECT count(*) FROM leaf_pending")[0][0]
        return not states & PENDING and waiting == 0

    wait_for(quiet, "everything is settled", seconds)


def take_all(party: Party, at_least: int = 0, seconds: float = 40, dsn: str = "") -> int:
    """Take everything that is offered, and wait for ``at_least`` documents. ``dsn``: without pauses between attempts."""
    count = 0

    def some() -> bool:
        nonlocal count
        if dsn:
            hurry(dsn)
        for received in party.client.receive(50, 0, SHORT_LEASE):
            count += _acknowledged(party, received)
        return count >= at_least

    wait_for(some, f"{party.agency} receives {at_least}", seconds)
    return count


def refuse_one(axis: Installation, party: Party) -> None:
    """Refuse the one document that waits; a refusal whose answer was lost counted all the same."""

    def refused() -> bool:
        hurry(axis.database)
        for received in party.client.receive(50, 0, SHORT_LEASE):
            try:
                party.client.refuse(received, "WRONG_ADDRESS", "không thuộc thẩm quyền")
            except AxisRefused as answer:
                if answer.code not in {"LEASE_LOST", "LEASE_RAN_OUT"}:
                    raise
        query = "SELECT 1 FROM delivery WHERE state = 'refused' AND agency = %s"
        return bool(rows(axis.database, query, party.agency))

    wait_for(refused, f"{party.agency} refuses", 40)


def _acknowledged(party: Party, received: object) -> int:
    try:
        party.client.take(received)  # type: ignore[arg-type]
    except AxisRefused as refused:
        # The lease ran out while the axis was away: the delivery is offered again with a newer fence.
        if refused.code not in {"LEASE_LOST", "LEASE_RAN_OUT", "DELIVERY_RECALLED"}:
            raise
        return 0
    return 1


def _send_with_upload(sender: Party, to: list[str]) -> Sent:
    """A document whose first attachment was uploaded beforehand and whose second travels inline."""
    spooled = sender.client.prepare(document(to), [attachment("lớn.pdf", 300_000), attachment("nhỏ.pdf", 5_000)])
    upload(sender.client.connection, spooled.envelope.parts[1], spooled.part(1), None)
    return sender.client.transmit(spooled)


def _of(party: Party, sent: Sent) -> Original:
    """The original that a party received."""
    folder = party.client.inbox.root / "inbox" / party.agency / str(sent.envelope.id)
    return party.client.original_in(folder)


def sent_original(party: Party, document_id: str) -> Original:
    """What a party sent, as it names it in later messages."""
    found = party.client.find_sent(document_id)
    assert found is not None
    packet = found[1]
    return Original(packet.sender.organ_id, packet.document_id, packet.code.full, packet.promulgation_date)


def check(axis: Installation, parties: dict[str, Party]) -> Invariants:
    """All invariants at the end of a story."""
    found = Invariants(axis, parties.values())
    found.hold(settled=True)
    return found
