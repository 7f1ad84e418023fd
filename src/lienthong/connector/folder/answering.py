"""Business statuses of received documents, given by dropping a small file into a document's folder of the inbox.

``03.toml``, empty or with a description, reports status 03; ``trang-thai.toml`` names its code inside. Taken ones move
to ``trang-thai-da-gui/`` in the same folder, with slips like all that is sent; refused ones to ``trang-thai-tu-choi/``.
"""

from __future__ import annotations

import os
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from lienthong.base.clock import VIETNAM, Clock
from lienthong.base.errors import Refused, Retry
from lienthong.base.text import one_line
from lienthong.connector.courier.composing import fingerprint
from lienthong.connector.courier.engine import Courier
from lienthong.connector.courier.model import Job
from lienthong.connector.folder import slips
from lienthong.connector.folder.cells import Cells
from lienthong.connector.folder.columns import Column
from lienthong.connector.folder.drops import Drop, DropKind, Entry, look, stem
from lienthong.connector.folder.errors import FOLDER_ROW_INVALID, FOLDER_STATUS_NOT_TAKEN
from lienthong.connector.folder.inbox import received_in
from lienthong.connector.folder.meaning import read_status, report_on
from lienthong.connector.folder.places import Mover, Plan, free_base, moves_of, numbered, slip
from lienthong.connector.folder.reading import read_most
from lienthong.connector.folder.records import Kept, Memory
from lienthong.connector.folder.rows import Cell, Row, read
from lienthong.connector.folder.stillness import Stillness
from lienthong.infra.steps import reached

SENT, REFUSED = "trang-thai-da-gui", "trang-thai-tu-choi"
WATCHED_DAYS = 90
"""Folders of the inbox older than this are no longer looked into; their statuses go through ``outbox/``."""
_STATUS = re.compile(r"(?:(?P<code>[0-9]{2})|trang-thai)\.(?:toml|json)", re.IGNORECASE)
_ALLOWED = (Column.STATUS, Column.DESCRIPTION, Column.OPERATION)


class Answers:
    """Watches the folders of one inbox."""

    def __init__(
        self, courier: Courier, root: Path, inbox: Path, mover: Mover, memory: Memory, clock: Clock, settle: float
    ) -> None:
        self._courier, self._root, self._inbox = courier, root, inbox
        self._mover, self._memory, self._clock = mover, memory, clock
        self._still = Stillness(settle)
        self._seen: dict[str, int] = {}

    def collect(self) -> int:
        """Take every status file that is whole; how many that were. Raises ``OSError`` or a transient ``Refused``."""
        count = 0
        self._still.begin()
        first = (self._clock.now().astimezone(VIETNAM) - timedelta(days=WATCHED_DAYS)).strftime("%Y-%m-%d")
        for day in sorted(self._inbox.iterdir()):
            if day.name.startswith(".") or day.name < first or not day.is_dir():
                continue
            count += self._collect_day(day)
        return count

    def _collect_day(self, day: Path) -> int:
        count = 0
        with os.scandir(day) as names:
            folders = [
                (name.path, name.stat(follow_symlinks=False)) for name in names if name.is_dir(follow_symlinks=False)
            ]
        for path, told in folders:
            # A directory's own time changes with every name in it; most never change again.
            if self._seen.get(path) == told.st_mtime_ns:
                continue
            open_ = 0
            for entry in look(Path(path)).values():
                if entry.is_file and _STATUS.fullmatch(entry.name):
                    taken = self._try(Path(path), entry)
                    count += taken
                    open_ += not taken
            if not open_:
                self._seen[path] = told.st_mtime_ns
        return count

    def _try(self, folder: Path, entry: Entry) -> bool:
        drop = Drop(DropKind.ROW, str(folder / entry.name), entry)
        if not self._still.still(drop):
            return False
        received = received_in(folder)
        try:
            if not received:
                raise _not_taken(
                    entry.name, "thư mục này không có index.json của đầu nối", "no index.json of ours here"
                )
            self._report(folder, entry, received)
        except Refused as refused:
            if refused.code.retry is not Retry.PERMANENT:
                raise
            self._refuse(folder, entry, refused)
        return True

    def _report(self, folder: Path, entry: Entry, received: str) -> None:
        view = self._courier.receive_one(received)
        code, description = _said(entry.name, read_most(folder / entry.name))
        job = Job(view.agency, report_on(view, code, description))
        # 05 may be said again in the same words; one file is one report all the same, whatever crashes.
        key = f"folder:{fingerprint(job)}:{entry.inode}:{entry.mtime_ns}"
        id_ = self._courier.submit(replace(job, key=key))
        reached("folder.status_handed_over")
        target = folder / SENT
        target.mkdir(exist_ok=True)
        base = stem(entry.name)
        mark = free_base(target, base, [entry.name])
        relative = str(target.relative_to(self._root))
        kept = Kept(
            id_, f"{code:02d} {one_line(folder.name)}", "sent", relative, numbered(base, base, mark),
            (numbered(entry.name, base, mark),), relative, str((folder / REFUSED).relative_to(self._root)),
        )  # fmt: skip
        self._mover.move(
            Plan(moves_of([entry], folder, target, base, mark), [], (str(self._memory.file(id_)), kept.members()))
        )

    def _refuse(self, folder: Path, entry: Entry, refused: Refused) -> None:
        target = folder / REFUSED
        target.mkdir(exist_ok=True)
        base = stem(entry.name)
        mark = free_base(target, base, [entry.name])
        reason, problems = slips.reason_of(refused)
        text = slips.reason_text(entry.name, reason, problems, self._clock.now())
        name = slip(numbered(base, base, mark), ".ly-do.txt")
        self._mover.move(Plan(moves_of([entry], folder, target, base, mark), [(str(target / name), text)]))


def _said(name: str, data: bytes) -> tuple[int, str]:
    """Code and description of a status file. Refuses FOLDER_ROW_UNREADABLE, FOLDER_ROW_INVALID."""
    hit = _STATUS.fullmatch(name)
    row = read(name, data)[0] if data.strip() else Row(0, ())
    if hit is not None and hit["code"]:
        row = Row(0, (*row.cells, Cell(Column.STATUS.value, f"tên tệp «{name}»", hit["code"])))
    cells = Cells(row)
    cells.unused(_ALLOWED, "trạng thái")
    code, description = read_status(cells), cells.text(Column.DESCRIPTION)
    if cells.problems or code is None:
        raise Refused(FOLDER_ROW_INVALID, tuple(cells.problems), file=one_line(name, 80), count=len(cells.problems))
    return code, description


def _not_taken(name: str, vi: str, en: str) -> Refused:
    return Refused(FOLDER_STATUS_NOT_TAKEN, file=one_line(name, 80), why_vi=vi, why_en=en)
