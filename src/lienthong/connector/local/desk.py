"""What every endpoint of the local face works with, made once by the role."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from lienthong.base.clock import Clock
from lienthong.base.errors import Refused
from lienthong.connector.courier.engine import Courier
from lienthong.connector.courier.errors import COURIER_JOB_UNKNOWN
from lienthong.connector.courier.links import AxisLink
from lienthong.connector.courier.model import (
    JobId,
    JobState,
    JobView,
    ReceivedView,
)
from lienthong.connector.local.calling import Caller
from lienthong.connector.local.errors import AXIS_NOT_CONFIGURED
from lienthong.connector.local.forms import Uploads
from lienthong.connector.local.hooks import Webhooks
from lienthong.connector.local.sessions import Sessions
from lienthong.connector.local.taken import Taken, Taking
from lienthong.connector.local.tokens import Tokens
from lienthong.webkit.templates import Templates


@dataclass(frozen=True, slots=True)
class Desk:
    """The courier with everything that the local face keeps beside it."""

    courier: Courier
    spool: Path
    clock: Clock
    tokens: Tokens
    sessions: Sessions
    taken: Taken
    hooks: Webhooks
    caller: Caller
    uploads: Uploads
    templates: Templates
    loopback: bool

    def axis(self, name: str = "") -> AxisLink:
        """An axis by its name; the preferred one without. Refuses AXIS_NOT_CONFIGURED."""
        for link in self.courier.axes:
            if not name or link.name == name:
                return link
        raise Refused(AXIS_NOT_CONFIGURED, axis=name[:60])

    def name_of(self, code: str) -> str:
        """Name of an agency in the first directory that is here and knows it; the code itself otherwise."""
        for link in self.courier.axes:
            state = link.book.held
            found = state.agency(code) if state is not None else None
            if found is not None:
                return found.name
        return code

    def job(self, id_: str) -> JobView:
        """One job. Refuses COURIER_JOB_UNKNOWN."""
        found = self.courier.job(JobId(id_))
        if found is None:
            raise Refused(COURIER_JOB_UNKNOWN, job=id_[:60])
        return found

    def jobs(self, state: JobState | None, after: str, limit: int, *, newest_first: bool) -> list[JobView]:
        return self.courier.jobs(state=state, after=after or None, limit=limit, newest_first=newest_first)

    def taking(self, view: ReceivedView) -> Taking | None:
        """Who took a received document here."""
        return self.taken.of(view.id)

    def untaken(self, after: str, limit: int) -> list[ReceivedView]:
        """Received documents that nobody took, oldest first."""
        self.catch_up()
        return [self.courier.receive_one(name) for name in self.taken.waiting(after, limit)]

    def catch_up(self) -> None:
        """Let the marks follow what arrived."""
        self.taken.catch_up(self.courier.events)

    def report(self, received: str, code: int, description: str, key: str | None) -> JobId:
        """Queue a business status of a received document, under a caller's key."""
        return self.courier.report(received, code, description, key)

    def refuse(self, received: str, description: str, key: str | None, by: str) -> JobId:
        """Tell the sender that the agency does not take the document (status 02), and take it off the list here."""
        job = self.report(received, 2, description, key)
        self.taken.take(received, by)
        return job

    def free_bytes(self) -> int:
        """Room on the disk under the spool."""
        return shutil.disk_usage(self.spool).free
