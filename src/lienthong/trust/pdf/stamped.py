"""A copy of a PDF that shows the stamp «ĐẾN», without anybody's signature (Decree 30/2020 Appendix IV and article 21).

The stamp is a note on the page (ISO 32000-2 clause 12.5.6.12), appended after the bytes as they were: the received file
stays whole inside the copy, and a signature in it still covers what it covered. But no note may be added to what was
signed, so a validator says of the copy that it was changed afterwards: the stamp itself tells that the original counts.
"""

from __future__ import annotations

from dataclasses import replace
from typing import BinaryIO

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.layout import BoxConstraints

from lienthong.base.errors import Refused
from lienthong.base.text import one_line
from lienthong.trust.pdf.errors import PDF_NOT_READABLE
from lienthong.trust.pdf.files import DAMAGED, open_reader, open_writer, signed_fields
from lienthong.trust.pdf.steps import ArrivalStamp, arrival_stamp

_PRINTED_AND_LOCKED = 4 | 128


NOT_THE_ORIGINAL = "Bản để in, không thay bản gốc đã ký số"
"""What a copy says of itself when the file that it is made of was signed."""


def write_stamped(source: BinaryIO, target: BinaryIO, said: ArrivalStamp) -> None:
    """Write ``source`` to ``target`` with the stamp on its first page. ``source`` itself never changes.

    Refuses: NO_FREE_PLACE, TEXT_NOT_SHOWABLE, and as opening does.
    """
    signed = bool(signed_fields(open_reader(source)))
    box, drawn = arrival_stamp(source, replace(said, note=NOT_THE_ORIGINAL) if signed else said)
    writer = open_writer(source)
    try:
        stamp = drawn.create_stamp(writer, BoxConstraints(width=box.width, height=box.height), {})
        page = writer.find_page_for_modification(0)[0]
        note = generic.DictionaryObject({
            pdf_name("/Type"): pdf_name("/Annot"), pdf_name("/Subtype"): pdf_name("/Stamp"),
            pdf_name("/Rect"): generic.ArrayObject(
                [generic.FloatObject(each) for each in (box.left, box.bottom, box.right, box.top)]
            ),
            pdf_name("/AP"): generic.DictionaryObject({pdf_name("/N"): stamp.register()}),
            pdf_name("/F"): generic.NumberObject(_PRINTED_AND_LOCKED),
            pdf_name("/Contents"): generic.pdf_string(" ".join(["ĐẾN", *(line.text for line in drawn.lines[2:])])),
            pdf_name("/P"): page,
        })  # fmt: skip
        writer.register_annotation(page, writer.add_object(note))
        writer.write(target)
    except DAMAGED as error:
        raise Refused(PDF_NOT_READABLE, reason=one_line(str(error) or type(error).__name__, 120)) from error
