"""What a draft says (nội dung dự thảo), as its drafter types it: kept as JSON, laid out by ``office.form``.

The body is plain text as people write it: «Chương I», «I.», «Điều 1.», «1.», «a)», «-» at the beginning of a line make
chapters, headings, articles, clauses, points and lists; numbers are given anew when it is laid out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from lienthong.base.errors import Problem, ProblemKind, Refused
from lienthong.base.text import nfc
from lienthong.office.errors import FIELDS_WRONG, SECRET_NOT_ALLOWED
from lienthong.office.form.model import (
    Article,
    Block,
    Bullet,
    Capacity,
    CapacityLine,
    Chapter,
    Clause,
    Draft,
    Heading,
    Paragraph,
    Recipients,
    Signer,
)
from lienthong.office.states import Channel
from lienthong.vocabulary import agency as agency_codes
from lienthong.vocabulary.kinds import DECREE30, Kind
from lienthong.vocabulary.urgency import Urgency
from lienthong.webkit.people.models import Agency, Unit

KINDS = {kind.name: kind for kind in DECREE30}
MOST_RECIPIENTS = 3_500
_CHAPTER = re.compile(r"Chương\s+[IVXLC0-9]+\.?\s*(.*)", re.IGNORECASE)
_ARTICLE = re.compile(r"Điều\s+\d+\s*[.:]\s*(.*)", re.IGNORECASE)
_ROMAN = re.compile(r"[IVXL]+\.\s+(.*)")
_NUMBERED = re.compile(r"\d{1,3}\.\s+(.*)")
_POINT = re.compile(r"[a-zđ]\)\s+(.*)")


@dataclass(frozen=True, slots=True)
class Recipient:
    """One of «Nơi nhận» that gets the document. ``code``: on the axis; ``address``: of mail, or where paper goes."""

    name: str
    channel: str
    code: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class ChainSigner:
    """One signature. ``account``: who signs. ``capacity``: lines above the position («KT. GIÁM ĐỐC»), top first.

    ``beside``: may sign at the same time as the one before. The last one is the competent person.
    ``post``: the post that is meant, whose holder signs; empty when it is the person. ``for_whom``: in whose place.
    """

    account: int
    position: str
    name: str
    capacity: tuple[str, ...] = ()
    beside: bool = False
    post: str = ""
    for_whom: int | None = None


@dataclass(frozen=True, slots=True)
class DraftFields:
    """Everything that is typed of a draft. ``secret`` only ever leads to a refusal."""

    kind: str
    abstract: str
    body: str = ""
    addressees: tuple[str, ...] = ()
    bases: tuple[str, ...] = ()
    authority: str = ""
    urgency: int = 0
    signers: tuple[ChainSigner, ...] = ()
    recipients: tuple[Recipient, ...] = ()
    kept: str = ""
    copies: int | None = None
    note: str = ""
    secret: bool = field(default=False)

    def to_json(self) -> dict[str, Any]:
        """As it is kept."""
        made = asdict(self)
        made.pop("secret")
        return made

    @classmethod
    def from_json(cls, made: dict[str, Any] | None) -> DraftFields:
        """As it was kept; members of other versions are left out."""
        known = {each.name for each in fields(cls)}
        given = {name: value for name, value in (made or {}).items() if name in known}
        given["signers"] = tuple(
            ChainSigner(**(each | {"capacity": tuple(each["capacity"])})) for each in given.get("signers", ())
        )
        given["recipients"] = tuple(Recipient(**each) for each in given.get("recipients", ()))
        for name in ("addressees", "bases"):
            given[name] = tuple(given.get(name, ()))
        return cls(**({"kind": "", "abstract": ""} | given))

    def lines(self) -> list[str]:
        """As sentences, for comparing two versions."""
        return [
            f"Loại: {self.kind}", f"Trích yếu: {self.abstract}", f"Độ khẩn: {Urgency(self.urgency).label('vi')}",
            *(f"Kính gửi: {each}" for each in self.addressees), *(f"Căn cứ: {each}" for each in self.bases),
            *(line for line in self.body.splitlines() if line.strip()),
            *(f"Người ký: {' '.join((*each.capacity, each.position))} – {each.name}" for each in self.signers),
            *(f"Nơi nhận: {each.name} ({each.code or each.address or each.channel})" for each in self.recipients),
        ]  # fmt: skip


def check(given: DraftFields) -> None:
    """Refuses FIELDS_WRONG with one problem for each field, SECRET_NOT_ALLOWED."""
    if given.secret:
        raise Refused(SECRET_NOT_ALLOWED)
    problems = list(_problems(given))
    if problems:
        raise Refused(FIELDS_WRONG, tuple(problems), count=len(problems))


def _problems(given: DraftFields) -> Iterator[Problem]:
    if given.kind not in KINDS:
        yield Problem(ProblemKind.REQUIRED, "kind", "Chọn loại văn bản.", "Choose the kind.")
    if not given.abstract.strip():
        yield Problem(ProblemKind.REQUIRED, "abstract", "Nhập trích yếu.", "Enter the abstract.")
    elif len(given.abstract) > 500:
        yield Problem(
            ProblemKind.RANGE, "abstract", "Trích yếu dài quá 500 ký tự.", "It is longer than 500 characters."
        )
    if len({each.account for each in given.signers}) < len(given.signers):
        yield Problem(ProblemKind.RANGE, "signer_1", "Một người chỉ ký một lần.", "Each person signs once.")
    if len(given.recipients) > MOST_RECIPIENTS:
        yield Problem(ProblemKind.RANGE, "others", "Quá nhiều nơi nhận.", "There are too many recipients.")
    for each in given.recipients:
        yield from _recipient_problems(each)


def _recipient_problems(each: Recipient) -> Iterator[Problem]:
    if each.channel == Channel.AXIS.value:
        try:
            agency_codes.parse(each.code)
        except Refused as refused:
            yield Problem(ProblemKind.FORMAT, "others", f"{each.name}: {refused.sentence('vi')}",
                          f"{each.name}: {refused.sentence('en')}")  # fmt: skip
    elif each.channel == Channel.EMAIL.value and not is_mail_address(each.address):
        yield Problem(ProblemKind.FORMAT, "others", f"{each.name}: địa chỉ thư không đúng.",
                      f"{each.name}: the mail address is wrong.")  # fmt: skip


def is_mail_address(text: str) -> bool:
    """Whether a letter could be sent there."""
    return re.fullmatch(r"[^@\s<>,;\"]{1,64}@[^@\s<>,;\"]{3,190}", text) is not None


def symbol_of(kind: str, agency: Agency, unit: Unit | None) -> str:
    """``QĐ-SNV``; of kinds without an abbreviation ``SNV-TCCB`` (D30 Appendix I part II.3)."""
    known: Kind | None = KINDS.get(kind)
    if known is not None and known.abbreviation:
        return f"{known.abbreviation}-{agency.abbreviation}"
    return (
        f"{agency.abbreviation}-{unit.abbreviation}" if unit is not None and unit.abbreviation else agency.abbreviation
    )


def draft_of(given: DraftFields, agency: Agency, unit: Unit | None, year: int) -> Draft:
    """The content as :func:`~lienthong.office.form.compose.compose` takes it. Refuses FIELDS_WRONG without a signer."""
    if not given.signers or not given.body.strip():
        where, vi, en = (
            ("signer_1", "Chọn người ký trước khi tạo văn bản.", "Choose who signs first.")
            if not given.signers
            else ("body", "Nhập nội dung văn bản.", "Enter the content.")
        )
        raise Refused(FIELDS_WRONG, (Problem(ProblemKind.REQUIRED, where, vi, en),), count=1)
    kind = KINDS[given.kind]
    last = given.signers[-1]
    decides = kind.decree30 in {1, 2}
    names = tuple(dict.fromkeys(each.name for each in given.recipients))
    return Draft(
        kind=kind, issuer=agency.name, symbol=symbol_of(given.kind, agency, unit), place=agency.place, year=year,
        body=tuple(blocks(given.body)), signers=tuple(_signer(each) for each in given.signers),
        superior=agency.superior, abstract=given.abstract, addressees=given.addressees, bases=given.bases,
        authority=(given.authority or f"{_head(last)} {agency.name}") if decides else "",
        recipients=Recipients(names, tuple(part.strip() for part in given.kept.split(",") if part.strip()), "",
                              given.copies),
        urgency=Urgency(given.urgency),
    )  # fmt: skip


def _head(signer: ChainSigner) -> str:
    """Whose decision it is: the head for whom a deputy signs."""
    for line in signer.capacity:
        prefix, _, of = line.partition(" ")
        if prefix.upper() in {"KT.", "TM."} and of.strip():
            return of.strip()
    return signer.position


def _signer(each: ChainSigner) -> Signer:
    lines = tuple(line for line in (capacity_line(text) for text in each.capacity) if line is not None)
    return Signer(each.position, each.name, lines)


def capacity_line(text: str) -> CapacityLine | None:
    """«KT. GIÁM ĐỐC» taken apart; None for what is no capacity of article 13."""
    prefix, _, of = " ".join(nfc(text).split()).partition(" ")
    try:
        return CapacityLine(Capacity(prefix.upper()), of) if of else None
    except ValueError:
        return None


def blocks(text: str) -> Iterator[Block]:
    """The body as blocks; what is not marked is a paragraph. Lines below an article are its clauses and points."""
    lines = [" ".join(line.split()) for line in nfc(text).splitlines()]
    waiting: _OpenArticle | None = None
    for line in filter(None, lines):
        if (found := _ARTICLE.fullmatch(line)) is not None:
            if waiting is not None:
                yield waiting.closed()
            waiting = _OpenArticle(found[1])
            continue
        if waiting is not None:
            if waiting.takes(line):
                continue
            yield waiting.closed()
            waiting = None
        yield _block(line)
    if waiting is not None:
        yield waiting.closed()


def _block(line: str) -> Block:
    if (found := _CHAPTER.fullmatch(line)) is not None and found[1]:
        return Chapter(found[1])
    if (found := _ROMAN.fullmatch(line)) is not None:
        return Heading(found[1], 1)
    if line.startswith(("- ", "– ", "+ ")):
        return Bullet(line[2:].strip())
    return Paragraph(line)


class _OpenArticle:
    """An article while its clauses and points are still coming."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._clauses: list[tuple[str, list[str]]] = []

    def takes(self, line: str) -> bool:
        if (found := _NUMBERED.fullmatch(line)) is not None:
            self._clauses.append((found[1], []))
            return True
        if self._clauses and (found := _POINT.fullmatch(line)) is not None:
            self._clauses[-1][1].append(found[1])
            return True
        return False

    def closed(self) -> Article:
        return Article(self._text, tuple(Clause(text, tuple(points)) for text, points in self._clauses))


def tidy(lines: Iterable[str]) -> tuple[str, ...]:
    """Lines without blanks around them, empty ones left out."""
    return tuple(each for each in (" ".join(nfc(line).split()) for line in lines) if each)
