"""The folder at work: look, take, follow, again and again, until told to stop.

    folder = Folder(Path("/srv/lienthong"), courier, spool / "folder")
    folder.run(stop)                                   # in a thread of its own, beside ``courier.run``

Everything in the shared folder may be changed by its users at any time; what must not be lost is in the courier's spool
and in ``store``. A disk that is full, read-only or gone is said in :meth:`Folder.health` and tried again.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from lienthong.base.clock import Clock, SystemClock
from lienthong.base.errors import Refused
from lienthong.base.text import one_line
from lienthong.connector.courier.engine import Courier
from lienthong.connector.courier.model import Reason
from lienthong.connector.folder import slips
from lienthong.connector.folder.answering import Answers
from lienthong.connector.folder.drops import NOTE, Drop, DropKind, Entry, group, inside, look
from lienthong.connector.folder.errors import FOLDER_ROW_MISSING
from lienthong.connector.folder.following import AT_ONCE, Follower
from lienthong.connector.folder.inbox import Layout
from lienthong.connector.folder.meaning import Desk
from lienthong.connector.folder.places import Mover, slip
from lienthong.connector.folder.reading import Waiting
from lienthong.connector.folder.recipients import Recipients
from lienthong.connector.folder.records import Memory
from lienthong.connector.folder.stillness import Stillness, written_to
from lienthong.connector.folder.taking import Taker, Trays
from lienthong.connector.poll import attempt
from lienthong.connector.spool import write_durably
from lienthong.infra import telemetry
from lienthong.infra.blob_files import refusal
from lienthong.infra.errors import STORAGE_AWAY, STORAGE_FULL

SETTLE_SECONDS = 2.0
"""How long a file must not change before it is taken."""
PATIENCE_SECONDS = 3600.0
"""How long a row waits for its files; files without a row wait a day."""
NOTE_SECONDS = 30.0
"""Age at which what waits gets a note beside it."""
SHOWN = 100
"""Waiting drops that :class:`FolderHealth` names."""
LOOK_SECONDS = 1.0
TAKE_SECONDS = 5.0
"""How long one round takes drops before it looks after receipts and arrivals."""
AGAIN_SECONDS = 5.0
ANSWER_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class WaitingDrop:
    """Something in ``outbox/`` that is not taken yet, and why. ``since``: when its last part came."""

    name: str
    vi: str
    en: str
    since: datetime


@dataclass(frozen=True, slots=True)
class FolderHealth:
    """The folder at a glance. ``waiting``: those that wait longest, of ``waiting_count`` in all. ``storage``: what the
    disk does not let us do, None when all is well."""

    waiting: tuple[WaitingDrop, ...]
    waiting_count: int
    storage: Reason | None


class Folder:
    """One shared folder (thư mục trao đổi) of one courier.

    ``root``: the shared folder, which must exist; its sub-folders are made. ``store``: our own notes, on the courier's
    disk. ``settle`` and ``patience`` in seconds. ``report_arrival``: report 01 of every document that is laid out.
    """

    def __init__(
        self,
        root: Path,
        courier: Courier,
        store: Path,
        *,
        clock: Clock | None = None,
        settle: float = SETTLE_SECONDS,
        patience: float = PATIENCE_SECONDS,
        note_after: float = NOTE_SECONDS,
        report_arrival: bool = True,
    ) -> None:
        self.root, self._courier = root, courier
        self._clock = clock or SystemClock()
        self._patience, self._note_after = patience, note_after
        self._trays = Trays(root, root / "outbox", root / "sent", root / "refused")
        self._inbox = root / "inbox"
        memory, self._mover = Memory(store), Mover(store / "moves")
        desk = Desk(courier.agencies, Recipients(courier.directories), courier.receive_one)
        self._taker = Taker(courier, desk, self._mover, memory, self._trays, self._clock)
        layout = Layout(root, self._inbox, memory)
        self._follower = Follower(courier, root, self._mover, memory, layout, self._clock, report_arrival)
        self._answers = Answers(courier, root, self._inbox, self._mover, memory, self._clock, settle)
        self._still = Stillness(settle)
        self._waiting: dict[str, tuple[object, float, Waiting]] = {}
        self._shown: tuple[WaitingDrop, ...] = ()
        self._count = 0
        self._notes: set[str] | None = None
        self._storage: Reason | None = None
        self._answer_at = 0.0
        self._lock = threading.Lock()

    def health(self) -> FolderHealth:
        """How it stands."""
        with self._lock:
            return FolderHealth(self._shown, self._count, self._storage)

    def run(self, stop: threading.Event) -> None:
        """Look, take and follow until ``stop`` is set."""
        wake = threading.Event()
        self._courier.subscribe(lambda _: wake.set())
        while not stop.is_set():
            wake.clear()
            more = self.step(stop)
            if not more and not stop.is_set():
                wake.wait(LOOK_SECONDS)
                # Events come in crowds: one look serves many.
                stop.wait(0.1)

    def step(self, stop: threading.Event | None = None) -> bool:
        """One round; whether there is more to do at once. Trouble with the disk is kept for :meth:`health`."""
        more: list[bool] = []
        failure = attempt("folder.round_failed", lambda: more.append(self._round(stop or threading.Event())))
        if failure is None:
            self._set_storage(None)
        elif isinstance(failure, Refused):
            self._set_storage(Reason.of(failure))
        else:
            self._set_storage(Reason.of(refusal(failure if isinstance(failure, OSError) else OSError(str(failure)))))
        return failure is None and more[0]

    def _round(self, stop: threading.Event) -> bool:
        if not self.root.is_dir():
            raise Refused(STORAGE_AWAY, reason=f"{one_line(str(self.root), 120)}?")
        for folder in (self._trays.outbox, self._trays.sent, self._trays.refused, self._inbox):
            folder.mkdir(exist_ok=True)
        self._mover.finish_interrupted()
        more = self._scan(stop)
        told = self._follower.follow()
        if time.monotonic() >= self._answer_at:
            self._answers.collect()
            self._answer_at = time.monotonic() + ANSWER_SECONDS
        return more or told == AT_ONCE

    # --- outbox --------------------------------------------------------------------------------------------------

    def _scan(self, stop: threading.Event) -> bool:
        """Take what is whole, for a while; whether there is more."""
        drops, loose = group(look(self._trays.outbox))
        self._still.begin()
        quiet = {name: entry for name, entry in loose.items() if self._still.still(_alone(entry))}
        ready = [drop for drop in map(self._inside, drops) if self._still.still(drop)]
        due = {_key(drop) for drop in ready if self._due(drop)}
        names = {entry.name for drop in ready if _key(drop) in due for entry in drop.parts}
        # What only waits is not asked about again and again.
        writing = written_to(self._trays.outbox, names | quiet.keys()) if names else frozenset()
        quiet = {name: entry for name, entry in quiet.items() if entry.inode not in writing}
        waiting: dict[str, tuple[object, float, Waiting]] = {}
        sinces: dict[str, float] = {}
        until, more = time.monotonic() + TAKE_SECONDS, False
        for drop in ready:
            if stop.is_set():
                return False
            if time.monotonic() > until:
                # Receipts and arrivals have their turn; what waits already keeps its note.
                more = True
                if _key(drop) in self._waiting:
                    waiting[_key(drop)] = self._waiting[_key(drop)]
                    sinces[_key(drop)] = _since(drop)
                continue
            if any(entry.inode in writing for entry in drop.parts):
                continue
            self._take(drop, quiet, _key(drop) in due, waiting, sinces)
        for entry in loose.values():
            self._await_row(entry, waiting, sinces)
        self._waiting = waiting
        self._note(waiting, sinces)
        return more

    def _inside(self, drop: Drop) -> Drop:
        if drop.kind is not DropKind.FOLDER or drop.within is None:
            return drop
        return inside(drop, look(self._trays.outbox / drop.within.name))

    def _take(
        self, drop: Drop, quiet: Mapping[str, Entry], due: bool,
        waiting: dict[str, tuple[object, float, Waiting]], sinces: dict[str, float],
    ) -> None:  # fmt: skip
        """Try one drop. One that cannot be taken now holds up no other, unless the disk takes nothing at all."""
        key, looks, now = _key(drop), _looks(drop), time.monotonic()
        if not due:
            waiting[key] = self._waiting[key]
        else:
            found: list[Waiting | None] = []
            failure = attempt("folder.taking_failed", lambda: found.append(self._taker.take(drop, quiet)))
            if isinstance(failure, Refused) and failure.code in {STORAGE_FULL, STORAGE_AWAY}:
                raise failure
            waits = _failed(failure) if failure is not None else found[0]
            if waits is None:
                return
            waiting[key] = (looks, now + AGAIN_SECONDS, waits)
        since = sinces[key] = _since(drop)
        waits = waiting[key][2]
        if waits.refusal is not None and time.time() - since > self._patience:
            self._taker.refuse(drop, waits.refusal)
            del waiting[key], sinces[key]

    def _due(self, drop: Drop) -> bool:
        """Whether a drop is worth a try: new, changed, or waiting for long enough since the last one."""
        held = self._waiting.get(_key(drop))
        return held is None or held[0] != _looks(drop) or time.monotonic() >= held[1]

    def _await_row(
        self, entry: Entry, waiting: dict[str, tuple[object, float, Waiting]], sinces: dict[str, float]
    ) -> None:
        if not os.path.lexists(self._trays.outbox / entry.name):
            return
        key, since = f"file:{entry.name}", max(entry.ctime_ns, entry.mtime_ns) / 1e9
        refused = Refused(FOLDER_ROW_MISSING, file=one_line(entry.name, 80))
        if time.time() - since > self._patience * 24:
            self._taker.refuse(_alone(entry), refused)
            return
        waits = Waiting(
            "Tệp này chưa có dòng mô tả cùng tên (.toml, .json, .xlsx) và chưa bảng nào nhắc tới.",
            "There is no row of this name (.toml, .json, .xlsx) yet, and no table speaks of it.",
            refused,
        )
        waiting[key], sinces[key] = (entry.print, 0.0, waits), since

    def _note(self, waiting: Mapping[str, tuple[object, float, Waiting]], sinces: Mapping[str, float]) -> None:
        """Put a note beside everything that has waited for a while, and take away those that are out of date."""
        outbox = self._trays.outbox
        if self._notes is None:
            # Only what we wrote ourselves is ever taken away.
            self._notes = {each.name for each in outbox.iterdir() if each.name.endswith(NOTE) and _ours(each)}
        wanted: set[str] = set()
        for key, since in sinces.items():
            name, waits = key.partition(":")[2], waiting[key][2]
            if time.time() - since < self._note_after:
                continue
            note = slip(name, NOTE)
            wanted.add(note)
            if note not in self._notes and not os.path.lexists(outbox / note):
                text = slips.waiting_text(name, waits.vi, waits.en, self._clock.now())
                write_durably(outbox / note, text.encode("utf-8", "replace"))
        for note in self._notes - wanted:
            (outbox / note).unlink(missing_ok=True)
        self._notes = wanted
        shown = tuple(
            WaitingDrop(
                one_line(key.partition(":")[2]),
                waiting[key][2].vi,
                waiting[key][2].en,
                datetime.fromtimestamp(since, UTC),
            )
            for key, since in sorted(sinces.items(), key=lambda each: each[1])[:SHOWN]
        )
        with self._lock:
            self._shown, self._count = shown, len(sinces)

    def _set_storage(self, reason: Reason | None) -> None:
        with self._lock:
            before, self._storage = self._storage, reason
        if reason is not None and before is None:
            telemetry.warning("folder.storage_trouble", code=reason.code)


def _key(drop: Drop) -> str:
    return f"{drop.kind.value}:{drop.base}"


def _since(drop: Drop) -> float:
    """When the last part of a drop came, in seconds of the clock on the wall."""
    return max(entry.ctime_ns for entry in drop.entries) / 1e9


def _looks(drop: Drop) -> object:
    return tuple(entry.print for entry in drop.parts)


def _ours(note: Path) -> bool:
    try:
        return not note.is_symlink() and note.read_bytes()[:100].startswith(slips.NOTE_HEAD.encode())
    except OSError:
        return False


def _alone(entry: Entry) -> Drop:
    return Drop(DropKind.STRANGE, entry.name, None, (entry,))


def _failed(failure: Exception) -> Waiting:
    if isinstance(failure, Refused):
        return Waiting(
            f"{failure.sentence('vi')} {failure.advice('vi')}", f"{failure.sentence('en')} {failure.advice('en')}"
        )
    reason = refusal(failure) if isinstance(failure, OSError) else None
    if reason is not None:
        return Waiting(
            f"Chưa đọc hoặc chuyển được tệp; sẽ tự thử lại. {reason.sentence('vi')}",
            f"The files cannot be read or moved yet; tried again by itself. {reason.sentence('en')}",
        )
    return Waiting(
        "Phần mềm gặp lỗi với mục này; xem nhật ký của đầu nối. Sẽ tự thử lại.",
        "The software failed on this; see the connector's log. It is tried again by itself.",
    )
