"""``lienthong verify``: what a signed document or a proof file proves, by whom, when, and what it does not. Offline.

The kind of a file is seen from its bytes. Documents are judged in :mod:`lienthong.roles.cli_verify_documents`.
"""

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
from lienthong.infra.trust_stores import load_stores
from lienthong.ledger.cosignature import CosignatureKey
from lienthong.ledger.notes import Ed25519NoteKey
from lienthong.roles.cli_output import REFUSED, language, verb, wrong_use
from lienthong.roles.cli_profile import JsonOption
from lienthong.roles.cli_verify_documents import (
    Given,
    Outcome,
    instant_of,
    kind_of_file,
    require_file,
    show,
    verify_many,
)
from lienthong.trust.keys import load_public_key
from lienthong.verifier.anchors import Anchors, pem_blocks
from lienthong.verifier.documents import Kind
from lienthong.verifier.explain import verify_proof
from lienthong.verifier.render import render
from lienthong.verifier.report import ProofReport


def register(app: typer.Typer) -> None:
    """Add the verb of this module."""
    app.command()(verify)


@verb
def verify(
    file: Annotated[
        list[Path], typer.Argument(help="Tệp chứng cứ hoặc văn bản đã ký · Proof files, signed documents.")
    ],
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
    trust_store: Annotated[
        list[Path] | None,
        typer.Option(help="Thư mục kho tin cậy, cho văn bản đã ký · Folder of a trust store, for signed documents."),
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(help="Thời điểm kiểm tra, ví dụ 2026-07-12T09:00:00+07:00 · Time of verification; now if absent."),
    ] = None,
    content: Annotated[
        Path | None, typer.Option(help="Tệp gốc của chữ ký tách rời (.p7s) · The file that a detached signature is of.")
    ] = None,
    without_revocation: Annotated[
        bool,
        typer.Option(
            "--without-revocation",
            help="Không bắt buộc có dữ liệu thu hồi · Certificates need not be shown to be unrevoked.",
        ),
    ] = False,
    html: Annotated[Path | None, typer.Option(help="Ghi báo cáo HTML vào tệp này · Write a report page.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Kiểm tra chữ ký, tệp chứng cứ, không cần mạng · Verify offline; exit 0 only when all have PASSED."""
    anchors = read_anchors(trust or [], trust_file, witness or [])
    for path in file:
        require_file(path)
    given = Given(tuple(trust_store or ()), instant_of(at), content, not without_revocation)
    documents = [path for path in file if kind_of_file(path) is not Kind.PROOF]
    if html is not None and len(documents) < len(file):
        wrong_use("--html chỉ dùng cho văn bản đã ký.", "--html is for signed documents only.")
    if content is not None and len(file) != 1:
        wrong_use("--content chỉ dùng với một tệp chữ ký.", "--content goes with one signature file only.")
    if documents:
        load_stores(list(given.folders))  # so that a bad store is refused before anything is verified
    results = verified(file, set(documents), given, anchors)
    if show(results, len(file), as_json, html):
        return
    raise typer.Exit(REFUSED)


def verified(files: list[Path], documents: set[Path], given: Given, anchors: Anchors) -> Iterator[Outcome]:
    """The outcome of each file, in the order given."""
    judged = iter(verify_many([path for path in files if path in documents], given))
    for path in files:
        yield next(judged) if path in documents else _proof(path, anchors)


def _proof(path: Path, anchors: Anchors) -> Outcome:
    report = check(path, anchors)
    return Outcome(str(path), report.verdict.name, report_members(report), render(report, language()))


def check(path: Path, anchors: Anchors) -> ProofReport:
    """The report on one proof file. Refuses FILE_NOT_USABLE."""
    require_file(path)
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
