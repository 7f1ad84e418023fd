"""Quick phrases (câu mẫu): what is said again and again in directives, kept by each person and by the agency."""

from __future__ import annotations

from django.db.models import QuerySet

from lienthong.base.errors import ProblemKind, Refused
from lienthong.base.text import nfc, one_line
from lienthong.office.errors import NOT_YOURS, wrong_field
from lienthong.office.models import Phrase
from lienthong.office.services.tasks import queue_up
from lienthong.webkit.door.visit import Visit
from lienthong.webkit.people.models import Account, Agency
from lienthong.webkit.site.duties import Duty
from lienthong.webkit.site.errors import NOT_FOUND_HERE

MOST = 12
"""Phrases of one list: more are read longer than the sentence is typed."""
LONGEST = 300
_READ = 10_000
USUAL = ("Giao chủ trì tham mưu.", "Để biết, thực hiện.", "Nghiên cứu, đề xuất.", "Lưu.")
"""What a form offers as long as neither the person nor the agency keeps anything."""
KEEPERS = (Duty.ADMINISTRATOR, Duty.OFFICE_CHIEF)
"""Who keeps the agency's list."""


def offered(visit: Visit) -> list[str]:
    """What a form offers: one's own phrases, then the agency's, each sentence once; the usual ones without any."""
    kept = [each.text for each in (*own_list(visit), *agency_list(visit))]
    return list(dict.fromkeys(kept)) or list(USUAL)


def own_list(visit: Visit) -> list[Phrase]:
    """The person's own phrases, in his order."""
    return list(_list(visit, visit.who.account))


def agency_list(visit: Visit) -> list[Phrase]:
    """The phrases that the agency offers to everybody, in their order."""
    return list(_list(visit, None))


def keeps_agency_list(visit: Visit) -> bool:
    """Whether the person may change the agency's list."""
    return visit.who.may(*KEEPERS)


def add(visit: Visit, text: str, *, agency: bool = False) -> Phrase:
    """Put a phrase at the end of one's own list, or of the agency's; one that stands there already is given back.

    Refuses FIELDS_WRONG (nothing written, too long, the list is full), NOT_YOURS for the agency's list.
    """
    owner = None if agency else visit.who.account
    _require(visit, owner)
    said = one_line(nfc(text), _READ)
    kept = _locked(visit, owner)
    same = next((each for each in kept if each.text == said), None)
    if same is not None:
        return same
    if not said:
        raise _wrong("Nhập câu mẫu.", "Enter the phrase.")
    if len(said) > LONGEST:
        raise _wrong(f"Câu mẫu dài quá {LONGEST} ký tự.", f"The phrase is longer than {LONGEST} characters.")
    if len(kept) >= MOST:
        raise _wrong(f"Đã có {MOST} câu; bỏ bớt một câu trước.", f"There are {MOST} phrases; remove one first.")
    place = kept[-1].order + 1 if kept else 1
    made = Phrase.objects.create(agency=visit.agency, owner=owner, text=said, order=place)
    visit.note("phrase.added", f"phrase:{made.pk}", text=made.text, agency=agency)
    return made


def move(visit: Visit, phrase: int, up: bool) -> None:
    """Change places with the one before or after; at the end of the list nothing happens. Refuses as :func:`remove`."""
    found = find(visit, phrase)
    kept = _locked(visit, found.owner)
    at = next((number for number, each in enumerate(kept) if each.pk == found.pk), None)
    to = None if at is None else at + (-1 if up else 1)
    if at is None or to is None or not 0 <= to < len(kept):
        return
    kept[at], kept[to] = kept[to], kept[at]
    for number, each in enumerate(kept, 1):
        each.order = number
    Phrase.objects.bulk_update(kept, ["order"])
    visit.note("phrase.moved", f"phrase:{phrase}", to=to + 1)


def remove(visit: Visit, phrase: int) -> None:
    """Take a phrase out. Refuses NOT_FOUND_HERE, NOT_YOURS."""
    found = find(visit, phrase)
    _locked(visit, found.owner)
    visit.note("phrase.removed", f"phrase:{phrase}", text=found.text, agency=found.owner_id is None)
    found.delete()


def find(visit: Visit, phrase: int) -> Phrase:
    """A phrase that the person may change. Refuses NOT_FOUND_HERE for one of others, NOT_YOURS for the agency's."""
    found = Phrase.objects.select_related("owner").filter(pk=phrase, agency=visit.agency).first()
    if found is None or found.owner_id not in {None, visit.who.account.pk}:
        raise Refused(NOT_FOUND_HERE)
    _require(visit, found.owner)
    return found


def _list(visit: Visit, owner: Account | None) -> QuerySet[Phrase]:
    whose = Phrase.objects.filter(owner__isnull=True) if owner is None else Phrase.objects.filter(owner=owner)
    return whose.filter(agency=visit.agency).order_by("order", "pk")


def _locked(visit: Visit, owner: Account | None) -> list[Phrase]:
    """A list that nobody else changes until the transaction ends."""
    # Its owner is locked and not its rows: a sentence that somebody else adds meanwhile is not among them yet.
    if owner is not None:
        queue_up(owner)
    else:
        Agency.objects.select_for_update(no_key=True).get(pk=visit.agency.pk)
    return list(_list(visit, owner))


def _require(visit: Visit, owner: Account | None) -> None:
    if owner is None and not keeps_agency_list(visit):
        raise Refused(
            NOT_YOURS,
            reason_vi="câu mẫu của cơ quan do quản trị hoặc Chánh Văn phòng giữ",
            reason_en="the agency's phrases are kept by the administrator or the office chief",
        )


def _wrong(vi: str, en: str) -> Refused:
    return wrong_field(ProblemKind.FORMAT, "text", vi, en)
