"""Whether a certificate is good, revoked or unknown, signed by a delegate of the authority. Source: RFC 6960.

Answers are made from the register at the moment of the question; a question with a nonce gets it back (clause 4.4.1).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from lienthong.signing.pki.register import Register

MAXIMUM_QUESTION = 4096
HOURS = 1
"""How long an answer may be kept."""


class Responder:
    """Answers for one authority. ``certificate``: the delegate's, issued by that authority (clause 4.2.2.2)."""

    def __init__(
        self, register: Register, certificate: x509.Certificate, key: RSAPrivateKey | EllipticCurvePrivateKey
    ) -> None:
        self._register, self._certificate, self._key = register, certificate, key

    def respond(self, question: bytes, now: datetime) -> bytes:
        """The DER of an answer; what is wrong with a question is said in the answer itself, never by an exception."""
        try:
            if len(question) > MAXIMUM_QUESTION:
                raise ValueError("too large")
            asked = ocsp.load_der_ocsp_request(question)
            serial, algorithm = asked.serial_number, asked.hash_algorithm
            nonce = [each for each in asked.extensions if isinstance(each.value, x509.OCSPNonce)]
        except (ValueError, NotImplementedError):
            return _unsuccessful(ocsp.OCSPResponseStatus.MALFORMED_REQUEST)
        if not self._is_ours(asked, algorithm):
            return _unsuccessful(ocsp.OCSPResponseStatus.UNAUTHORIZED)
        found = self._register.all().get(serial)
        status = ocsp.OCSPCertStatus.UNKNOWN
        if found is not None:
            status = ocsp.OCSPCertStatus.GOOD if found.revoked is None else ocsp.OCSPCertStatus.REVOKED
        moment = now.replace(microsecond=0)
        builder = ocsp.OCSPResponseBuilder().add_response_by_hash(
            asked.issuer_name_hash, asked.issuer_key_hash, serial, algorithm, status, moment,
            moment + timedelta(hours=HOURS), found.revoked if found else None, found.reason if found else None,
        )  # fmt: skip
        builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, self._certificate)
        builder = builder.certificates([self._certificate])
        for each in nonce:
            builder = builder.add_extension(each.value, critical=False)
        return builder.sign(self._key, hashes.SHA256()).public_bytes(Encoding.DER)

    def _is_ours(self, asked: ocsp.OCSPRequest, algorithm: hashes.HashAlgorithm) -> bool:
        """Whether the question names our authority: by the digests of its name and key, as the asker made them."""
        if not isinstance(algorithm, hashes.SHA1 | hashes.SHA256 | hashes.SHA384 | hashes.SHA512):
            return False
        issuer = self._register.issuing.certificate
        # Asked about our own delegate, a question names the authority as every question about its certificates does.
        own = ocsp.OCSPRequestBuilder().add_certificate(self._certificate, issuer, algorithm).build()
        return own.issuer_name_hash == asked.issuer_name_hash and own.issuer_key_hash == asked.issuer_key_hash


def _unsuccessful(status: ocsp.OCSPResponseStatus) -> bytes:
    return ocsp.OCSPResponseBuilder.build_unsuccessful(status).public_bytes(Encoding.DER)
