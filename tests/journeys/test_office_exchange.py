"""Between the office and a real axis: documents come in, go out, statuses return, recalls are followed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from axis_process import Party, document
from fixtures_axis import Town
from fixtures_office import OfficeInstallation
from fixtures_pg import make_directory
from lienthong.connector.client import Original
from lienthong.connector.compose import Attachment
from lienthong.connector.receiving import Received
from lienthong.edxml.model import StatusPacket
from lienthong.office.models import Arrival, Delivery, Document, Message, Notice, StatusEvent, StoredFile
from lienthong.office.services.registering import IncomingFields, register
from lienthong.office.services.storing import opened
from lienthong.office.states import ArrivalState, DeliveryState
from lienthong.webkit.site.duties import Duty
from office_exchange_world import CODES, OfficeOnAxis, issued, put_on_axis, see, until
from office_world import working_as
from official_document import decision


@pytest.fixture(scope="module")
def office(town: Town, office_installation: OfficeInstallation) -> Iterator[OfficeOnAxis]:
    yield put_on_axis(town, make_directory(), 1)


def take_all(party: Party) -> list[Received]:
    got = list(party.client.receive(20))
    for received in got:
        party.client.take(received)
    return got


def codes_for(party: Party, document_id: str, seen: list[int]) -> list[int]:
    """The statuses that a party has got of a document, those of earlier calls in ``seen`` included."""
    packets = [each.packet for each in take_all(party)]
    seen += [
        each.status_code
        for each in packets
        if isinstance(each, StatusPacket) and each.response_for.document_id == document_id
    ]
    return seen


def test_a_document_from_the_axis_waits_checked_and_its_sender_sees_01_and_03(office: OfficeOnAxis) -> None:
    sender, made = office.others[0], office.agencies[0]
    sent = sender.client.send(document([CODES[0]], urgency=1), [Attachment("toàn văn.pdf", decision(pages=2))])

    def arrival() -> Arrival | None:
        return see(made, lambda: Arrival.objects.filter(identifier=sent.envelope.document_id).first())  # type: ignore[no-any-return]

    seen: list[int] = []

    def codes() -> list[int]:
        return codes_for(sender, sent.envelope.document_id, seen)

    with office.exchanging() as round_:
        until(round_, lambda: (a := arrival()) and a.state == ArrivalState.WAITING.value, "it waits")
        found = arrival()
        assert found is not None
        assert (found.sender_code, found.urgency, found.fields["symbol"]) == (sender.agency, 1, "TN-VP")
        assert found.fields["proposals"]["number"]["origin"] == "packet"
        assert found.verdict["packet"]["envelope"] == str(sent.envelope.id)
        (file,) = see(made, lambda: list(StoredFile.objects.filter(arrival=found)))
        with opened(file) as source:
            assert source.read() == decision(pages=2)
        until(round_, lambda: codes() == [1], "status 01 is back")
        with working_as(made, Duty.REGISTRAR) as visit:
            register(visit, found, IncomingFields("Công văn", "1", "TN-VP", None, "Cơ quan", "Thử"))
        until(round_, lambda: codes() == [1, 3], "status 03 is back")


def test_a_document_goes_to_two_agencies_and_their_statuses_stand_on_the_board(office: OfficeOnAxis) -> None:
    made, neighbour, stranger = *office.agencies, office.others[1]
    number = issued(made, "21", [CODES[1], stranger.agency])

    def board() -> dict[str, tuple[str, int]]:
        rows = see(made, lambda: list(Delivery.objects.filter(document=number)))
        return {each.code: (each.state, each.status) for each in rows}

    with office.exchanging() as round_:
        until(round_, lambda: board()[CODES[1]] == (DeliveryState.DELIVERED.value, 1), "the neighbour has it")
        until(round_, lambda: board()[stranger.agency][0] == DeliveryState.ACCEPTED.value, "the axis has the other")
        (received,) = take_all(stranger)
        stranger.client.report_status(received, 2, "Gửi nhầm nơi nhận")
        until(round_, lambda: board()[stranger.agency] == (DeliveryState.REFUSED.value, 2), "it was refused")
        message = see(made, lambda: Message.objects.get(document=number))
        assert message.state == "sent"
        events = see(made, lambda: list(StatusEvent.objects.filter(document=number, outward=False)))
        assert sorted((each.party, each.code) for each in events) == sorted([(CODES[1], 1), (stranger.agency, 2)])
        identifier = see(made, lambda: Document.objects.get(pk=number)).identifier
        assert see(neighbour, lambda: Arrival.objects.filter(identifier=identifier).count()) == 1
        told = see(made, lambda: list(Notice.objects.filter(kind="status", where=f"/documents/{number}")))
        assert {each.account_id for each in told} == {
            made.people[Duty.CASE_OFFICER].pk, made.people[Duty.REGISTRAR].pk
        }  # fmt: skip


def test_nothing_is_doubled_when_the_journal_is_read_again_from_its_beginning(office: OfficeOnAxis) -> None:
    made, neighbour = office.agencies
    number = issued(made, "22", [CODES[1]])

    def counted() -> tuple[int, ...]:
        here = see(made, lambda: (StatusEvent.objects.count(), Notice.objects.count(), Message.objects.count()))
        there = see(neighbour, lambda: (Arrival.objects.count(), Notice.objects.count(), Message.objects.count()))
        return (*here, *there)

    def status() -> int:
        return int(see(made, lambda: Delivery.objects.get(document=number)).status)

    with office.exchanging() as round_:
        until(round_, lambda: status() == 1, "the status is back")
        round_()
    before = counted()
    (office.folder / "exchange.json").unlink()
    with office.exchanging() as round_:
        for _ in range(3):
            round_()
    assert counted() == before


def test_a_recall_takes_what_waits_out_of_the_tray_and_is_agreed_to(office: OfficeOnAxis) -> None:
    sender, made = office.others[0], office.agencies[1]
    sent = sender.client.send(document([CODES[1]]), [Attachment("a.pdf", decision(pages=3))])
    about = sent.envelope

    def state() -> str:
        found = see(made, lambda: Arrival.objects.filter(identifier=about.document_id).first())
        return str(found.state) if found is not None else ""

    with office.exchanging() as round_:
        until(round_, lambda: state() == ArrivalState.WAITING.value, "it waits")
        number = about.document_id.rpartition(",")[2]
        original = Original(about.sender, about.document_id, number, date(2026, 11, 20))
        sender.client.recall(original, [CODES[1]], "Sai nội dung")
        until(round_, lambda: state() == ArrivalState.RECALLED.value, "it is out of the tray")

        seen: list[int] = []
        until(round_, lambda: 15 in codes_for(sender, about.document_id, seen), "the recall is agreed to")


def test_a_document_for_nobody_on_the_axis_fails_with_the_reason_and_holds_up_no_other(office: OfficeOnAxis) -> None:
    made = office.agencies[0]
    lost, good = issued(made, "31", ["000.00.99.X99"]), issued(made, "32", [CODES[1]])

    def delivery(number: int) -> Delivery:
        return see(made, lambda: Delivery.objects.get(document=number))  # type: ignore[no-any-return]

    with office.exchanging() as round_:
        until(round_, lambda: delivery(good).state == DeliveryState.DELIVERED.value, "the other one arrives")
        until(round_, lambda: delivery(lost).state == DeliveryState.FAILED.value, "it fails")
    assert delivery(lost).reason
    message = see(made, lambda: Message.objects.get(document=lost))
    assert message.state == "refused"
    assert message.reason_vi
    assert message.reason_en
    assert see(made, lambda: Notice.objects.filter(kind="sending", where=f"/documents/{lost}").count()) == 2
