"""Nhật ký: who did what, when, from where; and whether the chain is intact."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.db import connection
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from lienthong.base.clock import VIETNAM
from lienthong.base.errors import Language, Refused
from lienthong.webkit.audit.chain import check
from lienthong.webkit.audit.words import said
from lienthong.webkit.door.access import Route, needs, route
from lienthong.webkit.door.faults import read_day, read_number
from lienthong.webkit.door.pages import render
from lienthong.webkit.door.visit import visit_of
from lienthong.webkit.look.parts import Chip, Pager
from lienthong.webkit.site.duties import Duty

HERE = "lienthong.webkit.administration"
PAGE = 100


@dataclass(frozen=True, slots=True)
class Line:
    """One entry as it is shown. ``words``: what its action is called, empty for one of an earlier release."""

    number: int
    at: datetime
    action: str
    words: str
    object: str
    name: str
    unit: str
    address: str
    detail: str
    digest: str


def audit(request: HttpRequest) -> HttpResponseBase:
    """The agency's entries, newest first, with filters in the address; the look itself is an entry too."""
    visit = visit_of(request)
    lines, more = _lines(request, int(visit.agency.pk))
    wanted = {name: request.GET.get(name, "").strip() for name in ("action", "object", "account", "from", "until")}
    visit.note("audit.read", "", filters={name: value for name, value in wanted.items() if value})
    chips = [
        Chip(label, wanted[name], _without(request, name))
        for name, label in (("action", "Việc"), ("object", "Đối tượng"), ("account", "Người"), ("from", "Từ ngày"),
                            ("until", "Đến ngày"))
        if wanted[name]
    ]  # fmt: skip
    query = request.GET.copy()
    if lines:
        query["after"] = str(lines[-1].number)
    pager = Pager(1 if lines else 0, len(lines), None, after_href=f"?{query.urlencode()}" if more else "")
    return render(request, HERE, "audit.html", lines=lines, pager=pager, chips=chips, wanted=wanted)


def verify(request: HttpRequest) -> HttpResponseBase:
    """Follow the whole chain and say whether it is intact."""
    visit = visit_of(request)
    broken: Refused | None = None
    checked = None
    try:
        checked = check(int(visit.agency.pk))
    except Refused as refused:
        broken = refused
    visit.note("audit.checked", "", intact=broken is None, entries=checked.entries if checked else 0)
    return render(request, HERE, "audit_verified.html", checked=checked, broken=broken)


def _lines(request: HttpRequest, agency: int) -> tuple[list[Line], bool]:
    wanted: list[str] = ["agency_id = %s"]
    values: list[Any] = [agency]
    for name, condition in (("action", "action = %s"), ("object", "object = %s")):
        if text := request.GET.get(name, "").strip():
            wanted.append(condition)
            values.append(text[:100])
    account, after = (read_number(request.GET.get(name, "")) for name in ("account", "after"))
    if account is not None:
        wanted.append("account_id = %s")
        values.append(account)
    if after is not None:
        wanted.append("number < %s")
        values.append(after)
    for name, condition, days in (("from", "at >= %s", 0), ("until", "at < %s", 1)):
        if day := read_day(request.GET.get(name, "")):
            wanted.append(condition)
            values.append(datetime.combine(day, time(), VIETNAM) + timedelta(days=days))
    with connection.cursor() as cursor:
        cursor.execute(
            f"select number, at, body, digest from audit_entry where {' and '.join(wanted)} "
            f"order by number desc limit {PAGE + 1}",
            values,
        )
        rows = cursor.fetchall()
    language = visit_of(request).language
    return [_line(language, *row) for row in rows[:PAGE]], len(rows) > PAGE


def _line(language: Language, number: int, at: datetime, body: str, digest: Any) -> Line:
    members = json.loads(body)
    given = {name: value for name, value in members.get("detail", {}).items() if value not in ({}, [], "")}
    detail = ", ".join(f"{name}: {value}" for name, value in given.items())
    return Line(number, at, members["action"], said(members["action"], language), members["object"], members["name"],
                members["unit"], members["address"], detail, bytes(digest).hex())  # fmt: skip


def _without(request: HttpRequest, name: str) -> str:
    query = request.GET.copy()
    query.pop(name, None)
    query.pop("after", None)
    return f"?{query.urlencode()}"


READERS = needs(Duty.AUDITOR, Duty.ADMINISTRATOR)
ROUTES: list[Route] = [
    route("audit", audit, READERS, "audit"),
    route("audit/verify", verify, READERS, "audit_verify"),
]
