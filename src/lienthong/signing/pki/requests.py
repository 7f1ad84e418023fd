"""PKCS #10 requests: read, checked, and the names that they ask for. Source: RFC 2986, RFC 5280 clause 4.2.1.6."""

from __future__ import annotations

from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.x509.oid import NameOID

from lienthong.base.errors import Refused
from lienthong.base.text import one_line
from lienthong.signing.pki.errors import CERTIFICATE_REQUEST_NOT_VALID
from lienthong.trust.keys import PublicKey, check_public_key

MAXIMUM_REQUEST = 64 * 1024


@dataclass(frozen=True, slots=True)
class CertificateRequest:
    """A request whose owner holds the key. ``names``: of hosts and addresses; who may have them is not asserted."""

    subject: x509.Name
    key: PublicKey
    names: tuple[x509.GeneralName, ...]

    @property
    def common_names(self) -> list[str]:
        return [str(each.value) for each in self.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]


def read_request(request: bytes) -> CertificateRequest:
    """PEM or DER. Refuses CERTIFICATE_REQUEST_NOT_VALID, KEY_NOT_ALLOWED."""
    try:
        if len(request) > MAXIMUM_REQUEST:
            raise ValueError("quá lớn (too large)")
        pem = request.lstrip().startswith(b"-----BEGIN")
        csr = x509.load_pem_x509_csr(request) if pem else x509.load_der_x509_csr(request)
        key = check_public_key(csr.public_key())
        if not csr.is_signature_valid:
            raise ValueError("chữ ký của yêu cầu sai (its signature is wrong)")
        return CertificateRequest(csr.subject, key, _names(csr))
    except (
        ValueError, TypeError, UnsupportedAlgorithm, InvalidSignature, x509.DuplicateExtension,
        x509.UnsupportedGeneralNameType,
    ) as error:  # fmt: skip
        raise Refused(CERTIFICATE_REQUEST_NOT_VALID, why=one_line(str(error), 120) or "?") from error


def _names(csr: x509.CertificateSigningRequest) -> tuple[x509.GeneralName, ...]:
    try:
        return tuple(csr.extensions.get_extension_for_class(x509.SubjectAlternativeName).value)
    except x509.ExtensionNotFound:
        return ()
