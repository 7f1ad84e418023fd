"""What ``lienthong office import`` does; loaded by its name once Django is set up."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.db import transaction

from lienthong.base.errors import Problem, ProblemKind, Refused
from lienthong.base.text import fold
from lienthong.office.errors import FIELDS_WRONG, LOGIN_UNKNOWN
from lienthong.office.services import import_report, importing
from lienthong.office.services.import_files import Files, Folder, NoFiles, Package, closing
from lienthong.office.services.import_rows import WORDS
from lienthong.office.states import Direction
from lienthong.webkit.door.visit import Person, Visit, capacities_of, now
from lienthong.webkit.people.models import Account
from lienthong.webkit.site.tenancy import acting_for, as_owner


def run(
    table: Path, login: str, system: str, direction: str, files: Path | None, columns: Mapping[str, str],
    report: Path | None, progress: importing.Progress, *, go: bool, series_by_kind: bool,
) -> dict[str, Any]:  # fmt: skip
    """Read, try, and with ``go`` import. ``columns``: field to the header that is meant.

    Refuses LOGIN_UNKNOWN, NOT_YOURS, FIELDS_WRONG, IMPORT_…, SPREADSHEET_…
    """
    with as_owner():
        found = Account.objects.filter(login=login.lower(), disabled_at__isnull=True).values_list("pk", "agency_id")
        who = found.first()
    if who is None:
        raise Refused(LOGIN_UNKNOWN, login=login)
    with acting_for(who[1]), closing(_files(files)) as opened:
        return _run(_visit(who[0]), table, system, Direction(direction), opened, columns, report, progress,
                    go=go, series_by_kind=series_by_kind)  # fmt: skip


def _files(path: Path | None) -> Files:
    if path is None:
        return NoFiles()
    return Folder(path) if path.is_dir() else Package(path.name, path)


def _visit(account: int) -> Visit:
    found = Account.objects.select_related("agency").get(pk=account)
    at = now()
    return Visit("vi", "command line", at, Person(found, found.agency, "second", capacities_of(found, at)))


def _run(
    visit: Visit, table: Path, system: str, direction: Direction, files: Files, columns: Mapping[str, str],
    report: Path | None, progress: importing.Progress, *, go: bool, series_by_kind: bool,
) -> dict[str, Any]:  # fmt: skip
    # In one transaction, and never in a state of the worker's: it would carry the run on without the folder's files.
    with transaction.atomic():
        found = importing.start(visit, table.name, table.read_bytes(), system, direction)
        if found.state in {"mapping", "checking", "checked"}:
            mapping = {**found.mapping, **_chosen(found.header, columns)}
            found = importing.confirm(visit, found.pk, mapping, series_by_kind=series_by_kind)
            importing.check(visit, found, files, progress)
        visit.write_entries()
    if go and found.state == "checked":
        importing.carry_out(visit, found, files, progress)
    if report is not None:
        with report.open("wb") as out:
            import_report.write(visit, found, out)
    words = {each.value: word for each, word in WORDS.items()}
    return {"run": found.pk, "state": found.state, "result": found.result, "words": words}


def _chosen(header: list[str], columns: Mapping[str, str]) -> dict[str, int]:
    names = {fold(name): at for at, name in enumerate(header)}
    unknown = [each for each in columns.values() if fold(each) not in names]
    if unknown:
        told = tuple(
            Problem(ProblemKind.RANGE, each, f"Bảng không có cột “{each}”.", f"The table has no column “{each}”.")
            for each in unknown
        )
        raise Refused(FIELDS_WRONG, told, count=len(told))
    return {field: names[fold(name)] for field, name in columns.items()}
