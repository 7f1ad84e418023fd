"""Carry the courier's events out: receipts, statuses, reasons beside what was sent; arrivals in the inbox.

Events are read by number from a cursor of our own, so none is missed however long the folder or the process was away.
What a slip says comes from the job as it stands, and each step may be repeated after a crash.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from lienthong.base.clock import VIETNAM, Clock
from lienthong.base.errors import Refused, Retry
from lienthong.base.text import one_line
from lienthong.connector.courier.engine import Courier
from lienthong.connector.courier.model import CourierEvent, Job, JobState, JobView, Reason, ReceivedView
from lienthong.connector.folder import slips
from lienthong.connector.folder.inbox import Layout
from lienthong.connector.folder.meaning import report_on
from lienthong.connector.folder.places import Mover, Plan, free_base, numbered, slip
from lienthong.connector.folder.records import Kept, Memory
from lienthong.edxml.model import BusinessKind, DocumentPacket
from lienthong.infra import telemetry
from lienthong.infra.steps import reached

AT_ONCE = 200


class Follower:
    """Follows one courier for one folder. ``report_arrival``: report status 01 of every document laid out."""

    def __init__(
        self,
        courier: Courier,
        root: Path,
        mover: Mover,
        memory: Memory,
        layout: Layout,
        clock: Clock,
        report_arrival: bool,
    ) -> None:
        self._courier, self._root = courier, root
        self._mover, self._memory, self._layout = mover, memory, layout
        self._clock, self._report_arrival = clock, report_arrival

    def follow(self) -> int:
        """Carry out what happened since the last time; how many events that were.

        An ``OSError`` or a transient ``Refused`` leaves the cursor where it is: the event comes again.
        """
        cursor = self._memory.cursor
        events = self._courier.events(cursor, AT_ONCE)
        for event in events:
            self._carry_out(event)
            self._memory.advance(event.number)
        return len(events)

    def _carry_out(self, event: CourierEvent) -> None:
        if event.job is not None:
            kept = self._memory.find(event.job)
            if kept is not None and event.type != "job.queued":
                self._tell(kept, event)
        elif event.received is not None and event.type in {"document.received", "status.received"}:
            self._arrived(event.received)

    # --- what was sent -------------------------------------------------------------------------------------------

    def _tell(self, kept: Kept, event: CourierEvent) -> None:
        view = self._courier.job(kept.job)
        if view is None:
            return
        kept = kept.told(slips.history_row(event))
        if view.state is JobState.REFUSED and kept.place != "refused":
            kept = self._to_refused(kept, view)
        elif view.state is not JobState.REFUSED and kept.place == "refused":
            kept = self._back(kept)
        self.write_slips(kept, view)
        self._memory.keep(kept)
        reached("folder.told")

    def write_slips(self, kept: Kept, view: JobView) -> None:
        """Write what is known beside the files, wherever they lie now."""
        folder = self._root / kept.folder
        folder.mkdir(parents=True, exist_ok=True)
        made = slips.statuses(view, kept.history)
        if view.state is JobState.SENT and not (folder / slip(kept.base, ".bien-nhan.txt")).exists():
            made = slips.receipts(view) | made
        for ending, content in made.items():
            slips.put(folder, slip(kept.base, ending), content)

    def _to_refused(self, kept: Kept, view: JobView) -> Kept:
        """Somebody refused the job: the files go where refused ones lie, with the reason."""
        reason = view.reason or Reason("?", "Không rõ lý do.", "No reason was given.")
        text = slips.reason_text(kept.title, reason, (), self._clock.now())
        return self._carry(kept, "refused", self._root / kept.refused_to, [(".ly-do.txt", text)])

    def _back(self, kept: Kept) -> Kept:
        """It was sent after all: tried again by hand, say."""
        day = self._clock.now().astimezone(VIETNAM).strftime("%Y-%m-%d")
        return self._carry(kept, "sent", self._root / kept.home / day, [])

    def _carry(self, kept: Kept, place: str, target: Path, texts: list[tuple[str, str]]) -> Kept:
        source = self._root / kept.folder
        told = [slip(kept.base, ending) for ending in (".trang-thai.json", ".trang-thai.txt")]
        present = [name for name in (*kept.names, *told) if os.path.lexists(source / name)]
        target.mkdir(parents=True, exist_ok=True)
        mark = free_base(target, kept.base, present)
        base = numbered(kept.base, kept.base, mark)
        moved = replace(
            kept, place=place, folder=str(target.relative_to(self._root)), base=base,
            names=tuple(numbered(name, kept.base, mark) for name in kept.names),
        )  # fmt: skip
        moves = [
            (str(source / name), str(target / numbered(name, kept.base, mark)), (source / name).lstat().st_ino)
            for name in present
        ]
        writes = [(str(target / slip(base, ending)), text) for ending, text in texts]
        self._mover.move(Plan(moves, writes, (str(self._memory.file(kept.job)), moved.members())))
        return moved

    # --- what came in --------------------------------------------------------------------------------------------

    def _arrived(self, received: str) -> None:
        try:
            view = self._courier.receive_one(received)
        except Refused as refused:
            # It is no longer kept: nothing can be laid out, and nothing later may wait for it.
            telemetry.warning("folder.received_unknown", code=refused.code.name)
            return
        self._layout.lay_out(view)
        if self._report_arrival:
            self._report(view)

    def _report(self, view: ReceivedView) -> None:
        """Status 01: the document is where the agency's people find it (exchange facts §3.1)."""
        packet = view.packet
        if not isinstance(packet, DocumentPacket) or packet.business.kind not in {
            BusinessKind.NEW,
            BusinessKind.REPLACE,
        }:
            return
        try:
            self._courier.submit(Job(view.agency, report_on(view, 1, "Đã đến"), key=f"folder:arrived:{view.id}"))
        except Refused as refused:
            if refused.code.retry is not Retry.PERMANENT:
                raise
            telemetry.warning("folder.arrival_not_reported", code=one_line(refused.code.name))
