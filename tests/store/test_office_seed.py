"""Invented correspondence in a real database: every rule of the tables holds, and every page opens."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

import psycopg
import pytest

from fixtures_office import OfficeInstallation
from lienthong.infra.blobs import BlobStore
from lienthong.office.models import Delivery, Document, NumberEntry, Register, StoredFile, Task
from lienthong.office.seeding.agencies import orders, prepare, write
from lienthong.office.seeding.desk import Letter
from lienthong.office.seeding.rows import Rows
from lienthong.office.services.indexing import index
from lienthong.roles.office_seed_work import OwnPages
from lienthong.webkit.people.models import Agency
from lienthong.webkit.site.duties import Duty
from lienthong.webkit.site.tenancy import acting_for, as_owner
from office_world import OfficeAgency, make_agency

DOCUMENTS = 300
UNTIL = date(2026, 6, 30)


@dataclass(frozen=True)
class Filled:
    """An agency of a test with its documents, and how many rows they took."""

    made: OfficeAgency
    rows: int


@pytest.fixture(scope="module")
def filled(office_installation: OfficeInstallation) -> Iterator[Filled]:
    """One agency with people of its own, filled as an operator fills it."""
    made = make_agency(97_531)
    blobs = BlobStore(office_installation.folder / "blobs")
    with psycopg.connect(office_installation.owner_dsn, autocommit=True) as connection:
        rows = Rows(connection)
        wanted = [
            each for each in orders(connection, DOCUMENTS * 3, None, 7, UNTIL) if each.place.code == made.agency.code
        ]
        (order,) = prepare(connection, rows, wanted, datetime.now(UTC))
        fixed = type(order)(order.place, order.peers, DOCUMENTS, order.seed, UNTIL, order.agency)
        yield Filled(made, write(connection, rows, fixed, OwnPages(blobs)))


def test_a_seeded_agency_has_exactly_its_documents(filled: Filled) -> None:
    with acting_for(filled.made.agency.pk):
        assert Document.objects.count() == DOCUMENTS
        assert {"incoming", "outgoing"} == set(Document.objects.values_list("direction", flat=True))
        assert Task.objects.filter(parent__isnull=False).exists()
    assert filled.rows > DOCUMENTS * 8


def test_numbers_of_each_register_have_no_gap_and_the_next_one_follows(filled: Filled) -> None:
    with acting_for(filled.made.agency.pk):
        registers = list(Register.objects.all())
        assert len(registers) >= 6
        for register in registers:
            numbers = sorted(NumberEntry.objects.filter(register=register).values_list("number", flat=True))
            assert numbers == list(range(1, len(numbers) + 1))
            assert register.next_number == len(numbers) + 1
            for entry in NumberEntry.objects.filter(register=register, document__isnull=False).select_related(
                "document"
            ):
                document = entry.document
                assert document is not None
                assert entry.number in {document.arrival_number, document.number_value}
                assert document.year == register.year


def test_numbers_grow_with_time(filled: Filled) -> None:
    with acting_for(filled.made.agency.pk):
        for register in Register.objects.all():
            days = list(
                NumberEntry.objects.filter(register=register).order_by("number").values_list("given_at", flat=True)
            )
            assert days == sorted(days)


def test_words_are_those_that_the_office_itself_would_index(filled: Filled, office_installation) -> None:
    with acting_for(filled.made.agency.pk):
        for document in Document.objects.order_by("pk")[:40]:
            before = _words(office_installation, document.pk)
            index(document)
            assert _words(office_installation, document.pk) == before


def test_texts_are_composed_and_nothing_lies_in_the_future(filled: Filled) -> None:
    with acting_for(filled.made.agency.pk):
        for document in Document.objects.select_related("text"):
            for text in (document.abstract, document.issuer_name, document.signer_name, document.text.body):
                assert text == unicodedata.normalize("NFC", text)
            assert document.created_at.date() <= UNTIL
            assert document.issued_date is None or document.issued_date <= UNTIL
            assert not document.symbol.endswith("-")


def test_paper_is_sent_and_only_the_axis_accepts(filled: Filled) -> None:
    with acting_for(filled.made.agency.pk):
        assert not Delivery.objects.exclude(channel="axis").filter(state="accepted").exists()


def test_every_document_has_a_page_that_says_what_it_says(filled: Filled) -> None:
    with acting_for(filled.made.agency.pk):
        with_file = set(StoredFile.objects.filter(document__isnull=False).values_list("document_id", flat=True))
        assert with_file == set(Document.objects.values_list("pk", flat=True))


def test_pages_open_for_people_of_the_agency(filled: Filled) -> None:
    registrar = filled.made.client(Duty.REGISTRAR)
    page = registrar.get("/incoming")
    assert page.status_code == 200
    with acting_for(filled.made.agency.pk):
        newest = Document.objects.filter(direction="incoming").order_by("-pk").first()
        assert newest is not None
    assert newest.abstract[:40] in page.content.decode().replace("&#x27;", "'")
    with acting_for(filled.made.agency.pk):
        some = list(Document.objects.filter(direction="incoming").values_list("pk", flat=True)[::25])
        leaving = list(Document.objects.filter(direction="outgoing").values_list("pk", flat=True)[::25])
        files = list(StoredFile.objects.filter(document__in=some[:2]).values_list("pk", flat=True))
    for where in (*(f"/documents/{each}" for each in some), *(f"/drafts/{each}" for each in leaving), "/outgoing", "/drafts",
                  "/arrivals", "/registers", "/notices", *(f"/files/{each}/pages/1-110.png" for each in files)):  # fmt: skip
        assert registrar.get(where).status_code == 200, where
    assert filled.made.client(Duty.CASE_OFFICER).get("/").status_code == 200
    assert filled.made.client(Duty.LEADER).get("/incoming").status_code == 200


def test_a_second_run_leaves_agencies_with_documents_alone(filled: Filled, office_installation) -> None:
    with psycopg.connect(office_installation.owner_dsn, autocommit=True) as connection:
        again = orders(connection, 500, None, 7, UNTIL)
    assert filled.made.agency.code not in {each.place.code for each in again}


def test_a_run_that_fails_in_the_middle_leaves_nothing_of_its_agency(office_installation) -> None:
    class Torn(OwnPages):
        left = 40

        def page(self, letter: Letter):
            self.left -= 1
            if self.left == 0:
                raise OSError("no space")
            return super().page(letter)

    papers = Torn(BlobStore(office_installation.folder / "blobs"))
    with psycopg.connect(office_installation.owner_dsn, autocommit=True) as connection:
        rows = Rows(connection)
        order = prepare(connection, rows, orders(connection, 80, 1, 3, UNTIL), datetime.now(UTC))[0]
        with pytest.raises(OSError, match="no space"):
            write(connection, rows, order, papers)
        assert _documents_of(connection, order.agency) == 0
        write(connection, rows, order, OwnPages(BlobStore(office_installation.folder / "blobs")))
        assert _documents_of(connection, order.agency) == 80
    with as_owner():
        assert Agency.objects.get(pk=order.agency).code.startswith("W00.")


def _documents_of(connection: psycopg.Connection, agency: int | None) -> int:
    row = connection.execute("select count(*) from office_document where agency_id = %s", (agency,)).fetchone()
    assert row is not None
    return int(row[0])


def _words(installation: OfficeInstallation, document: int) -> tuple[object, ...]:
    with psycopg.connect(installation.owner_dsn) as connection:
        row = connection.execute(
            "select exact::text, plain::text, body from office_documenttext where document_id = %s", (document,)
        ).fetchone()
    assert row is not None
    return tuple(row)
