"""Hand a drop over to the courier, then move it: to ``sent/`` when it is durable there, else to ``refused/``.

The courier's key is the fingerprint of what is asked for, files by content. So a crash between handing over and moving
hands nothing over twice, and the same content dropped again is told apart by the record of the first time.
"""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from lienthong.base.clock import VIETNAM, Clock
from lienthong.base.errors import Refused, Retry
from lienthong.base.text import one_line
from lienthong.connector.compose import Attachment
from lienthong.connector.courier.composing import fingerprint
from lienthong.connector.courier.engine import Courier
from lienthong.connector.courier.model import FinishedPacket, Job, JobId, JobState, JobView
from lienthong.connector.errors import INPUT_NOT_USABLE
from lienthong.connector.folder import slips
from lienthong.connector.folder.drops import Drop, DropKind, Entry
from lienthong.connector.folder.errors import FOLDER_ENTRY_NOT_TAKEN
from lienthong.connector.folder.meaning import Desk
from lienthong.connector.folder.places import Mover, Plan, free_base, moves_of, numbered, slip
from lienthong.connector.folder.reading import Document, Waiting, documents, narrowed, read_most
from lienthong.connector.folder.records import Kept, Memory
from lienthong.connector.names import distinct_names
from lienthong.infra.steps import reached


@dataclass(frozen=True, slots=True)
class Trays:
    """Where drops come from and go to: ``outbox``, and below ``root`` the folders for sent and refused ones."""

    root: Path
    outbox: Path
    sent: Path
    refused: Path


class Taker:
    """Takes drops out of one place."""

    def __init__(self, courier: Courier, desk: Desk, mover: Mover, memory: Memory, trays: Trays, clock: Clock) -> None:
        self._courier, self._desk = courier, desk
        self._mover, self._memory = mover, memory
        self._trays, self._clock = trays, clock

    def take(self, drop: Drop, loose: Mapping[str, Entry]) -> Waiting | None:
        """Take a drop that looks finished; why it must wait, if it must.

        Raises a transient ``Refused`` or an ``OSError`` when the disk does not do it now; the drop stays.
        """
        place = self._trays.outbox if drop.within is None else self._trays.outbox / drop.within.name
        try:
            if drop.kind in {DropKind.STRANGE, DropKind.CLASH}:
                raise _not_taken(drop)
            if drop.kind is DropKind.PACKET:
                self._packet(drop, place)
                return None
            if drop.row is None:
                raise _not_taken(drop)
            return self._rows(drop, drop.row, place, loose)
        except Refused as refused:
            if refused.code.retry is not Retry.PERMANENT:
                raise
            self.refuse(drop, refused)
            return None

    def refuse(self, drop: Drop, refused: Refused) -> None:
        """Move a drop to ``refused/`` with the reason beside it.

        Files that a table names stay and wait: when the table is corrected, it alone is dropped again."""
        folder = self._trays.refused
        names = [entry.name for entry in drop.entries]
        mark = free_base(folder, drop.base, names)
        base = numbered(drop.base, drop.base, mark)
        reason, problems = slips.reason_of(refused)
        text = slips.reason_text(drop.base, reason, problems, self._clock.now())
        self._mover.move(
            Plan(
                moves_of(drop.entries, self._trays.outbox, folder, drop.base, mark),
                [(str(folder / slip(base, ".ly-do.txt")), text)],
            )
        )

    # --- kinds of drops ------------------------------------------------------------------------------------------

    def _packet(self, drop: Drop, place: Path) -> None:
        """A finished packet names its sender itself; it goes out for the agency that is written in it."""
        with ExitStack() as opened:
            _held_open(place / drop.files[0].name, drop.files[0], opened)
        content = FinishedPacket(place / drop.files[0].name)
        *others, last = self._desk.agencies
        for agency in others:
            try:
                return self._hand_over(drop, Job(agency, content), drop.base)
            except Refused as refused:
                if refused.code is not INPUT_NOT_USABLE or refused.params.get("field") != "agency":
                    raise
        return self._hand_over(drop, Job(last, content), drop.base)

    def _rows(self, drop: Drop, row: Entry, place: Path, loose: Mapping[str, Entry]) -> Waiting | None:
        table = ""
        done: frozenset[int] = frozenset()
        data = read_most(place / row.name)
        if drop.kind is DropKind.TABLE:
            table = hashlib.sha256(data + row.name.encode("utf-8", "replace")).hexdigest()
            done = self._memory.lines_done(table)
        today = self._clock.now().astimezone(VIETNAM).date()
        found = documents(drop, row, data, loose, self._desk, today, done)
        if isinstance(found, Waiting):
            return found
        for document in found:
            self._document(drop, place, document, table)
        if done or any(document.line for document in found):
            # Its rows are documents of their own by now; the table goes after the last of them.
            self._put_away(replace(drop, files=()))
            self._memory.table_ended(table)
        return None

    def _document(self, drop: Drop, place: Path, document: Document, table: str) -> None:
        part = narrowed(drop, document)
        names = distinct_names(entry.name for entry in document.files)
        line = self._memory.line_done(table, document.line) if document.line else None
        with ExitStack() as opened:
            places = [_held_open(place / entry.name, entry, opened) for entry in document.files]
            files = [Attachment(name, held) for name, held in zip(names, places, strict=True)]
            job = Job(document.order.agency, document.order.content, files)
            try:
                self._hand_over(part, job, document.order.title, document.text, line)
            except Refused as refused:
                if refused.code.retry is not Retry.PERMANENT or not document.line:
                    raise
                self._refuse_line(part, refused, document, line)

    def _refuse_line(self, part: Drop, refused: Refused, document: Document, line: tuple[str, str] | None) -> None:
        """One row of a table is refused alone, as a row file of its own that can be corrected and dropped again."""
        folder = self._trays.refused
        names = [*(entry.name for entry in part.entries), f"{part.base}.toml"]
        mark = free_base(folder, part.base, names)
        base = numbered(part.base, part.base, mark)
        reason, problems = slips.reason_of(refused)
        text = slips.reason_text(document.order.title, reason, problems, self._clock.now())
        writes = [(str(folder / f"{base}.toml"), document.text), (str(folder / slip(base, ".ly-do.txt")), text)]
        self._mover.move(Plan(moves_of(part.entries, self._trays.outbox, folder, part.base, mark), writes, done=line))

    def _put_away(self, drop: Drop) -> None:
        folder = self.today()
        mark = free_base(folder, drop.base, [entry.name for entry in drop.entries])
        self._mover.move(Plan(moves_of(drop.entries, self._trays.outbox, folder, drop.base, mark)))

    # --- handing over --------------------------------------------------------------------------------------------

    def _hand_over(self, drop: Drop, job: Job, title: str, text: str = "", line: tuple[str, str] | None = None) -> None:
        key, held = self._key(job)
        view = self._courier.job(held) if held is not None else None
        kept = self._memory.find(held) if held is not None else None
        if view is not None and view.state is JobState.REFUSED:
            self._courier.retry(view.id)
        elif view is not None and kept is not None and kept.place == "sent":
            self._already(drop, view, kept, text, line)
            return
        id_ = held or self._courier.submit(replace(job, key=key))
        reached("folder.handed_over")
        self._to_sent(drop, id_, title, text, line)

    def _key(self, job: Job) -> tuple[str, JobId | None]:
        """The key for the courier, and the job that has it; one that was cancelled gives its key up."""
        print_ = fingerprint(job)
        for count in range(1, 100):
            key = f"folder:{print_}" if count == 1 else f"folder:{print_}:{count}"
            held = self._courier.by_key(job.agency, key)
            view = self._courier.job(held) if held is not None else None
            if view is None or view.state is not JobState.CANCELLED:
                return key, held
        return f"folder:{print_}:{self._clock.now().isoformat()}", None

    def _to_sent(self, drop: Drop, job: JobId, title: str, text: str, line: tuple[str, str] | None) -> None:
        folder = self.today()
        entries = drop.entries
        names = [entry.name for entry in entries] + ([f"{drop.base}.toml"] if text else [])
        mark = free_base(folder, drop.base, names)
        base = numbered(drop.base, drop.base, mark)
        kept = Kept(
            job, one_line(title), "sent", str(folder.relative_to(self._trays.root)), base,
            tuple(numbered(name, drop.base, mark) for name in names),
            str(self._trays.sent.relative_to(self._trays.root)), str(self._trays.refused.relative_to(self._trays.root)),
        )  # fmt: skip
        self._mover.move(
            Plan(
                moves_of(entries, self._trays.outbox, folder, drop.base, mark),
                [(str(folder / f"{base}.toml"), text)] if text else [],
                (str(self._memory.file(job)), kept.members()),
                line,
            )
        )
        view = self._courier.job(job)
        if view is not None:
            for ending, content in slips.statuses(view, ()).items():
                slips.put(folder, slip(base, ending), content)

    def _already(self, drop: Drop, view: JobView, kept: Kept, text: str, line: tuple[str, str] | None) -> None:
        """The same was sent before: say so beside it, with the first receipt."""
        folder = self.today()
        names = [entry.name for entry in drop.entries]
        mark = free_base(folder, drop.base, names)
        base = numbered(drop.base, drop.base, mark)
        first = f"{kept.folder}/{kept.base}"
        writes = [(str(folder / slip(base, ".da-gui.txt")), slips.already_text(view, first, self._clock.now()))]
        if text:
            writes.append((str(folder / f"{base}.toml"), text))
        self._mover.move(Plan(moves_of(drop.entries, self._trays.outbox, folder, drop.base, mark), writes, done=line))
        for ending, content in slips.receipts(view).items():
            slips.put(folder, slip(base, ending), content)

    def today(self) -> Path:
        """Where what is sent today goes."""
        folder = self._trays.sent / self._clock.now().astimezone(VIETNAM).strftime("%Y-%m-%d")
        folder.mkdir(parents=True, exist_ok=True)
        return folder


def _held_open(file: Path, entry: Entry, opened: ExitStack) -> Path:
    """A path that leads to this very file until ``opened`` ends, whatever happens to its name meanwhile.

    Whoever may write into the folder must not get other files sent by putting a link in the place of one that was
    looked at. Raises ``OSError`` when it is not the file that was looked at any more; it is looked at again then.
    """
    handle = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    opened.callback(os.close, handle)
    told = os.fstat(handle)
    if (told.st_ino, told.st_size, told.st_mtime_ns) != entry.print[1:]:
        raise OSError(errno.ESTALE, os.strerror(errno.ESTALE), entry.name)
    held = Path(f"/proc/self/fd/{handle}")
    return held if held.exists() else file


def _not_taken(drop: Drop) -> Refused:
    why = {
        DropKind.CLASH: ("có hai dòng mô tả cho cùng một văn bản", "two rows speak of the same document"),
        DropKind.FOLDER: ("thư mục con không có dòng mô tả van-ban.toml", "the sub-folder has no row van-ban.toml"),
    }.get(
        drop.kind,
        (
            "đây là liên kết, đường ống, thiết bị hoặc thư mục chứa những thứ đó",
            "it is or holds a link, pipe or device",
        ),
    )
    return Refused(FOLDER_ENTRY_NOT_TAKEN, file=one_line(drop.base, 80), why_vi=why[0], why_en=why[1])
