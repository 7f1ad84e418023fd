"""Correcting the fields of a registered incoming document; number and day of arrival never change."""

from __future__ import annotations

from dataclasses import fields as fields_of
from typing import Any

from django.db import connection

from lienthong.base.clock import VIETNAM
from lienthong.base.errors import Refused
from lienthong.base.text import nfc
from lienthong.office.errors import NOT_YOURS, STEP_NOT_POSSIBLE
from lienthong.office.models import Document
from lienthong.office.services.indexing import index
from lienthong.office.services.registering import IncomingFields, check
from lienthong.office.services.settling import hold
from lienthong.office.states import Incoming
from lienthong.webkit.door.visit import Visit
from lienthong.webkit.site.duties import Duty
from lienthong.webkit.site.errors import stale

KEPT = frozenset({"secret", "identifier", "issuer_code"})
"""Fields that are no business of a correction."""


def correct(visit: Visit, document: Document, fields: IncomingFields, revision: int) -> Document:
    """Change what was entered wrongly; what changed, from what and to what, is noted.

    Refuses NOT_YOURS, FIELDS_WRONG, SECRET_NOT_ALLOWED, STEP_NOT_POSSIBLE, FORM_STALE. The same values again change
    nothing.
    """
    if not visit.who.may(Duty.REGISTRAR):
        raise Refused(NOT_YOURS, reason_vi="chỉ văn thư sửa thông tin đăng ký", reason_en="only the registrar corrects")
    held = hold(visit, document.pk)
    if held.state == Incoming.RECALLED.value:
        raise Refused(STEP_NOT_POSSIBLE, reason_vi="văn bản đã bị thu hồi", reason_en="the document was recalled")
    changed = {
        name: (getattr(held, name), value) for name, value in _values(fields).items() if getattr(held, name) != value
    }
    if not changed:
        return held
    # A deadline that has passed meanwhile is no mistake unless it is what is being entered.
    check(fields, visit.today if "due_date" in changed else min(visit.today, held.due_date or visit.today))
    if held.revision != revision:
        raise _stale(held)
    for name, (_, value) in changed.items():
        setattr(held, name, value)
    held.revision += 1
    held.save(update_fields=[*changed, "revision"])
    index(held)
    visit.note("document.corrected", f"document:{held.pk}", revision=held.revision,
               changed={name: [_text(old), _text(new)] for name, (old, new) in changed.items()})  # fmt: skip
    return held


def _values(fields: IncomingFields) -> dict[str, Any]:
    found = {each.name: getattr(fields, each.name) for each in fields_of(fields) if each.name not in KEPT}
    found = {name: nfc(value).strip() if isinstance(value, str) else value for name, value in found.items()}
    return found | {"abstract": " ".join(found["abstract"].split())}


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _stale(document: Document) -> Refused:
    with connection.cursor() as cursor:
        cursor.execute(
            """select body::jsonb ->> 'name', at from audit_entry where agency_id = %s and object = %s
               and action = 'document.corrected' order by number desc limit 1""",
            [document.agency_id, f"document:{document.pk}"],
        )
        row = cursor.fetchone()
    return stale(row[0], row[1].astimezone(VIETNAM).strftime("%d/%m/%Y %H:%M")) if row else stale()
