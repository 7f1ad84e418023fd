"""The serving processes of the office die at any step of the two main stories: what was done stays, once; the rest can
be done again.

Three offices serve one database: one that dies when a form's work is written and not yet committed, one that dies when
it is committed and not yet answered, and one that lives. Each step is sent to all three, in this order: the first must
leave nothing, the second the whole step without an answer, and the third, as when somebody presses again, nothing more.
"""

from __future__ import annotations

import io
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from axis_process import wait_for
from fixtures_office import OfficeInstallation
from fixtures_pg import make_directory
from incoming_world import arrived
from lienthong.office.models import Arrival, Delivery, Document, NumberEntry, Opinion, SigningStep, StoredFile, Task
from lienthong.office.services import drafting
from lienthong.office.services.reviewing import hex_of
from lienthong.webkit.site.duties import Duty
from lienthong.webkit.site.tenancy import acting_for
from office_host import Browser, Host, running
from office_world import OfficeAgency, make_agency
from official_document import decision
from outgoing_world import BODY, PASSWORD_TEXT, OutgoingAgency, make_outgoing

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

COUNTED = (Arrival, Delivery, Document, NumberEntry, Opinion, SigningStep, StoredFile, Task)
"""What a step may add to; a step that was done twice would show in one of them."""


@dataclass
class Offices:
    """``early`` dies before it commits, ``late`` after; ``plain`` lives."""

    early: Host
    late: Host
    plain: Host


@pytest.fixture(scope="module")
def offices(office_installation: OfficeInstallation) -> Iterator[Offices]:
    with (
        running(office_installation, make_directory(), kill_at="page.written:1") as early,
        running(office_installation, make_directory(), kill_at="page.committed:1") as late,
        running(office_installation, make_directory()) as plain,
    ):
        yield Offices(early, late, plain)


@dataclass
class Story:
    """Steps of people of one agency, each with a death before and after it."""

    offices: Offices
    made: OfficeAgency
    browsers: dict[Duty, Browser] = field(default_factory=dict)

    def step(self, duty: Duty, where: str, page: str, state: Callable[[], object], **values: str) -> None:
        """Send the form three times; ``state``: what the step changes."""
        if duty not in self.browsers:
            self.browsers[duty] = self.offices.plain.browser(self.made, duty)
        browser = self.browsers[duty]
        browser.web.get(page)  # looking at a page may mark a task as read, which is another matter
        before = (self.see(state), self.counts())
        browser.send_and_lose(self.offices.early, where, page, **values)
        assert (self.see(state), self.counts()) == before, f"{where}: nothing of what was not committed stays"
        browser.send_and_lose(self.offices.late, where, page, **values)
        after = (self.see(state), self.counts())
        assert after != before, f"{where}: what was committed is there"
        answer = browser.send(where, page if browser.web.get(page).status_code == 200 else "/mine", **values)
        assert answer.status_code < 500, (where, answer.text[-2000:])
        assert (self.see(state), self.counts()) == after, f"{where}: pressed again, it is not done again"

    def see(self, state: Callable[[], object]) -> object:
        with acting_for(self.made.agency.pk):
            return state()

    def counts(self) -> list[int]:
        with acting_for(self.made.agency.pk):
            return [each.objects.filter(agency=self.made.agency).count() for each in COUNTED]


def test_an_incoming_document_from_the_counter_to_the_end_with_a_death_around_every_step(
    offices: Offices, agency_number: int
) -> None:
    made = make_agency(agency_number)
    story = Story(offices, made)
    arrival = arrived(made)
    leader, officer = made.people[Duty.LEADER], made.people[Duty.CASE_OFFICER]

    def state() -> str:
        return str(Document.objects.get(agency=made.agency).state)

    def live() -> list[tuple[str, str]]:
        found = Task.objects.filter(agency=made.agency).order_by("pk").values_list("kind", "state")
        return [(str(kind), str(now)) for kind, now in found]

    story.step(Duty.REGISTRAR, "/arrivals/new", "/arrivals/new", lambda: None, reference=secrets.token_hex(16))
    story.step(
        Duty.REGISTRAR, f"/arrivals/{arrival.pk}/register", "/arrivals",
        lambda: Arrival.objects.get(pk=arrival.pk).state, kind="Công văn", number="12", symbol="THU-VP",
        issued_date="5/1/2026", issuer_name="Bộ Thử nghiệm", abstract="Về việc thử", language="Tiếng Việt", urgency="1",
        then="open",
    )  # fmt: skip
    with acting_for(made.agency.pk):
        document = Document.objects.get(agency=made.agency).pk
        assert Document.objects.get(pk=document).arrival_number == 1
    page = f"/documents/{document}"
    story.step(
        Duty.REGISTRAR, f"{page}/acts/submit", page, live, task="0",
        **{"submit-0-to": str(leader.pk), "submit-0-words": "Đề nghị giao Phòng Tổng hợp."},
    )  # fmt: skip
    task = _newest(made)
    story.step(
        Duty.LEADER, f"{page}/acts/direct", page, live, task=str(task),
        **{f"direct-{task}-words": "Giao Phòng Tổng hợp chủ trì.", f"direct-{task}-targets:u{made.unit.pk}": "lead"},
    )  # fmt: skip
    unit = _newest(made)
    story.step(
        Duty.UNIT_HEAD, f"{page}/acts/assign", page, live, task=str(unit),
        **{f"assign-{unit}-targets:a{officer.pk}": "lead", f"assign-{unit}-words": "Làm ngay."},
    )  # fmt: skip
    own = _newest(made)
    story.step(
        Duty.CASE_OFFICER, f"{page}/acts/report", page, live, task=str(own),
        **{f"report-{own}-result": "Đã gửi số liệu.", f"report-{own}-answer": "none"},
    )  # fmt: skip
    story.step(Duty.UNIT_HEAD, f"{page}/acts/confirm", page, live, task=str(own))
    with acting_for(made.agency.pk):
        assert NumberEntry.objects.filter(agency=made.agency).count() == 1
        assert state() in {"in_progress", "finished"}


def _newest(made: OfficeAgency) -> int:
    with acting_for(made.agency.pk):
        return int(Task.objects.filter(agency=made.agency).order_by("-pk").first().pk)  # type: ignore[union-attr]


def test_an_outgoing_document_from_the_first_word_to_its_recipients_with_a_death_around_every_step(
    offices: Offices, agency_number: int
) -> None:
    world = make_outgoing(agency_number)
    story = Story(offices, world.made)
    once = secrets.token_hex(16)

    def state() -> list[str]:
        return [str(each) for each in Document.objects.filter(agency=world.made.agency).values_list("state", flat=True)]

    story.step(
        Duty.CASE_OFFICER, "/drafts/new", "/drafts/new", state, kind="Quyết định (cá biệt)", body=BODY, urgency="0",
        abstract="Về việc thành lập Tổ công tác", signer_1=str(world.account(Duty.LEADER).pk), once=once,
        others="Sở Tài chính; H99.02\nThư viện tỉnh",
    )  # fmt: skip
    with acting_for(world.made.agency.pk):
        document = Document.objects.get(agency=world.made.agency).pk
    page = f"/drafts/{document}"
    _put_file(world, document)
    revision = str(world.look(document).revision)
    story.step(Duty.CASE_OFFICER, f"{page}/submit", page, state, revision=revision)
    with acting_for(world.made.agency.pk):
        seen = hex_of(world.get(document))
    story.step(Duty.UNIT_HEAD, f"{page}/approve", page, state, check="content", seen=seen)
    story.step(Duty.REGISTRAR, f"{page}/approve", page, state, check="form", seen=seen)
    story.step(
        Duty.LEADER, "/signing", "/signing", state, row=str(document), secret=PASSWORD_TEXT, **{f"seen_{document}": seen}
    )  # fmt: skip
    story.step(Duty.REGISTRAR, f"{page}/number", page, state)

    def sealed() -> int:
        return StoredFile.objects.filter(document=document, role="document").count()

    story.step(Duty.REGISTRAR, f"{page}/seal", page, sealed, secret=PASSWORD_TEXT)
    story.step(Duty.REGISTRAR, f"{page}/issue", page, state)
    with acting_for(world.made.agency.pk):
        assert state() == ["issued"]
        assert NumberEntry.objects.filter(agency=world.made.agency).count() == 1
        assert Delivery.objects.filter(document=document).count() == 2


def _put_file(world: OutgoingAgency, document: int) -> None:
    with world.visit(Duty.CASE_OFFICER) as visit:
        drafting.put_file(visit, document, io.BytesIO(decision()), "qd.pdf", world.get(document).revision)


def test_after_everything_was_killed_the_office_comes_back_with_the_work_and_the_sessions(
    office_installation: OfficeInstallation, agency_number: int
) -> None:
    made = make_agency(agency_number)
    arrival = arrived(made)
    with running(office_installation, make_directory()) as first:
        browser = first.browser(made, Duty.REGISTRAR)
        answer = browser.send(
            f"/arrivals/{arrival.pk}/register", f"/arrivals/{arrival.pk}", kind="Công văn", number="12", symbol="THU-VP",
            issued_date="5/1/2026", issuer_name="Bộ Thử nghiệm", abstract="Về việc thử", language="Tiếng Việt", urgency="0",
            then="open",
        )  # fmt: skip
        assert answer.status_code == 303
        word = browser.word("/mine")
        first.kill()
        wait_for(lambda: not first.answers(), "nothing answers any more", 15)
    with running(office_installation, make_directory()) as second:
        again = browser.at(second)
        assert "12/THU-VP" in again.web.get("/incoming").text
        # A form that was open before is taken afterwards.
        answer = again.web.post("/mine/settings", data={"csrfmiddlewaretoken": word, "language": "vi"})
        assert answer.status_code < 400, answer.text[-2000:]
