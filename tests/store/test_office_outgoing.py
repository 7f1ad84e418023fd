"""The way of an outgoing document: drafted, reviewed, signed, numbered, sealed, issued; every duty by another person."""

from __future__ import annotations

import io
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pypdfium2
import pytest
from django.db import connections, transaction

from lienthong.base.clock import SystemClock
from lienthong.base.errors import Refused
from lienthong.base.ids import Sha256
from lienthong.office.models import Delivery, Message, NumberEntry, Register
from lienthong.office.services import drafting, issuing, registers, reviewing, sending
from lienthong.office.services.draft_content import ChainSigner
from lienthong.office.services.reviewing import Check, hex_of
from lienthong.office.services.signing_chain import approve, opened_key
from lienthong.office.services.storing import current, opened, store
from lienthong.office.services.tasks import Owner, open_tasks
from lienthong.office.states import DeliveryState, Outgoing, TaskKind
from lienthong.signing.use_log import UseLog
from lienthong.trust.pdf.files import all_fields, open_reader
from lienthong.webkit.site.duties import Duty
from lienthong.webkit.site.tenancy import acting_for
from official_document import decision
from outgoing_world import PASSWORD_TEXT, OutgoingAgency, make_outgoing
from racing import at_once


@pytest.fixture
def world(office_installation, agency_number) -> OutgoingAgency:
    return make_outgoing(agency_number)


def test_a_draft_becomes_an_issued_document_whose_signatures_are_all_valid(
    world: OutgoingAgency, tmp_path: Path
) -> None:
    document = world.issued()
    found = world.look(document)
    assert found.state == Outgoing.ISSUED.value
    assert found.number_and_symbol == "01/QĐ-STN"
    assert found.identifier == f"{world.made.agency.code},{found.issued_date:%Y/%m/%d},01/QĐ-STN"
    data = world.bytes_of(document)
    fields = all_fields(open_reader(io.BytesIO(data)))
    assert fields == {"SoNgay": True, "NguoiKy01": True, "CoQuan": True}
    file = tmp_path / "issued.pdf"
    file.write_bytes(data)
    said = subprocess.run(["pdfsig", "-nocert", str(file)], capture_output=True, text=True, check=False).stdout
    assert said.count("Signature Validation: Signature is Valid.") == 3, said
    with acting_for(world.made.agency.pk):
        assert NumberEntry.objects.get(document=document).number == 1
        rows = {each.name: each.state for each in Delivery.objects.filter(document=document)}
        assert rows == {
            "UBND tỉnh Thử Nghiệm": DeliveryState.SENDING.value, "Sở Tài chính Thử Nghiệm": DeliveryState.SENDING.value,
            "Thư viện tỉnh": DeliveryState.PLANNED.value,
        }  # fmt: skip
        message = Message.objects.get(document=document)
        assert (message.kind, message.key, message.members["to"]) == (
            "document",
            f"document-{document}",
            ["H99", "H99.02"],
        )


def test_nothing_is_signed_before_content_and_form_are_approved(world: OutgoingAgency) -> None:
    document = world.draft()
    with pytest.raises(Refused) as refused:
        world.sign(document)
    assert refused.value.code.name == "STEP_NOT_POSSIBLE"
    world.submit(document)
    world.approve(document, Check.CONTENT, Duty.UNIT_HEAD)
    with pytest.raises(Refused):
        world.sign(document)


def refused_by(code: str, work: Callable[[], object]) -> Refused:
    with pytest.raises(Refused) as refused:
        work()
    assert refused.value.code.name == code, refused.value
    return refused.value


def test_each_duty_is_done_by_another_person(world: OutgoingAgency) -> None:
    """Separation of duties, facts §6.5: four pairs that must not be the same person."""
    world.also(Duty.UNIT_HEAD, Duty.CASE_OFFICER)
    with world.visit(Duty.UNIT_HEAD) as visit:
        own = drafting.begin(visit, world.fields())
        drafting.put_file(visit, own.pk, io.BytesIO(decision()), "a.pdf", own.revision)
        reviewing.submit(visit, own.pk, world.get(own.pk).revision)
    refused_by("NOT_YOURS", lambda: world.approve(own.pk, Check.CONTENT, Duty.UNIT_HEAD))
    document = world.draft()
    world.submit(document)
    world.approve(document, Check.CONTENT, Duty.UNIT_HEAD)
    world.also(Duty.LEADER, Duty.REGISTRAR)
    refused_by("NOT_YOURS", lambda: world.approve(document, Check.FORM, Duty.LEADER))
    world.approve(document, Check.FORM, Duty.REGISTRAR)
    world.sign(document)
    with pytest.raises(Refused, match="signers neither number nor seal"), world.visit(Duty.LEADER) as visit:
        issuing.number(visit, document)
    world.number(document)
    with world.visit(Duty.LEADER) as visit, opened_key(issuing.agency_profile(visit), PASSWORD_TEXT) as key:
        refused_by("NOT_YOURS", lambda: issuing.seal(visit, document, key))


def test_an_approval_is_stale_when_the_file_changes_and_the_draft_goes_back(world: OutgoingAgency) -> None:
    document = world.draft()
    world.submit(document)
    world.approve(document, Check.CONTENT, Duty.UNIT_HEAD)
    with world.visit(Duty.CASE_OFFICER) as visit:
        drafting.put_file(visit, document, io.BytesIO(decision(pages=3)), "b.pdf", world.get(document).revision)
    found = world.look(document)
    assert found.state == Outgoing.DRAFT.value
    with acting_for(world.made.agency.pk):
        assert [(each.review.step, each.stale) for each in reviewing.approvals(found)] == [("content", True)]
        assert not open_tasks(found, TaskKind.REVIEW)


def test_who_approves_another_file_than_he_saw_is_refused(world: OutgoingAgency) -> None:
    """Two tabs: the head opened version 1, the drafter has put version 2 and submitted it again."""
    document = world.draft()
    with acting_for(world.made.agency.pk):
        old = hex_of(world.get(document))
    with world.visit(Duty.CASE_OFFICER) as visit:
        drafting.put_file(visit, document, io.BytesIO(decision(pages=3)), "b.pdf", world.get(document).revision)
    world.submit(document)
    with world.visit(Duty.UNIT_HEAD) as visit:
        refused_by("STEP_NOT_POSSIBLE", lambda: approve(visit, document, Check.CONTENT, old))
    assert world.look(document).state == Outgoing.CONTENT_REVIEW.value


def test_a_form_of_an_older_revision_overwrites_nothing(world: OutgoingAgency) -> None:
    document = world.draft()
    with world.visit(Duty.CASE_OFFICER) as visit:
        revision = world.get(document).revision
        drafting.save(visit, document, world.fields(abstract="Bản thứ nhất"), revision)
        refused_by("FORM_STALE", lambda: drafting.save(visit, document, world.fields(abstract="Bản thứ hai"), revision))
    assert world.look(document).abstract == "Bản thứ nhất"


def test_a_failed_sealing_keeps_the_number_and_resumes_with_it(world: OutgoingAgency) -> None:
    first, second = world.draft(), world.draft()
    for each in (first, second):
        world.to_signers(each)
        world.sign(each)
    world.number(first)
    before = world.bytes_of(first)
    refused_by("SIGNING_SECRET_WRONG", lambda: world.seal(first, "sai"))
    with pytest.raises(RuntimeError, match="died"):
        world.seal_and_die(first)
    assert world.bytes_of(first) == before
    assert (world.look(first).state, world.look(first).number) == (Outgoing.NUMBERED.value, "01")
    assert world.number(second).number == "02"
    world.seal(first)
    world.seal(first)
    world.issue(first)
    assert world.look(first).number_and_symbol == "01/QĐ-STN"
    with acting_for(world.made.agency.pk):
        assert world.get(first).signing_steps.filter(field="CoQuan").count() == 1


def test_a_number_is_not_burnt_by_a_file_that_cannot_take_it(world: OutgoingAgency) -> None:
    document = world.draft(pdf=decision(change=lambda text: text.replace("năm 2026", "năm 2019")))
    world.to_signers(document)
    world.sign(document)
    refused_by("NUMBER_NOT_PLACEABLE", lambda: world.number(document))
    with acting_for(world.made.agency.pk):
        assert not NumberEntry.objects.filter(agency=world.made.agency).exists()


def test_a_void_number_stays_in_the_register_with_its_reason(world: OutgoingAgency) -> None:
    document = world.draft()
    world.to_signers(document)
    world.sign(document)
    world.number(document)
    with world.visit(Duty.REGISTRAR) as visit:
        issuing.void(visit, document, "in nhầm số")
    assert world.look(document).state == Outgoing.CANCELLED.value
    with acting_for(world.made.agency.pk):
        entry = NumberEntry.objects.get(number=1, agency=world.made.agency)
        assert (entry.void_reason, entry.document_id) == ("in nhầm số", document)
    assert world.issued() and world.look(document).number == "01"
    with acting_for(world.made.agency.pk):
        assert NumberEntry.objects.filter(agency=world.made.agency).count() == 2


def test_a_number_of_a_closed_register_is_not_voided_and_the_page_says_what_to_do(world: OutgoingAgency) -> None:
    document = world.draft()
    world.to_signers(document)
    world.sign(document)
    world.number(document)
    with world.visit(Duty.REGISTRAR) as visit:
        registers.close_register(visit, world.get(document).register_id or 0)
    answer = world.made.client(Duty.REGISTRAR).submit(
        f"/drafts/{document}/void", page=f"/drafts/{document}", reason="in nhầm số"
    )
    assert answer.status_code in {409, 422}
    assert "lập biên bản và lưu cùng sổ đã khóa" in answer.content.decode()
    assert world.look(document).state == Outgoing.NUMBERED.value
    with acting_for(world.made.agency.pk):
        assert NumberEntry.objects.get(document=document).void_at is None
    world.seal(document)
    assert world.issue(document).state == Outgoing.ISSUED.value


def test_a_number_that_is_voided_while_the_register_closes_is_on_its_paper(world: OutgoingAgency) -> None:
    document = world.draft()
    world.to_signers(document)
    world.sign(document)
    world.number(document)
    register = world.look(document).register_id or 0
    first, second = at_once(
        world.made, Duty.REGISTRAR, lambda visit: issuing.void(visit, document, "in nhầm số").state,
        lambda visit: registers.close_register(visit, register).code,
    )  # fmt: skip
    assert (first, second) == ("cancelled", "chung")
    with acting_for(world.made.agency.pk):
        digest = Register.objects.get(pk=register).closed_sha256
    with store().open(Sha256(bytes(digest or b""))) as source:
        words = "".join(
            each.get_textpage().get_text_range() for each in pypdfium2.PdfDocument(io.BytesIO(source.read()))
        )
    assert "Số đã hủy: in nhầm số" in " ".join(words.split())


def test_twenty_registrars_at_once_leave_no_gap_and_no_double(world: OutgoingAgency) -> None:
    """Twenty signed documents, each numbered twice from two threads of forty."""
    one = world.draft()
    world.to_signers(one)
    world.sign(one)
    documents = world.copies_of(one, 19)

    def number(document: int) -> str:
        try:
            return world.number(document).number
        finally:
            connections.close_all()

    with ThreadPoolExecutor(20) as pool:
        given = list(pool.map(number, [*documents, *documents]))
    assert sorted(set(given)) == [f"{n:02d}" for n in range(1, 21)]
    assert given[:20] == given[20:]
    with acting_for(world.made.agency.pk):
        entries = NumberEntry.objects.filter(agency=world.made.agency).order_by("number")
        assert [each.number for each in entries] == list(range(1, 21))


def test_opinions_are_asked_side_by_side_and_given_by_whom_they_were_asked(world: OutgoingAgency) -> None:
    document = world.draft()
    chief, archivist = world.account(Duty.OFFICE_CHIEF), world.account(Duty.ARCHIVIST)
    with world.visit(Duty.CASE_OFFICER) as visit:
        owners = [Owner(chief.pk), Owner(archivist.pk)]
        asked = reviewing.ask_opinions(visit, document, owners, visit.today)
        assert len(reviewing.ask_opinions(visit, document, owners, visit.today)) == 0
    with world.visit(Duty.ARCHIVIST) as visit:
        refused_by("NOT_YOURS", lambda: reviewing.give_opinion(visit, asked[0], "không phải việc của tôi"))
        reviewing.give_opinion(visit, asked[1], "Thêm căn cứ Luật Lưu trữ")
    with acting_for(world.made.agency.pk):
        said = reviewing.opinions(world.get(document))
        assert [(each.author_id, each.text) for each in said] == [(archivist.pk, "Thêm căn cứ Luật Lưu trữ")]


def test_a_returned_draft_needs_a_new_round_and_old_signatures_are_void(world: OutgoingAgency) -> None:
    world.rename(Duty.OFFICE_CHIEF, "Lê Quốc Đại")
    chief = ChainSigner(world.account(Duty.OFFICE_CHIEF).pk, "CHÁNH VĂN PHÒNG", "Lê Quốc Đại")
    document = world.draft(pdf=decision(persons=3), signers=(chief, world.fields().signers[0]))
    world.to_signers(document)
    world.sign(document, Duty.OFFICE_CHIEF)
    refused_by("STEP_NOT_POSSIBLE", lambda: world.sign(document, Duty.OFFICE_CHIEF))
    with world.visit(Duty.LEADER) as visit:
        reviewing.send_back(visit, document, "Sửa Điều 2")
    found = world.look(document)
    assert found.state == Outgoing.DRAFT.value
    refused_by("STEP_NOT_POSSIBLE", lambda: world.submit(document))
    with world.visit(Duty.CASE_OFFICER) as visit:
        drafting.put_file(visit, document, io.BytesIO(decision(persons=3, pages=3)), "c.pdf", found.revision)
    world.to_signers(document)
    world.sign(document, Duty.OFFICE_CHIEF)
    world.sign(document)
    assert world.look(document).state == Outgoing.SIGNED.value


def test_signers_keep_their_order(world: OutgoingAgency) -> None:
    world.rename(Duty.OFFICE_CHIEF, "Lê Quốc Đại")
    chief = ChainSigner(world.account(Duty.OFFICE_CHIEF).pk, "CHÁNH VĂN PHÒNG", "Lê Quốc Đại")
    serial = world.draft(pdf=decision(persons=3), signers=(chief, world.fields().signers[0]))
    world.to_signers(serial)
    refused_by("STEP_NOT_POSSIBLE", lambda: world.sign(serial))
    beside = world.draft(pdf=decision(persons=3), signers=(chief, replace(world.fields().signers[0], beside=True)))
    world.to_signers(beside)
    world.sign(beside)
    assert world.look(beside).state == Outgoing.SIGNING.value
    world.sign(beside, Duty.OFFICE_CHIEF)
    assert world.look(beside).state == Outgoing.SIGNED.value


def test_a_recalled_document_is_frozen_and_its_recipients_are_told(world: OutgoingAgency) -> None:
    document = world.issued()
    with world.visit(Duty.REGISTRAR) as visit:
        refused_by("STEP_NOT_POSSIBLE", lambda: sending.recall(visit, document, "  "))
        sending.recall(visit, document, "Sai thẩm quyền")
        sending.recall(visit, document, "lần nữa")
    found = world.look(document)
    assert (found.state, found.recall_reason) == (Outgoing.RECALLED.value, "Sai thẩm quyền")
    with acting_for(world.made.agency.pk):
        message = Message.objects.get(document=document, kind="recall")
        assert message.members == {"to": ["H99", "H99.02"], "reason": "Sai thẩm quyền"}
    with world.visit(Duty.CASE_OFFICER) as visit:
        refused_by(
            "STEP_NOT_POSSIBLE", lambda: drafting.save(visit, document, world.fields(abstract="x"), found.revision)
        )
        refused_by("STEP_NOT_POSSIBLE", lambda: drafting.attach(visit, document, io.BytesIO(decision()), "p.pdf"))
    with world.visit(Duty.REGISTRAR) as visit:
        refused_by("STEP_NOT_POSSIBLE", lambda: sending.resend(visit, document))


def test_a_replacing_document_says_what_it_replaces(world: OutgoingAgency) -> None:
    old = world.issued()
    with world.visit(Duty.CASE_OFFICER) as visit:
        new = drafting.begin(visit, world.fields(), replaces=old)
        drafting.put_file(visit, new.pk, io.BytesIO(decision()), "n.pdf", new.revision)
    world.to_signers(new.pk)
    world.sign(new.pk)
    world.number(new.pk)
    world.seal(new.pk)
    world.issue(new.pk)
    with acting_for(world.made.agency.pk):
        message = Message.objects.get(document=new.pk)
        assert (message.kind, message.members["replaces"]) == ("replacement", world.get(old).identifier)


def test_what_failed_is_sent_again_once(world: OutgoingAgency) -> None:
    document = world.issued()
    with acting_for(world.made.agency.pk):
        Delivery.objects.filter(document=document, code="H99").update(state=DeliveryState.FAILED.value)
    for _ in range(2):
        with world.visit(Duty.REGISTRAR) as visit:
            sending.resend(visit, document)
    with acting_for(world.made.agency.pk):
        again = Message.objects.get(document=document, key=f"document-{document}-1")
        assert again.members["to"] == ["H99"]
        assert Message.objects.filter(document=document).count() == 2


def test_paper_is_marked_as_sent_with_its_day(world: OutgoingAgency) -> None:
    document = world.issued()
    with world.visit(Duty.REGISTRAR) as visit:
        paper = Delivery.objects.get(document=document, channel="paper")
        axis = Delivery.objects.filter(document=document, channel="axis")[0]
        sending.mark_sent(visit, paper.pk, visit.today)
        refused_by("STEP_NOT_POSSIBLE", lambda: sending.mark_sent(visit, axis.pk, visit.today))
        paper.refresh_from_db()
        assert paper.state == DeliveryState.DELIVERED.value and paper.sent_at is not None


def test_attachments_get_the_mark_of_the_agency(world: OutgoingAgency) -> None:
    document = world.draft()
    with world.visit(Duty.CASE_OFFICER) as visit:
        drafting.attach(visit, document, io.BytesIO(decision(persons=0, pages=1)), "phu-luc.pdf")
    world.to_signers(document)
    world.sign(document)
    world.number(document)
    world.seal(document)
    with acting_for(world.made.agency.pk):
        (file,) = current(world.get(document), role="attachment")
        with opened(file) as source:
            assert all_fields(open_reader(source)) == {"DinhKem01": True}
        uses = [row["field"] for row in UseLog(world.agency_log, SystemClock()).read()]
        assert uses == ["SoNgay", "CoQuan", "DinhKem01"]


def test_registers_of_a_kind_have_their_own_series(world: OutgoingAgency) -> None:
    with world.visit(Duty.REGISTRAR) as visit:
        registers.open_register(visit, visit.today.year, "Sổ quyết định", ["Quyết định (cá biệt)"])
        registers.open_register(visit, visit.today.year, "Sổ chung", [])
        refused_by(
            "FIELDS_WRONG",
            lambda: registers.open_register(visit, visit.today.year, "Sổ khác", ["Quyết định (cá biệt)"]),
        )
    first, second = world.issued(), world.issued()
    assert [world.look(each).number for each in (first, second)] == ["01", "02"]
    with acting_for(world.made.agency.pk):
        assert world.get(first).register.name == "Sổ quyết định"
    with world.visit(Duty.REGISTRAR) as visit:
        registers.close_register(visit, world.look(first).register_id)
    third = world.draft()
    world.to_signers(third)
    world.sign(third)
    refused_by("REGISTER_CLOSED", lambda: world.number(third))


def test_a_draft_is_laid_out_by_the_office_itself_and_signed(world: OutgoingAgency) -> None:
    """From typed content: Word file, PDF by LibreOffice, fields found in it, signed, numbered, sealed."""
    with world.visit(Duty.CASE_OFFICER) as visit:
        document = drafting.begin(visit, world.fields())
        drafting.lay_out(visit, document.pk, document.revision)
    world.to_signers(document.pk)
    world.sign(document.pk)
    world.number(document.pk)
    world.seal(document.pk)
    fields = all_fields(open_reader(io.BytesIO(world.bytes_of(document.pk))))
    assert fields == {"SoNgay": True, "NguoiKy01": True, "CoQuan": True}
    with world.visit(Duty.CASE_OFFICER) as visit:
        refused_by("STEP_NOT_POSSIBLE", lambda: drafting.lay_out(visit, document.pk, 0))


def test_without_a_converter_a_pdf_can_still_be_put(world: OutgoingAgency, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with world.visit(Duty.CASE_OFFICER) as visit:
        document = drafting.begin(visit, world.fields())
        refused_by("CONVERTER_MISSING", lambda: drafting.lay_out(visit, document.pk, document.revision))
        drafting.put_file(visit, document.pk, io.BytesIO(decision()), "a.pdf", document.revision)
    assert world.look(document.pk).pages == 2


def test_signed_and_strange_files_are_not_taken_as_a_draft(world: OutgoingAgency) -> None:
    document = world.issued()
    signed = world.bytes_of(document)
    with world.visit(Duty.CASE_OFFICER) as visit:
        fresh = drafting.begin(visit, world.fields())
        for content, name in ((signed, "a.pdf"), (b"", "a.pdf"), (b"MZ\x90", "a.pdf"), (b"%PDF-1.7", "a.exe")):
            with transaction.atomic():
                refused_by(
                    "FILE_NOT_TAKEN",
                    lambda c=content, n=name: drafting.put_file(visit, fresh.pk, io.BytesIO(c), n, fresh.revision),
                )
