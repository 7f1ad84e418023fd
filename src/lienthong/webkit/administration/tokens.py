"""Tokens of programs: shown once, with a name and an end; they act as their owner at the programming interface only."""

from __future__ import annotations

import secrets
from datetime import timedelta

from lienthong.base.errors import Problem, ProblemKind, Refused
from lienthong.webkit.administration.errors import PERSON_FIELDS_WRONG
from lienthong.webkit.door.entering import digest_of
from lienthong.webkit.door.visit import Visit
from lienthong.webkit.people.models import ApiToken
from lienthong.webkit.site.errors import NOT_FOUND_HERE

LONGEST_DAYS = 366


def make_token(visit: Visit, name: str, days: int, *, may_write: bool) -> str:
    """A new token of the person himself; its text exists only in the answer. Refuses PERSON_FIELDS_WRONG."""
    plain = " ".join(name.split())[:100]
    problems = []
    if not plain:
        problems.append(
            Problem(ProblemKind.REQUIRED, "token_name", "Đặt tên cho mã: phần mềm nào dùng.", "Name it: which program.")
        )
    if not 1 <= days <= LONGEST_DAYS:
        problems.append(Problem(ProblemKind.RANGE, "days", "Thời hạn từ 1 đến 366 ngày.", "From 1 to 366 days."))
    if problems:
        raise Refused(PERSON_FIELDS_WRONG, tuple(problems), count=len(problems))
    text = f"lt_{secrets.token_urlsafe(32)}"
    made = ApiToken.objects.create(
        agency=visit.agency, account=visit.who.account, digest=digest_of(text), name=plain, may_write=may_write,
        created_at=visit.now, ends_at=visit.now + timedelta(days=days),
    )  # fmt: skip
    visit.note("token.made", f"token:{made.pk}", name=plain, may_write=may_write, days=days)
    return text


def find_token(visit: Visit, token: int) -> ApiToken:
    """One of the person's own tokens. Refuses NOT_FOUND_HERE."""
    found = ApiToken.objects.filter(pk=token, account=visit.who.account).first()
    if found is None:
        raise Refused(NOT_FOUND_HERE)
    return found


def revoke_token(visit: Visit, token: ApiToken) -> None:
    """End a token at once."""
    if ApiToken.objects.filter(pk=token.pk, revoked_at__isnull=True).update(revoked_at=visit.now):
        visit.note("token.revoked", f"token:{token.pk}")
