"""The components of the heading (Decree 30/2020/NĐ-CP Appendix I part II.1–5)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from lienthong.base.text import fold, nfc
from lienthong.office.form import check_type as types
from lienthong.office.form.check_layout import Layout
from lienthong.office.form.check_rules import (
    ABSTRACT,
    DATE_FORM,
    DATE_YEAR,
    ISSUER,
    KIND,
    MOTTO,
    NATIONAL_NAME,
    NUMBER_FORM,
    SYMBOL,
    Finding,
)
from lienthong.office.form.check_type import check_type
from lienthong.office.form.expected import WITHOUT_ABSTRACT, Expected
from lienthong.office.form.metrics import NATIONAL_MOTTO
from lienthong.office.form.metrics import NATIONAL_NAME as NAME
from lienthong.vocabulary.kinds import look_up

_NAMES = {NAME, NAME.replace("HÒA", "HOÀ")}
"""Both habits of placing the tone are in use and right."""

# A blank may stand before the slash: the number is painted into the middle of the room that was left for it.
_NUMBER = re.compile(r"Số: ?(?P<number>\d{2,}[a-zđ]?)? ?/(?P<symbol>[A-ZĐ][^\W_]*[\w&.]*(?:-[\w&.]+)*)")
_DATE = re.compile(r"(?P<place>.+?), ngày(?: (?P<day>\d+))? tháng(?: (?P<month>\d+))? năm(?: ?(?P<year>\d+))?")


def check_heading(found: Layout, expected: Expected) -> Iterator[Finding]:
    """Every rule on the heading."""
    yield from _national(found)
    yield from _issuer(found, expected)
    yield from _number(found, expected)
    yield from _date(found, expected)
    if expected.is_letter or (expected.kind is None and found.kind is None and found.letter_abstract):
        yield from _letter(found)
    else:
        yield from _kind(found, expected)


def _national(found: Layout) -> Iterator[Finding]:
    name, motto = found.national_name, found.motto
    if name is None or nfc(name.text) not in _NAMES:
        yield NATIONAL_NAME.at(name, text=name.text if name else "—")
    if name is not None:
        yield from check_type(name, types.STATE_NAME)
    if motto is None or nfc(motto.text) != NATIONAL_MOTTO:
        yield MOTTO.at(motto, text=motto.text if motto else "—")
    if motto is not None:
        yield from check_type(motto, types.STATE_MOTTO)


def _issuer(found: Layout, expected: Expected) -> Iterator[Finding]:
    if not found.issuer:
        yield ISSUER.at(None, what_vi="không tìm thấy ở bên trái đầu trang", what_en="is not found at the top left")
        return
    for line in found.superior:
        yield from check_type(line, types.SUPERIOR)
    for line in found.issuer:
        yield from check_type(line, types.ISSUING)
    for wanted, lines in ((expected.issuer, found.issuer), (expected.superior, found.superior)):
        text = " ".join(line.text for line in lines)
        if wanted and _same(text) != _same(wanted):
            what_vi, what_en = f"ghi «{text}», cần «{wanted.upper()}»", f"reads “{text}” instead of “{wanted.upper()}”"
            yield ISSUER.at(lines[0] if lines else None, what_vi=what_vi, what_en=what_en)


def _number(found: Layout, expected: Expected) -> Iterator[Finding]:
    line = found.number
    if line is None:
        yield NUMBER_FORM.at(None, what_vi="không tìm thấy dưới tên cơ quan", what_en="are not found below the agency")
        return
    yield from check_type(line, types.NUMBER)
    hit = _NUMBER.fullmatch(line.text)
    if hit is None:
        digits = re.match(r"S.\s*:?\s*(\d+)", line.text)
        if digits and len(digits[1]) < 2:
            what_vi, what_en = (
                f"«{line.text}» thiếu số 0 trước số dưới 10",
                f"“{line.text}” lack the zero before a number under 10",
            )
        else:
            what_vi, what_en = f"«{line.text}» không đúng mẫu", f"“{line.text}” are not in the pattern"
        yield NUMBER_FORM.at(line, what_vi=what_vi, what_en=what_en)
        return
    for wanted in expected.symbols(hit["symbol"]):
        yield SYMBOL.at(line, text=hit["symbol"], wanted=wanted)


def _date(found: Layout, expected: Expected) -> Iterator[Finding]:
    line = found.date
    if line is None:
        yield DATE_FORM.at(None, what_vi="không tìm thấy", what_en="are not found")
        return
    yield from check_type(line, types.DATE)
    hit = _DATE.fullmatch(line.text)
    if hit is None or not hit["place"][:1].isupper():
        yield DATE_FORM.at(
            line, what_vi=f"«{line.text}» không đúng mẫu", what_en=f"“{line.text}” are not in the pattern"
        )
        return
    year = hit["year"]
    if year is None or len(year) != 4:
        yield DATE_YEAR.at(line, what_vi="chưa có năm", what_en="has no year")
    elif expected.year is not None and int(year) != expected.year:
        what_vi, what_en = f"ghi năm {year}, cần năm {expected.year}", f"says {year} instead of {expected.year}"
        yield DATE_YEAR.at(line, what_vi=what_vi, what_en=what_en)
    wrong = _wrong_day(hit["day"], hit["month"], year)
    if wrong:
        yield DATE_FORM.at(line, what_vi=wrong[0], what_en=wrong[1])


def _wrong_day(day: str | None, month: str | None, year: str | None) -> tuple[str, str] | None:
    if (day is None) != (month is None):
        return "chỉ có ngày hoặc tháng", "give only day or month"
    if day is None or month is None:
        return None
    try:
        when = date(int(year) if year and len(year) == 4 else 2024, int(month), int(day))
    except ValueError:
        return f"ghi ngày không có thật «{day}/{month}»", f"name a day that does not exist, “{day}/{month}”"
    if day != f"{when.day:02d}":
        return f"ghi ngày «{day}», cần «{when.day:02d}»", f"write the day “{day}” instead of “{when.day:02d}”"
    wanted = f"{when.month:02d}" if when.month < 3 else str(when.month)
    if month != wanted:
        return f"ghi tháng «{month}», cần «{wanted}»", f"write the month “{month}” instead of “{wanted}”"
    return None


def _kind(found: Layout, expected: Expected) -> Iterator[Finding]:
    line, wanted = found.kind, expected.heading
    if line is None:
        yield KIND.at(None, what_vi="không tìm thấy", what_en="is not found", wanted=wanted or "…")
        return
    yield from check_type(line, types.KIND)
    known = look_up(line.text).kind
    if wanted and _same(line.text) != _same(wanted):
        yield KIND.at(line, what_vi=f"ghi «{line.text}»", what_en=f"reads “{line.text}”", wanted=wanted)
    elif not wanted and known is None and not fold(line.text).startswith("thu "):
        what_vi, what_en = f"«{line.text}» không thuộc 29 loại", f"“{line.text}” is none of the 29 kinds"
        yield KIND.at(line, what_vi=what_vi, what_en=what_en, wanted="…")
    kind = expected.kind or known
    if not found.abstract and (kind is None or kind.decree30 not in WITHOUT_ABSTRACT):
        yield ABSTRACT.at(line, what_vi="không tìm thấy dưới tên loại", what_en="is not found below the kind")
    for each in found.abstract:
        yield from check_type(each, types.ABSTRACT)
    if found.abstract and found.abstract[-1].text.endswith("."):
        yield ABSTRACT.at(
            found.abstract[-1], what_vi="không được kết thúc bằng dấu chấm", what_en="must not end with a full stop"
        )


def _letter(found: Layout) -> Iterator[Finding]:
    if not found.letter_abstract:
        yield ABSTRACT.at(
            found.number,
            what_vi="của công văn không tìm thấy dưới số",
            what_en="of the công văn is not found below the number",
        )
        return
    for line in found.letter_abstract:
        yield from check_type(line, types.LETTER_ABSTRACT)
    if not found.letter_abstract[0].text.startswith("V/v "):
        yield ABSTRACT.at(
            found.letter_abstract[0],
            what_vi="của công văn phải bắt đầu bằng «V/v»",
            what_en="of a công văn must begin with «V/v»",
        )


def _same(text: str) -> str:
    """For comparison: letter case and the two habits of placing a tone do not matter, other accents do."""
    plain = " ".join(nfc(text).casefold().split())
    for old, new in (("oà", "òa"), ("oá", "óa"), ("oả", "ỏa"), ("uỷ", "ủy"), ("uý", "úy"), ("thoả", "thỏa")):
        plain = plain.replace(old, new)
    return plain
