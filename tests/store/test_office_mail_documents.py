"""Issued documents leave by e-mail over a real line with TLS: once, with the agency as sender, and what fails is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from letter_server import LetterServer, letter_server
from lienthong.base.errors import Refused
from lienthong.infra.office_config import OfficeConfig
from lienthong.office.models import Delivery, Notice
from lienthong.office.services import mail_documents, sending
from lienthong.office.services.draft_content import Recipient
from lienthong.office.services.mail_documents import LEASE, PAUSES, DocumentLetter
from lienthong.office.services.waiting import agencies_with_letters
from lienthong.office.states import DeliveryState
from lienthong.roles.office_works import post_document
from lienthong.webkit.door.visit import Visit
from lienthong.webkit.site.configure import site
from lienthong.webkit.site.duties import Duty
from lienthong.webkit.site.tenancy import acting_for
from outgoing_world import OutgoingAgency, make_outgoing

TO = "thu-vien@tinh.example"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LetterServer]:
    with letter_server(tmp_path) as found:
        monkeypatch.setenv("SSL_CERT_FILE", str(found.certificate))
        yield found


@pytest.fixture
def world(office_installation: object, agency_number: int, monkeypatch: pytest.MonkeyPatch) -> OutgoingAgency:
    monkeypatch.setitem(site().context, "mails", True)
    return make_outgoing(agency_number)


def config(server: LetterServer, tmp_path: Path) -> OfficeConfig:
    return OfficeConfig(data_dir=tmp_path, mail_server=f"127.0.0.1:{server.port}", mail_security="tls",
                        mail_from="van-phong@tinh.example")  # fmt: skip


def issued(world: OutgoingAgency) -> Delivery:
    """An issued document with one recipient, who is reached by e-mail."""
    document = world.issued(recipients=(Recipient("Thư viện tỉnh", "email", address=TO),))
    return row_of(world, document)


def row_of(world: OutgoingAgency, document: int) -> Delivery:
    with acting_for(world.made.agency.pk):
        return Delivery.objects.select_related("document").get(document=document)


def went_round(world: OutgoingAgency, send: Callable[[DocumentLetter], bool], at: datetime) -> int:
    """One round of the worker at a moment."""
    with acting_for(world.made.agency.pk):
        return mail_documents.mail_documents(Visit("vi", "worker", at, tenant=world.made.agency), send)


def test_the_sealed_file_reaches_the_recipient_once_with_the_agency_as_sender(
    world: OutgoingAgency, server: LetterServer, tmp_path: Path
) -> None:
    row = issued(world)
    assert world.made.agency.pk in [number for number, _ in agencies_with_letters()]
    send, now = partial(post_document, config(server, tmp_path)), row.document.issued_at
    assert [went_round(world, send, now + MINUTE), went_round(world, send, now + 2 * LEASE)] == [1, 0]
    (letter,) = server.letters
    assert letter["From"].addresses[0].display_name == world.made.agency.name
    assert letter["From"].addresses[0].addr_spec == "van-phong@tinh.example"
    assert (letter["To"], letter["Message-ID"]) == (TO, f"<document-{row.document_id}.{row.pk}.1@tinh.example>")
    assert row.document.number_and_symbol in letter["Subject"]
    body = letter.get_body(("plain",))
    assert body is not None
    assert "Kính gửi: Thư viện tỉnh" in body.get_content()
    (file,) = letter.iter_attachments()
    assert file.get_content_type() == "application/pdf"
    assert file.get_content() == world.bytes_of(row.document_id)
    found = row_of(world, row.document_id)
    assert (found.state, found.sent_at, found.next_at) == ("delivered", now + MINUTE, None)
    assert world.made.agency.pk not in [number for number, _ in agencies_with_letters()]
    client = world.made.client(Duty.REGISTRAR)
    board = client.get("/receipts?of=all").content.decode()
    assert "Thư viện tỉnh" in board
    assert "Đã gửi" in board


def test_an_address_that_the_server_refuses_is_told_and_a_corrected_one_gets_a_new_letter(
    world: OutgoingAgency, server: LetterServer, tmp_path: Path
) -> None:
    row, server.answers = issued(world), {TO: 550}
    send, now = partial(post_document, config(server, tmp_path)), row.document.issued_at
    assert went_round(world, send, now + MINUTE) == 0
    found = row_of(world, row.document_id)
    assert (found.state, found.next_at) == (DeliveryState.REFUSED.value, None)
    assert "550" in found.reason and "550" in found.reason_en and found.reason != found.reason_en
    with acting_for(world.made.agency.pk):
        told = Notice.objects.filter(account=world.account(Duty.REGISTRAR), kind="sending").latest("pk")
    assert "Thư viện tỉnh" in told.text and "550" in told.said("en")
    client = world.made.client(Duty.REGISTRAR)
    page = client.get(f"/drafts/{row.document_id}").content.decode()
    assert found.reason in page and f"/deliveries/{row.pk}/again" in page
    wrong = client.submit(f"/deliveries/{row.pk}/again", f"/drafts/{row.document_id}", address="a@tinh.example, b")
    assert row_of(world, row.document_id).state == DeliveryState.REFUSED.value, wrong
    client.submit(f"/deliveries/{row.pk}/again", f"/drafts/{row.document_id}", address="phong-doc@tinh.example")
    assert went_round(world, send, now + timedelta(hours=1)) == 1
    (letter,) = server.letters
    assert (letter["To"], letter["Message-ID"]) == (
        "phong-doc@tinh.example",
        f"<document-{row.document_id}.{row.pk}.2@tinh.example>",
    )


def test_what_the_server_does_not_take_now_is_tried_again_after_growing_pauses_and_then_given_to_people(
    world: OutgoingAgency, server: LetterServer, tmp_path: Path
) -> None:
    row, server.answers = issued(world), {TO: 450}
    send, at = partial(post_document, config(server, tmp_path)), row.document.issued_at + MINUTE
    for tries, pause in enumerate(PAUSES, 1):
        went_round(world, send, at)
        found = row_of(world, row.document_id)
        assert (found.state, found.tries, found.next_at) == ("planned", tries, at + pause)
        went_round(world, send, at + pause - timedelta(seconds=1))
        assert len(server.asked) == tries, "not before its time"
        at += pause
    went_round(world, send, at)
    found = row_of(world, row.document_id)
    assert (found.state, found.next_at, len(server.asked)) == ("failed", None, len(PAUSES) + 1)
    assert list(PAUSES) == sorted(PAUSES)
    server.answers = {}
    with world.visit(Duty.REGISTRAR) as visit:
        assert [sending.resend(visit, row.document_id), sending.resend(visit, row.document_id)] == [1, 0]
    assert went_round(world, send, datetime.now(at.tzinfo) + MINUTE) == 1


def test_a_server_that_is_away_loses_nothing(world: OutgoingAgency, server: LetterServer, tmp_path: Path) -> None:
    row = issued(world)
    away = replace(config(server, tmp_path), mail_server="127.0.0.1:9")
    now = row.document.issued_at
    assert went_round(world, partial(post_document, away), now + MINUTE) == 0
    assert row_of(world, row.document_id).state == DeliveryState.PLANNED.value
    assert went_round(world, partial(post_document, config(server, tmp_path)), now + MINUTE + PAUSES[0]) == 1


@pytest.mark.parametrize("taken", [False, True])
def test_a_worker_that_dies_while_it_sends_leaves_a_letter_that_goes_under_the_same_message_id(
    world: OutgoingAgency, server: LetterServer, tmp_path: Path, taken: bool
) -> None:
    row = issued(world)
    send, now = partial(post_document, config(server, tmp_path)), row.document.issued_at + MINUTE

    def die(letter: DocumentLetter) -> bool:
        if taken:
            send(letter)
        raise RuntimeError("died")

    with pytest.raises(RuntimeError):
        went_round(world, die, now)
    found = row_of(world, row.document_id)
    assert (found.state, found.tries) == (DeliveryState.SENDING.value, 1)
    assert went_round(world, send, now + MINUTE) == 0, "another worker may be at it"
    assert went_round(world, send, now + LEASE) == 1
    assert len({letter["Message-ID"] for letter in server.letters}) == 1
    assert len(server.letters) == 1 + taken
    assert row_of(world, row.document_id).state == DeliveryState.DELIVERED.value


def test_a_letter_that_is_too_large_is_not_sent_and_says_so(
    world: OutgoingAgency, server: LetterServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = issued(world), issued(world)
    send, now = partial(post_document, config(server, tmp_path)), second.document.issued_at + MINUTE
    server.largest = 10_000
    went_round(world, send, now)
    found = row_of(world, first.document_id)
    assert (found.state, "552" in found.reason) == (DeliveryState.REFUSED.value, True)
    with acting_for(world.made.agency.pk):
        Delivery.objects.filter(pk=second.pk).update(state="planned", next_at=now)
    monkeypatch.setattr(mail_documents, "LARGEST", 1000)
    went_round(world, send, now)
    found = row_of(world, second.document_id)
    assert (found.state, "quá lớn" in found.reason) == (DeliveryState.FAILED.value, True)
    assert server.letters == []


def test_a_letter_that_came_back_is_noted_by_hand_and_can_be_sent_anew(
    world: OutgoingAgency, server: LetterServer, tmp_path: Path
) -> None:
    row = issued(world)
    send, now = partial(post_document, config(server, tmp_path)), row.document.issued_at
    went_round(world, send, now + MINUTE)
    client = world.made.client(Duty.REGISTRAR)
    client.submit(f"/deliveries/{row.pk}/bounced", f"/drafts/{row.document_id}", reason="hộp thư đầy")
    found = row_of(world, row.document_id)
    assert (found.state, found.reason) == ("failed", "Thư bị trả lại: hộp thư đầy")
    with world.visit(Duty.REGISTRAR) as visit:
        mail_documents.mail_again(visit, row.pk, TO)
    assert went_round(world, send, datetime.now(now.tzinfo) + MINUTE) == 1
    assert len({letter["Message-ID"] for letter in server.letters}) == 2


def test_without_a_mail_server_people_send_the_letters_and_note_it(
    world: OutgoingAgency, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = issued(world)
    with world.visit(Duty.REGISTRAR) as visit, pytest.raises(Refused) as refused:
        sending.mark_sent(visit, row.pk, visit.today)
    assert "hệ thống gửi" in refused.value.sentence("vi")
    monkeypatch.setitem(site().context, "mails", False)
    row = issued(world)
    assert row.next_at is None
    with world.visit(Duty.REGISTRAR) as visit:
        sending.mark_sent(visit, row.pk, visit.today)
    assert row_of(world, row.document_id).state == DeliveryState.DELIVERED.value


def test_a_document_that_is_recalled_meanwhile_is_not_sent(
    world: OutgoingAgency, server: LetterServer, tmp_path: Path
) -> None:
    row = issued(world)
    with world.visit(Duty.REGISTRAR) as visit:
        sending.recall(visit, row.document_id, "gửi nhầm")
    assert went_round(world, partial(post_document, config(server, tmp_path)), row.document.issued_at + MINUTE) == 0
    assert (server.letters, row_of(world, row.document_id).next_at) == ([], None)


def test_only_the_registry_sends_anew_or_notes_what_came_back(world: OutgoingAgency) -> None:
    row = issued(world)
    for act in (mail_documents.mail_again, mail_documents.note_bounced):
        with world.visit(Duty.CASE_OFFICER) as visit, pytest.raises(Refused) as refused:
            act(visit, row.pk, TO)
        assert refused.value.code.name == "NOT_YOURS"
