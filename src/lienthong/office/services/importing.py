"""Taking over documents of past years from an older system: read, try (nothing is written), then import in batches.

The trial and the import judge rows by the same rules in the same order (:class:`Judge`), so that what the trial counts
is what the import does. A row is known by source system and key: again, it is the same document. An import that was
interrupted goes on where it stopped. Registers of past years are made closed, with the numbers as they were; a missing
number is entered void with its reason, since registers here have no gaps.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Any

from django.db import transaction

from lienthong.base.errors import Problem, ProblemKind, Refused
from lienthong.base.ids import Sha256
from lienthong.base.text import fold, one_line
from lienthong.infra.blobs import BlobStore, Upload
from lienthong.office.errors import FIELDS_WRONG, NOT_YOURS, STEP_NOT_POSSIBLE, wrong_field
from lienthong.office.models import Document, ImportedRow, ImportRun, NumberEntry, Register
from lienthong.office.services import import_writing
from lienthong.office.services.import_columns import fields_of, header_row, missing, propose
from lienthong.office.services.import_files import Files, NoFiles, Package, closing
from lienthong.office.services.import_rows import Fault, Row, Said, read_row
from lienthong.office.services.import_tables import lines, unreadable
from lienthong.office.services.storing import store
from lienthong.office.states import Direction
from lienthong.webkit.door.visit import Person, Visit, capacities_of
from lienthong.webkit.people.models import Account, Unit
from lienthong.webkit.site.duties import Duty
from lienthong.webkit.site.errors import NOT_FOUND_HERE

BATCH = 500
SAMPLE = 5
HEADER_WITHIN = 15
GAPS_SHOWN = 2000
"""Gaps that are listed one by one; a register whose numbers jump by millions is refused before."""

WIDEST_GAP = 100_000
Progress = Callable[[int, int], None]


def require_importer(visit: Visit) -> None:
    """Refuses NOT_YOURS for everybody but administrators and registrars."""
    if not visit.who.may(Duty.ADMINISTRATOR, Duty.REGISTRAR):
        raise Refused(NOT_YOURS, reason_vi="chỉ quản trị, văn thư nhập dữ liệu chuyển đổi",
                      reason_en="only administrators and registrars import")  # fmt: skip


def start(
    visit: Visit, name: str, data: bytes, system: str, direction: Direction, package: Sha256 | None = None
) -> ImportRun:
    """Read a table and propose which column is which; the same table of the same system again is the same run.

    ``package``: digest of the stored ZIP with the files. Refuses NOT_YOURS, FIELDS_WRONG, IMPORT_TABLE_UNREADABLE,
    SPREADSHEET_…
    """
    require_importer(visit)
    source = " ".join(system.split())
    if not source or len(source) > 40:
        raise wrong_field(
            ProblemKind.REQUIRED,
            "system",
            "Đặt tên hệ thống cũ, tối đa 40 ký tự.",
            "Name the older system, at most 40 letters.",
        )
    found = lines(name, data)
    top = list(islice(found, HEADER_WITHIN))
    if len(top) < 2:
        raise unreadable(name, "không có dòng dữ liệu nào", "it has no rows")
    at = header_row([cells for _, cells in top], direction)
    header, count = top[at][1], 0
    upload = store().begin()
    try:
        for line, cells in chain(top[at + 1 :], found):
            upload.write(_line(line, cells))
            count += 1
        (blob,) = store().finish_many([upload])
    except BaseException:
        upload.abandon()
        raise
    same = ImportRun.objects.filter(
        agency=visit.agency, system=source, direction=direction.value, rows=blob.sha256, package=package
    ).exclude(state="failed").order_by("-pk").first()  # fmt: skip
    if same is not None:
        return same
    run = ImportRun.objects.create(
        agency=visit.agency, system=source, direction=direction.value, name=one_line(name, 200), header=header,
        sample=[cells for _, cells in top[at + 1 : at + 1 + SAMPLE]], mapping=propose(header, direction),
        rows=blob.sha256, count=count, package=package, made_at=visit.now, made_by=visit.who.account,
    )  # fmt: skip
    visit.note("import.read", f"import:{run.pk}", system=source, rows=count, file=run.name)
    return run


def _line(line: int, cells: Sequence[str]) -> bytes:
    return json.dumps([line, *cells], ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def find(visit: Visit, run: int) -> ImportRun:
    """One run of this agency, locked. Refuses NOT_YOURS, NOT_FOUND_HERE."""
    require_importer(visit)
    found = ImportRun.objects.select_for_update().filter(pk=run, agency=visit.agency).first()
    if found is None:
        raise Refused(NOT_FOUND_HERE)
    return found


@transaction.atomic
def confirm(visit: Visit, run: int, mapping: Mapping[str, int], *, series_by_kind: bool = False) -> ImportRun:
    """A person says which column is which; the trial follows. Also again after a trial, to correct it.

    Refuses FIELDS_WRONG for fields that need a column, STEP_NOT_POSSIBLE once the import has begun.
    """
    found = find(visit, run)
    if found.state not in {"mapping", "checking", "checked"}:
        raise Refused(STEP_NOT_POSSIBLE, reason_vi="việc nhập đã bắt đầu", reason_en="the import has begun")
    direction = Direction(found.direction)
    known = {each.name for each in fields_of(direction)}
    chosen = {name: at for name, at in mapping.items() if name in known and 0 <= at < len(found.header)}
    wrong = [
        Problem(ProblemKind.REQUIRED, f"column-{each.name}", f"Chọn cột cho “{each.label}”.",
                f"Choose a column: {each.label}.")
        for each in missing(chosen, direction)
    ]  # fmt: skip
    if wrong:
        raise Refused(FIELDS_WRONG, tuple(wrong), count=len(wrong))
    found.mapping, found.series_by_kind = chosen, series_by_kind
    found.state, found.position, found.result, found.findings = "checking", 0, {}, None
    found.save(update_fields=["mapping", "series_by_kind", "state", "position", "result", "findings"])
    visit.note("import.mapped", f"import:{found.pk}", mapping=chosen)
    return found


@transaction.atomic
def begin(visit: Visit, run: int) -> ImportRun:
    """After the trial: import what can be. Again: no change. Refuses STEP_NOT_POSSIBLE before the trial is done."""
    found = find(visit, run)
    if found.state in {"importing", "done"}:
        return found
    if found.state != "checked":
        raise Refused(STEP_NOT_POSSIBLE, reason_vi="chưa chạy thử xong", reason_en="the trial is not done")
    found.state, found.position = "importing", 0
    found.save(update_fields=["state", "position"])
    visit.note("import.begun", f"import:{found.pk}")
    return found


@dataclass
class Judge:
    """Judges rows one after the other, by what is here and by the rows before. ``trial``: nothing will be written."""

    run: ImportRun
    files: Files
    visit: Visit
    trial: bool
    totals: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    used: dict[tuple[int, str], dict[int, int]] = field(default_factory=dict)
    keys: dict[str, int] = field(default_factory=dict)
    series: dict[tuple[int, str], str] = field(default_factory=dict)
    _taken: dict[tuple[int, str], frozenset[int]] = field(default_factory=dict)
    _units: dict[str, int] | None = None
    _people: dict[str, list[int]] | None = None

    def batch(self, rows: Sequence[Row]) -> list[Row]:
        """The rows of a batch that become documents; the findings of all are in their ``said``."""
        stored = dict(
            ImportedRow.objects.filter(
                agency=self.visit.agency, system=self.run.system, key__in=[each.key for each in rows]
            ).values_list("key", "run_id")
        )
        fresh = []
        for row in rows:
            self._own_doubles(row)
            self._names(row)
            if row.key in stored and not row.stopped:
                # Of this run: it was imported before an interruption, and counts as imported.
                self.totals["imported" if stored[row.key] == self.run.pk else "known"] += 1
                self._count_files(row)
            else:
                self._taken_numbers(row)
                self._count_files(row)
                if row.stopped:
                    self.totals["stopped"] += 1
                else:
                    self.totals["imported"] += 1
                    fresh.append(row)
            for each in row.said:
                self.faults[each.fault.value] += 1
        if self.trial:
            self._duplicates(fresh)
        return fresh

    def _own_doubles(self, row: Row) -> None:
        if row.stopped:
            return
        before = self.keys.setdefault(row.key, row.line)
        if before != row.line:
            row.say(Fault.DOUBLE, f"{row.key} (dòng {before})")
            return
        if row.value is not None:
            place = (row.year, row.series[0])
            other = self.used.setdefault(place, {}).setdefault(row.value, row.line)
            if other != row.line:
                row.say(Fault.DOUBLE, f"{row.value}/{row.year} (dòng {other})")
                return
            self.series.setdefault(place, row.series[1])

    def _taken_numbers(self, row: Row) -> None:
        if row.stopped or row.value is None:
            return
        place = (row.year, row.series[0])
        if place not in self._taken:
            self._taken[place] = self._numbers_of(place)
        if row.value in self._taken[place]:
            row.say(Fault.TAKEN, f"{row.value}/{row.year}")
            # A number that is not taken over must not look like one that is.
            self.used[place].pop(row.value, None)

    def _numbers_of(self, place: tuple[int, str]) -> frozenset[int]:
        """Numbers that are in use, without those that an earlier import found missing, and without this run's own."""
        registers = Register.objects.filter(agency=self.visit.agency, direction=self.run.direction, year=place[0])
        if self.run.direction == Direction.OUTGOING.value:
            registers = registers.filter(code=place[1])
        entries = NumberEntry.objects.filter(register__in=registers).exclude(
            document=None, void_reason=import_writing.GAP_REASON
        ).exclude(document__imported_from__run=self.run)  # fmt: skip
        return frozenset(entries.values_list("number", flat=True))

    def _names(self, row: Row) -> None:
        unit, person = row.texts.get("unit", ""), row.texts.get("person", "")
        if unit and self.unit(unit) is None:
            row.say(Fault.UNIT, unit)
        if person and self.person(person) is None:
            row.say(Fault.PERSON, person)

    def unit(self, name: str) -> int | None:
        """The unit of this name or abbreviation."""
        if self._units is None:
            self._units = {}
            for each in Unit.objects.filter(agency=self.visit.agency):
                self._units.setdefault(fold(each.name), each.pk)
                if each.abbreviation:
                    self._units.setdefault(fold(each.abbreviation), each.pk)
        return self._units.get(fold(name))

    def person(self, name: str) -> int | None:
        """The one person of this name or login; None for nobody and for several."""
        if self._people is None:
            self._people = {}
            for each in Account.objects.filter(agency=self.visit.agency):
                for known in {fold(each.full_name), fold(each.login)}:
                    self._people.setdefault(known, []).append(each.pk)
        found = self._people.get(fold(name), [])
        return found[0] if len(found) == 1 else None

    def _count_files(self, row: Row) -> None:
        """Look at the files that a row names; only those that can be taken stay with it."""
        if row.stopped:
            return
        good = []
        for name in row.files:
            wrong = self.files.look(name)
            if wrong is None:
                good.append(name)
            else:
                row.say(*wrong)
        row.files = tuple(good)
        self.totals["files"] += len(good)

    def _duplicates(self, rows: Sequence[Row]) -> None:
        """Documents that are here already under another number: the same number and symbol of the same day."""
        if self.run.direction != Direction.INCOMING.value:
            return
        wanted = {each.texts["number"] for each in rows if each.texts.get("number") and each.texts.get("symbol")}
        here = Document.objects.filter(agency=self.visit.agency, direction=self.run.direction, number__in=wanted)
        found = {
            (number, fold(symbol), day): pk
            for number, symbol, day, pk in here.values_list("number", "symbol", "issued_date", "pk")
        }
        for row in rows:
            same = found.get((row.texts.get("number", ""), fold(row.texts.get("symbol", "")), row.days["issued_date"]))
            if same is not None and row.days["issued_date"] is not None:
                row.say(Fault.DUPLICATE, f"/documents/{same}")
                self.faults[Fault.DUPLICATE.value] += 1

    def gaps(self) -> Iterator[tuple[tuple[int, str], list[int]]]:
        """Numbers that no row has and no register here: by year and register, from 1 to the highest."""
        for place in sorted(self.used):
            mine = self.used[place]
            if not mine:
                continue
            if place not in self._taken:
                self._taken[place] = self._numbers_of(place)
            have = self._taken[place]
            yield place, [number for number in range(1, max(mine) + 1) if number not in mine and number not in have]

    def result(self) -> dict[str, Any]:
        """The totals as they are kept and shown."""
        registers = [
            {"year": place[0], "register": self.series.get(place) or "", "numbers": len(self.used[place]),
             "last": max(self.used[place], default=0), "gaps": len(missing_)}
            for place, missing_ in self.gaps()
        ]  # fmt: skip
        return {
            "rows": sum(self.totals[name] for name in ("imported", "known", "stopped")),
            **{name: self.totals[name] for name in ("imported", "known", "stopped", "files")},
            "faults": dict(sorted(self.faults.items())), "registers": registers,
        }  # fmt: skip


def files_of(run: ImportRun) -> Files:
    """The package of a run, or nothing."""
    return Package(run.name, store().path(bytes(run.package))) if run.package else NoFiles()


def check(visit: Visit, run: ImportRun, files: Files, progress: Progress | None = None) -> ImportRun:
    """The trial: judge every row, write the findings and the totals; no document and no register is touched.

    When a person confirmed other columns meanwhile, nothing is written and those wait for their own trial.
    """
    judge = Judge(run, files, visit, trial=True)
    upload = store().begin()
    try:
        for at, rows in _batches(visit, run):
            judge.batch(rows)
            _write_findings(upload, rows)
            if progress is not None:
                progress(at, run.count)
        for place, numbers in judge.gaps():
            if len(numbers) > WIDEST_GAP:
                raise Refused(
                    STEP_NOT_POSSIBLE, reason_vi=f"sổ năm {place[0]} thiếu {len(numbers)} số: hãy xem lại cột số",
                    reason_en=f"the register of {place[0]} lacks {len(numbers)} numbers: look at the column",
                )  # fmt: skip
            for number in numbers[:GAPS_SHOWN]:
                upload.write(_said(Said(0, Fault.GAP, f"{number}/{place[0]} {judge.series.get(place) or ''}".strip())))
            if numbers:
                judge.faults[Fault.GAP.value] += len(numbers)
        digest = _kept(upload, store())
    except BaseException:
        upload.abandon()
        raise
    with transaction.atomic():
        if not _still_asked(run):
            run.refresh_from_db()
            return run
        run.state, run.position, run.result, run.findings = "checked", run.count, judge.result(), digest
        run.save(update_fields=["state", "position", "result", "findings"])
    visit.note("import.checked", f"import:{run.pk}", **{k: v for k, v in run.result.items() if isinstance(v, int)})
    return run


def _still_asked(run: ImportRun) -> bool:
    """Whether the trial of these columns is still what people want; then the row is locked.

    Columns may be confirmed anew while the trial runs: what it found of the old ones is nobody's, and it runs again.
    """
    found = ImportRun.objects.select_for_update().get(pk=run.pk)
    asked = (found.mapping, found.series_by_kind) == (run.mapping, run.series_by_kind)
    return asked and found.state in {"mapping", "checking", "checked"}


def carry_out(visit: Visit, run: ImportRun, files: Files, progress: Progress | None = None) -> ImportRun:
    """The import, a transaction for each batch; whoever calls it again after an interruption goes on.

    Not inside a transaction. Ends with the registers closed and their gaps entered void.
    """
    judge = Judge(run, files, visit, trial=False)
    for at, rows in _batches(visit, run):
        with transaction.atomic():
            fresh = judge.batch(rows)
            import_writing.write(visit, run, fresh, judge)
            if fresh:
                visit.note("import.batch", f"import:{run.pk}", rows=len(fresh), upto=rows[-1].line)
            ImportRun.objects.filter(pk=run.pk).update(position=at)
            visit.write_entries()
        if progress is not None:
            progress(at, run.count)
    with transaction.atomic():
        for (year, code), numbers in judge.gaps():
            import_writing.close(visit, run, year, code, judge.series.get((year, code), ""), numbers,
                                 max(judge.used[(year, code)], default=0))  # fmt: skip
        run.state, run.position, run.result, run.ended_at = "done", run.count, judge.result(), visit.now
        if judge.faults.get(Fault.GAP.value, 0) == 0:
            total = sum(each["gaps"] for each in run.result["registers"])
            if total:
                run.result["faults"][Fault.GAP.value] = total
        run.save(update_fields=["state", "position", "result", "ended_at"])
        visit.note("import.done", f"import:{run.pk}", **{k: v for k, v in run.result.items() if isinstance(v, int)})
        visit.write_entries()
    return run


def _batches(visit: Visit, run: ImportRun) -> Iterator[tuple[int, list[Row]]]:
    """Rows with how many were read so far."""
    direction, at = Direction(run.direction), 0
    with store().open(bytes(run.rows)) as source:
        while taken := list(islice(source, BATCH)):
            at += len(taken)
            yield at, [_row(visit, run, direction, each) for each in taken]


def _row(visit: Visit, run: ImportRun, direction: Direction, text: bytes) -> Row:
    line, *cells = json.loads(text)
    return read_row(line, cells, run.mapping, direction, visit.today, series_by_kind=run.series_by_kind)


def _write_findings(upload: Upload, rows: Sequence[Row]) -> None:
    for row in rows:
        for said in row.said:
            upload.write(_said(said))


def _said(said: Said) -> bytes:
    return json.dumps([said.line, said.fault.value, said.about], ensure_ascii=False).encode() + b"\n"


def _kept(upload: Upload, blobs: BlobStore) -> bytes | None:
    if upload.size == 0:
        upload.abandon()
        return None
    (blob,) = blobs.finish_many([upload])
    return bytes(blob.sha256)


def findings(run: ImportRun, most: int | None = None) -> Iterator[Said]:
    """What the trial found, in the order of the rows, gaps at the end."""
    if run.findings is None:
        return
    with store().open(bytes(run.findings)) as source:
        for text in islice(source, most):
            line, fault, about = json.loads(text)
            yield Said(line, Fault(fault), about)


def work_on_imports(visit: Visit) -> int:
    """For the worker: go on with every import of an agency that was asked for; how many were worked on.

    One that cannot be read any more is marked failed with the reason; the others go on.
    """
    open_ = ImportRun.objects.filter(agency=visit.agency, state__in=("checking", "importing")).order_by("pk")
    done = 0
    for run in open_.select_related("made_by"):
        mine = visit_of_owner(visit, run)
        try:
            with closing(files_of(run)) as files:
                if run.state == "checking":
                    with transaction.atomic():
                        check(mine, run, files)
                        mine.write_entries()
                else:
                    carry_out(mine, run, files)
        except Refused as refused:
            mine.entries.clear()
            _fail(run, refused, visit)
        done += 1
    return done


def _fail(run: ImportRun, refused: Refused, visit: Visit) -> None:
    with transaction.atomic():
        if run.state == "checking" and not _still_asked(run):
            return
        run.state, run.ended_at = "failed", visit.now
        run.result = {"reason_vi": refused.sentence("vi"), "reason_en": refused.sentence("en")}
        run.save(update_fields=["state", "ended_at", "result"])


def visit_of_owner(visit: Visit, run: ImportRun) -> Visit:
    """Who asked for an import is who did it, also when the worker carries it out."""
    account = run.made_by
    person = Person(account, visit.agency, "second", capacities_of(account, visit.now))
    return Visit("vi", "worker", visit.now, person)
