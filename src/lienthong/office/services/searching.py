"""Search over all input fields and the content of documents, only of those that somebody may read.

Order: hits that say why they come first (with their accents before without, in the fields before in the content),
then the newest. Source: D30 Appendix VI, functions F6d, F6đ, F6e, F6g, F6h.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db import connection
from django.db.models import CharField, Exists, Func, OuterRef, Q, QuerySet, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Concat, Lower

from lienthong.base.text import fold, nfc
from lienthong.office.models import Document, DossierDocument, StoredFile
from lienthong.office.services.excerpts import Excerpt, Piece, excerpt, marked
from lienthong.office.services.questions import Question
from lienthong.office.services.reading_rights import readable
from lienthong.office.states import Direction, Incoming, Outgoing
from lienthong.webkit.door.visit import Visit

RANKED = 2000
"""Hits that are put in order; of more the newest ones are."""

FOUND = 50_000
"""Newest documents of an agency that the index gives for one question."""

COUNTED = 10_000
OVER = (Incoming.FINISHED.value, Incoming.RECALLED.value, Outgoing.CANCELLED.value)


@dataclass(frozen=True, slots=True)
class Filters:
    """What narrows a search; an empty one narrows nothing. Texts are compared without accents.

    ``first``/``last``: days of the document; ``arrived_first``/``arrived_last``: of arrival. ``overdue``: its deadline
    has passed and it is not finished.
    """

    direction: str = ""
    year: int | None = None
    register: int | None = None
    kind: str = ""
    issuer: str = ""
    signer: str = ""
    number: str = ""
    state: str = ""
    urgency: int | None = None
    first: date | None = None
    last: date | None = None
    arrived_first: date | None = None
    arrived_last: date | None = None
    dossier: int | None = None
    unit: int | None = None
    with_file: bool = False
    unfiled: bool = False
    overdue: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """One document that was found. ``score``: 7 to 0. ``why``: vi and en. ``page``: excerpt of its content."""

    document: Document
    score: int = 0
    abstract: Sequence[Piece] = ()
    content: Excerpt | None = None

    @property
    def why(self) -> tuple[str, str]:
        """Why it stands where it stands."""
        return _WHY[max(each for each in _WHY if each <= self.score)]


_WHY = {
    7: ("đúng dấu, trong các trường", "exact, in the fields"),
    3: ("đúng dấu trong nội dung; không dấu trong các trường", "exact in the content, unaccented in the fields"),
    2: ("không dấu, trong các trường", "unaccented, in the fields"),
    1: ("đúng dấu, trong nội dung", "exact, in the content"),
    0: ("không dấu, trong nội dung", "unaccented, in the content"),
}


@dataclass(frozen=True, slots=True)
class Found:
    """One page of what was found. ``total``: how many, exactly unless ``more``, when there are more than counted."""

    hits: Sequence[Hit]
    total: int
    more: bool = False
    ordered: int = field(default=RANKED)


def matching(visit: Visit, question: Question, filters: Filters) -> QuerySet[Document]:
    """All documents that somebody may read, that hold the words of the question and pass the filters."""
    documents = filtered(visit, readable(visit), filters)
    if question:
        documents = documents.filter(
            pk__in=RawSQL("select document_id from office_found(%s::tsquery, %s)", [question.plain(), FOUND])
        )
    return documents


def search(visit: Visit, question: Question, filters: Filters, start: int = 0, size: int = 25) -> Found:
    """One page in order of rank, ``start`` hits after the first."""
    documents = matching(visit, question, filters)
    if not question:
        total = documents.order_by()[: COUNTED + 1].count()
        chosen = list(documents.order_by("-pk")[start : start + size])
        return Found([Hit(each) for each in chosen], min(total, COUNTED), total > COUNTED, COUNTED)
    newest = list(documents.order_by("-pk").values_list("pk", flat=True)[: RANKED + 1])
    scores = rank(question, newest[:RANKED])
    order = sorted(scores, key=lambda each: (-scores[each], -each))[start : start + size]
    return Found(list(_hits(question, order, scores)), min(len(newest), RANKED), len(newest) > RANKED)


def everything(visit: Visit, question: Question, filters: Filters) -> Iterator[Document]:
    """All that was found, in the order of the pages; what an export writes."""
    if not question:
        yield from matching(visit, question, filters).order_by("-pk")[:COUNTED].iterator(chunk_size=500)
        return
    newest = list(matching(visit, question, filters).order_by("-pk").values_list("pk", flat=True)[:RANKED])
    scores = rank(question, newest)
    order = sorted(scores, key=lambda each: (-scores[each], -each))
    for at in range(0, len(order), 500):
        batch = Document.objects.in_bulk(order[at : at + 500])
        yield from (batch[each] for each in order[at : at + 500] if each in batch)


def rank(question: Question, documents: Sequence[int]) -> Mapping[int, int]:
    """A score for each: 4 for accents in the fields, 2 for the fields at all, 1 for accents anywhere."""
    if not documents:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            """select document_id, 4 * (exact @@ %s::tsquery)::int + 2 * (plain @@ %s::tsquery)::int
                      + (exact @@ %s::tsquery)::int
               from office_documenttext where document_id = any(%s)""",
            [question.exact("ABC"), question.plain("ABC"), question.exact(), list(documents)],
        )
        return dict(cursor.fetchall())


def _hits(question: Question, order: Sequence[int], scores: Mapping[int, int]) -> Iterator[Hit]:
    documents = Document.objects.in_bulk(order)
    with connection.cursor() as cursor:
        cursor.execute("select document_id, body from office_documenttext where document_id = any(%s)", [list(order)])
        bodies = dict(cursor.fetchall())
    for each in order:
        document = documents.get(each)
        if document is not None:
            yield Hit(
                document, scores[each], marked(document.abstract, question), excerpt(bodies.get(each, ""), question)
            )


def filtered(visit: Visit, documents: QuerySet[Document], filters: Filters) -> QuerySet[Document]:
    """The documents that pass the filters."""
    plain: dict[str, object] = {
        "direction": filters.direction, "year": filters.year, "register": filters.register, "kind": filters.kind,
        "state": filters.state, "urgency": filters.urgency, "unit": filters.unit, "issued_date__gte": filters.first,
        "issued_date__lte": filters.last, "arrival_date__gte": filters.arrived_first,
        "arrival_date__lte": filters.arrived_last,
    }  # fmt: skip
    documents = documents.filter(**{name: value for name, value in plain.items() if value not in {None, ""}})
    for words_, names in ((filters.issuer, ("issuer_name",)), (filters.signer, ("signer_name", "signer_position"))):
        if words_:
            documents = _said_in(documents, words_, names)
    if filters.dossier is not None:
        documents = documents.filter(Exists(_entries().filter(dossier=filters.dossier)))
    if filters.unfiled:
        documents = documents.filter(~Exists(_entries()), Q(state__in=_TO_FILE))
    if filters.with_file:
        documents = documents.filter(Exists(StoredFile.objects.filter(document=OuterRef("pk"))))
    if filters.overdue:
        documents = documents.filter(due_date__lt=visit.today).exclude(state__in=OVER)
    return documents


_TO_FILE = [each.value for each in Incoming if each is not Incoming.RECALLED] + [Outgoing.ISSUED.value]


def _entries() -> QuerySet[DossierDocument]:
    return DossierDocument.objects.filter(document=OuterRef("pk"))


_ACCENTS = (
    "àáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵđ",
    "aaaaaaaaaaaaaaaaaeeeeeeeeeeeiiiiiooooooooooooooooouuuuuuuuuuuyyyyyd",
)


def _said_in(documents: QuerySet[Document], text: str, names: Sequence[str]) -> QuerySet[Document]:
    """Documents with all these words, or parts of words, in one of the fields, accents or not."""
    joined = Concat(*(part for name in names for part in (Lower(name), Value(" "))), output_field=CharField())
    bare = Func(joined, *map(Value, _ACCENTS), function="translate", output_field=CharField())
    name = f"bare_{names[0]}"
    documents = documents.alias(**{name: bare})
    for word in fold(nfc(text)).split()[:10]:
        documents = documents.filter(**{f"{name}__contains": word})
    return documents


def directions() -> Sequence[tuple[str, str]]:
    """The values of the filter with their words."""
    return ((Direction.INCOMING.value, "Văn bản đến"), (Direction.OUTGOING.value, "Văn bản đi"))
