"""What a certificate needs beside it so that it can still be judged when its authority no longer answers.

Source: ETSI EN 319 142-1 clause 6.3 (levels B-LT and B-LTA: the full set of certificates and revocation data); RFC 5280
clause 6.1. Nothing here is trust: paths are put together by names and signatures alone, roots are the verifier's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

from lienthong.trust.revocation import RevocationData, check_revocation
from lienthong.trust.verdict import Verdict

_LONGEST = 8
Link = tuple[x509.Certificate, x509.Certificate | None]
"""A certificate and its issuer, None where the issuer is not at hand."""


def path_of(certificate: x509.Certificate, pool: Sequence[x509.Certificate]) -> tuple[x509.Certificate, ...]:
    """The certificate and those above it, as far as ``pool`` knows them: itself first, the root last if it is there."""
    path = [certificate]
    while len(path) < _LONGEST and not is_self_issued(path[-1]):
        above = next((each for each in pool if each not in path and is_issued(path[-1], each)), None)
        if above is None:
            break
        path.append(above)
    return tuple(path)


def is_self_issued(certificate: x509.Certificate) -> bool:
    """Whether it names itself as its issuer, as roots do; nobody above could revoke it."""
    return certificate.subject == certificate.issuer


def is_issued(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Whether the issuer's name and signature are on the certificate; nothing is said of trust."""
    if certificate.issuer != issuer.subject:
        return False
    try:
        certificate.verify_directly_issued_by(issuer)
    except (InvalidSignature, ValueError, TypeError, UnsupportedAlgorithm):
        return False
    return True


def links(path: Sequence[x509.Certificate]) -> Iterator[Link]:
    """Every certificate of a path that could have been revoked, with its issuer."""
    for place, each in enumerate(path):
        if not is_self_issued(each):
            yield each, path[place + 1] if place + 1 < len(path) else None


def lacking(path: Sequence[x509.Certificate], at: datetime, data: RevocationData) -> list[Link]:
    """The links of which ``data`` does not show that they were not revoked at ``at``."""
    return [link for link in links(path) if not is_shown(link, at, data)]


def is_shown(link: Link, at: datetime, data: RevocationData) -> bool:
    """Whether a list or answer shows that the certificate was not revoked at ``at``.

    Without the issuer the signature of a list cannot be checked, which the verifier does who has the root: its name and
    its time count then, and that it does not name the certificate.
    """
    certificate, issuer = link
    if issuer is not None:
        return check_revocation(certificate, issuer, at, data, True, "").verdict is Verdict.PASSED
    return any(
        crl.issuer == certificate.issuer
        and crl.get_revoked_certificate_by_serial_number(certificate.serial_number) is None
        and crl.last_update_utc <= certificate.not_valid_after_utc
        and (crl.last_update_utc > at or (crl.next_update_utc is not None and at <= crl.next_update_utc))
        for crl in data.crls
    )
