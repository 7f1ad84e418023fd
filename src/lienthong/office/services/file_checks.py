"""What is found out about one untrusted file: its signatures, its text, what may be proposed from it.

Every function works on a file by its name and gives plain values, because it runs in a process of its own
(:class:`lienthong.infra.apart.Apart`). Nothing here knows the database.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO

from lienthong.base.clock import from_text, to_text
from lienthong.base.errors import Refused
from lienthong.infra.recognition import find_recogniser, recognise
from lienthong.infra.recognition_errors import RECOGNISER_MISSING
from lienthong.infra.trust_stores import load_stores
from lienthong.office.reading.document import propose
from lienthong.office.reading.proposals import Caution, Proposal, Proposals
from lienthong.trust.pdf.lines import Line, page_count, page_sizes, read_lines
from lienthong.trust.pdf.words import by_page
from lienthong.trust.validation.explanations import why
from lienthong.trust.validation.judge import Context
from lienthong.trust.validation.model import DocumentReport, SignatureKind, SignatureReport
from lienthong.trust.validation.stores import TrustStores
from lienthong.trust.verdict import Check, Verdict
from lienthong.verifier.documents import Kind, kind_of, validate_document
from lienthong.vocabulary.kinds import Kind as DocumentKind
from lienthong.vocabulary.secrecy import Secrecy

TEXT_PAGES = 300
"""Pages whose text is read for the search; what follows is left out."""

RECOGNISED_PAGES = 10
"""Pages of a scan whose text is recognised: it costs seconds for each."""

PROPOSED_PAGES = 40

UNSIGNED = "UNSIGNED"
"""The verdict on a file that bears no signature: neither good nor bad."""

NAMES = {
    "document_number": "number", "issuer": "issuer_name", "signer": "signer_name", "position": "signer_position",
    "page_count": "pages", "recipients": "to_places", "reply_deadline": "due_date",
}  # fmt: skip
"""Members of :class:`Proposals` whose field has another name; the others have the same."""


# --- signatures -------------------------------------------------------------------------------------------------------


def signatures_of_file(path: str, trust: str | None, stamp: str, at: str) -> dict[str, Any]:
    """The verdict on a PDF, XML, CMS or Office file in the form of ``StoredFile.verdict``:

    ``verdict``: PASSED, INDETERMINATE, FAILED, UNSIGNED. ``kind``, ``at``. ``legal``: ``value``, ``vi``, ``en``.
    ``sentences``: of the file as a whole. ``signatures``: each with ``who``, ``organization``, ``title``, ``role``
    (person, agency, unknown), ``issuer``, ``when``, ``proven`` (a time stamp says so), ``level``, ``verdict``,
    ``covers_all``, ``sentences``. A sentence: ``verdict``, ``vi``, ``en``, ``why_vi``, ``why_en``.

    ``trust``: folder of the stores; none: integrity is judged, trust is not. ``stamp``: changes when the folder does.
    Refuses TRUST_STORE_NOT_USABLE and what the file's format refuses.
    """
    with Path(path).open("rb") as source:
        kind = kind_of(source)
        if kind is Kind.PROOF:
            return {"verdict": UNSIGNED, "kind": "", "at": at, "legal": None, "sentences": [], "signatures": []}
        report = validate_document(source, kind, Context(_stores(trust, stamp), from_text(at)))
    return compact(report, at, trusted=trust is not None)


@lru_cache(maxsize=2)
def _stores(trust: str | None, stamp: str) -> TrustStores:
    return load_stores([Path(trust)]) if trust is not None else TrustStores()


def compact(report: DocumentReport, at: str, *, trusted: bool) -> dict[str, Any]:
    """A report as it is stored beside a file: what people ask, in sentences, without certificates."""
    signatures = [_signature(each) for each in report.signatures if each.kind is SignatureKind.SIGNATURE]
    sentences = [_sentence(each) for each in report.checks if each.verdict is not Verdict.PASSED]
    if not trusted and signatures:
        sentences.insert(0, _NO_STORES)
    return {
        "verdict": report.verdict.name if report.signatures else UNSIGNED,
        "kind": report.kind,
        "at": at,
        "legal": {"value": report.legal.value.value, "vi": report.legal.vi, "en": report.legal.en}
        if report.legal is not None else None,
        "sentences": sentences,
        "signatures": signatures,
    }  # fmt: skip


_NO_STORES = {
    "name": "trust.stores", "verdict": Verdict.INDETERMINATE.name,
    "vi": "Chưa cấu hình kho tin cậy nên chỉ kiểm được tính toàn vẹn.",
    "en": "No trust stores are configured, so only integrity could be checked.", "why_vi": "", "why_en": "",
}  # fmt: skip


def _signature(report: SignatureReport) -> dict[str, Any]:
    signer = report.signer
    best = report.proven_at or report.claimed_at
    return {
        "label": report.label,
        "who": signer.name if signer else "",
        "organization": signer.organization if signer else "",
        "title": signer.title if signer else "",
        "role": signer.role.value if signer else "unknown",
        "issuer": signer.issuer if signer else "",
        "when": to_text(best) if best is not None else "",
        "proven": report.proven_at is not None,
        "level": report.level,
        "verdict": report.verdict.name,
        "covers_all": report.covers_all,
        "sentences": [_sentence(each) for each in report.checks],
    }


def _sentence(check: Check) -> dict[str, Any]:
    return {
        "name": check.name, "verdict": check.verdict.name, "vi": check.vi, "en": check.en,
        "why_vi": why(check.name, "vi"), "why_en": why(check.name, "en"),
    }  # fmt: skip


# --- text and proposals -----------------------------------------------------------------------------------------------


def reading_of_file(path: str) -> dict[str, Any]:
    """What a PDF says: ``pages`` (how many), ``state`` (``read``, ``recognised``, ``none``), ``text`` (pages joined by
    form feeds, as many as :data:`TEXT_PAGES` allows), ``words`` (of recognised pages: number from 1, rows as
    :mod:`lienthong.trust.pdf.words` packs them), ``proposals`` and ``cautions`` as :func:`proposals_in` gives them.

    Refuses PDF_NOT_READABLE, PDF_ENCRYPTED, PDF_HAS_NO_PAGES, RECOGNITION_….
    """
    with Path(path).open("rb") as source:
        pages = page_count(source)
        lines, state = read_lines(source, range(min(pages, TEXT_PAGES))), "read"
        recognised = _recognised(source, _scanned(source, lines))
        if recognised:
            seen = {line.page for line in recognised}
            lines, state = [*(line for line in lines if line.page not in seen), *recognised], "recognised"
        elif not lines:
            state = "none"
    found = propose([line for line in lines if line.page < PROPOSED_PAGES], pages)
    text = text_of(lines, min(pages, TEXT_PAGES))
    return {
        "pages": pages, "state": state, "text": text, "words": list(by_page(recognised).items()), **proposals_in(found),
    }  # fmt: skip


def _scanned(source: BinaryIO, lines: list[Line]) -> list[int]:
    """The pages to be recognised: pictures, also those that bear the text of a signature or a stamp."""
    sizes = page_sizes(source, RECOGNISED_PAGES)
    written = {line.page for line in lines}
    return [each.page for each in sizes if each.needs_recognition and (each.pictured > 0 or not written)]


def _recognised(source: BinaryIO, pages: list[int]) -> list[Line]:
    """The text of scanned pages; none on a machine without the program."""
    if not pages:
        return []
    try:
        recogniser = find_recogniser()
    except Refused as refused:
        if refused.code is RECOGNISER_MISSING:
            return []
        raise
    return recognise(source, pages, recogniser)


def text_of(lines: Sequence[Line], pages: int = 0) -> str:
    """The lines of a document as one text; pages are separated by form feeds, also those without a line.

    ``pages``: how many there are at least, so that the pages of a file that follows can be told.
    """
    if not lines:
        return ""
    last = max(pages - 1, *(line.page for line in lines))
    texts: list[list[str]] = [[] for _ in range(last + 1)]
    for line in lines:
        texts[line.page].append(line.text)
    return "\f".join("\n".join(page) for page in texts)


def proposals_in(found: Proposals) -> dict[str, Any]:
    """``proposals``: by the name of the field: ``value``, ``confidence`` (``certain``, ``likely``, ``guess``),
    ``reason_vi``, ``reason_en``, ``page`` (from 0, or None) and ``box`` (left, bottom, right, top in points, or None).
    ``cautions``: ``name``, ``vi``, ``en``, ``page``."""
    proposals = {
        NAMES.get(each.name, each.name): _proposal(value)
        for each in fields(found)
        if isinstance(value := getattr(found, each.name), Proposal)
    }
    cautions = [
        {
            "name": each.caution.name.lower(), "vi": each.caution.label("vi"), "en": each.caution.label("en"),
            "page": each.box.page if each.box is not None else None,
        }
        for each in found.cautions
    ]  # fmt: skip
    secret = {Caution.SECRET.name.lower(), Caution.PERHAPS_SECRET.name.lower()} & {each["name"] for each in cautions}
    return {"proposals": proposals, "cautions": cautions, "secret": bool(secret)}


def _proposal(proposal: Proposal[Any]) -> dict[str, Any]:
    box = proposal.box
    return {
        "value": _plain(proposal.value),
        "confidence": proposal.confidence.name.lower(),
        "reason_vi": proposal.reason.label("vi"),
        "reason_en": proposal.reason.label("en"),
        "page": box.page if box is not None else None,
        "box": [box.left, box.bottom, box.right, box.top] if box is not None else None,
    }


def _plain(value: Any) -> Any:
    """A value that JSON has: a kind is its name, an urgency its digit, a date its ISO form, several parts one text."""
    if isinstance(value, DocumentKind):
        return value.name
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Secrecy):
        return value.value
    if isinstance(value, tuple):
        return "; ".join(str(each) for each in value)
    return int(value) if isinstance(value, int) else str(value)
