"""Signatures of the Cryptographic Message Syntax in three steps: prepare, sign anywhere, finish.

Source: ETSI EN 319 122-1 clause 5 (CAdES baseline attributes), RFC 5652 clause 5, RFC 5035 (ESSCertIDv2), RFC 4055
(RSA-PSS), RFC 5754. The bytes between the steps are all there is: no key, no clock, no file. In a PDF the signing time
stands in the signature dictionary and not among the attributes (ETSI EN 319 142-1 clause 6.3).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from asn1crypto import algos, cms, core, tsp
from asn1crypto import crl as asn1_crl
from asn1crypto import ocsp as asn1_ocsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from lienthong.base.errors import Refused
from lienthong.trust.errors import ALGORITHM_NOT_ALLOWED
from lienthong.trust.keys import Algorithm
from lienthong.trust.signer import to_der

_DIGESTS = {
    Algorithm.ES256: "sha256",
    Algorithm.ES384: "sha384",
    Algorithm.RS256: "sha256",
    Algorithm.PS256: "sha256",
    Algorithm.PS512: "sha512",
}
_PLAIN = {Algorithm.ES256: "sha256_ecdsa", Algorithm.ES384: "sha384_ecdsa", Algorithm.RS256: "sha256_rsa"}


def digest_name(algorithm: Algorithm) -> str:
    """The digest that goes with a signature algorithm. Refuses: ALGORITHM_NOT_ALLOWED."""
    if algorithm not in _DIGESTS:
        raise Refused(ALGORITHM_NOT_ALLOWED, algorithm=algorithm.value)
    return _DIGESTS[algorithm]


@dataclass(frozen=True, slots=True)
class PreparedCms:
    """A signature before the key is asked. ``to_sign``: the DER of the signed attributes, which a signer
    signs as bytes.

    ``certificate``: the signer's, in DER. All of it is data that can be written down and taken up again.
    """

    to_sign: bytes
    certificate: bytes
    algorithm: Algorithm


def prepare(
    digest: bytes,
    certificate: x509.Certificate,
    algorithm: Algorithm,
    *,
    signing_time: datetime | None = None,
    content_type: str = "data",
) -> PreparedCms:
    """What is to be signed for a content with this digest, made with :func:`digest_name`.

    ``signing_time``: aware; carried as attribute, None in a PDF. Refuses: ALGORITHM_NOT_ALLOWED. ``ValueError``: a
    digest of another length.
    """
    name = digest_name(algorithm)
    if len(digest) != hashlib.new(name).digest_size:
        raise ValueError(f"a digest of {name} was expected")
    der = certificate.public_bytes(Encoding.DER)
    binding = tsp.SigningCertificateV2({"certs": [tsp.ESSCertIDv2({"cert_hash": hashlib.sha256(der).digest()})]})
    rows = [
        {"type": "content_type", "values": [content_type]},
        {"type": "message_digest", "values": [digest]},
        {"type": "signing_certificate_v2", "values": [binding]},
    ]
    if signing_time is not None:
        moment = signing_time.astimezone(UTC).replace(microsecond=0)
        rows.append({"type": "signing_time", "values": [cms.Time({"utc_time": moment})]})
    return PreparedCms(bytes(cms.CMSAttributes(rows).dump()), der, algorithm)


def finish(
    prepared: PreparedCms,
    signature: bytes,
    certificates: Sequence[x509.Certificate],
    *,
    token: bytes | None = None,
    content: bytes | None = None,
    content_type: str = "data",
    crls: Sequence[bytes] = (),
    answers: Sequence[bytes] = (),
) -> bytes:
    """The ContentInfo. ``signature``: as a signer gives it; ``certificates``: what is carried, none when empty.

    ``token``: an RFC 3161 token over the DER signature value, carried as signature timestamp. ``content``: the content
    itself for an attached signature. ``crls``, ``answers``: revocation lists and OCSP responses (DER) for B-LT.
    """
    own = asn1_x509.Certificate.load(prepared.certificate)
    name = digest_name(prepared.algorithm)
    signer_info = {
        "version": "v1",
        "sid": {"issuer_and_serial_number": {"issuer": own.issuer, "serial_number": own.serial_number}},
        "digest_algorithm": {"algorithm": name},
        "signed_attrs": cms.CMSAttributes.load(prepared.to_sign),
        "signature_algorithm": _signature_algorithm(prepared.algorithm),
        "signature": to_der(prepared.algorithm, signature),
    }
    if token is not None:
        signer_info["unsigned_attrs"] = [_timestamp_attribute(token)]
    inner: dict[str, object] = {"content_type": content_type}
    if content is not None:
        inner["content"] = core.ParsableOctetString(content)
    data: dict[str, object] = {
        "version": "v1" if content_type == "data" else "v3",
        "digest_algorithms": [{"algorithm": name}],
        "encap_content_info": inner,
        "signer_infos": [signer_info],
    }
    if certificates:
        carried = dict.fromkeys(each.public_bytes(Encoding.DER) for each in certificates)
        data["certificates"] = [asn1_x509.Certificate.load(der) for der in carried]
    if crls or answers:
        data["crls"] = [*map(_list_choice, crls), *map(_answer_choice, answers)]
    if answers:
        data["version"] = "v5"  # RFC 5652 clause 5.1: revocation data other than lists
    return bytes(cms.ContentInfo({"content_type": "signed_data", "content": cms.SignedData(data)}).dump())


def merge(first: bytes, second: bytes) -> bytes:
    """One ContentInfo with the signers of both, side by side, over the same content (RFC 5652 clause 5.1).

    ``first``: its content, when it carries any, stays. ``ValueError``: signed data of different types.
    """
    kept, added = (cms.ContentInfo.load(each)["content"] for each in (first, second))
    if kept["encap_content_info"]["content_type"].native != added["encap_content_info"]["content_type"].native:
        raise ValueError("the signed contents are of different types")
    data: dict[str, object] = {
        "version": max(kept["version"].native, added["version"].native),
        "encap_content_info": kept["encap_content_info"],
        "digest_algorithms": _united(kept["digest_algorithms"], added["digest_algorithms"]),
        "signer_infos": [*kept["signer_infos"], *added["signer_infos"]],
    }
    for name in ("certificates", "crls"):
        found = [each[name] for each in (kept, added) if not isinstance(each[name], core.Void)]
        if found:
            data[name] = _united(*found)
    return bytes(cms.ContentInfo({"content_type": "signed_data", "content": cms.SignedData(data)}).dump())


def _united(*sets: Sequence[core.Asn1Value]) -> list[core.Asn1Value]:
    return list({bytes(each.dump()): each for group in sets for each in group}.values())


def _list_choice(der: bytes) -> cms.RevocationInfoChoice:
    return cms.RevocationInfoChoice("crl", asn1_crl.CertificateList.load(der))


def _answer_choice(der: bytes) -> cms.RevocationInfoChoice:
    other = {"other_rev_info_format": "ocsp_response", "other_rev_info": asn1_ocsp.OCSPResponse.load(der)}
    return cms.RevocationInfoChoice("other", cms.OtherRevocationInfoFormat(other))


def timestamp_digest(algorithm: Algorithm, signature: bytes) -> bytes:
    """SHA-256 over the signature value as it stands in the CMS: what a signature timestamp is about."""
    return hashlib.sha256(to_der(algorithm, signature)).digest()


def _timestamp_attribute(token: bytes) -> dict[str, object]:
    return {"type": "signature_time_stamp_token", "values": [cms.ContentInfo.load(token)]}


def _signature_algorithm(algorithm: Algorithm) -> algos.SignedDigestAlgorithm:
    if algorithm in _PLAIN:
        return algos.SignedDigestAlgorithm({"algorithm": _PLAIN[algorithm]})
    name = digest_name(algorithm)
    digest = {"algorithm": name}
    parameters = algos.RSASSAPSSParams(
        {
            "hash_algorithm": digest,
            "mask_gen_algorithm": {"algorithm": "mgf1", "parameters": digest},
            "salt_length": hashlib.new(name).digest_size,
        }
    )
    return algos.SignedDigestAlgorithm({"algorithm": "rsassa_pss", "parameters": parameters})
