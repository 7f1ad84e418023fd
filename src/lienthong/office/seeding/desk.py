"""One agency at work: its people, registers and dossiers, as the stories of documents need them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from random import Random
from typing import Protocol

from lienthong.office.models import Document, DocumentText, NumberEntry, Reader, StatusEvent, StoredFile
from lienthong.office.seeding.days import Days
from lienthong.office.seeding.phrasing import Phrases, Text
from lienthong.office.seeding.places import Place
from lienthong.office.seeding.rows import Rows
from lienthong.office.services.indexing import arrival_word, words_of
from lienthong.webkit.site.duties import Duty


@dataclass(frozen=True, slots=True)
class Page:
    """A stored PDF file that shows a document."""

    sha256: bytes
    size: int
    pages: int


@dataclass(frozen=True, slots=True)
class Letter:
    """What the page of a document says."""

    issuer: str
    number: str
    place_and_date: str
    abstract: str
    to: str
    paragraphs: Sequence[str]
    signer: str


class Papers(Protocol):
    """Gives documents their pages, from files that are in the blob store already or are made for each."""

    def page(self, letter: Letter) -> Page:
        """The stored file that shows this letter, or one like it."""


@dataclass(frozen=True, slots=True)
class Worker:
    """A person at work in one duty. ``unit``: id of his unit."""

    account: int
    name: str
    position: str
    duty: Duty
    unit: int


@dataclass(frozen=True, slots=True)
class Part:
    """A unit of the agency."""

    id: int
    name: str
    mark: str


@dataclass
class Series:
    """A register while it is filled. ``next``: the number that comes next."""

    id: int
    next: int = 1

    def take(self) -> int:
        """The next number."""
        self.next += 1
        return self.next - 1


@dataclass
class Folder:
    """A dossier while it is filled. ``unit``: whose it is; ``held``: how many documents lie in it."""

    id: int
    unit: int
    creator: int
    held: int = 0


@dataclass
class Desk:
    """Everything that the stories of one agency share. ``axis``: whether documents come and go over the axis.

    ``folders``: open and closed dossiers by year. ``series``: registers by direction, year and code.
    """

    rows: Rows
    chance: Random
    phrases: Phrases
    days: Days
    papers: Papers
    agency: int
    place: Place
    peers: Sequence[Place]
    units: Sequence[Part]
    workers: Sequence[Worker]
    axis: bool = True
    series: dict[tuple[str, int, str], Series] = field(default_factory=dict)
    folders: Mapping[int, Sequence[Folder]] = field(default_factory=dict)

    def one(self, duty: Duty) -> Worker:
        """Somebody with a duty; every agency has one for each duty of a story."""
        return self.chance.choice([each for each in self.workers if each.duty is duty])

    def head(self, unit: int) -> Worker:
        """The head of a unit, or of another one where it has none."""
        heads = [each for each in self.workers if each.duty is Duty.UNIT_HEAD]
        return next((each for each in heads if each.unit == unit), heads[0])

    def officer(self, unit: int) -> Worker:
        """A case officer of a unit, or of another one where it has none."""
        officers = [each for each in self.workers if each.duty is Duty.CASE_OFFICER]
        return self.chance.choice([each for each in officers if each.unit == unit] or officers)

    def at_work(self) -> Part:
        """A unit that has a case officer."""
        busy = {each.unit for each in self.workers if each.duty is Duty.CASE_OFFICER}
        return self.chance.choice([each for each in self.units if each.id in busy])

    def part(self, unit: int) -> Part:
        """A unit by its id."""
        return next(each for each in self.units if each.id == unit)

    def age(self, moment: datetime) -> int:
        """Days since a moment."""
        return (self.days.until - moment.date()).days

    def past(self, moment: datetime) -> bool:
        """Whether a moment has come by the end of the span."""
        return moment.date() <= self.days.until

    def maybe(self, share: float) -> bool:
        """True in this share of cases."""
        return self.chance.random() < share


def add_document(desk: Desk, text: Text, values: dict[str, object]) -> int:
    """The row of a document and its words for the search; its id."""
    made = desk.rows.add(Document, agency_id=desk.agency, abstract=text.abstract, **values)
    document = Document(agency_id=desk.agency, abstract=text.abstract, **values)
    made_words, number = words_of(document, text.body), arrival_word(document)
    desk.rows.add(
        DocumentText, document_id=made, agency_id=desk.agency, exact=made_words.exact + number,
        plain=made_words.plain + number, body=text.body,
    )  # fmt: skip
    return made


def add_page(desk: Desk, letter: Letter, name: str, at: datetime, by: int, **owner: int) -> Page:
    """The file of a document or of an arrival."""
    page = desk.papers.page(letter)
    desk.rows.add(
        StoredFile, agency_id=desk.agency, slot=0, role="document", name=name.replace("/", "_"),
        media_type="application/pdf", size=page.size, sha256=page.sha256, pages=page.pages, text_state="read",
        added_at=at, added_by_id=by, **owner,
    )  # fmt: skip
    return page


def add_number(
    desk: Desk, series: Series, number: int, document: int | None, at: datetime, by: int, **void: object
) -> None:
    """A number in its register, given to a document or void."""
    desk.rows.add(
        NumberEntry, agency_id=desk.agency, register_id=series.id, number=number, document_id=document, given_at=at,
        given_by_id=by, **void,
    )  # fmt: skip


def open_to(desk: Desk, document: int, principal: int, why: str, at: datetime) -> None:
    """Let a person, or a unit (its id negated), read a document."""
    desk.rows.add(
        Reader, agency_id=desk.agency, document_id=document, principal=principal, why=why, since=at, until=None
    )


def add_status(desk: Desk, document: int, code: int, party: str, at: datetime, *, outward: bool) -> None:
    """A status that was sent or came back; none that lies in the future."""
    if desk.past(at):
        desk.rows.add(
            StatusEvent, agency_id=desk.agency, document_id=document, outward=outward, code=code, party=party, at=at
        )


def place_and_date(place: str, day: date) -> str:
    """«Thử Giang, ngày 05 tháng 02 năm 2026»: days below ten and the first two months have a leading nought."""
    month = f"{day.month:02d}" if day.month < 3 else f"{day.month}"
    return f"{place}, ngày {day.day:02d} tháng {month} năm {day.year}"
