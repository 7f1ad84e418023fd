"""Reading the fields of an incoming document from a form, and putting them into one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import QueryDict

from lienthong.base.errors import Problem, ProblemKind, Refused
from lienthong.office.errors import FIELDS_WRONG
from lienthong.office.models import Arrival, Document
from lienthong.office.screens import asked
from lienthong.office.services.registering import IncomingFields
from lienthong.vocabulary.kinds import ADMINISTRATIVE, NORMATIVE
from lienthong.vocabulary.urgency import Urgency
from lienthong.webkit.door.faults import read_day, read_number
from lienthong.webkit.door.visit import Visit
from lienthong.webkit.look.parts import Choice

TEXTS = ("kind", "number", "symbol", "issuer_name", "abstract", "issuer_code", "signer_position", "signer_name",
         "language", "to_places", "note", "identifier")  # fmt: skip
DAYS = {"issued_date": ("Ngày văn bản", "The date"), "due_date": ("Hạn xử lý", "The deadline")}


def fields_in(form: QueryDict, visit: Visit) -> IncomingFields | Refused:
    """The fields of a form; a refusal FIELDS_WRONG for what is no day or number."""
    wrong = [
        Problem(ProblemKind.FORMAT, name, f"{vi} viết theo dạng ngày/tháng/năm.", f"{en} is written day/month/year.")
        for name, (vi, en) in DAYS.items()
        if form.get(name, "").strip() and asked.day(form, name) is None
    ]
    if form.get("pages", "").strip() and asked.count(form, "pages") is None:
        wrong.append(Problem(ProblemKind.FORMAT, "pages", "Số trang là một số.", "Pages is a number."))
    urgency = read_number(form.get("urgency", "0"))
    if urgency is None or urgency not in {each.value for each in Urgency}:
        wrong.append(Problem(ProblemKind.RANGE, "urgency", "Chọn độ khẩn.", "Choose the urgency."))
    if wrong:
        return Refused(FIELDS_WRONG, tuple(wrong), count=len(wrong))
    texts = {name: form.get(name, "").strip()[:2000] for name in TEXTS}
    return IncomingFields(
        **texts, issued_date=asked.day(form, "issued_date"), due_date=asked.day(form, "due_date"),
        urgency=urgency or 0, secret=form.get("secret") == "1", pages=asked.count(form, "pages"),
        paper=form.get("paper") == "1",
    )  # fmt: skip


def entered(document: Document) -> dict[str, str]:
    """The fields of a document as a form shows them."""
    return {
        **{name: getattr(document, name) for name in TEXTS},
        **{name: _written(getattr(document, name)) for name in ("issued_date", "due_date")},
        "urgency": str(document.urgency), "pages": str(document.pages or ""), "paper": "1" if document.paper else "",
        "secret": "",
    }  # fmt: skip


def proposed(arrival: Arrival) -> dict[str, str]:
    """What is proposed for an arrival, as a form shows it."""
    given: Mapping[str, Any] = arrival.fields
    made = {name: str(given.get(name) or "") for name in TEXTS}
    for name in ("issued_date", "due_date"):
        read = read_day(str(given.get(name) or ""))
        made[name] = _written(read)
    made["language"] = made["language"] or "Tiếng Việt"
    made["issuer_name"] = made["issuer_name"] or arrival.sender_name
    made["abstract"] = made["abstract"] or (arrival.title if arrival.source in {"axis", "mail"} else "")
    made |= {"urgency": str(given.get("urgency") or arrival.urgency or 0), "pages": str(given.get("pages") or "")}
    return made | {"paper": "1" if arrival.source == "paper" else "", "secret": ""}


def kinds(chosen: str) -> list[Choice]:
    """The kinds of documents to choose from; one that is not in the list stays choosable."""
    names = [each.name for each in (*ADMINISTRATIVE, *NORMATIVE)]
    if chosen and chosen not in names:
        names.insert(0, chosen)
    return [Choice(name, name, chosen=name == chosen) for name in names]


def _written(value: Any) -> str:
    return value.strftime("%d/%m/%Y") if value else ""
