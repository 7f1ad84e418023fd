"""The words of pages with their places, packed into plain values that travel between processes and lie in a file.

A packed row is ``[text, bottom, top, size, [left, right, …]]``: a line of words apart by one space, its edges and the
size of its type in points from the lower left corner of the page as it is shown, and both edges of every word.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unicodedata import normalize

from lienthong.trust.pdf.lines import Line, read_lines

Packed = list[Any]
"""One row in plain values, as JSON has them."""

_HANGING = frozenset("gjpqyQ,;()[]{}|/@\N{COMBINING DOT BELOW}")
"""What reaches below the line that letters stand on."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of words on a page; measures in points from the lower left corner."""

    text: str
    bottom: float
    top: float
    size: float
    edges: Sequence[tuple[float, float]]

    @property
    def baseline(self) -> float:
        """What the letters stand on, told from the letters that hang below it."""
        hanging = 0.21 * self.size if _HANGING.intersection(normalize("NFD", self.text)) else 0.0
        return min(self.bottom + hanging, self.top)


def words_of_file(path: str, first: int, count: int) -> list[list[Packed]]:
    """The packed rows of ``count`` pages from ``first`` (from 0); fewer where the file ends.

    For a process apart. Refuses: PDF_NOT_READABLE, PDF_ENCRYPTED, PDF_HAS_NO_PAGES.
    """
    with Path(path).open("rb") as source:
        found = by_page(read_lines(source, range(first, first + count)))
    return [found.get(number + 1, []) for number in range(first, first + count)]


def by_page(lines: Iterable[Line]) -> Mapping[int, list[Packed]]:
    """The packed rows of each page (from 1) that has any, in the order given. Lines nobody measured are left out."""
    pages: dict[int, list[Packed]] = {}
    for line in lines:
        if line.edges:
            pages.setdefault(line.page + 1, []).append(_packed(line))
    return pages


def _packed(line: Line) -> Packed:
    edges = [round(edge, 1) for pair in line.edges for edge in pair]
    return [line.text, round(line.box.bottom, 1), round(line.box.top, 1), line.size, edges]


def unpacked(rows: Iterable[Packed]) -> list[Row]:
    """What :func:`by_page` packed."""
    return [
        Row(text, bottom, top, size, list(zip(edges[::2], edges[1::2], strict=True)))
        for text, bottom, top, size, edges in rows
    ]
