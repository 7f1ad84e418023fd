"""A whole dossier as one PDF: cover, list of documents, then each document in time order behind a page that names it.

A file that is signed, or cannot be shown as pages, goes along attached, byte for byte.
Source: Decree 30/2020/NĐ-CP Appendix VI, function 4g.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from typing import BinaryIO

from lienthong.base.text import one_line
from lienthong.office.papers.dossier_contents import ContainedDocument, DossierHead, dossier_contents
from lienthong.office.papers.filed import FiledDocument, FiledDossier, FiledFile, in_time_order
from lienthong.office.papers.register import Letterhead, kind_and_abstract
from lienthong.trust.pdf.joining import Looked, Piece, join, look
from lienthong.webkit.papers.form import Form, Part, PartKind, write_form
from lienthong.webkit.papers.model import PrintMark, long_date, short_date
from lienthong.webkit.papers.numerals import counted
from lienthong.webkit.papers.pdf import write_pdf

_LOST = "Văn bản này đã được ký số. Chữ ký số chỉ có giá trị trên tệp đã ký, không có giá trị trên các trang ghép."
_NO_PAGES = "Tệp này không trình bày được thành trang trong bản ghép."
_NO_FILE = "Văn bản không có tệp trong hồ sơ điện tử."
_COVER, _CONTENTS = "Bìa hồ sơ", "Mục lục văn bản, tài liệu"


def write_dossier_pdf(
    dossier: FiledDossier, documents: Iterable[FiledDocument], letterhead: Letterhead, out: BinaryIO,
    mark: PrintMark | None = None,
) -> int:  # fmt: skip
    """Write the dossier as one PDF with an outline; how many pages it has. Everything stands in memory meanwhile."""
    ordered = in_time_order(documents)
    pieces = [
        Piece(_cover(dossier, ordered, letterhead, mark), _COVER),
        Piece(_contents(dossier, ordered, letterhead, mark), _CONTENTS),
    ]
    for ordinal, document in enumerate(ordered, 1):
        pieces += _document(ordinal, document, letterhead, mark)
    return join(pieces, out, title=f"Hồ sơ {dossier.code}: {dossier.title}")


def _cover(
    dossier: FiledDossier, documents: Sequence[FiledDocument], letterhead: Letterhead, mark: PrintMark | None
) -> bytes:
    days = [each.formed_on for each in documents if each.arrived_on or each.day]
    first, last = dossier.first_day or min(days, default=None), dossier.last_day or max(days, default=None)
    span = " - ".join(short_date(day) for day in (first, last) if day)
    return _form(Form(
        title="HỒ SƠ",
        about=(dossier.title,),
        agency=letterhead.agency,
        superior=letterhead.superior,
        parts=(
            Part(dossier.code, "Số và ký hiệu hồ sơ"), Part(str(dossier.year), "Năm hình thành hồ sơ"),
            Part(span, "Thời gian tài liệu"), Part(dossier.retention, "Thời hạn bảo quản"),
            Part(dossier.rights, "Chế độ sử dụng"), Part(dossier.creator, "Người lập hồ sơ"),
            Part(counted(len(documents)), "Tổng số văn bản trong hồ sơ"),
            Part(counted(sum(each.pages or 0 for each in documents)), "Tổng số trang của hồ sơ"),
            Part(dossier.note, "Ghi chú"),
        ),
        mark=mark,
    ))  # fmt: skip


def _contents(
    dossier: FiledDossier, documents: Sequence[FiledDocument], letterhead: Letterhead, mark: PrintMark | None
) -> bytes:
    rows = (
        ContainedDocument(each.full_number, each.day, each.kind, each.abstract, each.author, each.sheet, each.note)
        for each in documents
    )
    out = io.BytesIO()
    write_pdf(dossier_contents(DossierHead(dossier.code, dossier.title, dossier.year), rows, letterhead, mark), out)
    return out.getvalue()


def _document(ordinal: int, document: FiledDocument, letterhead: Letterhead, mark: PrintMark | None) -> Iterator[Piece]:
    """The page that names the document, then its pages; whatever is signed or has no pages, attached."""
    files = [(f"{ordinal:03d}-{place:02d} {_file_name(each)}", each, look(each.data))
             for place, each in enumerate(document.files, 1)]  # fmt: skip
    title = one_line(
        f"{ordinal:02d}. {document.full_number} {kind_and_abstract(document.kind, document.abstract)}", 160
    )
    originals = tuple((name, each.data) for name, each, looked in files if looked.signatures or not looked.joinable)
    parts = (*_named(document), *(part for name, each, looked in files for part in _about(name, each, looked)))
    if not files:
        parts = (*parts, Part(_NO_FILE))
    page = Form(
        title=f"VĂN BẢN SỐ {ordinal:02d}", about=(document.full_number,) if document.full_number else (),
        parts=parts, agency=letterhead.agency, superior=letterhead.superior, mark=mark,
    )  # fmt: skip
    yield Piece(_form(page), title, originals)
    for _, each, looked in files:
        if looked.joinable:
            yield Piece(each.data)


def _named(document: FiledDocument) -> tuple[Part, ...]:
    day = long_date(document.day) if document.day else ""
    return (
        Part(kind_and_abstract(document.kind, document.abstract), "Tên loại và trích yếu nội dung"),
        Part(document.author, "Tác giả văn bản"),
        Part(day, "Ngày, tháng, năm văn bản"),
    )


def _about(name: str, each: FiledFile, looked: Looked) -> Iterator[Part]:
    """What the reader must know about one file."""
    pages = f"{looked.pages} trang" if looked.joinable else "không có trang"
    yield Part(f"{each.name} ({pages})", "Tệp", PartKind.HEADING)
    if looked.signatures:
        yield Part(_LOST)
        yield Part(f"{counted(looked.signatures)}", "Số chữ ký số trong tệp", PartKind.ITEM)
    if not looked.joinable:
        yield Part(_NO_PAGES)
    if looked.signatures or not looked.joinable:
        where = "Tệp gốc nguyên vẹn nằm trong phần tệp đính kèm của tệp PDF này, với tên"
        yield Part(f"«{name}»", where, PartKind.ITEM)


def _file_name(each: FiledFile) -> str:
    return one_line(each.name.replace("/", "_").replace("\\", "_"), 120) or "tep"


def _form(form: Form) -> bytes:
    out = io.BytesIO()
    write_form(form, out)
    return out.getvalue()
