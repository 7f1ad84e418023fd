"""Documents that other programs signed, as files: the verdict is right, and changed ones fail."""

from __future__ import annotations

import io
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from lienthong.infra.trust_stores import load_stores
from lienthong.trust.pdf.validate import validate_pdf
from lienthong.trust.validation.judge import Context
from lienthong.trust.validation.model import LegalValue
from lienthong.trust.validation.policy import DOCUMENT_POLICY
from lienthong.trust.verdict import Verdict

FOLDER = Path(__file__).parents[2] / "vectors" / "foreign"
FILE = FOLDER / "libreoffice-7.4.pdf"
THAT_DAY = datetime(2026, 11, 26, 15, tzinfo=UTC)


def context() -> Context:
    return Context(load_stores([FOLDER / "trust"]), THAT_DAY, DOCUMENT_POLICY)


def test_what_libreoffice_signed_passes_with_its_time_and_is_for_information_only() -> None:
    report = validate_pdf(io.BytesIO(FILE.read_bytes()), context())
    assert report.verdict is Verdict.PASSED, [check.en for check in report.troubles]
    assert report.legal is not None and report.legal.value is LegalValue.INFORMATION_ONLY
    [signature] = report.signatures
    assert signature.signer is not None and signature.signer.name == "Nguyen Van An"
    assert signature.claimed_at == datetime(2026, 11, 26, 14, 28, 45, tzinfo=UTC)


def test_a_changed_byte_fails_for_us_and_for_poppler() -> None:
    pdf = bytearray(FILE.read_bytes())
    pdf[700] ^= 1
    assert validate_pdf(io.BytesIO(bytes(pdf)), context()).verdict is not Verdict.PASSED
    said = subprocess.run(["pdfsig", "-nocert", FILE], capture_output=True, text=True, check=False).stdout
    assert said.count("Signature is Valid.") == 1
