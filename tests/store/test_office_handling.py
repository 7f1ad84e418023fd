"""Routing and handling: who may, what follows, and that nothing is doubled; recall, reminders, more time."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.db import transaction

from incoming_world import arrived, fields, registered
from lienthong.base.clock import VIETNAM
from lienthong.base.errors import Refused
from lienthong.office.models import Arrival, Document, Message, Notice, NumberEntry, Opinion, Reader, StoredFile, Task
from lienthong.office.services import correcting, handing_over, recalling, routing, urging, working
from lienthong.office.services.reading_rights import readable
from lienthong.office.services.registering import register, send_back
from lienthong.office.services.routing import Order, Target
from lienthong.office.services.tasks import Owner
from lienthong.office.states import Direction, Role
from lienthong.vocabulary.working_calendar import vietnam
from lienthong.webkit.people.models import Appointment, Delegation, Unit
from lienthong.webkit.site.duties import Duty
from lienthong.webkit.site.tenancy import acting_for
from office_world import OfficeAgency, make_agency, visit_of_worker, working_as

LEAD, SUPPORT, INFORM = Role.LEAD, Role.SUPPORT, Role.INFORM


def to_unit(unit: Unit, role: Role = LEAD) -> Target:
    return Target(Owner(unit=unit.pk), role)


def to_person(made: OfficeAgency, duty: Duty, role: Role = LEAD) -> Target:
    return Target(Owner(account=made.people[duty].pk), role)


def submitted(made: OfficeAgency, document: Document) -> Task:
    with working_as(made, Duty.REGISTRAR) as visit:
        return routing.submit(visit, document, made.people[Duty.LEADER].pk, "Đề nghị giao.")


def directed(made: OfficeAgency, document: Document, *targets: Target, **more: object) -> list[Task]:
    task = submitted(made, document)
    with working_as(made, Duty.LEADER) as visit:
        return routing.direct(visit, task.pk, Order(targets, "Giao.", **more))  # type: ignore[arg-type]


def assigned(made: OfficeAgency, document: Document, **more: object) -> Task:
    (unit,) = directed(made, document, to_unit(made.unit), **more)
    with working_as(made, Duty.UNIT_HEAD) as visit:
        return routing.assign(visit, unit.pk, Order((to_person(made, Duty.CASE_OFFICER),), "Làm."))[0]


def state(made: OfficeAgency, task: Task) -> str:
    with acting_for(made.agency.pk):
        return Task.objects.get(pk=task.pk).state


def document_state(made: OfficeAgency, document: Document) -> str:
    with acting_for(made.agency.pk):
        return Document.objects.get(pk=document.pk).state


def refused(code: str, made: OfficeAgency, duty: Duty, act: object) -> Refused:
    """The refusal of an act by the person with a duty."""
    with pytest.raises(Refused) as caught, working_as(made, duty) as visit:
        act(visit)  # type: ignore[operator]
    assert caught.value.code.name == code, caught.value
    return caught.value


@pytest.fixture
def made(office_installation: object, agency_number: int) -> OfficeAgency:
    return make_agency(agency_number)


def test_registering_twice_gives_the_first_number_and_takes_no_second(made: OfficeAgency) -> None:
    arrival = arrived(made)
    with working_as(made, Duty.REGISTRAR) as visit:
        first = register(visit, arrival, fields())
    with working_as(made, Duty.REGISTRAR) as visit:
        assert register(visit, arrival, fields()).pk == first.pk
    with acting_for(made.agency.pk):
        assert NumberEntry.objects.filter(register=first.register).count() == 1
        assert [each.members["code"] for each in Message.objects.filter(document=first)] == [3]


def test_only_the_registrar_registers_and_returns(made: OfficeAgency) -> None:
    arrival = arrived(made)
    refused("NOT_YOURS", made, Duty.LEADER, lambda visit: register(visit, arrival, fields()))
    refused("NOT_YOURS", made, Duty.UNIT_HEAD, lambda visit: send_back(visit, arrival, "Sai nơi nhận"))


def test_returning_tells_the_sender_once_with_the_reason(made: OfficeAgency) -> None:
    arrival = arrived(made)
    refused("STEP_NOT_POSSIBLE", made, Duty.REGISTRAR, lambda visit: send_back(visit, arrival, " "))
    for _ in range(2):
        with working_as(made, Duty.REGISTRAR) as visit:
            send_back(visit, arrival, "Sai nơi nhận")
    with acting_for(made.agency.pk):
        message = Message.objects.get(key__startswith=f"status-{arrival.pk}-")
        assert (message.members["code"], message.members["text"]) == (2, "Sai nơi nhận")
    refused("STEP_NOT_POSSIBLE", made, Duty.REGISTRAR, lambda visit: register(visit, arrival, fields()))


def test_what_is_longer_than_the_decree_allows_is_refused_and_not_cut(made: OfficeAgency) -> None:
    arrival = arrived(made)
    found = refused(
        "FIELDS_WRONG", made, Duty.REGISTRAR, lambda visit: register(visit, arrival, fields(abstract="a" * 501))
    )
    assert [each.path for each in found.problems] == ["abstract"]


def test_submitting_twice_is_one_submission_and_to_another_leader_is_refused(made: OfficeAgency) -> None:
    document = registered(made)
    assert submitted(made, document).pk == submitted(made, document).pk
    refused("STEP_NOT_POSSIBLE", made, Duty.REGISTRAR,
            lambda visit: routing.submit(visit, document, made.people[Duty.OFFICE_CHIEF].pk))  # fmt: skip


def test_documents_are_submitted_to_those_who_decide_by_those_who_may(made: OfficeAgency) -> None:
    document = registered(made)
    refused(
        "FIELDS_WRONG",
        made,
        Duty.REGISTRAR,
        lambda visit: routing.submit(visit, document, made.people[Duty.CASE_OFFICER].pk),
    )
    refused(
        "NOT_YOURS", made, Duty.UNIT_HEAD, lambda visit: routing.submit(visit, document, made.people[Duty.LEADER].pk)
    )


def test_the_office_chief_proposes_and_the_leader_directs_below_him(made: OfficeAgency) -> None:
    document = registered(made)
    with working_as(made, Duty.REGISTRAR) as visit:
        first = routing.submit(visit, document, made.people[Duty.OFFICE_CHIEF].pk)
    with working_as(made, Duty.OFFICE_CHIEF) as visit:
        second = routing.submit_on(visit, first.pk, made.people[Duty.LEADER].pk, "Đề nghị giao Phòng TH.")
    assert state(made, first) == "passed"
    with working_as(made, Duty.LEADER) as visit:
        routing.direct(visit, second.pk, Order((to_unit(made.unit, INFORM),), "Để biết."))
    assert document_state(made, document) == "directed"
    with working_as(made, Duty.UNIT_HEAD) as visit:
        working.see(visit, document)
    assert [state(made, each) for each in (first, second)] == ["finished", "finished"]
    assert document_state(made, document) == "finished"


def test_a_directive_needs_exactly_one_lead_unless_several_are_meant(made: OfficeAgency) -> None:
    document = registered(made)
    task = submitted(made, document)
    two = (to_unit(made.unit), to_unit(made.office))
    only = Order((to_unit(made.unit, SUPPORT),), "Giao.")
    for order in (Order(two, "Giao."), only, Order((), "Giao.")):
        found = refused(
            "FIELDS_WRONG", made, Duty.LEADER, lambda visit, order=order: routing.direct(visit, task.pk, order)
        )
        assert [each.path for each in found.problems] == ["targets"]
    with working_as(made, Duty.LEADER) as visit:
        assert len(routing.direct(visit, task.pk, Order(two, "Giao.", several=True))) == 2


def test_directing_twice_gives_the_first_tasks_and_keeps_the_words_once(made: OfficeAgency) -> None:
    document = registered(made)
    task, order = submitted(made, document), Order((to_unit(made.unit),), "Giao  gấp,\nngay.")
    with working_as(made, Duty.LEADER) as visit:
        first = routing.direct(visit, task.pk, order)
    with working_as(made, Duty.LEADER) as visit:
        assert [each.pk for each in routing.direct(visit, task.pk, order)] == [each.pk for each in first]
    with acting_for(made.agency.pk):
        assert [each.text for each in Opinion.objects.filter(document=document, kind="directive")] == [
            "Giao  gấp,\nngay."
        ]


def test_nobody_else_directs_assigns_or_reports_in_place_of_the_owner(made: OfficeAgency) -> None:
    document = registered(made)
    task = submitted(made, document)
    order = Order((to_unit(made.unit),), "Giao.")
    for duty in (Duty.REGISTRAR, Duty.OFFICE_CHIEF, Duty.UNIT_HEAD, Duty.CASE_OFFICER):
        refused("NOT_YOURS", made, duty, lambda visit: routing.direct(visit, task.pk, order))
    with working_as(made, Duty.LEADER) as visit:
        (unit,) = routing.direct(visit, task.pk, order)
    inside = Order((to_person(made, Duty.CASE_OFFICER),))
    refused("NOT_YOURS", made, Duty.CASE_OFFICER, lambda visit: routing.assign(visit, unit.pk, inside))
    outside = Order((to_person(made, Duty.REGISTRAR),))
    refused("NOT_YOURS", made, Duty.UNIT_HEAD, lambda visit: routing.assign(visit, unit.pk, outside))
    refused("NOT_YOURS", made, Duty.REGISTRAR, lambda visit: working.report(visit, unit.pk, "xong", no_answer=True))


def test_a_substitute_directs_in_the_name_of_the_leader(made: OfficeAgency) -> None:
    document = registered(made)
    task = submitted(made, document)
    now = datetime.now(UTC)
    with acting_for(made.agency.pk):
        Delegation.objects.create(
            agency=made.agency, principal=made.people[Duty.LEADER], substitute=made.people[Duty.ARCHIVIST],
            duties=[Duty.LEADER.value], starts_at=now - timedelta(days=1), ends_at=now + timedelta(days=1), reason="Đi công tác",
            made_by=made.people[Duty.LEADER],
        )  # fmt: skip
    with working_as(made, Duty.ARCHIVIST) as visit:
        (given,) = routing.direct(visit, task.pk, Order((to_unit(made.unit),), "Giao."))
    assert (given.giver_id, given.for_whom_id) == (made.people[Duty.ARCHIVIST].pk, made.people[Duty.LEADER].pk)
    with acting_for(made.agency.pk):
        assert Opinion.objects.get(document=document, kind="directive").for_whom_id == made.people[Duty.LEADER].pk


def test_the_registrar_passes_directly_only_with_the_rule_that_allows_it(made: OfficeAgency) -> None:
    document = registered(made)
    order = Order((to_unit(made.unit),))
    refused("FIELDS_WRONG", made, Duty.REGISTRAR, lambda visit: routing.pass_directly(visit, document, order, " "))
    refused("NOT_YOURS", made, Duty.LEADER, lambda visit: routing.pass_directly(visit, document, order, "Điều 5"))
    with working_as(made, Duty.REGISTRAR) as visit:
        (task,) = routing.pass_directly(visit, document, order, "Điều 5 Quy chế")
    assert (task.directive, document_state(made, document)) == ("Điều 5 Quy chế", "directed")


def test_an_officer_waits_for_his_head_who_may_ask_for_more(made: OfficeAgency) -> None:
    document = registered(made)
    task = assigned(made, document)
    with working_as(made, Duty.CASE_OFFICER) as visit:
        working.report(visit, task.pk, "Đã làm", no_answer=True)
    refused("NOT_YOURS", made, Duty.CASE_OFFICER, lambda visit: working.confirm(visit, task.pk))
    with working_as(made, Duty.UNIT_HEAD) as visit:
        working.send_back(visit, task.pk, "Thiếu số liệu")
    assert state(made, task) == "open"
    with working_as(made, Duty.CASE_OFFICER) as visit:
        working.report(visit, task.pk, "Đã bổ sung", no_answer=True)
    for _ in range(2):
        with working_as(made, Duty.UNIT_HEAD) as visit:
            working.confirm(visit, task.pk)
    assert document_state(made, document) == "finished"
    with acting_for(made.agency.pk):
        codes = [each.members["code"] for each in Message.objects.filter(document=document).order_by("pk")]
    assert codes == [3, 4, 5, 6]


def test_a_document_that_needs_an_answer_is_not_finished_without_one(made: OfficeAgency) -> None:
    document = registered(made)
    task = assigned(made, document, needs_answer=True)
    refused(
        "STEP_NOT_POSSIBLE",
        made,
        Duty.CASE_OFFICER,
        lambda visit: working.report(visit, task.pk, "xong", no_answer=True),
    )
    with working_as(made, Duty.CASE_OFFICER) as visit:
        answer = Document.objects.create(
            agency=visit.agency, direction=Direction.OUTGOING.value, state="draft", kind="Công văn", issuer_name="Sở",
            abstract="Trả lời", drafter=visit.who.account, created_at=visit.now,
        )  # fmt: skip
        working.link_answer(visit, document, answer.pk)
    refused("FIELDS_WRONG", made, Duty.CASE_OFFICER, lambda visit: working.report(visit, task.pk, "xong"))
    with acting_for(made.agency.pk):
        Document.objects.filter(pk=answer.pk).update(state="issued", number="01", symbol="STN-TH")
    with working_as(made, Duty.CASE_OFFICER) as visit:
        working.report(visit, task.pk, "Đã trả lời")
    with working_as(made, Duty.UNIT_HEAD) as visit:
        working.confirm(visit, task.pk)
    assert document_state(made, document) == "finished"


def test_a_reminder_blocks_finishing_until_it_is_replied_to(made: OfficeAgency) -> None:
    document = registered(made)
    task = assigned(made, document)
    with working_as(made, Duty.CASE_OFFICER) as visit:
        working.report(visit, task.pk, "Đã làm", no_answer=True)
    for _ in range(2):
        with working_as(made, Duty.OFFICE_CHIEF) as visit:
            urging.remind(visit, task.pk, "Báo cáo số liệu")
    refused("STEP_NOT_POSSIBLE", made, Duty.UNIT_HEAD, lambda visit: working.confirm(visit, task.pk))
    with working_as(made, Duty.CASE_OFFICER) as visit:
        working.give_opinion(visit, document, "Số liệu ở trang 2", task.pk)
    with working_as(made, Duty.UNIT_HEAD) as visit:
        working.confirm(visit, task.pk)
    assert document_state(made, document) == "finished"
    with acting_for(made.agency.pk):
        assert Opinion.objects.filter(document=document, kind="reminder").count() == 1


def test_a_deadline_inside_the_unit_is_not_after_the_units_and_more_time_is_asked_for(made: OfficeAgency) -> None:
    today = datetime.now(UTC).date()
    document, due = registered(made), today + timedelta(days=20)
    (unit,) = directed(made, document, to_unit(made.unit), due=due)
    late = Order((to_person(made, Duty.CASE_OFFICER),), due=due + timedelta(days=1))
    found = refused("FIELDS_WRONG", made, Duty.UNIT_HEAD, lambda visit: routing.assign(visit, unit.pk, late))
    assert [each.path for each in found.problems] == ["due"]
    with working_as(made, Duty.UNIT_HEAD) as visit:
        (task,) = routing.assign(visit, unit.pk, Order((to_person(made, Duty.CASE_OFFICER),)))
        assert task.due_date == due
    longer = due + timedelta(days=5)
    with working_as(made, Duty.CASE_OFFICER) as visit:
        urging.ask_extension(visit, task.pk, longer, "Chờ số liệu")
    refused("FIELDS_WRONG", made, Duty.UNIT_HEAD, lambda visit: urging.decide_extension(visit, task.pk, True))
    with working_as(made, Duty.UNIT_HEAD) as visit:
        urging.ask_extension(visit, unit.pk, longer, "Chờ số liệu")
    refused("NOT_YOURS", made, Duty.CASE_OFFICER, lambda visit: urging.decide_extension(visit, unit.pk, True))
    refused("FIELDS_WRONG", made, Duty.LEADER, lambda visit: urging.decide_extension(visit, unit.pk, False))
    with working_as(made, Duty.LEADER) as visit:
        urging.decide_extension(visit, unit.pk, True)
    with working_as(made, Duty.UNIT_HEAD) as visit:
        assert urging.decide_extension(visit, task.pk, True).due_date == longer


def test_a_task_is_withdrawn_while_unread_and_later_only_with_a_reason(made: OfficeAgency) -> None:
    document = registered(made)
    task = assigned(made, document)
    with working_as(made, Duty.CASE_OFFICER) as visit:
        assert readable(visit).filter(pk=document.pk).exists()
    refused("NOT_YOURS", made, Duty.CASE_OFFICER, lambda visit: routing.withdraw(visit, task.pk))
    with working_as(made, Duty.UNIT_HEAD) as visit:
        routing.withdraw(visit, task.pk)
    assert state(made, task) == "withdrawn"
    with working_as(made, Duty.UNIT_HEAD) as visit:
        again = routing.assign(visit, task.parent_id or 0, Order((to_person(made, Duty.CASE_OFFICER),)))[0]
    assert again.pk != task.pk
    with working_as(made, Duty.CASE_OFFICER) as visit:
        working.see(visit, document)
    refused("STEP_NOT_POSSIBLE", made, Duty.UNIT_HEAD, lambda visit: routing.withdraw(visit, again.pk))
    with working_as(made, Duty.UNIT_HEAD) as visit:
        routing.withdraw(visit, again.pk, "Đổi người")
    with acting_for(made.agency.pk):
        assert Task.objects.get(pk=task.parent_id).state == "open"
        assert not Reader.objects.filter(document=document, principal=made.people[Duty.CASE_OFFICER].pk).exists()


def test_withdrawing_from_a_unit_takes_back_what_it_gave_on(made: OfficeAgency) -> None:
    document = registered(made)
    task = assigned(made, document)
    with working_as(made, Duty.LEADER) as visit:
        routing.withdraw(visit, task.parent_id or 0, "Giao đơn vị khác")
    assert state(made, task) == "withdrawn"
    assert document_state(made, document) == "submitted"


def test_what_was_given_back_returns_to_the_giver_who_gives_it_anew(made: OfficeAgency) -> None:
    document = registered(made)
    (unit,) = directed(made, document, to_unit(made.unit))
    with working_as(made, Duty.UNIT_HEAD) as visit:
        routing.give_back(visit, unit.pk, "Không thuộc chức năng")
    with acting_for(made.agency.pk):
        above = Task.objects.get(pk=unit.parent_id)
        assert above.state == "open"
    with working_as(made, Duty.LEADER) as visit:
        routing.direct(visit, above.pk, Order((to_unit(made.office),), "Giao Văn phòng."))
    assert document_state(made, document) == "directed"


def test_an_officer_forwards_inside_his_unit_and_the_chain_stays(made: OfficeAgency) -> None:
    document = registered(made)
    task = assigned(made, document)
    refused("NOT_YOURS", made, Duty.CASE_OFFICER,
            lambda visit: routing.forward(visit, task.pk, Order((to_person(made, Duty.REGISTRAR),), "Nhờ")))  # fmt: skip
    with working_as(made, Duty.CASE_OFFICER) as visit:
        (on,) = routing.forward(visit, task.pk, Order((to_person(made, Duty.UNIT_REGISTRAR),), "Nhờ làm giúp"))
    assert (on.parent_id, state(made, task)) == (task.pk, "passed")
    with working_as(made, Duty.UNIT_REGISTRAR) as visit:
        working.report(visit, on.pk, "Đã làm", no_answer=True)
    assert state(made, on) == "reported"
    with working_as(made, Duty.CASE_OFFICER) as visit:
        working.confirm(visit, on.pk)
    assert document_state(made, document) == "finished"


def test_only_to_be_known_is_taken_note_of_together_and_the_rest_is_told(made: OfficeAgency) -> None:
    first, second = registered(made), registered(made)
    known = [directed(made, each, to_person(made, Duty.UNIT_HEAD, INFORM))[0] for each in (first, second)]
    (lead,) = directed(made, registered(made), to_unit(made.unit))
    with working_as(made, Duty.UNIT_HEAD) as visit:
        done = working.know_all(visit, [*(each.pk for each in known), lead.pk])
    assert [each is None for _, each in done] == [True, True, False]
    assert [document_state(made, each) for each in (first, second)] == ["finished", "finished"]
    assert state(made, lead) == "new"


def test_a_recall_destroys_the_copy_and_keeps_what_is_known_of_it(made: OfficeAgency) -> None:
    document = registered(made, abstract="Nội dung phải hủy")
    task = assigned(made, document)
    refused("NOT_YOURS", made, Duty.LEADER, lambda visit: recalling.recall_incoming(visit, document, "Gửi nhầm"))
    for _ in range(2):
        with visit_of_worker(made) as visit, transaction.atomic():
            recalling.recall_incoming(visit, document, "Gửi nhầm")
            visit.write_entries()
    with acting_for(made.agency.pk):
        left = Document.objects.get(pk=document.pk)
        assert (left.state, left.recall_reason, left.number, left.symbol, left.identifier, left.issuer_name) == (
            "recalled", "Gửi nhầm", document.number, document.symbol, document.identifier, document.issuer_name)  # fmt: skip
        assert "hủy" not in left.abstract
        assert not StoredFile.objects.filter(document=document).exists()
        assert not Reader.objects.filter(document=document).exists()
        assert "Nội dung" not in Arrival.objects.get(document=document).title
        assert Task.objects.get(pk=task.pk).state == "withdrawn"
        assert Task.objects.get(pk=task.pk).directive == ""
        codes = [each.members["code"] for each in Message.objects.filter(document=document).order_by("pk")]
        assert codes == [3, 4, 15]
        assert NumberEntry.objects.get(document=document).void_at is None
    with working_as(made, Duty.CASE_OFFICER) as visit:
        assert not readable(visit).filter(pk=document.pk).exists()
    refused(
        "STEP_NOT_POSSIBLE",
        made,
        Duty.REGISTRAR,
        lambda visit: routing.submit(visit, document, made.people[Duty.LEADER].pk),
    )


def test_a_recall_of_what_was_answered_is_refused_with_16(made: OfficeAgency) -> None:
    document = registered(made)
    with working_as(made, Duty.REGISTRAR) as visit:
        Document.objects.create(
            agency=visit.agency, direction=Direction.OUTGOING.value, state="issued", kind="Công văn", issuer_name="Sở",
            abstract="Trả lời", number="01", created_at=visit.now, issued_at=visit.now, answers=document,
        )  # fmt: skip
        recalling.recall_incoming(visit, document, "Gửi nhầm")
    assert document_state(made, document) == "registered"
    with acting_for(made.agency.pk):
        assert [each.members["code"] for each in Message.objects.filter(document=document).order_by("pk")] == [3, 16]


def test_a_correction_notes_what_changed_and_refuses_a_stale_form(made: OfficeAgency) -> None:
    document = registered(made)
    new = fields(number=document.number, abstract="Trích yếu đã sửa")
    with working_as(made, Duty.REGISTRAR) as visit:
        assert correcting.correct(visit, document, new, document.revision).revision == 2
    with working_as(made, Duty.REGISTRAR) as visit:
        assert correcting.correct(visit, document, new, document.revision).revision == 2
    other = fields(number=document.number, abstract="Người khác sửa")
    refused(
        "FORM_STALE", made, Duty.REGISTRAR, lambda visit: correcting.correct(visit, document, other, document.revision)
    )
    refused("NOT_YOURS", made, Duty.LEADER, lambda visit: correcting.correct(visit, document, other, 2))


def test_work_is_not_given_to_another_agency(made: OfficeAgency) -> None:
    other = make_agency(made.agency.pk + 10_000_000, code=f"X{made.agency.code}")
    task = submitted(made, registered(made))
    for target in (to_unit(other.unit), to_person(other, Duty.CASE_OFFICER)):
        refused("FIELDS_WRONG", made, Duty.LEADER,
                lambda visit, target=target: routing.direct(visit, task.pk, Order((target,), "Giao.")))  # fmt: skip


def test_a_head_whose_appointment_ended_is_told_nothing_more(made: OfficeAgency) -> None:
    with acting_for(made.agency.pk):
        head = Appointment.objects.filter(account=made.people[Duty.UNIT_HEAD])
        head.update(valid_until=date(2024, 12, 31))
    (unit,) = directed(made, registered(made), to_unit(made.unit))
    refused("NOT_YOURS", made, Duty.UNIT_HEAD, lambda visit: working.take(visit, unit.pk))


def appoint(made: OfficeAgency, duty: Duty, **days: date | None) -> None:
    """Change from when to when the appointment of the person with a duty holds."""
    with acting_for(made.agency.pk):
        Appointment.objects.filter(account=made.people[duty]).update(**days)


def told(made: OfficeAgency, duty: Duty) -> list[str]:
    with acting_for(made.agency.pk):
        return list(Notice.objects.filter(account=made.people[duty]).values_list("kind", flat=True))


def test_only_who_holds_the_duty_on_the_day_is_told(made: OfficeAgency) -> None:
    today = datetime.now(VIETNAM).date()
    appoint(made, Duty.UNIT_HEAD, valid_until=today)
    appoint(made, Duty.UNIT_REGISTRAR, valid_from=today + timedelta(days=1))
    directed(made, registered(made), to_unit(made.unit))
    assert told(made, Duty.UNIT_HEAD) == ["task.handling"]
    assert told(made, Duty.UNIT_REGISTRAR) == []


def test_reminders_reach_the_holders_of_the_day_and_not_of_another(made: OfficeAgency) -> None:
    due = datetime.now(VIETNAM).date() + timedelta(days=30)
    assigned(made, registered(made), due=due)
    late = vietnam().next_working_day(due + timedelta(days=30))
    appoint(made, Duty.OFFICE_CHIEF, valid_until=late)
    appoint(made, Duty.FOLLOW_UP, valid_from=late + timedelta(days=1))
    with visit_of_worker(made) as visit:
        visit.now = datetime.combine(late, time(1), VIETNAM)
        urging.remind_and_escalate(visit)
    assert "task.escalated" in told(made, Duty.OFFICE_CHIEF)
    assert "task.escalated" not in told(made, Duty.FOLLOW_UP)


def test_work_is_given_inside_the_unit_only_to_who_is_still_in_it(made: OfficeAgency) -> None:
    (unit,) = directed(made, registered(made), to_unit(made.unit))
    with acting_for(made.agency.pk):
        officer = made.people[Duty.CASE_OFFICER]
        Appointment.objects.filter(account=officer).update(valid_until=date(2024, 12, 31))
        Appointment.objects.create(agency=made.agency, account=officer, unit=made.office, duty="case_officer",
                                   position="Chuyên viên", valid_from=date(2025, 1, 1))  # fmt: skip
    order = Order((to_person(made, Duty.CASE_OFFICER),), "Làm.")
    refused("NOT_YOURS", made, Duty.UNIT_HEAD, lambda visit: routing.assign(visit, unit.pk, order))


def test_the_head_of_a_unit_that_was_left_long_ago_does_not_hand_over(made: OfficeAgency) -> None:
    officer = made.people[Duty.CASE_OFFICER]
    with working_as(made, Duty.UNIT_HEAD) as visit:
        assert handing_over.may_hand_over(visit, officer)
    appoint(made, Duty.CASE_OFFICER, valid_until=date(2024, 12, 31))
    with working_as(made, Duty.UNIT_HEAD) as visit:
        assert handing_over.may_hand_over(visit, officer)
        Appointment.objects.create(agency=made.agency, account=officer, unit=made.office, duty="case_officer",
                                   position="Chuyên viên", valid_from=date(2025, 1, 1))  # fmt: skip
        assert not handing_over.may_hand_over(visit, officer)
