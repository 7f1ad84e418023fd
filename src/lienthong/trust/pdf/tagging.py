"""A tagged document stays tagged: a structure element for each new field (PDF/UA-1 7.18.4, ISO 32000-2 14.7.5.3)."""

from __future__ import annotations

from pyhanko.pdf_utils.generic import (
    ArrayObject,
    DictionaryObject,
    IndirectObject,
    NumberObject,
    TextStringObject,
    pdf_name,
)
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from lienthong.trust.pdf.entries import entry


def tag_fields(writer: IncrementalPdfFileWriter) -> int:
    """Give every form field without a place in the structure tree one; how many. An untagged document is left alone.

    A tree whose parent tree is split into nodes is left alone too: the program that made it must tag its fields.
    """
    root = writer.root
    if "/StructTreeRoot" not in root or "/AcroForm" not in root:
        return 0
    tree = root["/StructTreeRoot"]
    parents = entry(tree, "/ParentTree")
    if not isinstance(parents, DictionaryObject) or "/Nums" not in parents or "/K" not in tree:
        return 0
    numbers = parents["/Nums"]
    document_reference = tree.raw_get("/K")
    if isinstance(document_reference, ArrayObject):
        document_reference = document_reference.raw_get(0)
    if not isinstance(document_reference, IndirectObject):
        return 0
    document = document_reference.get_object()
    free = max([int(entry(tree, "/ParentTreeNextKey", 0)), *(int(numbers[n]) + 1 for n in range(0, len(numbers), 2))])
    made = []
    for reference in root["/AcroForm"]["/Fields"]:
        field = reference.get_object()
        if "/StructParent" in field or "/P" not in field:
            continue
        element = writer.add_object(_element(field, reference, document_reference))
        field[pdf_name("/StructParent")] = NumberObject(free)
        numbers += [NumberObject(free), element]
        free += 1
        made.append(element)
        writer.update_container(field)
    if made:
        _append(document, made)
        tree[pdf_name("/ParentTreeNextKey")] = NumberObject(free)
        for changed in (numbers, document, document["/K"], tree):
            writer.update_container(changed)
    return len(made)


def _element(field: DictionaryObject, reference: IndirectObject, parent: IndirectObject) -> DictionaryObject:
    place = DictionaryObject(
        {pdf_name("/Type"): pdf_name("/OBJR"), pdf_name("/Obj"): reference, pdf_name("/Pg"): field.raw_get("/P")}
    )
    return DictionaryObject(
        {
            pdf_name("/Type"): pdf_name("/StructElem"), pdf_name("/S"): pdf_name("/Form"), pdf_name("/P"): parent,
            pdf_name("/Alt"): TextStringObject(str(entry(field, "/TU", ""))), pdf_name("/K"): place,
        }
    )  # fmt: skip


def _append(document: DictionaryObject, made: list[IndirectObject]) -> None:
    children = entry(document, "/K")
    if isinstance(children, ArrayObject):
        children += made
    else:
        present = [document.raw_get("/K")] if children is not None else []
        document[pdf_name("/K")] = ArrayObject([*present, *made])
