"""What the operator of an installation does: found an agency, make a first account, help whoever is locked out.

Everything else about people is done by the agency's own administrator in the pages.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date

from django.db import IntegrityError, transaction

from lienthong.base.errors import Refused
from lienthong.base.text import nfc, one_line
from lienthong.office.errors import AGENCY_EXISTS, AGENCY_UNKNOWN_HERE, LOGIN_UNKNOWN, PERSON_NOT_USABLE
from lienthong.webkit.door.visit import Visit, visit_of_system
from lienthong.webkit.people.models import Account, Agency, Appointment, RecoveryCode, Session, Unit
from lienthong.webkit.people.push_devices import end_push_of
from lienthong.webkit.signin.codes import address_for, enrol_at_once
from lienthong.webkit.signin.passwords import find
from lienthong.webkit.site.duties import Duty
from lienthong.webkit.site.tenancy import acting_for, as_owner, enter

_LOGIN = re.compile(r"[a-z0-9][a-z0-9._@-]{1,99}")
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
FIRST_UNIT = "Văn phòng"


def found_agency(
    code: str, name: str, abbreviation: str, place: str, *, level: str = "department", superior: str = ""
) -> int:
    """A new agency with its first unit; its id. ``code``: as in the directory of the axis.

    Refuses AGENCY_EXISTS. In a process that connects as the tables' owner.
    """
    try:
        with as_owner(), transaction.atomic():
            made = Agency.objects.create(
                code=code.strip()[:64], name=one_line(nfc(name), 300), abbreviation=one_line(nfc(abbreviation), 40),
                place=one_line(nfc(place), 100), level=level[:20], superior=one_line(nfc(superior), 300),
            )  # fmt: skip
    except IntegrityError as reason:
        raise Refused(AGENCY_EXISTS, agency=code) from reason
    with acting_for(made.pk), transaction.atomic():
        visit = visit_of_system(made)
        _unit(made, FIRST_UNIT, visit.today)
        visit.note("agency.founded", f"agency:{made.pk}", code=made.code)
        visit.write_entries()
    return int(made.pk)


def add_person(
    login: str, code: str, name: str, duties: Sequence[Duty], position: str, *, unit: str = "", email: str = ""
) -> str:
    """A new account with its duties in a unit, which is made when there is none of that name; its one-time password.

    Refuses AGENCY_UNKNOWN_HERE, PERSON_NOT_USABLE.
    """
    wanted = nfc(login).strip().casefold()
    if not _LOGIN.fullmatch(wanted):
        raise _unusable(
            wanted, "tên đăng nhập chỉ gồm chữ không dấu, số, . _ @ -", "a login has letters, digits, . _ @ -"
        )
    if not name.strip() or not duties:
        raise _unusable(wanted, "thiếu họ tên hoặc vai trò", "name or duty is missing")
    password = one_time_password()
    with _agency(code) as visit:
        account = Account(
            agency=visit.agency, login=wanted, full_name=one_line(nfc(name), 200), email=email.strip()[:254]
        )
        account.set_password(password)
        account.must_change = True
        try:
            with transaction.atomic():
                account.save()
        except IntegrityError as reason:
            raise _unusable(wanted, "tên đăng nhập đã có người dùng", "the login is taken") from reason
        place = _unit(visit.agency, unit or FIRST_UNIT, visit.today)
        for duty in dict.fromkeys(duties):
            Appointment.objects.create(
                agency=visit.agency, account=account, unit=place, duty=duty.value,
                position=one_line(nfc(position), 200), valid_from=visit.today,
            )  # fmt: skip
        visit.note("account.made", f"account:{account.pk}", login=wanted, duties=[each.value for each in duties])
    return password


def reset_factor(login: str) -> str:
    """Take the second factor from an account whose owner lost it, end its sessions, give a new one-time password.

    The person sets a new second factor at the next sign-in. Refuses LOGIN_UNKNOWN.
    """
    found = find(nfc(login).strip().casefold())
    code = found.agency.code if found is not None else ""
    enter(None)
    if found is None:
        raise Refused(LOGIN_UNKNOWN, login=one_line(login, 100))
    password = one_time_password()
    with _agency(code) as visit:
        account = Account.objects.select_for_update().get(pk=found.pk)
        account.totp_secret, account.totp_since, account.totp_last_step = None, None, 0
        account.set_password(password)
        account.must_change = True
        account.save()
        RecoveryCode.objects.filter(account=account).delete()
        Session.objects.filter(account=account).delete()
        end_push_of(account)
        visit.note("account.factor_reset", f"account:{account.pk}", login=account.login)
    return password


def one_time_password() -> str:
    """Twenty letters and digits that cannot be mistaken for one another, in groups: 98 bits."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(5)) for _ in range(4))


@contextmanager
def _agency(code: str) -> Iterator[Visit]:
    """One transaction for an agency, named by its code, with its audit entries."""
    with as_owner():
        number = Agency.objects.filter(code=code.strip()).values_list("pk", flat=True).first()
    if number is None:
        raise Refused(AGENCY_UNKNOWN_HERE, agency=one_line(code, 64))
    with acting_for(number), transaction.atomic():
        visit = visit_of_system(Agency.objects.get(pk=number))
        yield visit
        visit.write_entries()


def _unit(agency: Agency, name: str, today: date) -> Unit:
    plain = one_line(nfc(name), 300)
    found = Unit.objects.filter(agency=agency, name=plain, valid_until__isnull=True).first()
    count = Unit.objects.filter(agency=agency).count()
    return found or Unit.objects.create(agency=agency, name=plain, order=count, valid_from=today)


def _unusable(login: str, vi: str, en: str) -> Refused:
    return Refused(PERSON_NOT_USABLE, login=one_line(login, 100), reason_vi=vi, reason_en=en)


def add_ready_person(
    code: str, login: str, name: str, duty: Duty, position: str, unit: str, hashed: str
) -> tuple[str, str]:
    """A person of a demonstration: ready to sign in with a known password; secret and address of the authenticator.

    ``hashed``: the password as it is stored. The account is marked, so that its code may be asked for.
    """
    with _agency(code) as visit:
        account = Account(agency=visit.agency, login=login, full_name=one_line(nfc(name), 200), password=hashed)
        account.preferences = {"demo": True}
        account.save()
        Appointment.objects.create(
            agency=visit.agency, account=account, unit=_unit(visit.agency, unit, visit.today), duty=duty.value,
            position=position, valid_from=visit.today,
        )  # fmt: skip
        secret = enrol_at_once(account, visit.now)
        visit.note("account.made", f"account:{account.pk}", login=login, duties=[duty.value])
        return secret, address_for(account, secret)
