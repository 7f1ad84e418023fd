"""Where a certificate says that its issuer's services are. Source: RFC 5280 clauses 4.2.1.13 and 4.2.2.1."""

from __future__ import annotations

from cryptography import x509
from cryptography.x509.oid import AuthorityInformationAccessOID


def responders(certificate: x509.Certificate) -> tuple[str, ...]:
    """Addresses of OCSP responders."""
    return _access(certificate, AuthorityInformationAccessOID.OCSP)


def issuer_places(certificate: x509.Certificate) -> tuple[str, ...]:
    """Addresses of the issuer's certificate."""
    return _access(certificate, AuthorityInformationAccessOID.CA_ISSUERS)


def list_places(certificate: x509.Certificate) -> tuple[str, ...]:
    """Addresses of the revocation list."""
    try:
        points = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    except x509.ExtensionNotFound:
        return ()
    names = [name for point in points for name in point.full_name or ()]
    return tuple(name.value for name in names if isinstance(name, x509.UniformResourceIdentifier))


def _access(certificate: x509.Certificate, method: x509.ObjectIdentifier) -> tuple[str, ...]:
    try:
        rows = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    except x509.ExtensionNotFound:
        return ()
    return tuple(
        row.access_location.value
        for row in rows
        if row.access_method == method and isinstance(row.access_location, x509.UniformResourceIdentifier)
    )
