"""The words of a file's pages with their places, and where on them the words of a question stand.

Words of pages that hold text are read from the file in a process apart, some pages at once, and kept beside the
pictures; those that were recognised in a scan are rows of the database (:class:`PageWords`).
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from lienthong.base.errors import Refused
from lienthong.infra.apart import Apart
from lienthong.office.models import Document, PageWords, StoredFile
from lienthong.office.services import picturing, storing
from lienthong.office.services.file_checks import TEXT_PAGES
from lienthong.office.services.hits import hits_on
from lienthong.office.services.kinds_of_files import PDF
from lienthong.office.services.questions import Question
from lienthong.trust.pdf.words import Packed, Row, unpacked, words_of_file
from lienthong.webkit.site.errors import NOT_FOUND_HERE

AT_ONCE = 16
"""Pages that are read and kept together: opening a large file costs more than reading a page."""

AHEAD = 4
"""Of these lots that a search reads at once."""

SEEKING = 0.4
"""Seconds after which a search in a file answers with what it has; the reader's page asks on from there."""

READ = ("read", "recognised")
"""States of a file whose text is part of the document's text."""

_apart = Apart()
"""Apart from the pictures: whoever searches ten thousand pages keeps nobody waiting for his first one."""


@dataclass(frozen=True, slots=True)
class FoundPage:
    """A page (from 1) with so many hits. ``best``: which of them (from 0) has the most different words side by side;
    ``words``: how many."""

    page: int
    hits: int
    best: int
    words: int


@dataclass(frozen=True, slots=True)
class Sought:
    """What a search in a file found so far. ``pages``: those with hits; ``to``: the last page that was looked at;
    ``of``: how many there are."""

    pages: Sequence[FoundPage]
    to: int
    of: int


def rows_of(file: StoredFile, page: int) -> list[Row]:
    """The words of one page (from 1), in reading order; none of a picture that nobody has recognised.

    Refuses NOT_FOUND_HERE for what is no PDF or has no such page; PDF_NOT_READABLE, PDF_ENCRYPTED, FILE_NOT_DIGESTED,
    BLOB_MISSING.
    """
    if file.media_type != PDF:
        raise Refused(NOT_FOUND_HERE)
    picturing.measure(file, page)
    found = PageWords.objects.filter(file=file, page=page).values_list("rows", flat=True).first()
    if found is None:
        found = _read(file, (page - 1) // AT_ONCE, 1)[(page - 1) % AT_ONCE]
    return unpacked(found)


def seek(file: StoredFile, question: Question, start: int = 1, within: float = SEEKING) -> Sought:
    """Pages of a file with words of a question, from page ``start`` on. Refuses as :func:`rows_of`.

    ``within``: seconds; at least some pages are looked at however short they are.
    """
    if file.media_type != PDF:
        raise Refused(NOT_FOUND_HERE)
    total = sum(count for count, _, _ in picturing.runs(file))
    if not question:
        return Sought((), total, total)
    until = time.monotonic() + within
    recognised = dict(PageWords.objects.filter(file=file).values_list("page", "rows"))
    found: list[FoundPage] = []
    at = max(start, 1)
    while at <= total:
        for number, rows in _lot(file, at):
            hits = hits_on(unpacked(recognised.get(number, rows)), question)
            if hits:
                best = max(range(len(hits)), key=lambda at: hits[at].words)
                found.append(FoundPage(number, len(hits), best, hits[best].words))
        at = ((at - 1) // AT_ONCE + 1) * AT_ONCE + 1
        if time.monotonic() > until:
            break
    return Sought(found, min(at - 1, total), total)


def place_in(document: Document, page: int) -> tuple[StoredFile | None, int]:
    """The file and its page where a page (from 1) of the document's whole text stands: the texts of its files follow
    one another. None and 1 when no file has it."""
    left = max(page, 1)
    for file in storing.current(document):
        if file.media_type != PDF or file.role == "editable" or file.text_state not in READ:
            continue
        pages = min(file.pages or 1, TEXT_PAGES)
        if left <= pages:
            return file, left
        left -= pages
    return None, 1


def keep_recognised(file: StoredFile, pages: Iterable[tuple[int, list[Packed]]]) -> None:
    """Keep what was recognised on the pages (from 1) of a file. Again: the newer words."""
    PageWords.objects.bulk_create(
        [PageWords(agency_id=file.agency_id, file=file, page=page, rows=_storable(rows)) for page, rows in pages],
        update_conflicts=True, unique_fields=("file", "page"), update_fields=("rows",),
    )  # fmt: skip


def _storable(rows: list[Packed]) -> list[Packed]:
    return [[text.replace("\x00", ""), *more] for text, *more in rows]


def _lot(file: StoredFile, start: int) -> Iterator[tuple[int, list[Packed]]]:
    """Numbers and packed rows from a page to the end of its lot."""
    lot, within = divmod(start - 1, AT_ONCE)
    for offset, rows in enumerate(_read(file, lot, AHEAD)[within:], within):
        yield lot * AT_ONCE + offset + 1, rows


def _read(file: StoredFile, lot: int, ahead: int) -> list[list[Packed]]:
    """The packed rows of a lot; when they have to be read, so are those of the ``ahead`` lots that begin with it."""
    place = _place(file, lot)
    try:
        kept: list[list[Packed]] = json.loads(place.read_bytes())
    except FileNotFoundError:
        pages = _apart.run(words_of_file, str(picturing.path_of(file)), lot * AT_ONCE, ahead * AT_ONCE)
        for offset in range(ahead):
            part = pages[offset * AT_ONCE : (offset + 1) * AT_ONCE]
            picturing.write(_place(file, lot + offset), json.dumps(part, ensure_ascii=False).encode())
        return pages[:AT_ONCE]
    return kept


def _place(file: StoredFile, lot: int) -> Path:
    return picturing.folder(file) / f"words-{lot}.json"
