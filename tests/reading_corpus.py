"""Official documents in many layouts with what each says, to measure how well their fields are read.

Drawn word by word as word processors do, from invented agencies and people. The same seed gives the same document.
"""

from __future__ import annotations

import io
import random
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib import resources

from PIL import Image, ImageDraw, ImageFilter
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from lienthong.trust.pdf.lines import page_count
from lienthong.trust.pdf.preview import page_picture

A4 = (595.28, 841.89)

KINDS = {
    "Nghị quyết": "NQ", "Quyết định": "QĐ", "Chỉ thị": "CT", "Quy chế": "QC", "Quy định": "QyĐ", "Thông cáo": "TC",
    "Thông báo": "TB", "Hướng dẫn": "HD", "Chương trình": "CTr", "Kế hoạch": "KH", "Phương án": "PA", "Đề án": "ĐA",
    "Dự án": "DA", "Báo cáo": "BC", "Biên bản": "BB", "Tờ trình": "TTr", "Hợp đồng": "HĐ", "Công văn": "", "Công điện": "CĐ",
    "Bản ghi nhớ": "BGN", "Bản thỏa thuận": "BTT", "Giấy ủy quyền": "GUQ", "Giấy mời": "GM", "Giấy giới thiệu": "GGT",
    "Giấy nghỉ phép": "GNP", "Phiếu gửi": "PG", "Phiếu chuyển": "PC", "Phiếu báo": "PB", "Thư công": "",
}  # fmt: skip
"""The 29 kinds of Decree 30/2020 Appendix III with their abbreviations, written down anew as an independent list."""

AGENCIES: tuple[tuple[tuple[str, ...], tuple[str, ...], str], ...] = (
    ((), ("BỘ NỘI VỤ",), "BNV"),
    ((), ("BỘ GIÁO DỤC", "VÀ ĐÀO TẠO"), "BGDĐT"),
    ((), ("VĂN PHÒNG CHÍNH PHỦ",), "VPCP"),
    ((), ("ỦY BAN NHÂN DÂN", "TỈNH AN HẢI"), "UBND"),
    ((), ("ỦY BAN NHÂN DÂN TỈNH SÔNG MÂY",), "UBND"),
    ((), ("HỘI ĐỒNG NHÂN DÂN", "TỈNH SÔNG MÂY"), "HĐND"),
    (("UBND TỈNH AN HẢI",), ("SỞ NỘI VỤ",), "SNV"),
    (("ỦY BAN NHÂN DÂN", "TỈNH SÔNG MÂY"), ("SỞ KHOA HỌC", "VÀ CÔNG NGHỆ"), "SKHCN"),
    (("BỘ TÀI CHÍNH",), ("TỔNG CỤC THỐNG KÊ",), "TCTK"),
    (("BỘ TƯ PHÁP",), ("CỤC CÔNG TÁC PHÍA NAM",), "CTPN"),
    (("UBND THÀNH PHỐ BÌNH LÂM",), ("BAN QUẢN LÝ DỰ ÁN", "HẠ TẦNG ĐÔ THỊ"), "BQLDA"),
    ((), ("ỦY BAN NHÂN DÂN", "XÃ THANH KHÊ"), "UBND"),
    ((), ("UBND PHƯỜNG HÒA BÌNH",), "UBND"),
    (("TẬP ĐOÀN ĐIỆN GIÓ VIỆT",), ("CÔNG TY CỔ PHẦN", "ĐIỆN GIÓ AN HẢI"), "ĐGAH"),
    (("SỞ Y TẾ AN HẢI",), ("BỆNH VIỆN ĐA KHOA TỈNH",), "BVĐK"),
    (("ĐẠI HỌC SÔNG MÂY",), ("TRƯỜNG ĐẠI HỌC KINH TẾ",), "ĐHKT"),
    (("SỞ NỘI VỤ",), ("TRUNG TÂM LƯU TRỮ LỊCH SỬ",), "TTLTLS"),
    (("UBND HUYỆN ĐÔNG SƠN",), ("PHÒNG TÀI NGUYÊN", "VÀ MÔI TRƯỜNG"), "TNMT"),
)
UNITS = ("VP", "TCCB", "KSTT", "VX", "TH", "CNTT", "NC", "KTTH", "TTr", "CCHC")
PLACES = (
    "Hà Nội",
    "An Hải",
    "Sông Mây",
    "Bình Lâm",
    "Thành phố Hồ Chí Minh",
    "Thanh Khê",
    "TP. Huế",
    "Bà Rịa - Vũng Tàu",
    "Đắk Lắk",
)
SURNAMES = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Đặng", "Đỗ", "Vũ", "Huỳnh", "Ưng")
MIDDLES = ("Văn", "Thị", "Đức", "Quốc", "Thị Ngọc", "Minh", "Hữu", "Thị Thu")
GIVEN = ("An", "Bưởi", "Chương", "Dũng", "Đạt", "Hạnh", "Khuê", "Lộc", "Phượng", "Quỳnh", "Tuấn", "Yến")
SUBJECTS = (
    "tăng cường ứng dụng công nghệ thông tin trong công tác văn thư, lưu trữ năm 2026",
    "phê duyệt danh mục hồ sơ, tài liệu nộp vào Lưu trữ lịch sử",
    "triển khai thực hiện Nghị định số 30/2020/NĐ-CP của Chính phủ về công tác văn thư",
    "kết quả công tác cải cách hành chính 6 tháng đầu năm và nhiệm vụ trọng tâm 6 tháng cuối năm",
    "cử cán bộ tham gia lớp bồi dưỡng nghiệp vụ",
    "góp ý dự thảo Thông tư quy định chế độ báo cáo thống kê",
    "họp bàn phương án phòng, chống thiên tai và tìm kiếm cứu nạn trên địa bàn tỉnh",
    "bảo đảm trật tự, an toàn giao thông trong dịp nghỉ lễ Quốc khánh 2/9",
    "ban hành Quy chế tiếp nhận, xử lý, phát hành và quản lý văn bản điện tử trên Hệ thống quản lý văn bản và điều hành",
    "thành lập Tổ công tác chuyển đổi số",
    "hỗ trợ kinh phí sửa chữa đường giao thông nông thôn xã Thanh Khê",
)
SENTENCES = (
    "Thực hiện chỉ đạo của cấp trên và xét đề nghị của đơn vị chuyên môn, cơ quan thông báo để các đơn vị biết, triển khai.",
    "Các cơ quan, đơn vị căn cứ chức năng, nhiệm vụ được giao tổ chức thực hiện nghiêm túc, bảo đảm đúng tiến độ, chất lượng.",
    "Kinh phí thực hiện được bố trí trong dự toán ngân sách nhà nước hằng năm theo phân cấp quản lý hiện hành.",
    "Trong quá trình thực hiện, nếu có khó khăn, vướng mắc, đề nghị phản ánh kịp thời để xem xét, giải quyết.",
    "Quyết định số 45/QĐ-UBND ngày 03 tháng 02 năm 2021 về cùng nội dung hết hiệu lực kể từ ngày ký văn bản này.",
)
BODIES = ("Bộ Nội vụ", "Ủy ban nhân dân tỉnh An Hải", "Sở Tài chính", "Các sở, ban, ngành tỉnh", "Ủy ban nhân dân các xã, phường",
          "Văn phòng Chính phủ", "Cục Công tác phía Nam", "Ban Quản lý Khu kinh tế")  # fmt: skip
HEADS = (
    ((), "CHỦ TỊCH"), (("KT. CHỦ TỊCH",), "PHÓ CHỦ TỊCH"), (("TM. ỦY BAN NHÂN DÂN",), "CHỦ TỊCH"),
    (("TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH"), "PHÓ CHỦ TỊCH"), ((), "GIÁM ĐỐC"), (("KT. GIÁM ĐỐC",), "PHÓ GIÁM ĐỐC"),
    (("TL. BỘ TRƯỞNG",), "CHÁNH VĂN PHÒNG"), (("TL. CHỦ TỊCH", "KT. CHÁNH VĂN PHÒNG"), "PHÓ CHÁNH VĂN PHÒNG"),
    (("TUQ. GIÁM ĐỐC",), "TRƯỞNG PHÒNG TỔ CHỨC"), ((), "BỘ TRƯỞNG"), (("KT. BỘ TRƯỞNG",), "THỨ TRƯỞNG"), ((), "HIỆU TRƯỞNG"),
    (("TM. BAN THƯỜNG VỤ",), "BÍ THƯ"), ((), "CỤC TRƯỞNG"), ((), "TỔNG GIÁM ĐỐC"),
)  # fmt: skip


@dataclass(frozen=True)
class Truth:
    """What a document says; empty where it says nothing."""

    number: str = ""
    symbol: str = ""
    issued_date: date | None = None
    place: str = ""
    issuer: str = ""
    superior: str = ""
    kind: str = ""
    abstract: str = ""
    urgency: str = ""
    secrecy: str = ""
    signer: str = ""
    position: str = ""
    capacity: tuple[str, ...] = ()
    addressees: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    deadline: date | None = None
    pages: int = 1


@dataclass
class Drawer:
    """Places words on pages."""

    canvas: Canvas
    left: float
    right: float
    form: str
    y: float = 0.0
    pages: int = 1
    mark: str = ""
    issuer_middle: float = 0.0

    def width(self, text: str, style: str, size: float) -> float:
        return float(pdfmetrics.stringWidth(unicodedata.normalize(self.form, text), f"RC-{style}", size))

    def at(self, x: float, y: float, text: str, style: str = "Regular", size: float = 13) -> None:
        self.canvas.setFont(f"RC-{style}", size)
        self.canvas.drawString(x, y, unicodedata.normalize(self.form, text))

    def centred(self, x: float, y: float, text: str, style: str = "Regular", size: float = 13) -> None:
        self.at(x - self.width(text, style, size) / 2, y, text, style, size)

    def wrap(self, text: str, style: str, size: float, room: float, first: float | None = None) -> list[str]:
        lines, line = [], ""
        for word in text.split():
            longer = f"{line} {word}".strip()
            limit = first if first is not None and not lines else room
            if line and self.width(longer, style, size) > limit:
                lines.append(line)
                line = word
            else:
                line = longer
        return [*lines, line]

    def need(self, room: float) -> None:
        if self.y - room < 60:
            self.canvas.showPage()
            self.pages += 1
            self.centred(297, 800, str(self.pages))
            self.y = 770

    def paragraph(self, text: str, size: float, leading: float, indent: float = 36, style: str = "Regular") -> None:
        room = self.right - self.left
        lines = self.wrap(text, style, size, room, room - indent)
        for number, line in enumerate(lines):
            self.need(leading)
            x = self.left + (indent if number == 0 else 0)
            words = line.split()
            free = self.right - x - sum(self.width(word, style, size) for word in words)
            blank = free / (len(words) - 1) if number < len(lines) - 1 and len(words) > 1 else size * 0.25
            for word in words:
                self.at(x, self.y, word, style, size)
                x += self.width(word, style, size) + blank
            self.y -= leading
        self.y -= 5


@cache
def _fonts() -> None:
    fonts = resources.files("lienthong.trust.pdf.fonts_data")
    for style in ("Regular", "Italic", "Bold"):
        pdfmetrics.registerFont(
            TTFont(f"RC-{style}", io.BytesIO((fonts / f"LiberationSerif-{style}.ttf").read_bytes()))
        )


def document(seed: int, kind: str | None = None, composed: bool = False) -> tuple[bytes, Truth]:
    """A document and what it says. ``composed``: its letters hold their marks, as in anything printed from Word."""
    _fonts()
    chance = random.Random(seed)
    kind = kind or (
        chance.choice(list(KINDS))
        if chance.random() < 0.6
        else chance.choice(["Công văn", "Quyết định", "Báo cáo", "Tờ trình", "Kế hoạch"])
    )
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=1)
    drawer = Drawer(
        canvas,
        chance.choice((85, 90, 99)),
        A4[0] - chance.choice((43, 50, 57)),
        "NFD" if chance.random() < 0.15 and not composed else "NFC",
    )
    superior, issuer, letters = chance.choice(AGENCIES)
    party = chance.random() < 0.06 and kind not in {"Công văn", "Thư công", "Hợp đồng"}
    if party:
        superior, issuer, letters = (), ("TỈNH ỦY AN HẢI",), "TU"
    truth = _heading(drawer, chance, kind, superior, issuer, letters, party)
    truth |= _title(drawer, chance, kind)
    truth |= _content(drawer, chance, kind, truth)
    truth |= _end(drawer, chance)
    if chance.random() < 0.2:
        _stamp_of_arrival(drawer, chance)
    canvas.showPage()
    canvas.save()
    truth["pages"] = drawer.pages
    return out.getvalue(), Truth(**truth)


def _heading(
    drawer: Drawer,
    chance: random.Random,
    kind: str,
    superior: Sequence[str],
    issuer: Sequence[str],
    letters: str,
    party: bool,
) -> dict:
    issuer_middle = drawer.left + chance.uniform(78, 95)
    nation_middle = drawer.right - chance.uniform(120, 135)
    size = chance.choice((11.5, 12, 12, 13)) if max(map(len, (*superior, *issuer))) < 25 else 11.5
    top = y = chance.uniform(765, 785)
    style = "Bold" if chance.random() < 0.08 else "Regular"
    for row in superior:
        drawer.centred(issuer_middle, y, row, style, size)
        y -= size * 1.25
    for row in issuer:
        drawer.centred(issuer_middle, y, row, "Bold", size)
        y -= size * 1.25
    if party:
        drawer.centred(issuer_middle, y, "*", "Regular", 13)
        y -= 14
        drawer.centred(nation_middle, top, "ĐẢNG CỘNG SẢN VIỆT NAM", "Bold", 14)
    else:
        nation = chance.choice(("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "CỘNG HOÀ XÃ HỘI CHỦ NGHĨA VIỆT NAM"))
        drawer.centred(nation_middle, top, nation, "Bold", 12)
        drawer.centred(
            nation_middle,
            top - 16,
            chance.choice(("Độc lập - Tự do - Hạnh phúc", "Độc lập – Tự do – Hạnh phúc")),
            "Bold",
            13,
        )
    y = min(y, top - 32) - chance.uniform(4, 14)
    value, when = (
        chance.choice((chance.randint(1, 9), chance.randint(10, 99), chance.randint(100, 9999))),
        date(2019, 1, 1) + timedelta(days=chance.randint(0, 2900)),
    )
    number = f"{value:02d}" + (chance.choice("ab") if chance.random() < 0.03 else "")
    abbreviation = KINDS[kind]
    symbol = (
        f"{abbreviation}/{letters}"
        if party
        else "-".join(part for part in (abbreviation, letters, "" if abbreviation else chance.choice(UNITS)) if part)
    )
    if not party and kind == "Quyết định" and chance.random() < 0.25:
        symbol = f"{when.year}/{symbol}"
    joint = "-" if party else "/"
    colon = " " if party and chance.random() < 0.5 else ": "
    if chance.random() < 0.08:
        number = ""
        text = (
            f"Số{colon}{' ' * chance.randint(4, 12)}{joint}{symbol}"
            if chance.random() < 0.7
            else f"Số{colon}.....{joint}{symbol}"
        )
    else:
        text = f"Số{colon}{number}{joint}{symbol}"
    if party and not number:
        number = f"{value:02d}"
        text = f"Số{colon}{number}{joint}{symbol}"
    drawer.centred(issuer_middle, y, text, size=13)
    place = chance.choice(PLACES)
    day, month = (
        f"{when.day:02d}",
        f"{when.month:02d}" if when.month < 3 or chance.random() < 0.2 else str(when.month),
    )
    if chance.random() < 0.05:
        issued = None
        written = f"{place}, ngày {' ' * 6}tháng {month} năm {when.year}"
    else:
        issued = when
        written = f"{place}, ngày {day} tháng {month} năm {when.year}"
    date_size = 13
    while drawer.width(written, "Italic", date_size) > 2 * (drawer.right - nation_middle) + 16:
        date_size -= 0.5
    drawer.centred(nation_middle, y - chance.choice((0, 0, 0, 2, -4)), written, "Italic", date_size)
    drawer.y = y - 20
    urgency = secrecy = ""
    if chance.random() < 0.12:
        urgency = chance.choice(("HỎA TỐC", "HOẢ TỐC", "THƯỢNG KHẨN", "KHẨN"))
        drawer.y -= 8
    elif chance.random() < 0.05:
        secrecy = chance.choice(("MẬT", "TỐI MẬT", "TUYỆT MẬT"))
        drawer.y -= 8
    drawer.mark, drawer.issuer_middle = urgency or secrecy, issuer_middle
    return {
        "number": number, "symbol": symbol, "issued_date": issued, "place": place, "issuer": " ".join(issuer),
        "superior": " ".join(superior), "kind": kind, "urgency": urgency, "secrecy": secrecy,
    }  # fmt: skip


def _title(drawer: Drawer, chance: random.Random, kind: str) -> dict:
    subject = chance.choice(SUBJECTS)
    middle = (drawer.left + drawer.right) / 2
    size = chance.choice((12, 12, 13))
    if kind == "Công văn":
        rows = drawer.wrap(f"{chance.choice(('V/v', 'V/v', 'V/v:'))} {subject}", "Regular", size, 175)
        y = drawer.y
        for row in rows:
            drawer.centred(drawer.issuer_middle, y, row, "Regular", size)
            y -= size * 1.2
        drawer.y = y
        _draw_mark(drawer)
        drawer.y -= 16
        return {"abstract": subject}
    _draw_mark(drawer)
    drawer.y -= chance.uniform(14, 26)
    name = kind.upper()
    drawer.centred(middle, drawer.y, name, "Bold", 14)
    drawer.y -= 18
    about = (
        f"{chance.choice(('Về việc', 'V/v'))} {subject}"
        if kind in {"Quyết định", "Tờ trình", "Thông báo"}
        else subject[0].upper() + subject[1:]
    )
    if kind == "Công điện":
        about = ""
    if kind in {"Giấy giới thiệu", "Giấy nghỉ phép", "Phiếu gửi", "Thư công", "Giấy ủy quyền", "Phiếu báo"}:
        about = ""
    if about:
        for row in drawer.wrap(about, "Bold", 14, drawer.right - drawer.left - chance.choice((20, 60, 120))):
            drawer.centred(middle, drawer.y, row, "Bold", 14)
            drawer.y -= 17
        drawer.canvas.line(middle - 40, drawer.y + 10, middle + 40, drawer.y + 10)
    drawer.y -= 14
    return {"abstract": about.removeprefix("V/v ") if about.startswith("V/v") else about}


def _draw_mark(drawer: Drawer) -> None:
    if drawer.mark:
        drawer.centred(drawer.issuer_middle, drawer.y - 8, drawer.mark, "Bold", 13)
        width = drawer.width(drawer.mark, "Bold", 13) + 16
        drawer.canvas.rect(drawer.issuer_middle - width / 2, drawer.y - 13, width, 20)
        drawer.y -= 24


def _content(drawer: Drawer, chance: random.Random, kind: str, truth: dict) -> dict:
    size, leading = chance.choice(((13, 17), (14, 18), (14, 20)))
    middle = (drawer.left + drawer.right) / 2
    addressees: tuple[str, ...] = ()
    if kind in {"Công văn", "Tờ trình", "Phiếu chuyển", "Phiếu gửi"} or (kind == "Báo cáo" and chance.random() < 0.5):
        addressees = tuple(chance.sample(BODIES, chance.choice((1, 1, 2, 3))))
        if len(addressees) == 1:
            drawer.centred(middle, drawer.y, f"Kính gửi: {addressees[0]}" + chance.choice(("", ".")), size=size)
            drawer.y -= leading
        else:
            drawer.at(drawer.left + 90, drawer.y, "Kính gửi:", size=size)
            for place, each in enumerate(addressees):
                drawer.y -= leading
                drawer.at(
                    drawer.left + 140, drawer.y, f"- {each}{'.' if place == len(addressees) - 1 else ';'}", size=size
                )
            drawer.y -= leading
        drawer.y -= 10
    if kind in {"Quyết định", "Nghị quyết"}:
        drawer.y -= 4
        drawer.centred(
            middle,
            drawer.y,
            chance.choice(("CHỦ TỊCH ỦY BAN NHÂN DÂN TỈNH", "GIÁM ĐỐC SỞ NỘI VỤ", "BỘ TRƯỞNG BỘ NỘI VỤ")),
            "Bold",
            size,
        )
        drawer.y -= leading + 8
        for basis in (
            "Căn cứ Luật Tổ chức chính quyền địa phương ngày 16 tháng 6 năm 2025;",
            "Căn cứ Nghị định số 30/2020/NĐ-CP ngày 05 tháng 3 năm 2020 của Chính phủ về công tác văn thư;",
        ):
            drawer.paragraph(basis, size, leading, style="Italic")
        drawer.centred(middle, drawer.y, f"{kind.upper()}:", "Bold", size)
        drawer.y -= leading + 6
    deadline, said = None, ""
    base = truth["issued_date"]
    if chance.random() < 0.4 and base is not None:
        deadline = base + timedelta(days=chance.randint(3, 120))
        written = chance.choice((
            f"{deadline.day:02d}/{deadline.month}/{deadline.year}", f"{deadline.day:02d}/{deadline.month:02d}/{deadline.year}",
            f"{deadline.day:02d} tháng {deadline.month:02d} năm {deadline.year}",
        ))  # fmt: skip
        said = chance.choice((
            f"Đề nghị các đơn vị gửi văn bản góp ý về cơ quan trước ngày {written} để tổng hợp.",
            f"Kết quả thực hiện báo cáo về Văn phòng chậm nhất ngày {written}.",
            f"Các cơ quan, đơn vị có ý kiến trả lời trước 17 giờ 00 ngày {written}.",
            f"Báo cáo gửi về cơ quan chậm nhất là ngày {written} để theo dõi.",
        ))  # fmt: skip
    paragraphs = [chance.choice(SENTENCES) for _ in range(chance.choice((3, 4, 6, 12)))]
    if said:
        paragraphs.insert(chance.randint(1, len(paragraphs)), said)
    for place, each in enumerate(paragraphs):
        drawer.paragraph(f"Điều {place + 1}. {each}" if kind in {"Quyết định", "Nghị quyết"} else each, size, leading)
    return {"addressees": addressees, "deadline": deadline}


def _end(drawer: Drawer, chance: random.Random) -> dict:
    drawer.need(190)
    drawer.y -= 14
    capacity, position = chance.choice(HEADS)
    signer = f"{chance.choice(SURNAMES)} {chance.choice(MIDDLES)} {chance.choice(GIVEN)}"
    middle = drawer.right - chance.uniform(85, 110)
    top = y = drawer.y
    for row in (*capacity, position):
        drawer.centred(middle, y, row, "Bold", 13)
        y -= 16
    if chance.random() < 0.2:
        for number, row in enumerate(
            (f"Ký bởi: {chance.choice(AGENCIES)[1][0].title()}", "Thời gian ký: 12/07/2026 14:05:09 +07:00")
        ):
            drawer.at(middle - 60, y - 24 - 9 * number, row, "Regular", 7)
    drawer.centred(middle, y - chance.uniform(55, 80), signer, "Bold", 14)
    receivers = [*(["Như trên"] if chance.random() < 0.5 else []), *chance.sample(BODIES, chance.randint(1, 4))]
    drawer.at(drawer.left, top, "Nơi nhận:", "Italic", 12)
    y = top - 14
    for each in (*(f"- {each};" for each in receivers), f"- Lưu: VT, {chance.choice(UNITS)}."):
        drawer.at(drawer.left, y, each, "Regular", 11)
        y -= 13
    return {"capacity": capacity, "position": position, "signer": signer, "recipients": tuple(receivers)}


def _stamp_of_arrival(drawer: Drawer, chance: random.Random) -> None:
    """On the last page drawn, so it is on the first page of short documents only; a little picture of text."""
    x, y = drawer.left + 190, 812
    drawer.at(x, y, "ĐẾN", "Bold", 9)
    drawer.at(x + 30, y + 4, f"Số: {chance.randint(1, 9000)}", "Regular", 8)
    drawer.at(x + 30, y - 6, "Ngày: 12/7/2027", "Regular", 8)


def scanned(pdf: bytes, seed: int, dpi: int = 200) -> bytes:
    """A document as a flat-bed scanner gives it: crooked, spotted, a red seal over the end, squeezed as JPEG."""
    chance, out = random.Random(seed), io.BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=1)
    source = io.BytesIO(pdf)
    for page in range(page_count(source)):
        picture = Image.open(io.BytesIO(page_picture(source, page, dpi))).convert("RGB")
        draw = ImageDraw.Draw(picture, "RGBA")
        for _ in range(120):
            x, y = chance.randrange(picture.width), chance.randrange(picture.height)
            draw.ellipse((x, y, x + chance.randint(1, 3), y + chance.randint(1, 3)), fill=(60, 60, 60, 255))
        if chance.random() < 0.7:
            x, y, side = picture.width * 0.5, picture.height * chance.uniform(0.6, 0.8), int(36 / 25.4 * dpi)
            draw.ellipse((x, y, x + side, y + side), outline=(210, 25, 35, 200), width=8)
            draw.ellipse((x + 30, y + 30, x + side - 30, y + side - 30), outline=(210, 25, 35, 200), width=4)
        picture = picture.rotate(chance.uniform(-0.8, 0.8), resample=Image.Resampling.BICUBIC, fillcolor="white")
        picture = picture.filter(ImageFilter.GaussianBlur(chance.uniform(0.3, 0.8)))
        picture = Image.eval(picture, lambda value: int(25 + value * 0.86))
        squeezed = io.BytesIO()
        picture.save(squeezed, "JPEG", quality=chance.randint(55, 80))
        squeezed.seek(0)
        canvas.drawImage(ImageReader(squeezed), 0, 0, *A4)
        canvas.showPage()
    canvas.save()
    return out.getvalue()
