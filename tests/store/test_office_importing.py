"""Taking over an older system's documents: what the trial counts is what the import does, once and for all."""

from __future__ import annotations

import csv
import io
import secrets
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lienthong.base.errors import Refused
from lienthong.base.ids import Sha256
from lienthong.office.models import Document, ImportedRow, ImportRun, NumberEntry, Register, StoredFile
from lienthong.office.services import importing
from lienthong.office.services.import_files import NoFiles
from lienthong.office.services.import_writing import GAP_REASON
from lienthong.office.services.storing import store
from lienthong.office.states import Direction
from lienthong.webkit.audit.chain import check
from lienthong.webkit.door.visit import Visit
from lienthong.webkit.site.duties import Duty
from lienthong.webkit.site.errors import NOT_FOUND_HERE
from lienthong.webkit.site.tenancy import acting_for
from office_world import OfficeAgency, make_agency, visit_as

HEADER = ("Số đến", "Ngày đến", "Số, ký hiệu", "Ngày văn bản", "Cơ quan ban hành", "Trích yếu", "Loại văn bản", "Tệp")
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF"
Cells = tuple[str, ...]


@pytest.fixture
def made(agency_number: int) -> OfficeAgency:
    return make_agency(agency_number)


def row(number: int | str, day: str = "05/03/2021", **more: str) -> Cells:
    values = {"symbol": f"{number}/UBND-VX", "issued": "01/03/2021", "issuer": "UBND tỉnh Mẫu Sơn",
              "abstract": f"Về việc thứ {number}", "kind": "Công văn", "files": ""} | more  # fmt: skip
    return (str(number), day, *values.values())


def table(*rows: Cells) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows([HEADER, *rows])
    return out.getvalue().encode()


def package(*members: tuple[str, bytes]) -> Sha256:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for name, data in members:
            packed.writestr(name, data)
    return store().put(out.getvalue()).sha256


def begin(
    visit: Visit, data: bytes, packed: Sha256 | None = None, direction: Direction = Direction.INCOMING
) -> ImportRun:
    run = importing.start(visit, "cu.csv", data, "Hệ cũ", direction, packed)
    return importing.confirm(visit, run.pk, run.mapping) if run.state == "mapping" else run


def tried(
    visit: Visit, data: bytes, packed: Sha256 | None = None, direction: Direction = Direction.INCOMING
) -> ImportRun:
    run = begin(visit, data, packed, direction)
    if run.state == "checking":
        importing.check(visit, run, importing.files_of(run))
    return run


def imported(visit: Visit, run: ImportRun) -> ImportRun:
    importing.begin(visit, run.pk)
    run.refresh_from_db()
    importing.carry_out(visit, run, importing.files_of(run))
    return run


COUNTS = ("rows", "imported", "known", "stopped", "files", "registers")


def test_documents_of_a_past_year_come_in_finished_searchable_and_numbered_as_they_were(made: OfficeAgency) -> None:
    with acting_for(made.agency.pk):
        visit = visit_as(made, Duty.REGISTRAR)
        run = tried(visit, table(row(1, files="a.pdf"), row(2), row(5)), package(("x/a.pdf", PDF)))
        assert not Document.objects.exists()
        assert not Register.objects.exists()
        trial = dict(run.result)
        run = imported(visit, run)
        assert {each: run.result[each] for each in COUNTS} == {each: trial[each] for each in COUNTS}
        found = Document.objects.get(arrival_number=1)
        assert (found.state, found.number_and_symbol, found.year) == ("finished", "1/UBND-VX", 2021)
        assert bytes(StoredFile.objects.get(document=found).sha256) == store().put(PDF).sha256
        book = Register.objects.get()
        assert (book.closed_at is not None, book.next_number) == (True, 6)
        voided = NumberEntry.objects.filter(register=book, document=None)
        assert [(each.number, each.void_reason) for each in voided.order_by("number")] == [
            (3, GAP_REASON),
            (4, GAP_REASON),
        ]
        with connection.cursor() as cursor:
            cursor.execute("select count(*) from office_documenttext where plain @@ 'mau'::tsquery")
            assert cursor.fetchone() == (3,)
            cursor.execute("select count(*) from audit_entry where action = 'document.imported'")
            assert cursor.fetchone() == (3,)
        check(made.agency.pk)


def test_importing_twice_changes_nothing_and_a_larger_table_adds_only_the_rest(made: OfficeAgency) -> None:
    with acting_for(made.agency.pk):
        visit = visit_as(made, Duty.ADMINISTRATOR)
        first = imported(visit, tried(visit, table(row(1), row(4))))
        again = importing.start(visit, "khac-ten.csv", table(row(1), row(4)), "Hệ cũ", Direction.INCOMING)
        assert again.pk == first.pk
        importing.carry_out(visit, first, NoFiles())
        assert Document.objects.count() == 2
        larger = tried(visit, table(row(1), row(3), row(4)))
        assert (larger.result["known"], larger.result["imported"]) == (2, 1)
        larger = imported(visit, larger)
        assert (larger.result["known"], larger.result["imported"]) == (2, 1)
        assert list(NumberEntry.objects.order_by("number").values_list("number", "document__arrival_number")) == [
            (1, 1), (2, None), (3, 3), (4, 4)
        ]  # fmt: skip


def test_a_number_that_is_here_already_is_left_alone(made: OfficeAgency) -> None:
    with acting_for(made.agency.pk):
        visit = visit_as(made, Duty.REGISTRAR)
        imported(visit, tried(visit, table(row(1))))
        run = importing.start(visit, "b.csv", table(row(1, abstract="Khác"), row(2)), "Hệ khác", Direction.INCOMING)
        importing.confirm(visit, run.pk, run.mapping)
        run.refresh_from_db()
        importing.check(visit, run, NoFiles())
        assert (run.result["stopped"], run.result["imported"], run.result["faults"]["taken"]) == (1, 1, 1)
        imported(visit, run)
        assert Document.objects.get(arrival_number=1).abstract == "Về việc thứ 1"


def test_nothing_is_imported_into_a_register_whose_paper_was_kept_at_closing(made: OfficeAgency) -> None:
    with acting_for(made.agency.pk):
        visit = visit_as(made, Duty.REGISTRAR)
        imported(visit, tried(visit, table(row(1))))
        run = tried(visit, table(row(1), row(2)))
        Register.objects.filter(direction="incoming", year=2021).update(closed_sha256=b"\1" * 32)
        with pytest.raises(Refused, match="closed and kept") as refused:
            imported(visit, run)
        assert refused.value.code.name == "STEP_NOT_POSSIBLE"
        assert Document.objects.count() == 1


def test_an_interrupted_import_goes_on_and_counts_as_if_it_had_not_been(
    made: OfficeAgency, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "BATCH", 3)
    with acting_for(made.agency.pk):
        visit = visit_as(made, Duty.REGISTRAR)
        run = tried(visit, table(*(row(number) for number in (1, 2, 3, 4, 4, 6, 7, 8))))
        trial = dict(run.result)
        importing.begin(visit, run.pk)

        class Killed(BaseException):
            pass

        def die(at: int, of: int) -> None:
            if at >= 6:
                raise Killed

        with pytest.raises(Killed):
            importing.carry_out(visit, run, NoFiles(), die)
        assert Document.objects.count() == 5
        run.refresh_from_db()
        assert run.state == "importing"
        importing.carry_out(visit, run, NoFiles())
        assert {each: run.result[each] for each in COUNTS} == {each: trial[each] for each in COUNTS}
        assert Document.objects.count() == run.result["imported"] == 7


cells = st.one_of(
    st.builds(row, st.integers(1, 12), st.sampled_from(["05/03/2021", "07/08/2022"])),
    st.builds(row, st.sampled_from(["", "1a", 0]), st.sampled_from(["05/03/2021", "30/02/2021", "2026-11-20", ""])),
    st.builds(lambda n, a: row(n, abstract=a), st.integers(1, 5), st.sampled_from(["", "Thử", "x" * 600])),
    st.builds(lambda n, f: row(n, files=f), st.integers(1, 5), st.sampled_from(["a.pdf", "khong.pdf", "a.pdf; sai.pdf"])),
)  # fmt: skip


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(cells, min_size=1, max_size=14), st.lists(cells, min_size=1, max_size=8))
def test_the_trial_counts_what_the_import_does_also_the_second_time(
    agency_number: int, first: list[Cells], second: list[Cells]
) -> None:
    made = make_agency(agency_number, f"H{secrets.token_hex(5)}")
    with acting_for(made.agency.pk):
        visit = visit_as(made, Duty.REGISTRAR)
        packed = package(("a.pdf", PDF), ("sai.pdf", b"MZ"))
        for rows in (first, second):
            before = Document.objects.count()
            run = tried(visit, table(*rows), packed)
            trial = dict(run.result)
            if run.state == "checked":
                run = imported(visit, run)
            assert {each: run.result[each] for each in COUNTS} == {each: trial[each] for each in COUNTS}
            assert Document.objects.count() - before == trial["imported"] or run.result["known"] == 0
            for book in Register.objects.all():
                numbers = sorted(NumberEntry.objects.filter(register=book).values_list("number", flat=True))
                assert numbers == list(range(1, book.next_number))
            held = Document.objects.count()
            importing.carry_out(visit, run, importing.files_of(run))
            assert Document.objects.count() == held == ImportedRow.objects.count()


def test_outgoing_documents_keep_series_by_kind_apart(made: OfficeAgency) -> None:
    head = ("Số văn bản", "Ký hiệu", "Ngày ban hành", "Trích yếu", "Loại văn bản", "Nơi nhận")
    rows = [("1", "QĐ-STN", "05/03/2020", "Về việc A", "Quyết định", "Như điều 3"),
            ("1", "BC-STN", "06/03/2020", "Báo cáo B", "Báo cáo", "Sở C"),
            ("1a", "BC-STN", "07/03/2020", "Báo cáo D", "Báo cáo", "Sở C")]  # fmt: skip
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerows([head, *rows])
    with acting_for(made.agency.pk):
        visit = visit_as(made, Duty.REGISTRAR)
        run = importing.start(visit, "di.csv", out.getvalue().encode("utf-8-sig"), "Hệ cũ", Direction.OUTGOING)
        run = importing.confirm(visit, run.pk, run.mapping, series_by_kind=True)
        importing.check(visit, run, NoFiles())
        imported(visit, run)
        assert run.result["imported"] == 3
        assert sorted(Register.objects.values_list("code", "next_number")) == [
            ("bao-cao", 2),
            ("quyet-dinh-ca-biet", 2),
        ]
        letter = Document.objects.get(number="1a")
        assert (letter.state, letter.number_value, letter.issuer_name) == ("issued", None, made.agency.name)


@pytest.mark.parametrize("duty", [each for each in Duty if each not in {Duty.ADMINISTRATOR, Duty.REGISTRAR}])
def test_only_administrators_and_registrars_import(made: OfficeAgency, duty: Duty) -> None:
    with acting_for(made.agency.pk), pytest.raises(Refused, match="NOT_YOURS"):
        importing.start(visit_as(made, duty), "a.csv", table(row(1)), "Hệ cũ", Direction.INCOMING)


def test_the_import_needs_its_columns_and_its_trial_first(made: OfficeAgency) -> None:
    with acting_for(made.agency.pk):
        visit = visit_as(made, Duty.REGISTRAR)
        run = importing.start(visit, "a.csv", table(row(1)), "Hệ cũ", Direction.INCOMING)
        with pytest.raises(Refused, match="FIELDS_WRONG"):
            importing.confirm(visit, run.pk, {"abstract": 5})
        with pytest.raises(Refused, match="STEP_NOT_POSSIBLE"):
            importing.begin(visit, run.pk)


def test_the_worker_carries_out_what_people_asked_for_and_says_what_failed(made: OfficeAgency) -> None:
    with acting_for(made.agency.pk):
        visit = visit_as(made, Duty.REGISTRAR)
        run = begin(visit, table(row(1)))
        assert importing.work_on_imports(visit) == 1
        importing.begin(visit, run.pk)
        bad = importing.start(visit, "b.csv", table(row(2)), "Hệ cũ", Direction.INCOMING, store().put(b"no zip").sha256)
        importing.confirm(visit, bad.pk, bad.mapping)
        assert importing.work_on_imports(visit) == 2
        bad.refresh_from_db()
        run.refresh_from_db()
        assert (run.state, bad.state) == ("done", "failed")
        assert "ZIP" in bad.result["reason_vi"]
        assert importing.work_on_imports(visit) == 0


def test_columns_that_are_confirmed_while_the_trial_runs_are_tried_themselves(made: OfficeAgency) -> None:
    with acting_for(made.agency.pk):
        visit = visit_as(made, Duty.REGISTRAR)
        run = begin(visit, table(row(1)))
        before, other = dict(run.mapping), {name: at for name, at in run.mapping.items() if name != "kind"}
        assert other != before

        def corrected(*_: int) -> None:
            importing.confirm(visit, run.pk, other)

        importing.check(visit, run, NoFiles(), corrected)
        run.refresh_from_db()
        assert (run.state, run.mapping, run.result, run.findings) == ("checking", other, {}, None)
        importing.work_on_imports(visit)
        run.refresh_from_db()
        assert (run.state, run.mapping) == ("checked", other)


def test_a_trial_that_fails_does_not_fail_the_columns_that_were_confirmed_meanwhile(
    made: OfficeAgency, monkeypatch: pytest.MonkeyPatch
) -> None:
    with acting_for(made.agency.pk):
        visit = visit_as(made, Duty.REGISTRAR)
        run = begin(visit, table(row(1)))
        other = {name: at for name, at in run.mapping.items() if name != "kind"}

        def break_off(*_: object) -> None:
            with ThreadPoolExecutor(1) as beside:
                beside.submit(confirm_beside).result()
            raise Refused(NOT_FOUND_HERE)

        def confirm_beside() -> None:
            # A connection of its own: what the trial did is rolled back.
            try:
                with acting_for(made.agency.pk):
                    importing.confirm(visit, run.pk, other)
            finally:
                connections.close_all()

        with monkeypatch.context() as patched:
            patched.setattr(importing, "_write_findings", break_off)
            importing.work_on_imports(visit)
        run.refresh_from_db()
        assert run.state == "checking"


@pytest.mark.slow
def test_five_thousand_rows_take_less_than_half_a_minute(made: OfficeAgency) -> None:
    """As quick as fifty thousand have to be, which ``./dev bench imports`` measures."""
    rows = [
        row(at % 1_000 + 1, f"{1 + at % 28:02d}/{1 + at % 12:02d}/{2015 + at // 1_000}", issued="01/01/2015")
        for at in range(5_000)
    ]
    with acting_for(made.agency.pk):
        visit = visit_as(made, Duty.REGISTRAR)
        began = time.monotonic()
        run = tried(visit, table(*rows))
        checked = time.monotonic() - began
        run = imported(visit, run)
        took = time.monotonic() - began
        print(f"trial {checked:.1f} s, all {took:.1f} s, {run.result['imported']} documents")
        assert Document.objects.count() == 5_000
        assert took < 30
