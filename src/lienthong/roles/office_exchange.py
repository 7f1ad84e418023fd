"""Between the courier and the office's tables: what happened there is taken in, what waits here is handed over.

The courier's journal is read once; numbers of events that are not yet taken lie in ``exchange.json`` of the data
directory, in a lane for each agency. A lane keeps its order: while an event cannot be taken, only its own agency waits.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from django.db import transaction

from lienthong.base.errors import Refused
from lienthong.infra import telemetry
from lienthong.infra.complaints import Complaints
from lienthong.infra.keys import replace_durably
from lienthong.infra.steps import reached
from lienthong.office.ports import Carrier, Event
from lienthong.office.services.dispatching import follow, hand_over
from lienthong.office.services.taking_in import take
from lienthong.office.services.waiting import Work, agencies_here, agencies_waiting_for
from lienthong.webkit.door.visit import Visit, visit_of_system
from lienthong.webkit.people.models import Agency
from lienthong.webkit.site.tenancy import acting_for

PAGE = 500
_JOBS = ("job.sent", "job.refused", "delivery.")
_ITEMS = ("document.received", "status.received")


@dataclass
class Turns:
    """Goes round all agencies. A round that breaks off goes on behind the agency at which it broke, so that the trouble
    of one holds up no other."""

    last: int = 0

    def round(self, agencies: Sequence[tuple[int, str]]) -> Iterator[tuple[int, str]]:
        """Every agency once."""
        ordered = sorted(agencies)
        start = next((n for n, (number, _) in enumerate(ordered) if number > self.last), 0)
        for each in (*ordered[start:], *ordered[:start]):
            self.last = each[0]
            yield each


def for_each_agency(turns: Turns, work: Callable[[Visit], object], agencies: Sequence[tuple[int, str]]) -> None:
    """Do a work for each of these agencies, on a connection that sees only that one."""
    for number, _ in turns.round(agencies):
        with acting_for(number):
            work(visit_of_system(Agency.objects.get(pk=number)))


@contextmanager
def complaining(complaints: Complaints, visit: Visit) -> Iterator[None]:
    """What is refused in the block is said and waits for the next round; it holds up no other agency."""
    try:
        yield
    except Refused as refused:
        complaints.about(visit.agency.code, refused)
    else:
        complaints.over(visit.agency.code)


@dataclass
class Lanes:
    """Events that wait to be taken, by the code of their agency. ``read``: number up to which the journal was read."""

    file: Path
    read: int = 0
    waiting: dict[str, list[int]] = field(default_factory=dict)

    @classmethod
    def load(cls, file: Path) -> Lanes:
        """As they were left; from the beginning of the journal when there is no file."""
        if not file.exists():
            return cls(file)
        members = json.loads(file.read_bytes())
        return cls(file, members["read"], members["waiting"])

    def save(self) -> None:
        """Durably. What was taken since the last time is taken again after a crash, which changes nothing."""
        members = {"read": self.read, "waiting": {code: rows for code, rows in self.waiting.items() if rows}}
        replace_durably(self.file, json.dumps(members).encode())

    def add(self, events: Sequence[Event]) -> None:
        """Put events that concern the office into their lanes."""
        for event in events:
            self.read = event.number
            if event.type in _ITEMS or event.type.startswith(_JOBS):
                self.waiting.setdefault(event.agency, []).append(event.number)


class Exchange:
    """The two directions over one carrier. Each is called by one thread."""

    def __init__(self, carrier: Carrier, file: Path) -> None:
        self._carrier = carrier
        self._lanes = Lanes.load(file)
        self._out, self._in = Turns(), Turns()
        self._unsent, self._untaken = Complaints("office.sending_waits"), Complaints("office.receiving_waits")
        self._followed: dict[str, int] = {}
        if self._lanes.read > carrier.last_event():
            # Another spool than before: its journal begins anew, and everything in it may be taken again.
            telemetry.warning("office.journal_replaced", count=self._lanes.read)
            self._lanes = Lanes(file)

    def directory(self) -> Sequence[tuple[str, str]]:
        """Code and name of every agency that can be written to."""
        return self._carrier.directory()

    def send(self) -> None:
        """Hand over what waits, for every agency of the carrier."""

        def work(visit: Visit) -> None:
            with complaining(self._unsent, visit):
                hand_over(visit, self._carrier)

        carried = self._carrier.agencies
        for_each_agency(self._out, work, [each for each in agencies_waiting_for(Work.SENDING) if each[1] in carried])

    def receive(self) -> None:
        """Take in what happened since the last time, in the order of each agency."""
        events = self._carrier.events(self._lanes.read, PAGE)
        if events:
            self._lanes.add(events)
            self._lanes.save()
        full = {code for code, rows in self._lanes.waiting.items() if rows}
        # What came for an agency that is not founded here stays in its lane until it is.
        agencies = [each for each in agencies_here() if each[1] in full] if full else []
        if not agencies:
            return
        self._followed.clear()
        try:
            for_each_agency(self._in, self._take_lane, agencies)
        finally:
            self._lanes.save()

    def _take_lane(self, visit: Visit) -> None:
        lane = self._lanes.waiting[visit.agency.code]
        with complaining(self._untaken, visit):
            while lane:
                self._take(visit, lane[0])
                reached("office.taken")
                lane.pop(0)

    def _take(self, visit: Visit, number: int) -> None:
        (event,) = self._carrier.events(number - 1, 1)
        if event.received and event.type in _ITEMS:
            item = self._carrier.item(event.received)
            with transaction.atomic():
                take(visit, item)
                visit.write_entries()
                reached("office.taking")
            return
        # A job is followed as it stands, so that once is enough for all its events of one round: it has one for each
        # of its recipients.
        if event.job and number > self._followed.get(event.job, 0):
            known = self._carrier.last_event()
            job = self._carrier.job(event.job)
            if job is not None:
                with transaction.atomic():
                    follow(visit, job)
                    visit.write_entries()
            self._followed[event.job] = known
