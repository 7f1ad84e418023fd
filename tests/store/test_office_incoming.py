"""From arrival to the finished document through the pages, by one person after the other."""

from __future__ import annotations

import re
from datetime import date

from incoming_world import arrived
from lienthong.office.models import Document, Message, Opinion, Task
from lienthong.webkit.site.duties import Duty
from lienthong.webkit.site.tenancy import acting_for
from office_world import OfficeAgency, make_agency


def form_of(arrival_fields: dict[str, object], **more: str) -> dict[str, str]:
    """The registration form as the page fills it."""
    values = {name: str(value) for name, value in arrival_fields.items() if name not in {"text", "proposals"}}
    return {**values, "issued_date": "05/01/2026", "language": "Tiếng Việt", "urgency": "0", **more}


def statuses(made: OfficeAgency, document: int) -> list[int]:
    """The codes told to the issuer, in order."""
    with acting_for(made.agency.pk):
        return [
            each.members["code"] for each in Message.objects.filter(document=document, kind="status").order_by("pk")
        ]


def state_of(made: OfficeAgency, document: int) -> str:
    with acting_for(made.agency.pk):
        return Document.objects.get(pk=document).state


def task_of(made: OfficeAgency, document: int, **where: object) -> Task:
    with acting_for(made.agency.pk):
        return Task.objects.get(document=document, **where)


def test_a_document_goes_from_the_tray_to_the_officer_and_back_until_it_is_finished(
    office_installation, agency_number
) -> None:
    made = make_agency(agency_number)
    arrival = arrived(made)
    registrar = made.client(Duty.REGISTRAR)
    assert arrival.title in registrar.get("/arrivals").content.decode()
    answer = registrar.submit(f"/arrivals/{arrival.pk}/register", page=f"/arrivals/{arrival.pk}",
                              **form_of(arrival.fields, then="open"))  # fmt: skip
    assert answer.status_code == 303, answer.content.decode()[-3000:]
    number = int(re.search(r"/documents/(\d+)", answer["Location"])[1])
    page = f"/documents/{number}"
    assert state_of(made, number) == "registered"
    assert statuses(made, number) == [3]

    leader = made.people[Duty.LEADER].pk
    answer = registrar.submit(f"{page}/acts/submit", page=page, task="0", **{"submit-0-to": str(leader), "submit-0-words": "Đề nghị giao Phòng Tổng hợp."})  # fmt: skip
    assert answer.status_code == 303, answer.content.decode()[-3000:]
    assert state_of(made, number) == "submitted"

    boss = made.client(Duty.LEADER)
    assert arrival.fields["abstract"] in boss.get("/").content.decode()
    task = task_of(made, number, kind="submission")
    words = "Giao  Phòng TH chủ trì,\ntham mưu trước ngày họp."
    due = date(2027, 3, 1)
    x = f"direct-{task.pk}-"
    answer = boss.submit(f"{page}/acts/direct", page=f"{page}?task={task.pk}", task=str(task.pk),
                         **{f"{x}words": words, f"{x}targets:u{made.unit.pk}": "lead",
                            f"{x}targets:a{made.people[Duty.OFFICE_CHIEF].pk}": "inform", f"{x}due": "01/03/2027"})  # fmt: skip
    assert answer.status_code == 303, answer.content.decode()[-3000:]
    assert state_of(made, number) == "directed"
    assert statuses(made, number) == [3, 4]
    with acting_for(made.agency.pk):
        assert Opinion.objects.get(document=number, kind="directive").text == words
        assert Document.objects.get(pk=number).due_date == due

    head = made.client(Duty.UNIT_HEAD)
    unit_task = task_of(made, number, unit=made.unit)
    x = f"assign-{unit_task.pk}-"
    officer_account = made.people[Duty.CASE_OFFICER].pk
    late = head.submit(f"{page}/acts/assign", page=f"{page}?task={unit_task.pk}", task=str(unit_task.pk),
                       **{f"{x}words": "Làm giúp", f"{x}targets:a{officer_account}": "lead", f"{x}due": "02/03/2027"})  # fmt: skip
    assert late.status_code == 422
    assert "Hạn không được sau 01/03/2027" in late.content.decode()
    assert "Làm giúp" in late.content.decode()
    answer = head.submit(f"{page}/acts/assign", page=f"{page}?task={unit_task.pk}", task=str(unit_task.pk),
                         **{f"{x}words": "Làm giúp", f"{x}targets:a{officer_account}": "lead", f"{x}due": "25/02/2027"})  # fmt: skip
    assert answer.status_code == 303, answer.content.decode()[-3000:]

    officer = made.client(Duty.CASE_OFFICER)
    own = task_of(made, number, account=officer_account)
    assert statuses(made, number) == [3, 4]
    assert officer.get(f"{page}?task={own.pk}").status_code == 200
    assert state_of(made, number) == "in_progress"
    assert statuses(made, number) == [3, 4, 5]
    x = f"report-{own.pk}-"
    asked = officer.submit(
        f"{page}/acts/report", page=f"{page}?task={own.pk}", task=str(own.pk), **{f"{x}result": "Đã xong"}
    )
    assert asked.status_code == 422
    answer = officer.submit(f"{page}/acts/report", page=f"{page}?task={own.pk}", task=str(own.pk),
                            **{f"{x}result": "Đã xong", f"{x}answer": "none"})  # fmt: skip
    assert answer.status_code == 303, answer.content.decode()[-3000:]
    assert task_of(made, number, account=officer_account).state == "reported"
    assert state_of(made, number) == "in_progress"

    answer = head.submit(f"{page}/acts/confirm", page=page, task=str(own.pk))
    assert answer.status_code == 303, answer.content.decode()[-3000:]
    assert state_of(made, number) == "finished"
    assert statuses(made, number) == [3, 4, 5, 6]
    with acting_for(made.agency.pk):
        assert set(Task.objects.filter(document=number).values_list("state", flat=True)) == {"finished"}
    shown = registrar.get(page).content.decode()
    assert "Hoàn thành" in shown
    assert "Giao  Phòng TH chủ trì" in shown
    assert registrar.get(f"{page}/slip").status_code == 200
