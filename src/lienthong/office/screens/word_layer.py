"""The words of a page as a drawing of nothing but text (SVG): laid over the page, it is selected, copied, read aloud.

Places stand in attributes of the drawing, not in styles, which the pages' content policy forbids.
"""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from lienthong.office.services.hits import Hit, Mark
from lienthong.trust.pdf.words import Row

_PAGE = Markup('<svg xmlns="http://www.w3.org/2000/svg" class="words" role="group" viewBox="0 0 {} {}">{}{}</svg>')
_ROW = Markup('<text y="{}" font-size="{}">{}</text>')
_WORD = Markup('<tspan x="{}" textLength="{}" lengthAdjust="spacingAndGlyphs">{}</tspan>')
_MARK = Markup('<rect class="words__hit" data-hit="{}" x="{}" y="{}" width="{}" height="{}" rx="1"/>')
_ABOVE, _BELOW, _AIR = 0.82, 0.24, 1.0
"""Of the size of the type: how far a mark reaches over and under the line of the letters; points at its sides."""
_NARROWEST = 0.5


def layer(rows: Sequence[Row], size: tuple[float, float], hits: Sequence[Hit] = ()) -> str:
    """The rows of a page of this width and height in points, its hits numbered from 0 and marked below the text."""
    width, height = size
    marks = [
        _mark(number, rows[mark.row], mark, height) for number, hit in enumerate(hits) for mark in hit.marks
    ]  # fmt: skip
    return str(_PAGE.format(_n(width), _n(height), Markup("").join(marks), Markup("").join(_rows(rows, height))))


def _rows(rows: Sequence[Row], height: float) -> list[Markup]:
    return [
        _ROW.format(_n(height - row.baseline), _n(row.size), Markup("").join(_words(row))) for row in rows if row.edges
    ]


def _words(row: Row) -> list[Markup]:
    """A word reaches to the beginning of the next, its blank included, so that what is selected has no holes."""
    words = _printable(row.text).split(" ")
    made = []
    for at, (word, (left, right)) in enumerate(zip(words, row.edges, strict=False)):
        follows = row.edges[at + 1][0] if at + 1 < len(row.edges) else None
        goes_on = follows is not None and follows > left
        end = follows if goes_on and follows is not None else right
        made.append(
            _WORD.format(_n(left), _n(max(end - left, _NARROWEST)), word + (" " if follows is not None else ""))
        )
    return made


def _mark(number: int, row: Row, mark: Mark, height: float) -> Markup:
    left, right = _place(row, mark.start) - _AIR, _place(row, mark.end) + _AIR
    top = row.baseline + _ABOVE * row.size
    return _MARK.format(
        number, _n(left), _n(height - top), _n(max(right - left, _NARROWEST)), _n((_ABOVE + _BELOW) * row.size)
    )


def _place(row: Row, at: int) -> float:
    """Where a character of a row stands: its share of the word that it is in, as if all were of one width."""
    start = 0
    for word, (left, right) in zip(row.text.split(" "), row.edges, strict=False):
        if at <= start + len(word):
            return left + (right - left) * max(at - start, 0) / max(len(word), 1)
        start += len(word) + 1
    return row.edges[-1][1]


def _printable(text: str) -> str:
    """Without what no XML document may hold."""
    return (
        text
        if text.isprintable()
        else "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in text)
    )


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
