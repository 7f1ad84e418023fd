"""Who reads the office in English meets English: no head, label, button or place of a page stays Vietnamese."""

from __future__ import annotations

import html
import re

import pytest

from incoming_world import arrived, registered
from lienthong.office import urls
from lienthong.office.models import Notice
from lienthong.office.notice_words import Said, both, sentence
from lienthong.office.services import filing
from lienthong.office.services.draft_content import Recipient
from lienthong.office.services.filing import DossierFields
from lienthong.office.services.quick_phrases import USUAL
from lienthong.office.services.tasks import Owner, give
from lienthong.office.services.telling import notify
from lienthong.office.states import NoticeKind, Role, TaskKind
from lienthong.webkit.door.access import ONLY_FORMS
from lienthong.webkit.site.duties import Duty
from office_world import POSITIONS, OfficeAgency, OfficeClient, make_agency, working_as
from outgoing_world import HEAD, LEADER, OutgoingAgency, make_outgoing

VIETNAMESE = re.compile(r"[đăơưĐĂƠƯẠ-ỹ]")
"""Letters that no English word has."""
PARTS = ("h1", "h2", "th", "button", "label", "legend", "summary", "caption", "title", "nav")
NAMED = ("aria-label", "placeholder", "title", "data-label")
DATA = (
    "Tiếng Việt", "Người Thử", "Sở Thử nghiệm", "Phòng Tổng hợp", "Văn phòng", "UBND TỈNH THỬ NGHIỆM", "Bộ Thử nghiệm",
    "Về việc thử số", "Sổ đăng ký văn bản đến", "Công văn", "Quyết định (cá biệt)", "Quyết định", "/QĐ-STN", "10 năm", LEADER, f"Ư {HEAD}", HEAD, *USUAL, *POSITIONS.values(),
)  # fmt: skip
"""What is data of the agency or the name of a language, and so is never translated."""
CHIP = r'<(?:span|a)[^>]*class="[^"]*chip[^"]*"[^>]*>(.*?)</(?:span|a)>'
CELLS = re.compile(r'<option\b.*?</option>|<td\b.*?</td>|<th scope="row".*?</th>', re.S)
"""What holds data: cells, heads of rows, choices."""


def _said(page: str) -> set[str]:
    """The texts of the parts of a page that are the system's own words."""
    plain = re.sub(r"<(script|style|svg)\b.*?</\1>", "", page, flags=re.S)
    found = {each for name in NAMED for each in re.findall(rf'\s{name}="([^"]*)"', plain)}
    found |= set(re.findall(CHIP, plain, re.S))
    plain = CELLS.sub("", plain)
    for name in PARTS:
        found |= set(re.findall(rf"<{name}\b[^>]*>(.*?)</{name}>", plain, re.S))
    return {" ".join(html.unescape(re.sub(r"<[^>]+>", " ", each)).split()) for each in found}


def _vietnamese(page: str) -> set[str]:
    data = re.compile("|".join(re.escape(each) for each in sorted(DATA, key=len, reverse=True)))
    return {each for each in _said(page) if VIETNAMESE.search(data.sub("", each))}


def _reading_english(made: OfficeAgency, duty: Duty) -> OfficeClient:
    client = made.client(duty)
    client.submit("/language", page="/mine", to="en")
    return client


@pytest.fixture
def made(office_installation: object, agency_number: int) -> OfficeAgency:
    return make_agency(agency_number)


@pytest.mark.parametrize("duty", list(Duty))
def test_every_list_and_form_of_a_duty_speaks_english(agency_number: int, duty: Duty) -> None:
    made = make_agency(agency_number)
    registered(made)
    arrived(made)
    with working_as(made, Duty.REGISTRAR) as visit:
        filing.open_dossier(visit, DossierFields("Dossier of the test", "10 năm", visit.today.year))
    client = _reading_english(made, duty)
    left: dict[str, set[str]] = {}
    seen = 0
    for each in urls.ALL:
        if each.methods == ONLY_FORMS or "<" in each.pattern or each.pattern.startswith("api/"):
            continue
        if each.name in {"language", "sign_out", "look"} or duty not in (each.rule.duties or Duty):
            continue
        answer = client.get(f"/{each.pattern}")
        if answer.streaming or "text/html" not in answer.headers.get("Content-Type", ""):
            continue
        seen += answer.status_code == 200
        if words := _vietnamese(answer.content.decode()):
            left[each.name] = words
    assert seen >= 5
    assert not left, "\n".join(f"{name}: {sorted(words)}" for name, words in left.items())


@pytest.mark.parametrize("form", ["handling", "sending", "indicators"])
def test_every_report_speaks_english(agency_number: int, form: str) -> None:
    made = make_agency(agency_number)
    registered(made)
    client = _reading_english(made, Duty.OFFICE_CHIEF)
    page = client.get("/reports", {"form": form})
    assert page.status_code == 200
    assert _vietnamese(page.content.decode()) == set()


def test_words_left_in_vietnamese_would_be_found(agency_number: int) -> None:
    client = make_agency(agency_number).client(Duty.REGISTRAR)
    assert len(_vietnamese(client.get("/incoming").content.decode())) > 10


def test_notices_are_read_in_the_readers_language_and_old_ones_as_they_were_written(made: OfficeAgency) -> None:
    document = registered(made)
    with working_as(made, Duty.REGISTRAR) as visit:
        to = [made.people[Duty.LEADER].pk]
        notify(visit, to, NoticeKind.SUBMISSION, sentence(Said.SUBMISSION, title=document.abstract), "/")
        notify(visit, to, NoticeKind.SENDING, sentence(Said.NOT_SENT, what=both("văn bản", "the document"),
                                                       why=both("Hết chỗ.", "No room.")), "/receipts")  # fmt: skip
        Notice.objects.create(agency=made.agency, account_id=to[0], kind="task.review", text="Chờ duyệt: việc cũ",
                              where="/", at=visit.now)  # fmt: skip
    client = made.client(Duty.LEADER)
    page = client.get("/notices").content.decode()
    for said in (f"Trình xin ý kiến: {document.abstract}", "Không gửi được văn bản: Hết chỗ.", "Chờ duyệt: việc cũ"):
        assert said in page, said
    client.submit("/language", page="/mine", to="en")
    page = client.get("/notices").content.decode()
    for said in (f"Submitted to you: {document.abstract}", "Could not send the document: No room.",
                 "Chờ duyệt: việc cũ"):  # fmt: skip
        assert said in page, said


def _objects(world: OutgoingAgency) -> dict[str, int]:
    """One object of each sort, in a state in which its page has much to say."""
    made = world.made
    incoming, arrival = registered(made), arrived(made)
    draft = world.draft(abstract="Về việc thử số 900")
    world.to_signers(waiting := world.draft(abstract="Về việc thử số 901"))
    to = (Recipient("Bộ Thử nghiệm", "axis", "H99"), Recipient("Bộ Thử nghiệm", "email", address="a@b.example"),
          Recipient("Bộ Thử nghiệm", "paper"))  # fmt: skip
    issued = world.issued(abstract="Về việc thử số 902", recipients=to)
    with world.visit(Duty.OFFICE_CHIEF) as visit:
        directed = give(
            visit, incoming, Owner(unit=made.unit.pk), TaskKind.HANDLING, Role.LEAD, directive="Về việc thử số"
        )
        officer = Owner(account=world.account(Duty.CASE_OFFICER).pk)
        task = give(visit, None, officer, TaskKind.HANDLING, Role.LEAD, title="Về việc thử số 903")
    with world.visit(Duty.REGISTRAR) as visit:
        dossier = filing.open_dossier(visit, DossierFields("Về việc thử số 904", "10 năm", visit.today.year))
        filing.file_document(visit, dossier, incoming.pk)
    return {
        "document": incoming.pk, "arrival": arrival.pk, "draft": draft, "waiting": waiting, "issued": issued,
        "dossier": dossier.pk, "task": task.pk, "directed": directed.pk, "register": incoming.register_id or 0,
        "account": world.account(Duty.CASE_OFFICER).pk,
    }  # fmt: skip


PAGES = (
    "people/{account}", "arrivals/{arrival}", "documents/{document}", "documents/{document}?task={directed}",
    "documents/{document}/edit", "documents/{document}/slip", "drafts/{draft}", "drafts/{draft}/edit",
    "drafts/{draft}/check", "drafts/{waiting}", "drafts/{issued}", "drafts/{issued}/compared", "dossiers/{dossier}",
    "dossiers/{dossier}/add", "dossiers/{dossier}/change", "tasks/{task}", "hand-over/{account}",
    "reports/registers/{register}", "reports/books/postal", "reports/books/copies", "documents/{issued}",
)  # fmt: skip


@pytest.mark.parametrize(
    "duty",
    [
        Duty.REGISTRAR,
        Duty.LEADER,
        Duty.OFFICE_CHIEF,
        Duty.UNIT_HEAD,
        Duty.CASE_OFFICER,
        Duty.ARCHIVIST,
        Duty.ADMINISTRATOR,
    ],
)
def test_every_page_of_one_object_speaks_english(office_installation: object, agency_number: int, duty: Duty) -> None:
    world = make_outgoing(agency_number)
    objects = _objects(world)
    client = _reading_english(world.made, duty)
    left, seen = {}, 0
    for page in PAGES:
        answer = client.get("/" + page.format(**objects))
        if answer.status_code != 200 or "text/html" not in answer.headers.get("Content-Type", ""):
            continue
        seen += 1
        if words := _vietnamese(answer.content.decode()):
            left[page] = words
    assert seen >= (2 if duty in {Duty.ADMINISTRATOR, Duty.ARCHIVIST} else 6), seen
    assert not left, "\n".join(f"{name}: {sorted(words)}" for name, words in left.items())
