"""Content that acts by itself and so may show one thing to the signer and another to the reader.

Source: ISO 32000-2 clause 12.6 (actions), 12.5.6 (annotations of sound, film and three dimensions), 12.7.8 (XFA). A
table of contents, links to places and addresses, and page turning are harmless; every other action is not.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

import pikepdf
from pyhanko.pdf_utils.generic import DictionaryObject

from lienthong.base.text import one_line
from lienthong.trust.pdf.entries import entry

_HARMLESS = {"/GoTo", "/GoToR", "/URI", "/Named", "/Thread"}
_PLAYING = {"/Screen", "/Movie", "/Sound", "/RichMedia", "/3D"}
_ITSELF = "hành động tự động (automatic actions)"


def active_content(root: DictionaryObject) -> Iterator[str]:
    """What acts by itself for the document as a whole, in a few words each."""
    if "/JavaScript" in entry(root, "/Names", {}):
        yield "JavaScript"
    action = entry(root, "/OpenAction")
    if isinstance(action, DictionaryObject) and str(entry(action, "/S")) not in _HARMLESS:
        yield f"OpenAction {one_line(str(entry(action, '/S')), 20)}"
    if "/AA" in root:
        yield _ITSELF
    if "/XFA" in entry(root, "/AcroForm", {}):
        yield "XFA"


def active_pages(stream: BinaryIO) -> Iterator[str]:
    """The same for pages and what lies on them. Raises ``pikepdf.PdfError`` for a damaged file.

    Read by another library: with the one that signs, ten thousand pages take minutes.
    """
    stream.seek(0)
    with pikepdf.open(stream, suppress_warnings=True) as document:
        for number, page in enumerate(document.pages, 1):
            where = f"trang {number}"
            if "/AA" in page:
                yield f"{where}: {_ITSELF}"
            annotations = page.obj.get("/Annots", pikepdf.Array())
            for annotation in annotations if isinstance(annotations, pikepdf.Array) else ():
                if isinstance(annotation, pikepdf.Dictionary):
                    yield from _annotation(annotation, where)


def _annotation(annotation: pikepdf.Dictionary, where: str) -> Iterator[str]:
    kind = str(annotation.get("/Subtype", ""))
    if kind in _PLAYING:
        yield f"{where}: {kind}"
    if "/AA" in annotation:
        yield f"{where}: {_ITSELF}"
    yield from _action(annotation.get("/A"), where)


def _action(action: object, where: str, depth: int = 0) -> Iterator[str]:
    """An action and those that follow it."""
    if isinstance(action, pikepdf.Array):
        for each in action:
            yield from _action(each, where, depth + 1)
    if not isinstance(action, pikepdf.Dictionary):
        return
    kind = str(action.get("/S", ""))
    if kind not in _HARMLESS or depth > 20:
        yield f"{where}: {one_line(kind, 20)}"
        return
    yield from _action(action.get("/Next"), where, depth + 1)
