"""An older system's register of incoming documents and its import; imported once Django is set up."""

from __future__ import annotations

import csv
import io
import time
from datetime import UTC, datetime

from lienthong.office.models import Document, NumberEntry
from lienthong.office.services import founding, importing
from lienthong.office.states import Direction
from lienthong.webkit.door.visit import Person, Visit, capacities_of
from lienthong.webkit.people.models import Account
from lienthong.webkit.site.duties import Duty
from lienthong.webkit.site.tenancy import acting_for

HEADER = ("Số đến", "Ngày đến", "Số, ký hiệu", "Ngày văn bản", "Cơ quan ban hành", "Trích yếu", "Loại văn bản")
A_YEAR = 10_000


def take_over(rows: int) -> dict[str, float]:
    """Seconds of the trial and of the import of so many rows, ten thousand a year; what is there afterwards."""
    agency = founding.found_agency("BENCH", "Sở Đo lường", "SDL", "Thử Nghiệm")
    founding.add_person("vanthu.do", "BENCH", "Người Đo", [Duty.REGISTRAR], "Văn thư")
    with acting_for(agency):
        account, now = Account.objects.select_related("agency").get(login="vanthu.do"), datetime.now(UTC)
        visit = Visit("vi", "127.0.0.1", now, Person(account, account.agency, "second", capacities_of(account, now)))
        begun = time.perf_counter()
        run = importing.start(visit, "cu.csv", _table(rows), "Hệ cũ", Direction.INCOMING)
        if run.state == "mapping":
            run = importing.confirm(visit, run.pk, run.mapping)
        importing.check(visit, run, importing.files_of(run))
        tried = time.perf_counter()
        importing.begin(visit, run.pk)
        run.refresh_from_db()
        importing.carry_out(visit, run, importing.files_of(run))
        done = time.perf_counter()
        return {
            "trial_s": round(tried - begun, 1), "import_s": round(done - tried, 1),
            "rows_per_s": round(rows / (done - begun), 1), "documents": Document.objects.count(),
            "numbers": NumberEntry.objects.filter(document__isnull=False).count(),
        }  # fmt: skip


def _table(rows: int) -> bytes:
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow(HEADER)
    for at in range(rows):
        year, number = 2015 + at // A_YEAR, at % A_YEAR + 1
        day = f"{1 + at % 28:02d}/{1 + at % 12:02d}/{year}"
        about = f"Về việc thứ {number} năm {year}"
        table.writerow([number, day, f"{number}/UBND-VX", f"01/01/{year}", "UBND tỉnh Mẫu Sơn", about, "Công văn"])
    return out.getvalue().encode()
