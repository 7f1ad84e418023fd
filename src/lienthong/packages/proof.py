"""The proof file of one document: build it, open it, and let it grow.

Source: PR-EVIDENCE §3; container after EN 319 162-1 (ASiC-E). Building and reading stream: memory is bounded by the
evidence, never by the attachments. Opening checks form only; who signed what is the verifier's matter.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import BinaryIO

from lienthong.base.errors import Refused
from lienthong.ledger.notes import parse_note
from lienthong.packages.container import Container, Content, write_container
from lienthong.packages.errors import PROOF_CONTENT_DAMAGED, PROOF_MALFORMED, PROOF_NOT_NEWER
from lienthong.packages.evidence import (
    Evidence,
    StatusEvidence,
    decode_keys,
    decode_proofs,
    event_name,
    unverified_payload,
)
from lienthong.packages.manifest import MIMETYPE, MIMETYPE_CONTENT, NAME, SIGNATURE, make_manifest
from lienthong.packages.readme import README
from lienthong.wire.envelope import Envelope, Part, Role, decode_envelope

MAX_ENTRY = 4 * 1024 * 1024
"""Largest entry of evidence in bytes; parts are not bounded."""
MAX_EVIDENCE = 128 * 1024 * 1024

ReadPart = Callable[[int], Iterable[bytes]]
"""Bytes of a part of the envelope, by its index, in pieces."""


@dataclass(frozen=True, slots=True)
class ProofFile:
    """An opened proof file. ``envelope`` is decoded but not verified. ``parts``: indexes of the parts it holds."""

    container: Container
    evidence: Evidence
    envelope: Envelope
    parts: tuple[int, ...]

    def part(self, index: int) -> Iterator[bytes]:
        """The bytes of a part in pieces."""
        return self.container.chunks(part_name(index))


def part_name(index: int) -> str:
    """Name of the entry of a part, by its index in the envelope."""
    return f"parts/{index:03d}"


def header_parts(envelope: Envelope) -> tuple[int, ...]:
    """The parts that a proof file holds even without content: the header, unless it is one with the attachments."""
    return (0,) if envelope.head.role is Role.HEADER else ()


def build_proof(evidence: Evidence, parts: Collection[int], read_part: ReadPart) -> Iterator[bytes]:
    """The proof file as a stream of bytes; equal evidence and parts give equal bytes.

    ``parts``: indexes of the parts to include, e.g. all of them, or :func:`header_parts`.
    Refuses, before the end is written: PROOF_CONTENT_DAMAGED when a part is not what the envelope says.
    """
    envelope = decode_envelope(unverified_payload(evidence.envelope))
    included = sorted(set(parts))
    small = _evidence_entries(evidence)
    digests = {name: sha256(data).digest() for name, data in small.items()}
    digests |= {part_name(i): envelope.parts[i].sha256 for i in included}
    signature = {} if evidence.statement is None else {SIGNATURE: evidence.statement}
    digests |= {name: sha256(data).digest() for name, data in signature.items()}
    yield from write_container(
        [
            *small.items(),
            *(
                Content(part_name(i), envelope.parts[i].size, _checked(envelope.parts[i], read_part(i)))
                for i in included
            ),
            *signature.items(),
            (NAME, make_manifest(digests)),
        ]
    )


def proof_bytes(evidence: Evidence, parts: Collection[int], read_part: ReadPart) -> bytes:
    """As :func:`build_proof`, in one piece."""
    return b"".join(build_proof(evidence, parts, read_part))


def open_proof(file: BinaryIO) -> ProofFile:
    """Open a proof file and read its evidence. Refuses: PROOF_CONTAINER_BROKEN, PROOF_MALFORMED, ENVELOPE_MALFORMED."""
    container = Container(file)
    names = container.names
    if sum(container.entries[name].size for name in names if not name.startswith("parts/")) > MAX_EVIDENCE:
        raise Refused(PROOF_MALFORMED, member="-", why="too much evidence")
    evidence = _read_evidence(container)
    envelope = decode_envelope(unverified_payload(evidence.envelope))
    parts = tuple(i for i in range(len(envelope.parts)) if part_name(i) in container.entries)
    expected = [*_evidence_entries(evidence), *map(part_name, parts)]
    expected += [SIGNATURE] * (evidence.statement is not None) + [NAME]
    if list(names) != expected:
        strange = next((name for name in names if name not in expected), "-")
        raise Refused(PROOF_MALFORMED, member=strange, why="unknown, missing or misplaced entry")
    if container.read(MIMETYPE, 100) != MIMETYPE_CONTENT:
        raise Refused(PROOF_MALFORMED, member=MIMETYPE, why="not a proof file")
    return ProofFile(container, evidence, envelope, parts)


def digest_entries(proof: ProofFile) -> dict[str, bytes]:
    """SHA-256 of every entry but the manifest, read as a stream. Refuses: PROOF_CONTAINER_BROKEN (CRC)."""
    digests: dict[str, bytes] = {}
    for name in proof.container.names:
        if name != NAME:
            running = hashlib.sha256()
            for chunk in proof.container.chunks(name):
                running.update(chunk)
            digests[name] = running.digest()
    return digests


def upgrade(old: ProofFile, newer: Evidence) -> Iterator[bytes]:
    """The same proof file with newer evidence: later events, or the log's proof, timestamp and cosignatures.

    Parts are copied from the old file. Nothing that the old file proved may be lost.
    Refuses: PROOF_NOT_NEWER, NOTE_MALFORMED; PROOF_CONTENT_DAMAGED as :func:`build_proof`.
    """
    was = old.evidence
    if unverified_payload(newer.envelope) != unverified_payload(was.envelope):
        raise Refused(PROOF_NOT_NEWER, why="another envelope")
    if not set(was.events) <= set(newer.events) or not set(was.statuses) <= set(newer.statuses):
        raise Refused(PROOF_NOT_NEWER, why="an event or a status is missing")
    logged = {was.events[i] for i in was.proofs or {}}
    if not logged <= {newer.events[i] for i in newer.proofs or {}}:
        raise Refused(PROOF_NOT_NEWER, why="a proof of the log is missing")
    if was.timestamp is not None and newer.timestamp is None:
        raise Refused(PROOF_NOT_NEWER, why="the timestamp is missing")
    if was.statement is not None and newer.statement is None:
        raise Refused(PROOF_NOT_NEWER, why="the statement is missing")
    if _signers(was.checkpoint) > 1 >= _signers(newer.checkpoint):
        raise Refused(PROOF_NOT_NEWER, why="the cosignatures are missing")
    return build_proof(newer, old.parts, old.part)


def _signers(checkpoint: bytes | None) -> int:
    return 0 if checkpoint is None else len(parse_note(checkpoint).signatures)


def _evidence_entries(evidence: Evidence) -> dict[str, bytes]:
    first = {MIMETYPE: MIMETYPE_CONTENT, "README.txt": README}
    return first | evidence.stated_entries() | evidence.log_entries()


def _checked(part: Part, chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The bytes of a part; refused at the end when their digest is not the envelope's."""
    running = hashlib.sha256()
    for chunk in chunks:
        running.update(chunk)
        yield chunk
    if running.digest() != part.sha256:
        raise Refused(PROOF_CONTENT_DAMAGED, name=part.name)


def _read_evidence(container: Container) -> Evidence:
    names = container.entries

    def optional(name: str) -> bytes | None:
        return container.read(name, MAX_ENTRY) if name in names else None

    events = sum(name.startswith("events/") for name in names)
    statuses = sum(name.startswith("statuses/") and name.endswith(".jws") for name in names)
    checkpoint = optional("log/checkpoint")
    return Evidence(
        envelope=container.read("envelope.jws", MAX_ENTRY),
        events=tuple(container.read(event_name(i), MAX_ENTRY) for i in range(events)),
        keys=decode_keys(container.read("keys.json", MAX_ENTRY)),
        statuses=tuple(_read_status(container, i) for i in range(statuses)),
        checkpoint=checkpoint,
        proofs=None if checkpoint is None else decode_proofs(container.read("log/proofs.json", MAX_EVIDENCE), events),
        timestamp=optional("log/checkpoint.tsr"),
        statement=optional(SIGNATURE),
    )


def _read_status(container: Container, position: int) -> StatusEvidence:
    name = f"statuses/{position + 1:03d}"
    return StatusEvidence(container.read(f"{name}.jws", MAX_ENTRY), container.read(f"{name}.header", MAX_EVIDENCE))
