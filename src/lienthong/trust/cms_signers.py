"""Signed data with any number of signers, its content inside or elsewhere: CMS and CAdES files, signatures of PDFs.

Source: RFC 5652 clauses 5.1 to 5.4, 5.6 and 11; ETSI EN 319 122-1 clause 5; RFC 5035; ISO 32000-2 clause 12.8.3.3. What
time stamps carry is read by :mod:`lienthong.trust.cms`, whose parts are used here. BER is read too, because others
write it; attributes are signed in DER, and what is not DER there is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from asn1crypto import cms, core, ocsp
from cryptography import x509

from lienthong.base.errors import Refused
from lienthong.trust.certificates import load_certificate
from lienthong.trust.cms import (
    HASHES,
    NotSignedData,
    SignedData,
    attribute_of,
    certificates_of,
    is_weakly_named,
    own_certificate,
    scheme_of,
)
from lienthong.trust.der import is_der

MAXIMUM_CMS_BYTES = 4 * 1024 * 1024
MAXIMUM_SIGNERS = 16
MAXIMUM_EVIDENCE = 64
DECODING = (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, RecursionError)
"""How the ASN.1 library, which decodes late, shows that the bytes are damaged."""
_WEAK_DIGESTS = {"md5", "sha1", "sha224"}
_ADOBE_REVOCATION = "1.2.840.113583.1.1.8"
_CERTIFICATE_VALUES = "1.2.840.113549.1.9.16.2.23"
_REVOCATION_VALUES = "1.2.840.113549.1.9.16.2.24"


@dataclass(frozen=True, slots=True)
class CmsSigner:
    """One signer as read, before any trust.

    ``data``: what :func:`lienthong.trust.cms.signature_is_valid` needs; its ``attributes_fit`` says that the type of
    the content stands in the attributes. ``message_digest``: what the attributes say of the content. ``binds``: whether
    the attributes name a certificate at all. ``signature_tokens``: time stamps over the signature value;
    ``content_tokens``: over the content, made before signing. ``archive``: carries archive time stamps.
    """

    data: SignedData
    message_digest: bytes
    binds: bool
    claimed_at: datetime | None
    signature_tokens: tuple[bytes, ...]
    content_tokens: tuple[bytes, ...]
    archive: bool


@dataclass(frozen=True, slots=True)
class CmsDocument:
    """Signed data as read. ``content``: None when it stands elsewhere."""

    content_type: str
    content: bytes | None
    signers: tuple[CmsSigner, ...]
    certificates: tuple[x509.Certificate, ...]
    crls: tuple[bytes, ...]
    ocsp: tuple[bytes, ...]


def read_signers(data: bytes, extra: Sequence[x509.Certificate] = ()) -> CmsDocument:
    """Read one ContentInfo in DER or BER. :class:`NotSignedData` says what is wrong.

    ``extra``: certificates from elsewhere among which a signer's may be looked for.
    """
    if len(data) > MAXIMUM_CMS_BYTES:
        raise NotSignedData("too large")
    try:
        return _read(data, extra)
    except DECODING as error:
        if isinstance(error, NotSignedData):
            raise
        raise NotSignedData("not signed data") from error


def _read(data: bytes, extra: Sequence[x509.Certificate]) -> CmsDocument:
    info = cms.ContentInfo.load(data, strict=True)
    if info["content_type"].native != "signed_data":
        raise NotSignedData("not signed data")
    signed = info["content"]
    inner = signed["encap_content_info"]
    content_type, content = inner["content_type"].native, inner["content"]
    certificates = certificates_of(signed["certificates"])
    if not 1 <= len(signed["signer_infos"]) <= MAXIMUM_SIGNERS:
        raise NotSignedData("no signer, or too many")
    pool = (*certificates, *extra)
    signers = tuple(_signer(item, content_type, pool) for item in signed["signer_infos"])
    crls, answers = _evidence(signed)
    more: list[x509.Certificate] = []
    for item in signed["signer_infos"]:
        carried, listed, answered = _attribute_evidence(item)
        more += carried
        crls += listed
        answers += answered
    return CmsDocument(
        content_type=content_type,
        content=None if isinstance(content, core.Void) or content.native is None else bytes(content),
        signers=signers,
        certificates=(*certificates, *more),
        crls=tuple(crls[:MAXIMUM_EVIDENCE]),
        ocsp=tuple(answers[:MAXIMUM_EVIDENCE]),
    )


def _signer(item: cms.SignerInfo, content_type: str, pool: Sequence[x509.Certificate]) -> CmsSigner:
    attributes = item["signed_attrs"]
    if isinstance(attributes, core.Void) or not len(attributes):
        raise NotSignedData("no signed attributes")
    raw = attributes.dump()
    if not is_der(raw):
        raise NotSignedData("attributes are not DER")
    kind, digest = attribute_of(item, "content_type"), attribute_of(item, "message_digest")
    if digest is None:
        raise NotSignedData("no message digest, or several")
    own, named = own_certificate(item, pool)
    digest_name = item["digest_algorithm"]["algorithm"].native
    scheme, salt = _scheme(item, digest_name)
    data = SignedData(
        content=b"",
        digest_name=digest_name,
        scheme=scheme,
        salt_length=salt,
        attributes=b"\x31" + raw[1:],
        signature=item["signature"].native,
        certificates=tuple(pool),
        signer_certificate=own,
        attributes_fit=kind is not None and kind.native == content_type,
        certificate_named=named,
        weakly_named=own is not None and is_weakly_named(item, own),
    )
    return CmsSigner(
        data=data,
        message_digest=digest.native,
        binds=_has(item, "signing_certificate_v2") or _has(item, "signing_certificate"),
        claimed_at=_time(attribute_of(item, "signing_time")),
        signature_tokens=_tokens(item["unsigned_attrs"], "signature_time_stamp_token"),
        content_tokens=_tokens(attributes, "1.2.840.113549.1.9.16.2.20", "content_time_stamp"),
        archive=any(name.startswith(("0.4.0.1733.2.4", "archive_time_stamp")) for name in _names(item)),
    )


def _scheme(item: cms.SignerInfo, digest_name: str) -> tuple[str, int]:
    """As :func:`scheme_of`; a digest outside SHA-2 is left to the policy, which says so in its own words."""
    if digest_name not in HASHES:
        return "weak" if digest_name in _WEAK_DIGESTS else "unknown", 0
    return scheme_of(item)


def _time(value: core.Asn1Value | None) -> datetime | None:
    return value.native.astimezone(UTC) if value is not None and value.native is not None else None


def _names(item: cms.SignerInfo) -> list[str]:
    unsigned = item["unsigned_attrs"]
    return [] if isinstance(unsigned, core.Void) else [attribute["type"].native for attribute in unsigned]


def _has(item: cms.SignerInfo, name: str) -> bool:
    return any(attribute["type"].native == name for attribute in item["signed_attrs"])


def _tokens(attributes: cms.CMSAttributes, *names: str) -> tuple[bytes, ...]:
    if isinstance(attributes, core.Void):
        return ()
    found = [item for item in attributes if item["type"].native in names]
    return tuple(value.dump() for item in found for value in item["values"])[:8]


def _evidence(signed: cms.SignedData) -> tuple[list[bytes], list[bytes]]:
    crls: list[bytes] = []
    answers: list[bytes] = []
    if isinstance(signed["crls"], core.Void):
        return crls, answers
    for choice in signed["crls"]:
        if choice.name == "crl":
            crls.append(choice.chosen.dump())
        elif choice.chosen["other_rev_info_format"].native == "ocsp_response":
            answers.append(choice.chosen["other_rev_info"].dump())
    return crls, answers


class _RevocationValues(core.Sequence):  # type: ignore[misc]  # the library has no types
    """RevocationValues of ETSI EN 319 122-1 clause A.1.2: whole CRLs and basic OCSP answers."""

    _fields = [  # noqa: RUF012
        ("crls", core.SequenceOf, {"explicit": 0, "optional": True, "spec": core.Any}),
        ("ocsps", core.SequenceOf, {"explicit": 1, "optional": True, "spec": core.Any}),
        ("other", core.Any, {"explicit": 2, "optional": True}),
    ]


def _attribute_evidence(item: cms.SignerInfo) -> tuple[list[x509.Certificate], list[bytes], list[bytes]]:
    """Evidence that attributes of one signer carry: Adobe's, which is signed, and that of long-term CAdES."""
    certificates: list[x509.Certificate] = []
    crls: list[bytes] = []
    answers: list[bytes] = []
    for attributes in (item["signed_attrs"], item["unsigned_attrs"]):
        if isinstance(attributes, core.Void):
            continue
        for attribute in attributes:
            oid = attribute["type"].dotted
            if oid == _ADOBE_REVOCATION:
                for value in attribute["values"]:
                    crls += [crl.dump() for crl in value["crl"] or ()]
                    answers += [answer.dump() for answer in value["ocsp"] or ()]
            elif oid == _CERTIFICATE_VALUES:
                certificates += _certificate_values(attribute)
            elif oid == _REVOCATION_VALUES:
                listed, answered = _revocation_values(attribute)
                crls += listed
                answers += answered
    return certificates, crls, answers


def _certificate_values(attribute: cms.CMSAttribute) -> list[x509.Certificate]:
    found = []
    for value in attribute["values"]:
        for item in core.SequenceOf.load(value.dump(), spec=core.Any):
            try:
                found.append(load_certificate(item.dump()))
            except Refused as refused:
                raise NotSignedData("a certificate is damaged") from refused
    return found


def _revocation_values(attribute: cms.CMSAttribute) -> tuple[list[bytes], list[bytes]]:
    crls: list[bytes] = []
    answers: list[bytes] = []
    for value in attribute["values"]:
        values = _RevocationValues.load(value.dump())
        if not isinstance(values["crls"], core.Void):
            crls += [item.dump() for item in values["crls"]]
        if not isinstance(values["ocsps"], core.Void):
            for item in values["ocsps"]:
                basic = ocsp.BasicOCSPResponse.load(item.dump())
                inner = {"response_type": "basic_ocsp_response", "response": basic}
                whole = ocsp.OCSPResponse({"response_status": "successful", "response_bytes": inner})
                answers.append(whole.dump())
    return crls, answers
