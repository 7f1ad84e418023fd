"""Size and style of a component's type, from the table in Decree 30/2020/NĐ-CP Appendix I part V."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lienthong.office.form.check_layout import is_upper
from lienthong.office.form.check_rules import CAPITALS, SIZE, STYLE, Finding
from lienthong.trust.pdf.lines import Line

_TOLERANCE = 0.3
"""Points: programs scale a page a little when they print it to a file."""


@dataclass(frozen=True, slots=True)
class Prescribed:
    """How a component is printed. ``upper``: in capitals (True), not wholly in capitals (False), either (None)."""

    vi: str
    en: str
    low: float
    high: float
    bold: bool
    italic: bool
    upper: bool | None

    @property
    def sizes(self) -> str:
        return f"{self.low:g}" if self.low == self.high else f"{self.low:g}–{self.high:g}"

    @property
    def style(self) -> tuple[str, str]:
        vi = " ".join(word for word, on in (("đậm,", self.bold), ("nghiêng", self.italic)) if on) or "đứng, không đậm"
        en = " ".join(word for word, on in (("bold", self.bold), ("italic", self.italic)) if on) or "upright, not bold"
        if self.bold and not self.italic:
            return "đứng, đậm", "upright bold"
        return vi.rstrip(","), en


STATE_NAME = Prescribed("Quốc hiệu", "The national name", 12, 13, True, False, True)
STATE_MOTTO = Prescribed("Tiêu ngữ", "The national motto", 13, 14, True, False, False)
SUPERIOR = Prescribed("Tên cơ quan chủ quản", "The superior agency", 12, 13, False, False, True)
ISSUING = Prescribed("Tên cơ quan ban hành", "The issuing agency", 12, 13, True, False, True)
NUMBER = Prescribed("Số, ký hiệu", "Number and symbol", 13, 13, False, False, None)
DATE = Prescribed("Địa danh và thời gian", "Place and date", 13, 14, False, True, False)
KIND = Prescribed("Tên loại văn bản", "The kind of document", 13, 14, True, False, True)
ABSTRACT = Prescribed("Trích yếu", "The abstract", 13, 14, True, False, False)
LETTER_ABSTRACT = Prescribed("Trích yếu công văn", "The abstract of a công văn", 12, 13, False, False, False)
ADDRESSEE = Prescribed("Phần «Kính gửi»", "«Kính gửi»", 13, 14, False, False, False)
POSITION = Prescribed("Quyền hạn, chức vụ người ký", "Capacity and position", 13, 14, True, False, True)
NAME = Prescribed("Họ tên người ký", "The signer's name", 13, 14, True, False, False)
RECIPIENTS_LABEL = Prescribed("Từ «Nơi nhận»", "The word «Nơi nhận»", 12, 12, True, True, False)
RECIPIENT = Prescribed("Danh sách nơi nhận", "The list of recipients", 11, 11, False, False, False)


def check_type(line: Line, prescribed: Prescribed) -> Iterator[Finding]:
    """Findings on the type of one line."""
    low, high = prescribed.low, prescribed.high
    names = {"part_vi": prescribed.vi, "part_en": prescribed.en}
    if not low - _TOLERANCE <= line.size <= high + _TOLERANCE:
        yield SIZE.at(line, size=f"{line.size:g}", allowed=prescribed.sizes, **names)
    if (line.bold, line.italic) != (prescribed.bold, prescribed.italic):
        style_vi, style_en = prescribed.style
        yield STYLE.at(line, style_vi=style_vi, style_en=style_en, **names)
    if prescribed.upper and not is_upper(line.text):
        yield CAPITALS.at(line, **names)
    if prescribed.upper is False and is_upper(line.text) and len(line.text) > 3:
        yield STYLE.at(line, style_vi="in thường", style_en="in lower case", **names)
