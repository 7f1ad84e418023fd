"""A draft names a post or a substitute as signer; who signs in place of another does so by a delegation in force."""

from __future__ import annotations

import io
from datetime import date, timedelta

import pytest
from django.db import connection
from test_office_outgoing import refused_by

from lienthong.office.models import Notice, SigningStep
from lienthong.office.services import drafting, issuing, passing_on, signing_posts
from lienthong.office.services.draft_content import ChainSigner, DraftFields
from lienthong.office.services.reviewing import Check
from lienthong.office.states import Outgoing
from lienthong.webkit.administration import delegating
from lienthong.webkit.people.models import Appointment, Delegation
from lienthong.webkit.site.duties import Duty
from lienthong.webkit.site.tenancy import acting_for
from official_document import decision
from outgoing_world import LEADER, PASSWORD_TEXT, OutgoingAgency, make_outgoing

CHIEF = "Lê Quốc Đại"


@pytest.fixture
def world(office_installation, agency_number) -> OutgoingAgency:
    made = make_outgoing(agency_number)
    made.rename(Duty.OFFICE_CHIEF, CHIEF)
    return made


def lend(world: OutgoingAgency, substitute: Duty = Duty.OFFICE_CHIEF) -> int:
    """The leader lends his duty from an hour ago on, for a day."""
    with world.visit(Duty.LEADER) as visit:
        before = visit.now - timedelta(hours=1)
        return delegating.delegate(
            visit, world.account(Duty.LEADER), world.account(substitute), [Duty.LEADER], before,
            before + timedelta(days=1), "Đi công tác",
        ).pk  # fmt: skip


def take_back(world: OutgoingAgency, delegation: int) -> None:
    with world.visit(Duty.LEADER) as visit:
        delegating.revoke(visit, Delegation.objects.get(pk=delegation))


def by_chief() -> bytes:
    """The decision with the substitute's block in place of the leader's."""
    return decision(change=lambda text: text.replace("GIÁM ĐỐC", "CHÁNH VĂN PHÒNG").replace(LEADER, CHIEF))


def substitute(world: OutgoingAgency, delegation: int) -> ChainSigner:
    with world.visit(Duty.CASE_OFFICER) as visit:
        return signing_posts.by_delegation(visit, Delegation.objects.get(pk=delegation))


def of_post(world: OutgoingAgency) -> ChainSigner:
    with world.visit(Duty.CASE_OFFICER) as visit:
        held = {each.duty: each for each in signing_posts.posts(visit)}
        return signing_posts.by_post(held[Duty.LEADER.value])


def succeed(world: OutgoingAgency, *, end: bool = True) -> None:
    """The office chief becomes head of the agency as well; the former one is no longer."""
    with acting_for(world.made.agency.pk):
        old = Appointment.objects.get(account=world.account(Duty.LEADER), duty=Duty.LEADER.value)
        if end:
            Appointment.objects.filter(pk=old.pk).update(valid_until=date(2021, 1, 1))
        old.pk, old.account = None, world.account(Duty.OFFICE_CHIEF)
        old.save(force_insert=True)


def last_entry(action: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("select body from audit_entry where action = %s order by number desc", [action])
        return str(cursor.fetchone()[0])


def test_a_substitute_signs_with_his_capacity_and_the_log_says_for_whom(world: OutgoingAgency) -> None:
    signer = substitute(world, lend(world))
    assert (signer.capacity, signer.position, signer.name) == (("TUQ. GIÁM ĐỐC",), "CHÁNH VĂN PHÒNG", CHIEF)
    document = world.draft(pdf=by_chief(), signers=(signer,))
    world.to_signers(document)
    world.sign(document, Duty.OFFICE_CHIEF)
    found = world.look(document)
    assert (found.state, found.signer_name, found.signer_capacity) == (Outgoing.SIGNED.value, CHIEF, "TUQ. GIÁM ĐỐC")
    with acting_for(world.made.agency.pk):
        assert SigningStep.objects.get(document=document).for_whom_id == world.account(Duty.LEADER).pk
        entry = last_entry("document.signed")
    assert f'"on_behalf_of":{world.account(Duty.LEADER).pk}' in entry and "TUQ. GIÁM ĐỐC" in entry


def test_without_a_delegation_in_force_nobody_signs_for_another(world: OutgoingAgency) -> None:
    delegation = lend(world)
    signer = substitute(world, delegation)
    waiting, drafted = (world.draft(pdf=by_chief(), signers=(signer,)) for _ in range(2))
    world.to_signers(waiting)
    take_back(world, delegation)
    refused_by("SIGNER_CHANGED", lambda: world.sign(waiting, Duty.OFFICE_CHIEF))
    refused_by("SIGNER_CHANGED", lambda: world.submit(drafted))
    assert world.look(waiting).state == Outgoing.SIGNING.value


def test_a_delegation_that_ended_during_the_review_stops_the_chain_before_it_begins(world: OutgoingAgency) -> None:
    delegation = lend(world)
    document = world.draft(pdf=by_chief(), signers=(substitute(world, delegation),))
    world.submit(document)
    world.approve(document, Check.CONTENT, Duty.UNIT_HEAD)
    take_back(world, delegation)
    refused_by("SIGNER_CHANGED", lambda: world.approve(document, Check.FORM, Duty.REGISTRAR))
    assert world.look(document).state == Outgoing.FORM_CHECK.value


def test_neither_substitute_nor_principal_checks_the_form_numbers_or_seals(world: OutgoingAgency) -> None:
    world.also(Duty.LEADER, Duty.REGISTRAR)
    document = world.draft(pdf=by_chief(), signers=(substitute(world, lend(world)),))
    world.submit(document)
    world.approve(document, Check.CONTENT, Duty.UNIT_HEAD)
    for duty in (Duty.LEADER, Duty.OFFICE_CHIEF):
        refused_by("NOT_YOURS", lambda duty=duty: world.approve(document, Check.FORM, duty))
    world.approve(document, Check.FORM, Duty.REGISTRAR)
    world.sign(document, Duty.OFFICE_CHIEF)
    with world.visit(Duty.LEADER) as visit:
        refused_by("NOT_YOURS", lambda: issuing.number(visit, document))


def test_on_the_page_too_neither_substitute_nor_principal_seals_and_the_registry_does(world: OutgoingAgency) -> None:
    document = world.draft(pdf=by_chief(), signers=(substitute(world, lend(world)),))
    world.to_signers(document)
    world.sign(document, Duty.OFFICE_CHIEF)
    world.number(document)
    where = f"/drafts/{document}"
    for duty in (Duty.LEADER, Duty.OFFICE_CHIEF):
        world.also(duty, Duty.REGISTRAR)
        answer = world.made.client(duty).submit(f"{where}/seal", page=where, secret=PASSWORD_TEXT)
        assert (answer.status_code, "Mã: NOT_YOURS" in answer.content.decode()) == (403, True), duty
    assert not world.agency_log.exists(), "the agency's key was not used"
    answer = world.made.client(Duty.REGISTRAR).submit(f"{where}/seal", page=where, secret=PASSWORD_TEXT)
    assert answer.status_code == 303, answer.content.decode()[-2000:]
    with acting_for(world.made.agency.pk):
        assert issuing.is_sealed(world.get(document))


def test_only_who_may_sign_himself_signs_for_another(world: OutgoingAgency) -> None:
    lend(world, Duty.CASE_OFFICER)
    with world.visit(Duty.CASE_OFFICER) as visit:
        assert signing_posts.delegations(visit) == []
    world_delegation = lend(world)
    with world.visit(Duty.CASE_OFFICER) as visit:
        assert [each.pk for each in signing_posts.delegations(visit)] == [world_delegation]


def test_the_holder_of_a_post_at_the_time_of_signing_signs(world: OutgoingAgency) -> None:
    document = world.draft(signers=(of_post(world),))
    world.to_signers(document)
    succeed(world)
    refused_by("SIGNER_CHANGED", lambda: world.sign(document))
    with world.visit(Duty.CASE_OFFICER) as visit:
        drafting.withdraw(visit, document)
    refused_by("SIGNER_CHANGED", lambda: world.submit(document))
    successor = of_post(world)
    assert successor.name == CHIEF
    with world.visit(Duty.CASE_OFFICER) as visit:
        found = drafting.save(visit, document, world.fields(signers=(successor,)), world.get(document).revision)
        new = io.BytesIO(decision(change=lambda text: text.replace(LEADER, CHIEF)))
        drafting.put_file(visit, document, new, "b.pdf", found.revision)
    world.to_signers(document)
    world.sign(document, Duty.OFFICE_CHIEF)
    assert world.look(document).signer_name == CHIEF


def test_a_post_that_several_hold_is_not_offered_and_does_not_sign(world: OutgoingAgency) -> None:
    document = world.draft(signers=(of_post(world),))
    world.to_signers(document)
    succeed(world, end=False)
    with world.visit(Duty.CASE_OFFICER) as visit:
        assert Duty.LEADER.value not in {each.duty for each in signing_posts.posts(visit)}
    refused_by("SIGNER_CHANGED", lambda: world.sign(document))


def test_a_signer_passes_his_signature_on_and_the_document_is_laid_out_and_approved_anew(world: OutgoingAgency) -> None:
    delegation = lend(world)
    document = world.draft()
    world.to_signers(document)
    with world.visit(Duty.LEADER) as visit:
        assert [each.pk for each in passing_on.choices(visit, world.get(document))] == [delegation]
        passing_on.pass_on(visit, document, delegation)
    found = world.look(document)
    [signer] = DraftFields.from_json(found.content).signers
    assert (found.state, signer.name, signer.capacity) == (Outgoing.DRAFT.value, CHIEF, ("TUQ. GIÁM ĐỐC",))
    with acting_for(world.made.agency.pk):
        told = Notice.objects.filter(account=world.account(Duty.CASE_OFFICER)).latest("pk").text
        assert f"{LEADER} giao {CHIEF} ký TUQ. GIÁM ĐỐC" in told
        assert f'"delegation":{delegation}' in last_entry("draft.passed_on")
    with world.visit(Duty.CASE_OFFICER) as visit:
        drafting.put_file(visit, document, io.BytesIO(by_chief()), "b.pdf", found.revision)
    world.to_signers(document)
    refused_by("NOT_YOURS", lambda: world.sign(document))
    world.sign(document, Duty.OFFICE_CHIEF)
    assert world.look(document).state == Outgoing.SIGNED.value


def test_nobody_passes_on_what_is_not_his_own_signature(world: OutgoingAgency) -> None:
    delegation = lend(world)
    document = world.draft()
    world.to_signers(document)

    def passing(duty: Duty, by: int) -> None:
        with world.visit(duty) as visit:
            passing_on.pass_on(visit, document, by)

    refused_by("NOT_YOURS", lambda: passing(Duty.OFFICE_CHIEF, delegation))
    refused_by("STEP_NOT_POSSIBLE", lambda: passing(Duty.LEADER, delegation + 1))
    take_back(world, delegation)
    refused_by("STEP_NOT_POSSIBLE", lambda: passing(Duty.LEADER, delegation))
    assert world.look(document).state == Outgoing.SIGNING.value


def test_the_pages_offer_posts_and_substitutes_and_keep_what_was_chosen(world: OutgoingAgency) -> None:
    delegation = lend(world)
    drafter = world.made.client(Duty.CASE_OFFICER)
    page = drafter.get("/drafts/new").content.decode()
    assert f'value="for:{delegation}"' in page and f"TUQ. GIÁM ĐỐC – {CHIEF} thay {LEADER}" in page
    assert "người giữ chức danh khi ký (nay là Lê Quốc Đại)" in page
    answer = drafter.submit(
        "/drafts/new", kind="Quyết định (cá biệt)", abstract="Về việc thử", body="Điều 1. Thử",
        signer_1=f"for:{delegation}",
    )  # fmt: skip
    assert answer.status_code == 303
    edited = drafter.get(answer["Location"].split("?")[0].rstrip("/") + "/edit").content.decode()
    assert f'value="for:{delegation}" selected' in edited and "TUQ. GIÁM ĐỐC" in edited


def test_the_page_lets_a_signer_pass_on(world: OutgoingAgency) -> None:
    delegation = lend(world)
    document = world.draft()
    world.to_signers(document)
    leader = world.made.client(Duty.LEADER)
    assert "Giao người khác ký thay" in leader.get(f"/drafts/{document}").content.decode()
    leader.submit(f"/drafts/{document}/pass-on", page=f"/drafts/{document}", delegation=str(delegation))
    assert world.look(document).state == Outgoing.DRAFT.value
    assert "TUQ. GIÁM ĐỐC CHÁNH VĂN PHÒNG" in leader.get(f"/drafts/{document}").content.decode()
