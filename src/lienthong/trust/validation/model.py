"""What a validation says: findings, one report for each signature, one for the document.

Source: ETSI EN 319 102-1 clause 5.1; clerical-archive facts 4.3 (the record that is kept with a document).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from cryptography import x509

from lienthong.trust.validation.indications import SubIndication
from lienthong.trust.verdict import Check, Report, Verdict


@dataclass(frozen=True, slots=True)
class Finding(Check):
    """A check with the standard's name of its trouble; ``sub`` is None when it passed."""

    sub: SubIndication | None = None


def good(name: str, vi: str, en: str) -> Finding:
    """A check that passed."""
    return Finding(name, Verdict.PASSED, vi, en)


def bad(name: str, sub: SubIndication, vi: str, en: str) -> Finding:
    """A check with trouble; the sub-indication decides whether it FAILED or is INDETERMINATE."""
    return Finding(name, sub.verdict, vi, en, sub)


class Role(Enum):
    """For whom a certificate speaks: a person (người có thẩm quyền) or an agency (cơ quan, tổ chức)."""

    PERSON = "person"
    AGENCY = "agency"
    UNKNOWN = "unknown"


class SignatureKind(Enum):
    """A signature of somebody, or a time stamp that stands in a signature's place (ISO 32000-2 clause 12.8.5)."""

    SIGNATURE = "signature"
    TIMESTAMP = "timestamp"


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signed, as the certificate says it. Empty strings where it says nothing."""

    role: Role
    name: str
    organization: str
    title: str
    serial: str
    issuer: str


@dataclass(frozen=True, slots=True)
class Change:
    """What a later revision of a PDF did, in words. ``allowed``: a change that signed documents may undergo."""

    revision: int
    allowed: bool
    vi: str
    en: str


@dataclass(frozen=True, slots=True)
class SignatureReport(Report):
    """The judgement of one signature.

    ``label``: field name, element id or number. ``level``: the AdES level reached, "B-B" to "B-LTA", or "" outside the
    profiles. ``claimed_at``: the signer's own word. ``proven_at``: the earliest instant at which a trusted time stamp
    saw the signature. ``judged_at``: the instant for which the certificate was judged. ``covers_all``: nothing of the
    file lies outside this signature but itself. ``position``: rank in the order of signing, from 0.
    """

    label: str = ""
    kind: SignatureKind = SignatureKind.SIGNATURE
    form: str = ""
    level: str = ""
    position: int = 0
    signer: Signer | None = None
    certificate: x509.Certificate | None = None
    path: tuple[x509.Certificate, ...] = ()
    store: str = ""
    algorithm: str = ""
    digest_name: str = ""
    claimed_at: datetime | None = None
    proven_at: datetime | None = None
    judged_at: datetime | None = None
    covers_all: bool = False
    changes: tuple[Change, ...] = ()
    stamps: tuple[SignatureReport, ...] = ()
    reason: str = ""

    @property
    def sub_indication(self) -> SubIndication | None:
        """The first trouble of the worst kind."""
        return main_trouble(self.checks)


def main_trouble(checks: tuple[Check, ...]) -> SubIndication | None:
    """The sub-indication of the first of the worst checks, None when all passed."""
    for verdict in (Verdict.FAILED, Verdict.INDETERMINATE):
        for check in checks:
            if check.verdict is verdict:
                return check.sub if isinstance(check, Finding) and check.sub else SubIndication.GENERIC
    return None


class LegalValue(Enum):
    """Whether an e-document replaces paper: Decision 28/2018/QĐ-TTg art. 4, Decree 30/2020/NĐ-CP art. 5."""

    ORIGINAL = "original"
    INFORMATION_ONLY = "information_only"
    UNDETERMINED = "undetermined"


@dataclass(frozen=True, slots=True)
class LegalJudgement:
    """The value and the reason for it."""

    value: LegalValue
    vi: str
    en: str


@dataclass(frozen=True, slots=True)
class Used:
    """One piece of evidence that was at hand: ``kind`` certificate, crl, ocsp or token, and the SHA-256 of its DER."""

    kind: str
    sha256: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class DocumentReport(Report):
    """The judgement of a file: its own checks and those of each signature.

    ``checks``: of the file as a whole. ``kind``: pdf, cms, xml or ooxml. ``sha256``, ``size``: of the file.
    """

    kind: str = ""
    sha256: str = ""
    size: int = 0
    at: datetime | None = None
    signatures: tuple[SignatureReport, ...] = ()
    legal: LegalJudgement | None = None
    evidence: tuple[Used, ...] = field(default=())

    @property
    def verdict(self) -> Verdict:
        """The worst of the file and of all signatures; a file without a signature is not PASSED."""
        return Report(self.all_checks).verdict if self.signatures else Report((*self.checks, _NOTHING)).verdict

    @property
    def all_checks(self) -> tuple[Check, ...]:
        return (*self.checks, *(check for signature in self.signatures for check in signature.checks))

    @property
    def troubles(self) -> tuple[Check, ...]:
        return tuple(check for check in self.all_checks if check.verdict is not Verdict.PASSED)

    @property
    def sub_indication(self) -> SubIndication | None:
        return main_trouble(self.all_checks)


_NOTHING = Check("document.signatures", Verdict.INDETERMINATE, "Tệp không có chữ ký số.", "The file is not signed.")
