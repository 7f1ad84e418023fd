"""Agencies with people in all roles, made quickly, and a browser-like client for their pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

import pyotp
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.test import Client

import fixtures_office  # noqa: F401 - configures Django before its models are imported
from lienthong.webkit.door.visit import Person, Visit, capacities_of, now, visit_of_system
from lienthong.webkit.people.models import Account, Agency, Appointment, Unit
from lienthong.webkit.signin import codes
from lienthong.webkit.site.duties import Duty
from lienthong.webkit.site.tenancy import acting_for, as_owner

PASSWORD = "mot cau that dai de nho"
POSITIONS = {
    Duty.LEADER: "GIÁM ĐỐC", Duty.OFFICE_CHIEF: "CHÁNH VĂN PHÒNG", Duty.REGISTRAR: "Văn thư", Duty.UNIT_HEAD: "TRƯỞNG PHÒNG",
    Duty.CASE_OFFICER: "Chuyên viên", Duty.ARCHIVIST: "Lưu trữ viên", Duty.ADMINISTRATOR: "Quản trị viên",
    Duty.AUDITOR: "Kiểm soát viên", Duty.UNIT_REGISTRAR: "Văn thư đơn vị", Duty.FOLLOW_UP: "Chuyên viên theo dõi",
    Duty.INTERCONNECTION: "Quản trị liên thông",
}  # fmt: skip


@dataclass
class OfficeAgency:
    """One agency of a test: its units and one person for each duty. ``secrets``: of the authenticators."""

    agency: Agency
    office: Unit
    unit: Unit
    people: dict[Duty, Account] = field(default_factory=dict)
    secrets: dict[int, str] = field(default_factory=dict)

    def client(self, duty: Duty) -> OfficeClient:
        """A signed-in browser of the person with this duty."""
        client = OfficeClient(enforce_csrf_checks=True)
        self.code(duty)
        client.sign_in(self.people[duty].login, self.secrets[self.people[duty].pk])
        return client

    def code(self, duty: Duty) -> str:
        """The present code of a person, good once more: tests sign in several times within half a minute."""
        account = self.people[duty].pk
        with acting_for(self.agency.pk):
            Account.objects.filter(pk=account).update(totp_last_step=0)
        return pyotp.TOTP(self.secrets[account]).now()


class OfficeClient(Client):
    """Sends forms as a browser does: with the page's own token and hidden fields."""

    def sign_in(self, login: str, secret: str) -> None:
        """Password, then code; the session is complete afterwards."""
        self.submit("/sign-in", login=login, password=PASSWORD)
        answer = self.submit("/sign-in/second", code=pyotp.TOTP(secret).now())
        assert answer.status_code == 303, answer.content.decode()[-3000:]

    def submit(self, where: str, page: str | None = None, **values: Any) -> Any:
        """Send a form to ``where``; its token comes from ``page``, by default the same address."""
        shown = self.get(page or where)
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', shown.content.decode())
        assert token is not None, shown.content.decode()[-2000:]
        return self.post(where, {"csrfmiddlewaretoken": token[1], **values})


def make_agency(number: int, code: str | None = None) -> OfficeAgency:
    """An agency with a leader's office, one unit, and a person for each duty. The connection belongs to none afterwards."""
    code = code or f"T{number:05d}"
    with as_owner():
        agency = Agency.objects.create(
            code=code, name=f"Sở Thử nghiệm số {number}", superior="UBND TỈNH THỬ NGHIỆM", abbreviation="STN",
            place="Thử Nghiệm", level="department",
        )  # fmt: skip
    with acting_for(agency.pk):
        day = date(2020, 1, 1)
        office = Unit.objects.create(agency=agency, name="Văn phòng", abbreviation="VP", valid_from=day)
        unit = Unit.objects.create(agency=agency, name="Phòng Tổng hợp", abbreviation="TH", valid_from=day, order=1)
        made = OfficeAgency(agency, office, unit)
        for n, duty in enumerate(Duty):
            account = Account(agency=agency, login=f"{duty.value}.{code.lower()}", full_name=f"Người Thử {chr(65 + n)}")
            account.password = _hashed()
            account.save()
            in_unit = duty in {Duty.UNIT_HEAD, Duty.UNIT_REGISTRAR, Duty.CASE_OFFICER}
            Appointment.objects.create(
                agency=agency, account=account, unit=unit if in_unit else office, duty=duty.value,
                position=POSITIONS[duty], valid_from=day,
            )  # fmt: skip
            secret = codes.new_secret()
            account.agency = agency
            codes.begin(account, secret, pyotp.TOTP(secret).at(datetime.now(UTC).timestamp() - 30), datetime.now(UTC))
            made.people[duty], made.secrets[account.pk] = account, secret
    return made


@cache
def _hashed() -> str:
    """One slow hash for all people of the tests."""
    return make_password(PASSWORD)


def visit_as(made: OfficeAgency, duty: Duty, at: datetime | None = None) -> Visit:
    """A visit of the person with a duty, for calling services; inside ``acting_for(made.agency.pk)``."""
    moment = at or datetime.now(UTC)
    account = Account.objects.select_related("agency").get(pk=made.people[duty].pk)
    person = Person(account, account.agency, "second", capacities_of(account, moment))
    return Visit("vi", "127.0.0.1", moment, person)


@contextmanager
def working_as(made: OfficeAgency, duty: Duty) -> Iterator[Visit]:
    """The visit of the person with this duty in one transaction, as the door gives it; audit entries are written."""
    with acting_for(made.agency.pk), transaction.atomic():
        account, at = made.people[duty], now()
        visit = Visit("vi", "test", at, Person(account, made.agency, "second", capacities_of(account, at)))
        yield visit
        visit.write_entries()


@contextmanager
def visit_of_worker(made: OfficeAgency) -> Iterator[Visit]:
    """The visit of the system itself, while the connection works for the agency."""
    with acting_for(made.agency.pk):
        yield visit_of_system(made.agency)
