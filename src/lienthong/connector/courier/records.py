"""Jobs on disk: one folder each, whose place says its state and which appears and moves by one rename.

::

    jobs/open/ID/             queued or sending      jobs/refused/ID/            needs a person
    jobs/sent/YYYYMMDD/ID/    every receipt kept     jobs/cancelled/YYYYMMDD/ID/ never left
    keys/xx/SHA256            caller's key -> job    documents/xxx/SHA256.ID     document -> its jobs
    following/ID              sent, but some delivery is not final

Keys are symbolic links and documents empty files, so that one sync of their folder makes them durable. In a job's
folder: ``job.json`` as submitted, with the header, and ``file-000`` …, then ``leg-0`` … with the signed
envelopes and receipts, ``plan.json`` once they are all made, ``state.json`` with attempts and reasons,
``tracking.json`` with what became of each recipient.
"""

from __future__ import annotations

import bisect
import hashlib
import json
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
        return str(self.job["header"]).encode()

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
        try:
            return dict(_json(self.folder / "state.json", {}))
        except ValueError:
            # Written without sync: after a power cut it may be empty, and nothing depends on it.
            return {}

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
                self._fill(making, draft, key)
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
        found = self._keyed(agency, key)
        return JobId(found[0]) if found is not None else None

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
        named = self._document_file(agency, document_id)
        jobs = (path.suffix[1:] for path in named.parent.glob(f"{named.name}.*"))
        return [record for job in sorted(jobs, reverse=True) if (record := self.find(job)) is not None]

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
            self.follow(record.id)
        return self._move(record, f"{_ENDED[state]}/{day_of(record.id)}")

    def track(self, record: Record, tracking: dict[str, dict[str, Any]]) -> None:
        """Keep what became of each recipient."""
        with disk():
            write_durably(record.folder / "tracking.json", _bytes(tracking))

    def followed(self) -> list[str]:
        """Sent jobs of which some delivery is not final."""
        return sorted(path.name for path in self._following.iterdir())

    def follow(self, job: str) -> None:
        """More is to come from the axis about a sent job."""
        with disk():
            (self._following / job).touch(mode=0o600)

    def unfollow(self, job: str) -> None:
        """Nothing more is to come from the axis about a job."""
        (self._following / job).unlink(missing_ok=True)

    # --- inside --------------------------------------------------------------------------------------------------

    def _fill(self, making: Path, draft: Draft, key: str | None) -> None:
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
            "axes": draft.axes, "key": key, "submitted_at": to_text(self._clock.now()), "files": rows,
            "header": draft.header.decode(),
        }  # fmt: skip
        write_durably(making / "job.json", _bytes(members))
        sync_folder(making)
        reached("courier.job_made")

    def _held(self, agency: str, key: str | None, print_: str) -> JobId | None:
        """The job of the same key, if it got as far as being stored. Refuses JOB_KEY_REUSED."""
        found = self._keyed(agency, key) if key is not None else None
        if found is None:
            return None
        if found[1] != print_:
            raise Refused(JOB_KEY_REUSED, key=str(key)[:60], job=found[0])
        return JobId(found[0])

    def _keyed(self, agency: str, key: str) -> tuple[str, str] | None:
        """Job and fingerprint under a key; none when a crash came before the job itself was stored."""
        try:
            job, _, print_ = self._key_file(agency, key).readlink().name.partition(".")
        except FileNotFoundError:
            return None
        return (job, print_) if self.find(job) is not None else None

    def _name_key(self, agency: str, key: str, job: JobId, print_: str) -> None:
        file = self._key_file(agency, key)
        file.parent.mkdir(exist_ok=True, mode=0o700)
        file.unlink(missing_ok=True)
        file.symlink_to(f"{job}.{print_}")
        sync_folder(file.parent)

    def _name_document(self, draft: Draft, job: JobId) -> None:
        file = self._document_file(draft.agency, draft.document_id)
        file.parent.mkdir(exist_ok=True, mode=0o700)
        file.with_name(f"{file.name}.{job}").touch(mode=0o600)
        sync_folder(file.parent)

    def _key_file(self, agency: str, key: str | None) -> Path:
        return _hashed(self._keys, f"{agency}\0{key}", 2)

    def _document_file(self, agency: str, document_id: str) -> Path:
        return _hashed(self._documents, f"{agency}\0{document_id}", 3)

    def _write_state(self, folder: Path, attempts: int, reason: Reason | None, at: datetime | None) -> None:
        said = asdict(reason) | {"retry": reason.retry.value} if reason else None
        members = {"attempts": attempts, "reason": said, "finished_at": to_text(at) if at else None}
        with disk():
            making = folder / "state.json.new"
            making.write_bytes(_bytes(members))
            making.rename(folder / "state.json")

    def _move(self, record: Record, place: str) -> Record:
        target = self._jobs / place
        reached("courier.job_ended")
        with disk(), self._lock:
            target.mkdir(exist_ok=True, mode=0o700)
            record.folder.rename(target / record.id)
            sync_folder(target)
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


def _hashed(root: Path, text: str, spread: int) -> Path:
    name = hashlib.sha256(text.encode()).hexdigest()
    return root / name[:spread] / name


def _bytes(members: Any) -> bytes:
    return json.dumps(members, ensure_ascii=False, separators=(",", ":")).encode()


def _json(file: Path, otherwise: Any) -> Any:
    """The members of a file; ``otherwise`` when there is none, or its folder has moved on."""
    try:
        return json.loads(file.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return otherwise
