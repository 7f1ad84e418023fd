"""Signing what is no PDF: XML documents with XAdES inside them, any other file with CAdES beside it.

Levels as for PDF: what is away costs a level and is told, the signature stands. Source: ETSI EN 319 132-1 and 319 122-1
clause 6 (B, T, LT); Decree 30/2020 article 33: the agency signs only what a person has signed.
"""

from __future__ import annotations

import binascii
import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import BinaryIO

from cryptography import x509

from lienthong.base.errors import Refused
from lienthong.signing.custody import by_person
from lienthong.signing.documents import Holder, Level, Signed
from lienthong.signing.errors import AGENCY_KEY_NEEDS_PERSON, EARLIER_SIGNATURE_OF_ANOTHER
from lienthong.signing.evidence import Evidence
from lienthong.signing.gathering import Gathered, Need, gather
from lienthong.trust import cades, xades
from lienthong.trust.cms import NotSignedData
from lienthong.trust.cms_signers import CmsSigner, read_signers
from lienthong.trust.pdf.state import certificates_of_token
from lienthong.trust.revocation import RevocationData
from lienthong.trust.validation.cms_claims import content_finding, digest_of_stream, value_findings
from lienthong.trust.validation.cms_document import der_of
from lienthong.trust.validation.xml_core import read_signature, signatures_in
from lienthong.trust.xml_signature import MAXIMUM_XML_BYTES, Stopped, parse_xml


def sign_xml(xml: bytes, holder: Holder, wanted: Level, evidence: Evidence, at: datetime) -> tuple[bytes, Signed]:
    """The document with one more signature in it.

    Refuses: XML_NOT_SIGNABLE, ALGORITHM_NOT_ALLOWED, and whatever the signer refuses.
    """
    own = holder.certificates[0]
    prepared = xades.prepare(xml, own, holder.algorithm, at)
    signature = holder.signer.sign(prepared.to_sign)
    done = Signed(prepared.name, Level.B)
    token = _stamp(done, wanted, evidence, xades.timestamp_digest(prepared, signature))
    found = _gather(done, wanted, holder, token, evidence, at)
    above = holder.certificates[1:] if found is None else [each for each in found.certificates if each != own]
    more = Gathered() if found is None else found
    made = xades.finish(prepared, signature, above, token=token, crls=more.crls, answers=more.answers)
    return made, done


def sign_beside(
    content: BinaryIO, holder: Holder, wanted: Level, evidence: Evidence, at: datetime, earlier: bytes | None = None
) -> tuple[bytes, Signed]:
    """A signature file (.p7s, DER) for a content that stays as it is; ``earlier``: one that gets a further signer.

    Refuses: EARLIER_SIGNATURE_OF_ANOTHER when ``earlier`` is not of this content, ALGORITHM_NOT_ALLOWED.
    """
    if earlier is not None:
        intact_signers(earlier, content)
    digest = _digest(content, cades.digest_name(holder.algorithm))
    prepared = cades.prepare(digest, holder.certificates[0], holder.algorithm, signing_time=at)
    signature = holder.signer.sign(prepared.to_sign)
    done = Signed("1" if earlier is None else str(len(read_signers(der_of(earlier)).signers) + 1), Level.B)
    token = _stamp(done, wanted, evidence, cades.timestamp_digest(holder.algorithm, signature))
    found = _gather(done, wanted, holder, token, evidence, at)
    carried = [*holder.certificates, *(found.certificates if found is not None else ())]
    more = Gathered() if found is None else found
    made = cades.finish(prepared, signature, carried, token=token, crls=more.crls, answers=more.answers)
    return made if earlier is None else cades.merge(der_of(earlier), made), done


def require_person_in_xml(name: str, xml: bytes, persons: Sequence[x509.Certificate], agency: x509.Certificate) -> None:
    """Refuses AGENCY_KEY_NEEDS_PERSON unless an intact signature of a person is in the document."""
    try:
        root = parse_xml(xml, MAXIMUM_XML_BYTES)
    except Stopped as stop:
        raise Refused(AGENCY_KEY_NEEDS_PERSON, name=name) from stop
    for element in signatures_in(root):
        read = read_signature(element)
        intact = not any(finding.sub is not None for finding in read.findings) and root in read.covered
        if intact and read.certificate is not None and by_person(read.certificate, persons, agency):
            return
    raise Refused(AGENCY_KEY_NEEDS_PERSON, name=name)


def require_person_beside(
    name: str, earlier: bytes | None, content: BinaryIO, persons: Sequence[x509.Certificate], agency: x509.Certificate
) -> None:
    """Refuses AGENCY_KEY_NEEDS_PERSON unless the earlier signature file bears a person's signature of this content."""
    signers = intact_signers(earlier, content) if earlier is not None else []
    if not any(
        each.data.signer_certificate is not None and by_person(each.data.signer_certificate, persons, agency)
        for each in signers
    ):
        raise Refused(AGENCY_KEY_NEEDS_PERSON, name=name)


def intact_signers(earlier: bytes, content: BinaryIO) -> list[CmsSigner]:
    """The signers of a signature file, each with a right signature over this content.

    Refuses: EARLIER_SIGNATURE_OF_ANOTHER when one is not.
    """
    try:
        signers = list(read_signers(der_of(earlier)).signers)
    except (NotSignedData, binascii.Error) as error:
        raise Refused(EARLIER_SIGNATURE_OF_ANOTHER) from error
    digest_of = digest_of_stream(content)
    for each in signers:
        fits = content_finding(each.message_digest == digest_of(each.data.digest_name))
        values = value_findings(each)
        if not each.data.attributes_fit or not values or any(found.sub is not None for found in (fits, *values)):
            raise Refused(EARLIER_SIGNATURE_OF_ANOTHER)
    return signers


def _stamp(done: Signed, wanted: Level, evidence: Evidence, digest: bytes) -> bytes | None:
    if wanted is Level.B:
        return None
    try:
        token = evidence.stamp(digest)
    except Refused as refused:
        done.missing.append(refused)
        return None
    done.level = Level.T
    return token


def _gather(
    done: Signed, wanted: Level, holder: Holder, token: bytes | None, evidence: Evidence, at: datetime
) -> Gathered | None:
    """The validation data of B-LT; B-LTA is made for PDF only and ends here at B-LT."""
    if wanted not in {Level.LT, Level.LTA}:
        return None
    stamping = certificates_of_token(token) if token is not None else ()
    needs = [Need(each, at) for each in (holder.certificates[0], *stamping[:1])]
    found = gather(needs, (*holder.certificates, *stamping), RevocationData(), evidence)
    done.missing += found.missing
    if not found.missing and done.level is Level.T:
        done.level = Level.LT
    return found


def _digest(content: BinaryIO, name: str) -> bytes:
    content.seek(0)
    running = hashlib.new(name)
    while piece := content.read(1 << 20):
        running.update(piece)
    return running.digest()
