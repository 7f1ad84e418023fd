"""A small certificate authority for installations without one, and for tests.

Source: RFC 5280 clause 4.2. Root, issuing authority, signer, machine, timestamp authority and revocation list; keys,
serial numbers and times are passed in. It keeps no register and issues for the demo and for closed networks: official
signatures need certificates of the official authorities.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

from lienthong.trust.keys import PublicKey

AuthorityKey = EllipticCurvePrivateKey | RSAPrivateKey


@dataclass(frozen=True, slots=True)
class Authority:
    """A certificate and the key that signs with it."""

    certificate: x509.Certificate
    key: AuthorityKey


@dataclass(frozen=True, slots=True)
class Period:
    """From when to when a certificate is valid; both instants aware, whole seconds count."""

    begin: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where an authority's services are, as its certificates say it (RFC 5280 clauses 4.2.1.13 and 4.2.2.1).

    ``ocsp``: "" when it answers none. ``issuer``: of its own certificate in DER. ``crl``: of its revocation list.
    """

    ocsp: str
    issuer: str
    crl: str


def distinguished_name(common_name: str, organization: str | None = None, country: str = "VN") -> x509.Name:
    parts = [x509.NameAttribute(NameOID.COUNTRY_NAME, country)]
    if organization:
        parts.append(x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization))
    return x509.Name([*parts, x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def make_root(key: AuthorityKey, name: x509.Name, period: Period, serial: int) -> Authority:
    """A self-signed root."""
    builder = _builder(name, name, key.public_key(), period, serial, key.public_key())
    return Authority(_authority_extensions(builder, None).sign(key, hashes.SHA256()), key)


def make_issuing(
    parent: Authority,
    key: AuthorityKey,
    name: x509.Name,
    period: Period,
    serial: int,
    path_length: int | None = 0,
    where: Addresses | None = None,
) -> Authority:
    """An authority below ``parent``; ``path_length``: how many further authorities may stand below it."""
    builder = _builder(name, parent.certificate.subject, key.public_key(), period, serial, parent.key.public_key())
    builder = _addressed(builder, where)
    return Authority(_authority_extensions(builder, path_length).sign(parent.key, hashes.SHA256()), key)


def make_signer(
    issuer: Authority,
    public_key: PublicKey,
    name: x509.Name,
    period: Period,
    serial: int,
    where: Addresses | None = None,
) -> x509.Certificate:
    """A certificate of a person, an agency or a system that signs."""
    builder = _builder(name, issuer.certificate.subject, public_key, period, serial, issuer.key.public_key())
    return _end_entity_extensions(_addressed(builder, where)).sign(issuer.key, hashes.SHA256())


def make_transport(
    issuer: Authority,
    public_key: PublicKey,
    name: x509.Name,
    names: Sequence[x509.GeneralName],
    period: Period,
    serial: int,
    where: Addresses | None = None,
) -> x509.Certificate:
    """A certificate of a machine, for both ends of TLS (RFC 5280 clauses 4.2.1.6 and 4.2.1.12); it signs no documents.

    ``names``: host names and addresses, at least one; the subject proves nothing to a TLS peer (RFC 9525).
    """
    builder = _builder(name, issuer.certificate.subject, public_key, period, serial, issuer.key.public_key())
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(_usage(authority=False, commitment=False), critical=True)
    purposes = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
    builder = builder.add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
    builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return _addressed(builder, where).sign(issuer.key, hashes.SHA256())


def make_timestamper(
    issuer: Authority,
    public_key: PublicKey,
    name: x509.Name,
    period: Period,
    serial: int,
    where: Addresses | None = None,
) -> x509.Certificate:
    """A certificate for a timestamp authority, for that alone (RFC 3161 clause 2.3)."""
    builder = _builder(name, issuer.certificate.subject, public_key, period, serial, issuer.key.public_key())
    builder = _end_entity_extensions(_addressed(builder, where))
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
    return builder.add_extension(usage, critical=True).sign(issuer.key, hashes.SHA256())


def make_ocsp_responder(
    issuer: Authority, public_key: PublicKey, name: x509.Name, period: Period, serial: int
) -> x509.Certificate:
    """A certificate of a delegate that answers OCSP for the issuer, itself not asked about (RFC 6960 4.2.2.2)."""
    builder = _builder(name, issuer.certificate.subject, public_key, period, serial, issuer.key.public_key())
    builder = _end_entity_extensions(builder)
    builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING]), critical=False)
    return builder.add_extension(x509.OCSPNoCheck(), critical=False).sign(issuer.key, hashes.SHA256())


def make_crl(
    issuer: Authority,
    revoked: Iterable[tuple[int, datetime]],
    this_update: datetime,
    next_update: datetime,
    number: int,
) -> x509.CertificateRevocationList:
    """The issuer's list of revoked serial numbers with their times."""
    builder = x509.CertificateRevocationListBuilder().issuer_name(issuer.certificate.subject)
    builder = builder.last_update(this_update).next_update(next_update)
    builder = builder.add_extension(x509.CRLNumber(number), critical=False)
    for serial, when in revoked:
        entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(when).build()
        builder = builder.add_revoked_certificate(entry)
    return builder.sign(issuer.key, hashes.SHA256())


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    public_key: PublicKey,
    period: Period,
    serial: int,
    issuer_key: PublicKey,
) -> x509.CertificateBuilder:
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(public_key)
    builder = builder.serial_number(serial).not_valid_before(period.begin).not_valid_after(period.end)
    builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
    authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key)
    return builder.add_extension(authority, critical=False)


def _addressed(builder: x509.CertificateBuilder, where: Addresses | None) -> x509.CertificateBuilder:
    """With the addresses of the issuer's services, when they are known."""
    if where is None:
        return builder
    rows = [(AuthorityInformationAccessOID.CA_ISSUERS, where.issuer)]
    if where.ocsp:
        rows.insert(0, (AuthorityInformationAccessOID.OCSP, where.ocsp))
    access = [x509.AccessDescription(method, x509.UniformResourceIdentifier(url)) for method, url in rows]
    point = x509.DistributionPoint([x509.UniformResourceIdentifier(where.crl)], None, None, None)
    builder = builder.add_extension(x509.AuthorityInformationAccess(access), critical=False)
    return builder.add_extension(x509.CRLDistributionPoints([point]), critical=False)


def _authority_extensions(builder: x509.CertificateBuilder, path_length: int | None) -> x509.CertificateBuilder:
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=path_length), critical=True)
    return builder.add_extension(_usage(authority=True), critical=True)


def _end_entity_extensions(builder: x509.CertificateBuilder) -> x509.CertificateBuilder:
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    return builder.add_extension(_usage(authority=False), critical=True)


def _usage(*, authority: bool, commitment: bool = True) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        content_commitment=commitment and not authority,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )
