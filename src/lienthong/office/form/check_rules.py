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
        vi, en, fix_vi, fix_en = (text.format(**texts) for text in (self.vi, self.en, self.fix_vi, self.fix_en))
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
    "page-size",
    _E,
    _PAGE,
    vi="Trang {sheet} có khổ {width} × {height} mm, không phải A4 dọc.",
    en="Page {sheet} is {width} × {height} mm, not A4 portrait.",
    fix_vi="Đặt khổ giấy A4 (210 × 297 mm), trình bày theo chiều dài.",
    fix_en="Set the paper to A4 (210 × 297 mm), portrait.",
)
MARGIN = _rule(
    "margin",
    _E,
    _PAGE,
    vi="Lề {side_vi} của trang {sheet} là {measured} mm; quy định {low}–{high} mm.",
    en="The {side_en} margin of page {sheet} is {measured} mm; it must be {low}–{high} mm.",
    fix_vi="Đặt lại lề: trên, dưới 20–25 mm; trái 30–35 mm; phải 15–20 mm.",
    fix_en="Set the margins: top and bottom 20–25 mm, left 30–35 mm, right 15–20 mm.",
)
FONT = _rule(
    "font",
    _E,
    _PAGE,
    vi="Phông chữ «{font}» không phải Times New Roman.",
    en="The font “{font}” is not Times New Roman.",
    fix_vi="Chuyển sang phông Times New Roman, bộ mã Unicode.",
    fix_en="Use Times New Roman with Unicode.",
)
PAGE_NUMBER = _rule(
    "page-number",
    _E,
    _PAGE,
    vi="Số trang của trang {sheet} {what_vi}.",
    en="The number of page {sheet} {what_en}.",
    fix_vi="Đánh số trang bằng chữ số Ả Rập, cỡ 13–14, kiểu đứng, giữa lề trên; trang thứ nhất không hiển thị.",
    fix_en="Number pages in Arabic digits, size 13–14, upright, centred in the top margin, none on page 1.",
)
SIZE = _rule(
    "type-size",
    _E,
    "NĐ 30/2020, Phụ lục I, mục V",
    vi="{part_vi} cỡ {size}; quy định {allowed}.",
    en="{part_en}: size {size}; it must be {allowed}.",
    fix_vi="Chọn cỡ chữ {allowed}.",
    fix_en="Choose a size of {allowed}.",
)
STYLE = _rule(
    "type-style",
    _E,
    "NĐ 30/2020, Phụ lục I, mục V",
    vi="{part_vi} phải là chữ {style_vi}.",
    en="{part_en} must be {style_en}.",
    fix_vi="Đổi kiểu chữ thành {style_vi}.",
    fix_en="Change the type to {style_en}.",
)
CAPITALS = _rule(
    "upper-case",
    _E,
    "NĐ 30/2020, Phụ lục I, mục V",
    vi="{part_vi} phải viết bằng chữ in hoa.",
    en="{part_en} must be in capitals.",
    fix_vi="Viết lại bằng chữ in hoa.",
    fix_en="Write it in capitals.",
)

# The heading
NATIONAL_NAME = _rule(
    "national-name",
    _E,
    _BOX1,
    vi="Quốc hiệu không đúng: «{text}».",
    en="The national name is not right: “{text}”.",
    fix_vi="Ghi «CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM», chữ in hoa, đậm, cỡ 12–13, ở bên phải đầu trang thứ nhất.",
    fix_en="Write “CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM” in bold capitals, size 12–13, at the top right of page 1.",
)
MOTTO = _rule(
    "national-motto",
    _E,
    _BOX1,
    vi="Tiêu ngữ không đúng: «{text}».",
    en="The national motto is not right: “{text}”.",
    fix_vi="Ghi «Độc lập - Tự do - Hạnh phúc»: viết hoa chữ đầu mỗi cụm, gạch nối ngắn, có cách chữ.",
    fix_en="Write “Độc lập - Tự do - Hạnh phúc”: a capital for each phrase, short hyphens with a space on both sides.",
)
ISSUER = _rule(
    "issuer",
    _E,
    _BOX2,
    vi="Tên cơ quan ban hành {what_vi}.",
    en="The issuing agency {what_en}.",
    fix_vi="Ghi đúng tên cơ quan ban hành, chữ in hoa, đậm, dưới tên cơ quan chủ quản trực tiếp (nếu có).",
    fix_en="Write the agency's name in bold capitals, below its superior agency if it has one.",
)
NUMBER_FORM = _rule(
    "number-form",
    _E,
    _BOX3,
    vi="Số, ký hiệu {what_vi}.",
    en="Number and symbol {what_en}.",
    fix_vi="Trình bày «Số: 05/QĐ-SNV»: số dưới 10 có số 0 phía trước, gạch chéo trước ký hiệu, gạch nối liền chữ.",
    fix_en="Write “Số: 05/QĐ-SNV”: a zero before numbers under 10, a slash before the symbol, hyphens without blanks.",
)
SYMBOL = _rule(
    "symbol",
    _E,
    _BOX3,
    vi="Ký hiệu «{text}» không khớp với loại văn bản và cơ quan ban hành; cần «{wanted}».",
    en="The symbol “{text}” does not fit the kind and the issuer; “{wanted}” is needed.",
    fix_vi="Ghi ký hiệu «{wanted}».",
    fix_en="Write the symbol “{wanted}”.",
)
DATE_FORM = _rule(
    "date-form",
    _E,
    _BOX4,
    vi="Địa danh và thời gian {what_vi}.",
    en="Place and date {what_en}.",
    fix_vi="Ghi «Địa danh, ngày 05 tháng 01 năm 2026»: ngày dưới 10 và tháng 1, 2 có số 0, tháng 3–9 không có.",
    fix_en="Write “Place, ngày 05 tháng 01 năm 2026”: a zero before days under 10 and months 1 and 2, not before 3–9.",
)
DATE_YEAR = _rule(
    "date-year",
    _E,
    _BOX4,
    vi="Dòng ngày tháng {what_vi}.",
    en="The date line {what_en}.",
    fix_vi="Ghi đủ năm ban hành sau chữ «năm» trước khi trình ký.",
    fix_en="Put the year of issue behind «năm» before it is signed.",
)
KIND = _rule(
    "kind",
    _E,
    _BOX5,
    vi="Tên loại văn bản {what_vi}.",
    en="The kind of document {what_en}.",
    fix_vi="Ghi tên loại «{wanted}» bằng chữ in hoa, đậm, canh giữa, dưới số và ngày tháng.",
    fix_en="Write the kind “{wanted}” in bold capitals, centred, below number and date.",
)
ABSTRACT = _rule(
    "abstract",
    _E,
    _BOX5,
    vi="Trích yếu nội dung {what_vi}.",
    en="The abstract {what_en}.",
    fix_vi="Ghi trích yếu dưới tên loại, chữ thường, đậm; với công văn, ghi sau «V/v», chữ thường, đứng, dưới số.",
    fix_en="Put the abstract below the kind in bold; of a công văn after «V/v», upright, below the number.",
)

# The content
ADDRESSEES = _rule(
    "addressees",
    _E,
    _BOX9,
    vi="Phần «Kính gửi» {what_vi}.",
    en="The part «Kính gửi» {what_en}.",
    fix_vi="Ghi «Kính gửi:» và nơi nhận; nhiều nơi: mỗi nơi một dòng có gạch đầu dòng, cuối dòng «;», sau cùng «.».",
    fix_en="Write «Kính gửi:» and the recipient; several each on a line with a dash, ending with «;», at last «.».",
)
BASES = _rule(
    "legal-bases",
    _E,
    _BOX6,
    vi="Căn cứ ban hành {what_vi}.",
    en="A legal basis {what_en}.",
    fix_vi="Trình bày căn cứ bằng chữ nghiêng, cuối mỗi căn cứ là «;», căn cứ cuối cùng là «.».",
    fix_en="Write legal bases in italics, each ending with «;», the last with «.».",
)
ARTICLES = _rule(
    "article-numbers",
    _E,
    _BOX6,
    vi="Sau «{before}» là «{text}»; số thứ tự không liên tục.",
    en="“{before}” is followed by “{text}”; the numbers are not continuous.",
    fix_vi="Đánh lại số thứ tự điều bằng chữ số Ả Rập, liên tục từ 1.",
    fix_en="Number the articles anew, from 1 without gaps.",
)
CLAUSES = _rule(
    "clause-numbers",
    _E,
    _BOX6,
    vi="Khoản, mục «{text}» không nối tiếp số trước đó («{before}»).",
    en="“{text}” does not follow the number before (“{before}”).",
    fix_vi="Đánh lại số thứ tự trong điều hoặc mục này.",
    fix_en="Number the clauses of this article or section anew.",
)
POINTS = _rule(
    "point-letters",
    _E,
    _BOX6,
    vi="Điểm «{text}» không nối tiếp điểm trước đó («{before}»).",
    en="Point “{text}” does not follow the one before (“{before}”).",
    fix_vi="Đánh điểm theo thứ tự bảng chữ cái tiếng Việt: a), b), c), d), đ), e)…",
    fix_en="Letter the points in Vietnamese order: a), b), c), d), đ), e)…",
)
ENDING = _rule(
    "ending",
    _W,
    "NĐ 30/2020, Phụ lục III (mẫu trình bày)",
    vi="Nội dung chưa kết thúc bằng «./.».",
    en="The content does not end with «./.».",
    fix_vi="Thêm «./.» vào cuối đoạn cuối cùng của nội dung.",
    fix_en="Put «./.» at the end of the last paragraph.",
)
AGENCY_CAPITALS = _rule(
    "agency-capitals",
    _W,
    _CAPITALS,
    vi="Tên cơ quan «{text}» viết hoa chưa đúng; cần «{wanted}».",
    en="The agency's name “{text}” is capitalised wrongly; write “{wanted}”.",
    fix_vi="Viết «{wanted}»: hoa chữ cái đầu của từ chỉ loại hình và của từ, cụm từ chỉ chức năng.",
    fix_en="Write “{wanted}”: a capital for the type of agency and for each phrase that says its function.",
)

# The end
SIGNER = _rule(
    "signer",
    _E,
    _BOX7,
    vi="Phần chức vụ, họ tên người ký {what_vi}.",
    en="Position and name of the signer {what_en}.",
    fix_vi="Ghi quyền hạn, chức vụ bằng chữ in hoa, đậm; để trống chỗ ký; ghi họ tên bằng chữ thường, đậm.",
    fix_en="Write capacity and position in bold capitals, leave room to sign, and write the name in bold.",
)
CAPACITY = _rule(
    "capacity",
    _E,
    _BOX7,
    vi="Quyền hạn người ký ghi chưa đúng: «{text}».",
    en="The capacity of the signer is not written right: “{text}”.",
    fix_vi="Ghi «TM. », «Q. », «KT. », «TL. » hoặc «TUQ. » (có dấu chấm và cách chữ) trước tên tập thể hoặc chức vụ.",
    fix_en="Write «TM. », «Q. », «KT. », «TL. » or «TUQ. » (full stop and blank) before the body or the position.",
)
ACADEMIC = _rule(
    "academic-title",
    _E,
    _BOX7,
    vi="Trước họ tên người ký có học hàm, học vị hoặc danh hiệu: «{text}».",
    en="The signer's name bears a title: “{text}”.",
    fix_vi="Bỏ học hàm, học vị, danh hiệu; chỉ ghi họ tên (trừ trường hợp ngành có quy định riêng).",
    fix_en="Take the title away and leave the name (unless the sector's own rules say otherwise).",
)
RECIPIENTS = _rule(
    "recipients",
    _E,
    _BOX9,
    vi="Phần «Nơi nhận» {what_vi}.",
    en="The part «Nơi nhận» {what_en}.",
    fix_vi="Ghi «Nơi nhận:» (cỡ 12, nghiêng, đậm); mỗi nơi một dòng cỡ 11 có gạch đầu dòng, cuối dòng «;»; dòng cuối "
    "«- Lưu: VT, đơn vị soạn thảo.».",
    fix_en="Write «Nơi nhận:» (size 12, bold italic); one per line, size 11, with a dash and «;»; the last line is "
    "«- Lưu: VT, unit.».",
)

# The text
DOUBLE_SPACE = _rule(
    "double-space",
    _A,
    _PAGE,
    vi="Có nhiều dấu cách liền nhau: «{text}».",
    en="Several blanks stand together: “{text}”.",
    fix_vi="Xoá dấu cách thừa; dùng thụt dòng, canh lề thay cho dấu cách.",
    fix_en="Delete the extra blanks; use indents and alignment.",
)
PUNCTUATION = _rule(
    "punctuation",
    _A,
    _PAGE,
    vi="Có dấu cách trước dấu câu: «{text}».",
    en="A blank stands before a punctuation mark: “{text}”.",
    fix_vi="Xoá dấu cách trước dấu câu.",
    fix_en="Delete the blank before the mark.",
)
UNICODE = _rule(
    "unicode",
    _E,
    "NĐ 30/2020, Phụ lục I, mục I (TCVN 6909:2001)",
    vi="Chữ có dấu ở dạng tổ hợp rời hoặc lẫn hai dạng: «{text}».",
    en="Accented letters are decomposed, or of two forms: “{text}”.",
    fix_vi="Chuyển văn bản sang Unicode dựng sẵn (NFC) bằng công cụ của bộ gõ.",
    fix_en="Convert the text to composed Unicode (NFC).",
)
