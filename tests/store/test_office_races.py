"""What two do at the same time: one form sent twice, two dossiers under one heading, two opinions on one task."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lienthong.office.models import Document, Opinion, Phrase, Task
from lienthong.office.services import assigning, drafting, filing, quick_phrases, reviewing
from lienthong.office.services.assigning import TaskFields
from lienthong.office.services.filing import DossierFields
from lienthong.office.services.tasks import Owner
from lienthong.webkit.door.visit import Visit
from lienthong.webkit.site.duties import Duty
from lienthong.webkit.site.tenancy import acting_for
from outgoing_world import OutgoingAgency, make_outgoing
from racing import at_once


@pytest.fixture
def world(office_installation: object, agency_number: int) -> OutgoingAgency:
    return make_outgoing(agency_number)


def test_one_form_sent_twice_at_once_begins_one_draft(world: OutgoingAgency) -> None:
    def begin(visit: Visit) -> int:
        return drafting.begin(visit, world.fields(), once="mot-bieu-mau").pk

    first, second = at_once(world.made, Duty.CASE_OFFICER, begin, begin)
    assert first == second
    with acting_for(world.made.agency.pk):
        assert Document.objects.count() == 1


def test_one_form_sent_twice_at_once_gives_one_task(world: OutgoingAgency) -> None:
    fields = TaskFields("Chuẩn bị họp", owners=(Owner(world.account(Duty.CASE_OFFICER).pk),))

    def create(visit: Visit) -> int:
        return assigning.create(visit, fields)[0].pk

    first, second = at_once(world.made, Duty.LEADER, create, create)
    assert first == second
    with acting_for(world.made.agency.pk):
        assert Task.objects.count() == 1


def test_two_dossiers_opened_at_once_without_a_file_plan_have_two_codes(world: OutgoingAgency) -> None:
    def open_(title: str) -> object:
        return lambda visit: filing.open_dossier(visit, DossierFields(title, "10 năm", 2026)).code

    codes = at_once(world.made, Duty.REGISTRAR, open_("Hồ sơ A"), open_("Hồ sơ B"))  # type: ignore[arg-type]
    assert codes == ["01.KHAC", "02.KHAC"]


@pytest.mark.parametrize("agency", [False, True])
def test_two_phrases_added_at_once_stay_within_the_limit(world: OutgoingAgency, agency: bool) -> None:
    with world.visit(Duty.OFFICE_CHIEF) as visit:
        for number in range(quick_phrases.MOST - 1):
            quick_phrases.add(visit, f"Câu {number}", agency=agency)

    def add(text: str) -> Callable[[Visit], str]:
        return lambda visit: quick_phrases.add(visit, text, agency=agency).text

    assert at_once(world.made, Duty.OFFICE_CHIEF, add("A"), add("B")) == ["A", "FIELDS_WRONG"]
    with acting_for(world.made.agency.pk):
        assert Phrase.objects.count() == quick_phrases.MOST


def test_a_task_takes_one_opinion_when_two_are_given_at_once(world: OutgoingAgency) -> None:
    document = world.draft()
    with world.visit(Duty.CASE_OFFICER) as visit:
        (task,) = reviewing.ask_opinions(visit, document, [Owner(world.account(Duty.ARCHIVIST).pk)], None)

    def give(visit: Visit) -> str:
        return reviewing.give_opinion(visit, Task.objects.select_related("document").get(pk=task.pk), "Đồng ý").text

    assert at_once(world.made, Duty.ARCHIVIST, give, give) == ["Đồng ý", "STEP_NOT_POSSIBLE"]
    with acting_for(world.made.agency.pk):
        assert Opinion.objects.count() == 1
