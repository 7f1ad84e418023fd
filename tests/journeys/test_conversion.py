"""Drafts become PDF by LibreOffice: in the prescribed form, ready to be signed, and without harm from a stranger's file.

Needs libreoffice-writer-nogui and fonts-liberation.
"""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import threading
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pikepdf
import pytest

from lienthong.base.clock import VIETNAM
from lienthong.base.errors import Refused
from lienthong.infra import conversion
from lienthong.infra.conversion import Limits, find_converter, format_of, to_pdf
from lienthong.infra.conversion_errors import CONVERSION_FAILED, CONVERSION_TIMED_OUT, CONVERTER_MISSING
from lienthong.office.form.check import check
from lienthong.office.form.compose import compose
from lienthong.office.form.expected import NOTHING_KNOWN, Expected
from lienthong.office.form.model import Circulation, Draft, Signer
from lienthong.office.form.paragraphs import paragraphs_of_docx
from lienthong.trust.pdf import steps
from lienthong.trust.pdf.images import load_picture
from lienthong.trust.pdf.lines import page_sizes, read_lines
from lienthong.trust.pdf.plan import find_plan, person_field, write_plan
from lienthong.trust.pdf.signing import Step, embed, prepare
from lienthong.trust.signer import MemorySigner
from lienthong.vocabulary.urgency import Urgency
from official_document import handwriting, seal_picture
from official_drafts import ALL, KINDS, draft, issuing_decision, plan_with_appendices
from signing_world import NOW, Holder, World

pytestmark = pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
THREE = (
    Signer("Trưởng phòng", "Phạm Ngọc Ưng"),
    Signer("Chánh Văn phòng", "Lê Quốc Đại"),
    Signer("Giám đốc", "Nguyễn Văn An"),
)
MARKED = draft(KINDS["Thông báo"], urgency=Urgency.VERY_URGENT, circulation=Circulation.INTERNAL)
OTHERS = {
    "a decision that issues rules": issuing_decision(),
    "a plan with appendices": plan_with_appendices(),
    "a report with three signers": draft(KINDS["Báo cáo"], signers=THREE),
    "an urgent notice for internal use": MARKED,
    "a decision of an agency with a long name": draft(
        KINDS["Quyết định (cá biệt)"], superior="Ủy ban nhân dân tỉnh Thử Nghiệm", issuer="Ban Quản lý dự án đầu tư xây dựng công trình giao thông",
        symbol="QĐ-BQLDA", place="Thành phố Hồ Chí Minh",
    ),
}  # fmt: skip
RTF = rb"{\rtf1\ansi{\fonttbl{\f0 Times New Roman;}}\f0\fs28 Kinh gui\par}"


@dataclass(frozen=True)
class LaidOut:
    """A draft as the office composes it and as the converter lays it out."""

    draft: Draft
    docx: bytes
    pdf: bytes


@pytest.fixture(scope="module")
def laid_out(tmp_path_factory: pytest.TempPathFactory) -> dict[str, LaidOut]:
    """All drafts by one start of the converter with the command and the profile of a job: what is tested with them is
    the form of each, and a start for each would cost more than everything else. Jobs themselves are tested below."""
    job, drafts = tmp_path_factory.mktemp("laid_out"), [*(ALL | OTHERS).items()]
    sources = [job / f"draft-{number}.docx" for number in range(len(drafts))]
    for source, (_, made) in zip(sources, drafts, strict=True):
        source.write_bytes(compose(made))
    conversion._write_profile(job)
    command = conversion._command(find_converter(), job, sources[0], Limits())
    said = conversion._run([*command, *map(str, sources[1:])], job, Limits(seconds=240))
    results = [job / "out" / f"{source.stem}.pdf" for source in sources]
    assert [each.name for each in results if not each.is_file()] == [], said
    return {
        name: LaidOut(made, source.read_bytes(), result.read_bytes())
        for (name, made), source, result in zip(drafts, sources, results, strict=True)
    }


@pytest.mark.parametrize("name", [*ALL, *OTHERS])
def test_a_draft_is_in_the_prescribed_form_and_ready_to_be_signed(name: str, laid_out: dict[str, LaidOut]) -> None:
    made, pdf = laid_out[name].draft, io.BytesIO(laid_out[name].pdf)
    paragraphs = paragraphs_of_docx(laid_out[name].docx)
    for expected in (Expected.of(made), NOTHING_KNOWN):
        findings = check(read_lines(pdf), page_sizes(pdf), expected, paragraphs)
        assert [(each.rule, each.vi, each.box) for each in findings] == []
    plan = find_plan(pdf, made.persons)
    assert plan.number is not None and plan.number.year == 2026
    assert plan.number.number.right - plan.number.number.left > 32, "five digits have room"
    assert min(gap.right - gap.left for gap in (plan.number.day, plan.number.month)) >= 18
    assert len(plan.persons) == len(made.signers)
    assert all(box.height >= 56 for box in plan.persons), "an image of 20 mm has room"
    planned = io.BytesIO()
    write_plan(pdf, planned, plan)
    with pikepdf.open(planned) as file:
        assert len(file.Root.AcroForm.Fields) == len(made.signers) + 2


@pytest.mark.parametrize("name", ["Quyết định (cá biệt)", "Công văn", "Biên bản"])
def test_a_converted_draft_is_signed_numbered_and_sealed_and_is_still_in_form(
    name: str, laid_out: dict[str, LaidOut]
) -> None:
    """Number and date are painted into the blanks; read back with everything else, they are as prescribed."""
    made, pdf, world = laid_out[name].draft, io.BytesIO(laid_out[name].pdf), World.make()
    planned = io.BytesIO()
    write_plan(pdf, planned, find_plan(pdf, made.persons))
    document = planned.getvalue()
    for index in range(1, len(made.signers) + 1):
        step = steps.person(person_field(index), load_picture(handwriting()))
        document = _signed(document, step, world.person)
    number = steps.number(io.BytesIO(document), "05", date(2026, 2, 3), made.symbol, made.place)
    document = _signed(document, number, world.agency)
    document = _signed(document, steps.seal(io.BytesIO(document), load_picture(seal_picture())), world.agency)
    lines = read_lines(io.BytesIO(document))
    assert f"Số: 05 /{made.symbol}" in [line.text for line in lines]
    assert "Thử Nghiệm, ngày 03 tháng 02 năm 2026" in [line.text for line in lines]
    assert [each.vi for each in check(lines, page_sizes(io.BytesIO(document)), Expected.of(made))] == []


def _signed(document: bytes, step: Step, holder: Holder) -> bytes:
    signer, out = MemorySigner(holder.key), io.BytesIO()
    prepared = prepare(io.BytesIO(document), out, step, holder.certificate, signer.algorithm, NOW.astimezone(VIETNAM))
    embed(out, prepared, signer.sign(prepared.to_sign), [])
    return out.getvalue()


def test_the_result_is_tagged_pdf_a_2b_with_its_fonts_in_it(tmp_path: Path) -> None:
    (tmp_path / "draft.docx").write_bytes(compose(ALL["Công văn"]))
    to_pdf(tmp_path / "draft.docx", tmp_path / "draft.pdf")
    with pikepdf.open(tmp_path / "draft.pdf") as file:
        meta = file.open_metadata()
        assert (meta["pdfaid:part"], meta["pdfaid:conformance"]) == ("2", "B")
        assert file.Root.MarkInfo.Marked and str(file.Root.Lang).startswith("vi")
        fonts = [font for page in file.pages for font in page.Resources.Font.values()]
        assert fonts and all("FontFile2" in str(font.FontDescriptor.keys()) for font in fonts)
        assert all("LiberationSerif" in str(font.BaseFont) or "TimesNewRoman" in str(font.BaseFont) for font in fonts)


def test_other_formats_are_converted_by_their_content_whatever_their_name(tmp_path: Path) -> None:
    (tmp_path / "thư; $(rm -f x) mời.txt").write_bytes(RTF)
    (tmp_path / "b").write_bytes(_odt("<text:p>Kính gửi</text:p>"))
    (tmp_path / "c.docx").write_bytes(compose(ALL["Thông báo"]))
    subprocess.run([str(find_converter()), f"-env:UserInstallation={(tmp_path / 'p').as_uri()}", "--headless", "--convert-to", "doc",
                    "--outdir", str(tmp_path), str(tmp_path / "c.docx")], check=True, capture_output=True, timeout=60)  # fmt: skip
    found = {}
    for name in ("thư; $(rm -f x) mời.txt", "b", "c.doc"):
        to_pdf(tmp_path / name, tmp_path / "out.pdf")
        with (tmp_path / "out.pdf").open("rb") as stream:
            found[format_of(tmp_path / name)] = " ".join(line.text for line in read_lines(stream))
    assert found["rtf"] == "Kinh gui" and found["odt"] == "Kính gửi" and "THÔNG BÁO" in found["doc"]


def test_jobs_run_side_by_side(tmp_path: Path) -> None:
    names = ["Thông báo", "Giấy mời", "Chỉ thị"]
    for name in names:
        (tmp_path / f"{name}.docx").write_bytes(compose(ALL[name]))
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda name: to_pdf(tmp_path / f"{name}.docx", tmp_path / f"{name}.pdf"), names))
    for name in names:
        with (tmp_path / f"{name}.pdf").open("rb") as stream:
            assert name.upper() in [line.text for line in read_lines(stream)]


def test_without_a_converter_the_job_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Refused) as refused:
        find_converter()
    assert refused.value.code is CONVERTER_MISSING


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7", b"PK\x03\x04 broken", b"<html>"])
def test_what_is_no_office_document_is_refused(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "draft.docx").write_bytes(data)
    with pytest.raises(Refused) as refused:
        to_pdf(tmp_path / "draft.docx", tmp_path / "draft.pdf")
    assert refused.value.code is CONVERSION_FAILED and not (tmp_path / "draft.pdf").exists()


def test_a_damaged_document_is_refused_and_an_earlier_result_stays(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "draft.docx", "w") as parts:
        parts.writestr("word/document.xml", "<w:document")
    (tmp_path / "draft.pdf").write_bytes(b"earlier")
    with pytest.raises(Refused) as refused:
        to_pdf(tmp_path / "draft.docx", tmp_path / "draft.pdf")
    assert refused.value.code is CONVERSION_FAILED
    assert (tmp_path / "draft.pdf").read_bytes() == b"earlier"


def _program(folder: Path, script: str) -> Path:
    program = folder / "program"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    (folder / "draft.rtf").write_bytes(RTF)
    return program


def test_a_converter_that_hangs_is_ended_with_its_children(tmp_path: Path) -> None:
    program = _program(tmp_path, f"sleep 300 & echo $! > {tmp_path}/pid; wait")
    with pytest.raises(Refused) as refused:
        to_pdf(tmp_path / "draft.rtf", tmp_path / "draft.pdf", limits=Limits(seconds=1), program=program)
    assert refused.value.code is CONVERSION_TIMED_OUT
    child = int((tmp_path / "pid").read_text())
    for _ in range(50):
        if not _runs(child):
            return
        time.sleep(0.1)
    pytest.fail("the child of the converter still runs")


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_result_that_is_no_pdf_is_refused(tmp_path: Path) -> None:
    program = _program(tmp_path, "mkdir -p out && echo nonsense > out/document.pdf")
    with pytest.raises(Refused) as refused:
        to_pdf(tmp_path / "draft.rtf", tmp_path / "draft.pdf", program=program)
    assert refused.value.code is CONVERSION_FAILED and not (tmp_path / "draft.pdf").exists()


def test_a_converter_without_enough_memory_fails_and_does_not_hang(tmp_path: Path) -> None:
    (tmp_path / "draft.rtf").write_bytes(RTF)
    with pytest.raises(Refused) as refused:
        to_pdf(tmp_path / "draft.rtf", tmp_path / "draft.pdf", limits=Limits(memory=100 << 20))
    assert refused.value.code is CONVERSION_FAILED


def test_the_job_sees_no_secrets_of_the_server_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_PASSWORD", "mật-khẩu-thử")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "jobs"))
    (tmp_path / "jobs").mkdir()
    program = _program(tmp_path, f"env > {tmp_path}/seen; false")
    with pytest.raises(Refused):
        to_pdf(tmp_path / "draft.rtf", tmp_path / "draft.pdf", program=program)
    assert "mật-khẩu-thử" not in (tmp_path / "seen").read_text() and os.listdir(tmp_path / "jobs") == []


@pytest.mark.parametrize("isolated", [True, False], ids=["in a network of its own", "by its settings alone"])
def test_a_linked_picture_is_not_fetched(isolated: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not isolated:
        monkeypatch.setattr(conversion, "_without_network", lambda: ())
    asked: list[str] = []

    class Server(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        do_HEAD = do_OPTIONS = do_PROPFIND = do_GET

        def log_message(self, *_: object) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Server)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        link = f"http://127.0.0.1:{server.server_port}/picture.png"
        (tmp_path / "draft.odt").write_bytes(
            _odt(
                f'<text:p><draw:frame svg:width="2cm" svg:height="2cm"><draw:image xlink:href="{link}"/></draw:frame>Kính gửi</text:p>'
            )
        )
        to_pdf(tmp_path / "draft.odt", tmp_path / "draft.pdf")
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert asked == []


def _odt(text: str) -> bytes:
    names = " ".join(
        f'xmlns:{prefix}="{uri}"'
        for prefix, uri in {
            "office": "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
            "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
            "draw": "urn:oasis:names:tc:opendocument:xmlns:drawing:1.0",
            "svg": "urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0",
            "xlink": "http://www.w3.org/1999/xlink",
        }.items()
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as parts:
        parts.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        body = f"<office:body><office:text>{text}</office:text></office:body>"
        parts.writestr(
            "content.xml", f'<office:document-content {names} office:version="1.2">{body}</office:document-content>'
        )
        parts.writestr(
            "META-INF/manifest.xml",
            '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
            '<manifest:file-entry manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.text"/>'
            '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>',
        )
    return out.getvalue()
