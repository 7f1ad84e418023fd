"""Jobs on disk: one folder each, whose place says its state and which appears and moves by one rename.

::

    jobs/open/ID/             queued or sending      jobs/refused/ID/            needs a person
    jobs/sent/YYYYMMDD/ID/    every receipt kept     jobs/cancelled/YYYYMMDD/ID/ never left
    keys/xx/SHA256            caller's key -> job    documents/xx/SHA256         document -> jobs, one a line
    following/ID              sent, but some delivery is not final

In a job's folder: ``job.json`` and ``header.edxml`` as submitted, ``file-000`` …, then ``leg-0`` … with the signed
envelopes and receipts, ``plan.json`` once they are all made, ``state.json`` with attempts and reasons,
``tracking.json`` with what became of each recipient.
"""

from __future__ import annotations

import bisect
import hashlib
import json
import os
import secrets
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from heapq import merge
from itertools import islice
from pathlib import Path
from typing import Any

from lienthong.base.clock import Clock, from_text, to_text
from lienthong.base.errors import Refused, Retry
from lienthong.connector.compose import Attachment
from lienthong.connector.courier.composing import Draft
from lienthong.connector.courier.errors import COURIER_JOB_UNKNOWN, JOB_KEY_REUSED
from lienthong.connector.courier.model import JobId, JobState, Reason
from lienthong.connector.courier.sequence import Sequence, beyond, day_of, is_identifier, shelved
from lienthong.connector.spool import sync_folder, write_durably
from lienthong.infra.blob_files import disk
from lienthong.infra.steps import reached

_ENDED = {JobState.SENT: "sent", JobState.CANCELLED: "cancelled"}


@dataclass(frozen=True, slots=True)
class Record:
    """One job as it lies on disk. ``open``: whether it is in the queue. ``state``: the members of ``state.json``."""

    id: JobId
    folder: Path
    place: str
    job: dict[str, Any]

    @property
    def agency(self) -> str:
        return str(self.job["agency"])

    @property
    def kind(self) -> str:
        return str(self.job["kind"])

    @property
    def recipients(self) -> tuple[str, ...]:
        return tuple(self.job["to"])

    @property
    def header(self) -> bytes:
        return (self.folder / "header.edxml").read_bytes()

    @property
    def files(self) -> tuple[Attachment, ...]:
        """The files as they were submitted; their bytes lie in this folder and never change."""
        return tuple(
            Attachment(row["name"], self.folder / row["file"], row["description"], row["type"])
            for row in self.job["files"]
        )

    @property
    def plan(self) -> list[dict[str, Any]] | None:
        """The legs, once every envelope is made."""
        found: list[dict[str, Any]] | None = _json(self.folder / "plan.json", None)
        return found

    @property
    def state(self) -> dict[str, Any]:
        """``attempts``, ``reason``, ``finished_at``, as far as known."""
        return dict(_json(self.folder / "state.json", {}))

    @property
    def reason(self) -> Reason | None:
        found = self.state.get("reason")
        return Reason(**{**found, "retry": Retry(found["retry"])}) if found else None

    @property
    def tracking(self) -> dict[str, dict[str, Any]]:
        """What became of each recipient."""
        return dict(_json(self.folder / "tracking.json", {}))


class Records:
    """All jobs of one spool. Safe for several threads; one process."""

    def __init__(self, root: Path, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.RLock()
        self._jobs, self._making = root / "jobs", root / "jobs" / "making"
        self._keys, self._documents, self._following = root / "keys", root / "documents", root / "following"
        with disk():
            shutil.rmtree(self._making, ignore_errors=True)
            for folder in (
                self._making, *(self._jobs / name for name in ("open", "refused", "sent", "cancelled")),
                self._keys, self._documents, self._following,
            ):  # fmt: skip
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._waiting = {
            name: sorted(path.name for path in (self._jobs / name).iterdir()) for name in ("open", "refused")
        }
        self._sequence = Sequence(
            max(filter(None, map(self._newest, ("open", "refused", "sent", "cancelled"))), default="")
        )

    # --- in ------------------------------------------------------------------------------------------------------

    def submit(self, draft: Draft, key: str | None, print_: str, then: Callable[[JobId], None]) -> JobId:
        """Store a job durably; its identifier. ``then`` is called with it when it is new, in order of submission.

        Refuses JOB_KEY_REUSED, FILE_NOT_USABLE, STORAGE_FULL, STORAGE_AWAY.
        """
        name = secrets.token_hex(8)
        making = self._making / name
        with disk():
            try:
                self._fill(making, draft, key, print_)
                with self._lock:
                    held = self._held(draft.agency, key, print_)
                    if held is not None:
                        return held
                    job = JobId(self._sequence.following(self._clock.now()))
                    if key is not None:
                        self._name_key(draft.agency, key, job, print_)
                    if draft.kind != "status":
                        self._name_document(draft, job)
                    reached("courier.job_named")
                    making.rename(self._jobs / "open" / job)
                    sync_folder(self._jobs / "open")
                    self._waiting["open"].append(job)
                    reached("courier.job_stored")
                    then(job)
            finally:
                shutil.rmtree(making, ignore_errors=True)
        return job

    def by_key(self, agency: str, key: str) -> JobId | None:
        """The job that was submitted under a caller's key."""
        found = _json(self._key_file(agency, key), None)
        return JobId(found["job"]) if found and self.find(found["job"]) else None

    # --- looking -------------------------------------------------------------------------------------------------

    def find(self, job: str) -> Record | None:
        """One job by its identifier, wherever it is now."""
        if not is_identifier(job):
            return None
        day = day_of(job)
        # It may move between two looks, always onwards; what was refused may come back.
        for place in ("open", "refused", f"sent/{day}", f"cancelled/{day}", "open"):
            folder = self._jobs / place / job
            row = _json(folder / "job.json", None)
            if row is not None:
                return Record(JobId(job), folder, place.partition("/")[0], row)
        return None

    def get(self, job: str) -> Record:
        """One job. Refuses COURIER_JOB_UNKNOWN."""
        found = self.find(job)
        if found is None:
            raise Refused(COURIER_JOB_UNKNOWN, job=job[:60])
        return found

    def waiting(self, place: str) -> list[str]:
        """Identifiers of ``open`` or ``refused`` jobs, oldest first."""
        with self._lock:
            return list(self._waiting[place])

    def count(self, place: str) -> int:
        return len(self._waiting[place])

    def listing(self, places: tuple[str, ...], after: str, limit: int, *, newest_first: bool = False) -> list[str]:
        """Identifiers in these places beyond ``after``, in order."""
        ways = [self._ordered(place, after, newest_first) for place in places]
        found: Iterator[str] = merge(*ways, reverse=newest_first)
        return list(islice(found, limit))

    def about(self, agency: str, document_id: str) -> list[Record]:
        """Jobs that carried a document of this agency, newest first."""
        file = self._document_file(agency, document_id)
        jobs = file.read_text("ascii").split() if file.exists() else []
        return [record for job in dict.fromkeys(reversed(jobs)) if (record := self.find(job)) is not None]

    # --- moving --------------------------------------------------------------------------------------------------

    def note(self, record: Record, attempts: int, reason: Reason | None) -> None:
        """Keep how often it was tried and why it still waits."""
        self._write_state(record.folder, attempts, reason, None)

    def refuse(self, record: Record, attempts: int, reason: Reason) -> Record:
        """It needs a person now."""
        self._write_state(record.folder, attempts, reason, self._clock.now())
        return self._move(record, "refused")

    def reopen(self, record: Record) -> Record:
        """A refused job is tried again: what refused it is forgotten, its envelopes stay."""
        for file in record.folder.glob("leg-*/refusal.json"):
            file.unlink()
        self._write_state(record.folder, record.state.get("attempts", 0), None, None)
        return self._move(record, "open")

    def finish(self, record: Record, state: JobState, attempts: int) -> Record:
        """It has left for good, or never will."""
        self._write_state(record.folder, attempts, None, self._clock.now())
        if state is JobState.SENT:
            with disk():
                (self._following / record.id).touch(mode=0o600)
        return self._move(record, f"{_ENDED[state]}/{day_of(record.id)}")

    def track(self, record: Record, tracking: dict[str, dict[str, Any]]) -> None:
        """Keep what became of each recipient."""
        with disk():
            write_durably(record.folder / "tracking.json", _bytes(tracking))

    def followed(self) -> list[str]:
        """Sent jobs of which some delivery is not final."""
        return sorted(path.name for path in self._following.iterdir())

    def unfollow(self, job: str) -> None:
        """Nothing more is to come from the axis about a job."""
        (self._following / job).unlink(missing_ok=True)

    # --- inside --------------------------------------------------------------------------------------------------

    def _fill(self, making: Path, draft: Draft, key: str | None, print_: str) -> None:
        making.mkdir(mode=0o700)
        rows = []
        for index, (entry, file) in enumerate(zip(draft.entries, draft.files, strict=True)):
            size, digest = write_durably(making / f"file-{index:03d}", file.content)
            rows.append({
                "file": f"file-{index:03d}", "content_id": entry.content_id, "name": file.name, "type": file.type,
                "description": file.description, "size": size, "sha256": digest.hex(),
            })  # fmt: skip
        members = {
            "v": 1, "kind": draft.kind, "agency": draft.agency, "to": draft.to, "urgency": draft.urgency,
            "document_id": draft.document_id, "number": draft.number, "subject": draft.subject, "about": draft.about,
            "axes": draft.axes, "key": key, "print": print_, "submitted_at": to_text(self._clock.now()), "files": rows,
        }  # fmt: skip
        write_durably(making / "header.edxml", draft.header)
        write_durably(making / "job.json", _bytes(members))
        sync_folder(making)
        reached("courier.job_made")

    def _held(self, agency: str, key: str | None, print_: str) -> JobId | None:
        """The job of the same key, if it got as far as being stored. Refuses JOB_KEY_REUSED."""
        found = _json(self._key_file(agency, key), None) if key is not None else None
        if not found or self.find(found["job"]) is None:
            return None
        if found["print"] != print_:
            raise Refused(JOB_KEY_REUSED, key=str(key)[:60], job=found["job"])
        return JobId(found["job"])

    def _name_key(self, agency: str, key: str, job: JobId, print_: str) -> None:
        file = self._key_file(agency, key)
        file.parent.mkdir(exist_ok=True, mode=0o700)
        write_durably(file, _bytes({"job": job, "print": print_}))
        sync_folder(file.parent)

    def _name_document(self, draft: Draft, job: JobId) -> None:
        file = self._document_file(draft.agency, draft.document_id)
        file.parent.mkdir(exist_ok=True, mode=0o700)
        new = not file.exists()
        with file.open("ab") as out:
            out.write(f"\n{job}\n".encode())
            out.flush()
            os.fsync(out.fileno())
        if new:
            sync_folder(file.parent)

    def _key_file(self, agency: str, key: str | None) -> Path:
        return _hashed(self._keys, f"{agency}\0{key}")

    def _document_file(self, agency: str, document_id: str) -> Path:
        return _hashed(self._documents, f"{agency}\0{document_id}")

    def _write_state(self, folder: Path, attempts: int, reason: Reason | None, at: datetime | None) -> None:
        said = asdict(reason) | {"retry": reason.retry.value} if reason else None
        members = {"attempts": attempts, "reason": said, "finished_at": to_text(at) if at else None}
        with disk():
            write_durably(folder / "state.json", _bytes(members))

    def _move(self, record: Record, place: str) -> Record:
        target = self._jobs / place
        reached("courier.job_ended")
        with disk(), self._lock:
            target.mkdir(exist_ok=True, mode=0o700)
            record.folder.rename(target / record.id)
            sync_folder(target)
            sync_folder(record.folder.parent)
            for name, waiting in self._waiting.items():
                at = bisect.bisect_left(waiting, record.id)
                here = at < len(waiting) and waiting[at] == record.id
                if here and name != place:
                    del waiting[at]
                elif not here and name == place:
                    waiting.insert(at, record.id)
        return Record(record.id, target / record.id, place.partition("/")[0], record.job)

    def _ordered(self, place: str, after: str, newest_first: bool) -> Iterator[str]:
        """Identifiers in one place, beyond ``after``, in order."""
        if place in self._waiting:
            return beyond(self.waiting(place), after, newest_first)
        return shelved(self._jobs / place, after, newest_first)

    def _newest(self, place: str) -> str:
        return next(self._ordered(place, "", True), "")


def submitted_at(record: Record) -> datetime:
    """When a job was submitted."""
    return from_text(record.job["submitted_at"])


def _hashed(root: Path, text: str) -> Path:
    name = hashlib.sha256(text.encode()).hexdigest()
    return root / name[:2] / name


def _bytes(members: Any) -> bytes:
    return json.dumps(members, ensure_ascii=False, separators=(",", ":")).encode()


def _json(file: Path, otherwise: Any) -> Any:
    """The members of a file; ``otherwise`` when there is none, or its folder has moved on."""
    try:
        return json.loads(file.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return otherwise
