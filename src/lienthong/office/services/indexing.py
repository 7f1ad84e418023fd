"""The search index: words of a document with and without accents, under the agency's own word.

The words are made here and not by PostgreSQL's parser, which takes ``1312/VPCP-KSTT`` for a path and knows no ``đ``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection

from lienthong.base.text import fold, nfc
from lienthong.office.models import Document

_MARKS = "".join(re.escape(chr(each)) for each in range(0x300, 0x1E950) if unicodedata.combining(chr(each)))
WORD = re.compile(rf"[^\W_]+(?:[{_MARKS}]+[^\W_]*)*")
"""A word keeps the marks of its letters, also those that have no composed form: the unaccented key knows neither."""

LONGEST_WORD = 60
LAST_POSITION = 16383
"""PostgreSQL counts no further; words beyond it are found but not by neighbourhood."""

MOST_WORDS = 60_000


def words(text: str) -> list[str]:
    """The words of a text, NFC and lower case, with accents."""
    return [each[:LONGEST_WORD] for each in WORD.findall(nfc(text).casefold())]


def agency_word(agency: int) -> str:
    """The word that every document of an agency holds; no text contains it."""
    return f"_a{agency}"


def vector(parts: Iterable[tuple[str, str]], agency: int) -> str:
    """A ``tsvector`` as text from (text, weight) parts, words in order."""
    found: dict[str, list[str]] = {agency_word(agency): []}
    position, count = 0, 0
    for text, weight in parts:
        for word in words(text):
            position, count = min(position + 1, LAST_POSITION), count + 1
            if count > MOST_WORDS:
                break
            places = found.setdefault(word, [])
            if len(places) < 255:
                places.append(f"{position}{weight}")
        # Words of different fields are no neighbours.
        position = min(position + 5, LAST_POSITION)
    return " ".join(f"'{word}':{','.join(places)}" if places else f"'{word}'" for word, places in found.items())


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a document, made before its number is known: making them takes longer than writing them."""

    exact: str
    plain: str
    body: str


def words_of(document: Document, body: str) -> Words:
    """The words of a document and of the text of its files."""
    parts = parts_of(document, body)
    plain = [(fold(text), weight) for text, weight in parts]
    return Words(vector(parts, document.agency_id), vector(plain, document.agency_id), body)


def index(document: Document, body: str | None = None) -> None:
    """Write the words of a document; ``body``: new text of its files, the stored one when None."""
    if body is None:
        with connection.cursor() as cursor:
            cursor.execute("select body from office_documenttext where document_id = %s", [document.pk])
            row = cursor.fetchone()
        body = row[0] if row else ""
    write_words(document, words_of(document, body))


def write_words(document: Document, made: Words) -> None:
    """Write what was made, and the arrival number, which is given last."""
    number = arrival_word(document)
    with connection.cursor() as cursor:
        cursor.execute(
            """insert into office_documenttext (document_id, agency_id, exact, plain, body)
               values (%s, %s, %s::tsvector, %s::tsvector, %s)
               on conflict (document_id) do update
               set exact = excluded.exact, plain = excluded.plain, body = excluded.body""",
            [document.pk, document.agency_id, made.exact + number, made.plain + number, made.body],
        )


def index_new(documents: Iterable[Document]) -> None:
    """Write the words of many documents that have no text yet, in one round trip."""
    rows = []
    for each in documents:
        made, number = words_of(each, ""), arrival_word(each)
        rows.append((each.pk, each.agency_id, made.exact + number, made.plain + number))
    with connection.cursor() as cursor:
        cursor.executemany(
            """insert into office_documenttext (document_id, agency_id, exact, plain, body)
               values (%s, %s, %s::tsvector, %s::tsvector, '') on conflict (document_id) do nothing""",
            rows,
        )


def arrival_word(document: Document) -> str:
    """The arrival number as one more word of a vector."""
    return f" '{document.arrival_number}':{LAST_POSITION}B" if document.arrival_number else ""


def parts_of(document: Document, body: str) -> list[tuple[str, str]]:
    """The input fields of a document (D30 Appendix VI, function F6d), the weightiest first, then its content.

    The arrival number is not among them: it is a word that is added when it is known.
    """
    return [
        (document.number_and_symbol, "A"), (document.abstract, "A"), (document.kind, "B"),
        (document.issuer_name, "B"), (document.identifier, "B"),
        (f"{document.signer_name} {document.signer_position}", "B"), (document.to_places, "C"), (document.note, "C"),
        (document.language, "C"), (body, "D"),
    ]  # fmt: skip
