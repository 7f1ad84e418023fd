"""Trust stores: whom a verifier trusts, for what, and from when until when.

Stores are kept apart by name: ``official-duty`` (the authority of official-duty certificates), ``national`` (the public
root), ``test`` (local authorities; never the Government's). Each root is dated: what it vouches for counts when it was
trusted at the instant for which a certificate is judged. Source: Decree 68/2024/NĐ-CP art. 6; clerical-archive facts
4.4.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from cryptography import x509

from lienthong.trust.certificates import SIGNING, TIMESTAMPING, TrustStore
from lienthong.trust.revocation import RevocationData

OFFICIAL_DUTY, NATIONAL, TEST = "official-duty", "national", "test"
STORE_NAMES = (OFFICIAL_DUTY, NATIONAL, TEST)
PURPOSES = (SIGNING, TIMESTAMPING)


@dataclass(frozen=True, slots=True)
class Anchor:
    """One trusted root. ``purposes``: SIGNING, TIMESTAMPING or both."""

    certificate: x509.Certificate
    store: str
    purposes: frozenset[str] = frozenset(PURPOSES)
    not_before: datetime | None = None
    not_after: datetime | None = None

    def trusted(self, purpose: str, at: datetime) -> bool:
        return (
            purpose in self.purposes
            and (self.not_before is None or at >= self.not_before)
            and (self.not_after is None or at < self.not_after)
        )


@dataclass(frozen=True, slots=True)
class TrustStores:
    """Anchors of one or more stores, with intermediates that merely help and revocation data kept beside them."""

    anchors: tuple[Anchor, ...] = ()
    intermediates: tuple[x509.Certificate, ...] = ()
    revocation: RevocationData = field(default=RevocationData())

    def at(self, purpose: str, at: datetime, carried: tuple[x509.Certificate, ...] = ()) -> TrustStore:
        """The roots that counted then; ``carried``: certificates that a document brings along, not trusted."""
        roots = tuple(anchor.certificate for anchor in self.anchors if anchor.trusted(purpose, at))
        return TrustStore(roots, (*self.intermediates, *carried))

    def name_of(self, root: x509.Certificate) -> str:
        """The store that holds a root, "" when none does."""
        return next((anchor.store for anchor in self.anchors if anchor.certificate == root), "")

    def merged(self, other: TrustStores) -> TrustStores:
        """Both together."""
        revocation = RevocationData(
            (*self.revocation.crls, *other.revocation.crls), (*self.revocation.ocsp, *other.revocation.ocsp)
        )
        return TrustStores((*self.anchors, *other.anchors), (*self.intermediates, *other.intermediates), revocation)
