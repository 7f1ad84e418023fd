"""Reminders of the system: on working days, once a day, of long late tasks once a week, and never at a task's expense."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import count

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lienthong.base.clock import VIETNAM
from lienthong.office.models import Notice, Task
from lienthong.office.services import assigning, urging
from lienthong.office.services.assigning import TaskFields
from lienthong.office.services.tasks import Owner
from lienthong.vocabulary.working_calendar import WorkingCalendar, vietnam
from lienthong.webkit.people.models import Agency
from lienthong.webkit.site.duties import Duty
from lienthong.webkit.site.tenancy import acting_for
from office_world import OfficeAgency, make_agency, visit_of_worker, working_as

TODAY = datetime.now(VIETNAM).date()
WORKDAY = vietnam().next_working_day(TODAY - timedelta(days=1))
"""Today, or the next working day when today is none."""


@pytest.fixture
def made(agency_number: int) -> OfficeAgency:
    return make_agency(agency_number)


def round_on(made: OfficeAgency, day: date) -> int:
    """How many tasks the system tells of on a day."""
    with visit_of_worker(made) as visit:
        visit.now = datetime.combine(day, time(9), VIETNAM)
        return urging.remind_and_escalate(visit)


def told(made: OfficeAgency, duty: Duty) -> list[str]:
    """Kinds of the notices that somebody has, the oldest first."""
    with acting_for(made.agency.pk):
        return list(Notice.objects.filter(account=made.people[duty]).order_by("pk").values_list("kind", flat=True))


def working_days(first: date) -> Iterator[date]:
    """This working day and those after it."""
    while True:
        yield first
        first = vietnam().next_working_day(first)


def due_tasks(made: OfficeAgency, count: int, due: date) -> list[int]:
    """Tasks on their own of the case officer, due on a day; their ids."""
    with working_as(made, Duty.LEADER) as visit:
        one = TaskFields("Báo cáo tuần", owners=(Owner(made.people[Duty.CASE_OFFICER].pk),), due=due)
        return [assigning.create(visit, replace(one, title=f"Báo cáo {n}"))[0].pk for n in range(count)]


def reminded(made: OfficeAgency) -> list[str]:
    """Pages of the notices that one round of the system's reminders wrote to the case officer."""
    with visit_of_worker(made) as visit:
        visit.now = datetime.combine(WORKDAY, time(9), VIETNAM)
        urging.remind_and_escalate(visit)
        mine = Notice.objects.filter(account=made.people[Duty.CASE_OFFICER], kind="task.due")
        return list(mine.order_by("pk").values_list("where", flat=True))


def test_the_system_reminds_once_a_day_and_tells_those_above_when_it_is_late(made: OfficeAgency) -> None:
    days = working_days(vietnam().next_working_day(WORKDAY + timedelta(days=29)))
    due = next(days)
    (task,) = due_tasks(made, 1, due)
    assert round_on(made, WORKDAY) == 0
    assert [round_on(made, due), round_on(made, due)] == [1, 0]
    assert [round_on(made, each) for each, _ in zip(days, range(3), strict=False)] == [1, 1, 1]
    assert told(made, Duty.CASE_OFFICER) == ["task.handling", "task.due", "task.due", "task.due", "task.escalated"]
    assert "task.escalated" in told(made, Duty.OFFICE_CHIEF) and "task.escalated" in told(made, Duty.LEADER)
    with acting_for(made.agency.pk):
        assert Task.objects.get(pk=task).reminded_at is not None


def test_a_task_that_is_late_for_long_is_told_of_once_a_week(made: OfficeAgency) -> None:
    due = vietnam().next_working_day(date(2026, 3, 1))
    (task,) = due_tasks(made, 1, WORKDAY)
    with acting_for(made.agency.pk):
        Task.objects.filter(pk=task).update(due_date=due)
    days = [due + timedelta(days=n) for n in range(40)]
    late = [each for each in days if round_on(made, each)]
    first = vietnam().add_working_days(due, 3)
    assert late[:4] == [due, vietnam().add_working_days(due, 1), vietnam().add_working_days(due, 2), first]
    assert late[4:] == [first + timedelta(days=7 * n) for n in range(1, (days[-1] - first).days // 7 + 1)]


def test_an_agency_chooses_how_often_it_is_told_of_late_tasks(made: OfficeAgency) -> None:
    made.agency.settings = {"remind_daily": 0, "remind_again": 14}
    due = vietnam().next_working_day(date(2026, 3, 1))
    (task,) = due_tasks(made, 1, WORKDAY)
    with acting_for(made.agency.pk):
        Task.objects.filter(pk=task).update(due_date=due)
    assert [n for n in range(30) if round_on(made, due + timedelta(days=n))] == [0, 14, 28]


@pytest.mark.parametrize("off", [date(2026, 11, 28), date(2026, 11, 29), date(2026, 9, 2), date(2026, 2, 17)])
def test_nobody_is_told_on_a_day_off(made: OfficeAgency, off: date) -> None:
    (task,) = due_tasks(made, 1, WORKDAY)
    with acting_for(made.agency.pk):
        Task.objects.filter(pk=task).update(due_date=off)
    assert round_on(made, off) == 0
    assert round_on(made, vietnam().next_working_day(off)) == 1
    assert told(made, Duty.CASE_OFFICER) == ["task.handling", "task.due"]


def test_a_reminder_of_a_task_on_its_own_leads_to_its_page(made: OfficeAgency) -> None:
    (task,) = due_tasks(made, 1, WORKDAY)
    assert reminded(made) == [f"/tasks/{task}"]


def test_one_task_that_fails_leaves_the_reminders_of_the_others(
    made: OfficeAgency, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, bad, last = due_tasks(made, 3, WORKDAY)
    real = urging.days_left
    calls = count(1)

    def broken_at_the_second(calendar: WorkingCalendar, today: date, due: date) -> int:
        with connection.cursor() as cursor:
            cursor.execute("select 1 / (2 - %s)", [next(calls)])
        return real(calendar, today, due)

    monkeypatch.setattr(urging, "days_left", broken_at_the_second)
    assert reminded(made) == [f"/tasks/{first}", f"/tasks/{last}"]
    monkeypatch.undo()
    assert reminded(made) == [f"/tasks/{each}" for each in (first, last, bad)]


def test_a_round_of_reminders_reads_the_calendar_once_and_no_task_that_is_due_later(
    made: OfficeAgency, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = list[int]()
    real = urging.calendar_of

    def counted(agency: Agency) -> WorkingCalendar:
        read.append(agency.pk)
        return real(agency)

    monkeypatch.setattr(urging, "calendar_of", counted)
    due_tasks(made, 3, WORKDAY)
    due_tasks(made, 2, WORKDAY + timedelta(days=90))
    with acting_for(made.agency.pk), CaptureQueriesContext(connection) as few:
        reminded(made)
    assert read == [made.agency.pk]
    due_tasks(made, 20, WORKDAY + timedelta(days=91))
    with acting_for(made.agency.pk), CaptureQueriesContext(connection) as again:
        reminded(made)
    due_tasks(made, 20, WORKDAY + timedelta(days=92))
    with acting_for(made.agency.pk), CaptureQueriesContext(connection) as many:
        reminded(made)
    assert len(many) == len(again) < len(few)
