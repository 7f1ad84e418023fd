"""Revocation: whether a certificate had been revoked by a given time, after CRLs and OCSP answers at hand.

Source: RFC 5280 clauses 5 and 6.3, RFC 6960 clauses 3.2 and 4.2.2.2. An answer may be younger than the time asked for:
it then names the moment of revocation, and a certificate revoked afterwards still counted. Delta and indirect CRLs are
passed over.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID, SignatureAlgorithmOID

from lienthong.base.clock import to_text
from lienthong.base.errors import Refused
from lienthong.trust.errors import CERTIFICATE_NOT_READABLE
from lienthong.trust.verdict import Check, failed, indeterminate, passed

MAXIMUM_CRL_BYTES = 64 * 1024 * 1024
MAXIMUM_OCSP_BYTES = 64 * 1024
_STRONG = (hashes.SHA256, hashes.SHA384, hashes.SHA512)
DAMAGED = (
    ValueError,
    TypeError,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)
"""How the library shows that certificate data cannot be read."""
_NAME = "certificate.revocation"
_UNCHECKED = "certificate.revocation_unchecked"
"""A notice beside a result that holds without it; programs must be able to tell it from an answer."""


@dataclass(frozen=True, slots=True)
class RevocationData:
    """Lists and answers already read; their signatures are judged when they are used."""

    crls: tuple[x509.CertificateRevocationList, ...] = ()
    ocsp: tuple[ocsp.OCSPResponse, ...] = ()


@dataclass(frozen=True, slots=True)
class _Answer:
    """What one list or answer says. ``revoked_at``: None when the certificate is good."""

    revoked_at: datetime | None
    this_update: datetime
    next_update: datetime | None


def load_revocation(crls: Iterable[bytes] = (), answers: Iterable[bytes] = ()) -> RevocationData:
    """Read CRLs (PEM or DER) and OCSP answers (DER). Refuses: CERTIFICATE_NOT_READABLE."""
    return RevocationData(tuple(map(_load_crl, crls)), tuple(map(_load_ocsp, answers)))


def _load_crl(data: bytes) -> x509.CertificateRevocationList:
    if len(data) > MAXIMUM_CRL_BYTES:
        raise Refused(CERTIFICATE_NOT_READABLE, reason="CRL too large")
    try:
        pem = data.lstrip().startswith(b"-----BEGIN ")
        crl = x509.load_pem_x509_crl(data) if pem else x509.load_der_x509_crl(data)
        _ = (crl.extensions, crl.issuer, crl.last_update_utc, crl.next_update_utc)
    except DAMAGED as error:
        raise Refused(CERTIFICATE_NOT_READABLE, reason="not a CRL") from error
    return crl


def _load_ocsp(data: bytes) -> ocsp.OCSPResponse:
    if len(data) > MAXIMUM_OCSP_BYTES:
        raise Refused(CERTIFICATE_NOT_READABLE, reason="OCSP answer too large")
    try:
        answer = ocsp.load_der_ocsp_response(data)
        if answer.response_status is ocsp.OCSPResponseStatus.SUCCESSFUL:
            _ = (answer.certificates, answer.produced_at_utc, list(answer.responses), answer.extensions)
    except DAMAGED as error:
        raise Refused(CERTIFICATE_NOT_READABLE, reason="not an OCSP answer") from error
    return answer


def check_revocation(
    certificate: x509.Certificate,
    issuer: x509.Certificate,
    at: datetime,
    data: RevocationData,
    required: bool,
    name: str,
) -> Check:
    """Whether ``certificate`` was revoked at ``at``. ``name``: how sentences call it.

    FAILED: revoked by then. PASSED: an answer that covers ``at`` says it was not. Otherwise INDETERMINATE, or PASSED
    with a sentence that says so when no answer is ``required``.
    """
    answers = [*_from_crls(certificate, issuer, data.crls), *_from_ocsp(certificate, issuer, data.ocsp)]
    revoked = [answer.revoked_at for answer in answers if answer.revoked_at is not None]
    if revoked and min(revoked) <= at:
        when = to_text(min(revoked))
        return failed(_NAME, f"{name} đã bị thu hồi lúc {when}.", f"{name} was revoked at {when}.")
    if revoked:
        when = to_text(min(revoked))
        vi = f"{name} bị thu hồi lúc {when}, sau thời điểm ký."
        return passed(_NAME, vi, f"{name} was revoked at {when}, after the time in question.")
    if any(_covers(answer, certificate, at) for answer in answers):
        return passed(_NAME, f"{name} chưa bị thu hồi tại thời điểm ký.", f"{name} was not revoked at that time.")
    if not required:
        vi = f"Chưa kiểm tra thu hồi đối với {name}: không có CRL hoặc OCSP phù hợp."
        return passed(_UNCHECKED, vi, f"Revocation of {name} was not checked: no fitting CRL or OCSP answer.")
    vi = f"Không xác định được {name} có bị thu hồi hay không: thiếu CRL hoặc OCSP còn hiệu lực."
    return indeterminate(_NAME, vi, f"It is not known whether {name} was revoked: no current CRL or OCSP answer.")


def revoked_at(certificate: x509.Certificate, issuer: x509.Certificate, data: RevocationData) -> datetime | None:
    """The earliest instant of revocation that any list or answer of the issuer names; None when none does."""
    answers = [*_from_crls(certificate, issuer, data.crls), *_from_ocsp(certificate, issuer, data.ocsp)]
    return min((answer.revoked_at for answer in answers if answer.revoked_at is not None), default=None)


def _covers(answer: _Answer, certificate: x509.Certificate, at: datetime) -> bool:
    """An answer of that time, or a younger one made before the certificate could drop out of the lists."""
    if answer.this_update > at:
        return answer.this_update <= certificate.not_valid_after_utc
    return answer.next_update is not None and at <= answer.next_update


def _from_crls(
    certificate: x509.Certificate, issuer: x509.Certificate, crls: Iterable[x509.CertificateRevocationList]
) -> Iterator[_Answer]:
    for crl in crls:
        if crl.issuer != issuer.subject or not _crl_is_signed(crl, issuer) or not _crl_applies(crl, certificate):
            continue
        entry = crl.get_revoked_certificate_by_serial_number(certificate.serial_number)
        revoked_at = None if entry is None else _revoked_at(entry)
        yield _Answer(revoked_at, crl.last_update_utc, crl.next_update_utc)


def _crl_is_signed(crl: x509.CertificateRevocationList, issuer: x509.Certificate) -> bool:
    try:
        usage = issuer.extensions.get_extension_for_class(x509.KeyUsage).value
        if not usage.crl_sign:
            return False
    except x509.ExtensionNotFound:
        pass
    try:
        return isinstance(crl.signature_hash_algorithm, _STRONG) and crl.is_signature_valid(
            issuer.public_key()  # type: ignore[arg-type]  # kinds that cannot sign raise TypeError
        )
    except (TypeError, ValueError, UnsupportedAlgorithm):
        return False


def _crl_applies(crl: x509.CertificateRevocationList, certificate: x509.Certificate) -> bool:
    """Whether the list speaks of this certificate, and of all reasons."""
    for extension in crl.extensions:
        if not extension.critical:
            continue
        point = extension.value
        if not isinstance(point, x509.IssuingDistributionPoint) or point.relative_name:
            return False
        if point.indirect_crl or point.only_some_reasons or point.only_contains_attribute_certs:
            return False
        authority = _is_authority(certificate)
        if (point.only_contains_user_certs and authority) or (point.only_contains_ca_certs and not authority):
            return False
        if point.full_name and not set(point.full_name) & _distribution_names(certificate):
            return False
    return True


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def _distribution_names(certificate: x509.Certificate) -> set[x509.GeneralName]:
    try:
        points = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    except x509.ExtensionNotFound:
        return set()
    return {name for point in points for name in point.full_name or ()}


def _revoked_at(entry: x509.RevokedCertificate) -> datetime:
    """The date of revocation, or the earlier one from which the issuer distrusts the key (RFC 5280 clause 5.3.2)."""
    try:
        invalid = entry.extensions.get_extension_for_class(x509.InvalidityDate).value.invalidity_date
    except x509.ExtensionNotFound:
        return entry.revocation_date_utc
    return min(entry.revocation_date_utc, invalid.replace(tzinfo=UTC))


def _from_ocsp(
    certificate: x509.Certificate, issuer: x509.Certificate, answers: Iterable[ocsp.OCSPResponse]
) -> Iterator[_Answer]:
    for answer in answers:
        if answer.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL or not _ocsp_is_signed(answer, issuer):
            continue
        for single in answer.responses:
            if not _ocsp_means(single, certificate, issuer):
                continue
            if single.certificate_status is ocsp.OCSPCertStatus.UNKNOWN:
                continue
            yield _Answer(single.revocation_time_utc, single.this_update_utc, single.next_update_utc)


def _ocsp_means(single: ocsp.OCSPSingleResponse, certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    if single.serial_number != certificate.serial_number:
        return False
    name = hashlib.new(single.hash_algorithm.name, issuer.subject.public_bytes(), usedforsecurity=False).digest()
    key = hashlib.new(single.hash_algorithm.name, _key_bits(issuer), usedforsecurity=False).digest()
    return single.issuer_name_hash == name and single.issuer_key_hash == key


def _key_bits(certificate: x509.Certificate) -> bytes:
    """The content of the key's bit string, which is what OCSP digests."""
    key = certificate.public_key()
    if isinstance(key, EllipticCurvePublicKey):
        return key.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    if isinstance(key, RSAPublicKey):
        return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.PKCS1)
    return key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def _ocsp_is_signed(answer: ocsp.OCSPResponse, issuer: x509.Certificate) -> bool:
    """Signed by the issuer, or by a responder to whom this issuer gave the task."""
    if _ocsp_signature_fits(answer, issuer):
        return True
    return any(
        _is_delegate(candidate, issuer, answer.produced_at_utc) and _ocsp_signature_fits(answer, candidate)
        for candidate in answer.certificates
    )


def _is_delegate(candidate: x509.Certificate, issuer: x509.Certificate, at: datetime) -> bool:
    try:
        usage = candidate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        candidate.verify_directly_issued_by(issuer)
    except (x509.ExtensionNotFound, InvalidSignature, ValueError, TypeError, UnsupportedAlgorithm):
        return False
    valid = candidate.not_valid_before_utc <= at <= candidate.not_valid_after_utc
    return valid and ExtendedKeyUsageOID.OCSP_SIGNING in usage


def _ocsp_signature_fits(answer: ocsp.OCSPResponse, signer: x509.Certificate) -> bool:
    try:
        key, digest = signer.public_key(), answer.signature_hash_algorithm
        if not isinstance(digest, _STRONG):
            return False
        if isinstance(key, EllipticCurvePublicKey):
            key.verify(answer.signature, answer.tbs_response_bytes, ECDSA(digest))
        elif isinstance(key, RSAPublicKey) and answer.signature_algorithm_oid != SignatureAlgorithmOID.RSASSA_PSS:
            key.verify(answer.signature, answer.tbs_response_bytes, padding.PKCS1v15(), digest)
        else:
            return False
    except (InvalidSignature, ValueError, UnsupportedAlgorithm):
        return False
    return True
