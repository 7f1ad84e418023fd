"""An agency's own Word template (mẫu của cơ quan) filled in: ``{{ trích yếu }}`` becomes its value.

A word processor may cut what one types into several runs, so a placeholder is found in the text of the whole paragraph;
its value takes the look of the run in which the placeholder begins.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping

from docx.text.paragraph import Paragraph

from lienthong.base.errors import Refused
from lienthong.base.text import fold, nfc, one_line
from lienthong.office.form.errors import TEMPLATE_FIELD_UNKNOWN
from lienthong.office.form.paragraphs import every_paragraph, open_docx, runs_of, text_of

_FIELD = re.compile(r"\{\{\s*([^{}]{1,80}?)\s*\}\}")


def fill(template: bytes, values: Mapping[str, str]) -> bytes:
    """The template with every ``{{ field }}`` replaced, in body, tables, text boxes, headers and footers.

    Names are compared without accents and letter case. A value of several lines is broken where they end. Values are
    taken as they are: one that looks like a placeholder is not filled in again. Refuses: TEMPLATE_FIELD_UNKNOWN with
    all unknown names (nothing is filled in), DOCX_NOT_READABLE.
    """
    document = open_docx(template)
    known = {_key(name): nfc(value) for name, value in values.items()}
    paragraphs = list(every_paragraph(document))
    unknown = sorted({name for each in paragraphs for name in _names(each) if _key(name) not in known})
    if unknown:
        raise Refused(
            TEMPLATE_FIELD_UNKNOWN,
            unknown=one_line(", ".join(unknown), 300), known=one_line(", ".join(sorted(values)), 600) or "—",
        )  # fmt: skip
    for paragraph in paragraphs:
        _fill(paragraph, known)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def fields(template: bytes) -> tuple[str, ...]:
    """The fields that a template names, in their order. Refuses: DOCX_NOT_READABLE."""
    found = [name for each in every_paragraph(open_docx(template)) for name in _names(each)]
    return tuple(dict.fromkeys(found))


def _key(name: str) -> str:
    return fold(name.replace("_", " "))


def _names(paragraph: Paragraph) -> list[str]:
    return [nfc(hit[1]) for hit in _FIELD.finditer(text_of(paragraph))]


def _fill(paragraph: Paragraph, known: Mapping[str, str]) -> None:
    runs = runs_of(paragraph)
    texts = [run.text for run in runs]
    touched: set[int] = set()
    # From the end, so that the places of earlier ones stay true.
    for hit in reversed(list(_FIELD.finditer("".join(texts)))):
        value, at = known[_key(hit[1])], 0
        for place, text in enumerate(texts):
            start, end = max(hit.start() - at, 0), min(hit.end() - at, len(text))
            if start < end:
                first = at <= hit.start()
                texts[place] = text[:start] + (value if first else "") + text[end:]
                touched.add(place)
            at += len(text)
    for place in touched:
        # Line ends in a run's text become breaks of the word processor.
        runs[place].text = texts[place]
