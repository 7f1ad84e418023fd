"""The paragraphs of a document as texts, from its Word file or from the lines of its pages."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import cast

import docx
from docx.document import Document
from docx.opc.exceptions import PackageNotFoundError
from docx.oxml.ns import qn
from docx.oxml.text.paragraph import CT_P
from docx.oxml.text.run import CT_R
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.text.paragraph import Paragraph
from docx.text.run import Run
from docx.types import ProvidesStoryPart

from lienthong.base.errors import Refused
from lienthong.base.text import one_line
from lienthong.office.form.errors import DOCX_NOT_READABLE
from lienthong.trust.pdf.lines import Line

MOST_BYTES = 200_000_000
"""Unpacked: what a Word file of this size cannot be is a document of an office."""


def open_docx(data: bytes) -> Document:
    """The document of a Word file. Refuses: DOCX_NOT_READABLE, also for one that unpacks to more than it may."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            if sum(part.file_size for part in parts.infolist()) > MOST_BYTES:
                raise Refused(DOCX_NOT_READABLE, reason="tệp nén quá lớn (it unpacks to too much)")
        return docx.Document(io.BytesIO(data))
    # The library raises whatever a damaged part of a foreign file meets; its XML reader raises syntax errors.
    except (zipfile.BadZipFile, PackageNotFoundError, KeyError, ValueError, TypeError, AttributeError, SyntaxError,
            NotImplementedError, RuntimeError, EOFError, OSError, zlib.error) as error:  # fmt: skip
        raise Refused(DOCX_NOT_READABLE, reason=one_line(str(error), 120) or type(error).__name__) from error


def paragraphs_of_docx(data: bytes) -> tuple[str, ...]:
    """The paragraphs with their blanks as typed, those of tables in reading order. Refuses: DOCX_NOT_READABLE."""
    return tuple(text_of(paragraph) for paragraph in every_paragraph(open_docx(data)))


def every_paragraph(document: Document) -> Iterator[Paragraph]:
    """Paragraphs of the body, then of headers and footers; also those in tables, text boxes and content controls."""
    yield from _below(document.element.body, document)
    seen: set[object] = set()
    for section in document.sections:
        for part in (
            section.header, section.first_page_header, section.even_page_header,
            section.footer, section.first_page_footer, section.even_page_footer,
        ):  # fmt: skip
            if not part.is_linked_to_previous and part._element not in seen:
                seen.add(part._element)
                yield from _below(part._element, part)


def runs_of(paragraph: Paragraph) -> list[Run]:
    """The runs of a paragraph in their order, those in links and content controls as well; not those of a text box."""
    own = paragraph._p
    found = [each for each in own.iter(qn("w:r")) if next(each.iterancestors(qn("w:p")), None) is own]
    return [Run(cast(CT_R, each), paragraph) for each in found]


def text_of(paragraph: Paragraph) -> str:
    """What a paragraph says."""
    return "".join(run.text for run in runs_of(paragraph))


def _below(element: BaseOxmlElement, parent: ProvidesStoryPart) -> Iterator[Paragraph]:
    for each in element.iter(qn("w:p")):
        yield Paragraph(cast(CT_P, each), parent)


def paragraphs_of_lines(lines: Sequence[Line]) -> tuple[str, ...]:
    """Lines joined to paragraphs: one that begins at the margin, close under a full one of the same type, goes on."""
    paragraphs: list[list[Line]] = []
    margins = {
        page: min(each.box.left for each in lines if each.page == page) for page in {line.page for line in lines}
    }
    for line in lines:
        last = paragraphs[-1][-1] if paragraphs else None
        if last is not None and _goes_on(last, line, margins[line.page]):
            paragraphs[-1].append(line)
        else:
            paragraphs.append([line])
    return tuple(_join(line.text for line in each) for each in paragraphs)


def _goes_on(last: Line, line: Line, margin: float) -> bool:
    same = (last.size, last.bold, last.italic) == (line.size, line.bold, line.italic)
    close = last.page == line.page and 0 < last.box.bottom - line.box.bottom < 1.8 * line.size
    full = last.box.right > line.box.left + 0.5 * line.box.width and last.box.width > 300
    return same and close and full and line.box.left < margin + 6


def _join(texts: Iterable[str]) -> str:
    return " ".join(texts)
