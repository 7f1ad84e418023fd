"""What counts when signatures of documents are validated: dated data, so that a weak algorithm ends on a day.

Source: Circular 15/2025/TT-BKHCN annex (RSA of at least 2048 bits, ECDSA of at least 256 bits, SHA-2);
ETSI TS 119 312 for the idea of ending dates; Decree 68/2024/NĐ-CP art. 10 for kinds of holders.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from lienthong.trust.keys import DEFAULT_POLICY, Policy


@dataclass(frozen=True, slots=True)
class DigestRule:
    """A digest counts from ``not_before`` up to and excluding ``not_after``."""

    name: str
    not_before: datetime | None = None
    not_after: datetime | None = None

    def allows(self, name: str, at: datetime) -> bool:
        return (
            self.name == name
            and (self.not_before is None or at >= self.not_before)
            and (self.not_after is None or at < self.not_after)
        )


@dataclass(frozen=True, slots=True)
class RoleRule:
    """How a certificate shows for whom it speaks, in certificates issued from ``not_before`` up to ``not_after``.

    ``agency_policies``, ``person_policies``: certificate policy identifiers. ``agency_prefixes``, ``person_prefixes``:
    how the user identifier or serial number of the subject begins. Where none of these decides, an organisation
    identifier, or a common name that is also the organisation's, means an agency; a title, a given name or a surname
    means a person; and what is left is a person when ``default_person``.
    """

    not_before: datetime | None = None
    not_after: datetime | None = None
    agency_policies: frozenset[str] = frozenset()
    person_policies: frozenset[str] = frozenset()
    agency_prefixes: tuple[str, ...] = ("MST:", "MDD:", "MNS:", "VATVN-", "GOVVN-", "NTRVN-")
    person_prefixes: tuple[str, ...] = ("CCCD:", "CMND:", "PNOVN-", "IDCVN-", "HC:")
    default_person: bool = True


@dataclass(frozen=True, slots=True)
class ValidationPolicy:
    """``require_revocation``: without an answer about the signer's certificate a signature is INDETERMINATE.

    ``require_timestamp_revocation``: the same for time stamp authorities. ``weak_timestamp_binding``: time stamps may
    name their certificate with SHA-1. ``require_binding``: plain CMS signatures
    that do not bind their certificate are INDETERMINATE (AdES signatures always must).
    """

    name: str = "lienthong-documents-1"
    keys: Policy = DEFAULT_POLICY
    digests: tuple[DigestRule, ...] = (DigestRule("sha256"), DigestRule("sha384"), DigestRule("sha512"))
    require_revocation: bool = True
    require_timestamp_revocation: bool = False
    weak_timestamp_binding: bool = True
    require_binding: bool = False
    roles: tuple[RoleRule, ...] = field(default=(RoleRule(),))

    def allows_digest(self, name: str, at: datetime) -> bool:
        """Whether a digest of this name, made at ``at``, counts."""
        return any(rule.allows(name, at) for rule in self.digests)


DOCUMENT_POLICY = ValidationPolicy()
