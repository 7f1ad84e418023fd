"""What became of what was sent: hand-overs as the axis tells them, business statuses as they come in."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from typing import Any

from lienthong.base.clock import Clock, from_text, to_text
from lienthong.base.errors import Refused
from lienthong.base.text import one_line
from lienthong.connector.courier.departing import axes_of, legs_of
from lienthong.connector.courier.journal import Journal
from lienthong.connector.courier.links import AxisLink, concerns_axis
from lienthong.connector.courier.model import ReceivedView, RecipientView
from lienthong.connector.courier.records import Record, Records
from lienthong.connector.errors import AxisRefused
from lienthong.connector.spool import load_envelope
from lienthong.edxml.model import StatusPacket

FINAL = {"delivered", "refused", "expired", "recalled"}
"""States of a delivery after which the axis has nothing more to tell by itself (PR-NATIVE §6)."""

CHANGING = {2, 15, 16}
"""Statuses that change a delivery which was final: refused by a person, given back, or not."""

FIRST_LOOK, LONGEST_LOOK = 2.0, 1800.0
"""Seconds between two looks at the same envelope: soon after it left, ever more seldom while nothing changes."""

PAGE, MOST_PAGES = 200, 25


class Tracking:
    """Follows sent jobs. Safe for several threads."""

    def __init__(self, records: Records, journal: Journal, clock: Clock) -> None:
        self._records, self._journal, self._clock = records, journal, clock
        self._lock = threading.Lock()
        self._due: dict[str, tuple[float, float]] = {}

    def follow(self, record: Record, now: float) -> None:
        """Look soon at a job that was just sent, and again at the document of ours that it is about."""
        self._due[record.id] = (now + FIRST_LOOK, FIRST_LOOK)
        about = record.job["about"]
        for earlier in self._records.about(record.agency, about) if about else ():
            if earlier.place == "sent":
                self._again(earlier)

    def restore(self, now: float) -> None:
        """Go on following after a start."""
        for job in self._records.followed():
            self._due[job] = (now + FIRST_LOOK, FIRST_LOOK)

    def count(self) -> int:
        """Jobs that are followed."""
        return len(self._due)

    def recipients(self, record: Record) -> tuple[RecipientView, ...]:
        """Every recipient of a job and what is known of it."""
        axes, known = axes_of(record), record.tracking
        return tuple(_view(code, axes.get(code, ""), known.get(code, {})) for code in record.recipients)

    def look(self, links: Sequence[AxisLink], now: float) -> None:
        """Ask the axes about all jobs that are due. Raises nothing that concerns an axis; the next look tries again."""
        due = [job for job, (at, _) in list(self._due.items()) if at <= now]
        by_axis: dict[tuple[str, str], dict[str, Record]] = {}
        for job in due:
            record = self._records.find(job)
            if record is None or record.place != "sent":
                self._due.pop(job, None)
                self._records.unfollow(job)
                continue
            for leg in legs_of(record):
                envelope = str(load_envelope(leg.folder).envelope.id)
                by_axis.setdefault((leg.axis, record.agency), {})[envelope] = record
            pause = min(self._due[job][1] * 1.6, LONGEST_LOOK)
            self._due[job] = (now + pause, pause)
        for (axis, agency), envelopes in by_axis.items():
            link = next((link for link in links if link.name == axis and link.usable()), None)
            if link is not None:
                self._ask(link, agency, envelopes, now)

    def reported(self, view: ReceivedView, packet: StatusPacket) -> str | None:
        """Note a business status that came in; the job it is about, when that was sent from here."""
        for record in self._records.about(view.agency, view.document_id):
            if view.sender in record.recipients and record.kind in {"document", "replacement", "packet", "update"}:
                at = packet.timestamp or view.received_at
                said = {"status": packet.status_code, "status_text": one_line(packet.description, 900)}
                self._note(record, {view.sender: said | {"status_at": to_text(at)}})
                if packet.status_code in CHANGING and record.place == "sent":
                    self._again(record)
                return record.id
        return None

    # --- inside --------------------------------------------------------------------------------------------------

    def _again(self, record: Record) -> None:
        """What was final may have changed."""
        self._records.follow(record.id)
        self._due[record.id] = (0.0, FIRST_LOOK)

    def _ask(self, link: AxisLink, agency: str, envelopes: dict[str, Record], now: float) -> None:
        """Page through the outbox, newest first, until all asked for are seen; those far down are asked for by name."""
        after, left = "", set(envelopes)
        try:
            for _ in range(MOST_PAGES):
                page = link.client(agency).outbox(after, PAGE)
                link.answered()
                for row in page.get("envelopes", ()):
                    record = envelopes.get(row["id"])
                    if record is not None:
                        left.discard(row["id"])
                        self._learn(record, row["deliveries"], now)
                after = str(page.get("next") or "")
                if not after or not left:
                    break
            for envelope in sorted(left)[:PAGE]:
                story = link.client(agency).trace(agency, envelope_id=envelope)
                self._learn(envelopes[envelope], story["recipients"], now)
        except (Refused, AxisRefused) as refused:
            if concerns_axis(refused):
                link.failed(refused)

    def _learn(self, record: Record, rows: Iterable[dict[str, Any]], now: float) -> None:
        """Take over what the axis says of the deliveries, and tell what is new."""
        known = record.tracking
        news: dict[str, dict[str, Any]] = {}
        wanted = set(record.recipients)
        for row in rows:
            code = row.get("addressed_to") if row.get("addressed_to") in wanted else row.get("agency")
            state = str(row.get("state", ""))
            if code in wanted and state != known.get(code, {}).get("delivery"):
                at = row.get("finished_at") or to_text(self._clock.now())
                news[code] = {"delivery": state, "delivery_at": at}
        if news:
            self._note(record, news)
            for code, member in news.items():
                self._journal.append(
                    f"delivery.{member['delivery']}", job=record.id, agency=record.agency,
                    recipient=code, document_id=record.job["document_id"],
                    once=f"{record.id}:{code}:{member['delivery']}",
                )  # fmt: skip
            self._due[record.id] = (now + FIRST_LOOK, FIRST_LOOK)
        self._settle(record)

    def _settle(self, record: Record) -> None:
        with self._lock:
            known = record.tracking
            if all(known.get(code, {}).get("delivery") in FINAL for code in record.recipients):
                self._due.pop(record.id, None)
                self._records.unfollow(record.id)

    def _note(self, record: Record, news: dict[str, dict[str, Any]]) -> None:
        with self._lock:
            # Its folder may have moved on since: a status can overtake the receipt.
            present = self._records.find(record.id) or record
            known = present.tracking
            for code, members in news.items():
                known[code] = known.get(code, {}) | members
            self._records.track(present, known)


def _view(code: str, axis: str, known: dict[str, Any]) -> RecipientView:
    def instant(name: str) -> Any:
        return from_text(known[name]) if known.get(name) else None

    return RecipientView(
        code, axis, known.get("delivery", ""), instant("delivery_at"), known.get("status", 0),
        known.get("status_text", ""), instant("status_at"),
    )  # fmt: skip
