"""What counts when signatures of documents are validated: dated data, so that a weak algorithm ends on a day.

Source: Circular 15/2025/TT-BKHCN annex (RSA of at least 2048 bits, ECDSA of at least 256 bits, SHA-2);
ETSI TS 119 312 for the idea of ending dates; Decree 68/2024/NĐ-CP art. 10 for kinds of holders.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from lienthong.trust.keys import DEFAULT_POLICY, Policy, Rule, latest_end


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
class End:
    """A day on which an algorithm ends. ``name``: a digest such as sha256, or a signature algorithm such as RS256.

    ``below_bits``: it ends for keys smaller than this only.
    """

    name: str
    at: datetime
    below_bits: int | None = None


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

    def digest_end(self, name: str) -> datetime | None:
        """The instant from which a digest of this name no longer counts; None when no end is set."""
        return latest_end([rule.not_after for rule in self.digests if rule.name == name])

    def with_ends(self, ends: Sequence[End]) -> ValidationPolicy:
        """The same policy in which these algorithms end; an end that the policy has already is only brought forward."""
        digests, rules = list(self.digests), list(self.keys.rules)
        for end in ends:
            digests = [
                replace(rule, not_after=_earlier(rule.not_after, end.at)) if rule.name == end.name else rule
                for rule in digests
            ]
            rules = [made for rule in rules for made in _ended(rule, end)]
        return replace(self, digests=tuple(digests), keys=Policy(tuple(rules)))


def _ended(rule: Rule, end: End) -> list[Rule]:
    """A rule with an end for the smaller keys, and without it for those of ``below_bits`` and more."""
    if rule.algorithm.value != end.name:
        return [rule]
    ended = replace(rule, not_after=_earlier(rule.not_after, end.at))
    if end.below_bits is None:
        return [ended]
    return [ended, replace(rule, minimum_bits=max(rule.minimum_bits, end.below_bits))]


def _earlier(one: datetime | None, other: datetime) -> datetime:
    return other if one is None else min(one, other)


DOCUMENT_POLICY = ValidationPolicy()
