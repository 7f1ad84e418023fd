"""Custody of the agency's key (quản lý khoá bí mật của cơ quan): used only after the competent person has signed.

Source: Decree 30/2020/NĐ-CP article 14 (order of the steps) and article 33 clause 2 (the key signs only documents that
the agency issues, and copies from paper).
"""

from __future__ import annotations

import mmap
from collections.abc import Callable, Sequence
from pathlib import Path

from asn1crypto import cms
from cryptography import x509

from lienthong.base.errors import Refused
from lienthong.infra.credentials import read_chain
from lienthong.signing.errors import AGENCY_KEY_NEEDS_PERSON
from lienthong.signing.profiles import SignerProfile
from lienthong.signing.request import ByteRange, byte_ranges, mapped, read_request
from lienthong.trust.certificates import public_key_of
from lienthong.trust.cms import SignedData, read_signed_data, signature_is_valid
from lienthong.trust.keys import key_id
from lienthong.trust.validation.paths import is_issued

Inspection = Callable[[Path], bool]
"""Whether a prepared file bears a valid signature of a competent person already."""

MAXIMUM_SIGNATURE = 1 << 20


def require_person(name: str, file: Path, purpose: str, inspect: Inspection) -> None:
    """Refuses AGENCY_KEY_NEEDS_PERSON. ``purpose``: ``copy`` for a copy from paper, which only the agency signs."""
    if purpose != "copy" and not inspect(file):
        raise Refused(AGENCY_KEY_NEEDS_PERSON, name=name)


def person_has_signed(persons: Sequence[x509.Certificate], agency: x509.Certificate) -> Inspection:
    """The usual inspection: some earlier signature of the file is intact and by one of ``persons``, or by somebody
    whose certificate one of them issued. Without ``persons``: by any key that is not the agency's own.

    It looks at integrity and at who signed; whether the certificate was valid then is the verifier's question.
    """

    def inspect(file: Path) -> bool:
        with mapped(file) as data:
            for found in byte_ranges(data):
                signed = _signature_in(data[found.hole : found.resumes])
                if signed is not None and _is_intact(signed, found, data) and _by_person(signed, persons, agency):
                    return True
        return False

    return inspect


def by_person(own: x509.Certificate, persons: Sequence[x509.Certificate], agency: x509.Certificate) -> bool:
    """Whether a certificate is one of ``persons``, or issued by one; without ``persons``, any but the agency's key."""
    if key_id(public_key_of(own)) == key_id(public_key_of(agency)):
        return False
    return not persons or own in persons or any(is_issued(own, each) for each in persons)


def usual_inspection(profile: SignerProfile, agency: x509.Certificate) -> Inspection:
    """An earlier intact signature of one of the profile's ``persons``, or of anybody but the agency."""
    persons = read_chain(profile.persons) if profile.persons is not None else ()
    return person_has_signed(persons, agency)


def _signature_in(place: bytes) -> SignedData | None:
    if len(place) > MAXIMUM_SIGNATURE or not place.startswith(b"<") or not place.endswith(b">"):
        return None
    try:
        # The place is larger than the signature, which itself says where it ends.
        info = cms.ContentInfo.load(bytes.fromhex(place[1:-1].decode("ascii")))
        if info["content_type"].native != "signed_data":
            return None
        info["content"]["encap_content_info"]["content"] = b""
        return read_signed_data(info.dump(), "data")
    except (ValueError, TypeError, KeyError, AttributeError):
        # NotSignedData is a ValueError; the ASN.1 library shows damage in the other ways as well.
        return None


def _is_intact(signed: SignedData, found: ByteRange, data: bytes | mmap.mmap) -> bool:
    own = signed.signer_certificate
    if own is None or not signed.certificate_named:
        return False
    try:
        request = read_request(signed.attributes)
    except Refused:
        return False
    same = request.message_digest == found.digest(data, request.digest_name)
    return same and signature_is_valid(signed, public_key_of(own))


def _by_person(signed: SignedData, persons: Sequence[x509.Certificate], agency: x509.Certificate) -> bool:
    own = signed.signer_certificate
    return own is not None and by_person(own, persons, agency)
