"""A signature in a PDF in three steps: prepare, sign anywhere, embed.

Source: ETSI EN 319 142-1 clause 6 (PAdES baseline), ISO 32000-2 clause 12.8. *Prepare* appends a revision with an empty
place and says which bytes are to be signed; what it returns can be written down, so that a lost token costs nothing.
*Embed* fills the place; nothing is painted or written anew. Files are streams: of a scan of hundreds of megabytes only
pieces are in memory.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from cryptography import x509
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.sign.diff_analysis import DEFAULT_DIFF_POLICY, SuspiciousModification
from pyhanko.sign.fields import FieldMDPAction, FieldMDPSpec, SigFieldSpec, SigSeedSubFilter, enumerate_sig_fields
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigAppearanceSetup, SigIOSetup, SigMDPSetup, SigObjSetup
from pyhanko.sign.signers.pdf_byterange import SignatureObject
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

from lienthong.base.errors import Refused
from lienthong.trust import cades
from lienthong.trust.cades import PreparedCms
from lienthong.trust.certificates import load_certificate, public_key_of
from lienthong.trust.errors import SIGNATURE_NOT_VALID
from lienthong.trust.keys import Algorithm
from lienthong.trust.pdf.anchors import Box
from lienthong.trust.pdf.appearance import Drawn
from lienthong.trust.pdf.errors import (
    EARLIER_SIGNATURE_HARMED,
    PDF_FIELD_MISSING,
    PDF_FIELD_TAKEN,
    PDF_NOT_READABLE,
    PREPARED_FILE_CHANGED,
    SIGNATURE_TOO_LARGE,
)
from lienthong.trust.pdf.files import DAMAGED, all_fields, open_reader, open_writer, require_signable
from lienthong.trust.pdf.validate_file import for_library
from lienthong.trust.signer import is_valid

ROOM, ROOM_WITH_TIMESTAMP = 12_288, 32_768
"""Hexadecimal characters kept for the signature; a fixed room spares making the signature twice to measure it."""


@dataclass(frozen=True, slots=True)
class Step:
    """One signature to be put into a document.

    ``field``: a planned field, or a new one at ``new`` (invisible when ``new`` is None and the field does not exist and
    ``create`` is set). ``locks``: names of fields that must not change any more. ``reason`` and ``place`` go into the
    signature dictionary.
    """

    field: str
    appearance: Drawn | None = None
    reason: str | None = None
    place: str | None = None
    locks: tuple[str, ...] = ()
    new: Box | None = None
    label: str | None = None


@dataclass(frozen=True, slots=True)
class PreparedSignature:
    """A document that waits for its signature. ``start`` and ``end``: the place in the file, brackets included."""

    field: str
    start: int
    end: int
    document_digest: bytes
    cms: PreparedCms

    @property
    def to_sign(self) -> bytes:
        """The bytes for the signer: the DER of the signed attributes."""
        return self.cms.to_sign

    def to_json(self) -> str:
        """All of it as text, to be kept beside the file."""
        members = {
            "v": 1, "field": self.field, "start": self.start, "end": self.end,
            "document_digest": self.document_digest.hex(), "algorithm": self.cms.algorithm.value,
            "to_sign": base64.b64encode(self.cms.to_sign).decode(),
            "certificate": base64.b64encode(self.cms.certificate).decode(),
        }  # fmt: skip
        return json.dumps(members)

    @classmethod
    def from_json(cls, text: str) -> PreparedSignature:
        """The inverse of :meth:`to_json`; ``ValueError`` or ``KeyError`` for anything else."""
        members = json.loads(text)
        cms = PreparedCms(
            base64.b64decode(members["to_sign"], validate=True),
            base64.b64decode(members["certificate"], validate=True),
            Algorithm(members["algorithm"]),
        )
        digest = bytes.fromhex(members["document_digest"])
        return cls(str(members["field"]), int(members["start"]), int(members["end"]), digest, cms)


def prepare(
    source: BinaryIO,
    target: BinaryIO,
    step: Step,
    certificate: x509.Certificate,
    algorithm: Algorithm,
    at: datetime,
    *,
    room: int = ROOM,
) -> PreparedSignature:
    """Copy ``source`` to ``target`` with one revision more with an empty signature. ``at``: the claimed time, aware.

    Refuses: as opening does, PDF_IS_ACTIVE, PDF_FORBIDS_CHANGES, PDF_FIELD_MISSING, PDF_FIELD_TAKEN.
    """
    writer = open_writer(source)
    require_signable(writer.prev)
    present = all_fields(writer.prev)
    if present.get(step.field):
        raise Refused(PDF_FIELD_TAKEN, field=step.field)
    if step.field not in present and step.new is None:
        raise Refused(PDF_FIELD_MISSING, field=step.field)
    setup = SigObjSetup(
        SignatureObject(
            timestamp=at, subfilter=SigSeedSubFilter.PADES, location=step.place, reason=step.reason, bytes_reserved=room
        ),
        SigMDPSetup(
            "sha256", field_lock=FieldMDPSpec(FieldMDPAction.INCLUDE, list(step.locks)) if step.locks else None
        ),
        SigAppearanceSetup(step.appearance, at, None) if step.appearance else None,
    )
    name = cades.digest_name(algorithm)
    try:
        writing = PdfCMSEmbedder(_new_field(step) if step.field not in present else None).write_cms(step.field, writer)
        next(writing)
        writing.send(setup)
        prepared, _ = writing.send(SigIOSetup(name, output=target))
    except (PdfError, SigningError) as error:
        raise Refused(PDF_NOT_READABLE, reason=str(error)) from error
    digest = prepared.document_digest
    cms = cades.prepare(digest, certificate, algorithm)
    return PreparedSignature(step.field, prepared.reserved_region_start, prepared.reserved_region_end, digest, cms)


def embed(
    target: BinaryIO,
    prepared: PreparedSignature,
    signature: bytes,
    chain: Sequence[x509.Certificate],
    token: bytes | None = None,
) -> None:
    """Fill the empty place of a prepared file, in the file itself. ``signature``: as the signer gave it.

    Refuses: SIGNATURE_NOT_VALID when it is not this certificate's over what was prepared, PREPARED_FILE_CHANGED,
    SIGNATURE_TOO_LARGE; the file is then as it was. Filling it again with another signature is harmless.
    """
    own = load_certificate(prepared.cms.certificate)
    if not is_valid(public_key_of(own), prepared.cms.algorithm, signature, prepared.to_sign):
        raise Refused(SIGNATURE_NOT_VALID)
    if range_digest(target, prepared) != prepared.document_digest:
        raise Refused(PREPARED_FILE_CHANGED)
    fill(target, prepared.start, prepared.end, cades.finish(prepared.cms, signature, [own, *chain], token=token))


def fill(target: BinaryIO, start: int, end: int, der: bytes) -> None:
    """Write a CMS into the place kept for it. Refuses: SIGNATURE_TOO_LARGE."""
    room = end - start - 2
    written = der.hex().encode().ljust(room, b"0")
    if len(written) > room:
        raise Refused(SIGNATURE_TOO_LARGE, size=len(der), room=room // 2)
    target.seek(start + 1)
    target.write(written)
    target.flush()


def range_digest(target: BinaryIO, prepared: PreparedSignature) -> bytes:
    """The digest of the file outside the place, computed anew: what was prepared is what lies here."""
    running = hashlib.new(cades.digest_name(prepared.cms.algorithm))
    target.seek(0)
    left = prepared.start
    while left > 0 and (piece := target.read(min(left, 1 << 20))):
        running.update(piece)
        left -= len(piece)
    target.seek(prepared.end)
    while piece := target.read(1 << 20):
        running.update(piece)
    return running.digest()


def require_unharmed(target: BinaryIO, fields: Sequence[str]) -> None:
    """The signatures in these fields stay valid with everything that follows them in the file.

    Asked of a prepared file before a number is given or a key is used. Refuses: EARLIER_SIGNATURE_HARMED.
    """
    reader = open_reader(for_library(target))
    for name in fields:
        try:
            [(_, value, reference)] = enumerate_sig_fields(reader, with_name=name)
            signature = EmbeddedPdfSignature(reader, reference.get_object(), name)
            signature.compute_integrity_info(diff_policy=DEFAULT_DIFF_POLICY)
            found = signature.summarise_integrity_info()
        except (SignatureValidationError, *DAMAGED) as error:
            raise Refused(EARLIER_SIGNATURE_HARMED, field=name) from error
        suspicious = isinstance(found.get("diff_result"), SuspiciousModification)
        if value is None or suspicious or found.get("docmdp_ok") is False:
            raise Refused(EARLIER_SIGNATURE_HARMED, field=name)


def _new_field(step: Step) -> SigFieldSpec:
    if step.new is None:
        return SigFieldSpec(step.field)
    box = (step.new.left, step.new.bottom, step.new.right, step.new.top)
    return SigFieldSpec(step.field, on_page=step.new.page, box=box, readable_field_name=step.label)  # type: ignore[arg-type]
