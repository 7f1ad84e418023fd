"""The content of a document: paragraphs, articles, numbered headings, lists and tables.

Source: Decree 30/2020/NĐ-CP Appendix I part II.6 (justified, first line 1.27 cm, at least 6 points between paragraphs,
single to one and a half lines; legal bases in italics). Numbers of articles and headings are given here, so that they
cannot have gaps.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from docx.document import Document
from docx.text.paragraph import Paragraph as WordParagraph

from lienthong.office.form.metrics import CONTENT, MILLIMETRE, TABLE, TEXT_WIDTH, width
from lienthong.office.form.model import Article, Block, Bullet, Chapter, Clause, Heading, Paragraph, Table
from lienthong.office.form.word import Look, add, grid, repeat_head, run

INDENT = 12.7 * MILLIMETRE
TEXT = Look(CONTENT, "justify", first=INDENT, before=6, lines=1.1)
POINTS = "abcdđeghiklmnopqrstuvxy"
"""Letters of points, in Vietnamese order."""

ENDING = "./."
_ROMAN = ((10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))


def roman(number: int) -> str:
    """Roman numerals of headings, chapters and appendices."""
    text = ""
    for value, sign in _ROMAN:
        while number >= value:
            text, number = text + sign, number - value
    return text


@dataclass(slots=True)
class _Counters:
    chapter: int = 0
    article: int = 0
    headings: tuple[int, int, int] = (0, 0, 0)

    def heading(self, level: int) -> str:
        counts = list(self.headings)
        counts[level - 1] += 1
        counts[level:] = [0] * (3 - level)
        self.headings = (counts[0], counts[1], counts[2])
        number = counts[level - 1]
        return (f"{roman(number)}.", f"{number}.", f"{POINTS[(number - 1) % len(POINTS)]})")[level - 1]


def write_body(document: Document, blocks: Iterable[Block], *, ending: bool = False) -> None:
    """Lay out the content. ``ending``: the last paragraph ends with «./.» as that of the document does."""
    counters = _Counters()
    last: WordParagraph | None = None
    for block in blocks:
        last = _write(document, block, counters)
    if ending and last is not None:
        _finish(last)


def write_bases(document: Document, bases: Sequence[str], *, closing: str = ".") -> None:
    """Legal bases: italic, each with a semicolon, the last with ``closing``."""
    for place, base in enumerate(bases, start=1):
        mark = closing if place == len(bases) else ";"
        add(document, base.rstrip(" ;.,") + mark, TEXT.but(italic=True))


def write_addressees(document: Document, addressees: Sequence[str]) -> None:
    """«Kính gửi:» one body on the same line, several below each other with their dashes under the colon."""
    label = "Kính gửi:"
    if len(addressees) == 1:
        add(document, f"{label} {addressees[0]}", Look(CONTENT, "centre", before=18, after=6))
        return
    rows = [f"- {name.rstrip(' ;.')}{'.' if last else ';'}" for name, last in _with_last(addressees)]
    longest = max(width(row, CONTENT) for row in rows)
    colon = width("Kính gửi", CONTENT)
    left = max(0.0, (TEXT_WIDTH - colon - longest) / 2)
    add(document, label, Look(CONTENT, indent=left, before=18, together=True))
    hanging = width("- ", CONTENT)
    for place, row in enumerate(rows, start=1):
        look = Look(CONTENT, indent=left + colon + hanging, first=-hanging, before=3)
        add(document, row, look.but(after=6 if place == len(rows) else 0))


def _with_last(rows: Sequence[str]) -> Iterable[tuple[str, bool]]:
    return ((row, place == len(rows)) for place, row in enumerate(rows, start=1))


def _write(document: Document, block: Block, counters: _Counters) -> WordParagraph | None:
    if isinstance(block, Paragraph):
        return add(document, block.text, TEXT.but(first=0) if block.plain else TEXT)
    if isinstance(block, Bullet):
        return add(document, f"- {block.text}", TEXT)
    if isinstance(block, Heading):
        text = block.text.upper() if block.level == 1 else block.text
        look = TEXT.but(bold=block.level < 3, together=True, outline=block.level)
        return add(document, f"{counters.heading(block.level)} {text}", look)
    if isinstance(block, Chapter):
        counters.chapter += 1
        look = Look(CONTENT, "centre", bold=True, before=12, together=True, outline=1)
        add(document, f"Chương {roman(counters.chapter)}", look)
        return add(document, block.title.upper(), look.but(before=0, after=6, outline=None))
    if isinstance(block, Table):
        _table(document, block)
        return None
    counters.article += 1
    return _article(document, block, counters.article)


def _article(document: Document, article: Article, number: int) -> WordParagraph:
    last = add(document, "", TEXT.but(together=bool(article.clauses), outline=2 if article.titled else None))
    run(last, f"Điều {number}.", TEXT.but(bold=True))
    run(last, f" {article.text}", TEXT.but(bold=article.titled))
    for place, clause in enumerate(article.clauses, start=1):
        last = _clause(document, clause, place)
    return last


def _clause(document: Document, clause: Clause, number: int) -> WordParagraph:
    last = add(document, f"{number}. {clause.text}", TEXT)
    for letter, point in zip(POINTS, clause.points, strict=False):
        last = add(document, f"{letter}) {point}", TEXT)
    return last


def _table(document: Document, block: Table) -> None:
    shares = block.widths or (1.0,) * len(block.head)
    widths = [TEXT_WIDTH * share / sum(shares) for share in shares]
    add(document, "", Look(4))
    table = grid(document, widths, rows=len(block.rows) + 1, lines=True)
    repeat_head(table)
    for cell, text in zip(table.rows[0].cells, block.head, strict=True):
        add(cell, text, Look(TABLE, "centre", bold=True, before=2, after=2))
    for row, texts in zip(table.rows[1:], block.rows, strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            add(cell, text, Look(TABLE, "centre" if text.isdigit() else "left", before=2, after=2))


def _finish(paragraph: WordParagraph) -> None:
    final = paragraph.runs[-1]
    final.text = final.text.rstrip(" .;,/") + ENDING
    # The signature never stands alone on a page: at least the last paragraph goes with it.
    paragraph.paragraph_format.keep_with_next = True
