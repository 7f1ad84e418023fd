"""The rules of the form: what is wrong, why (the clause), how to put it right. One sentence for each, in two languages.

``D30.I`` stands for Decree 30/2020/NĐ-CP Appendix I. Sentences hold ``{placeholders}`` that a finding fills.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from lienthong.trust.pdf.anchors import Box
from lienthong.trust.pdf.lines import Line


class Level(Enum):
    """ERROR: against the decree. WARNING: most likely wrong, somebody looks. ADVICE: better otherwise."""

    ERROR = "error"
    WARNING = "warning"
    ADVICE = "advice"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as prescribed. ``page`` from 0 and ``box``: where to mark it, absent for what is missing.

    ``why``: the clause. ``fix_*``: what to do.
    """

    rule: str
    level: Level
    page: int | None
    box: Box | None
    vi: str
    en: str
    why: str
    fix_vi: str
    fix_en: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of the form (quy tắc thể thức)."""

    name: str
    level: Level
    why: str
    vi: str
    en: str
    fix_vi: str
    fix_en: str

    def at(self, line: Line | None, **values: object) -> Finding:
        """Broken at this line, or by its absence."""
        return self.within(line.page if line else None, line.box if line else None, **values)

    def within(self, page: int | None, box: Box | None, **values: object) -> Finding:
        """Broken in this place."""
        texts = {key: str(value) for key, value in values.items()}
        vi, en, fix_vi, fix_en = (
            text.format(**texts) for text in (self.vi, self.en, self.fix_vi, self.fix_en)
        )  # fmt: skip
        return Finding(self.name, self.level, page, box, vi, en, self.why, fix_vi, fix_en)


RULES: dict[str, Rule] = {}


def _rule(name: str, level: Level, why: str, vi: str, en: str, fix_vi: str, fix_en: str) -> Rule:
    if name in RULES:
        raise ValueError(f"rule {name} is defined twice")
    RULES[name] = Rule(name, level, why, vi, en, fix_vi, fix_en)
    return RULES[name]


_E, _W, _A = Level.ERROR, Level.WARNING, Level.ADVICE
_PAGE, _BOX1, _BOX2 = (
    "NĐ 30/2020, Phụ lục I, mục I",
    "NĐ 30/2020, Phụ lục I, mục II.1",
    "NĐ 30/2020, Phụ lục I, mục II.2",
)
_BOX3, _BOX4, _BOX5 = (
    "NĐ 30/2020, Phụ lục I, mục II.3",
    "NĐ 30/2020, Phụ lục I, mục II.4",
    "NĐ 30/2020, Phụ lục I, mục II.5",
)
_BOX6, _BOX7, _BOX9 = (
    "NĐ 30/2020, Phụ lục I, mục II.6",
    "NĐ 30/2020, Phụ lục I, mục II.7",
    "NĐ 30/2020, Phụ lục I, mục II.9",
)
_CAPITALS = "NĐ 30/2020, Phụ lục II"

# The page
PAGE_SIZE = _rule(
    "page-size", _E, _PAGE,
    "Trang {sheet} có khổ {width} × {height} mm, không phải A4 dọc.",
    "Page {sheet} is {width} × {height} mm, not A4 portrait.",
    "Đặt khổ giấy A4 (210 × 297 mm), trình bày theo chiều dài.", "Set the paper to A4 (210 × 297 mm), portrait.",
)  # fmt: skip
MARGIN = _rule(
    "margin", _E, _PAGE,
    "Lề {side_vi} của trang {sheet} là {measured} mm; quy định {low}–{high} mm.",
    "The {side_en} margin of page {sheet} is {measured} mm; it must be {low}–{high} mm.",
    "Đặt lại lề: trên, dưới 20–25 mm; trái 30–35 mm; phải 15–20 mm.",
    "Set the margins: top and bottom 20–25 mm, left 30–35 mm, right 15–20 mm.",
)  # fmt: skip
FONT = _rule(
    "font", _E, _PAGE,
    "Phông chữ «{font}» không phải Times New Roman.", "The font “{font}” is not Times New Roman.",
    "Chuyển sang phông Times New Roman, bộ mã Unicode.", "Use Times New Roman with Unicode.",
)  # fmt: skip
PAGE_NUMBER = _rule(
    "page-number", _E, _PAGE,
    "Số trang của trang {sheet} {what_vi}.", "The number of page {sheet} {what_en}.",
    "Đánh số trang bằng chữ số Ả Rập, cỡ 13–14, kiểu đứng, canh giữa trong lề trên, không hiển thị ở trang thứ nhất.",
    "Number pages in Arabic digits, size 13–14, upright, centred in the top margin, none on page 1.",
)  # fmt: skip
SIZE = _rule(
    "type-size", _E, "NĐ 30/2020, Phụ lục I, mục V",
    "{part_vi} cỡ {size}; quy định {low}–{high}.", "{part_en}: size {size}; it must be {low}–{high}.",
    "Chọn cỡ chữ {low}–{high}.", "Choose a size of {low}–{high}.",
)  # fmt: skip
STYLE = _rule(
    "type-style", _E, "NĐ 30/2020, Phụ lục I, mục V",
    "{part_vi} phải là chữ {style_vi}.", "{part_en} must be {style_en}.",
    "Đổi kiểu chữ thành {style_vi}.", "Change the type to {style_en}.",
)  # fmt: skip
CAPITALS = _rule(
    "upper-case", _E, "NĐ 30/2020, Phụ lục I, mục V",
    "{part_vi} phải viết bằng chữ in hoa.", "{part_en} must be in capitals.",
    "Viết lại bằng chữ in hoa.", "Write it in capitals.",
)  # fmt: skip

# The heading
NATIONAL_NAME = _rule(
    "national-name", _E, _BOX1,
    "Quốc hiệu không đúng: «{text}».", "The national name is not right: “{text}”.",
    "Ghi «CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM», chữ in hoa, đậm, cỡ 12–13, ở bên phải đầu trang thứ nhất.",
    "Write “CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM” in bold capitals, size 12–13, at the top right of page 1.",
)  # fmt: skip
MOTTO = _rule(
    "national-motto", _E, _BOX1,
    "Tiêu ngữ không đúng: «{text}».", "The national motto is not right: “{text}”.",
    "Ghi «Độc lập - Tự do - Hạnh phúc»: viết hoa chữ đầu mỗi cụm, gạch nối ngắn, có cách chữ.",
    "Write “Độc lập - Tự do - Hạnh phúc”: a capital for each phrase, short hyphens with a space on both sides.",
)  # fmt: skip
ISSUER = _rule(
    "issuer", _E, _BOX2,
    "Tên cơ quan ban hành {what_vi}.", "The issuing agency {what_en}.",
    "Ghi đúng tên cơ quan ban hành, chữ in hoa, đậm, dưới tên cơ quan chủ quản trực tiếp (nếu có).",
    "Write the agency's name in bold capitals, below its superior agency if it has one.",
)  # fmt: skip
NUMBER_FORM = _rule(
    "number-form", _E, _BOX3,
    "Số, ký hiệu {what_vi}.", "Number and symbol {what_en}.",
    "Trình bày «Số: 05/QĐ-SNV»: số dưới 10 có số 0 phía trước, gạch chéo giữa số và ký hiệu, gạch nối không cách chữ.",
    "Write “Số: 05/QĐ-SNV”: a zero before numbers under 10, a slash before the symbol, hyphens without blanks.",
)  # fmt: skip
SYMBOL = _rule(
    "symbol", _E, _BOX3,
    "Ký hiệu «{text}» không khớp với loại văn bản và cơ quan ban hành; cần «{wanted}».",
    "The symbol “{text}” does not fit the kind and the issuer; “{wanted}” is needed.",
    "Ghi ký hiệu «{wanted}».", "Write the symbol “{wanted}”.",
)  # fmt: skip
DATE_FORM = _rule(
    "date-form", _E, _BOX4,
    "Địa danh và thời gian {what_vi}.", "Place and date {what_en}.",
    "Ghi «Địa danh, ngày 05 tháng 01 năm 2026»: ngày dưới 10 và tháng 1, 2 có số 0 phía trước; tháng 3–9 thì không.",
    "Write “Place, ngày 05 tháng 01 năm 2026”: a zero before days under 10 and months 1 and 2; none before months 3–9.",
)  # fmt: skip
DATE_YEAR = _rule(
    "date-year", _E, _BOX4,
    "Dòng ngày tháng {what_vi}.", "The date line {what_en}.",
    "Ghi đủ năm ban hành sau chữ «năm» trước khi trình ký.", "Put the year of issue behind «năm» before it is signed.",
)  # fmt: skip
KIND = _rule(
    "kind", _E, _BOX5,
    "Tên loại văn bản {what_vi}.", "The kind of document {what_en}.",
    "Ghi tên loại «{wanted}» bằng chữ in hoa, đậm, canh giữa, dưới số và ngày tháng.",
    "Write the kind “{wanted}” in bold capitals, centred, below number and date.",
)  # fmt: skip
ABSTRACT = _rule(
    "abstract", _E, _BOX5,
    "Trích yếu nội dung {what_vi}.", "The abstract {what_en}.",
    "Ghi trích yếu ngay dưới tên loại, chữ thường, đậm; với công văn, ghi sau chữ «V/v», chữ thường, đứng, dưới số.",
    "Put the abstract below the kind in bold; of a công văn after «V/v», upright, below the number.",
)  # fmt: skip

# The content
ADDRESSEES = _rule(
    "addressees", _E, _BOX9,
    "Phần «Kính gửi» {what_vi}.", "The part «Kính gửi» {what_en}.",
    "Ghi «Kính gửi:» và tên nơi nhận; nhiều nơi thì mỗi nơi một dòng có gạch đầu dòng, cuối dòng «;», dòng cuối «.».",
    "Write «Kính gửi:» and who it goes to; several each on a line with a dash, ending with «;», the last with «.».",
)  # fmt: skip
BASES = _rule(
    "legal-bases", _E, _BOX6,
    "Căn cứ ban hành {what_vi}.", "A legal basis {what_en}.",
    "Trình bày căn cứ bằng chữ nghiêng, cuối mỗi căn cứ là «;», căn cứ cuối cùng là «.».",
    "Write legal bases in italics, each ending with «;», the last with «.».",
)  # fmt: skip
ARTICLES = _rule(
    "article-numbers", _E, _BOX6,
    "Sau «{before}» là «{text}»; số thứ tự không liên tục.",
    "“{before}” is followed by “{text}”; the numbers are not continuous.",
    "Đánh lại số thứ tự điều bằng chữ số Ả Rập, liên tục từ 1.", "Number the articles anew, from 1 without gaps.",
)  # fmt: skip
CLAUSES = _rule(
    "clause-numbers", _E, _BOX6,
    "Khoản, mục «{text}» không nối tiếp số trước đó («{before}»).",
    "“{text}” does not follow the number before (“{before}”).",
    "Đánh lại số thứ tự trong điều hoặc mục này.", "Number the clauses of this article or section anew.",
)  # fmt: skip
POINTS = _rule(
    "point-letters", _E, _BOX6,
    "Điểm «{text}» không nối tiếp điểm trước đó («{before}»).",
    "Point “{text}” does not follow the one before (“{before}”).",
    "Đánh điểm theo thứ tự bảng chữ cái tiếng Việt: a), b), c), d), đ), e)…",
    "Letter the points in Vietnamese order: a), b), c), d), đ), e)…",
)  # fmt: skip
ENDING = _rule(
    "ending", _W, "NĐ 30/2020, Phụ lục III (mẫu trình bày)",
    "Nội dung chưa kết thúc bằng «./.».", "The content does not end with «./.».",
    "Thêm «./.» vào cuối đoạn cuối cùng của nội dung.", "Put «./.» at the end of the last paragraph.",
)  # fmt: skip
AGENCY_CAPITALS = _rule(
    "agency-capitals", _W, _CAPITALS,
    "Tên cơ quan «{text}» viết hoa chưa đúng; cần «{wanted}».",
    "The agency's name “{text}” is capitalised wrongly; write “{wanted}”.",
    "Viết «{wanted}»: hoa chữ cái đầu của từ chỉ loại hình và của từ, cụm từ chỉ chức năng.",
    "Write “{wanted}”: a capital for the type of agency and for each phrase that says its function.",
)  # fmt: skip

# The end
SIGNER = _rule(
    "signer", _E, _BOX7,
    "Phần chức vụ, họ tên người ký {what_vi}.", "Position and name of the signer {what_en}.",
    "Ghi quyền hạn, chức vụ bằng chữ in hoa, đậm; để trống chỗ ký; ghi họ tên bằng chữ thường, đậm.",
    "Write capacity and position in bold capitals, leave room to sign, and write the name in bold.",
)  # fmt: skip
CAPACITY = _rule(
    "capacity", _E, _BOX7,
    "Quyền hạn người ký ghi chưa đúng: «{text}».", "The capacity of the signer is not written right: “{text}”.",
    "Ghi «TM. », «Q. », «KT. », «TL. » hoặc «TUQ. » (có dấu chấm và cách chữ) trước tên tập thể hoặc chức vụ.",
    "Write «TM. », «Q. », «KT. », «TL. » or «TUQ. » (full stop and blank) before the body or the position.",
)  # fmt: skip
ACADEMIC = _rule(
    "academic-title", _E, _BOX7,
    "Trước họ tên người ký có học hàm, học vị hoặc danh hiệu: «{text}».", "The signer's name bears a title: “{text}”.",
    "Bỏ học hàm, học vị, danh hiệu; chỉ ghi họ tên (trừ trường hợp ngành có quy định riêng).",
    "Take the title away and leave the name (unless the sector's own rules say otherwise).",
)  # fmt: skip
RECIPIENTS = _rule(
    "recipients", _E, _BOX9,
    "Phần «Nơi nhận» {what_vi}.", "The part «Nơi nhận» {what_en}.",
    "Ghi «Nơi nhận:» (cỡ 12, nghiêng, đậm); mỗi nơi một dòng cỡ 11 có gạch đầu dòng, cuối dòng «;»; dòng cuối "
    "«- Lưu: VT, đơn vị soạn thảo.».",
    "Write «Nơi nhận:» (size 12, bold italic); one per line, size 11, with a dash and «;»; the last line is "
    "«- Lưu: VT, unit.».",
)  # fmt: skip

# The text
DOUBLE_SPACE = _rule(
    "double-space", _A, _PAGE,
    "Có nhiều dấu cách liền nhau: «{text}».", "Several blanks stand together: “{text}”.",
    "Xoá dấu cách thừa; dùng thụt dòng, canh lề thay cho dấu cách.",
    "Delete the extra blanks; use indents and alignment.",
)  # fmt: skip
PUNCTUATION = _rule(
    "punctuation", _A, _PAGE,
    "Có dấu cách trước dấu câu: «{text}».", "A blank stands before a punctuation mark: “{text}”.",
    "Xoá dấu cách trước dấu câu.", "Delete the blank before the mark.",
)  # fmt: skip
UNICODE = _rule(
    "unicode", _E, "NĐ 30/2020, Phụ lục I, mục I (TCVN 6909:2001)",
    "Chữ có dấu ở dạng tổ hợp rời hoặc lẫn hai dạng: «{text}».",
    "Accented letters are decomposed, or of two forms: “{text}”.",
    "Chuyển văn bản sang Unicode dựng sẵn (NFC) bằng công cụ của bộ gõ.", "Convert the text to composed Unicode (NFC).",
)  # fmt: skip
