"""What a proof file holds besides content: envelope, events, statuses, keys, log proofs, and the axis's statement.

Source: PR-EVIDENCE §3. The axis's *statement* (``META-INF/signature.jws``, ``typ`` = ``lt-proof``) holds one
digest over envelope, events, statuses and keys as the axis gave them out: nothing can be left out or slipped in. Log
proofs, checkpoint and timestamp are not listed, because each proves itself and they are replaced as the proof grows.
"""

from __future__ import annotations

import binascii
import json
from base64 import b64decode, b64encode, urlsafe_b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from hashlib import sha256

from lienthong.base.clock import to_text
from lienthong.base.errors import Refused
from lienthong.base.ids import AgencyCode, Sha256, SystemId
from lienthong.packages.errors import PROOF_MALFORMED
from lienthong.trust import jws
from lienthong.trust.signer import Signer
from lienthong.wire.canonical import Json, Reader, decode, encode
from lienthong.wire.envelope import read_digest, read_instant
from lienthong.wire.event import EnvelopeRef, read_envelope_ref

STATEMENT_TYP = "lt-proof"
MAX_EVENTS = 20_000


class Level(Enum):
    """How far the evidence of a proof file reaches.

    LOGGED includes SIGNED, the others include LOGGED. WITNESSED stands highest and needs no timestamp: a cosignature
    states a time of its own, by somebody who is not the axis.
    """

    SIGNED = "signed"
    LOGGED = "logged"
    TIME_STAMPED = "time-stamped"
    WITNESSED = "witnessed"


@dataclass(frozen=True, slots=True)
class SystemKey:
    """A key of a system as the directory binds it: for these ``agencies``, from and (excluded) to these instants.

    ``held_by_axis``: the axis signs with it on behalf of a system that proved itself with a shared secret.
    """

    kid: str
    system: SystemId
    agencies: tuple[AgencyCode, ...]
    pem: str
    valid_from: datetime
    valid_to: datetime | None = None
    held_by_axis: bool = False


@dataclass(frozen=True, slots=True)
class Keys:
    """Keys needed to verify.

    ``axis``: origin name; ``receipt``: PEM of its event keys, newest first; ``note``: key line of its log; ``tsa``: PEM
    certificates of its time-stamping authority, leaf first, when there is one.
    """

    axis: str
    receipt: str
    note: str
    tsa: str | None
    systems: tuple[SystemKey, ...]


@dataclass(frozen=True, slots=True)
class StatusEvidence:
    """One business status as its agency sent it: the signed ``envelope`` and the bytes of its ``header`` part."""

    envelope: bytes
    header: bytes


@dataclass(frozen=True, slots=True)
class LogProof:
    """Where one event stands in the log of the checkpoint: ``index`` from 0, ``size`` in leaves, path of hashes."""

    index: int
    size: int
    path: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything in a proof file but the parts.

    ``envelope``, ``events``: compact JWS. ``proofs``: by position in ``events``. ``checkpoint``: signed note.
    ``timestamp``: RFC 3161 token over the SHA-256 of the checkpoint's text. ``statement``: compact JWS, None when
    nobody stated that this is everything.
    """

    envelope: bytes
    events: tuple[bytes, ...]
    keys: Keys
    statuses: tuple[StatusEvidence, ...] = ()
    checkpoint: bytes | None = None
    proofs: Mapping[int, LogProof] | None = None
    timestamp: bytes | None = None
    statement: bytes | None = None

    def stated_entries(self) -> dict[str, bytes]:
        """The entries that the axis's statement covers, by name."""
        entries = {"envelope.jws": self.envelope}
        entries |= {event_name(i): event for i, event in enumerate(self.events)}
        for i, status in enumerate(self.statuses):
            entries[f"statuses/{i + 1:03d}.jws"] = status.envelope
            entries[f"statuses/{i + 1:03d}.header"] = status.header
        entries["keys.json"] = encode_keys(self.keys)
        return entries

    def log_entries(self) -> dict[str, bytes]:
        """The entries of the log, by name; none before the events are in the log."""
        entries: dict[str, bytes] = {}
        if self.checkpoint is not None:
            entries["log/checkpoint"] = self.checkpoint
            entries["log/proofs.json"] = encode_proofs(self.proofs or {})
        if self.timestamp is not None:
            entries["log/checkpoint.tsr"] = self.timestamp
        return entries


@dataclass(frozen=True, slots=True)
class Statement:
    """The axis's statement, decoded: for which envelope, when, and what it gave out.

    ``entries``: how many stated entries; ``digest``: see :func:`stated_digest`.
    """

    axis: str
    at: datetime
    envelope: EnvelopeRef
    entries: int
    digest: Sha256


def event_name(position: int) -> str:
    """Name of the entry of an event, by its position from 0."""
    return f"events/{position + 1:04d}.jws"


def unverified_payload(token: bytes) -> bytes:
    """The payload of a compact JWS before anybody verified it: only to find one's way in a file.

    Refuses: PROOF_MALFORMED.
    """
    parts = token.split(b".")
    try:
        if len(parts) == 3:
            return urlsafe_b64decode(parts[1] + b"=" * (-len(parts[1]) % 4))
    except (binascii.Error, ValueError):
        pass
    raise Refused(PROOF_MALFORMED, member="jws", why="not a compact JWS")


def stated_digest(entries: Mapping[str, bytes]) -> Sha256:
    """One digest over entries in their order: SHA-256 of the lines ``<hex of SHA-256>  <name>`` (form of sha256sum)."""
    lines = "".join(f"{sha256(data).hexdigest()}  {name}\n" for name, data in entries.items())
    return Sha256(sha256(lines.encode("ascii")).digest())


def make_statement(evidence: Evidence, envelope: EnvelopeRef, at: datetime, signer: Signer) -> bytes:
    """The axis states, with its event key, that this is all the evidence that the reader may see (compact JWS)."""
    entries = evidence.stated_entries()
    members: dict[str, Json] = {
        "v": 1,
        "axis": evidence.keys.axis,
        "at": to_text(at),
        "envelope": envelope.members(),
        "entries": len(entries),
        "digest": stated_digest(entries).hex(),
    }
    return jws.sign(encode(members), signer, STATEMENT_TYP)


def decode_statement(payload: bytes) -> Statement:
    """Read the payload of a statement. Refuses: PROOF_MALFORMED, EVENT_MALFORMED."""
    read = Reader(decode(payload, PROOF_MALFORMED), PROOF_MALFORMED, "statement.")
    read.number("v", 1, 1)
    statement = Statement(
        axis=read.text("axis", 200),
        at=read_instant(read, "at"),
        envelope=read_envelope_ref(read.object("envelope")),
        entries=read.number("entries", 1, 1 << 30),
        digest=read_digest(read, "digest"),
    )
    read.finish()
    return statement


def encode_keys(keys: Keys) -> bytes:
    """The bytes of ``keys.json``."""
    axis: dict[str, Json] = {"name": keys.axis, "receipt": keys.receipt, "note": keys.note}
    if keys.tsa is not None:
        axis["tsa"] = keys.tsa
    return encode({"v": 1, "axis": axis, "systems": [_encode_system(key) for key in keys.systems]})


def decode_keys(data: bytes) -> Keys:
    """Read ``keys.json``. Refuses: PROOF_MALFORMED."""
    read = Reader(decode(data, PROOF_MALFORMED), PROOF_MALFORMED, "keys.")
    read.number("v", 1, 1)
    axis = read.object("axis")
    systems = tuple(_decode_system(row, i) for i, row in enumerate(read.array("systems", 0, MAX_EVENTS)))
    read.finish()
    inner = Reader(
        {name: value for name, value in axis.items() if name in ("name", "note")}, PROOF_MALFORMED, "keys.axis."
    )
    keys = Keys(
        axis=inner.text("name", 200),
        receipt=_pem(axis, "receipt"),
        note=inner.text("note", 400),
        tsa=_pem(axis, "tsa") if "tsa" in axis else None,
        systems=systems,
    )
    if encode_keys(keys) != data:
        read.refuse("-", "has unknown members")
    return keys


def encode_proofs(proofs: Mapping[int, LogProof]) -> bytes:
    """The bytes of ``log/proofs.json``: each hash once, because neighbouring events share most of their path.

    All proofs are of one size of the log, that of the checkpoint; another is the caller's error (ValueError).
    """
    if len({proof.size for proof in proofs.values()}) > 1:
        raise ValueError("proofs of different sizes of the log")
    places: dict[bytes, int] = {}
    events: dict[str, Json] = {}
    for position, proof in sorted(proofs.items()):
        path: list[Json] = [places.setdefault(part, len(places)) for part in proof.path]
        events[event_name(position)] = {"index": proof.index, "path": path}
    hashes: list[Json] = [b64encode(part).decode("ascii") for part in places]
    size = max((proof.size for proof in proofs.values()), default=0)
    return encode({"v": 1, "size": size, "hashes": hashes, "events": events})


def decode_proofs(data: bytes, events: int) -> dict[int, LogProof]:
    """Read ``log/proofs.json`` of a file with this many events. Refuses: PROOF_MALFORMED."""
    read = Reader(_decode_large(data), PROOF_MALFORMED, "proofs.")
    read.number("v", 1, 1)
    size = read.number("size", 0, 2**62)
    hashes = [_hash(part, read) for part in read.array("hashes", 0, 64 * MAX_EVENTS)]
    rows = Reader(read.object("events"), PROOF_MALFORMED, "proofs.events.")
    read.finish()
    proofs: dict[int, LogProof] = {}
    for position in range(events):
        name = event_name(position)
        if rows.has(name):
            proofs[position] = _decode_proof(rows.object(name), name, size, hashes)
    rows.finish()
    if encode_proofs(proofs) != data:
        read.refuse("hashes", "are not listed once each, in the order of their use")
    return proofs


def _decode_proof(row: Mapping[str, Json], name: str, size: int, hashes: Sequence[bytes]) -> LogProof:
    read = Reader(row, PROOF_MALFORMED, f"proofs.events.{name}.")
    index, places = read.number("index", 0, 2**62), read.array("path", 0, 63)
    read.finish()
    path = [hashes[at] for at in places if type(at) is int and 0 <= at < len(hashes)]
    if len(path) != len(places):
        read.refuse("path", "needs places in the list of hashes")
    return LogProof(index, size, tuple(path))


def _decode_large(data: bytes) -> dict[str, Json]:
    """Canonical JSON without the size limit of the wire: a broadcast has thousands of proofs."""
    try:
        value = json.loads(data)
        canonical = isinstance(value, dict) and encode(value) == data
    except (ValueError, RecursionError):
        canonical = False
    if not canonical:
        raise Refused(PROOF_MALFORMED, member="proofs", why="not a canonical JSON object")
    return value  # type: ignore[no-any-return]  # checked to be an object


def _hash(part: Json, read: Reader) -> bytes:
    try:
        value = b64decode(part, validate=True) if isinstance(part, str) else b""
    except ValueError:
        value = b""
    if len(value) != 32:
        read.refuse("hashes", "needs hashes of 32 bytes in base64")
    return value


def _encode_system(key: SystemKey) -> dict[str, Json]:
    members: dict[str, Json] = {
        "kid": key.kid,
        "system": key.system,
        "agencies": list(key.agencies),
        "pem": key.pem,
        "valid_from": to_text(key.valid_from),
    }
    if key.valid_to is not None:
        members["valid_to"] = to_text(key.valid_to)
    if key.held_by_axis:
        members["held_by"] = "axis"
    return members


def _decode_system(row: Json, index: int) -> SystemKey:
    members = dict(row) if isinstance(row, dict) else {}
    pem = _pem(members, "pem")
    members.pop("pem", None)
    read = Reader(members, PROOF_MALFORMED, f"keys.systems[{index}].")
    key = SystemKey(
        kid=read.text("kid", 128),
        system=SystemId(read.text("system", 200)),
        agencies=tuple(AgencyCode(str(code)) for code in read.array("agencies", 0, 10_000)),
        pem=pem,
        valid_from=read_instant(read, "valid_from"),
        valid_to=read_instant(read, "valid_to") if read.has("valid_to") else None,
        held_by_axis=read.has("held_by") and read.text("held_by", 10, check=lambda v: v == "axis") == "axis",
    )
    read.finish()
    return key


def _pem(members: Mapping[str, Json], name: str) -> str:
    """PEM text has line feeds, which the reader of the native wire rightly refuses; so it is taken by itself."""
    value = members.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= 64 * 1024 or not value.isascii():
        Reader({}, PROOF_MALFORMED, "keys.").refuse(name, "needs PEM text")
    return value
