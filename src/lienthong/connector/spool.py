"""The outgoing spool: an envelope is on disk, whole and signed, before its first byte leaves.

One directory an envelope under ``outgoing/``: ``envelope.jws``, ``part-000`` … and, later, ``receipt.jws`` or
``refusal.json``. It appears by one rename, so a crash leaves either the whole envelope or nothing; it is never changed,
so that a repetition sends the same bytes.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lienthong.base.errors import Refused
from lienthong.base.ids import Sha256
from lienthong.connector.bodies import read_pieces
from lienthong.connector.errors import FILE_NOT_USABLE
from lienthong.connector.names import safe_name
from lienthong.wire.envelope import Envelope, decode_envelope
from lienthong.wire.packet import ENVELOPE_LIMIT

Source = Path | bytes


@dataclass(frozen=True, slots=True)
class Spooled:
    """One envelope in the spool."""

    folder: Path
    token: bytes
    payload: bytes
    envelope: Envelope

    def part(self, index: int) -> Path:
        return self.folder / f"part-{index:03d}"

    @property
    def receipt(self) -> bytes | None:
        file = self.folder / "receipt.jws"
        return file.read_bytes() if file.exists() else None

    @property
    def refusal(self) -> dict[str, Any] | None:
        file = self.folder / "refusal.json"
        return dict(json.loads(file.read_bytes())) if file.exists() else None


def measure(source: Source) -> tuple[int, Sha256]:
    """Size and SHA-256 of a file or of bytes."""
    if isinstance(source, bytes):
        return len(source), Sha256(hashlib.sha256(source).digest())
    size, running = 0, hashlib.sha256()
    for piece in read_pieces(source):
        size += len(piece)
        running.update(piece)
    return size, Sha256(running.digest())


class Spool:
    """The spool of one system at one axis."""

    def __init__(self, root: Path) -> None:
        self._outgoing = root / "outgoing"
        self._making = root / "making"
        for folder in (self._outgoing, self._making):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def put(
        self,
        token: bytes,
        payload: bytes,
        envelope: Envelope,
        parts: Sequence[Source],
        notes: Mapping[str, bytes] | None = None,
    ) -> Spooled:
        """Store a signed envelope and the bytes of its parts durably. ``notes``: further files, by their names."""
        name = str(envelope.id)
        return put_envelope(self._making / name, self._outgoing / name, token, payload, envelope, parts, notes=notes)

    def get(self, envelope_id: str) -> Spooled | None:
        """One envelope by its identifier."""
        folder = self._outgoing / safe_name(envelope_id)
        return load_envelope(folder) if (folder / "envelope.jws").exists() else None

    def unsent(self) -> Iterator[Spooled]:
        """Envelopes that have neither receipt nor refusal yet, oldest first (their identifiers start with the time)."""
        for folder in sorted(self._outgoing.iterdir()):
            if not (folder / "receipt.jws").exists() and not (folder / "refusal.json").exists():
                yield load_envelope(folder)

    def all(self) -> Iterator[Spooled]:
        """Every envelope, newest first."""
        for folder in sorted(self._outgoing.iterdir(), reverse=True):
            yield load_envelope(folder)

    def keep_receipt(self, spooled: Spooled, receipt: bytes) -> None:
        """The axis has it: keep the proof."""
        write_durably(spooled.folder / "receipt.jws", receipt)

    def keep_refusal(self, spooled: Spooled, refusal: dict[str, Any]) -> None:
        """The axis refused it for good: keep why."""
        write_durably(spooled.folder / "refusal.json", json.dumps(refusal, ensure_ascii=False, indent=1).encode())

    def forget_content(self, spooled: Spooled) -> None:
        """Free the bytes of attachments once the receipt is kept; envelope, header and receipt stay."""
        for index in range(1, len(spooled.envelope.parts)):
            spooled.part(index).unlink(missing_ok=True)


def put_envelope(
    making: Path,
    final: Path,
    token: bytes,
    payload: bytes,
    envelope: Envelope,
    parts: Sequence[Source],
    *,
    notes: Mapping[str, bytes] | None = None,
    link_below: Path | None = None,
    anew: bool = False,
) -> Spooled:
    """Store a signed envelope and the bytes of its parts durably in a folder that appears by one rename.

    ``notes``: further files, by their names. ``link_below``: files in this folder are durable and never change, so a
    second name does instead of a copy.
    ``anew``: what may lie in the place was never sent and is thrown away.
    """
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(mode=0o700)
    for index, (part, source) in enumerate(zip(envelope.parts, parts, strict=True)):
        ours = isinstance(source, Path) and link_below is not None and source.is_relative_to(link_below)
        if ours and _linked(source, making / f"part-{index:03d}"):
            continue
        if write_durably(making / f"part-{index:03d}", source) != (part.size, part.sha256):
            shutil.rmtree(making)
            raise Refused(FILE_NOT_USABLE, file=part.name, why="tệp đang bị thay đổi (it changes while being read)")
    for note, text in (notes or {}).items():
        write_durably(making / note, text)
    write_durably(making / "payload.json", payload)
    write_durably(making / "envelope.jws", token)
    sync_folder(making)
    if anew:
        shutil.rmtree(final, ignore_errors=True)
    making.rename(final)
    sync_folder(final.parent)
    return Spooled(final, token, payload, envelope)


def _linked(source: Source, name: Path) -> bool:
    """Give a file a second name; some file systems have none."""
    try:
        name.hardlink_to(str(source))
    except OSError as error:
        if error.errno in {errno.EPERM, errno.EXDEV, errno.EMLINK, errno.EOPNOTSUPP}:
            return False
        raise
    return True


def load_envelope(folder: Path) -> Spooled:
    """What :func:`put_envelope` stored."""
    payload = (folder / "payload.json").read_bytes()
    if len(payload) > ENVELOPE_LIMIT:
        raise ValueError(f"{folder.name} is no envelope")
    return Spooled(folder, (folder / "envelope.jws").read_bytes(), payload, decode_envelope(payload))


def write_durably(path: Path, source: Source) -> tuple[int, Sha256]:
    """Write a new file so that it is whole after a power cut, or not there; size and SHA-256 of what was written.

    Only its own account may read it, wherever the folder is copied later."""
    making = path.with_name(path.name + ".new")
    pieces = iter((source,)) if isinstance(source, bytes) else read_pieces(source)
    size, running = 0, hashlib.sha256()
    with os.fdopen(os.open(making, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600), "wb") as file:
        for piece in pieces:
            file.write(piece)
            running.update(piece)
            size += len(piece)
        file.flush()
        os.fsync(file.fileno())
    making.rename(path)
    return size, Sha256(running.digest())


def sync_folder(folder: Path) -> None:
    """Make names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
