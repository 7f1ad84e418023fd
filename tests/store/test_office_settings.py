"""The agency's own calendar changes deadlines; its mailbox is kept with a sealed password."""

from __future__ import annotations

from datetime import date

import pytest

from lienthong.office.deadlines import calendar_of, days_left
from lienthong.office.services.mail_intake import mailbox_of
from lienthong.webkit.people.models import Agency
from lienthong.webkit.site.duties import Duty
from lienthong.webkit.site.tenancy import acting_for
from office_world import OfficeAgency, make_agency


@pytest.fixture
def made(agency_number: int) -> OfficeAgency:
    return make_agency(agency_number)


def stored(made: OfficeAgency) -> Agency:
    with acting_for(made.agency.pk):
        return Agency.objects.get(pk=made.agency.pk)


def test_a_day_that_the_administrator_enters_moves_a_deadline(made: OfficeAgency) -> None:
    thursday, friday, monday = date(2027, 3, 11), date(2027, 3, 12), date(2027, 3, 15)
    assert days_left(calendar_of(stored(made)), thursday, monday) == 2
    admin = made.client(Duty.ADMINISTRATOR)
    admin.submit(
        "/settings/calendar", page="/settings", day="12/03/2027", kind="swapped_off", reason="Thông báo thử số 1"
    )
    assert not calendar_of(stored(made)).is_working_day(friday)
    assert days_left(calendar_of(stored(made)), thursday, monday) == 1
    assert "Thông báo thử số 1" in admin.get("/settings").content.decode()
    admin.submit("/settings/calendar/2027-03-12/remove", page="/settings")
    assert days_left(calendar_of(stored(made)), thursday, monday) == 2


def test_a_saturday_can_be_worked_in_exchange(made: OfficeAgency) -> None:
    made.client(Duty.ADMINISTRATOR).submit(
        "/settings/calendar", page="/settings", day="13/03/2027", kind="swapped_work", reason="Làm bù"
    )
    assert calendar_of(stored(made)).is_working_day(date(2027, 3, 13))


def test_what_is_no_day_is_refused_and_stays_typed(made: OfficeAgency) -> None:
    answer = made.client(Duty.ADMINISTRATOR).submit(
        "/settings/calendar", page="/settings", day="31/02/2027", kind="x", reason="Căn cứ thử"
    )
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "31/02/2027" in page and "Căn cứ thử" in page and "Nhập ngày dạng 30/04/2027" in page


def test_the_mailbox_is_kept_with_its_password_sealed_and_can_be_taken_away(made: OfficeAgency) -> None:
    admin = made.client(Duty.ADMINISTRATOR)
    admin.submit(
        "/settings/mailbox",
        page="/settings",
        host="thu.example",
        port="993",
        user="vanthu@thu.example",
        password="mật khẩu hộp thư",
        place="INBOX",
    )
    agency = stored(made)
    assert "mật khẩu hộp thư" not in str(agency.settings)
    box = mailbox_of(agency)
    assert box is not None and (box.host, box.password) == ("thu.example", "mật khẩu hộp thư")
    assert "mật khẩu hộp thư" not in admin.get("/settings").content.decode()
    admin.submit("/settings/mailbox", page="/settings", host="")
    assert mailbox_of(stored(made)) is None
