"""What comes in: leased from every axis, verified, durable, told once, then acknowledged. Source: PR-NATIVE §4–5.

An envelope is known by sender, identifier and digest, whichever axis brings it: the second axis that brings the same
one is thanked as well, and nothing else happens. In the folder of the inbox ``arrival.json`` says under which name it
is known here; ``received/YYYYMMDD/ID`` lists it, with the place of its folder, from the moment that it may be shown.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from lienthong.base.clock import Clock, from_text, to_text
from lienthong.base.errors import Refused, Retry
from lienthong.base.text import one_line
from lienthong.connector.bodies import bytes_body
from lienthong.connector.client import Client, Original
from lienthong.connector.courier import sequence
from lienthong.connector.courier.errors import RECEIVED_UNKNOWN
from lienthong.connector.courier.journal import Journal
from lienthong.connector.courier.links import AxisLink, concerns_axis
from lienthong.connector.courier.model import (
    AfterReceive,
    ReceivedFile,
    ReceivedId,
    ReceivedView,
    StatusReport,
)
from lienthong.connector.courier.tracking import Tracking
from lienthong.connector.errors import AXIS_ANSWER_NOT_VALID, AxisRefused
from lienthong.connector.poll import attempt
from lienthong.connector.receiving import Received, read_stored
from lienthong.connector.spool import sync_folder, write_durably
from lienthong.edxml.model import DocumentPacket, StatusPacket
from lienthong.infra import telemetry
from lienthong.infra.blob_files import disk
from lienthong.infra.steps import reached

LEASES = 20
_BUSINESS = ("document", "recall", "update", "replacement")


class Arrivals:
    """Everything received into one spool. Safe for several threads."""

    def __init__(
        self,
        root: Path,
        agencies: Sequence[str],
        journal: Journal,
        tracking: Tracking,
        clock: Clock,
        after_receive: AfterReceive,
    ) -> None:
        self._root, self._shelves = root, root / "received"
        self._agencies = tuple(agencies)
        self._journal, self._tracking, self._clock = journal, tracking, clock
        self._after_receive = after_receive
        self._lock = threading.Lock()
        self._unfinished: dict[str, list[dict[str, Any]]] = {}
        with disk():
            self._shelves.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._sequence = sequence.Sequence(next(sequence.shelved(self._shelves, "", True), ""))

    # --- from an axis --------------------------------------------------------------------------------------------

    def poll(self, link: AxisLink, wait: int) -> int:
        """Ask one axis once, for up to ``wait`` seconds, and take what it has; how much that was.

        Raises Refused, AxisRefused or OSError for what concerns the axis or the disk, after the other deliveries.
        """
        rows = self._unfinished.pop(link.name, None)
        if rows is None:
            rows = self._lease(link, wait)
            link.answered()
        count, first = 0, None
        for place, row in enumerate(rows):
            client = link.client(str(row["agency"]), receiving=True)
            failure = attempt("courier.receiving_failed", lambda: self._receive(link, client, row))  # noqa: B023
            count += failure is None
            first = first or failure
            if isinstance(failure, Refused | AxisRefused) and concerns_axis(failure):
                # They are lent to us and to nobody else: they come first next time, not when their leases run out.
                self._unfinished[link.name] = rows[place:]
                break
        if isinstance(first, Refused | AxisRefused | OSError):
            raise first
        return count

    def served(self, link: AxisLink) -> list[str]:
        """Our agencies for which this axis lets us act; all of them while its directory is not here."""
        state = link.directory()
        if state is None:
            return list(self._agencies)
        owner = state.key_owner(link.signer.key_id)
        return [code for code in self._agencies if owner is not None and state.may_act(owner.system_id, code)]

    def _lease(self, link: AxisLink, wait: int) -> list[dict[str, Any]]:
        link.guard.require_ready()
        agencies = self.served(link)
        question = bytes_body(json.dumps({"agencies": agencies, "max": LEASES, "wait": wait}).encode())
        rows = link.receiving.members("POST", "/v1/inbox/leases", body=question).get("leases")
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise Refused(AXIS_ANSWER_NOT_VALID, why="thiếu danh sách văn bản (no leases)")
        return [row for row in rows if row.get("agency") in agencies]

    def _receive(self, link: AxisLink, client: Client, row: dict[str, Any]) -> None:
        """One delivery from its offer to its acknowledgement."""
        lease = client.read_lease(row)
        received = client.store(lease) if lease is not None else None
        if received is not None:
            reached("courier.received_stored")
            self._take(link, client, received)

    def _take(self, link: AxisLink, client: Client, received: Received) -> None:
        """Let a stored delivery have its one effect, and acknowledge it."""
        view = self._name(link, received)
        failure = None if self._listed(view) else attempt("courier.after_receive", lambda: self._after_receive(view))
        if isinstance(failure, Refused) and failure.code.retry is Retry.PERMANENT:
            self._answer(lambda: client.refuse(received, failure.code.name, one_line(failure.sentence("vi"), 900)))
            self._journal.append(
                "document.refused", received=view.id, agency=view.agency, once=f"refused:{view.id}",
                code=failure.code.name, sender=view.sender, document_id=view.document_id,
            )  # fmt: skip
            return
        if failure is not None:
            why = failure.sentence("vi") if isinstance(failure, Refused) else str(failure)
            code = failure.code.name if isinstance(failure, Refused) else type(failure).__name__
            self._answer(lambda: client.fail(received, code, one_line(why or "lỗi phần mềm", 300)))
            return
        self._list(view)
        self._answer(lambda: client.take(received))
        reached("courier.taken")

    def _answer(self, acknowledge: Any) -> None:
        """Tell the axis; one that has moved on offers the delivery again and gets the same answer then."""
        try:
            acknowledge()
        except AxisRefused as refused:
            if refused.http_status not in {404, 409, 410}:
                raise
            telemetry.warning("courier.not_acknowledged", code=refused.code)

    def _name(self, link: AxisLink, received: Received) -> ReceivedView:
        """Give a stored delivery its name here, once, and note the axis that brought it."""
        with self._lock, disk():
            file = received.folder / "arrival.json"
            row = json.loads(file.read_bytes()) if file.exists() else {}
            if not row:
                now = self._clock.now()
                row = {"id": self._sequence.following(now), "received_at": to_text(now), "axes": []}
            if link.name not in row["axes"]:
                row["axes"].append(link.name)
                write_durably(file, json.dumps(row).encode())
                sync_folder(received.folder)
        reached("courier.received_named")
        return _view(received.folder)

    def _listed(self, view: ReceivedView) -> bool:
        return self._entry(view.id).exists()

    def _list(self, view: ReceivedView) -> None:
        """Show it and tell of it, each once, however often a crash comes between."""
        entry = self._entry(view.id)
        if not entry.exists():
            with disk():
                entry.parent.mkdir(exist_ok=True, mode=0o700)
                write_durably(entry, str(view.folder.relative_to(self._root)).encode())
                sync_folder(entry.parent)
            reached("courier.received_listed")
        if not (view.folder / "told").exists():
            self._tell(view)
            (view.folder / "told").touch(mode=0o600)

    def _tell(self, view: ReceivedView) -> None:
        packet = view.packet
        data: dict[str, Any] = {
            "sender": view.sender,
            "document_id": view.document_id,
            "envelope": view.envelope_id,
            "urgency": view.urgency,
        }
        if isinstance(packet, StatusPacket):
            job = self._tracking.reported(view, packet)
            self._journal.append(
                "status.received", job=job, received=view.id, agency=view.agency, once=f"received:{view.id}",
                **data, code=packet.status_code, description=one_line(packet.description, 900),
            )  # fmt: skip
            return
        self._journal.append(
            "document.received", received=view.id, agency=view.agency, once=f"received:{view.id}",
            **data, kind=_BUSINESS[packet.business.kind], number=packet.code.full,
            subject=one_line(packet.subject, 900), files=len(view.files),
        )  # fmt: skip

    def _entry(self, received: str) -> Path:
        return self._shelves / sequence.day_of(received) / received

    # --- looking -------------------------------------------------------------------------------------------------

    def listing(self, after: str, limit: int, *, newest_first: bool = False) -> list[ReceivedView]:
        """What was received, beyond ``after``, in order of arrival."""
        names = sequence.shelved(self._shelves, after, newest_first)
        return [self.get(name) for name in islice(names, limit)]

    def get(self, received: str) -> ReceivedView:
        """One of them. Refuses RECEIVED_UNKNOWN."""
        entry = self._entry(received) if sequence.is_identifier(received) else None
        if entry is None or not entry.exists():
            raise Refused(RECEIVED_UNKNOWN, received=received[:60])
        return _view(self._root / entry.read_text("utf-8"))

    def report_on(self, received: str, code: int, description: str) -> StatusReport:
        """A status of something received; it goes back by an axis that brought it. Refuses RECEIVED_UNKNOWN,
        DELIVERY_NOT_VALID for what is itself a status."""
        view = self.get(received)
        return StatusReport(_original(view), code, description, view.axes)

    def answered(self, received: ReceivedId) -> StatusReport:
        """What an answer to this recall or update is about."""
        view = self.get(received)
        packet = view.packet
        if isinstance(packet, StatusPacket):
            about = packet.response_for
            original = Original(packet.sender.organ_id, about.document_id, about.code, about.promulgation_date)
        else:
            own = packet.business.document_id or packet.document_id
            original = Original(packet.sender.organ_id, own, packet.code.full, packet.promulgation_date)
        return StatusReport(original, 15, "", view.axes)


def _original(view: ReceivedView) -> Original:
    packet = view.packet
    if not isinstance(packet, DocumentPacket):
        raise Refused(RECEIVED_UNKNOWN, received=f"{view.id} (trạng thái, không phải văn bản; a status)")
    return Original(packet.sender.organ_id, packet.document_id, packet.code.full, packet.promulgation_date)


def _view(folder: Path) -> ReceivedView:
    """What lies in one folder of the inbox."""
    arrival = json.loads((folder / "arrival.json").read_bytes())
    index, packet, files = read_stored(folder)
    return ReceivedView(
        id=ReceivedId(arrival["id"]),
        agency=index["agency"],
        sender=index["from"],
        kind=index["kind"],
        envelope_id=index["envelope"],
        document_id=index["document_id"],
        urgency=index["urgency"],
        received_at=from_text(arrival["received_at"]),
        axes=tuple(arrival["axes"]),
        folder=folder,
        packet=packet,
        files=tuple(
            ReceivedFile(row["name"], folder / row["file"], row["size"], row["sha256"], row["type"]) for row in files
        ),
        header_signature=index.get("header_signature", ""),
    )
