"""Delegation and absence: another person acts for somebody, for a time, in some of his duties.

Source: D30 art. 13 and practice (clerical-archive facts §6.2): limited in time and scope, no sub-delegation.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from lienthong.base.errors import Refused
from lienthong.webkit.administration.errors import DELEGATION_NOT_POSSIBLE
from lienthong.webkit.door.visit import Visit
from lienthong.webkit.people.models import Account, Delegation
from lienthong.webkit.site.duties import Duty

LONGEST = timedelta(days=366)
LENDABLE = (Duty.LEADER, Duty.UNIT_HEAD, Duty.OFFICE_CHIEF, Duty.REGISTRAR, Duty.UNIT_REGISTRAR, Duty.CASE_OFFICER)
"""Duties that somebody else may hold for a time; administration and audit are given, not lent."""


def delegate(
    visit: Visit, principal: Account, substitute: Account, duties: Sequence[Duty], starts: datetime, ends: datetime,
    reason: str,
) -> Delegation:  # fmt: skip
    """Let ``substitute`` act for ``principal``. Refuses DELEGATION_NOT_POSSIBLE."""
    text = " ".join(reason.split())
    today = visit.today
    own = {Duty(each.duty) for each in principal.appointments.all() if each.in_force(today)}
    if principal.pk == substitute.pk:
        raise _refused("người thay phải là người khác", "the substitute must be somebody else")
    if substitute.disabled_at is not None:
        raise _refused("tài khoản của người thay đã khóa", "the substitute's account is closed")
    if not duties or not set(duties) <= own & set(LENDABLE):
        raise _refused("chỉ ủy quyền những vai trò mà mình đang giữ", "only duties that he holds himself can be lent")
    if ends <= max(starts, visit.now) or ends - starts > LONGEST:
        raise _refused("thời hạn phải ở phía trước và không quá một năm", "the time must lie ahead, a year at most")
    if not text:
        raise _refused("phải ghi lý do", "a reason is needed")
    made = Delegation.objects.create(
        agency=visit.agency, principal=principal, substitute=substitute, duties=[each.value for each in duties],
        starts_at=starts, ends_at=ends, reason=text[:300], made_by=visit.who.account,
    )  # fmt: skip
    visit.note("right.lent", f"account:{substitute.pk}", principal=principal.pk, duties=made.duties, until=str(ends))
    return made


def revoke(visit: Visit, delegation: Delegation) -> None:
    """End a delegation now."""
    if delegation.revoked_at is None:
        delegation.revoked_at = visit.now
        delegation.save(update_fields=["revoked_at"])
        visit.note("right.lent_back", f"account:{delegation.substitute_id}", principal=delegation.principal_id)


def _refused(vi: str, en: str) -> Refused:
    return Refused(DELEGATION_NOT_POSSIBLE, reason_vi=vi, reason_en=en)
