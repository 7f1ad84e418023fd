"""Opening a file with PDFium, for whoever looks at its pages: pictures, text, places of anchors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

import pypdfium2
from pypdfium2 import raw

from lienthong.base.errors import Refused
from lienthong.base.text import one_line
from lienthong.trust.pdf.errors import PDF_ENCRYPTED, PDF_NOT_READABLE


@contextmanager
def opened(source: BinaryIO) -> Iterator[pypdfium2.PdfDocument]:
    """The document for the time of the block; ``source`` stays open.

    Refuses: PDF_NOT_READABLE, also for what PDFium cannot do with it inside of the block; PDF_ENCRYPTED.
    """
    source.seek(0)
    try:
        document = pypdfium2.PdfDocument(source, autoclose=False)
    except pypdfium2.PdfiumError as error:
        if error.err_code == raw.FPDF_ERR_PASSWORD:
            raise Refused(PDF_ENCRYPTED) from error
        raise _unreadable(error) from error
    try:
        yield document
    except pypdfium2.PdfiumError as error:
        raise _unreadable(error) from error
    finally:
        document.close()


def _unreadable(error: pypdfium2.PdfiumError) -> Refused:
    return Refused(PDF_NOT_READABLE, reason=one_line(str(error), 120))
