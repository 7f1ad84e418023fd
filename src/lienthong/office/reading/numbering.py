"""Number and symbol (số, ký hiệu) of a first page.

Source: Decree 30/2020 Appendix I part II.3; the Party's documents join number and kind by a dash (``15-QĐ/TU``). A
number is only ever made of characters that stand in its row.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from lienthong.base.text import fold
from lienthong.office.reading.layout import Sheet, Text
from lienthong.office.reading.proposals import Caution, Confidence, Proposal, Reason, Warned, around
from lienthong.office.reading.spelling import DIGIT, digits, flat, without_tones
from lienthong.vocabulary.kinds import ADMINISTRATIVE, COPY_ABBREVIATIONS, NORMATIVE

_LABEL = re.compile(
    r"^\W{0,3}(?:(?:luat|bo luat|nghi quyet|phap lenh|lenh|nghi dinh|quyet dinh|thong tu|hop dong)\s+)?"
    r"[s5$][o06e]\s?[:;.,*]*\s*"
)
_GROUP = r"[A-ZÀ-Ỹ0-9ĐƯƠ][\w&.,]*"
_NUMBER = re.compile(rf"\W{{0,4}}?({DIGIT}{{1,7}}) ?([a-zđ]?)(?![A-Za-zÀ-ỹ]) ?(?=[/|\-]|$)")
_BLANK = re.compile(r"[\s._…:,`'‘’\"|*^-]*/")
_RUN_TOGETHER = re.compile(rf"\s*([0-9]{{1,5}})\s?({_GROUP}(?:\s*-\s*{_GROUP})+)\W*")
_SYMBOL = re.compile(rf"[/|]\s*({_GROUP}(?:\s*[-/]\s*{_GROUP})*)")
_PARTY = re.compile(rf"-\s*({_GROUP})\s*[/|]\s*({_GROUP}(?:\s*-\s*{_GROUP})*)")
_LOOSE = re.compile(r"^\s+([A-ZÀ-ỸĐƯƠ]{2,10}(?:-[A-ZÀ-ỸĐƯƠ]{2,10})*)\W*$")
_ARRIVAL = re.compile(r"\bden\b")
_NEAR, _CENTRED = 60.0, 50.0

_ABBREVIATIONS = {
    *(kind.abbreviation for kind in (*ADMINISTRATIVE, *NORMATIVE) if kind.abbreviation), *COPY_ABBREVIATIONS.values(),
}  # fmt: skip
_COMMON = ("UBND", "HĐND", "TTHĐND", "GDĐT", "SGDĐT", "BGDĐT", "LĐTBXH", "TTĐT", "VPĐP")


def _one_reading() -> dict[str, str]:
    """Abbreviations by their bare letters, where these belong to one only (HD is Hướng dẫn, HĐ is Hợp đồng)."""
    by_letters: dict[str, set[str]] = {}
    for abbreviation in _ABBREVIATIONS:
        by_letters.setdefault(fold(abbreviation), set()).add(abbreviation)
    return {letters: next(iter(each)) for letters, each in by_letters.items() if len(each) == 1}


_AGENCIES = {fold(each): each for each in _COMMON}
_FIRST = _AGENCIES | _one_reading()


@dataclass(frozen=True, slots=True)
class Numbered:
    """What the row of the number gave; ``row``: that row, where anything was found."""

    document_number: Proposal[str] | None = None
    symbol: Proposal[str] | None = None
    row: Text | None = None
    cautions: tuple[Warned, ...] = ()


def numbered(sheet: Sheet) -> Numbered:
    """The row of the number: the first at the left with a symbol, else any such row of the page, else one without."""
    below = [text for text in sheet.rows if abs(text.middle - sheet.centre) < _CENTRED]
    for rows, usual in ((sheet.left, True), (sheet.right, False), (below, False)):
        for text in rows:
            found = _read(_joined(text, rows), usual)
            if found is not None and found.symbol is not None:
                return found
    for text in sheet.left:
        if text.recognised and (found := _run_together(text)) is not None:
            return found
    for text in sheet.left:
        found = _read(text, usual=True)
        if found is not None and not _of_arrival(text, sheet):
            return found
    return Numbered()


def kind_abbreviation(symbol: str) -> str | None:
    """The kind's abbreviation that a symbol begins with, after a year if there is one."""
    groups = re.split(r"[-/]", symbol)
    first = groups[1] if len(groups) > 1 and groups[0].isdigit() else groups[0]
    return next((each for each in _ABBREVIATIONS if each.casefold() == first.casefold()), None)


def _joined(text: Text, rows: Sequence[Text]) -> Text:
    """A label alone, with what stands to its right on the same height."""
    if len(text.plain) > 12 or _LABEL.match(text.flat) is None:
        return text
    same = [
        other for other in rows
        if other is not text and abs(other.height - text.height) < text.line.size * 0.4
        and 0 <= other.box.left - text.box.right < _NEAR
    ]  # fmt: skip
    if not same:
        return text
    other = min(same, key=lambda each: each.box.left)
    made = f"{text.plain} {other.plain}"
    return Text(replace(text.line, box=around(text.box, other.box)), made, flat(made))


def _read(text: Text, usual: bool) -> Numbered | None:
    label = _LABEL.match(text.flat)
    if label is None:
        return None
    rest = text.plain[label.end() :]
    if _BLANK.match(rest):
        symbol = _symbol(rest[rest.index("/") :], text, usual)
        return Numbered(None, symbol, text, (Warned(Caution.NOT_NUMBERED, text.box),)) if symbol is not None else None
    hit = _NUMBER.match(rest)
    if hit is None or not any(character.isdigit() or character in "lIO|o" for character in hit[1]):
        return None
    value, exact, tail = digits(hit[1]) + hit[2], hit[1].isdigit(), rest[hit.end() :]
    symbol = _party_symbol(tail, text) or _symbol(tail, text, usual)
    if symbol is None and tail.strip(" .,;"):
        return None
    if re.search(r"\s\S+\s+\S", _tidy(tail)):
        return None  # a document that a sentence mentions: words follow its symbol
    if symbol is None:
        reason, confidence = Reason.NUMBER_WITHOUT_SYMBOL, Confidence.GUESS
    elif not exact:
        reason, confidence = Reason.NUMBER_REPAIRED, Confidence.LIKELY
    elif symbol.reason is Reason.NUMBER_REPAIRED:
        reason, confidence = Reason.NUMBER_LINE, Confidence.CERTAIN
    else:
        reason, confidence = symbol.reason, symbol.confidence
    return Numbered(Proposal(value, confidence, reason, text.box), symbol, text)


def _party_symbol(tail: str, text: Text) -> Proposal[str] | None:
    hit = _PARTY.match(tail)
    if hit is None:
        return None
    made = "/".join(_spelled(hit[part], text, first=part == 1) for part in (1, 2))
    exact = made == "/".join(_tidy(hit[part]) for part in (1, 2))
    reason = Reason.NUMBER_PARTY if exact else Reason.NUMBER_REPAIRED
    return Proposal(made, Confidence.CERTAIN if exact else Confidence.LIKELY, reason, text.box)


def _symbol(tail: str, text: Text, usual: bool) -> Proposal[str] | None:
    hit = _SYMBOL.match(tail)
    if hit is None:
        return None
    made = _spelled(hit[1], text, first=True)
    exact = made == _tidy(hit[1]) and hit[0][0] == "/"
    loose = _LOOSE.match(tail[hit.end() :])
    if loose is not None and kind_abbreviation(made) == made:
        made, exact = f"{made}-{_spelled(loose[1], text, first=False)}", False
    elif loose is not None and text.recognised:
        made, exact = f"{made}{_spelled(loose[1], text, first=False)}", False
    if not exact:
        return Proposal(made, Confidence.LIKELY, Reason.NUMBER_REPAIRED, text.box)
    reason = Reason.NUMBER_LINE if usual else Reason.NUMBER_BODY
    return Proposal(made, Confidence.CERTAIN if usual else Confidence.LIKELY, reason, text.box)


def _tidy(symbol: str) -> str:
    return re.sub(r"\s*([-/])\s*", r"\1", symbol).strip(".,_")


def _spelled(symbol: str, text: Text, first: bool) -> str:
    """A symbol; of recognised text without the marks that no abbreviation has, and with the Đ that was lost."""
    made = _tidy(symbol)
    if text.recognised:
        kind, _, rest = made.partition(".")
        made = f"{kind}-{rest}" if rest and kind_abbreviation(kind) is not None else made
        parts = re.split(r"([-/])", without_tones(made))
        begin = 2 if parts[0].isdigit() and len(parts) > 2 else 0
        for at in range(0, len(parts), 2):
            known = _known(parts[at], _FIRST if first and at == begin else _AGENCIES)
            if known is not None and known.casefold() != parts[at].casefold():
                parts[at] = known
        made = "".join(parts)
    return made


def _known(group: str, abbreviations: dict[str, str]) -> str | None:
    """The abbreviation that a group is without its marks, or without letters that were seen twice (HĐĐND)."""
    letters = fold(group)
    return abbreviations.get(letters) or abbreviations.get(re.sub(r"(.)\1+", r"\1", letters))


def _run_together(text: Text) -> Numbered | None:
    """Number and symbol whose slash was not recognised; the kind's abbreviation tells where the symbol begins."""
    label = _LABEL.match(text.flat)
    hit = _RUN_TOGETHER.fullmatch(text.plain[label.end() :]) if label is not None else None
    if hit is None:
        return None
    symbol = _spelled(hit[2], text, first=True)
    if kind_abbreviation(symbol) is None:
        return None
    made = (Proposal(each, Confidence.GUESS, Reason.NUMBER_REPAIRED, text.box) for each in (hit[1], symbol))
    return Numbered(next(made), next(made), text)


def _of_arrival(text: Text, sheet: Sheet) -> bool:
    """Whether a row stands in a stamp of arrival («ĐẾN», «Số: …», «Ngày: …»)."""
    return any(
        _ARRIVAL.search(other.flat) is not None
        and len(other.plain) < 24
        and abs(other.height - text.height) < _NEAR
        and abs(other.middle - text.middle) < _NEAR
        for other in sheet.rows
    )
