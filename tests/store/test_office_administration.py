"""Administration: people, positions, delegation; what administrators may not do; the audit chain."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.db.utils import DatabaseError, ProgrammingError

from lienthong.base.errors import Refused
from lienthong.webkit.administration import delegating
from lienthong.webkit.administration.errors import DELEGATION_NOT_POSSIBLE
from lienthong.webkit.audit.chain import append, check
from lienthong.webkit.audit.errors import AUDIT_BROKEN
from lienthong.webkit.door.visit import capacities_of
from lienthong.webkit.people.models import Account, Appointment
from lienthong.webkit.site.duties import Duty
from lienthong.webkit.site.tenancy import acting_for, as_owner
from office_world import OfficeAgency, make_agency, visit_as


@pytest.fixture
def made(agency_number: int) -> OfficeAgency:
    return make_agency(agency_number)


def test_a_new_person_gets_a_one_time_password_and_must_choose_another(made: OfficeAgency) -> None:
    admin = made.client(Duty.ADMINISTRATOR)
    login = f"an.nguyen.{made.agency.code.lower()}"
    shown = admin.submit("/people/new", full_name="Nguyễn Văn An", login=login, email="").content.decode()
    assert "Mật khẩu chỉ hiện ở trang này" in shown
    with acting_for(made.agency.pk):
        account = Account.objects.get(login=login)
    assert account.must_change and account.sort_name == "an nguyen van"


def test_what_was_typed_stays_when_a_form_is_refused(made: OfficeAgency) -> None:
    answer = made.client(Duty.ADMINISTRATOR).submit("/people/new", full_name="Trần Thị Bình", login="Có Dấu", email="x")
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Trần Thị Bình" in page and "Có Dấu" in page
    assert "Tên đăng nhập gồm 3 ký tự trở lên" in page and "Địa chỉ thư không đúng dạng" in page


def test_a_login_can_be_had_once_even_across_agencies(made: OfficeAgency, agency_number: int) -> None:
    other = make_agency(agency_number + 700_000)
    taken = other.people[Duty.LEADER].login
    answer = made.client(Duty.ADMINISTRATOR).submit("/people/new", full_name="Lê Văn Cường", login=taken, email="")
    assert "đã có người dùng" in answer.content.decode()


def test_a_position_opens_pages_and_its_end_closes_them(made: OfficeAgency) -> None:
    admin, officer = made.client(Duty.ADMINISTRATOR), made.people[Duty.AUDITOR]
    client = made.client(Duty.AUDITOR)
    assert client.get("/incoming").status_code == 403
    admin.submit(
        f"/people/{officer.pk}/appoint",
        page=f"/people/{officer.pk}",
        duty="case_officer",
        unit=made.unit.pk,
        position="Chuyên viên",
    )
    assert client.get("/incoming").status_code == 200
    with acting_for(made.agency.pk):
        held = Appointment.objects.get(account=officer, duty="case_officer")
        Appointment.objects.filter(pk=held.pk).update(valid_from=held.valid_from - timedelta(days=9))
    admin.submit(f"/people/{officer.pk}/positions/{held.pk}/end", page=f"/people/{officer.pk}")
    with acting_for(made.agency.pk):
        Appointment.objects.filter(pk=held.pk).update(valid_until=held.valid_from - timedelta(days=1))
    assert client.get("/incoming").status_code == 403


def test_an_administrator_cannot_change_his_own_rights(made: OfficeAgency) -> None:
    me = made.people[Duty.ADMINISTRATOR]
    client = made.client(Duty.ADMINISTRATOR)
    answer = client.submit(
        f"/people/{me.pk}/appoint", page=f"/people/{me.pk}", duty="leader", unit=made.office.pk, position="GIÁM ĐỐC"
    )
    assert answer.status_code == 403
    assert "Không ai tự thay đổi quyền của chính mình" in answer.content.decode()
    with acting_for(made.agency.pk):
        assert Appointment.objects.filter(account=me).count() == 1


def test_a_closed_account_is_out_at_once(made: OfficeAgency) -> None:
    victim = made.client(Duty.CASE_OFFICER)
    assert victim.get("/incoming").status_code == 200
    pk = made.people[Duty.CASE_OFFICER].pk
    made.client(Duty.ADMINISTRATOR).submit(f"/people/{pk}/disable", page=f"/people/{pk}", reason="Chuyển công tác")
    assert victim.get("/incoming").status_code == 303


def test_a_substitute_acts_for_somebody_only_in_lent_duties_and_for_the_time(made: OfficeAgency) -> None:
    leader, chief = made.people[Duty.LEADER], made.people[Duty.OFFICE_CHIEF]
    now = datetime.now(UTC)
    with acting_for(made.agency.pk):
        visit = visit_as(made, Duty.LEADER)
        delegating.delegate(
            visit, leader, chief, [Duty.LEADER], now - timedelta(hours=1), now + timedelta(days=2), "Đi công tác"
        )
        held = [each for each in capacities_of(chief, now) if each.principal == leader.pk]
        assert [each.duty for each in held] == [Duty.LEADER]
        assert not [each for each in capacities_of(chief, now + timedelta(days=3)) if each.principal]
        with pytest.raises(Refused) as refused:
            delegating.delegate(visit, leader, chief, [Duty.REGISTRAR], now, now + timedelta(days=2), "Đi công tác")
        assert refused.value.code is DELEGATION_NOT_POSSIBLE


def test_looking_at_the_log_is_in_the_log_and_the_chain_is_intact(made: OfficeAgency) -> None:
    auditor = made.client(Duty.AUDITOR)
    page = auditor.get("/audit").content.decode()
    assert "signin.done" in page
    assert "audit.read" in auditor.get("/audit?action=audit.read").content.decode()
    assert "Nhật ký nguyên vẹn" in auditor.submit("/audit/verify", page="/audit").content.decode()


def test_a_refused_page_is_in_the_log(made: OfficeAgency) -> None:
    made.client(Duty.CASE_OFFICER).get("/people")
    assert "DUTY_MISSING" in made.client(Duty.AUDITOR).get("/audit?action=denied").content.decode()


def test_the_web_role_can_neither_change_nor_remove_nor_forge_an_entry(made: OfficeAgency) -> None:
    with acting_for(made.agency.pk):
        append(['{"at":"2026-11-26T00:00:00.000Z","action":"x","object":"","account":null}'])
        for statement in (
            "update audit_entry set body = body", "delete from audit_entry", "truncate audit_entry",
            f"insert into audit_entry (agency_id, number, at, body, previous, digest) values ({made.agency.pk}, 99, now(), '{{}}', '', '')",
            "update audit_head set number = 0",
        ):  # fmt: skip
            with pytest.raises(ProgrammingError, match="permission denied"), connection.cursor() as cursor:
                cursor.execute(statement)


@pytest.mark.parametrize("change", ["body", "gap", "tail"])
def test_what_the_owner_of_the_database_changes_is_noticed(made: OfficeAgency, change: str) -> None:
    with acting_for(made.agency.pk):
        append(f'{{"at":"2026-11-26T00:00:00.000Z","action":"x{n}","object":"","account":null}}' for n in range(5))
        assert check(made.agency.pk).entries == 5
    statements = {
        "body": "update audit_entry set body = replace(body, 'x2', 'y2') where agency_id = %s and number = 3",
        "gap": "delete from audit_entry where agency_id = %s and number = 2",
        "tail": "delete from audit_entry where agency_id = %s and number = 5",
    }
    with as_owner(), connection.cursor() as cursor:
        with pytest.raises(DatabaseError, match="append-only"):
            cursor.execute(statements[change], [made.agency.pk])
        cursor.execute("alter table audit_entry disable trigger audit_entry_is_final")
        cursor.execute(statements[change], [made.agency.pk])
        cursor.execute("alter table audit_entry enable trigger audit_entry_is_final")
    with acting_for(made.agency.pk), pytest.raises(Refused) as refused:
        check(made.agency.pk)
    assert refused.value.code is AUDIT_BROKEN
    assert refused.value.params["number"] == {"body": "3", "gap": "2", "tail": "5"}[change]
