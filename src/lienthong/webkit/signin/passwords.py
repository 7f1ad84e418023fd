"""Passwords: checking one without telling whether the login exists, slowing down guessing, choosing a new one."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib.auth.hashers import check_password, make_password
from django.db import connection
from django.db.models import Q

from lienthong.base.errors import Refused
from lienthong.base.text import fold, nfc
from lienthong.webkit.people.models import Account, SignInFailure
from lienthong.webkit.signin.errors import PASSWORD_WEAK, SIGN_IN_SLOWED, SIGN_IN_WRONG

FREE_FAILURES = 5
"""Failures within :data:`WINDOW` that cost nothing; each further one doubles the pause."""

WINDOW = timedelta(minutes=30)
LONGEST = timedelta(minutes=15)
PER_ADDRESS = 100
SHORTEST_PASSWORD = 12

_SOME_HASH: list[str] = []


def account_of(login: str, password: str, address: str, now: datetime) -> Account:
    """The account of a login and its password; the connection belongs to its agency then.

    Refuses SIGN_IN_SLOWED, SIGN_IN_WRONG. The time that it takes does not tell whether the login exists.
    """
    name = nfc(login).strip().casefold()[:100]
    require_patience(name, address, now)
    found = find(name)
    if found is None:
        # As long as a real check takes.
        check_password(password, _some_hash())
    elif check_password(nfc(password), found.password) and found.disabled_at is None:
        forget_failures(name)
        return found
    count_failure(name, address, now)
    raise Refused(SIGN_IN_WRONG)


def find(login: str) -> Account | None:
    """The account of a login, whatever its agency."""
    with connection.cursor() as cursor:
        cursor.execute("select account_id from people_find(%s)", [login])
        row = cursor.fetchone()
    return Account.objects.select_related("agency").get(pk=row[0]) if row else None


def require_patience(login: str, address: str, now: datetime) -> None:
    """Refuses SIGN_IN_SLOWED while a login, or an address that tries many logins, has to wait."""
    recent = SignInFailure.objects.filter(at__gt=now - WINDOW)
    failures = list(recent.filter(login=login).order_by("-at").values_list("at", flat=True)[:40])
    over = len(failures) - FREE_FAILURES
    pause = min(timedelta(seconds=15) * 2.0 ** min(over, 10), LONGEST) if over >= 0 else timedelta()
    if failures and failures[0] + pause > now:
        raise _slowed(failures[0] + pause - now)
    if recent.filter(address=address).count() >= PER_ADDRESS:
        raise _slowed(LONGEST)


def count_failure(login: str, address: str, now: datetime) -> None:
    """Remember a failure; ``login`` may be any name under which failures are counted."""
    name = login[:100]
    SignInFailure.objects.filter(Q(login=name) | Q(address=address), at__lt=now - WINDOW).delete()
    SignInFailure.objects.create(login=name, address=address, at=now)


def forget_failures(login: str) -> None:
    """After a success nobody has to wait."""
    SignInFailure.objects.filter(login=login).delete()


def _slowed(wait: timedelta) -> Refused:
    return Refused(SIGN_IN_SLOWED, minutes=max(1, round(wait.total_seconds() / 60)))


def change(account: Account, password: str) -> None:
    """Give an account a new password of its owner's choice. Refuses PASSWORD_WEAK."""
    new = nfc(password)
    plain = fold(new)
    if len(new) < SHORTEST_PASSWORD:
        raise Refused(PASSWORD_WEAK, reason_vi=f"phải dài từ {SHORTEST_PASSWORD} ký tự",
                      reason_en=f"it must have at least {SHORTEST_PASSWORD} characters")  # fmt: skip
    if fold(account.login) in plain or any(len(w) > 3 and w in plain for w in fold(account.full_name).split()):
        raise Refused(
            PASSWORD_WEAK, reason_vi="chứa tên đăng nhập hoặc họ tên", reason_en="it has your login or name in it"
        )
    if len(set(plain)) < 5:
        raise Refused(PASSWORD_WEAK, reason_vi="lặp lại quá ít ký tự", reason_en="it repeats too few characters")
    if account.password and check_password(new, account.password):
        raise Refused(PASSWORD_WEAK, reason_vi="trùng mật khẩu cũ", reason_en="it is the old password")
    account.set_password(new)
    account.must_change = False
    account.save(update_fields=["password", "must_change"])


def _some_hash() -> str:
    if not _SOME_HASH:
        _SOME_HASH.append(make_password("nobody has this password"))
    return _SOME_HASH[0]
