"""Words of a page and their places, compared with what poppler's pdftotext says about the same file."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
from html import unescape
from itertools import pairwise
from pathlib import Path

import pytest
from pikepdf import Pdf

from lienthong.base.errors import Refused
from lienthong.base.text import nfc
from lienthong.trust.pdf.anchors import Box
from lienthong.trust.pdf.lines import Word, lines_of_words
from lienthong.trust.pdf.words import Row, by_page, unpacked, words_of_file
from official_document import decision

_WORD = re.compile(r'<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">(.*?)</word>')
HEIGHT = 841.89
"""Of a page as it is shown, in points."""

Placed = tuple[str, float, float, float, float]
"""A word with its left, right, upper and lower edge, from the upper left corner."""


def by_poppler(path: Path, page: int) -> list[Placed]:
    """The words of a page (from 1)."""
    program = shutil.which("pdftotext")
    assert program, "poppler-utils is what these places are compared with"
    command = [program, "-bbox", "-f", str(page), "-l", str(page), str(path), "-"]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return [
        (nfc(unescape(text)), float(left), float(right), float(top), float(bottom))
        for left, top, right, bottom, text in _WORD.findall(said)
    ]


def ours(path: Path, page: int) -> list[Row]:
    return unpacked(words_of_file(str(path), page - 1, 1)[0])


def placed(rows: list[Row]) -> list[tuple[str, float, float, float]]:
    """Words with left, right and the line that they stand on."""
    return [
        (word, left, right, row.baseline)
        for row in rows
        for word, (left, right) in zip(row.text.split(" "), row.edges, strict=True)
    ]


@pytest.mark.parametrize(("page", "turn"), [(1, 0), (2, 0), (1, 90), (2, 270), (1, 180)])
def test_words_stand_where_another_reader_sees_them(tmp_path: Path, page: int, turn: int) -> None:
    path = tmp_path / "read.pdf"
    with Pdf.open(io.BytesIO(decision(pages=2))) as made:
        for each in made.pages:
            # The sheet is turned and what stands on it is turned back, as printers of landscape tables do.
            width, height = 595.28, HEIGHT
            back = {0: "1 0 0 1 0 0", 90: f"0 1 -1 0 {height} 0", 180: f"-1 0 0 -1 {width} {height}",
                    270: f"0 -1 1 0 0 {width}"}[turn]  # fmt: skip
            if turn in {90, 270}:
                each.MediaBox = [0, 0, height, width]
            each.contents_add(f"q {back} cm".encode(), prepend=True)
            each.contents_add(b"Q")
            each.Rotate = turn
        made.save(path)
    expected = by_poppler(path, page)
    found = placed(ours(path, page))
    assert len(expected) > 100
    for text, left, right, top, bottom in expected:
        near = [
            each for each in found
            if each[0] == text and abs(each[1] - left) < 2 and abs(each[2] - right) < 2
            and top < HEIGHT - each[3] < bottom + 1
        ]  # fmt: skip
        assert len(near) == 1, (text, left, top, [each for each in found if each[0] == text][:5])
    assert len(found) == len(expected)


def test_edges_belong_to_the_words_of_the_line_and_follow_one_another(tmp_path: Path) -> None:
    path = tmp_path / "read.pdf"
    path.write_bytes(decision())
    for row in ours(path, 1):
        assert len(row.edges) == len(row.text.split(" "))
        assert all(left < right for left, right in row.edges)
        assert all(before[1] <= after[0] + 0.5 for before, after in pairwise(row.edges))


def test_pages_beyond_the_end_have_no_words(tmp_path: Path) -> None:
    path = tmp_path / "read.pdf"
    path.write_bytes(decision(pages=2))
    assert [bool(each) for each in words_of_file(str(path), 1, 3)] == [True, False, False]


def test_recognised_words_keep_their_own_edges() -> None:
    words = [Word("Số:", Box(2, 70, 700, 90, 710)), Word("1312/VPCP", Box(2, 95, 699, 160, 711))]
    (packed,) = by_page(lines_of_words([words]))[3]
    (row,) = unpacked([packed])
    assert (row.text, list(row.edges)) == ("Số: 1312/VPCP", [(70, 90), (95, 160)])


@pytest.mark.parametrize("data", [b"%PDF-1.4 cut off", b""])
def test_a_damaged_file_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "read.pdf"
    path.write_bytes(data)
    with pytest.raises(Refused) as refusal:
        words_of_file(str(path), 0, 1)
    assert refusal.value.code.name == "PDF_NOT_READABLE"
