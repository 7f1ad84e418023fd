"""Agencies are kept apart by PostgreSQL itself, and every route says who may use it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import ProgrammingError
from django.urls import get_resolver

from fixtures_office import OfficeInstallation
from lienthong.office import urls
from lienthong.office.models import Register
from lienthong.webkit.door.access import ONLY_FORMS, PUBLIC, Route
from lienthong.webkit.people.models import Account, Agency, Unit
from lienthong.webkit.site.duties import Duty
from lienthong.webkit.site.tenancy import acting_for, enter, require_separation, unprotected
from office_world import OfficeAgency, make_agency

SHARED = ("job", "job_period", "office_pushkey", "people_signinfailure")
"""Tables that belong to no agency: works and the push key of the installation, failures of logins that may not exist."""


@pytest.fixture
def two(agency_number: int) -> tuple[OfficeAgency, OfficeAgency]:
    return make_agency(agency_number), make_agency(agency_number + 500_000)


def test_every_table_within_reach_is_under_row_level_security(office_installation: OfficeInstallation) -> None:
    assert unprotected(SHARED) == []


def test_the_process_refuses_to_run_as_a_role_that_the_rules_do_not_bind(
    office_installation: OfficeInstallation,
) -> None:
    require_separation()
    with connection.cursor() as cursor:
        cursor.execute("set role none")
        try:
            with pytest.raises(RuntimeError, match="row-level security does not bind"):
                require_separation()
        finally:
            cursor.execute("set role lienthong_web")


def test_without_an_agency_nothing_is_seen(two: tuple[OfficeAgency, OfficeAgency]) -> None:
    enter(None)
    assert not Account.objects.exists()
    assert not Agency.objects.exists()
    assert not Unit.objects.exists()


def test_an_agency_sees_and_changes_only_its_own_rows(two: tuple[OfficeAgency, OfficeAgency]) -> None:
    first, second = two
    with acting_for(first.agency.pk):
        assert {each.agency_id for each in Account.objects.all()} == {first.agency.pk}
        assert Account.objects.filter(pk=second.people[Duty.LEADER].pk).update(full_name="x") == 0
        assert Unit.objects.filter(pk=second.unit.pk).delete()[0] == 0


def test_a_row_cannot_be_written_for_another_agency(two: tuple[OfficeAgency, OfficeAgency]) -> None:
    first, second = two
    with acting_for(first.agency.pk), pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
        Register.objects.create(agency=second.agency, direction="outgoing", year=2026, code="x", name="x")
    with acting_for(second.agency.pk):
        assert not Register.objects.filter(code="x").exists()


def test_every_address_is_declared_with_a_rule(office_installation: OfficeInstallation) -> None:
    assert all(isinstance(each, Route) for each in urls.ALL)
    assert len(get_resolver().url_patterns) == len(urls.ALL)
    names = [each.name for each in urls.ALL]
    assert len(names) == len(set(names))


def test_only_these_routes_are_open_to_strangers(office_installation: OfficeInstallation) -> None:
    assert {each.name for each in urls.ALL if each.rule == PUBLIC} == {
        "look",
        "health",
        "sign_in",
        "language",
        "manifest",
        "worker",
        "offline",
        "mark",
        "calendar_feed",
        "api_description",
        "passkey_options",
        "passkey_sign_in",
        "single",
        "single_return",
        "push_moved",
    }


def addresses(made: OfficeAgency) -> dict[str, str]:
    """Every route that takes a GET, with the identifiers of an agency's own objects filled in."""
    numbers = {"account": made.people[Duty.CASE_OFFICER].pk, "unit": made.unit.pk, "number": 1, "dpi": 110}
    found = {}
    for each in urls.ALL:
        where = each.pattern
        for name, value in (numbers | {"size": 192}).items():
            where = where.replace(f"<int:{name}>", str(value))
        while "<" in where:
            start, end = where.index("<"), where.index(">")
            where = where[:start] + "999999999" + where[end + 1 :]
        found[each.name] = "/" + where
    return found


def text_of(answer: Any) -> str:
    """What an answer says; of a file that streams nothing."""
    return "" if answer.streaming else str(answer.content.decode("utf-8", "replace"))


def test_nobody_gets_anywhere_without_signing_in(two: tuple[OfficeAgency, OfficeAgency]) -> None:
    from django.test import Client

    for name, where in addresses(two[0]).items():
        if next(each for each in urls.ALL if each.name == name).rule == PUBLIC:
            continue
        answer = Client().get(where)
        assert answer.status_code in {303, 401}, (name, answer.status_code)
        if answer.status_code == 303:
            assert answer["Location"].startswith("/sign-in"), name


@pytest.mark.parametrize("duty", list(Duty))
def test_a_duty_opens_only_the_routes_that_name_it(agency_number: int, duty: Duty) -> None:
    made = make_agency(agency_number)
    client = made.client(duty)
    client.raise_request_exception = False
    for each in urls.ALL:
        if each.name in {"sign_out", "look"} or not each.rule.duties:
            continue
        answer = client.get(addresses(made)[each.name])
        if each.pattern.startswith("api/"):
            assert answer.status_code == 401, each.name
        elif duty in each.rule.duties:
            # What a service refuses about one object is another matter.
            assert answer.status_code != 500, (duty, each.name)
            assert "Mã: DUTY_MISSING" not in text_of(answer), (duty, each.name)
        else:
            assert answer.status_code == 403, (duty, each.name, answer.status_code)
            assert "Mã: DUTY_MISSING" in text_of(answer), (duty, each.name)


def test_objects_of_another_agency_are_not_found_under_any_address(two: tuple[OfficeAgency, OfficeAgency]) -> None:
    first, second = two
    theirs = addresses(second)
    for duty in (Duty.ADMINISTRATOR, Duty.REGISTRAR, Duty.LEADER):
        client = first.client(duty)
        for each in urls.ALL:
            if (
                each.rule == PUBLIC
                or each.pattern.startswith("api/")
                or "<int:" not in each.pattern.replace("<int:year>", "")
                or duty not in (each.rule.duties or Duty)
            ):
                continue
            sent = each.methods == ONLY_FORMS
            answer = client.submit(theirs[each.name], page="/mine") if sent else client.get(theirs[each.name])
            assert answer.status_code in {303, 404}, (duty, each.name, answer.status_code)
            # Some acts lead to their list, whatever they name.
            assert not re.search(r"\d{2,}", answer.headers.get("Location", "")), (duty, each.name)
            assert second.agency.name not in text_of(answer), each.name
