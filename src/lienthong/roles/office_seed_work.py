"""What a process of ``lienthong office seed`` does; imported only once Django is set up in it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random

from lienthong.infra.blobs import BlobStore
from lienthong.infra.database import connect, database_errors
from lienthong.office.seeding import words
from lienthong.office.seeding.agencies import Order, orders, prepare, write
from lienthong.office.seeding.days import Days
from lienthong.office.seeding.desk import Letter, Page, Papers, place_and_date
from lienthong.office.seeding.phrasing import Phrases
from lienthong.office.seeding.places import places
from lienthong.office.seeding.rows import Rows
from lienthong.roles import demo_pdf

NAME = "lienthong office seed"
POOL = 48


def prepared(dsn: str, documents: int, agencies: int | None, seed: int, until: date, *, axis: bool) -> list[Order]:
    """Found the agencies that are not there and say who gets how many documents."""
    with connect(dsn, NAME, statement_seconds=0) as connection, database_errors():
        wanted = orders(connection, documents, agencies, seed, until, axis=axis)
        return prepare(connection, Rows(connection), wanted, datetime.now(UTC))


def writing(dsn: str, blobs: Path, pages: Sequence[Page] | None) -> Callable[[Order, Callable[[int], None]], int]:
    """A function that writes agencies over one connection; ``pages``: those that all documents share."""
    connection = connect(dsn, NAME, statement_seconds=0)
    rows = Rows(connection)
    papers: Papers = PagePool(pages) if pages else OwnPages(BlobStore(blobs))

    def written(order: Order, tick: Callable[[int], None]) -> int:
        return write(connection, rows, order, papers, tick)

    return written


class OwnPages:
    """Papers that show each document as it is."""

    def __init__(self, blobs: BlobStore) -> None:
        self._blobs = blobs

    def page(self, letter: Letter) -> Page:
        """A new file for this letter."""
        return _stored(self._blobs, letter)


class PagePool:
    """Papers that show documents by a few files, taken by the number of the document."""

    def __init__(self, pages: Sequence[Page]) -> None:
        self._pages = pages
        self._next = 0

    def page(self, letter: Letter) -> Page:
        """One of the pool, each in its turn."""
        self._next += 1
        return self._pages[self._next % len(self._pages)]


def pool_of_pages(folder: Path, seed: int, until: date) -> list[Page]:
    """Letters of different kinds and senders, stored once."""
    blobs = BlobStore(folder)
    chance = Random(f"{seed}/pages")
    phrases, senders, found = Phrases(chance), places(8), list[Page]()
    for n in range(POOL):
        sender, day = senders[n % len(senders)], Days(until).moment(chance.random()).date()
        text = phrases.text("Công văn", sender.name, "Văn phòng", day)
        number = f"{chance.randint(1, 900):02d}/{sender.mark}-VP"
        letter = Letter(sender.name, number, place_and_date(sender.place, day),
                        text.abstract, chance.choice(words.FIRMS), text.paragraphs, phrases.person())  # fmt: skip
        found.append(_stored(blobs, letter))
    return found


def _stored(blobs: BlobStore, letter: Letter) -> Page:
    handle, name = tempfile.mkstemp(suffix=".pdf")
    os.close(handle)
    path = Path(name)
    try:
        demo_pdf.write_pdf(path, demo_pdf.Letter(
            letter.issuer, letter.number, letter.place_and_date, letter.abstract, letter.to, letter.paragraphs,
            letter.signer,
        ))  # fmt: skip
        blob = blobs.put(path.read_bytes())
    finally:
        path.unlink()
    return Page(bytes(blob.sha256), blob.size, 1)
