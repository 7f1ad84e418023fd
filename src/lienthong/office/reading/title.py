"""Kind and abstract (tên loại, trích yếu nội dung) of a first page.

Source: Decree 30/2020 Appendix I part II.5: the kind in capitals in the middle with the abstract below it; an official
letter (công văn) names no kind and has its abstract after «V/v» under the number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from lienthong.base.text import fold
from lienthong.office.reading.layout import NEAR, Sheet, Text, follows
from lienthong.office.reading.marks import is_mark
from lienthong.office.reading.numbering import Numbered, kind_abbreviation
from lienthong.office.reading.proposals import Confidence, Proposal, Reason, around
from lienthong.office.reading.spelling import is_upper
from lienthong.vocabulary.kinds import ADMINISTRATIVE, NORMATIVE, Kind, look_up
from lienthong.vocabulary.urgency import Urgency

_MOST_ROWS = 9
_ABOUT = re.compile(r"^\W{0,3}(?:v\s?[/.|il]\s?[vy]\b|ve viec\b|vv\b|w/v\b)\s*[:.;]?\s*")
_ENDS = re.compile(
    r"\W*(?:can cu\b|kinh gui|thuc hien\b|dieu\s+[1il]\b|phan (?:thu\s)?(?:i|mot)\b|chuong i\b|[i1a]\s?[.,]\s|"
    r"so\s?:|hom nay\b|xet\b|theo\b|ngay \d|kem theo\b|ban hanh kem theo\b|chung toi\b|ten toi\b|ben a\b|dien\s?:)"
)
_AUTHORITY = re.compile(
    r"\W*(?:thu tuong|chu tich|bo truong|giam doc|tong giam doc|hoi dong|uy ban|ubnd|cuc truong|tong cuc truong|vien|"
    r"chanh van phong|truong ban|hieu truong|thong doc|tong thanh tra|vien truong|chanh an|chinh phu|quoc hoi|tu lenh|"
    r"ban thuong vu|ban chap hanh|ban bi thu|bo chinh tri|chi cuc truong|truong phong|tong kiem toan|chi huy truong|"
    r"ban thuong truc|thuong truc|tong cong ty|cong ty|truong|so|bo)\b"
)
_OPERATIVE = re.compile(r"\W*(?:quyet dinh|quyet nghi|nghi quyet|chi thi)\W*")
_SHORT_ABOUT = re.compile(r"[Vv]\s?/\s?[Vv]\b\s*[:.]?\s*")
_NUMBERED_NAME = re.compile(r"\W*(?:(?i:số)\W*)?\d*\W*")


@dataclass(frozen=True, slots=True)
class Titled:
    """Kind and abstract, and the urgency that a telegram has in its kind («CÔNG ĐIỆN KHẨN»)."""

    kind: Proposal[Kind] | None = None
    abstract: Proposal[str] | None = None
    urgency: Proposal[Urgency] | None = None


def titled(sheet: Sheet, number: Numbered) -> Titled:
    """Kind and abstract of a first page."""
    symbol = number.symbol.value if number.symbol is not None else ""
    for at, text in enumerate(sheet.rows):
        if number.row is not None and text.height > number.row.height and text.middle < sheet.middle:
            continue
        found = _named(text)
        if found is not None:
            name, rest = found
            kind = _family(name, symbol)
            return Titled(_sure_kind(kind, symbol, text), _below(sheet, at, rest), _urgency_of(text, name))
    return _letter(sheet, number, symbol)


@cache
def _names() -> tuple[tuple[str, str, Kind], ...]:
    """Names of kinds by bare letters, the longest first, also without blanks as spaced type comes out."""
    by_letters: dict[str, Kind] = {}
    for kind in (*ADMINISTRATIVE, *NORMATIVE):
        name = re.sub(r"\s*\(.*", "", kind.name)
        if name not in {"Công văn", "Văn bản QPPL"}:
            by_letters.setdefault(fold(name), kind)
    return tuple((key, key.replace(" ", ""), by_letters[key]) for key in sorted(by_letters, key=len, reverse=True))


def _named(text: Text) -> tuple[Kind, int] | None:
    """The kind that a row names and where the name ends in it; only rows in capitals name one."""
    if not is_upper(text.plain[:14]) or len(text.plain) > 120:
        return None
    start = len(text.flat) - len(text.flat.lstrip(" .,:;*_-|'\"“”«»"))
    bare = text.flat[start:]
    for name, run, kind in _names():
        if bare.startswith(name) and not bare[len(name) : len(name) + 1].isalpha():
            return kind, start + len(name)
        if re.sub(r"\W", "", bare) == run:
            return kind, len(text.plain)
    close = [kind for _, run, kind in _names() if text.recognised and _nearly(re.sub(r"\W", "", bare), run)]
    return (close[0], len(text.plain)) if len(close) == 1 else None


def _nearly(one: str, other: str) -> bool:
    """Whether long words differ in one letter, as recognition confuses one."""
    if len(one) != len(other) or len(one) < 7:
        return False
    return sum(a != b for a, b in zip(one, other, strict=True)) == 1


def _family(kind: Kind, symbol: str) -> Kind:
    """Quyết định, Nghị quyết, Chỉ thị are in both families: a year in the symbol marks the normative ones."""
    number = 1 if re.match(r"(?:19|20)\d\d/", symbol) or "QH" in symbol else 2
    name = re.sub(r"\s*\(.*", "", kind.name)
    found = look_up(name, number).kind
    return found if found is not None and kind.abbreviation == found.abbreviation else kind


def _sure_kind(kind: Kind, symbol: str, text: Text) -> Proposal[Kind]:
    said = kind_abbreviation(symbol) if symbol else None
    if said is not None and said == kind.abbreviation:
        return Proposal(kind, Confidence.CERTAIN, Reason.KIND_AND_SYMBOL, text.box)
    if said is not None and kind.abbreviation is not None:
        return Proposal(kind, Confidence.LIKELY, Reason.KIND_AGAINST_SYMBOL, text.box)
    exact = fold(kind.name).split(" (")[0] == text.flat.strip(" .:*")
    return Proposal(kind, Confidence.CERTAIN if exact else Confidence.LIKELY, Reason.KIND_NAMED, text.box)


def _urgency_of(text: Text, kind: Kind) -> Proposal[Urgency] | None:
    for word, level in (("hoa toc", Urgency.IMMEDIATE), ("thuong khan", Urgency.VERY_URGENT), ("khan", Urgency.URGENT)):
        if kind.name == "Công điện" and re.search(rf"\b{word}\b", text.flat):
            return Proposal(level, Confidence.LIKELY, Reason.URGENCY_IN_KIND, text.box)
    return None


def _below(sheet: Sheet, at: int, rest: int) -> Proposal[str] | None:
    """The abstract: what follows the name in its row, and the centred rows close below."""
    title = sheet.rows[at]
    tail = (
        ""
        if _NUMBERED_NAME.fullmatch(title.plain[rest:]) or _urgent_tail(title, rest)
        else title.plain[rest:].strip(" :")
    )
    parts: list[Text] = []
    ended = False
    above = title
    for text in _under(sheet, at):
        ended = _stops(title, above, text, started=bool(parts))
        if ended or len(parts) >= _MOST_ROWS:
            break
        parts.append(text)
        above = text
    made = _joined([tail, *(_end(text) for text in parts[:-1]), *(text.plain for text in parts[-1:])])
    about = _SHORT_ABOUT.match(made)
    made = made[about.end() :] if about is not None else made
    if not made:
        return None
    place = around(*(text.box for text in ([title, *parts] if tail else parts)))
    if len(parts) >= _MOST_ROWS:
        return Proposal(made, Confidence.GUESS, Reason.ABSTRACT_LONG, place)
    sure = Confidence.CERTAIN if ended and not tail and len(parts) <= 6 else Confidence.LIKELY
    return Proposal(made, sure, Reason.ABSTRACT_WITH_KIND if tail else Reason.ABSTRACT_BELOW_KIND, place)


def _urgent_tail(title: Text, rest: int) -> bool:
    return title.flat[rest:].strip(" .:-()") in {"khan", "hoa toc", "thuong khan"}


def _under(sheet: Sheet, at: int) -> Iterator[Text]:
    for text in sheet.rows[at + 1 :]:
        if re.search(r"\w", text.plain) and text.height < sheet.rows[at].height - 2:
            yield text


def _stops(title: Text, above: Text, text: Text, started: bool) -> bool:
    """Whether a row is no more of the abstract: it begins the content, is not centred, or stands off."""
    if _ENDS.match(text.flat) or _OPERATIVE.fullmatch(text.flat) or is_mark(text):
        return True
    if is_upper(text.plain) and _AUTHORITY.match(text.flat) and not (started and is_upper(above.plain)):
        return True
    if abs(text.middle - title.middle) > NEAR or not follows(above, text, 1.95 if started else 2.6):
        return True
    # In type that tells, the abstract is bold throughout and the content is not.
    return started and above.line.bold and not text.line.bold and not text.recognised


def _letter(sheet: Sheet, number: Numbered, symbol: str) -> Titled:
    """A page that names no kind: an official letter, or what the symbol says."""
    about = _about(sheet, number)
    said = kind_abbreviation(symbol) if symbol else None
    letter = look_up("Công văn").kind
    addressed = next((text for text in sheet.rows if re.match(r"\W*kinh\s+gui", text.flat)), None)
    row = number.row
    if said is not None and row is not None:
        kind = next(kind for kind in (*ADMINISTRATIVE, *NORMATIVE) if kind.abbreviation == said)
        confidence = Confidence.GUESS if about is not None else Confidence.LIKELY
        return Titled(Proposal(_family(kind, symbol), confidence, Reason.KIND_FROM_SYMBOL, row.box), about)
    if letter is None:
        return Titled(None, about)
    if about is not None:
        return Titled(Proposal(letter, Confidence.CERTAIN, Reason.LETTER_ABOUT, about.box), about)
    if addressed is not None and row is not None:
        return Titled(Proposal(letter, Confidence.LIKELY, Reason.LETTER_ADDRESSED, addressed.box), None)
    return Titled()


def _about(sheet: Sheet, number: Numbered) -> Proposal[str] | None:
    rows = [text for text in sheet.rows if text.middle < sheet.middle or text.box.left < sheet.middle - 40]
    for at, text in enumerate(rows):
        hit = _ABOUT.match(text.flat)
        if hit is None or (number.row is not None and text.height > number.row.height):
            continue
        parts = [text]
        for below in rows[at + 1 :]:
            if len(parts) >= _MOST_ROWS or not _goes_on(sheet, parts, below):
                break
            parts.append(below)
        made = _joined(
            [_end(text, hit.end()), *(_end(part) for part in parts[1:-1]), *(part.plain for part in parts[1:][-1:])]
        )
        if made:
            confidence = Confidence.CERTAIN if hit[0].strip(" :") in {"v/v", "ve viec"} else Confidence.LIKELY
            return Proposal(made, confidence, Reason.ABSTRACT_ABOUT, around(*(part.box for part in parts)))
    return None


def _goes_on(sheet: Sheet, parts: list[Text], below: Text) -> bool:
    first = parts[0]
    centred = abs(below.middle - first.middle) <= NEAR * 2 or abs(below.box.left - first.box.left) <= NEAR
    inside = below.box.right < sheet.middle + 40 and not re.match(r"\W*kinh\s+gui", below.flat)
    inside = inside and not is_mark(below)
    return centred and inside and follows(parts[-1], below) and re.search(r"\bngay\b.*\bthang\b", below.flat) is None


def _end(text: Text, start: int = 0) -> str:
    """A row that goes on: of recognised text without the point that a speck at its end was taken for."""
    return text.plain[start:].rstrip(" .") if text.recognised else text.plain[start:]


def _joined(words: list[str]) -> str:
    return " ".join(" ".join(words).split()).strip(" _*|-–.:;")
