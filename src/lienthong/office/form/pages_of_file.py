"""Lines and sizes of the pages of a file on disk, for a process apart that is given only its name."""

from __future__ import annotations

from pathlib import Path

from lienthong.trust.pdf.lines import Line, PageSize, page_sizes, read_lines


def lines_of_file(path: str) -> tuple[list[Line], list[PageSize]]:
    """What :mod:`~lienthong.office.form.check` takes. Refuses: PDF_NOT_READABLE."""
    with Path(path).open("rb") as source:
        return read_lines(source), page_sizes(source)
