"""Take a delivery: download, verify without trusting the axis, store, acknowledge. Source: PR-NATIVE §4–5, §7."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from cryptography import x509

from lienthong.base.clock import to_text
from lienthong.base.errors import Refused, Retry
from lienthong.base.text import one_line
from lienthong.connector.errors import (
    AXIS_ANSWER_NOT_VALID,
    AXIS_UNREACHABLE,
    DELIVERY_NOT_VALID,
    DOWNLOAD_DAMAGED,
    AxisRefused,
)
from lienthong.connector.http import AxisConnection
from lienthong.connector.names import distinct_names, safe_name
from lienthong.connector.spool import sync_folder, write_durably
from lienthong.connector.unpacking import unpack
from lienthong.edxml.limits import DEFAULT
from lienthong.edxml.model import DocumentPacket, StatusPacket
from lienthong.edxml.reader import Reading, read_header
from lienthong.edxml.writer import write_document, write_status
from lienthong.trust import jws, xml_signature
from lienthong.trust.keys import PublicKey
from lienthong.trust.verdict import Verdict
from lienthong.wire.envelope import Envelope, Part, Role, decode_envelope, digest

_RESUMES = 8
HEADER_FILE, PACKET_FILE = "header.edxml", "packet.edxml"
_OWN = ("envelope.jws", "receipt.jws", "index.json", "arrival.json", "told")
PLAIN = "plain"
"""Folder of what was opened, in the folder of what arrived encrypted."""

_OURS = (*_OWN, PLAIN, *(f"{name}.new" for name in (*_OWN, PLAIN)))
"""Names in a folder of the inbox that no attachment may take, with those they have while they are written."""


@dataclass(frozen=True, slots=True)
class Lease:
    """What the axis offers: one envelope for one agency, for a while.

    ``sender_key``: the one that signed it. ``digest``: of the envelope's payload, already verified against the sender's
    key. ``addressed_to``: code that the sender wrote, when the agency took it over from another.
    """

    delivery: int
    fence: int
    agency: str
    addressed_to: str
    attempt: int
    token: bytes
    receipt: bytes
    envelope: Envelope
    digest: bytes
    sender_system: str
    sender_key: PublicKey | None = None


def read_offer(row: Any) -> Lease:
    """One offer of the axis, as it says. Refuses AXIS_ANSWER_NOT_VALID."""
    try:
        token = str(row["envelope"]).encode("ascii")
        payload = jws.unverified_payload(token)
        return Lease(
            delivery=int(row["delivery"]),
            fence=int(row["fence"]),
            agency=str(row["agency"]),
            addressed_to=str(row["addressed_to"]),
            attempt=int(row["attempt"]),
            token=token,
            receipt=str(row["receipt"]).encode("ascii"),
            envelope=decode_envelope(payload),
            digest=digest(payload),
            sender_system="",
        )
    except (KeyError, TypeError, ValueError) as error:
        raise Refused(AXIS_ANSWER_NOT_VALID, why=f"{type(error).__name__} {one_line(str(error), 60)}") from error
    except Refused as refused:
        raise Refused(AXIS_ANSWER_NOT_VALID, why=refused.sentence("vi")) from refused


@dataclass(frozen=True, slots=True)
class Received:
    """A delivery that is whole and verified on disk.

    ``folder``: holds ``envelope.jws``, ``header.edxml``, ``receipt.jws``, the attachments and ``index.json``.
    ``files``: the header, then the attachments in the order of the envelope's parts; of a whole packet ``packet.edxml``
    as it came, then the files that were inside.
    """

    lease: Lease
    folder: Path
    reading: Reading
    files: tuple[Path, ...]

    @property
    def packet(self) -> DocumentPacket | StatusPacket:
        return self.reading.packet


class Inbox:
    """Received envelopes on disk: one folder each, which appears by one rename and so marks it as seen."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._making = root / "making"
        self._making.mkdir(parents=True, exist_ok=True, mode=0o700)

    def folder(self, lease: Lease) -> Path:
        """Where this envelope lies, or will lie; another one with the same identifier lies beside it."""
        usual = self.root / "inbox" / safe_name(lease.agency) / str(lease.envelope.id)
        if _digest_in(usual) in {None, lease.digest.hex()}:
            return usual
        return usual.with_name(f"{usual.name}-{lease.digest.hex()[:12]}")

    def has(self, lease: Lease) -> bool:
        """Whether this envelope was stored before: an offer again must not become a second document."""
        return _digest_in(self.folder(lease)) == lease.digest.hex()

    def store(self, connection: AxisConnection, lease: Lease) -> Received:
        """Download every part, check every byte, and store the whole durably.

        Refuses DELIVERY_NOT_VALID when content does not stand the check; AXIS_UNREACHABLE when the line stays broken.
        """
        if self.has(lease):
            return self.load(lease)
        making = self._making / f"{lease.delivery}-{lease.envelope.id}"
        making.mkdir(mode=0o700, exist_ok=True)
        whole = lease.envelope.head.role is Role.PACKET
        first = PACKET_FILE if whole else HEADER_FILE
        names = distinct_names([first, *(part.name for part in lease.envelope.parts[1:])], _OURS)
        for index, (part, name) in enumerate(zip(lease.envelope.parts, names, strict=True)):
            _fetch(connection, lease, index, part, making / name)
        described = _index(lease, names)
        if whole:
            reading = self._open_packet(lease, making, described)
        else:
            header = (making / HEADER_FILE).read_bytes()
            reading = check_content(lease.envelope, header)
            described["header_signature"] = judge_header(lease, header).name
        write_durably(making / "envelope.jws", lease.token)
        write_durably(making / "receipt.jws", lease.receipt)
        write_durably(making / "index.json", json.dumps(described, ensure_ascii=False, indent=1).encode())
        sync_folder(making)
        final = self.folder(lease)
        final.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        making.rename(final)
        sync_folder(final.parent)
        return Received(lease, final, reading, _files(final, described))

    def load(self, lease: Lease) -> Received:
        """What was stored before."""
        folder = self.folder(lease)
        index = json.loads((folder / "index.json").read_bytes())
        reading = check_content(lease.envelope, (folder / HEADER_FILE).read_bytes())
        return Received(lease, folder, reading, _files(folder, index))

    def _open_packet(self, lease: Lease, making: Path, described: dict[str, Any]) -> Reading:
        """Take the files out of a whole packet, and write what it says as a header that is quick to read."""
        try:
            reading, rows = unpack(making / PACKET_FILE, (*_OURS, PACKET_FILE, HEADER_FILE))
        except Refused as refused:
            raise Refused(DELIVERY_NOT_VALID, refused.problems, why=refused.sentence("vi")) from refused
        check_reading(lease.envelope, reading)
        packet = reading.packet
        header = write_document(packet) if isinstance(packet, DocumentPacket) else write_status(packet)
        write_durably(making / HEADER_FILE, header)
        # The signature inside a whole packet covers content that is not held in memory; the raw packet stays.
        described |= {"attachments": rows, "header_signature": Verdict.INDETERMINATE.name}
        return reading

    def hold(self, received: Received, held: Path) -> Path:
        """Move a stored document out of the inbox, where nobody opens it by accident; it is never deleted."""
        held.mkdir(parents=True, exist_ok=True, mode=0o700)
        place = held / f"{received.lease.delivery}-{received.folder.name}"
        received.folder.rename(place)
        sync_folder(held)
        return place

    def discard(self, lease: Lease) -> None:
        """Remove half-downloaded parts of a delivery that will not be taken."""
        shutil.rmtree(self._making / f"{lease.delivery}-{lease.envelope.id}", ignore_errors=True)


def read_stored(folder: Path) -> tuple[dict[str, Any], DocumentPacket | StatusPacket, list[dict[str, Any]]]:
    """What lies in a folder of the inbox: its index, its packet, and the rows of its attachments."""
    index = dict(json.loads((folder / "index.json").read_bytes()))
    packet = read_header((folder / HEADER_FILE).read_bytes(), DEFAULT).packet
    return index, packet, [*index["parts"][1:], *index.get("attachments", ())]


def judge_header(lease: Lease, header: bytes) -> Verdict:
    """What the header's own signature says, kept beside it; the envelope's signature has proven the bytes already.

    PASSED: by the key that signed the envelope. INDETERMINATE: none, or by a certificate that we cannot judge.
    FAILED: wrong; it is the registrar who decides what a wrong signature means, so that alone refuses nothing.
    """
    own = lease.sender_key

    def key_of(certificate: x509.Certificate | None) -> PublicKey | None:
        return own if certificate is None else None

    return xml_signature.verify(header, key_of, lease.envelope.created_at).verdict


def _digest_in(folder: Path) -> str | None:
    """The digest of the envelope that lies in a folder."""
    index = folder / "index.json"
    return str(json.loads(index.read_bytes())["digest"]) if index.exists() else None


def check_content(envelope: Envelope, header: bytes) -> Reading:
    """Read the header and compare it with the envelope. Refuses DELIVERY_NOT_VALID."""
    try:
        reading = read_header(header, DEFAULT)
    except Refused as refused:
        raise Refused(DELIVERY_NOT_VALID, refused.problems, why=refused.sentence("vi")) from refused
    check_reading(envelope, reading)
    return reading


def check_reading(envelope: Envelope, reading: Reading) -> None:
    """Compare what was read with the envelope. Refuses DELIVERY_NOT_VALID."""
    packet = reading.packet
    if packet.sender.organ_id != envelope.sender:
        raise Refused(DELIVERY_NOT_VALID, why="nơi gửi trong văn bản khác nơi gửi gói tin (another sender)")
    about = packet.document_id if isinstance(packet, DocumentPacket) else packet.response_for.document_id
    if about and about != envelope.document_id:
        raise Refused(DELIVERY_NOT_VALID, why="mã văn bản khác mã trong gói tin (another document)")


def _fetch(connection: AxisConnection, lease: Lease, index: int, part: Part, file: Path) -> None:
    """One part to a file, continued after breaks, its digest checked at the end."""
    damaged, attempts = 0, max(_RESUMES, connection.patience + 1)
    for attempt in range(attempts):
        have = file.stat().st_size if file.exists() else 0
        if have > part.size:
            file.unlink()
            have = 0
        if have < part.size or part.size == 0:
            try:
                _append(connection, lease, index, have, file, part.size)
            except (httpx.TransportError, Refused, AxisRefused) as error:
                if not _may_pass(error) or attempt == attempts - 1:
                    raise
                connection.rest(attempt)
                continue
        if file.exists() and file.stat().st_size == part.size:
            if _sha256(file) == part.sha256:
                return
            file.unlink()
            damaged += 1
            if damaged == 2:
                break
    raise Refused(DOWNLOAD_DAMAGED, name=part.name)


def _may_pass(error: Exception) -> bool:
    """Whether a broken transfer is worth continuing: the line or the axis failed, nothing was refused for good."""
    if isinstance(error, AxisRefused):
        return error.retry is not Retry.PERMANENT
    return not isinstance(error, Refused) or error.code is AXIS_UNREACHABLE


def _sha256(file: Path) -> bytes:
    """Digest of a file that is durable from now on."""
    running = hashlib.sha256()
    with file.open("rb") as stored:
        while piece := stored.read(1 << 20):
            running.update(piece)
        os.fsync(stored.fileno())
    return running.digest()


def _append(connection: AxisConnection, lease: Lease, index: int, have: int, file: Path, size: int) -> None:
    headers = {"Range": f"bytes={have}-"} if have else {}
    path = f"/v1/deliveries/{lease.delivery}/parts/{index}"
    with (
        connection.stream(path, {"fence": str(lease.fence)}, headers) as response,
        file.open("ab" if have and response.status_code == 206 else "wb") as into,
    ):
        for piece in response.iter_bytes(1 << 18):
            into.write(piece)
            if into.tell() > size:
                # More than the sender signed: whatever this is, it is not the part, and it may never end.
                break


def _files(folder: Path, index: dict[str, Any]) -> tuple[Path, ...]:
    return tuple(folder / str(row["file"]) for row in (*index["parts"], *index.get("attachments", ())))


def _index(lease: Lease, names: list[str]) -> dict[str, Any]:
    envelope = lease.envelope
    return {
        "delivery": lease.delivery,
        "agency": lease.agency,
        "addressed_to": lease.addressed_to,
        "envelope": str(envelope.id),
        "from": envelope.sender,
        "document_id": envelope.document_id,
        "kind": envelope.kind.value,
        "urgency": envelope.urgency,
        "created_at": to_text(envelope.created_at),
        "digest": lease.digest.hex(),
        "system": lease.sender_system,
        "parts": [
            {"file": name, "name": part.name, "size": part.size, "sha256": part.sha256.hex(), "type": part.media_type}
            for part, name in zip(envelope.parts, names, strict=True)
        ],
    }
