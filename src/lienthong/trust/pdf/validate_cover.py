"""Signatures that were added later, by persons, over the text of the page: they may hide what others signed.

A field that stood there when the first signature was made was seen by its signer; an agency's late field (number and
date where no place was planned) answers for itself. What is left is a person's new picture over text, which no
difference analysis objects to, since signing is allowed. It is the shadow attack by way of a signature field.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import BinaryIO

from pyhanko.pdf_utils.reader import PdfFileReader

from lienthong.base.errors import Refused
from lienthong.trust.pdf.pdfium import opened
from lienthong.trust.pdf.validate_changes import Widget, is_planned, widget_of
from lienthong.trust.pdf.validate_file import DAMAGED, Embedded
from lienthong.trust.validation.indications import SubIndication as Sub
from lienthong.trust.validation.model import Finding, Role, bad

_SLACK = 1.0
"""Points by which a picture may touch a line of text."""


def text_findings(
    stream: BinaryIO,
    reader: PdfFileReader,
    items: Sequence[Embedded],
    roles: Sequence[Role],
    known: Mapping[int, list[Finding]],
) -> dict[int, list[Finding]]:
    """By position in ``items``: later unplanned pictures of persons over text. ``known``: what was found before."""
    found: dict[int, list[Finding]] = {}
    sound = [item for item in items if item.signature is not None]
    for position, item in enumerate(items):
        widget = widget_of(item)
        if widget is None or not sound or item is sound[0] or roles[position] is Role.AGENCY:
            continue
        if is_planned(reader.get_historical_resolver(sound[0].revision), item, widget):
            continue
        if _covers_text(stream, reader, widget):
            vi = f"Hình chữ ký «{item.name}» được thêm sau và nằm trên nội dung văn bản."
            en = f"The picture of the signature “{item.name}” was added later and lies over the text."
            found[position] = [*known.get(position, []), bad("pdf.cover", Sub.GENERIC, vi, en)]
    return found


def _covers_text(stream: BinaryIO, reader: PdfFileReader, widget: Widget) -> bool:
    """Whether any line of the page's own text lies under the widget; True also when that cannot be told."""
    try:
        number = next(index for index, page in enumerate(_pages(reader)) if page == widget.page)
        with opened(stream) as document:
            text = document[number].get_textpage()
            boxes = [text.get_rect(index) for index in range(text.count_rects())]
    except (*DAMAGED, StopIteration, Refused):
        return True
    return any(_under(box, widget.rect) for box in boxes)


def _under(box: tuple[float, float, float, float], rect: tuple[float, float, float, float]) -> bool:
    wide = min(box[2], rect[2]) - max(box[0], rect[0])
    high = min(box[3], rect[3]) - max(box[1], rect[1])
    return wide > _SLACK and high > _SLACK


def _pages(reader: PdfFileReader) -> Iterable[int]:
    """Object numbers of the pages, in order."""
    waiting = [reader.root.raw_get("/Pages")]
    seen: set[int] = set()
    while waiting:
        ref = waiting.pop(0)
        if ref.idnum in seen:
            return
        seen.add(ref.idnum)
        node = ref.get_object()
        if "/Kids" in node:
            waiting = [node["/Kids"].raw_get(index) for index in range(len(node["/Kids"]))] + waiting
        else:
            yield ref.idnum
