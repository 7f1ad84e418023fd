"""Signing one document to the level that can be had: the verb behind ``lienthong sign`` and every signing queue.

Levels after ETSI EN 319 142-1 clause 6.3. A time stamping authority or a revocation list that is away costs a level and
is told; the signature stands, and :mod:`lienthong.signing.upkeep` adds the rest later.
"""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import BinaryIO, TypeVar

from cryptography import x509

from lienthong.base.errors import Refused
from lienthong.signing.evidence import Evidence
from lienthong.signing.gathering import Need, gather
from lienthong.trust.cades import timestamp_digest
from lienthong.trust.certificates import load_certificate, public_key_of
from lienthong.trust.errors import SIGNATURE_NOT_VALID
from lienthong.trust.keys import Algorithm
from lienthong.trust.pdf.files import open_reader, signed_fields
from lienthong.trust.pdf.levels import add_archive_timestamp, add_validation_data
from lienthong.trust.pdf.signing import (
    ROOM,
    ROOM_WITH_TIMESTAMP,
    PreparedSignature,
    Step,
    embed,
    prepare,
    require_unharmed,
)
from lienthong.trust.pdf.state import certificates_of_token
from lienthong.trust.revocation import RevocationData
from lienthong.trust.signer import Signer, is_valid


class Level(Enum):
    """PAdES baseline levels, each including the ones before it."""

    B = "B-B"
    T = "B-T"
    LT = "B-LT"
    LTA = "B-LTA"


_ORDER = list(Level)
T = TypeVar("T")


@dataclass(slots=True)
class Signed:
    """What became of it. ``level``: reached; ``missing``: why not the wanted one, a refusal for each thing away."""

    field: str
    level: Level
    missing: list[Refused] = dataclasses.field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Holder:
    """Who signs: the key and the certificates, the signer's own first."""

    signer: Signer
    certificates: tuple[x509.Certificate, ...]

    @property
    def algorithm(self) -> Algorithm:
        return self.signer.algorithm


def sign_document(
    source: BinaryIO, target: BinaryIO, step: Step, holder: Holder, wanted: Level, evidence: Evidence, at: datetime
) -> Signed:
    """Sign ``source`` into ``target`` (readable and writable, empty). No earlier signature is harmed.

    Refuses: as preparing does, EARLIER_SIGNATURE_HARMED, and whatever the signer refuses; ``target`` is then worthless.
    """
    timed = _ORDER.index(wanted) >= _ORDER.index(Level.T)
    first: BinaryIO = target if _ORDER.index(wanted) <= 1 else _scratch()
    prepared = prepare_document(source, first, step, holder.certificates[0], holder.algorithm, at, timed=timed)
    signature = holder.signer.sign(prepared.to_sign)
    done = Signed(step.field, Level.B)
    token = _stamp(done, holder.algorithm, signature, evidence) if timed else None
    embed(first, prepared, signature, holder.certificates[1:], token)
    if first is not target:
        _complete(first, target, holder.certificates, token, wanted, evidence, done, at)
    return done


def prepare_document(
    source: BinaryIO, target: BinaryIO, step: Step, certificate: x509.Certificate, algorithm: Algorithm, at: datetime,
    *, timed: bool,
) -> PreparedSignature:  # fmt: skip
    """For a key that is elsewhere: ``target`` with an empty place. ``timed``: with room for a time stamp.

    Refuses: as preparing does, EARLIER_SIGNATURE_HARMED.
    """
    earlier = signed_fields(open_reader(source))
    room = ROOM_WITH_TIMESTAMP if timed else ROOM
    prepared = prepare(source, target, step, certificate, algorithm, at, room=room)
    if earlier:
        require_unharmed(target, earlier)
    return prepared


def complete_document(
    target: BinaryIO, prepared: PreparedSignature, signature: bytes, chain: Sequence[x509.Certificate],
    evidence: Evidence,
) -> Signed:  # fmt: skip
    """Fill the place of a file prepared ``timed`` with a signature made elsewhere, to level T if it can be had.

    ``chain``: the certificates above the signer's.

    Refuses: SIGNATURE_NOT_VALID, PREPARED_FILE_CHANGED, SIGNATURE_TOO_LARGE; the file is then as it was.
    """
    own = load_certificate(prepared.cms.certificate)
    if not is_valid(public_key_of(own), prepared.cms.algorithm, signature, prepared.to_sign):
        raise Refused(SIGNATURE_NOT_VALID)  # before a time stamping authority is asked about it
    done = Signed(prepared.field, Level.B)
    token = _stamp(done, prepared.cms.algorithm, signature, evidence)
    embed(target, prepared, signature, chain, token)
    return done


def _stamp(done: Signed, algorithm: Algorithm, signature: bytes, evidence: Evidence) -> bytes | None:
    """A time stamp on the signature, with the level that it gives; without one, why is told in ``done``."""
    token = _try(done, lambda: evidence.stamp(timestamp_digest(algorithm, signature)))
    done.level = Level.T if token is not None else Level.B
    return token


def _complete(
    source: BinaryIO,
    target: BinaryIO,
    certificates: Sequence[x509.Certificate],
    token: bytes | None,
    wanted: Level,
    evidence: Evidence,
    done: Signed,
    at: datetime,
) -> None:
    """Add validation data and, for B-LTA, an archive timestamp; what cannot be had is left out and told in ``done``.

    Without the full set of validation data no archive timestamp is made: it would be made again when the set is there
    (:mod:`lienthong.signing.upkeep`).
    """
    kept: BinaryIO = target if wanted is Level.LT else _scratch()
    stamping = certificates_of_token(token) if token is not None else ()
    needs = [Need(each, at) for each in (certificates[0], *stamping[:1])]
    found = gather(needs, (*certificates, *stamping), RevocationData(), evidence)
    done.missing += found.missing
    add_validation_data(source, kept, found.certificates, found.crls, found.answers)
    if not found.missing and done.level is Level.T:
        done.level = Level.LT
    if wanted is not Level.LTA:
        return
    start, name = target.tell(), None
    if done.level is Level.LT:
        name = _try(done, lambda: add_archive_timestamp(kept, target, evidence.stamp))
    if name is None:
        target.seek(start)
        target.truncate()
        _copy(kept, target)
    else:
        done.level = Level.LTA


def _try(done: Signed, step: Callable[[], T]) -> T | None:
    """The step's result, or None with its refusal told."""
    try:
        return step()
    except Refused as refused:
        done.missing.append(refused)
        return None


def _scratch() -> BinaryIO:
    # In memory while small; a scan of hundreds of megabytes goes to disk.
    return tempfile.SpooledTemporaryFile(max_size=32 * 1024 * 1024)  # type: ignore[return-value]


def _copy(source: BinaryIO, target: BinaryIO) -> None:
    source.seek(0)
    while piece := source.read(1 << 20):
        target.write(piece)
