"""What document and status packets share: agencies, answered documents, staff, and typed values with their
repairs.

Source: exchange facts §1.2 rows 1, 2, 12 and ``StaffInfo``; §1.9 traps 1 and 3.
"""

from __future__ import annotations

from datetime import date, datetime

from lienthong.base.errors import ProblemKind
from lienthong.base.ids import AgencyCode, DocumentId
from lienthong.edxml.findings import WARNING, Findings
from lienthong.edxml.model import Organization, ResponseFor, StaffInfo
from lienthong.edxml.tree import Group
from lienthong.edxml.values import date_text, moment_text, read_date, read_flag, read_integer, read_moment


def read_organization(group: Group) -> Organization:
    text = group.text
    return Organization(
        AgencyCode(text("OrganId")),
        text("OrganName"),
        text("OrganizationInCharge"),
        text("OrganAdd"),
        text("Email"),
        text("Telephone"),
        text("Fax"),
        text("Website"),
    )


def read_response(group: Group, findings: Findings) -> ResponseFor | None:
    """An answered document; ``None`` when all its children are empty (trap 3)."""
    response = ResponseFor(
        AgencyCode(group.text("OrganId")),
        group.text("Code"),
        DocumentId(group.text("DocumentId")),
        dated(group, "PromulgationDate", findings),
    )
    return None if response == ResponseFor() else response


def read_staff(group: Group) -> StaffInfo | None:
    text = group.text
    staff = StaffInfo(
        text("Department"),
        text("DepartmentId"),
        text("Staff"),
        text("StaffId"),
        text("Email"),
        text("Mobile"),
    )
    return None if staff == StaffInfo() else staff


def dated(group: Group, name: str, findings: Findings) -> date | None:
    """A date; empty is absent, another understandable form is repaired with a warning, anything else an
    error.
    """
    text = group.text(name)
    if not text:
        return None
    day, path = read_date(text), f"{group.path}.{name}"
    if day is None:
        findings.bad(path, text, "phải là ngày có thật, dạng năm/tháng/ngày", "a real date as yyyy/MM/dd is expected")
    elif date_text(day) != text:
        findings.repaired(path, text, date_text(day))
    return day


def timed(group: Group, name: str, findings: Findings) -> datetime | None:
    """An instant, by the same rules."""
    text = group.text(name)
    if not text:
        return None
    moment, path = read_moment(text), f"{group.path}.{name}"
    if moment is None:
        findings.bad(
            path,
            text,
            "phải là thời điểm có thật, dạng năm/tháng/ngày giờ:phút:giây",
            "a real time as yyyy/MM/dd HH:mm:ss is expected",
        )
    elif moment_text(moment) != text:
        findings.repaired(path, text, moment_text(moment))
    return moment


def counted(group: Group, name: str, findings: Findings) -> int | None:
    """A whole number."""
    text = group.text(name)
    if not text:
        return None
    number = read_integer(text)
    if number is None:
        path = f"{group.path}.{name}"
        findings.bad(path, text, "phải là số nguyên", "a whole number is expected", ProblemKind.TYPE)
    return number


def flagged(group: Group, name: str, findings: Findings, lenient: bool = False) -> bool | None:
    """A flag. ``lenient``: a number above one means true, with a warning (``Paper`` read as pages)."""
    text = group.text(name)
    if not text:
        return None
    flag, path = read_flag(text), f"{group.path}.{name}"
    if flag is None and lenient and (number := read_integer(text)) is not None and number > 1:
        findings.repaired(path, text, "1")
        return True
    if flag is None:
        findings.bad(path, text, "chỉ nhận 0 hoặc 1", "0 or 1 is expected", ProblemKind.TYPE)
    return flag


def note_missing_trace(findings: Findings, path: str) -> None:
    """Absent processing information is usual in old packets and worth a word, not a refusal."""
    findings.required(path, WARNING)
