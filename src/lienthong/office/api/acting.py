"""Acts on documents and tasks for programs: the verbs of the pages, with their rights and refusals."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from lienthong.base.errors import Refused
from lienthong.office.api import forms
from lienthong.office.api.keeping import for_programs, require_unchanged
from lienthong.office.models import Task
from lienthong.office.services import routing, working
from lienthong.office.services.reading_rights import find
from lienthong.office.services.tasks import Owner
from lienthong.office.states import Role
from lienthong.webkit.door.access import ONLY_FORMS, Route, api, needs
from lienthong.webkit.door.visit import Visit, visit_of
from lienthong.webkit.site.duties import CLERICAL, Duty
from lienthong.webkit.site.errors import NOT_FOUND_HERE

Members = Mapping[str, Any]
Act = Callable[[Visit, int, Members], Task | list[Task]]
ROLES = {each.value: each for each in Role}
MOST_TARGETS = 200

ACTS: dict[str, tuple[str, Act]] = {
    "take": ("Take a task on", lambda visit, task, _: working.take(visit, task)),
    "know": ("Take note", lambda visit, task, _: working.know(visit, task)),
    "report": ("Report a result", lambda visit, task, given: working.report(
        visit, task, forms.text_member(given, "result"), no_answer=given.get("no_answer") is True)),
    "confirm": ("Accept a reported result", lambda visit, task, _: working.confirm(visit, task)),
    "send-back": ("Ask for more", lambda visit, task, given: working.send_back(
        visit, task, forms.text_member(given, "reason"))),
    "conclude": ("Decide that nothing has to be done", lambda visit, task, given: working.conclude(
        visit, task, forms.text_member(given, "words"))),
    "give-back": ("Return to the giver", lambda visit, task, given: routing.give_back(
        visit, task, forms.text_member(given, "reason"))),
    "withdraw": ("Take back what one gave", lambda visit, task, given: routing.withdraw(
        visit, task, forms.text_member(given, "reason"))),
    "direct": ("Direct: who leads, supports, is informed", lambda visit, task, given: routing.direct(
        visit, task, order_of(given))),
    "assign": ("Assign inside the unit", lambda visit, task, given: routing.assign(visit, task, order_of(given))),
    "forward": ("Hand on", lambda visit, task, given: routing.forward(visit, task, order_of(given))),
}  # fmt: skip
"""Name in the address, what it does, and how."""


def order_of(members: Members) -> routing.Order:
    """A routing: ``targets`` (``account`` or ``unit``, ``role``, perhaps ``due_date``), ``words``, ``due_date``."""
    rows = members.get("targets")
    if (
        not isinstance(rows, list)
        or not 0 < len(rows) <= MOST_TARGETS
        or not all(isinstance(each, dict) for each in rows)
    ):
        raise forms.wrong("“targets” là danh sách nơi nhận", "“targets” is a list of recipients")
    return routing.Order(
        tuple(_target(each) for each in rows), forms.text_member(members, "words"),
        forms.day_member(members, "due_date"),
        several=members.get("several") is True, needs_answer=members.get("needs_answer") is True,
    )  # fmt: skip


def _target(row: Members) -> routing.Target:
    account, unit = forms.number_member(row, "account"), forms.number_member(row, "unit")
    role = ROLES.get(forms.text_member(row, "role"))
    if (account is None) == (unit is None) or role is None:
        raise forms.wrong("mỗi nơi nhận có “account” hoặc “unit”, và “role”",
                          "each recipient has “account” or “unit”, and “role”")  # fmt: skip
    return routing.Target(Owner(account, unit), role, forms.day_member(row, "due_date"))


def submit(request: HttpRequest, document: int) -> HttpResponseBase:
    """Submit a registered document: ``to`` (account), ``proposal``, ``due_date``; the answer is the task."""
    visit = _writing(request)
    found, members = find(visit, document), forms.body_of(request)
    require_unchanged(request, found)
    to = forms.number_member(members, "to")
    if to is None:
        raise forms.wrong("thiếu “to”", "“to” is missing")
    made = routing.submit(
        visit, found, to, forms.text_member(members, "proposal"), forms.day_member(members, "due_date")
    )
    return forms.reply(forms.task(made), 201)


def _act(act: Act) -> Callable[..., HttpResponseBase]:
    def run(request: HttpRequest, task: int) -> HttpResponseBase:
        visit = _writing(request)
        held = Task.objects.filter(pk=task, agency=visit.agency).first()
        if held is None or held.document_id is None:
            raise Refused(NOT_FOUND_HERE)
        require_unchanged(request, find(visit, held.document_id))
        done = act(visit, task, forms.body_of(request) if request.body else {})
        rows = done if isinstance(done, list) else [done]
        return forms.reply({"tasks": [forms.task(Task.objects.get(pk=each.pk)) for each in rows]})

    return run


def _writing(request: HttpRequest) -> Visit:
    visit = visit_of(request)
    forms.require_writing(visit)
    return visit


ROUTES: list[Route] = [
    api(
        "documents/<int:document>/submit",
        for_programs(submit),
        needs(Duty.REGISTRAR, Duty.OFFICE_CHIEF),
        "api_submit",
        ONLY_FORMS,
    ),
    *(
        api(
            f"tasks/<int:task>/{name}",
            for_programs(_act(act)),
            needs(*CLERICAL),
            f"api_task_{name.replace('-', '_')}",
            ONLY_FORMS,
        )
        for name, (_, act) in ACTS.items()
    ),
]
