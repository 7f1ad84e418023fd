"""The verdict on a CMS or CAdES file (.p7m, .p7s), its content inside or beside it.

Source: RFC 5652 clause 5; ETSI EN 319 122-1; RFC 2315 and RFC 8551 clause 3.5 for the names of the files.
"""

from __future__ import annotations

import binascii
import io
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import BinaryIO

from lienthong.trust.cms import NotSignedData
from lienthong.trust.cms_signers import CmsDocument, read_signers
from lienthong.trust.validation.cms_claims import (
    carried_evidence,
    cms_claim,
    digest_of_bytes,
    digest_of_stream,
)
from lienthong.trust.validation.document import document_report
from lienthong.trust.validation.indications import SubIndication as Sub
from lienthong.trust.validation.judge import Context, DigestOf, Evidence, judge
from lienthong.trust.validation.model import DocumentReport, Finding, bad, good

_PEM = re.compile(rb"-----BEGIN (?:PKCS7|CMS|PKCS #7 SIGNED DATA)-----(.+?)-----END ", re.DOTALL)


def validate_cms(data: bytes, context: Context, content: BinaryIO | None = None) -> DocumentReport:
    """Judge every signer; ``content``: the signed file, when it stands beside the signature.

    A bad file is a verdict, never an exception.
    """
    stream, digest = io.BytesIO(data), digest_of_bytes(data)
    try:
        held = read_signers(der_of(data))
    except (NotSignedData, binascii.Error) as error:
        vi, en = "Tệp chữ ký CMS bị hỏng hoặc sai định dạng.", f"The CMS signature is damaged or malformed: {error}."
        finding = bad("cms.readable", Sub.FORMAT_FAILURE, vi, en)
        return document_report("cms", stream, digest, [finding], (), Evidence(), context)
    findings: Sequence[Finding] = [good("cms.readable", "Tệp CMS đọc được đúng chuẩn.", "The CMS is well-formed.")]
    evidence, notes = carried_evidence(held)
    digest_of, trouble = _content(held, content)
    if digest_of is None:
        return document_report("cms", stream, digest, [*findings, *trouble], (), evidence, context)
    reports = []
    for position, signer in enumerate(held.signers):
        claim = cms_claim(
            signer,
            digest_of,
            context,
            label=f"{position + 1}",
            form="CAdES" if signer.binds else "CMS",
            advanced=signer.binds,
        )
        claim = replace(
            claim,
            # Signers of one CMS sign side by side: none covers another.
            position=0,
            covers_all=True,
            carries_evidence=bool(held.crls or held.ocsp),
        )
        reports.append(judge(claim, evidence, context))
    return document_report("cms", stream, digest, [*findings, *trouble, *notes], tuple(reports), evidence, context)


def der_of(data: bytes) -> bytes:
    """DER or BER of a signature file that may be PEM or plain base64. Raises ``binascii.Error``."""
    if data[:1] == b"\x30":
        return data
    if (found := _PEM.search(data)) is not None:
        data = found.group(1)
    return binascii.a2b_base64(b"".join(data.split()), strict_mode=True)


def _content(held: CmsDocument, content: BinaryIO | None) -> tuple[DigestOf | None, list[Finding]]:
    if held.content is not None and content is None:
        return digest_of_bytes(held.content), []
    if content is None:
        vi = "Chữ ký tách rời: cần tệp nội dung gốc để kiểm tra."
        en = "The signature stands beside its content, which was not given."
        return None, [bad("cms.content", Sub.SIGNED_DATA_NOT_FOUND, vi, en)]
    if held.content is not None and digest_of_stream(content)("sha256") != digest_of_bytes(held.content)("sha256"):
        vi, en = "Nội dung bên trong khác tệp đưa vào.", "The content inside is another one than the file given."
        return None, [bad("cms.content", Sub.HASH_FAILURE, vi, en)]
    return digest_of_stream(content), []
