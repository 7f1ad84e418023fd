"""Files that a person or an attacker might hand in, made here to the byte: two kinds at once, macros, passwords."""

from __future__ import annotations

import io
import zipfile
from functools import cache

import pikepdf

from official_document import decision

COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@cache
def plain_pdf() -> bytes:
    return decision()


def locked_pdf(user: str) -> bytes:
    """A PDF that asks for the password ``user``; empty: it opens, but forbids changing and printing."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(plain_pdf())) as pdf:
        rights = pikepdf.Permissions(extract=False, modify_other=False, print_highres=False)
        pdf.save(out, encryption=pikepdf.Encryption(owner="chu nhan", user=user, allow=rights))
    return out.getvalue()


@cache
def long_pdf(pages: int) -> bytes:
    """A PDF of so many pages."""
    out = io.BytesIO()
    with pikepdf.new() as pdf:
        for _ in range(pages):
            pdf.add_blank_page(page_size=(595, 842))
        pdf.save(out)
    return out.getvalue()


def package(*members: str, start: str = "[Content_Types].xml") -> bytes:
    """A ZIP with these members, as Office writes its documents."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name in (start, *members):
            made.writestr(name, "<x/>")
    return out.getvalue()


def compound(*streams: str) -> bytes:
    """A compound file (as .doc and .xls are) whose directory names these streams."""
    entries = b"".join(each.encode("utf-16-le").ljust(64, b"\0") + bytes(64) for each in ("Root Entry", *streams))
    return COMPOUND + bytes(504) + bytes(8192) + entries.ljust(512, b"\0")


def zip_behind(data: bytes) -> bytes:
    """The data with a package appended, which readers of ZIP find from the end."""
    return data + package("a.txt")
