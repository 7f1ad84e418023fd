"""The running engine of a connector: a durable queue out, a durable inbox in, numbered events.

    courier = Courier(Path("spool"), [AxisLink(…)], ["H26"])
    job = courier.submit(Job("H26", OutgoingDocument(…), [Attachment.of("1234.pdf")], key="dms-4711"))
    courier.run(stop)                                  # in a thread of its own, until ``stop`` is set
    courier.job(job).state                             # queued, sending, sent, refused, cancelled

All calls may come from any thread. What :meth:`Courier.submit` returned is on disk and leaves sooner or later, whatever
happens to the process, the line or the axis.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from lienthong.base.clock import Clock, SystemClock, from_text
from lienthong.base.errors import Refused
from lienthong.base.ids import AgencyCode
from lienthong.connector.compose import read_own_header
from lienthong.connector.courier.arriving import Arrivals
from lienthong.connector.courier.composing import Earlier, draft, fingerprint
from lienthong.connector.courier.departing import Departures, Held, is_final, legs_of
from lienthong.connector.courier.errors import AGENCY_NOT_OURS, JOB_HAS_LEFT, JOB_NOT_REPEATABLE
from lienthong.connector.courier.journal import Journal
from lienthong.connector.courier.links import AxisLink, concerns_axis, pause_after
from lienthong.connector.courier.lock import SpoolLock
from lienthong.connector.courier.model import (
    AfterReceive,
    BeforeSend,
    CourierEvent,
    EnvelopeView,
    Health,
    Job,
    JobId,
    JobState,
    JobView,
    Listener,
    Reason,
    ReceivedId,
    ReceivedView,
    accept_all,
    keep_files,
)
from lienthong.connector.courier.queue import Entry, Queue
from lienthong.connector.courier.records import Record, Records, submitted_at
from lienthong.connector.courier.tracking import Tracking
from lienthong.connector.errors import DOCUMENT_UNKNOWN_HERE, FILE_NOT_USABLE, AxisRefused
from lienthong.connector.poll import attempt
from lienthong.directory.state import DirectoryState
from lienthong.edxml.model import BusinessKind, DocumentPacket
from lienthong.infra.blob_files import disk, refusal
from lienthong.infra.errors import STORAGE_AWAY, STORAGE_FULL

SENDERS = 4
WAIT_SECONDS = 25
FAILOVER_SECONDS = 60.0
DIRECTORY_SECONDS = 60.0
UNREGISTERED_SECONDS = 5.0
RETELL = timedelta(seconds=60)
_PLACES = {
    JobState.QUEUED: "open",
    JobState.SENDING: "open",
    JobState.REFUSED: "refused",
    JobState.SENT: "sent",
    JobState.CANCELLED: "cancelled",
}


class Courier:
    """Sends and receives for the agencies of one system, over one axis or several (bộ phận chuyển phát).

    ``axes`` in order of preference. ``senders``: documents on their way at one time. ``failover_after``: seconds that
    an axis may be away before its work goes to the next one that can do it. ``keep_content``: keep the bytes of files
    after their receipt. ``certificate_ends_at``: when the certificate of the signing key ends, if it has one.
    Refuses SPOOL_IN_USE, STORAGE_AWAY.
    """

    def __init__(
        self,
        spool: Path,
        axes: Sequence[AxisLink],
        agencies: Sequence[str],
        *,
        clock: Clock | None = None,
        before_send: BeforeSend = keep_files,
        after_receive: AfterReceive = accept_all,
        senders: int = SENDERS,
        wait: int = WAIT_SECONDS,
        failover_after: float = FAILOVER_SECONDS,
        keep_content: bool = True,
        certificate_ends_at: datetime | None = None,
    ) -> None:
        self._clock = clock or SystemClock()
        self._links, self.agencies = tuple(axes), tuple(agencies)
        self._senders, self._wait = senders, wait
        self._certificate_ends_at = certificate_ends_at
        self._lock = SpoolLock(spool)
        self._records = Records(spool, self._clock)
        self._journal = Journal(spool / "events", self._clock)
        self._tracking = Tracking(self._records, self._journal, self._clock)
        self._arrivals = Arrivals(spool, agencies, self._journal, self._tracking, self._clock, after_receive)
        self._departures = Departures(
            axes, self._records, before_send=before_send, failover_after=failover_after, keep_content=keep_content
        )
        self._queue = Queue()
        self._turn = threading.Condition()
        self._reasons: dict[str, Reason] = {}
        self._storage: Reason | None = None
        self._owed: deque[tuple[str, dict[str, Any]]] = deque()
        self._paying = threading.RLock()
        for link in self._links:
            link.told = self._axis_told
        for job in self._records.waiting("open"):
            self._enqueue(self._records.get(job))
        self._tell_what_a_crash_kept_back()
        self._tracking.restore(time.monotonic())

    @property
    def axes(self) -> tuple[AxisLink, ...]:
        """The axes, in order of preference."""
        return self._links

    def close(self) -> None:
        """Let go of the spool and the lines; only after :meth:`run` has returned."""
        for link in self._links:
            link.close()
        self._journal.close()
        self._lock.release()

    def __enter__(self) -> Courier:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --- out -----------------------------------------------------------------------------------------------------

    def submit(self, job: Job) -> JobId:
        """Take a job over; it is durable when this returns, and leaves when :meth:`run` runs.

        Refuses AGENCY_NOT_OURS, INPUT_NOT_USABLE, FILE_NOT_USABLE, DOCUMENT_UNKNOWN_HERE, RECEIVED_UNKNOWN, EDXML_… for
        a finished packet, JOB_KEY_REUSED, STORAGE_FULL, STORAGE_AWAY; then nothing was stored.
        """
        if job.agency not in self.agencies:
            raise Refused(AGENCY_NOT_OURS, agency=job.agency[:40], agencies=", ".join(self.agencies))
        print_ = fingerprint(job)
        earlier = Earlier(self._earlier_document, self._arrivals.answered)
        made = draft(job, earlier, self._name_of, self._clock.now())

        def stored(id_: JobId) -> None:
            record = self._records.get(id_)
            self._tell_queued(record)
            with self._turn:
                self._enqueue(record)
                self._turn.notify()

        return self._records.submit(made, job.key, print_, stored)

    def report(self, received_id: ReceivedId | str, code: int, description: str = "", key: str | None = None) -> JobId:
        """Report a business status (01–06, 15, 16) of something received to its issuer, queued like all else.

        ``key``: as of a :class:`Job`."""
        report = self._arrivals.report_on(received_id, code, description)
        return self.submit(Job(self._arrivals.get(received_id).agency, report, key=key))

    def job(self, id: JobId | str) -> JobView | None:
        """One job as it stands; None when there is none."""
        for _ in range(3):
            record = self._records.find(id)
            if record is None:
                return None
            view = self._view(record)
            if record.folder.exists():
                return view
        return None

    def by_key(self, agency: str, key: str) -> JobId | None:
        """The job submitted under a caller's key."""
        return self._records.by_key(agency, key)

    def jobs(
        self,
        *,
        state: JobState | None = None,
        after: JobId | str | None = None,
        limit: int = 100,
        newest_first: bool = False,
    ) -> list[JobView]:
        """Jobs beyond ``after`` in order of submission; of one state only when asked."""
        places = ("open", "refused", "sent", "cancelled") if state is None else (_PLACES[state],)
        found: list[JobView] = []
        cursor = after or ""
        while len(found) < limit:
            names = self._records.listing(places, cursor, limit, newest_first=newest_first)
            views = [view for name in names if (view := self.job(name)) is not None]
            found += [view for view in views if state is None or view.state is state]
            if len(names) < limit:
                break
            cursor = names[-1]
        return found[:limit]

    def retry(self, id: JobId | str) -> None:
        """Try a refused or waiting job again now. Refuses COURIER_JOB_UNKNOWN, JOB_NOT_REPEATABLE."""
        record = self._records.get(id)
        if record.place in {"sent", "cancelled"}:
            raise Refused(JOB_NOT_REPEATABLE, job=id, state=record.place)
        with self._turn:
            if record.place == "refused" and record.id not in self._queue:
                record = self._records.reopen(record)
                self._reasons.pop(record.id, None)
                self._enqueue(record)
                self._tell("job.retried", job=record.id, agency=record.agency)
            for link in self._links:
                link.probe()
            self._queue.wake([record.id])
            self._turn.notify_all()

    def cancel(self, id: JobId | str) -> None:
        """Cancel a job of which nothing has left; then it is only marked here (exchange facts §3.4).

        Refuses COURIER_JOB_UNKNOWN, JOB_HAS_LEFT.
        """
        with self._turn:
            record = self._records.get(id)
            entry = self._queue.get(record.id)
            flying = entry is not None and entry.id in self._flying()
            tried = any(leg.axis for leg in legs_of(record))
            refused = record.place == "refused" and not any(
                (leg.folder / "receipt.jws").exists() for leg in legs_of(record)
            )
            if flying or record.place in {"sent", "cancelled"} or (tried and not refused):
                raise Refused(JOB_HAS_LEFT, job=record.id)
            self._records.finish(record, JobState.CANCELLED, record.state.get("attempts", 0))
            if entry is not None:
                self._queue.remove(record.id)
            self._reasons.pop(record.id, None)
            self._turn.notify_all()
        self._tell("job.cancelled", job=record.id, agency=record.agency, once=f"{record.id}:cancelled")

    # --- in ------------------------------------------------------------------------------------------------------

    def received(
        self, *, after: ReceivedId | str | None = None, limit: int = 100, newest_first: bool = False
    ) -> list[ReceivedView]:
        """What was received, beyond ``after``, in order of arrival."""
        return self._arrivals.listing(after or "", limit, newest_first=newest_first)

    def receive_one(self, id: ReceivedId | str) -> ReceivedView:
        """One of them. Refuses RECEIVED_UNKNOWN."""
        return self._arrivals.get(id)

    # --- telling -------------------------------------------------------------------------------------------------

    def events(self, after: int = 0, limit: int = 100) -> list[CourierEvent]:
        """Events with numbers above ``after``, in order."""
        return self._journal.read(after, limit)

    def directories(self) -> tuple[DirectoryState, ...]:
        """The signed directories that are here now, in order of preference of their axes."""
        return tuple(state for link in self._links if (state := link.book.held) is not None)

    def subscribe(self, listener: Listener) -> None:
        """Tell ``listener`` of each event after it is durable, in order."""
        self._journal.subscribe(listener)

    def health(self) -> Health:
        """How everything stands."""
        with self._turn:
            sending = len(self._flying())
            waiting = len(self._queue) - sending
        oldest = next(iter(self._records.waiting("open")), None)
        view = self._records.find(oldest) if oldest else None
        return Health(
            waiting=waiting,
            sending=sending,
            refused=self._records.count("refused"),
            oldest_waiting=submitted_at(view) if view is not None else None,
            axes=tuple(link.health() for link in self._links),
            events=self._journal.last,
            storage=self._storage,
            certificate_ends_at=self._certificate_ends_at,
        )

    # --- running -------------------------------------------------------------------------------------------------

    def run(self, stop: threading.Event) -> None:
        """Send, receive, follow and refresh until ``stop`` is set; returns when what was under way has come to rest."""
        loops = [threading.Thread(target=self._send, args=(stop,), name=f"send-{n}") for n in range(self._senders)]
        for link in self._links:
            loops.append(threading.Thread(target=self._receive, args=(link, stop), name=f"receive-{link.name}"))
        loops.append(threading.Thread(target=self._follow, args=(stop,), name="follow"))
        for loop in loops:
            loop.daemon = True
            loop.start()
        stop.wait()
        with self._turn:
            self._turn.notify_all()
        for loop in loops:
            loop.join(self._wait + 10)

    def _send(self, stop: threading.Event) -> None:
        while not stop.is_set():
            entry = self._next(stop)
            if entry is not None:
                failure = attempt("courier.send_failed", lambda: self._send_one(entry))  # noqa: B023 - called at once
                if failure is not None:
                    self._rest(entry, time.monotonic() + pause_after(entry.attempts + 1))

    def _next(self, stop: threading.Event) -> Entry | None:
        """The next job in turn; waits for one for a while."""
        with self._turn:
            now = time.monotonic()
            ready = min((link.retry_at for link in self._links), default=0.0)
            found = self._queue.take(now) if ready <= now else None
            if found is None and not stop.is_set():
                at = max(filter(None, (self._queue.next_at(), ready if ready > now else None)), default=now + 1.0)
                self._turn.wait(min(max(at - now, 0.01), 1.0))
            return found

    def _send_one(self, entry: Entry) -> None:
        record = self._records.find(entry.id)
        if record is None or record.place != "open":
            self._leave(entry)
            return
        try:
            with disk():
                self._departures.depart(record)
        except Held as held:
            if held.reason is not None:
                self._reasons[entry.id] = held.reason
            self._rest(entry, max(held.until, time.monotonic() + 0.2))
        except (Refused, AxisRefused) as refused:
            if isinstance(refused, Refused) and refused.code in {STORAGE_FULL, STORAGE_AWAY}:
                self._storage = Reason.of(refused)
            self._failed(entry, record, refused)
        except (OSError, ValueError) as error:
            # A file of the spool is gone or damaged: nothing that time heals.
            self._failed(entry, record, Refused(FILE_NOT_USABLE, file=record.id, why=type(error).__name__))
        else:
            self._storage = None
            self._records.finish(record, JobState.SENT, entry.attempts + 1)
            self._tell_sent(self._records.get(entry.id))
            self._tracking.follow(self._records.get(entry.id), time.monotonic())
            self._leave(entry)

    def _failed(self, entry: Entry, record: Record, refused: Refused | AxisRefused) -> None:
        entry.attempts += 1
        reason = Reason.of(refused)
        self._reasons[entry.id] = reason
        if is_final(refused):
            self._records.refuse(record, entry.attempts, reason)
            self._tell_refused(self._records.get(entry.id))
            self._leave(entry)
            return
        with suppress(Refused):
            self._records.note(record, entry.attempts, reason)
        asked = refused.retry_after if isinstance(refused, AxisRefused) else None
        self._rest(entry, time.monotonic() + (pause_after(entry.attempts) if asked is None else asked))

    def _rest(self, entry: Entry, until: float) -> None:
        with self._turn:
            if entry.id in self._queue:
                self._queue.put_back(entry.id, until)
            self._turn.notify()

    def _leave(self, entry: Entry) -> None:
        with self._turn:
            if entry.id in self._queue:
                self._queue.remove(entry.id)
            self._reasons.pop(entry.id, None)
            self._turn.notify_all()

    def _receive(self, link: AxisLink, stop: threading.Event) -> None:
        failures = 0
        while not stop.is_set():
            if not self._arrivals.served(link):
                # Registered a moment ago, perhaps: the directory will say so.
                stop.wait(UNREGISTERED_SECONDS)
                link.refresh()
                continue
            wait = 0 if failures else self._wait
            failure = attempt("courier.receiving_failed", lambda: self._poll(link, wait))  # noqa: B023
            failures = failures + 1 if failure is not None else 0
            if failure is not None:
                stop.wait(pause_after(failures))

    def _poll(self, link: AxisLink, wait: int) -> None:
        try:
            self._arrivals.poll(link, wait)
            self._storage = None
        except (Refused, AxisRefused) as refused:
            if concerns_axis(refused):
                link.failed(refused)
            elif isinstance(refused, Refused) and refused.code in {STORAGE_FULL, STORAGE_AWAY}:
                self._storage = Reason.of(refused)
            raise
        except OSError as error:
            self._storage = Reason.of(refusal(error))
            raise

    def _follow(self, stop: threading.Event) -> None:
        refreshed = 0.0
        while not stop.wait(0.5):
            now = time.monotonic()
            self._pay()
            attempt("courier.following_failed", lambda: self._tracking.look(self._links, now))  # noqa: B023
            if now - refreshed >= DIRECTORY_SECONDS:
                refreshed = now
                for link in self._links:
                    if link.usable():
                        link.refresh()

    # --- telling what happened -----------------------------------------------------------------------------------

    def _tell(self, type_: str, **members: Any) -> None:
        """Write an event; one that the disk does not take now is owed, and written before any later one."""
        self._owed.append((type_, members))
        self._pay()

    def _pay(self) -> None:
        with self._paying, suppress(Refused):
            while self._owed:
                type_, members = self._owed[0]
                self._journal.append(type_, **members)
                self._owed.popleft()

    def _tell_queued(self, record: Record) -> None:
        self._tell(
            "job.queued", job=record.id, agency=record.agency, once=f"{record.id}:queued",
            kind=record.kind, document_id=record.job["document_id"], key=record.job["key"],
        )  # fmt: skip

    def _tell_sent(self, record: Record) -> None:
        self._tell(
            "job.sent", job=record.id, agency=record.agency, once=f"{record.id}:sent",
            document_id=record.job["document_id"], envelopes=[row["envelope"] for row in record.plan or ()],
        )  # fmt: skip

    def _tell_refused(self, record: Record) -> None:
        reason, attempts = record.reason, record.state.get("attempts", 0)
        if reason is not None:
            self._tell(
                "job.refused", job=record.id, agency=record.agency, once=f"{record.id}:refused:{attempts}",
                document_id=record.job["document_id"], code=reason.code, vi=reason.vi, en=reason.en,
            )  # fmt: skip

    def _tell_what_a_crash_kept_back(self) -> None:
        """Events of the last minute before the end that may not have been written; none is written twice."""
        newest = self._journal.read(self._journal.last - 1, 1)
        since = newest[0].at - RETELL if newest else datetime.min.replace(tzinfo=UTC)
        for job in self._records.waiting("open"):
            record = self._records.get(job)
            if submitted_at(record) >= since:
                self._tell_queued(record)
        ended: tuple[tuple[list[str], Callable[[Record], None]], ...] = (
            (self._records.followed(), self._tell_sent),
            (self._records.waiting("refused"), self._tell_refused),
        )
        for jobs, tell in ended:
            for record in filter(None, map(self._records.find, jobs)):
                finished = record.state.get("finished_at")
                if finished and record.place != "open" and from_text(finished) >= since:
                    tell(record)

    # --- inside --------------------------------------------------------------------------------------------------

    def _enqueue(self, record: Record) -> None:
        lanes = tuple(dict.fromkeys(f"{record.agency}>{code}" for code in record.recipients))
        attempts = int(record.state.get("attempts", 0))
        self._queue.add(Entry(record.id, lanes, record.job["urgency"], attempts=attempts))

    def _flying(self) -> set[str]:
        return {entry.id for entry in self._queue.flying()}

    def _axis_told(self, link: AxisLink, back: bool) -> None:
        self._tell("axis.back" if back else "axis.away", axis=link.name)
        if back:
            with self._turn:
                self._queue.wake([entry.id for entry in self._queue])
                self._turn.notify_all()

    def _name_of(self, code: str) -> str:
        day = self._clock.now().date()
        for link in self._links:
            state = link.book.held
            found = state.find(code, day) if state is not None else None
            if found is not None:
                return found.name
        return code

    def _earlier_document(self, agency: AgencyCode, document_id: str) -> DocumentPacket:
        for record in self._records.about(agency, document_id):
            if record.kind in {"document", "replacement", "packet"} and record.place in {"open", "sent"}:
                packet = read_own_header(record.header)
                if packet.business.kind in {BusinessKind.NEW, BusinessKind.REPLACE}:
                    return packet
        raise Refused(DOCUMENT_UNKNOWN_HERE, document=document_id[:80], agency=agency)

    def _view(self, record: Record) -> JobView:
        job, state = record.job, record.state
        shown = {"open": JobState.QUEUED, **{place: s for s, place in _PLACES.items() if place != "open"}}[record.place]
        next_at: datetime | None = None
        with self._turn:
            entry = self._queue.get(record.id)
            if entry is not None and record.place == "open":
                if entry.id in self._flying():
                    shown = JobState.SENDING
                else:
                    due = max(entry.not_before, min((link.retry_at for link in self._links), default=0.0))
                    next_at = self._clock.now() + timedelta(seconds=max(due - time.monotonic(), 0.0))
        reason = record.reason or (self._reasons.get(record.id) if record.place == "open" else None)
        finished = state.get("finished_at")
        return JobView(
            id=record.id,
            state=shown,
            kind=record.kind,
            agency=record.agency,
            document_id=job["document_id"],
            number=job["number"],
            subject=job["subject"],
            urgency=job["urgency"],
            key=job["key"],
            submitted_at=submitted_at(record),
            finished_at=from_text(finished) if finished else None,
            reason=reason,
            attempts=int(state.get("attempts", 0)),
            next_at=next_at,
            envelopes=tuple(_envelopes(record)),
            recipients=self._tracking.recipients(record),
            folder=record.folder,
        )


def _envelopes(record: Record) -> list[EnvelopeView]:
    found = []
    # One look at the plan: a second one may find that the job has moved on, and its plan with it.
    for leg in legs_of(record):
        receipt = leg.folder / "receipt.jws"
        found.append(EnvelopeView(leg.envelope, leg.axis, leg.to, receipt if receipt.exists() else None))
    return found
