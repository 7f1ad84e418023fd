"""Issued documents that the project ships: valid for us, for pyHanko's strict analysis and for poppler."""

from __future__ import annotations

import io
import subprocess
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from asn1crypto import crl as asn1_crl
from asn1crypto import pem
from asn1crypto import x509 as asn1_x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from lienthong.infra.trust_stores import load_stores
from lienthong.trust.pdf.validate import validate_pdf
from lienthong.trust.validation.judge import Context
from lienthong.trust.validation.model import LegalValue
from lienthong.trust.validation.policy import DOCUMENT_POLICY
from lienthong.trust.verdict import Verdict

FOLDER = Path(__file__).parents[2] / "vectors" / "pdf"
FILES = sorted(FOLDER.glob("signers-*.pdf"))


def made_at(pdf: bytes) -> datetime:
    """When the document was sealed, a minute later."""
    reader = PdfFileReader(io.BytesIO(pdf))
    return max(s.self_reported_timestamp for s in reader.embedded_regular_signatures) + timedelta(minutes=10)


def test_there_is_a_document_for_each_number_of_signers() -> None:
    assert [path.name for path in FILES] == [f"signers-{n}.pdf" for n in (1, 2, 3, 4)]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_shipped_document_is_an_original_and_never_called_forged_when_its_evidence_is_old(path: Path) -> None:
    stores = load_stores([FOLDER / "trust"])
    pdf = path.read_bytes()
    report = validate_pdf(io.BytesIO(pdf), Context(stores, made_at(pdf), DOCUMENT_POLICY))
    assert report.verdict is Verdict.PASSED, [check.en for check in report.troubles]
    assert report.legal is not None and report.legal.value is LegalValue.ORIGINAL
    # Nobody renewed the archive timestamp before its certificate ended: not proven any more, and not proven wrong.
    late = validate_pdf(io.BytesIO(pdf), Context(stores, made_at(pdf) + timedelta(days=300), DOCUMENT_POLICY))
    assert late.verdict is Verdict.INDETERMINATE


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_strict_difference_analysis_and_poppler_agree(path: Path) -> None:
    pdf = path.read_bytes()
    trust = FOLDER / "trust"
    root, issuing = (
        asn1_x509.Certificate.load(pem.unarmor((trust / f"{name}.pem").read_bytes())[2]) for name in ("root", "issuing")
    )
    lists = [asn1_crl.CertificateList.load((trust / f"{name}.crl").read_bytes()) for name in ("root", "issuing")]
    context = ValidationContext(
        trust_roots=[root], other_certs=[issuing], crls=lists, allow_fetching=False, revocation_mode="hard-fail", moment=made_at(pdf)
    )  # fmt: skip
    signatures = PdfFileReader(io.BytesIO(pdf)).embedded_regular_signatures
    assert all(validate_pdf_signature(each, context).bottom_line for each in signatures)
    said = subprocess.run(["pdfsig", "-nocert", path], capture_output=True, text=True, check=False).stdout
    assert said.count("Signature is Valid.") == len(signatures)
