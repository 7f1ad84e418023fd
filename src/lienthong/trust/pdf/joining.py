"""Several PDF files as one, with an outline; what was signed is put in whole as an attached file.

A signature covers the bytes of its own file, so none survives in a joined one. The joined pages show what the signed
file shows, without its fields, and the file itself lies attached, byte for byte, where its signatures can be checked.
Source: ISO 32000-2 clauses 7.11.4 (embedded files), 12.3.3 (outline) and 12.8 (signatures).
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import BinaryIO

import pikepdf

from lienthong.base.errors import Refused
from lienthong.base.text import one_line
from lienthong.trust.pdf.errors import PDF_NOT_READABLE
from lienthong.trust.pdf.files import DAMAGED, open_reader, signed_fields

_LINK = "/URI"


@dataclass(frozen=True, slots=True)
class Looked:
    """What a file is before it is joined.

    ``pages``: 0 when it cannot be joined. ``signatures``: how many fields are signed; nothing says that they are
    valid. ``why``: the refusal, when it cannot be joined (damaged, encrypted, no PDF).
    """

    pages: int
    signatures: int = 0
    why: Refused | None = None

    @property
    def joinable(self) -> bool:
        """Whether its pages can stand in a joined file."""
        return self.why is None


@dataclass(frozen=True, slots=True)
class Piece:
    """One part of the joined file. ``title``: its line in the outline, or empty for none. ``pdf``: what is joined.

    ``originals``: files that go along attached, by the name under which a reader lists them.
    """

    pdf: bytes
    title: str = ""
    originals: tuple[tuple[str, bytes], ...] = ()


def look(data: bytes) -> Looked:
    """Whether a file can be joined, and how many of its signature fields are signed."""
    try:
        signatures = len(signed_fields(open_reader(io.BytesIO(data))))
        with pikepdf.open(io.BytesIO(data)) as pdf:
            return Looked(len(pdf.pages), signatures)
    except Refused as refused:
        return Looked(0, why=refused)
    except DAMAGED as error:
        reason = one_line(str(error) or type(error).__name__, 120)
        return Looked(0, why=Refused(PDF_NOT_READABLE, reason=reason))


def join(pieces: Sequence[Piece], out: BinaryIO, *, title: str = "") -> int:
    """Write the pieces one after another; how many pages there are. The same pieces give the same bytes.

    Two attached files of one name are a ValueError. Refuses PDF_NOT_READABLE when a piece cannot be joined.
    """
    names = [name for piece in pieces for name, _ in piece.originals]
    if len(names) != len(set(names)):
        raise ValueError("two attached files have one name")
    try:
        # The library copies pages when it writes, so every source stays open until then.
        with ExitStack() as sources, pikepdf.new() as joined:
            items = []
            for piece in pieces:
                source = sources.enter_context(pikepdf.open(io.BytesIO(piece.pdf)))
                _make_still(source)
                if piece.title:
                    items.append(pikepdf.OutlineItem(piece.title, len(joined.pages)))
                joined.pages.extend(source.pages)
                for name, data in piece.originals:
                    _attach(joined, name, data)
            with joined.open_outline() as outline:
                outline.root.extend(items)
            _describe(joined, title)
            joined.save(out, deterministic_id=True)
            return len(joined.pages)
    except (pikepdf.PdfError, RuntimeError) as error:
        raise Refused(PDF_NOT_READABLE, reason=one_line(str(error), 120)) from error


def attached(data: bytes) -> dict[str, bytes]:
    """The attached files of a PDF by name. Refuses PDF_NOT_READABLE."""
    try:
        with pikepdf.open(io.BytesIO(data)) as pdf:
            return {name: bytes(spec.get_file().read_bytes()) for name, spec in pdf.attachments.items()}
    except DAMAGED as error:
        raise Refused(PDF_NOT_READABLE, reason=one_line(str(error), 120)) from error


def outline(data: bytes) -> list[str]:
    """The titles of a PDF's outline, from the top. Refuses PDF_NOT_READABLE."""
    try:
        with pikepdf.open(io.BytesIO(data)) as pdf, pdf.open_outline() as found:
            return [item.title for item in found.root]
    except DAMAGED as error:
        raise Refused(PDF_NOT_READABLE, reason=one_line(str(error), 120)) from error


def _make_still(source: pikepdf.Pdf) -> None:
    """Paint fields and notes into the pages; keep links to the web, and nothing that acts."""
    source.generate_appearance_streams()
    source.flatten_annotations("all")
    for page in source.pages:
        for entry in ("/AA", "/Tabs", "/StructParents"):
            if entry in page:
                del page[entry]
        kept = list(_links(page))
        if kept:
            page["/Annots"] = pikepdf.Array(kept)
        elif "/Annots" in page:
            del page["/Annots"]


def _links(page: pikepdf.Page) -> Iterator[pikepdf.Object]:
    notes = page.get("/Annots")
    for note in notes if isinstance(notes, pikepdf.Array) else ():
        action = note.get("/A") if isinstance(note, pikepdf.Dictionary) else None
        if isinstance(action, pikepdf.Dictionary) and action.get("/S") == pikepdf.Name(_LINK) and "/Next" not in action:
            yield note


def _attach(joined: pikepdf.Pdf, name: str, data: bytes) -> None:
    kind = "application/pdf" if data.startswith(b"%PDF-") else "application/octet-stream"
    joined.attachments[name] = pikepdf.AttachedFileSpec(joined, data, filename=name, mime_type=kind)


def _describe(joined: pikepdf.Pdf, title: str) -> None:
    joined.Root["/Lang"] = pikepdf.String("vi-VN")
    if title:
        joined.docinfo["/Title"] = title
        joined.Root["/ViewerPreferences"] = pikepdf.Dictionary(DisplayDocTitle=True)
    joined.Root["/PageMode"] = pikepdf.Name("/UseOutlines")
