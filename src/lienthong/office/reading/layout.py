"""The first page taken apart: what stands left and right in its heading, and what below.

Decree 30/2020 Appendix I puts issuer and number left, national name and date right. Lines that recognition read across
both columns are cut where the right one begins.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from lienthong.office.reading.spelling import flat, plain, without_specks
from lienthong.trust.pdf.anchors import Box
from lienthong.trust.pdf.lines import Line

_NATION = re.compile(r"\S{1,2}ng\s+h\w{1,2}\s+x\w\s+h\w{1,2}\s+ch|doc l.p\W+t. do|dang cong san viet nam")
_PLACE_AND_DATE = re.compile(r"(?<=\s)(?:[^\W\d]+\.?\s){1,5}[^\W\d]*\s?[,.]\s*ngay\b")
_BODY = re.compile(r"can cu\b|kinh gui\b|dieu\s+[1il]\b|thuc hien\b")
_HEADING = 200.0
NEAR = 12.0
"""Points by which middles of centred rows differ at most."""


@dataclass(frozen=True, slots=True)
class Text:
    """A line with its text made plain, and that without marks, character for character."""

    line: Line
    plain: str
    flat: str

    @property
    def box(self) -> Box:
        return self.line.box

    @property
    def recognised(self) -> bool:
        """Whether the text was recognised from a picture: then no face is known."""
        return not self.line.font

    @property
    def middle(self) -> float:
        return (self.line.box.left + self.line.box.right) / 2

    @property
    def height(self) -> float:
        return (self.line.box.bottom + self.line.box.top) / 2

    def cut(self, start: int, end: int | None = None) -> Text:
        """A part of the line, its box in proportion."""
        end = len(self.plain) if end is None else end
        box, width = self.line.box, self.line.box.width / max(1, len(self.plain))
        part = replace(box, left=box.left + width * start, right=box.left + width * end)
        return text_of(replace(self.line, text=self.plain[start:end].strip(), box=part))


@dataclass(frozen=True, slots=True)
class Sheet:
    """The first page. ``middle``: where the right column of the heading begins; ``centre``: of all that is on it."""

    left: tuple[Text, ...]
    right: tuple[Text, ...]
    rows: tuple[Text, ...]
    middle: float
    centre: float
    heading_end: float


def text_of(line: Line) -> Text:
    made = plain(line.text) if line.font else without_specks(plain(line.text))
    return Text(line, made, flat(made))


def texts_of(lines: Sequence[Line]) -> list[Text]:
    """Lines that hold anything, page after page, each page from top to bottom whatever order they came in."""
    found = [text for line in lines if any(map(str.isalnum, (text := text_of(line)).plain))]
    return sorted(found, key=lambda text: (text.box.page, -text.height, text.box.left))


def sheet_of(page: Sequence[Text]) -> Sheet:
    """The heading of a first page ends where its content begins; without any sign of that, at two fifths."""
    if not page:
        return Sheet((), (), (), 0.0, 0.0, 0.0)
    left, right = min(text.box.left for text in page), max(text.box.right for text in page)
    nation = [(text, hit) for text in page if (hit := _NATION.search(text.flat))]
    middle = min((_begin(text, hit) for text, hit in nation), default=(left + right) / 2)
    if not left < middle < right:
        middle = (left + right) / 2
    rows = [part for text in page for part in _columns(text, middle)]
    top, bottom = max(text.box.top for text in rows), min(text.box.bottom for text in rows)
    body = [text.height for text in rows if _BODY.match(text.flat)]
    end = max(body) if body else top - max((top - bottom) * 0.4, _HEADING)
    heading = [text for text in rows if text.height > end]
    # A centred row of the issuer may reach a little under the national name; where a row's middle is decides.
    return Sheet(
        tuple(text for text in heading if text.middle < middle),
        tuple(text for text in heading if text.middle >= middle),
        tuple(rows),
        middle,
        (left + right) / 2,
        end,
    )


def _begin(text: Text, hit: re.Match[str]) -> float:
    return text.box.left + text.box.width * hit.start() / max(1, len(text.plain))


def _columns(text: Text, middle: float) -> list[Text]:
    """A row that reaches from the left over into the right column, in two."""
    if not text.box.left < middle < text.box.right:
        return [text]
    for pattern in (_NATION, _PLACE_AND_DATE):
        hit = pattern.search(text.flat)
        if (
            hit is not None
            and hit.start() > 2
            and (pattern is _NATION or re.search(r"[/:\d]", text.plain[: hit.start()]))
        ):
            return [text.cut(0, hit.start()), text.cut(hit.start())]
    return [text]


def follows(above: Text, below: Text, leading: float = 1.9) -> bool:
    """Whether a row stands right below another: no more apart than ``leading`` times the type."""
    size = max(above.line.size, below.line.size, 6.0)
    return 0 < above.height - below.height <= leading * size and above.box.page == below.box.page
