"""The agency's own working calendar: days that the administrator adds to, or corrects in, the packaged list.

Source: Labour Code art. 111, 112 (holidays and compensation); yearly notices of swapped days.
"""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from lienthong.base.errors import Problem, ProblemKind, Refused
from lienthong.base.text import nfc
from lienthong.office.errors import FIELDS_WRONG
from lienthong.vocabulary.working_calendar import DayKind
from lienthong.webkit.door.visit import Visit
from lienthong.webkit.people.models import Agency

KINDS = (DayKind.HOLIDAY, DayKind.SWAPPED_OFF, DayKind.SWAPPED_WORK)
"""What an administrator may enter: a holiday, a day off in exchange, a day worked in exchange."""

WORDS = {DayKind.HOLIDAY: "Nghỉ lễ", DayKind.SWAPPED_OFF: "Nghỉ hoán đổi", DayKind.SWAPPED_WORK: "Làm bù"}


def own_days(agency: Agency) -> list[dict[str, Any]]:
    """The agency's own entries by day."""
    stored = agency.settings.get("calendar")
    days: list[dict[str, Any]] = json.loads(stored)["days"] if stored else []
    return sorted(days, key=lambda each: str(each["date"]))


def set_day(visit: Visit, day: date | None, kind: str, reason: str) -> None:
    """Enter or correct one day. Refuses FIELDS_WRONG."""
    text = " ".join(nfc(reason).split())[:200]
    problems = []
    if day is None or not 2020 <= day.year <= 2100:
        problems.append(
            Problem(ProblemKind.FORMAT, "day", "Nhập ngày dạng 30/04/2027.", "Enter a day like 30/04/2027.")
        )
    if kind not in {each.value for each in KINDS}:
        problems.append(Problem(ProblemKind.RANGE, "kind", "Chọn loại ngày.", "Choose the kind of day."))
    if not text:
        problems.append(Problem(ProblemKind.REQUIRED, "reason", "Ghi căn cứ, ví dụ số thông báo.", "Give the source."))
    if problems or day is None:
        raise Refused(FIELDS_WRONG, tuple(problems), count=len(problems))
    entry = {"date": day.isoformat(), "kind": kind, "vi": text, "en": text, "confidence": "announced",
             "source": f"{visit.who.account.full_name}, {visit.today:%d/%m/%Y}"}  # fmt: skip
    _change(visit, lambda days: [*(each for each in days if each["date"] != entry["date"]), entry])
    visit.note("calendar.day_set", f"day:{day.isoformat()}", kind=kind, reason=text)


def remove_day(visit: Visit, day: date) -> None:
    """Take one's own entry away; the packaged list counts again."""
    _change(visit, lambda days: [each for each in days if each["date"] != day.isoformat()])
    visit.note("calendar.day_removed", f"day:{day.isoformat()}")


def _change(visit: Visit, change: Any) -> None:
    agency = Agency.objects.select_for_update().get(pk=visit.agency.pk)
    days = change(own_days(agency))
    # No year is claimed as complete: the packaged list says which years it knows.
    agency.settings = {**agency.settings, "calendar": json.dumps({"years": [], "days": days}, ensure_ascii=False)}
    agency.save(update_fields=["settings"])
    visit.agency.settings = agency.settings
