"""The signatures that Decree 30/2020 knows: persons, number and date, seal, attachments, copies, arrival.

Source: Decree 30/2020 Appendix I (place, colour and text of each), articles 17, 25 and 32; ADR 0006 for the order.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import Enum
from typing import BinaryIO

from pyhanko.pdf_utils.reader import PdfFileReader

from lienthong.base.clock import VIETNAM
from lienthong.base.errors import Refused
from lienthong.trust.pdf.anchors import MILLIMETRE, Box, pages_of
from lienthong.trust.pdf.appearance import RED, Drawn, Line
from lienthong.trust.pdf.errors import NO_FREE_PLACE, PDF_FIELD_MISSING
from lienthong.trust.pdf.files import all_fields, first_page_boxes, open_reader, signed_fields
from lienthong.trust.pdf.images import Picture
from lienthong.trust.pdf.places import STAMP_SIZES, free_box
from lienthong.trust.pdf.plan import NUMBER, PERSON, SEAL, number_place
from lienthong.trust.pdf.signing import Step

_COPY, _ATTACHMENT, _ARRIVAL = "BanSao", "DinhKem", "Den"
_SMALL = 10
"""Type size on attachments and copies (Decree 30/2020 Appendix I)."""
_INSET = 6
_SMALLEST_PART = 0.7
"""Points between the frame of a stamp and its text; how much smaller a long line of it may become."""
_MARGIN = 6 * MILLIMETRE
_CORNER_WIDTH = 72 * MILLIMETRE


class Copy(Enum):
    """Kinds of copies (Decree 30/2020 article 25), as they are named on the copy."""

    TRUE_COPY = "Sao y"
    COPY_OF_COPY = "Sao lục"
    EXTRACT = "Trích sao"


def written_time(at: datetime) -> str:
    """Signing time with the zone of Vietnam after ISO 8601: ``12/07/2026 14:05:09 +07:00``."""
    return f"{at.astimezone(VIETNAM):%d/%m/%Y %H:%M:%S} +07:00"


def next_person(source: BinaryIO) -> str:
    """The first planned field of a person that is not signed. Refuses: PDF_FIELD_MISSING."""
    fields = all_fields(open_reader(source))
    for name in sorted(fields):
        if name.startswith(PERSON) and not fields[name]:
            return name
    raise Refused(PDF_FIELD_MISSING, field=f"{PERSON}…")


def person(field: str, picture: Picture | None) -> Step:
    """The competent person: the image of the handwriting, blue, no text. Locks nothing."""
    return Step(field, Drawn(pictures=(picture,) if picture else ()))


def number(source: BinaryIO, written: str, when: date, symbol: str, place: str) -> Step:
    """Number and date by the agency's key. ``written``: ``15``, ``05``, ``15a``.

    Refuses: ANCHOR_NOT_FOUND, NUMBER_NOT_PLACEABLE.
    """
    with pages_of(source) as pages:
        row = number_place(pages)
    persons = tuple(name for name in signed_fields(open_reader(source)) if name.startswith(PERSON))
    return Step(
        NUMBER, Drawn(lines=row.lines(written, when)), reason=numbered(written, symbol, when), place=place or None,
        locks=(*persons, NUMBER), new=row.row, label="Số và ngày văn bản",
    )  # fmt: skip


def seal(source: BinaryIO, picture: Picture | None, reason: str | None = None, place: str | None = None) -> Step:
    """The agency's seal, last, locking by name all that was signed before it."""
    signed = tuple(name for name in signed_fields(open_reader(source)) if name.startswith(PERSON) or name == NUMBER)
    drawn = Drawn(pictures=(picture,) if picture else ())
    return Step(SEAL, drawn, reason=reason, place=place, locks=(*signed, SEAL))


def attachment(source: BinaryIO, document: str, at: datetime) -> Step:
    """The agency on an attachment in a file of its own: number and symbol of the main document, time; no image."""
    return _corner(source, _ATTACHMENT, (document, written_time(at)), "Chữ ký số của cơ quan trên phụ lục")


def copy(source: BinaryIO, kind: Copy, agency: str, at: datetime) -> Step:
    """The agency on an electronic copy: kind of copy, name of the agency, time; no image."""
    return _corner(source, _COPY, (kind.value, agency, written_time(at)), "Chữ ký số của cơ quan sao văn bản")


@dataclass(frozen=True, slots=True)
class ArrivalStamp:
    """What the stamp «ĐẾN» says. ``written``: the arrival number. ``passed_to``: the unit or person that it went to;
    ``dossier``: number and symbol of its dossier; both are left to be written by hand while they are not known."""

    agency: str
    written: str
    at: datetime
    passed_to: str = ""
    dossier: str = ""
    note: str = ""


def arrival(source: BinaryIO, agency: str, written: str, at: datetime) -> Step:
    """The stamp «ĐẾN» of the receiving agency, with its number and day, in free room on the first page (Appendix IV).

    Only on request: the register has the number, and most agencies leave what they received alone. A page that is full
    takes no stamp. Refuses: NO_FREE_PLACE, TEXT_NOT_SHOWABLE.
    """
    box, drawn = arrival_stamp(source, ArrivalStamp(agency, written, at))
    reason = f"Số đến {written} ngày {_day(at)}"
    return Step(_free_name(open_reader(source), _ARRIVAL), drawn, reason=reason, new=box, label="Dấu đến")


def arrival_stamp(source: BinaryIO, said: ArrivalStamp) -> tuple[Box, Drawn]:
    """Where the stamp «ĐẾN» fits on the first page, and what it shows. Refuses: NO_FREE_PLACE, TEXT_NOT_SHOWABLE.

    Lines and size (35 × 50 mm): Decree 30/2020 Appendix IV; on a page with less room all of it is smaller.
    """
    box = free_box(source)
    if box is None:
        raise Refused(NO_FREE_PLACE)
    part, centre, room = box.height / STAMP_SIZES[0][1], box.width / 2, box.width - 2 * _INSET
    values = ((f"Số: {said.written}", ""), (f"Ngày: {_day(said.at)}", ""), ("Chuyển:", said.passed_to),
              ("Số và ký hiệu HS:", said.dossier))  # fmt: skip
    name = Line(said.agency.upper(), centre, box.height - 13 * part, 8 * part, "bold", "centre")
    lines = [
        replace(name, size=name.size * min(1, room / name.width)),
        Line("ĐẾN", centre, box.height - 29 * part, 14 * part, "bold", "centre"),
    ]
    for row, (label, value) in enumerate(values):
        plain = Line(label, _INSET, box.height - (45 + 14 * row) * part, _SMALL * part)
        lines.append(_narrowed(replace(plain, text=f"{label} {value}"), room) if value else _dotted(plain, room))
    if said.note:
        lines.append(_narrowed(Line(said.note, centre, 3 * part, 6 * part, "italic", "centre"), room))
    return box, Drawn(lines=tuple(lines), colour=RED, framed=True)


def _narrowed(line: Line, room: float) -> Line:
    """The line in smaller type where it is too long, and cut where it could no longer be read."""
    smallest = line.size * _SMALLEST_PART
    if line.width > room:
        line = replace(line, size=max(smallest, line.size * room / line.width))
    text = line.text
    while line.width > room and len(text) > 1:
        text = text[:-1].rstrip()
        line = replace(line, text=f"{text}…")
    return line


def _dotted(line: Line, room: float) -> Line:
    """A label that waits for something to be written: dots up to the edge of the stamp."""
    if not line.text.endswith(":"):
        return _narrowed(line, room)
    dot = (replace(line, text="..").width - replace(line, text=".").width) or line.size
    dots = int((room - replace(line, text=f"{line.text} ").width) / dot)
    return replace(line, text=f"{line.text} {'.' * max(dots, 0)}")


def _day(at: datetime) -> str:
    return f"{at.astimezone(VIETNAM):%d/%m/%Y}"


def _corner(source: BinaryIO, kind: str, texts: tuple[str, ...], label: str) -> Step:
    """Lines at the top right of the first page, right-aligned, black, upright, size 10, below earlier ones."""
    reader = open_reader(source)
    lines = [Line(text, 0, 0, _SMALL, "regular", "right") for text in texts]
    width = max(_CORNER_WIDTH, *(line.width + 2 for line in lines))
    with pages_of(source) as pages:
        shown = pages.visible(0)
    top = min([shown.top - _MARGIN, *(box.bottom - 2 for box in _corners(reader))])
    right = shown.right - _MARGIN
    box = Box(0, right - width, top - len(lines) * _SMALL * 1.2, right, top).whole()
    placed = tuple(
        replace(line, x=box.width, y=box.height - _SMALL * 1.2 * (index + 1) + 3) for index, line in enumerate(lines)
    )
    name = _free_name(reader, kind)
    return Step(name, Drawn(lines=placed), reason="; ".join(texts), new=box, label=label)


def _corners(reader: PdfFileReader) -> list[Box]:
    """Where earlier signatures of copies and attachments stand."""
    return [box for name, box in first_page_boxes(reader).items() if name.startswith((_COPY, _ATTACHMENT))]


def _free_name(reader: PdfFileReader, kind: str) -> str:
    taken = all_fields(reader)
    return next(name for index in range(1, 1000) if (name := f"{kind}{index:02d}") not in taken)


def numbered(written: str, symbol: str, when: date) -> str:
    """Number and date as a sentence, for the signature dictionaries of number and seal."""
    return f"Số {written}/{symbol} ngày {when.day:02d} tháng {when.month} năm {when.year}"
