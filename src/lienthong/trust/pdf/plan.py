"""The fields of a document, planned before anybody signs it (ADR 0006).

``SoNgay``: number and date, signed by the agency; ``NguoiKy01``, ``NguoiKy02``, …: persons; ``CoQuan``: the seal, which
the agency signs last. The agency's fields lock by name what is signed before them and themselves; persons' fields lock
nothing, because they may be signed with other tools. Nothing is certified.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import BinaryIO

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import FieldMDPAction, FieldMDPSpec, SigFieldSpec, append_signature_field

from lienthong.base.errors import Refused
from lienthong.base.text import one_line
from lienthong.trust.pdf.anchors import Box, Gap, Pages, pages_of, seal_box
from lienthong.trust.pdf.appearance import Line
from lienthong.trust.pdf.errors import NUMBER_NOT_PLACEABLE, PDF_FORBIDS_CHANGES
from lienthong.trust.pdf.files import open_reader, open_writer, require_signable, signed_fields
from lienthong.trust.pdf.fonts import Style
from lienthong.trust.pdf.tagging import tag_fields

NUMBER, PERSON, SEAL = "SoNgay", "NguoiKy", "CoQuan"
_LABELS = {NUMBER: "Số và ngày văn bản", SEAL: "Chữ ký số của cơ quan"}
SIZE = 13
"""Type size of number and date (Decree 30/2020 Appendix I, boxes 3 and 4)."""


_ONE_ROW = 20.0
"""Points by which the baselines of number and date may differ: two cells of one row of a table."""


def person_field(index: int) -> str:
    """The field of the person with this place in the order of signing, from 1."""
    return f"{PERSON}{index:02d}"


@dataclass(frozen=True, slots=True)
class Person:
    """Who signs, as the document prints it: the line of the position and the line of the name."""

    position: str
    name: str


@dataclass(frozen=True, slots=True)
class NumberPlace:
    """The row of number and date on page 1, and its blanks."""

    row: Box
    number: Gap
    day: Gap
    month: Gap
    year: int | None
    """The year that the document prints behind «năm», if it does."""

    def lines(self, number: str, when: date) -> tuple[Line, ...]:
        """What is painted into the blanks. Days below 10 and months 1 and 2 have a leading zero (Decree 30 art. 15).

        Refuses: NUMBER_NOT_PLACEABLE when a blank is too narrow or the document prints another year.
        """
        if self.year is not None and self.year != when.year:
            raise _not_placeable(f"văn bản in sẵn năm {self.year}", f"the document prints the year {self.year}")
        day, month = f"{when.day:02d}", f"{when.month:02d}" if when.month < 3 else str(when.month)
        rows: tuple[tuple[Gap, str, Style], ...] = (
            (self.number, number, "regular"), (self.day, day, "italic"), (self.month, month, "italic"),
        )  # fmt: skip
        return tuple(self._line(gap, text, style) for gap, text, style in rows)

    def _line(self, gap: Gap, text: str, style: Style) -> Line:
        line = Line(text, gap.middle - self.row.left, gap.baseline - self.row.bottom, SIZE, style, "centre")
        if line.width > gap.right - gap.left:
            raise _not_placeable(f"chỗ trống không đủ cho «{text}»", f"the blank is too narrow for “{text}”")
        return line


@dataclass(frozen=True, slots=True)
class Plan:
    """Boxes of the persons in the order of signing (the competent person last), of the number's row and of the seal."""

    persons: tuple[Box, ...]
    number: NumberPlace | None
    seal: Box


def find_plan(stream: BinaryIO, persons: Sequence[Person], *, numbered: bool = True) -> Plan:
    """The plan that the text of the document asks for. ``persons`` in the order of signing.

    ``numbered``: the number comes later; False for a document that has one already. Refuses: ANCHOR_NOT_FOUND.
    """
    with pages_of(stream) as pages:
        boxes = tuple(pages.between(each.position, each.name) for each in persons)
        place = number_place(pages) if numbered else None
    return Plan(boxes, place, seal_box(boxes[-1]))


def number_place(pages: Pages) -> NumberPlace:
    """The blanks «Số:      /…», «ngày    tháng    năm» on one row. Refuses: ANCHOR_NOT_FOUND, NUMBER_NOT_PLACEABLE."""
    number, day, month = pages.gap("Số:", "/"), pages.gap("ngày", "tháng"), pages.gap("tháng", "năm")
    # A date further down the page is of the content, and a field that spans both could cover half of it.
    if abs(day.baseline - month.baseline) > 1 or abs(number.baseline - day.baseline) > _ONE_ROW:
        raise _not_placeable("số và ngày không cùng một dòng", "number and date do not stand on one line")
    for gap in (number, day, month):
        written = pages.text_within(Box(0, gap.left + 1, gap.baseline - 2, gap.right - 1, gap.baseline + 8)).strip()
        if written:
            raise _not_placeable(f"chỗ trống đã có chữ «{one_line(written, 20)}»", "a blank is filled already")
    low, high = min(number.baseline, day.baseline), max(number.baseline, day.baseline)
    # Tight: what may still be painted after the first signature is this row and nothing else.
    row = Box(0, number.left - 2, low - 4, month.right + 2, high + SIZE).whole()
    behind = pages.text_within(Box(0, month.right, month.baseline - 2, month.right + 80, month.baseline + 8))
    year = re.search(r"năm\s*(\d{4})", behind)
    return NumberPlace(row, number, day, month, int(year[1]) if year else None)


def _not_placeable(vi: str, en: str) -> Refused:
    return Refused(NUMBER_NOT_PLACEABLE, why_vi=vi, why_en=en)


def write_plan(source: BinaryIO, target: BinaryIO, plan: Plan) -> None:
    """Add the empty fields of the plan to an unsigned document. Refuses as opening does, and PDF_FORBIDS_CHANGES."""
    reader = open_reader(source)
    require_signable(reader)
    if signed_fields(reader):
        raise Refused(
            PDF_FORBIDS_CHANGES,
            reason="văn bản đã có chữ ký; ô ký phải chuẩn bị trước chữ ký đầu tiên (already signed)",
        )
    writer = open_writer(source)
    persons = [person_field(index) for index in range(1, len(plan.persons) + 1)]
    if plan.number is not None:
        _add(writer, NUMBER, plan.number.row, _LABELS[NUMBER], [*persons, NUMBER])
    for name, box in zip(persons, plan.persons, strict=True):
        _add(writer, name, box, "Chữ ký của người có thẩm quyền", None)
    locked = [*persons, *([NUMBER] if plan.number is not None else []), SEAL]
    _add(writer, SEAL, plan.seal, _LABELS[SEAL], locked)
    tag_fields(writer)
    writer.write(target)


def _add(writer: IncrementalPdfFileWriter, name: str, box: Box, label: str, locked: list[str] | None) -> None:
    lock = FieldMDPSpec(FieldMDPAction.INCLUDE, locked) if locked else None
    spec = SigFieldSpec(
        name,
        on_page=box.page,
        box=(box.left, box.bottom, box.right, box.top),  # type: ignore[arg-type]  # points need not be whole
        readable_field_name=label,
        field_mdp_spec=lock,
    )
    append_signature_field(writer, spec)
