"""Files: bytes go into the blob store first and are named by a row afterwards, so that no row ever lacks its bytes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import BinaryIO

from lienthong.base.errors import Refused
from lienthong.base.ids import Sha256
from lienthong.base.text import nfc, one_line
from lienthong.infra.blobs import BlobStore
from lienthong.infra.errors import BLOB_TOO_LARGE
from lienthong.office.errors import FILE_NOT_TAKEN
from lienthong.office.models import Arrival, Document, StoredFile
from lienthong.office.services.inside_files import may_hold_macros, require_no_macros, require_open
from lienthong.office.services.kinds_of_files import type_of
from lienthong.webkit.door.visit import Visit
from lienthong.webkit.site.configure import site
from lienthong.webkit.site.errors import UPLOAD_TOO_LARGE
from lienthong.webkit.templates import in_units

CHUNK = 1 << 20


@cache
def store() -> BlobStore:
    """The blob store of this installation, beside its configuration."""
    return BlobStore(Path(site().context["blobs"]))


def keep(source: BinaryIO, name: str, limit: int | None = None) -> tuple[Sha256, int, str]:
    """Store bytes durably: their digest, size and kind, told by the bytes and not by the name.

    Refuses FILE_NOT_TAKEN for an empty file, for kinds that the office does not take and for files with macros;
    BLOB_TOO_LARGE, STORAGE_….
    """
    upload = store().begin(limit)
    head = b""
    try:
        while data := source.read(CHUNK):
            head = head or data[:8192]
            upload.write(data)
        if upload.size == 0:
            raise Refused(FILE_NOT_TAKEN, name=one_line(name, 80), reason_vi="tệp rỗng", reason_en="it is empty")
        media_type = type_of(head, name)
        if may_hold_macros(media_type):
            require_no_macros(Path(upload.saved()), name, media_type)
        (blob,) = store().finish_many([upload])
    except BaseException:
        upload.abandon()
        raise
    return blob.sha256, blob.size, media_type


def take(source: BinaryIO, name: str) -> tuple[Sha256, int, str]:
    """Store what a person hands in, who can be asked for another file: not too large, and without a password.

    Refuses UPLOAD_TOO_LARGE, and as :func:`keep`.
    """
    limit = site().upload_limit
    try:
        kept = keep(source, name, limit)
    except Refused as refused:
        if refused.code is not BLOB_TOO_LARGE:
            raise
        raise Refused(UPLOAD_TOO_LARGE, size=f"> {in_units(limit)}", limit=in_units(limit)) from refused
    require_open(store().path(kept[0]), name, kept[2])
    return kept


def add_file(
    visit: Visit, owner: Document | Arrival, kept: tuple[Sha256, int, str], name: str, *, slot: int, role: str,
    comment: str = "",
) -> StoredFile:  # fmt: skip
    """Name stored bytes as the next version of a file of a document or arrival."""
    digest, size, media_type = kept
    document, arrival = (owner, None) if isinstance(owner, Document) else (None, owner)
    version = 1
    if document is not None:
        newest = StoredFile.objects.filter(document=document, slot=slot, role=role).order_by("-version").first()
        if newest is not None and bytes(newest.sha256) == digest:
            return newest
        version = newest.version + 1 if newest is not None else 1
    return StoredFile.objects.create(
        agency_id=owner.agency_id, document=document, arrival=arrival, slot=slot, version=version, role=role,
        name=safe_name(name), media_type=media_type, size=size, sha256=digest, added_at=visit.now,
        comment=comment[:500], added_by=visit.person.account if visit.person else None,
    )  # fmt: skip


def current(document: Document, *, slot: int | None = None, role: str | None = None) -> list[StoredFile]:
    """The newest version of each file of a document, the document itself first."""
    files = StoredFile.objects.filter(document=document).order_by("slot", "role", "-version").distinct("slot", "role")
    chosen = files.filter(slot=slot) if slot is not None else files
    return [each for each in chosen if role is None or each.role == role]


def main_file(document: Document) -> StoredFile | None:
    """The document itself: the newest PDF of slot 0, or whatever file it came as."""
    found = current(document, slot=0, role="document")
    return found[0] if found else None


def main_files(documents: Iterable[Document]) -> dict[int, StoredFile]:
    """The same of many documents at once, by the document; those without a file are left out."""
    files = StoredFile.objects.filter(document__in=[each.pk for each in documents], slot=0, role="document")
    newest = files.order_by("document", "-version").distinct("document")
    return {each.document_id: each for each in newest if each.document_id is not None}


def opened(file: StoredFile) -> BinaryIO:
    """The bytes of a file, checked against their digest while they are read. Refuses BLOB_MISSING, BLOB_CORRUPT."""
    return store().open(Sha256(bytes(file.sha256)))


def chunks(file: StoredFile) -> Iterator[bytes]:
    """The bytes in pieces, for an answer that streams."""
    return pieces(Sha256(bytes(file.sha256)))


def pieces(digest: Sha256) -> Iterator[bytes]:
    """The bytes of this digest in pieces, checked while they are read. Refuses BLOB_MISSING, BLOB_CORRUPT."""
    with store().open(digest) as source:
        while data := source.read(CHUNK):
            yield data


def safe_name(name: str) -> str:
    """A file's name for people: no path, no control or direction characters, at most 200 characters."""
    plain = one_line(nfc(name).replace("\\", "/").rpartition("/")[2], 400).strip(". ")
    if len(plain) <= 200:
        return plain or "tep"
    stem, dot, ending = plain.rpartition(".")
    return f"{stem[: 199 - len(ending)]}{dot}{ending}" if dot and len(ending) < 10 else plain[:200]
