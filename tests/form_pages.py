"""Lines of official documents as a reader of pages sees them: right in every respect, and then changed in one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Literal

from lienthong.office.form.expected import Expected
from lienthong.office.form.metrics import width
from lienthong.trust.pdf.anchors import Box
from lienthong.trust.pdf.lines import Line, PageSize
from lienthong.vocabulary.kinds import DECREE30

KINDS = {kind.name.partition(" (")[0]: kind for kind in DECREE30}
Style = Literal["", "B", "I", "BI"]
_FACE: dict[Style, Literal["regular", "bold", "italic"]] = {"": "regular", "B": "bold", "I": "italic", "BI": "bold"}
_LONG = "sở, ban, ngành và địa phương chịu trách nhiệm thi hành, báo cáo kết quả theo quy định của pháp luật"


def line(
    text: str,
    bottom: float,
    size: float = 14,
    style: Style = "",
    *,
    left: float = 122,
    middle: float | None = None,
    page: int = 0,
) -> Line:
    """A line at this place, or centred about ``middle``."""
    long = width(text, size, _FACE[style])
    start = left if middle is None else middle - long / 2
    return Line(
        page,
        text,
        Box(page, start, bottom, start + long, bottom + size * 0.9),
        size,
        "LiberationSerif",
        "B" in style,
        "I" in style,
    )


def full(text: str, bottom: float, *, indented: bool = False, page: int = 0) -> Line:
    """A justified line of the content, from the margin (or its indent) to the other margin."""
    return Line(
        page, text, Box(page, 122 if indented else 85, bottom, 546, bottom + 13), 14, "LiberationSerif", False, False
    )


def heading(symbol: str) -> list[Line]:
    return [
        line("UBND TỈNH THỬ NGHIỆM", 772, 12, middle=178), line("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", 772, 12, "B", middle=409),
        line("SỞ NỘI VỤ", 758, 12, "B", middle=178), line("Độc lập - Tự do - Hạnh phúc", 756, 13, "B", middle=409),
        line(f"Số: /{symbol}", 735, 13, middle=178), line("Thử Nghiệm, ngày tháng năm 2026", 733, 13, "I", middle=409),
    ]  # fmt: skip


def end(bottom: float, page: int) -> list[Line]:
    return [
        line("Nơi nhận:", bottom, 12, "BI", left=85, page=page), line("KT. GIÁM ĐỐC", bottom, 14, "B", middle=422, page=page),
        line("- Như Điều 3;", bottom - 12, 11, left=86, page=page), line("PHÓ GIÁM ĐỐC", bottom - 16, 14, "B", middle=422, page=page),
        line("- UBND tỉnh (để báo cáo);", bottom - 26, 11, left=86, page=page),
        line("- Lưu: VT, TCCB, PL.(30).", bottom - 38, 11, left=86, page=page),
        line("Trần Thị Bưởi", bottom - 103, 14, "B", middle=422, page=page),
    ]  # fmt: skip


def decision() -> list[Line]:
    """A decision of two pages, number and date blank."""
    return [
        *heading("QĐ-SNV"),
        line("QUYẾT ĐỊNH", 699, 14, "B", middle=316), line("Về việc thành lập Tổ công tác", 682, 14, "B", middle=316),
        line("GIÁM ĐỐC SỞ NỘI VỤ", 650, 14, "B", middle=316),
        line("Căn cứ Luật Tổ chức chính quyền địa phương;", 628, 14, "I"), line("Theo đề nghị của Chánh Văn phòng.", 604, 14, "I"),
        line("QUYẾT ĐỊNH:", 570, 14, "B", middle=316),
        full(f"Điều 1. Thành lập Tổ công tác; các {_LONG}", 540, indented=True), full(_LONG, 522), full(_LONG, 504),
        line("của tỉnh.", 486, left=85), line("Điều 2. Tổ công tác có nhiệm vụ:", 462), line("1. Tham mưu cho Sở Nội vụ;", 438),
        line("2. Theo dõi việc thực hiện:", 414), line("a) đôn đốc;", 390), line("b) báo cáo.", 366),
        line("2", 805, 13, middle=316, page=1),
        full(f"Điều 3. Quyết định có hiệu lực; các {_LONG}", 769, indented=True, page=1), full(_LONG, 751, page=1), full(_LONG, 733, page=1),
        line("Quyết định này./.", 715, left=85, page=1),
        *end(680, 1),
    ]  # fmt: skip


def letter() -> list[Line]:
    """A công văn of one page with its address."""
    return [
        *heading("SNV-VP"),
        line("V/v báo cáo công tác văn thư", 713, 12, middle=178), line("năm 2026", 700, 12, middle=178),
        line("Kính gửi:", 665, left=185), line("- Các phòng thuộc Sở;", 646, left=235), line("- UBND các xã, phường.", 627, left=235),
        full(f"Đề nghị các {_LONG}", 605, indented=True), full(_LONG, 587), full(_LONG, 569), line("theo quy định./.", 551, left=85),
        *end(500, 0),
        line("Địa chỉ: Số 1 đường Thử Nghiệm, tỉnh Thử Nghiệm", 41, 11, middle=316),
    ]  # fmt: skip


def expected(kind: str) -> Expected:
    """The registrar's data of these documents."""
    unit = "VP" if kind == "Công văn" else ""
    return Expected(KINDS[kind], "", "UBND tỉnh Thử Nghiệm", "Sở Nội vụ", "SNV", unit, 2026, ("Trần Thị Bưởi",))


def sizes(lines: list[Line]) -> list[PageSize]:
    return [PageSize(page, 595.3, 841.9, 500, 0.0) for page in sorted({each.page for each in lines})]


def change(lines: list[Line], start: str, how: Callable[[Line], Line] | str | None) -> list[Line]:
    """The line that begins so is changed, gets another text in its place, or goes (None)."""
    texts = [each.text for each in lines]
    at = texts.index(start) if start in texts else [each.startswith(start) for each in texts].index(True)
    if how is None:
        return lines[:at] + lines[at + 1 :]
    changed = replace(lines[at], text=how) if isinstance(how, str) else how(lines[at])
    return [*lines[:at], changed, *lines[at + 1 :]]


def moved(lines: list[Line], right: float = 0, up: float = 0, page: int | None = None) -> list[Line]:
    """All lines (of a page) elsewhere."""
    return [
        replace(each, box=Box(each.page, each.box.left + right, each.box.bottom + up, each.box.right + right, each.box.top + up))
        if page in {None, each.page} else each
        for each in lines
    ]  # fmt: skip
