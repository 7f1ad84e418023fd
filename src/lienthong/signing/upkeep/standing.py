"""Where a signed document stands: the level of each signature, until when its proof holds, when to renew it.

Source: ETSI EN 319 142-1 clause 6.3. A signature value cannot get its own time stamp later without a change to
``/Contents``; a document timestamp after it proves that it existed, and counts for B-T in its place.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from cryptography import x509

from lienthong.base.errors import Refused
from lienthong.base.text import one_line
from lienthong.signing.documents import Level
from lienthong.signing.upkeep.margins import Margins
from lienthong.trust.certificates import public_key_of
from lienthong.trust.keys import usual_algorithm
from lienthong.trust.pdf.state import FoundSignature, Made, PdfState
from lienthong.trust.validation.judge import Evidence
from lienthong.trust.validation.paths import lacking
from lienthong.trust.validation.policy import ValidationPolicy

ORDER = list(Level)


class Cause(Enum):
    """What ends the proof first. SIGNER: the signer's certificate, where no time stamp stands after the signature."""

    SIGNER = "signer-certificate"
    AUTHORITY = "timestamp-certificate"
    ALGORITHM = "algorithm"


@dataclass(frozen=True, slots=True)
class Limit:
    """``until``: the proof holds so long. ``renew_by``: a margin before. ``what``: the certificate or algorithm."""

    until: datetime
    renew_by: datetime
    cause: Cause
    what: str


@dataclass(frozen=True, slots=True)
class Standing:
    """``levels``: of each signature by field. ``broken``: fields whose signature does not fit the file any more.

    ``newest``: the newest archive timestamp, None without one. ``limit``: None when nothing is signed.
    """

    levels: dict[str, Level]
    broken: tuple[str, ...]
    newest: FoundSignature | None
    limit: Limit | None

    @property
    def level(self) -> Level:
        """The lowest of all signatures: the document is worth no more than that."""
        return min(self.levels.values(), key=ORDER.index, default=Level.B)

    def is_below(self, wanted: Level) -> bool:
        return ORDER.index(self.level) < ORDER.index(wanted)


def standing_of(state: PdfState, margins: Margins, now: datetime) -> Standing:
    """Judge the state of a PDF by dated margins and policy."""
    broken = tuple(each.name for each in state.signatures if each.made is None)
    levels = {each.name: _level(each, state) for each in state.signatures if not each.is_timestamp}
    limits = list(_limits(state, margins, now))
    limit = min(limits, key=lambda each: (each.renew_by, each.until), default=None)
    return Standing(levels, broken, state.newest_stamp, limit)


def proof_of(signature: FoundSignature, state: PdfState) -> FoundSignature | None:
    """What proves that the signature existed at a time: itself with its own stamp, or the next document timestamp."""
    if signature.stamp is not None:
        return signature
    later = (each for each in state.signatures if each.is_timestamp and each.revision > signature.revision)
    return next((each for each in later if each.stamp is not None), None)


def _level(signature: FoundSignature, state: PdfState) -> Level:
    proof = proof_of(signature, state)
    if signature.made is None or proof is None or proof.stamp is None:
        return Level.B
    if not _is_whole(signature, proof, state.data):
        return Level.T
    newest = state.newest_stamp
    if newest is not None and newest.revision > signature.revision and _is_whole(signature, proof, state.archived):
        return Level.LTA
    return Level.LT


def _is_whole(signature: FoundSignature, proof: FoundSignature, data: Evidence) -> bool:
    """Whether everything is there to judge the signer and the authority of the proof."""
    if signature.made is None or proof.stamp is None:
        return False
    at, revocation = proof.stamp.time, data.revocation
    return not lacking(signature.made.path, at, revocation) and not lacking(proof.stamp.made.path, at, revocation)


def _limits(state: PdfState, margins: Margins, now: datetime) -> Iterator[Limit]:
    """Of the newest archive timestamp, and of every signature that came after it or has none."""
    newest = state.newest_stamp
    if newest is not None and newest.stamp is not None:
        yield from _ends(newest.stamp.made, newest.stamp.imprint, Cause.AUTHORITY, margins, now)
    for each in state.signatures:
        if each.is_timestamp or each.made is None or (newest is not None and each.revision < newest.revision):
            continue
        if each.stamp is not None:
            yield from _ends(each.stamp.made, each.stamp.imprint, Cause.AUTHORITY, margins, now)
        else:
            yield from _ends(each.made, each.made.digest, Cause.SIGNER, margins, now)


def _ends(made: Made, imprint: str, cause: Cause, margins: Margins, now: datetime) -> Iterator[Limit]:
    margin = margins.at(now)
    for certificate in made.path:
        begin, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
        # Where certificates live for some months only, half a year before the end would be before the beginning.
        yield Limit(end, end - min(margin.certificate, (end - begin) / 3), cause, _name(certificate))
    for name, ends in _algorithm_ends(made, imprint, margins.policy):
        if ends is not None:
            yield Limit(ends, max(ends, _FIRST + margin.algorithm) - margin.algorithm, Cause.ALGORITHM, name)


def _algorithm_ends(made: Made, imprint: str, policy: ValidationPolicy) -> Iterator[tuple[str, datetime | None]]:
    for digest in dict.fromkeys((imprint, made.digest)):
        yield digest, policy.digest_end(digest)
    for place, certificate in enumerate(made.path):
        try:
            key = public_key_of(certificate)
        except Refused:
            continue  # The verifier says so; no renewal mends it.
        algorithm = usual_algorithm(key) if place or made.algorithm is None else made.algorithm
        size = getattr(key, "key_size", 256)
        yield f"{algorithm.value} {size}", policy.keys.end_of(algorithm, key)


def _name(certificate: x509.Certificate) -> str:
    found = certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    return one_line(str(found[0].value) if found else certificate.subject.rfc4514_string(), 80)


_FIRST = datetime.fromisoformat("0001-01-01T00:00:00+00:00")
