"""Paper, margins, font and page numbers (Decree 30/2020/NĐ-CP Appendix I part I)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from lienthong.office.form.check_layout import Layout, middle
from lienthong.office.form.check_rules import FONT, MARGIN, PAGE_NUMBER, PAGE_SIZE, SIZE, Finding
from lienthong.office.form.metrics import MILLIMETRE
from lienthong.trust.pdf.anchors import Box
from lienthong.trust.pdf.lines import Line

_TIMES = re.compile(r"times|liberation ?serif|tinos|nimbus ?rom|termes", re.IGNORECASE)
"""Times New Roman and the faces with its metrics that programs put in its place."""

_SLACK = 1.2
"""Millimetres by which ink may differ from where a line begins."""
_ASCENT = 4.5
"""Millimetres between the top of a line and the ink of its capitals, at most; first lines also have room above them."""


def check_page(found: Layout) -> Iterator[Finding]:
    """Every rule on pages as a whole."""
    for size in found.sizes:
        width, height = size.width / MILLIMETRE, size.height / MILLIMETRE
        if abs(width - 210) > 1.5 or abs(height - 297) > 1.5:
            values = {"sheet": size.page + 1, "width": round(width), "height": round(height)}
            yield PAGE_SIZE.within(size.page, Box(size.page, 0, 0, size.width, size.height), **values)
        else:
            yield from _margins(found, size.page)
            yield from _number(found, size.page)
    yield from _fonts(found.lines)
    yield from _content_size(found.content)


def _margins(found: Layout, page: int) -> Iterator[Finding]:
    apart = {id(each) for each in (found.page_numbers.get(page), *found.address) if each is not None}
    text = [line for line in found.lines if line.page == page and id(line) not in apart]
    if not text:
        return
    width, height = found.width(page), found.height(page)
    left, right = min(text, key=lambda line: line.box.left), max(text, key=lambda line: line.box.right)
    top, bottom = max(text, key=lambda line: line.box.top), min(text, key=lambda line: line.box.bottom)
    # Only lines that fill the width tell where the margins are set: a page of short paragraphs begins at the indent.
    full = [line for line in text if right.box.right - line.box.right < 2 and line.box.width > 0.6 * width]
    measured: list[tuple[Line, str, str, float, float, float, float, float]] = [
        (left, "trái", "left", left.box.left, 30, 35 if full else 999, _SLACK, _SLACK),
        (right, "phải", "right", width - right.box.right, 15, 20 if len(full) > 1 else 999, _SLACK, _SLACK),
        (top, "trên", "top", height - top.box.top, 20, 25 if page == 0 else 999, _SLACK, _ASCENT),
        (bottom, "dưới", "bottom", bottom.box.bottom, 20, 999, _SLACK, 0),
    ]
    for line, side_vi, side_en, points, low, high, less, more in measured:
        distance = points / MILLIMETRE
        if not low - less <= distance <= high + more:
            limits = {"trái": (30, 35), "phải": (15, 20)}.get(side_vi, (20, 25))
            yield MARGIN.at(
                line, side_vi=side_vi, side_en=side_en, sheet=page + 1, measured=f"{distance:.0f}", low=limits[0],
                high=limits[1],
            )  # fmt: skip


def _number(found: Layout, page: int) -> Iterator[Finding]:
    line = found.page_numbers.get(page)
    start = max((each for each in found.part_starts if each <= page), default=0)
    first = page == start
    if line is None:
        # A part of one page needs none, and nothing is told on pages without text.
        if not first and any(each.page == page for each in found.lines):
            yield PAGE_NUMBER.within(page, None, sheet=page + 1, what_vi="không có", what_en="is missing")
        return
    if page == 0:
        yield PAGE_NUMBER.at(line, sheet=1, what_vi="không được hiển thị", what_en="must not be shown")
        return
    if line.box.bottom < found.height(page) / 2 or abs(middle(line) - found.width(page) / 2) > 12 * MILLIMETRE:
        yield PAGE_NUMBER.at(
            line, sheet=page + 1, what_vi="không ở giữa lề trên", what_en="is not centred in the top margin"
        )
    if not line.text.isdigit() or int(line.text) not in {page + 1, page - start + 1}:
        what_vi, what_en = f"ghi «{line.text}», không đúng thứ tự", f"reads “{line.text}”, out of order"
        yield PAGE_NUMBER.at(line, sheet=page + 1, what_vi=what_vi, what_en=what_en)
    if not 12.7 <= line.size <= 14.3 or line.bold or line.italic:
        what_vi, what_en = "phải cỡ 13–14, kiểu đứng", "must be upright, size 13–14"
        yield PAGE_NUMBER.at(line, sheet=page + 1, what_vi=what_vi, what_en=what_en)


def _fonts(lines: Sequence[Line]) -> Iterator[Finding]:
    """Each wrong font once, where it first stands."""
    told: set[str] = set()
    for line in lines:
        family = re.split(r"[-,]", line.font)[0] or line.font
        if line.font and family not in told and not _TIMES.search(line.font):
            told.add(family)
            yield FONT.at(line, font=family)


def _content_size(content: Sequence[Line]) -> Iterator[Finding]:
    """The size of most of the content; tables and notes may be smaller."""
    letters: Counter[float] = Counter()
    for line in content:
        letters[line.size] += len(line.text)
    if not letters:
        return
    usual = letters.most_common(1)[0][0]
    names = {"part_vi": "Nội dung văn bản", "part_en": "The content"}
    for line in content:
        if not 12.7 <= line.size <= 14.3 and (line.size == usual or line.size > 14.3):
            yield SIZE.at(line, size=f"{line.size:g}", allowed="13–14", **names)
            return
