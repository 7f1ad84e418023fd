"""The report on a trial or an import as a workbook: totals, registers, every finding."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from lienthong.base.clock import VIETNAM
from lienthong.office.models import ImportRun
from lienthong.office.services.import_rows import WORDS, Fault
from lienthong.office.services.importing import findings
from lienthong.webkit.door.visit import Visit
from lienthong.webkit.papers.model import Column, Head, Row, RowKind, Table
from lienthong.webkit.papers.xlsx import write_xlsx

COLUMNS = (Column("Dòng", 0.5, plain_numbers=True), Column("Kết quả", 0.8), Column("Việc", 1.5), Column("Chi tiết", 4))
TOTALS = (
    ("rows", "Số dòng đã xét"), ("imported", "Nhập được"), ("known", "Đã có từ lần trước"), ("stopped", "Không nhập"),
    ("files", "Tệp"),
)  # fmt: skip


def write(visit: Visit, run: ImportRun, out: BinaryIO) -> int:
    """Write the report of a run; how many rows it has."""
    at = (run.ended_at or visit.now).astimezone(VIETNAM)
    what = "nhập" if run.state == "done" else "chạy thử"
    table = Table(
        title=f"Báo cáo {what} dữ liệu chuyển đổi", columns=COLUMNS, rows=_rows(run), agency=visit.agency.name,
        head=Head.AGENCY, subtitles=(f"Hệ thống cũ: {run.system} · tệp: {run.name} · {at:%H:%M %d/%m/%Y}",),
    )  # fmt: skip
    return write_xlsx(table, out)


def _rows(run: ImportRun) -> Iterator[Row]:
    yield Row(("", "", "Tổng số", ""), RowKind.HEADING)
    for name, word in TOTALS:
        yield Row(("", "", word, str(run.result.get(name, 0))))
    yield Row(("", "", "Sổ", ""), RowKind.HEADING)
    for each in run.result.get("registers", []):
        detail = f"năm {each['year']}: {each['numbers']} số, số cuối {each['last']}, thiếu {each['gaps']}"
        yield Row(("", "", each["register"] or "Sổ chung", detail))
    yield Row(("", "", "Phát hiện", ""), RowKind.HEADING)
    for said in findings(run):
        result = "không nhập" if said.fault.stops else "sổ" if said.fault is Fault.GAP else "lưu ý"
        yield Row((said.line or None, result, WORDS[said.fault], said.about))
