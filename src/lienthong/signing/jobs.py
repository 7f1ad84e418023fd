"""Prepared signatures on disk (lượt ký): prepare, sign elsewhere and whenever, embed. Nothing is ever rendered again.

One folder a job; what is there says how far each document is, so that a kill at any moment loses nothing:

| file | means |
|---|---|
| ``job.json`` | the job: signer, title, documents with what is to be signed; written once |
| ``001.prepared`` | the document with its empty place |
| ``001.shown`` | a person has seen it |
| ``001.declined`` | a person will not sign it, and why |
| ``001.signature`` | its signature as the :class:`~lienthong.trust.signer.Signer` gave it |
| ``001.result`` | the signed document |

Every file appears whole, by one link, and is never replaced. Source: ADR 0020 (prepare, sign, embed).
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Any, BinaryIO

from lienthong.base.clock import Clock, from_text, to_text
from lienthong.base.errors import Refused
from lienthong.base.ids import uuid7
from lienthong.base.text import nfc, one_line
from lienthong.infra.blob_files import disk, sync_directory
from lienthong.infra.errors import KEY_EXISTS
from lienthong.infra.keys import write_new
from lienthong.signing.errors import SIGN_JOB_CONFLICT, SIGN_JOB_UNKNOWN
from lienthong.trust.signer import Signer

MOST_DOCUMENTS = 500
_JOB = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


Embed = Callable[["Entry", bytes, BinaryIO], None]
"""Puts a signature, as the signer gave it, into a copy of the prepared document: open for reading and writing."""


class State(Enum):
    """How far one document is. WAITING: its content is not here yet. READY: prepared, not seen. SHOWN: seen."""

    WAITING = "waiting"
    READY = "ready"
    SHOWN = "shown"
    DECLINED = "declined"
    SIGNED = "signed"
    FINISHED = "finished"

    @property
    def ended(self) -> bool:
        return self in {State.DECLINED, State.SIGNED, State.FINISHED}


@dataclass(frozen=True, slots=True)
class Entry:
    """One document of a job, as its sender described it. ``purpose``: ``document`` or ``copy`` (of paper).

    ``note``: what the caller needs to embed the signature later, in whatever form; never shown.
    """

    name: str
    to_sign: bytes
    number: str = ""
    abstract: str = ""
    purpose: str = "document"
    note: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """One document and where it stands; ``number``: from 1, within its job."""

    number: int
    entry: Entry
    state: State
    reason: str = ""


class Job:
    """One job on disk."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.id = folder, folder.name
        members = json.loads((folder / "job.json").read_bytes())
        self.signer: str = members["signer"]
        self.title: str = members["title"]
        self.owner: str = members["owner"]
        self.made_at: datetime = from_text(members["made_at"])
        self.entries: tuple[Entry, ...] = tuple(
            Entry(**(row | {"to_sign": base64.b64decode(row["to_sign"])})) for row in members["documents"]
        )

    def file(self, number: int, kind: str) -> Path:
        """Where one file of a document lies, whether it is there or not. Refuses SIGN_JOB_UNKNOWN."""
        if not 1 <= number <= len(self.entries):
            raise Refused(SIGN_JOB_UNKNOWN, job=f"{self.id}/{number}")
        return self.folder / f"{number:03d}.{kind}"

    def item(self, number: int) -> Item:
        """One document. Refuses SIGN_JOB_UNKNOWN."""
        state, reason = State.WAITING, ""
        for kind, found in _STATES:
            if self.file(number, kind).exists():
                state = found
                break
        if state is State.DECLINED:
            reason = self.file(number, "declined").read_text("utf-8")
        return Item(number, self.entries[number - 1], state, reason)

    def items(self) -> list[Item]:
        """Every document, in order."""
        return [self.item(number) for number in range(1, len(self.entries) + 1)]

    def put(self, number: int, content: bytes | Path) -> None:
        """Keep the prepared content; the same once more is nothing new.

        A path is moved here. Refuses SIGN_JOB_CONFLICT for other content, STORAGE_FULL, STORAGE_AWAY.
        """
        target = self.file(number, "prepared")
        if isinstance(content, bytes):
            self._put_bytes(target, number, content)
            return
        with disk():
            try:
                os.link(content, target)
                sync_directory(self.folder)
            except FileExistsError:
                if _digest(target) != _digest(content):
                    raise Refused(SIGN_JOB_CONFLICT, number=number) from None
            content.unlink()

    def _put_bytes(self, target: Path, number: int, content: bytes) -> None:
        try:
            write_new(target, content)
        except Refused as refused:
            if refused.code is not KEY_EXISTS:
                raise
            if _digest(target) != hashlib.sha256(content).digest():
                raise Refused(SIGN_JOB_CONFLICT, number=number) from refused

    def mark(self, number: int, kind: str, content: bytes = b"") -> None:
        """Write a state file once; what is there stays."""
        try:
            write_new(self.file(number, kind), content)
        except Refused as refused:
            if refused.code is not KEY_EXISTS:
                raise

    def signature(self, number: int) -> bytes | None:
        """The signature of one document, when it is there."""
        found = self.file(number, "signature")
        return found.read_bytes() if found.exists() else None

    def result(self, number: int) -> bytes | None:
        """The signed document, when it is there."""
        found = self.file(number, "result")
        return found.read_bytes() if found.exists() else None

    def counts(self) -> dict[str, int]:
        """How many documents are in each state."""
        found = dict.fromkeys((each.value for each in State), 0)
        for item in self.items():
            found[item.state.value] += 1
        return found


_STATES = (
    ("result", State.FINISHED), ("signature", State.SIGNED), ("declined", State.DECLINED), ("shown", State.SHOWN),
    ("prepared", State.READY),
)  # fmt: skip


class JobStore:
    """The jobs of one folder. Several processes may read; one writes a job."""

    def __init__(self, root: Path, clock: Clock) -> None:
        self.root, self._clock = root, clock
        with disk():
            root.mkdir(parents=True, exist_ok=True, mode=0o700)

    def make(self, signer: str, title: str, entries: Sequence[Entry], owner: str = "") -> Job:
        """Begin a job; on disk before this returns. ``owner``: who may ask for it again, such as an origin."""
        if not 0 < len(entries) <= MOST_DOCUMENTS:
            raise ValueError(f"a job has from 1 to {MOST_DOCUMENTS} documents")
        folder = self.root / str(uuid7())
        members = {
            "signer": signer, "title": one_line(nfc(title), 200), "owner": owner, "made_at": to_text(self._clock.now()),
            "documents": [_row(each) for each in entries],
        }  # fmt: skip
        with disk():
            folder.mkdir(mode=0o700)
            write_new(folder / "job.json", json.dumps(members, ensure_ascii=False).encode())
            sync_directory(self.root)
        return Job(folder)

    def find(self, job: str) -> Job:
        """Refuses SIGN_JOB_UNKNOWN."""
        folder = self.root / job
        if not _JOB.fullmatch(job) or not (folder / "job.json").exists():
            raise Refused(SIGN_JOB_UNKNOWN, job=one_line(job, 60))
        return Job(folder)

    def all(self) -> Iterator[Job]:
        """Every job, newest first."""
        for folder in sorted(self.root.iterdir(), reverse=True):
            if _JOB.fullmatch(folder.name) and (folder / "job.json").exists():
                yield Job(folder)

    def remove(self, job: str) -> None:
        """Forget a job with everything in it. Refuses SIGN_JOB_UNKNOWN."""
        shutil.rmtree(self.find(job).folder)


def sign_job(
    job: Job,
    signer: Signer,
    *,
    ready: Callable[[Item], bool] = lambda item: item.state in {State.READY, State.SHOWN},
    before: Callable[[Item], None] = lambda item: None,
    after: Callable[[Item], None] = lambda item: None,
) -> int:
    """Sign what is ready and not signed yet; how many. A refusal of the signer, such as TOKEN_AWAY, ends the run and
    leaves everything as it is: the same call goes on where it stopped. ``before`` may refuse a document."""
    done = 0
    for item in job.items():
        if not item.state.ended and ready(item):
            before(item)
            job.mark(item.number, "signature", signer.sign(item.entry.to_sign))
            after(item)
            done += 1
    return done


def finish_job(job: Job, embed: Embed) -> int:
    """Embed every signature that is there and not embedded yet; how many. Memory does not grow with the documents.

    A signed document appears whole or not at all: the copy takes its name when it is complete and on disk.
    """
    done = 0
    for item in job.items():
        signature = job.signature(item.number)
        if item.state is State.SIGNED and signature is not None:
            _finish(job, item, signature, embed)
            done += 1
    return done


def _finish(job: Job, item: Item, signature: bytes, embed: Embed) -> None:
    copy = job.file(item.number, "embedding")
    try:
        with disk():
            shutil.copyfile(job.file(item.number, "prepared"), copy)
            with copy.open("r+b") as file:
                embed(item.entry, signature, file)
                file.flush()
                os.fsync(file.fileno())
            os.link(copy, job.file(item.number, "result"))
            sync_directory(job.folder)
    finally:
        copy.unlink(missing_ok=True)


def _row(entry: Entry) -> dict[str, Any]:
    return {
        "name": one_line(nfc(entry.name), 200), "to_sign": base64.b64encode(entry.to_sign).decode(),
        "number": one_line(nfc(entry.number), 80), "abstract": one_line(nfc(entry.abstract), 500),
        "purpose": entry.purpose, "note": entry.note,
    }  # fmt: skip


def _digest(file: Path) -> bytes:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").digest()
