"""From a signature to one that holds for decades: validation data and archive timestamps, whenever to be had.

Source: ETSI EN 319 142-1 clauses 5.4.2 (DSS), 5.4.3 (document timestamp) and 6.3 (levels B-B to B-LTA). Nothing
here asks a network: tokens and revocation data are handed in. What is missing costs a level and never the signature.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import BinaryIO

from asn1crypto import crl as asn1_crl
from asn1crypto import ocsp as asn1_ocsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.sign.fields import SigFieldSpec
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigObjSetup
from pyhanko.sign.signers.pdf_byterange import DocumentTimestamp
from pyhanko.sign.validation.dss import DocumentSecurityStore

from lienthong.base.errors import Refused
from lienthong.base.text import one_line
from lienthong.trust.pdf.errors import PDF_NOT_READABLE
from lienthong.trust.pdf.files import DAMAGED, all_fields, open_writer
from lienthong.trust.pdf.signing import ROOM_WITH_TIMESTAMP, fill

_ODD = tuple(each for each in DAMAGED if each is not OSError)
"""How the library shows that it cannot cope with a file; an error of the disk is none of these."""
TIMESTAMP = "DauThoiGian"
TokenFor = Callable[[bytes], bytes]
"""From a SHA-256 digest to an RFC 3161 token in DER."""


def add_validation_data(
    source: BinaryIO,
    target: BinaryIO,
    certificates: Sequence[x509.Certificate],
    crls: Sequence[bytes] = (),
    answers: Sequence[bytes] = (),
) -> None:
    """B-LT: the same file with certificates, CRLs and OCSP answers (DER) in its document security store."""
    writer = open_writer(source)
    try:
        DocumentSecurityStore.supply_dss_in_writer(
            writer,
            None,
            certs=[asn1_x509.Certificate.load(each.public_bytes(Encoding.DER)) for each in certificates],
            crls=[asn1_crl.CertificateList.load(each) for each in crls],
            ocsps=[asn1_ocsp.OCSPResponse.load(each) for each in answers],
        )
        writer.write(target)
    except _ODD as error:
        raise Refused(PDF_NOT_READABLE, reason=one_line(str(error), 120)) from error


def add_archive_timestamp(source: BinaryIO, target: BinaryIO, token_for: TokenFor) -> str:
    """B-LTA, and its renewal: a timestamp over the whole file, in an invisible field of its own; the field's name.

    Raises whatever ``token_for`` raises; ``target`` is then not to be used.
    """
    writer = open_writer(source)
    taken = all_fields(writer.prev)
    name = next(name for index in range(1, 10_000) if (name := f"{TIMESTAMP}{index:02d}") not in taken)
    try:
        writing = PdfCMSEmbedder(SigFieldSpec(name)).write_cms(name, writer)
        next(writing)
        writing.send(SigObjSetup(DocumentTimestamp(bytes_reserved=ROOM_WITH_TIMESTAMP)))
        prepared, _ = writing.send(SigIOSetup("sha256", output=target))
    except _ODD as error:
        raise Refused(PDF_NOT_READABLE, reason=one_line(str(error), 120)) from error
    token = token_for(prepared.document_digest)
    fill(target, prepared.reserved_region_start, prepared.reserved_region_end, token)
    return name
