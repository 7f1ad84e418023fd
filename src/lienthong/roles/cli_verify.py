"""``lienthong verify``: what a proof file proves, by whom, when, and what it does not. Offline."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from cryptography import x509

from lienthong.base.errors import Refused
from lienthong.connector.errors import FILE_NOT_USABLE
from lienthong.ledger.cosignature import CosignatureKey
from lienthong.ledger.notes import Ed25519NoteKey
from lienthong.roles.cli_connection import JsonOption
from lienthong.roles.cli_output import REFUSED, answer, language, verb
from lienthong.trust.keys import load_public_key
from lienthong.trust.verdict import Verdict
from lienthong.verifier.anchors import Anchors, pem_blocks
from lienthong.verifier.explain import verify_proof
from lienthong.verifier.render import render
from lienthong.verifier.report import ProofReport


def register(app: typer.Typer) -> None:
    """Add the verb of this module."""
    app.command()(verify)


@verb
def verify(
    file: Annotated[list[Path], typer.Argument(help="Tệp chứng cứ · Proof files.")],
    trust: Annotated[
        list[Path] | None, typer.Option(help="Tệp khóa của trục được tin cậy (axis-keys.json) · Trusted axis keys.")
    ] = None,
    witness: Annotated[
        list[Path] | None,
        typer.Option(help="Tệp khóa của trục làm chứng (axis-keys.json của trục đó) · Keys of a witnessing axis."),
    ] = None,
    trust_file: Annotated[
        bool,
        typer.Option("--trust-file", help="Tin khóa ghi trong tệp; chỉ để thử · Trust the keys of the file itself."),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Kiểm tra tệp chứng cứ, không cần mạng · Verify proof files offline; exit 0 only when all have PASSED."""
    anchors = read_anchors(trust or [], trust_file, witness or [])
    reports = {str(path): check(path, anchors) for path in file}
    rows = {"files": [{"file": name, **report_members(report)} for name, report in reports.items()]}

    def lines() -> Any:
        for name, report in reports.items():
            yield name
            yield render(report, language())

    answer(as_json, rows, lines)
    if any(report.verdict is not Verdict.PASSED for report in reports.values()):
        raise typer.Exit(REFUSED)


def check(path: Path, anchors: Anchors) -> ProofReport:
    """The report on one proof file. Refuses FILE_NOT_USABLE."""
    if not path.is_file():
        why = "đây là thư mục (a directory)" if path.is_dir() else "không có tệp này (no such file)"
        raise Refused(FILE_NOT_USABLE, file=path, why=why)
    with path.open("rb") as opened:
        return verify_proof(opened, anchors)


def report_members(report: ProofReport) -> dict[str, Any]:
    """A report for programs."""
    return {
        "verdict": report.verdict.name,
        "level": report.level.value if report.level is not None else None,
        "checks": [{"name": c.name, "verdict": c.verdict.name, "vi": c.vi, "en": c.en} for c in report.checks],
        "facts": [{"vi": fact.vi, "en": fact.en} for fact in report.facts],
        "limits": [{"vi": limit.vi, "en": limit.en} for limit in report.limits],
        "fingerprints": list(report.fingerprints),
    }


def read_anchors(files: list[Path], trust_file: bool = False, witnesses: list[Path] | None = None) -> Anchors:
    """Trusted keys from ``axis-keys.json`` files: ``receipt`` PEM, ``note`` key line, ``tsa`` PEM, ``witnesses`` lines.

    ``witnesses``: files of other axes, of which only the ``witness`` line counts; their receipts say nothing here.
    Refuses FILE_NOT_USABLE.
    """
    receipts, notes, roots, cosigners = [], [], [], []
    for path in files:
        with _usable(path) as members:
            receipts += [load_public_key(block) for block in pem_blocks(members["receipt"])]
            notes.append(Ed25519NoteKey.from_text(members["note"]))
            # The root of a chain stands last; a single certificate is its own.
            roots += [x509.load_pem_x509_certificate(block) for block in pem_blocks(members.get("tsa", ""))[-1:]]
            cosigners += [CosignatureKey.from_text(line) for line in members.get("witnesses", [])]
    for path in witnesses or []:
        with _usable(path) as members:
            cosigners.append(CosignatureKey.from_text(members["witness"]))
    return Anchors(tuple(receipts), tuple(notes), tuple(cosigners), tuple(roots), trust_on_first_use=trust_file)


@contextmanager
def _usable(path: Path) -> Iterator[Any]:
    """The members of a file of keys; whatever is wrong with them is said of the file."""
    try:
        yield json.loads(path.read_bytes())
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Refused(FILE_NOT_USABLE, file=path, why=f"không phải axis-keys.json ({error})") from error
