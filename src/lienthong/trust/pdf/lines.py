"""The lines of text that a reader sees on a page, with their places and their type.

Boxes are in PDF points from the lower left corner of the page as it is shown (a rotated page is turned, a cropped one
cut), which on ordinary pages is the page's own space. Columns side by side give lines of their own: the heading of an
official document has the issuer on the left and the national name on the right (Decree 30/2020 Appendix I). A page
that is only a picture gives no lines: its text has to be recognised first.
"""

from __future__ import annotations

import ctypes
import math
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median, median_low
from typing import BinaryIO

import pypdfium2
from pypdfium2 import raw

from lienthong.base.errors import Refused
from lienthong.base.text import nfc
from lienthong.trust.pdf.anchors import Box
from lienthong.trust.pdf.errors import PDF_HAS_NO_PAGES
from lienthong.trust.pdf.pdfium import opened

MOST_CHARACTERS = 30_000
"""Of a page; a page of an official document has some three thousand. What follows is not read."""
MOST_PAGES = 2_000

_SAME_ROW, _SAME_SIZE = 0.3, 1.6
"""Of the size of the type: how far baselines of one row lie apart; how much larger the largest type of a row may be."""
_SPACE, _JUMP, _COLUMN, _WIDER = 0.12, 0.5, 0.7, 2.2
"""Of the size: the least blank between words, what no letters of a word lie apart, the least blank between columns;
of the usual blank of the row: how much wider the latter is."""
_ITALIC, _FORCE_BOLD, _HEAVY = 1 << 6, 1 << 18, 600
_LEVEL = 10
"""Degrees that a line may lean, as on a crooked scan."""
_STROKED, _UNSEEN = 2, 3
"""Ways of painting text: with its outline, as bold of a face that has none; not at all, as scanners lay it over."""
_UNUSABLE = {0, 0xFFFE, 0xFFFF, 0xFFFD, 0xAD}
_MARKS = range(0x300, 0x370)
_ITEM_SIGNS, _CLOSING = set("-–—+•"), set(");:,")
_TO_FILL = ("số:", "số", "ngày", "tháng", "năm")
"""Words before a blank that somebody fills in with number or date: no gap between columns."""


_Edges = tuple[float, float, float, float]
"""Left, bottom, right, top."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text as it is seen. The type is that of most of its characters.

    ``page`` from 0; ``text`` composed, words apart by one space; ``size`` in points; ``font`` the face's name without
    the mark of a subset, empty for recognised text: of a picture, or laid unseen over one by a scanner. ``edges``: left
    and right of each word of ``text``; empty for a line that nobody measured so.
    """

    page: int
    text: str
    box: Box
    size: float
    font: str
    bold: bool
    italic: bool
    edges: tuple[tuple[float, float], ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class PageSize:
    """A page as it is shown: points, how many characters it holds, and the share that its largest picture covers."""

    page: int
    width: float
    height: float
    characters: int
    pictured: float

    @property
    def needs_recognition(self) -> bool:
        """A scan: a picture over most of the page, and no more text than a stamp or a note of a signature has."""
        return self.characters == 0 or (self.pictured > 0.6 and self.characters < 200)


@dataclass(frozen=True, slots=True)
class Word:
    """A word recognised in a picture of a page."""

    text: str
    box: Box


@dataclass(frozen=True, slots=True)
class _Style:
    font: str
    size: float
    bold: bool
    italic: bool
    level: bool
    baseline: float


@dataclass(slots=True)
class _Piece:
    """Characters that follow one another without a blank, of one style.

    ``begin``, ``end``: where the pen starts and stops, with the air of the first and last character.
    """

    style: _Style
    order: int
    spaced: bool
    left: float
    bottom: float
    right: float
    top: float
    begin: float
    end: float
    characters: list[str] = field(default_factory=list)

    def goes_on(self, box: _Edges) -> bool:
        """Whether a character next in the file stands next on the page."""
        near = abs(box[0] - self.right) < _JUMP * self.style.size
        return near and box[1] < self.top and self.bottom < box[3]

    def spaced_from(self, before: _Piece) -> bool:
        """The file's own blanks count between neighbours in the file; else the distance.

        Writers draw letters that a second font holds (ở, ử, ự) apart from the rest of their word and later.
        """
        gap = self.begin - before.end
        if self.order == before.order + 1 and gap < _JUMP * self.style.size:
            return self.spaced
        return gap > (_SPACE * 0.3 if self.spaced else _SPACE) * self.style.size

    def add(self, character: str, box: _Edges) -> None:
        self.characters.append(character)
        self.left, self.bottom = min(self.left, box[0]), min(self.bottom, box[1])
        self.right, self.top = max(self.right, box[2]), max(self.top, box[3])


@dataclass(frozen=True, slots=True)
class _Shown:
    """From the page's own space to what is seen of it."""

    left: float
    bottom: float
    width: float
    height: float
    rotation: int

    def point(self, x: float, y: float) -> tuple[float, float]:
        x, y = x - self.left, y - self.bottom
        if self.rotation == 90:
            return y, self.width - x
        if self.rotation == 180:
            return self.width - x, self.height - y
        return (self.height - y, x) if self.rotation == 270 else (x, y)

    def box(self, left: float, bottom: float, right: float, top: float) -> _Edges:
        if self.rotation == 0:
            return left - self.left, bottom - self.bottom, right - self.left, top - self.bottom
        (x1, y1), (x2, y2) = self.point(left, bottom), self.point(right, top)
        return min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)


def read_lines(source: BinaryIO, pages: int | Iterable[int] | None = None) -> list[Line]:
    """The lines of the first ``pages`` pages, or of the pages named (from 0), or of all up to :data:`MOST_PAGES`; in
    reading order.

    What fields and stamps show is read like the rest. Sideways text is left out. Refuses: PDF_NOT_READABLE,
    PDF_ENCRYPTED, PDF_HAS_NO_PAGES.
    """
    found: list[Line] = []
    with _opened(source) as document:
        count = len(document)
        most = min(count, MOST_PAGES)
        wanted = range(most if pages is None else min(pages, most)) if not isinstance(pages, Iterable) else pages
        for number in wanted:
            if 0 <= number < count:
                found += _lines_of(document, number)
    return found


def page_count(source: BinaryIO) -> int:
    """How many pages there are. Refuses as :func:`read_lines`."""
    with _opened(source) as document:
        return len(document)


def page_sizes(source: BinaryIO, pages: int = MOST_PAGES) -> list[PageSize]:
    """How large the first pages are and whether they hold text. Refuses as :func:`read_lines`."""
    with _opened(source) as document:
        return [_page_size(document, number) for number in range(min(len(document), pages))]


def page_size(source: BinaryIO, page: int) -> tuple[float, float]:
    """Width and height of one page (from 0), or of the first when there is none such. Refuses as :func:`read_lines`."""
    with _opened(source) as document:
        width, height = document.get_page_size(page if 0 <= page < len(document) else 0)
        return float(width), float(height)


def lines_of_words(rows: Iterable[Sequence[Word]]) -> list[Line]:
    """Rows of words recognised in a picture as lines, cut between columns; no face is known of them.

    The size of the type is estimated from the heights of the words.
    """
    found: list[Line] = []
    for row in rows:
        words = _without_specks(sorted(row, key=lambda word: word.box.left))
        if not words:
            continue
        size = round(median(word.box.height / _share(word.text) for word in words), 1) or 1.0
        style = _Style("", size, bold=False, italic=False, level=True, baseline=words[0].box.bottom)
        pieces = [
            _Piece(style, order, True, box.left, box.bottom, box.right, box.top, box.left, box.right, list(word.text))
            for order, word in enumerate(words)
            for box in [word.box]
        ]
        found += [_line(words[0].box.page, part) for part in _columns(pieces)]
    return sorted(found, key=lambda line: (line.page, -line.box.bottom, line.box.left))


def _without_specks(words: list[Word]) -> list[Word]:
    """A row without what specks, rules and borders at its ends were taken for; a dash before a word stays."""
    spelled = [at for at, word in enumerate(words) if any(map(str.isalnum, word.text))]
    if not spelled:
        return []
    first = spelled[0] - 1 if spelled[0] > 0 and words[spelled[0] - 1].text in _ITEM_SIGNS else spelled[0]
    last = spelled[-1]
    while last + 1 < len(words) and words[last + 1].text in _CLOSING:
        last += 1
    return words[first : last + 1]


def _share(word: str) -> float:
    """How much of its size a word is high: marks over capitals, capitals, small letters, and what hangs below."""
    apart = unicodedata.normalize("NFD", word)
    over = any(character.isupper() for character in apart) and any(map(unicodedata.combining, apart))
    tall = any(character.isupper() or character.isdigit() or character in "bdđfhklt/|" for character in apart)
    marked = any(unicodedata.combining(character) not in {0, 220} for character in apart)
    above = 0.9 if over else 0.67 if tall or marked else 0.46
    return above + (0.22 if any(character in "gjpqy,;()/|Q\N{COMBINING DOT BELOW}" for character in apart) else 0.0)


@contextmanager
def _opened(source: BinaryIO) -> Iterator[pypdfium2.PdfDocument]:
    with opened(source) as document:
        if len(document) < 1:
            raise Refused(PDF_HAS_NO_PAGES)
        yield document


def _page_size(document: pypdfium2.PdfDocument, number: int) -> PageSize:
    page = document[number]
    width, height = page.get_size()
    characters = sum(
        raw.FPDFText_GetUnicode(text, index) > 32
        for text in [page.get_textpage()]
        for index in range(min(text.count_chars(), MOST_CHARACTERS))
    )
    largest = 0.0
    for picture in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE]):
        left, bottom, right, top = picture.get_bounds()
        largest = max(largest, abs(right - left) * abs(top - bottom))
    return PageSize(number, width, height, characters, min(1.0, largest / max(width * height, 1.0)))


def _lines_of(document: pypdfium2.PdfDocument, number: int) -> list[Line]:
    page = document[number]
    if raw.FPDFPage_GetAnnotCount(page) > 0:
        # Number and date of a signed document stand in fields: as part of the page their text is read like the rest.
        raw.FPDFPage_Flatten(page, raw.FLAT_NORMALDISPLAY)
        page = document[number]
    left, bottom, right, top = page.get_cropbox()
    shown = _Shown(left, bottom, right - left, top - bottom, page.get_rotation())
    rows = _rows(_pieces(page.get_textpage(), shown))
    return [line for row in rows for part in _columns(row) if (line := _line(number, part)).text]


def _pieces(text: pypdfium2.PdfTextPage, shown: _Shown) -> list[_Piece]:
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    handle, unicode_of, box_of = text.raw, raw.FPDFText_GetUnicode, raw.FPDFText_GetCharBox
    pieces: list[_Piece] = []
    styles: dict[int, _Style] = {}
    edges: list[list[int]] = []
    current, spaced = None, True
    for index in range(min(text.count_chars(), MOST_CHARACTERS)):
        code = unicode_of(handle, index)
        if code in _UNUSABLE:
            continue
        if (character := chr(code)).isspace() or not character.isprintable():
            current, spaced = None, True
            continue
        if current is not None and code in _MARKS:
            # A mark written apart from its letter stands over or under it, out of the row of letters.
            current.characters.append(character)
            continue
        if not box_of(handle, index, left, right, bottom, top):
            continue
        box = shown.box(left.value, bottom.value, right.value, top.value)
        if current is None or not current.goes_on(box):
            # Type and baseline are asked for once for a word: asking for every character doubles the time.
            style = _style_of(text, index, styles, shown)
            current = _Piece(style, len(pieces), spaced, *box, begin=box[0], end=box[2])
            if not style.level:
                continue
            pieces.append(current)
            edges.append([index, index])
        current.add(character, box)
        edges[-1][1] = index
        spaced = False
    for piece, (first, last) in zip(pieces, edges, strict=True):
        piece.begin, piece.end = _advance(handle, first, shown)[0], _advance(handle, last, shown)[2]
    return pieces


def _advance(text: raw.FPDF_TEXTPAGE, index: int, shown: _Shown) -> _Edges:
    """The room of a character with its air: letters with a horn reach over into the blank that follows."""
    loose = raw.FS_RECTF()
    raw.FPDFText_GetLooseCharBox(text, index, loose)
    return shown.box(loose.left, loose.bottom, loose.right, loose.top)


def _style_of(text: pypdfium2.PdfTextPage, index: int, styles: dict[int, _Style], shown: _Shown) -> _Style:
    """The type of the drawing operation that a character belongs to: font, size and baseline stay the same in it."""
    owner = ctypes.cast(raw.FPDFText_GetTextObject(text, index), ctypes.c_void_p).value or 0
    if owner not in styles:
        styles[owner] = _style(text, index, shown)
    return styles[owner]


def _style(text: pypdfium2.PdfTextPage, index: int, shown: _Shown) -> _Style:
    flags, matrix, x, y = ctypes.c_int(), raw.FS_MATRIX(), ctypes.c_double(), ctypes.c_double()
    name = ctypes.create_string_buffer(128)
    raw.FPDFText_GetFontInfo(text, index, name, len(name), flags)
    raw.FPDFText_GetMatrix(text, index, matrix)
    raw.FPDFText_GetCharOrigin(text, index, x, y)
    font = name.value.decode("utf-8", "replace")
    if font[6:7] == "+":
        font = font[7:]
    lower = font.lower()
    scale = math.hypot(matrix.c, matrix.d) or 1.0
    turned = (math.degrees(math.atan2(matrix.b, matrix.a)) - shown.rotation + 180) % 360 - 180
    slanted = matrix.b == 0 and matrix.d != 0 and 0.1 < matrix.c / matrix.d < 0.6
    drawn = raw.FPDFTextObj_GetTextRenderMode(raw.FPDFText_GetTextObject(text, index))
    heavy = raw.FPDFText_GetFontWeight(text, index) >= _HEAVY or bool(flags.value & _FORCE_BOLD) or drawn == _STROKED
    return _Style(
        font="" if drawn == _UNSEEN else font,
        size=round(raw.FPDFText_GetFontSize(text, index) * scale, 2) or 1.0,
        bold="bold" in lower or "black" in lower or heavy,
        italic="italic" in lower or "oblique" in lower or bool(flags.value & _ITALIC) or slanted,
        level=abs(turned) < _LEVEL,
        baseline=shown.point(x.value, y.value)[1],
    )


def _rows(pieces: list[_Piece]) -> list[list[_Piece]]:
    """Pieces on one baseline, from top to bottom."""
    rows: list[list[_Piece]] = []
    for piece in sorted(pieces, key=lambda each: -each.style.baseline):
        for row in reversed(rows[-3:]):
            one, other = row[0].style, piece.style
            near = abs(one.baseline - other.baseline) <= _SAME_ROW * min(one.size, other.size)
            if near and max(one.size, other.size) <= _SAME_SIZE * min(one.size, other.size):
                row.append(piece)
                break
        else:
            rows.append([piece])
    return [sorted(row, key=lambda each: each.left) for row in rows]


def _columns(row: list[_Piece]) -> Iterator[list[_Piece]]:
    """A row cut where its blank is wide, and wider than the blanks that a justified line has between its words."""
    gaps = [after.begin - before.end for before, after in pairwise(row)]
    size = max(piece.style.size for piece in row)
    blanks = [gap for gap in gaps if gap > _SPACE * size]
    usual = min(median_low(blanks), _COLUMN * size) if blanks else 0.0
    least = max(_COLUMN * size, _WIDER * usual)
    part = [row[0]]
    for gap, piece in zip(gaps, row[1:], strict=True):
        if gap > least and not _to_fill(part, piece):
            yield part
            part = []
        part.append(piece)
    yield part


def _to_fill(part: list[_Piece], after: _Piece) -> bool:
    left, right = nfc("".join(part[-1].characters)).lower(), nfc("".join(after.characters)).lower()
    return left in _TO_FILL or right.startswith("/") or right in _TO_FILL[3:]


def _line(page: int, pieces: list[_Piece]) -> Line:
    words: list[str] = []
    edges: list[tuple[float, float]] = []
    sizes: Counter[float] = Counter()
    fonts: Counter[str] = Counter()
    bold = italic = total = 0
    before: _Piece | None = None
    for piece in pieces:
        style, count = piece.style, len(piece.characters)
        if before is None or piece.spaced_from(before):
            words += [" "] * bool(edges)
            edges.append((piece.left, piece.right))
        else:
            edges[-1] = min(edges[-1][0], piece.left), max(edges[-1][1], piece.right)
        words.append("".join(piece.characters))
        sizes[style.size] += count
        fonts[style.font] += count
        bold, italic, total = bold + count * style.bold, italic + count * style.italic, total + count
        before = piece
    return Line(
        page=page,
        text=nfc("".join(words)),
        box=Box(
            page,
            min(piece.left for piece in pieces), min(piece.bottom for piece in pieces),
            max(piece.right for piece in pieces), max(piece.top for piece in pieces),
        ),
        size=sizes.most_common(1)[0][0],
        font=fonts.most_common(1)[0][0],
        bold=bold * 2 > total,
        italic=italic * 2 > total,
        edges=tuple(edges),
    )  # fmt: skip
