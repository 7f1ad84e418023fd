"""Use of the kept copy (sử dụng bản lưu): lent on paper with somebody's permission, and brought back."""

from __future__ import annotations

from datetime import date

from lienthong.base.errors import Problem, ProblemKind, Refused
from lienthong.base.text import nfc, one_line
from lienthong.office.errors import FIELDS_WRONG, NOT_YOURS, impossible
from lienthong.office.models import CopyLoan, Document
from lienthong.office.services.drafting import lock
from lienthong.office.states import Outgoing
from lienthong.webkit.door.visit import Visit
from lienthong.webkit.site.duties import Duty


def lend(visit: Visit, document: int, user: str, allowed_by: str, day: date, note: str = "") -> CopyLoan:
    """Note who takes the kept copy and who permits it. Sent twice, it is noted once.

    Refuses FIELDS_WRONG (no user, nobody who permits, a day in the future or before the issue), STEP_NOT_POSSIBLE when
    the document is not issued or its copy is still out, NOT_YOURS.
    """
    found = lock(visit, document)
    _require_registrar(visit)
    if found.state not in {Outgoing.ISSUED.value, Outgoing.RECALLED.value}:
        raise impossible("văn bản chưa phát hành nên chưa có bản lưu", "it is not issued and has no kept copy")
    who, permits = one_line(nfc(user), 100).strip(), one_line(nfc(allowed_by), 100).strip()
    early = found.issued_date is not None and day < found.issued_date
    wrong = [
        (not who, "user", "Nhập người sử dụng.", "Enter who uses it."),
        (not permits, "allowed_by", "Nhập người cho phép.", "Enter who permits it."),
        (day > visit.today or early, "used_on", "Ngày sử dụng từ ngày ban hành đến hôm nay.",
         "The day of use lies between the day of issue and today."),
    ]  # fmt: skip
    problems = tuple(Problem(ProblemKind.RANGE, where, vi, en) for bad, where, vi, en in wrong if bad)
    if problems:
        raise Refused(FIELDS_WRONG, problems, count=len(problems))
    out = CopyLoan.objects.filter(document=found, returned_on__isnull=True).first()
    if out is not None and (out.user, out.allowed_by, out.used_on) == (who, permits, day):
        return out
    if out is not None:
        raise impossible(f"bản lưu đang do {out.user} giữ", f"{out.user} has the kept copy")
    made = CopyLoan.objects.create(
        agency=visit.agency, document=found, used_on=day, user=who, allowed_by=permits,
        note=one_line(nfc(note), 300).strip(), noted_by=visit.who.account,
    )  # fmt: skip
    visit.note("copy.lent", f"document:{found.pk}", loan=made.pk, user=who, allowed_by=permits)
    return made


def give_back(visit: Visit, document: Document, loan: int, day: date) -> CopyLoan:
    """Note that the copy came back. Idempotent: the first day stays. Refuses STEP_NOT_POSSIBLE, NOT_YOURS."""
    _require_registrar(visit)
    found = CopyLoan.objects.select_for_update().filter(pk=loan, document=document).first()
    if found is None:
        raise impossible("không có lần sử dụng này", "there is no such use")
    if found.returned_on is not None:
        return found
    if not found.used_on <= day <= visit.today:
        raise impossible("ngày trả từ ngày sử dụng đến hôm nay", "it comes back between the day of use and today")
    found.returned_on = day
    found.save(update_fields=["returned_on"])
    visit.note("copy.returned", f"document:{document.pk}", loan=found.pk, day=day.isoformat())
    return found


def _require_registrar(visit: Visit) -> None:
    if not visit.who.may(Duty.REGISTRAR):
        raise Refused(
            NOT_YOURS, reason_vi="chỉ văn thư cho sử dụng bản lưu", reason_en="only registrars lend kept copies"
        )
