"""People and positions: made, changed, ended. Nobody is deleted, since the log and the documents name him."""

from __future__ import annotations

import re
import secrets
from datetime import date

from django.db import IntegrityError, transaction

from lienthong.base.errors import Problem, ProblemKind, Refused
from lienthong.base.text import nfc
from lienthong.webkit.administration.errors import LOGIN_TAKEN, NOT_FOR_YOURSELF, PERSON_FIELDS_WRONG, SUBJECT_TAKEN
from lienthong.webkit.administration.tokens import revoke_token
from lienthong.webkit.door.visit import Visit
from lienthong.webkit.people.in_force import lasting
from lienthong.webkit.people.models import Account, ApiToken, Appointment, Passkey, RecoveryCode, Session, Unit
from lienthong.webkit.people.push_devices import end_push_of
from lienthong.webkit.site.duties import Duty
from lienthong.webkit.site.errors import NOT_FOUND_HERE

LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{2,98}")
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


def one_time_password() -> str:
    """A password that is told once and has to be changed at the first sign-in."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(4))


def add_person(visit: Visit, login: str, full_name: str, email: str = "") -> tuple[Account, str]:
    """A new account of this agency and its one-time password. Refuses PERSON_FIELDS_WRONG, LOGIN_TAKEN."""
    name = nfc(login).strip().casefold()
    _check(name, full_name, email)
    password = one_time_password()
    account = Account(
        agency=visit.agency, login=name, full_name=_plain(full_name), email=email.strip(), must_change=True
    )
    account.set_password(password)
    try:
        with transaction.atomic():
            account.save(force_insert=True)
    except IntegrityError as reason:
        raise Refused(LOGIN_TAKEN, login=name) from reason
    visit.note("person.added", f"account:{account.pk}", login=name)
    return account, password


def change_person(visit: Visit, account: Account, full_name: str, email: str) -> None:
    """Correct name and address. Refuses PERSON_FIELDS_WRONG."""
    _check(account.login, full_name, email)
    account.full_name, account.email = _plain(full_name), email.strip()
    account.save(update_fields=["full_name", "sort_name", "email"])
    visit.note("person.changed", f"account:{account.pk}")


def link_subject(visit: Visit, account: Account, subject: str) -> None:
    """Link an account to its owner's name at the provider of single sign-on; an empty one unlinks.

    Sessions and tokens end. Refuses NOT_FOR_YOURSELF, SUBJECT_TAKEN, PERSON_FIELDS_WRONG.
    """
    _require_other(visit, account)
    wanted = subject.strip()
    if len(wanted) > 255 or not wanted.isprintable():
        raise _wrong(("subject", "Tên dài quá 255 ký tự hoặc có ký tự lạ.",
                      "The name is longer than 255 characters or has strange characters."))  # fmt: skip
    if wanted == account.subject:
        return
    account.subject = wanted
    try:
        with transaction.atomic():
            account.save(update_fields=["subject"])
    except IntegrityError as reason:
        raise Refused(SUBJECT_TAKEN) from reason
    _shut_out(visit, account)
    visit.note(
        "person.subject_linked" if wanted else "person.subject_unlinked", f"account:{account.pk}", subject=wanted
    )


def new_password(visit: Visit, account: Account) -> str:
    """A new one-time password for somebody who forgot his; his sessions and tokens end. Refuses NOT_FOR_YOURSELF."""
    _require_other(visit, account)
    password = one_time_password()
    account.set_password(password)
    account.must_change = True
    account.save(update_fields=["password", "must_change"])
    _shut_out(visit, account)
    visit.note("person.password_given", f"account:{account.pk}")
    return password


def reset_factor(visit: Visit, account: Account) -> None:
    """Forget the second factor of somebody who lost it; he sets up a new one next time. His sessions and tokens end.

    Refuses NOT_FOR_YOURSELF.
    """
    _require_other(visit, account)
    account.totp_secret, account.totp_since = None, None
    account.save(update_fields=["totp_secret", "totp_since"])
    Passkey.objects.filter(account=account).delete()
    RecoveryCode.objects.filter(account=account).delete()
    _shut_out(visit, account)
    visit.note("person.factor_reset", f"account:{account.pk}")


def disable(visit: Visit, account: Account, reason: str) -> None:
    """Close an account: its positions end today, its sessions at once. Refuses NOT_FOR_YOURSELF."""
    _require_other(visit, account)
    text = _plain(reason)
    if not text:
        raise _wrong(("reason", "Nhập lý do khóa tài khoản.", "Give the reason."))
    account.disabled_at, account.disabled_reason = visit.now, text[:300]
    account.save(update_fields=["disabled_at", "disabled_reason"])
    Session.objects.filter(account=account).delete()
    end_push_of(account)
    for each in Appointment.objects.filter(lasting(visit.today), account=account):
        _end(visit, each, visit.today)
    visit.note("person.disabled", f"account:{account.pk}", reason=text[:200])


def enable(visit: Visit, account: Account) -> None:
    """Open a closed account again; positions have to be given anew. Refuses NOT_FOR_YOURSELF."""
    _require_other(visit, account)
    account.disabled_at, account.disabled_reason = None, ""
    account.save(update_fields=["disabled_at", "disabled_reason"])
    visit.note("person.enabled", f"account:{account.pk}")


def appoint(
    visit: Visit, account: Account, unit: Unit, duty: Duty, position: str, begins: date | None = None,
    ends: date | None = None,
) -> Appointment:  # fmt: skip
    """Give somebody a duty in a unit. Refuses NOT_FOR_YOURSELF, PERSON_FIELDS_WRONG."""
    _require_other(visit, account)
    first = begins or visit.today
    problems = []
    if not _plain(position):
        problems.append(("position", "Nhập chức vụ như ghi trên văn bản.", "Enter the position as on documents."))
    if ends is not None and ends < first:
        problems.append(("valid_until", "Ngày hết hiệu lực trước ngày bắt đầu.", "It ends before it begins."))
    if problems:
        raise _wrong(*problems)
    made = Appointment.objects.create(
        agency=visit.agency, account=account, unit=unit, duty=duty.value, position=_plain(position)[:200],
        valid_from=first, valid_until=ends,
    )  # fmt: skip
    visit.note("right.given", f"account:{account.pk}", duty=duty.value, unit=unit.pk, until=str(ends or ""))
    return made


def end_appointment(visit: Visit, appointment: Appointment) -> None:
    """End a duty after today; the past stays as it was. Refuses NOT_FOR_YOURSELF."""
    _require_other(visit, appointment.account)
    _end(visit, appointment, visit.today)


def find_person(visit: Visit, account: int) -> Account:
    """One account of this agency. Refuses NOT_FOUND_HERE."""
    found = Account.objects.filter(pk=account, agency=visit.agency).first()
    if found is None:
        raise Refused(NOT_FOUND_HERE)
    return found


def _end(visit: Visit, appointment: Appointment, last: date) -> None:
    appointment.valid_until = max(last, appointment.valid_from)
    appointment.save(update_fields=["valid_until"])
    visit.note("right.ended", f"account:{appointment.account_id}", duty=appointment.duty, unit=appointment.unit_id)


def _shut_out(visit: Visit, account: Account) -> None:
    """Whoever used the old way in, perhaps a thief, keeps neither a browser nor a program."""
    Session.objects.filter(account=account).delete()
    end_push_of(account)
    for each in ApiToken.objects.filter(account=account, revoked_at__isnull=True):
        revoke_token(visit, each)


def _require_other(visit: Visit, account: Account) -> None:
    if visit.person is not None and visit.person.account.pk == account.pk:
        raise Refused(NOT_FOR_YOURSELF)


def _check(login: str, full_name: str, email: str) -> None:
    problems = []
    if LOGIN.fullmatch(login) is None:
        problems.append(("login", "Tên đăng nhập gồm 3 ký tự trở lên: chữ thường không dấu, số, dấu chấm, gạch nối.",
                         "A login has 3 or more of: lower-case letters, digits, dots, hyphens."))  # fmt: skip
    if len(_plain(full_name)) < 2:
        problems.append(("full_name", "Nhập họ và tên.", "Enter the full name."))
    if email.strip() and re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", email.strip()) is None:
        problems.append(("email", "Địa chỉ thư không đúng dạng.", "This is no e-mail address."))
    if problems:
        raise _wrong(*problems)


def _wrong(*problems: tuple[str, str, str]) -> Refused:
    found = tuple(Problem(ProblemKind.FORMAT, *each) for each in problems)
    return Refused(PERSON_FIELDS_WRONG, found, count=len(found))


def _plain(text: str) -> str:
    return " ".join(nfc(text).split())[:200]
