"""Tasks on their own: given, divided, reported, extended, reminded; hand-over; the calendar of deadlines."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lienthong.base.errors import Refused
from lienthong.office.models import Dossier, Notice, Task
from lienthong.office.services import assigning, calendar_feed, handing_over
from lienthong.office.services.assigning import TaskFields
from lienthong.office.services.calendar_feed import Entry, escaped, folded
from lienthong.office.services.filing import DossierFields, open_dossier
from lienthong.office.services.tasks import Owner, give
from lienthong.office.states import Outgoing, Role, TaskKind
from lienthong.webkit.people.models import Delegation
from lienthong.webkit.site.duties import Duty
from lienthong.webkit.site.errors import NOT_FOUND_HERE
from lienthong.webkit.site.tenancy import acting_for
from office_documents import incoming_document, outgoing_document
from office_world import make_agency, working_as


@pytest.fixture
def made(office_installation, agency_number):
    return make_agency(agency_number)


def officer(made) -> Owner:
    return Owner(account=made.people[Duty.CASE_OFFICER].pk)


def test_a_task_goes_from_the_leader_through_the_unit_to_the_officer_and_back(made) -> None:
    with working_as(made, Duty.LEADER) as visit:
        top = assigning.create(visit, TaskFields("Chuẩn bị hội nghị", "Làm sớm", (Owner(unit=made.unit.pk),), days=5))[
            0
        ]
        assert top.due_date > visit.today + timedelta(days=5)
    with working_as(made, Duty.UNIT_HEAD) as visit:
        child = assigning.create(visit, TaskFields("Soạn giấy mời", owners=(officer(made),), due=visit.today), top)[0]
        with pytest.raises(Refused, match="STEP_NOT_POSSIBLE"):
            assigning.report(visit, top, "xong")
    with working_as(made, Duty.CASE_OFFICER) as visit:
        assert assigning.report(visit, child, "đã gửi").state == "reported"
        assert assigning.report(visit, child, "lần nữa").result == "đã gửi"
        with pytest.raises(Refused, match="NOT_YOURS"):
            assigning.accept(visit, child)
    with working_as(made, Duty.UNIT_HEAD) as visit:
        assert assigning.hand_back(visit, child, "thiếu địa điểm").state == "open"
    with working_as(made, Duty.CASE_OFFICER) as visit:
        assigning.report(visit, child, "đã bổ sung")
    with working_as(made, Duty.UNIT_HEAD) as visit:
        assert assigning.accept(visit, child).state == "finished"
        assert assigning.report(visit, top, "xong").state == "reported"
    with working_as(made, Duty.LEADER) as visit:
        assert assigning.accept(visit, top).state == "finished"
        assert Notice.objects.filter(account=made.people[Duty.UNIT_HEAD], kind="task.accepted").exists()


def test_the_tray_of_the_giver_shows_that_a_result_waits_for_his_word(made) -> None:
    with working_as(made, Duty.UNIT_HEAD) as visit:
        task = assigning.create(visit, TaskFields("Soạn giấy mời", owners=(officer(made),)))[0]
    head = made.client(Duty.UNIT_HEAD)
    assert "Kết quả chờ tôi xác nhận" not in head.get("/").content.decode()
    with working_as(made, Duty.CASE_OFFICER) as visit:
        assigning.report(visit, task, "đã gửi")
    assert "Kết quả chờ tôi xác nhận" in head.get("/").content.decode()
    assert "Soạn giấy mời" in head.get("/given?state=reported").content.decode()


def test_a_child_is_not_due_after_its_parent_and_a_form_sent_twice_gives_one_task(made) -> None:
    with working_as(made, Duty.LEADER) as visit:
        fields = TaskFields("Việc lớn", owners=(officer(made),), due=visit.today + timedelta(days=3))
        top = assigning.create(visit, fields)[0]
        assert assigning.create(visit, fields)[0].pk == top.pk
    with working_as(made, Duty.CASE_OFFICER) as visit:
        with pytest.raises(Refused) as refusal:
            assigning.create(
                visit, TaskFields("Con", owners=(officer(made),), due=visit.today + timedelta(days=4)), top
            )
        assert [each.path for each in refusal.value.problems] == ["due"]


def test_a_case_officer_gives_work_only_to_himself(made) -> None:
    with working_as(made, Duty.CASE_OFFICER) as visit:
        mine = assigning.create(visit, TaskFields("Tự nhắc", owners=(officer(made),)))[0]
        assert assigning.report(visit, mine, "").state == "finished"
        with pytest.raises(Refused, match="NOT_YOURS"):
            assigning.create(visit, TaskFields("Cho người khác", owners=(Owner(account=made.people[Duty.LEADER].pk),)))


def test_withdrawing_ends_everything_below(made) -> None:
    with working_as(made, Duty.LEADER) as visit:
        top = assigning.create(visit, TaskFields("Việc", owners=(officer(made),)))[0]
    with working_as(made, Duty.CASE_OFFICER) as visit:
        child = assigning.create(visit, TaskFields("Con", owners=(officer(made),)), top)[0]
    with working_as(made, Duty.LEADER) as visit:
        assigning.withdraw(visit, top)
        child.refresh_from_db()
        assert child.state == "withdrawn"


def test_an_extension_is_in_force_when_the_giver_agrees(made) -> None:
    with working_as(made, Duty.LEADER) as visit:
        day = visit.today + timedelta(days=3)
        task = assigning.create(visit, TaskFields("Việc", owners=(officer(made),), due=day))[0]
    with working_as(made, Duty.CASE_OFFICER) as visit:
        with pytest.raises(Refused, match="FIELDS_WRONG"):
            assigning.ask_extension(visit, task, day, "bận")
        assigning.ask_extension(visit, task, day + timedelta(days=2), "chờ số liệu")
        task.refresh_from_db()
        assert task.due_date == day
    with working_as(made, Duty.LEADER) as visit:
        assert assigning.decide_extension(visit, task, agreed=True).due_date == day + timedelta(days=2)


def test_many_are_reminded_of_at_once_and_each_has_its_result(made) -> None:
    with working_as(made, Duty.LEADER) as visit:
        late = assigning.create(visit, TaskFields("Chậm", owners=(officer(made),)))[0]
        done = assigning.create(visit, TaskFields("Xong", owners=(officer(made),)))[0]
        Task.objects.filter(pk=done.pk).update(state="finished")
    with working_as(made, Duty.UNIT_HEAD) as visit:
        foreign = assigning.create(visit, TaskFields("Của trưởng phòng", owners=(officer(made),)))[0]
    with working_as(made, Duty.LEADER) as visit:
        chosen = [late.pk, done.pk, foreign.pk]
        assert [why for _, why in assigning.remind(visit, chosen)] == [
            "", "việc đã báo cáo hoặc kết thúc", "không phải việc anh/chị giao",
        ]  # fmt: skip
        assert assigning.remind(visit, [late.pk])[0][1] == "vừa được nhắc hôm nay"
        assert Notice.objects.filter(kind="task.reminded", account=made.people[Duty.CASE_OFFICER]).count() == 1


def test_reminding_tells_nothing_of_tasks_that_one_may_not_see(made) -> None:
    with working_as(made, Duty.LEADER) as visit:
        given = assigning.create(visit, TaskFields("Chuẩn bị nhân sự kín", owners=(Owner(visit.who.account.pk),)))[0]
        letter = incoming_document(visit, abstract="Đơn tố cáo ông A")
        written = give(visit, letter, Owner(visit.who.account.pk), TaskKind.HANDLING, Role.LEAD)
    missing = written.pk + 1_000_000
    with working_as(made, Duty.CASE_OFFICER) as visit:
        told = assigning.remind(visit, [given.pk, missing, written.pk, given.pk])
        assert told == [(None, Refused(NOT_FOUND_HERE).sentence("vi"))] * 3
        assert assigning.remind(visit, [missing, given.pk])[1] == told[0]
    page = made.client(Duty.CASE_OFFICER).submit("/given/remind", page="/given", row=[given.pk, written.pk, missing])
    assert page.status_code == 200
    text = page.content.decode()
    assert "nhân sự kín" not in text
    assert "tố cáo" not in text
    assert text.count("Không có trang hoặc tài liệu này") == 3


def test_everything_of_a_person_who_leaves_goes_over_once(made) -> None:
    leaving, heir = made.people[Duty.CASE_OFFICER], made.people[Duty.UNIT_HEAD]
    with working_as(made, Duty.CASE_OFFICER) as visit:
        assigning.create(visit, TaskFields("Việc dở", owners=(officer(made),)))
        draft = outgoing_document(visit, state=Outgoing.DRAFT, drafter=leaving)
        issued = outgoing_document(visit, drafter=leaving)
        dossier = open_dossier(visit, DossierFields("Hồ sơ dở", "10 năm", 2026))
        Delegation.objects.create(
            agency=visit.agency, principal=leaving, substitute=heir, duties=["case_officer"], made_by=leaving,
            starts_at=visit.now, ends_at=visit.now + timedelta(days=9), reason="phép",
        )  # fmt: skip
        with pytest.raises(Refused, match="NOT_YOURS"):
            handing_over.hand_over(visit, leaving, heir, set(handing_over.PARTS))
    with working_as(made, Duty.ADMINISTRATOR) as visit:
        moved = handing_over.hand_over(visit, leaving, heir, set(handing_over.PARTS))
        assert sorted(each.part for each in moved) == ["delegations", "dossiers", "drafts", "tasks"]
        assert handing_over.hand_over(visit, leaving, heir, set(handing_over.PARTS)) == []
        draft.refresh_from_db()
        issued.refresh_from_db()
        assert (draft.drafter_id, issued.drafter_id) == (heir.pk, leaving.pk)
        assert Dossier.objects.get(pk=dossier.pk).creator_id == heir.pk
        assert Task.objects.get().account_id == heir.pk
        assert Delegation.objects.get().revoked_at is not None


def test_the_journey_of_a_task_through_its_pages(made) -> None:
    leader, client = made.client(Duty.LEADER), made.client(Duty.CASE_OFFICER)
    wrong = leader.submit("/tasks/new", title="", directive="vẫn còn đây")
    assert wrong.status_code == 422
    assert "vẫn còn đây" in wrong.content.decode()
    who = f"a{made.people[Duty.CASE_OFFICER].pk}"
    where = leader.submit("/tasks/new", title="Rà soát số liệu", owners=who, days="3").headers["Location"]
    assert "Rà soát số liệu" in leader.get("/given").content.decode()
    pk = where.rpartition("/")[2]
    assert "đã nhắc" in leader.submit("/given/remind", page="/given", row=pk).content.decode()
    assert "Báo cáo kết quả" in client.get(where).content.decode()
    assert client.submit(f"{where}/report", page=where, result="đã rà soát").status_code == 303
    assert client.submit(f"{where}/accept", page=where).status_code == 403
    assert leader.submit(f"{where}/hand-back", page=where, reason=" ").status_code == 422
    assert leader.submit(f"{where}/accept", page=where).status_code == 303
    assert "Hoàn thành" in leader.get(where).content.decode()


def test_the_hand_over_page_shows_and_reports(made) -> None:
    with working_as(made, Duty.LEADER) as visit:
        assigning.create(visit, TaskFields("Việc chuyển giao", owners=(officer(made),)))
    where = f"/hand-over/{made.people[Duty.CASE_OFFICER].pk}"
    client = made.client(Duty.ADMINISTRATOR)
    assert "Việc chuyển giao" in client.get(where).content.decode()
    assert client.submit(where, heir="").status_code == 422
    done = client.submit(where, heir=made.people[Duty.UNIT_HEAD].pk, parts=["tasks", "dossiers"]).content.decode()
    assert "Việc chuyển giao" in done
    assert "Không còn việc" in client.get(where).content.decode()
    assert made.client(Duty.CASE_OFFICER).get(f"/hand-over/{made.people[Duty.LEADER].pk}").status_code == 403


def test_the_calendar_opens_only_with_its_secret_and_shows_only_ones_own_deadlines(made) -> None:
    with working_as(made, Duty.LEADER) as visit:
        assigning.create(visit, TaskFields("Nộp báo cáo; gấp", owners=(officer(made),), due=date(2027, 1, 4)))
        assigning.create(
            visit, TaskFields("Của người khác", owners=(Owner(account=visit.who.account.pk),), due=date(2027, 1, 5))
        )
    client = made.client(Duty.CASE_OFFICER)
    first = client.submit("/calendar").content.decode().split("<code")[1].split(">")[1].split("<")[0]
    second = client.submit("/calendar").content.decode().split("<code")[1].split(">")[1].split("<")[0]
    stranger = type(client)()
    path = second.partition("testserver")[2]
    text = stranger.get(path).content.decode().replace("\r\n ", "")
    assert "DTSTART;VALUE=DATE:20270104" in text
    assert "SUMMARY:Nộp báo cáo\\; gấp (đến hạn)" in text
    assert "Của người khác" not in text
    assert stranger.get(first.partition("testserver")[2]).status_code == 404
    for wrong in ("/calendar/1-1-x.ics", "/calendar/x.ics", "/calendar/-.ics", path.replace(".ics", "A.ics")):
        assert stranger.get(wrong).status_code == 404, wrong
    client.submit("/calendar", end="1")
    assert stranger.get(path).status_code == 404


@given(st.text(max_size=300))
def test_no_title_breaks_a_calendar(title) -> None:
    made = calendar_feed.calendar(
        [Entry("task-1", date(2026, 1, 2), title, "/tasks/1")], "", title, datetime(2026, 1, 1, tzinfo=UTC)
    )
    lines = made.decode("utf-8", "surrogatepass").replace("\r\n ", "").split("\r\n")
    assert all(len(line) <= 75 for line in made.split(b"\r\n"))
    assert [line.partition(":")[0].partition(";")[0] for line in lines if line].count("SUMMARY") == 1
    assert f"SUMMARY:{escaped(f'{title} (đến hạn)')}" in lines
    assert "".join(folded(title).split("\r\n ")) == title or "\r\n " in title


def test_strangers_get_404_and_other_duties_403(made, agency_number) -> None:
    with working_as(made, Duty.LEADER) as visit:
        task = assigning.create(visit, TaskFields("Việc", owners=(officer(made),)))[0]
    stranger = make_agency(agency_number + 500_000).client(Duty.LEADER)
    assert stranger.get(f"/tasks/{task.pk}").status_code == 404
    for verb in ("report", "accept", "hand-back", "withdraw", "extend", "agree", "disagree"):
        assert stranger.submit(f"/tasks/{task.pk}/{verb}", page="/tasks/new").status_code == 404, verb
    assert stranger.get(f"/hand-over/{made.people[Duty.CASE_OFFICER].pk}").status_code == 404
    assert stranger.get(f"/tasks/new?parent={task.pk}").status_code == 404
    auditor = made.client(Duty.AUDITOR)
    for where in ("/given", f"/tasks/{task.pk}", "/tasks/new"):
        assert auditor.get(where).status_code == 403, where
    with acting_for(made.agency.pk):
        assert Task.objects.get(pk=task.pk).state == "new"
