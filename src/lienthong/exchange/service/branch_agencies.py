"""A system that acts for a whole branch keeps the agencies below it itself: adds, corrects and closes them.

The same directory change as the operator's, with the system's name as the one who asked. Calls block.
Source: docs/protocols/vxp.md §6; exchange facts §2.1 (``registerAgency``, ``deleteAgency``).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from lienthong.base.errors import Refused
from lienthong.base.ids import AgencyCode
from lienthong.base.text import nfc, one_line
from lienthong.directory.model import Agency, AgencyStatus, Row, System, canonical, to_object
from lienthong.directory.state import DirectoryState
from lienthong.exchange.service.connection_errors import AGENCY_FORM_WRONG, AGENCY_NOT_BELOW
from lienthong.exchange.service.directory import Changed
from lienthong.vocabulary.agency import parse

Change = Callable[[bytes, str], Changed]
"""Puts JSON lines of rows into the directory, in the name of somebody."""

MAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,24}")
MAX_NAME = 200


@dataclass(frozen=True, slots=True)
class AgencyOrder:
    """What a system says of one agency. ``parent``: code of the agency above."""

    code: str
    parent: str
    name: str
    email: str


def register(change: Change, state: DirectoryState, system: System, order: AgencyOrder, today: date) -> Changed:
    """Add an agency below the system's branch, or correct one that is there; the same again changes nothing.

    Refuses: AGENCY_FORM_WRONG, AGENCY_NOT_BELOW (also when the code belongs to anybody outside the branch), and what
    the directory refuses.
    """
    _require_form(order)
    parent = state.find(order.parent, today)
    if parent is None or not _in_branch(state, system, parent.code):
        raise Refused(AGENCY_NOT_BELOW, system=system.system_id, agency=one_line(order.parent or "-", 40))
    taken = state.find(order.code, today)
    if taken is not None and (taken.code != order.code or not _below(state, system, taken.code)):
        raise Refused(AGENCY_NOT_BELOW, system=system.system_id, agency=one_line(order.code, 40))
    before = taken or Agency(AgencyCode(order.code), order.name, level=parent.level + 1 if parent.level else 0)
    row = replace(
        before,
        name=order.name,
        email=order.email,
        parent=parent.code,
        status=AgencyStatus.ACTIVE if before.status is AgencyStatus.CLOSED else before.status,
        valid_to=None if before.status is AgencyStatus.CLOSED else before.valid_to,
    )
    return _put(change, [row], system)


def close(change: Change, state: DirectoryState, system: System, code: str, today: date) -> Changed | None:
    """Close an agency below the branch; None when it is closed already. Its code stays known for old documents.

    Refuses: AGENCY_NOT_BELOW, AGENCY_FORM_WRONG (others are still below it).
    """
    agency = state.agency(code)
    if agency is None or not _below(state, system, agency.code):
        raise Refused(AGENCY_NOT_BELOW, system=system.system_id, agency=one_line(code or "-", 40))
    if agency.status is AgencyStatus.CLOSED:
        return None
    if any(child.status is not AgencyStatus.CLOSED for child in state.children(code)):
        raise _wrong("đơn vị còn đơn vị trực thuộc", "others are still below it")
    row = replace(agency, status=AgencyStatus.CLOSED, valid_to=today - timedelta(days=1))
    return _put(change, [row], system)


def _put(change: Change, rows: list[Row], system: System) -> Changed:
    return change(b"".join(canonical(to_object(row)) + b"\n" for row in rows), system.system_id)


def _in_branch(state: DirectoryState, system: System, code: str) -> bool:
    """Whether an agency is the root of a branch of the system or below it."""
    own = {scope.code for scope in system.agencies if scope.subtree}
    return code in own or any(above.code in own for above in state.ancestors(code))


def _below(state: DirectoryState, system: System, code: str) -> bool:
    """Whether an agency is strictly below a branch's root."""
    own = {scope.code for scope in system.agencies if scope.subtree}
    return code not in own and any(above.code in own for above in state.ancestors(code))


def _require_form(order: AgencyOrder) -> None:
    try:
        parse(order.code)
    except Refused as refusal:
        raise _wrong(refusal.sentence("vi").rstrip("."), refusal.sentence("en").rstrip(".")) from refusal
    if not order.name or nfc(one_line(order.name, MAX_NAME)) != order.name:
        raise _wrong("thiếu tên, hoặc tên quá dài hay có ký tự lạ", "the name is missing, too long or strange")
    if not MAIL.fullmatch(order.email):
        raise _wrong("thư điện tử không đúng dạng", "the mail address is not in its form")
    if order.parent == order.code:
        raise _wrong("đơn vị không thể là cấp trên của chính nó", "an agency cannot be above itself")


def _wrong(vi: str, en: str) -> Refused:
    return Refused(AGENCY_FORM_WRONG, why_vi=vi, why_en=en)
