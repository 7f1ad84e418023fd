"""What a file is, told by its first bytes: the office takes documents, pictures and packages, and no programs."""

from __future__ import annotations

from lienthong.base.errors import Refused
from lienthong.base.text import one_line
from lienthong.office.errors import FILE_NOT_TAKEN

PDF = "application/pdf"
COMPOUND = "application/msword"
"""Any file of Office before 2007, and an encrypted newer one."""

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

_STARTS: tuple[tuple[bytes, str, tuple[str, ...]], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png", ("png",)),
    (b"\xff\xd8\xff", "image/jpeg", ("jpg", "jpeg")),
    (b"II*\x00", "image/tiff", ("tif", "tiff")),
    (b"MM\x00*", "image/tiff", ("tif", "tiff")),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", COMPOUND, ("doc", "xls", "ppt")),
    (b"{\\rtf", "application/rtf", ("rtf",)),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed", ("7z",)),
    (b"Rar!\x1a\x07", "application/vnd.rar", ("rar",)),
)
_ZIPPED = {
    "docx": DOCX,
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "asice": "application/vnd.etsi.asic-e+zip",
    "zip": "application/zip",
}
_TEXTS = {
    "xml": "application/xml",
    "edxml": "application/xml",
    "txt": "text/plain",
    "csv": "text/csv",
    "p7s": "application/pkcs7-signature",
}
_PROGRAMS = (b"MZ", b"\x7fELF", b"#!", b"\xca\xfe\xba\xbe")

_OTHERS = (b"<", b"PK", b"GIF8", *(start for start, _, _ in _STARTS))
"""How a file begins that another program would take for something else than the PDF that follows."""


def type_of(head: bytes, name: str) -> str:
    """Media type of a file from its first bytes; the name only chooses between kinds that begin alike.

    Refuses FILE_NOT_TAKEN: programs, macros in Word's own ending, files of two kinds at once, and what is not known.
    """
    ending = name.rpartition(".")[2].lower()
    if head.startswith(_PROGRAMS):
        return _refuse(name, "đây là chương trình, không phải tài liệu", "it is a program, not a document")
    if b"%PDF-" in head[:1024]:
        if head.startswith(_OTHERS):
            return _refuse(name, "tệp vừa là PDF vừa là loại khác", "it is a PDF and something else at once")
        return (
            PDF
            if ending == "pdf"
            else _refuse(name, "nội dung là PDF, đuôi tên phải là .pdf", "it is a PDF; name it .pdf")
        )
    if ending in {"docm", "xlsm", "pptm", "dotm"}:
        return _refuse(name, "tệp có macro; lưu lại không kèm macro", "it has macros; save it without them")
    if head.startswith(b"PK\x03\x04"):
        return _ZIPPED.get(ending) or _refuse(
            name, "không rõ loại tệp nén này", "the kind of this package is not known"
        )
    for start, media_type, endings in _STARTS:
        if head.startswith(start):
            if media_type == COMPOUND and ending in _ZIPPED:
                return _refuse(
                    name, f"tệp .{ending} này có mật khẩu, hoặc là tệp cũ đổi đuôi; lưu lại bản không đặt mật khẩu",
                    f"this .{ending} asks for a password, or is an old file renamed; save it without a password",
                )  # fmt: skip
            return media_type if ending in endings else _refuse(
                name, f"nội dung không khớp đuôi .{ending[:8]}", f"its content does not fit .{ending[:8]}"
            )  # fmt: skip
    if ending in _TEXTS and b"\x00" not in head:
        return _TEXTS[ending]
    return _refuse(name, "không phải loại tài liệu mà hệ thống nhận", "it is no kind of document that is taken here")


def _refuse(name: str, vi: str, en: str) -> str:
    raise Refused(FILE_NOT_TAKEN, name=one_line(name, 80), reason_vi=vi, reason_en=en)
