"""Signed data of the Cryptographic Message Syntax, as timestamps use it: one signer, content inside, signed attributes.

Source: RFC 5652 clauses 5.1, 5.3, 5.4 and 11; RFC 5035 clauses 3 and 4 (ESSCertIDv2); RFC 5754.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from asn1crypto import algos, cms, core
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding

from lienthong.base.errors import Refused
from lienthong.trust import cades
from lienthong.trust.certificates import load_certificate
from lienthong.trust.der import is_der
from lienthong.trust.keys import PublicKey
from lienthong.trust.signer import Signer

MAXIMUM_CERTIFICATES = 16
HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
"""The digests that may stand in signed data."""


class NotSignedData(ValueError):
    """The bytes are not signed data in this profile; the message says where."""


@dataclass(frozen=True, slots=True)
class SignedData:
    """Signed data as read, before any trust in it.

    ``content``: the bytes inside. ``digest_name``: of the signer's attributes. ``attributes``: the bytes that are
    signed. ``signer_certificate``: the one that signer and certificate attribute name, when it is among
    ``certificates``. ``attributes_fit``: content type and digest stand in the attributes as they must.
    ``certificate_named``: the attributes bind the certificate with a strong digest; ``weakly_named``: with SHA-1, as
    RFC 2634 clause 5.4 has it and many time stamp authorities still do.
    """

    content: bytes
    digest_name: str
    scheme: str
    salt_length: int
    attributes: bytes
    signature: bytes
    certificates: tuple[x509.Certificate, ...]
    signer_certificate: x509.Certificate | None
    attributes_fit: bool
    certificate_named: bool
    weakly_named: bool = False


def make_signed_data(
    content_type: str, content: bytes, signer: Signer, certificate: x509.Certificate, chain: Sequence[x509.Certificate]
) -> bytes:
    """Sign ``content`` as one DER ContentInfo; ``chain``: further certificates to carry, empty for none at all.

    The signer's own certificate is carried when ``chain`` holds it. Refuses: ALGORITHM_NOT_ALLOWED.
    """
    digest = hashlib.new(cades.digest_name(signer.algorithm), content).digest()
    prepared = cades.prepare(digest, certificate, signer.algorithm, content_type=content_type)
    signature = signer.sign(prepared.to_sign)
    return cades.finish(prepared, signature, chain, content=content, content_type=content_type)


def read_signed_data(der: bytes, content_type: str) -> SignedData:
    """Read one ContentInfo. :class:`NotSignedData` when it is not of this type or not in strict DER."""
    if not is_der(der):
        raise NotSignedData("not DER")
    try:
        return _read(der, content_type)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError) as error:
        # The ASN.1 library decodes late and shows damage in all of these ways.
        raise NotSignedData("not signed data of the expected kind") from error


def _read(der: bytes, content_type: str) -> SignedData:
    info = cms.ContentInfo.load(der, strict=True)
    if info["content_type"].native != "signed_data":
        raise NotSignedData("not signed data")
    data = info["content"]
    inner = data["encap_content_info"]
    if inner["content_type"].native != content_type or len(data["signer_infos"]) != 1:
        raise NotSignedData("another content type, or not exactly one signer")
    content = bytes(inner["content"])
    signer = data["signer_infos"][0]
    certificates = certificates_of(data["certificates"])
    own, named = own_certificate(signer, certificates)
    scheme, salt_length = scheme_of(signer)
    raw = signer["signed_attrs"].dump()
    return SignedData(
        content=content,
        digest_name=signer["digest_algorithm"]["algorithm"].native,
        scheme=scheme,
        salt_length=salt_length,
        # Attributes are signed under the tag of a set, not under the tag that they bear inside (RFC 5652 clause 5.4).
        attributes=b"\x31" + raw[1:],
        signature=signer["signature"].native,
        certificates=certificates,
        signer_certificate=own,
        attributes_fit=_attributes_fit(signer, content, content_type),
        certificate_named=named,
        weakly_named=own is not None and is_weakly_named(signer, own),
    )


def certificates_of(choices: cms.CertificateSet) -> tuple[x509.Certificate, ...]:
    """The X.509 certificates carried. :class:`NotSignedData` when one is damaged or there are too many."""
    if isinstance(choices, core.Void):
        return ()
    if len(choices) > MAXIMUM_CERTIFICATES:
        raise NotSignedData("too many certificates")
    try:
        return tuple(load_certificate(choice.chosen.dump()) for choice in choices if choice.name == "certificate")
    except Refused as error:
        raise NotSignedData("a certificate is damaged") from error


def attribute_of(signer: cms.SignerInfo, name: str) -> core.Asn1Value | None:
    """The only value of an attribute that stands there once."""
    found = [attribute for attribute in signer["signed_attrs"] if attribute["type"].native == name]
    if len(found) != 1 or len(found[0]["values"]) != 1:
        return None
    return found[0]["values"][0]


def _attributes_fit(signer: cms.SignerInfo, content: bytes, content_type: str) -> bool:
    digest_name = signer["digest_algorithm"]["algorithm"].native
    kind, digest = attribute_of(signer, "content_type"), attribute_of(signer, "message_digest")
    if kind is None or digest is None or digest_name not in HASHES:
        return False
    return bool(kind.native == content_type and digest.native == hashlib.new(digest_name, content).digest())


def own_certificate(
    signer: cms.SignerInfo, certificates: Sequence[x509.Certificate]
) -> tuple[x509.Certificate | None, bool]:
    """The certificate that the signer names and the attribute binds; and whether it is bound with a strong digest."""
    binding = attribute_of(signer, "signing_certificate_v2")
    for certificate in certificates:
        der = certificate.public_bytes(Encoding.DER)
        if not _is_signer(signer["sid"], asn1_x509.Certificate.load(der)):
            continue
        if binding is None:
            return certificate, False
        first = binding["certs"][0]
        name = first["hash_algorithm"]["algorithm"].native
        if name in HASHES and hashlib.new(name, der).digest() == first["cert_hash"].native:
            return certificate, True
    return None, False


def is_weakly_named(signer: cms.SignerInfo, certificate: x509.Certificate) -> bool:
    """Whether the old attribute, with SHA-1, names this certificate."""
    binding = attribute_of(signer, "signing_certificate")
    if binding is None or not len(binding["certs"]):
        return False
    digest = hashlib.sha1(certificate.public_bytes(Encoding.DER), usedforsecurity=False).digest()
    return bool(binding["certs"][0]["cert_hash"].native == digest)


def _is_signer(sid: cms.SignerIdentifier, certificate: asn1_x509.Certificate) -> bool:
    if sid.name == "issuer_and_serial_number":
        named = sid.chosen
        same_issuer = named["issuer"].dump() == certificate.issuer.dump()
        return bool(same_issuer and named["serial_number"].native == certificate.serial_number)
    return bool(sid.chosen.native == certificate.key_identifier)


def scheme_of(signer: cms.SignerInfo) -> tuple[str, int]:
    """The signature scheme and, for RSA-PSS, its salt length; the digests named must all be the same one."""
    algorithm: algos.SignedDigestAlgorithm = signer["signature_algorithm"]
    scheme = algorithm.signature_algo
    digest_name = signer["digest_algorithm"]["algorithm"].native
    if scheme == "rsassa_pss":
        parameters = algorithm["parameters"]
        mask = parameters["mask_gen_algorithm"]["parameters"]["algorithm"].native
        if parameters["hash_algorithm"]["algorithm"].native != digest_name or mask != digest_name:
            raise NotSignedData("digests of the signature differ")
        return scheme, int(parameters["salt_length"].native)
    if algorithm["algorithm"].native not in {"rsassa_pkcs1v15", "ecdsa"} and algorithm.hash_algo != digest_name:
        raise NotSignedData("digests of the signature differ")
    return scheme, 0


def signature_is_valid(data: SignedData, key: PublicKey) -> bool:
    """Whether the key signed the attributes. A digest outside SHA-2 is not valid."""
    digest = HASHES.get(data.digest_name)
    if digest is None:
        return False
    try:
        if isinstance(key, EllipticCurvePublicKey) and data.scheme == "ecdsa":
            key.verify(data.signature, data.attributes, ECDSA(digest))
        elif isinstance(key, RSAPublicKey) and data.scheme == "rsassa_pkcs1v15":
            key.verify(data.signature, data.attributes, padding.PKCS1v15(), digest)
        elif isinstance(key, RSAPublicKey) and data.scheme == "rsassa_pss" and data.salt_length <= key.key_size // 8:
            scheme = padding.PSS(padding.MGF1(digest), data.salt_length)
            key.verify(data.signature, data.attributes, scheme, digest)
        else:
            return False
    except (InvalidSignature, ValueError):
        return False
    return True
