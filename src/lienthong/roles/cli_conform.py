"""``lienthong conform``: the conformance kit at the command line."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from lienthong.base.errors import Refused
from lienthong.conformance import axis_lgsp, axis_native, axis_native_threads, axis_vxp, axis_vxp_receiving
from lienthong.conformance.axis_bench import AxisBench, AxisTarget, NativeIdentity, SharedIdentity, open_bench
from lienthong.conformance.certificate import issue, token_of
from lienthong.conformance.certificate import verify as verify_certificate
from lienthong.conformance.errors import CONFORM_IDENTITY_WRONG
from lienthong.conformance.html import render_certificate, render_report
from lienthong.conformance.model import Check, Face, Outcome, Result
from lienthong.conformance.proxy import Proxy, listening
from lienthong.conformance.recording import Recorder
from lienthong.conformance.report import Report, Subject, earlier_results, encode_report
from lienthong.conformance.runner import run_checks
from lienthong.conformance.system_bench import Script, SystemBench
from lienthong.conformance.system_checks import system_checks
from lienthong.connector.profile import credentials_of
from lienthong.infra.keys import FileSigner, read_secret
from lienthong.roles.cli_output import REFUSED, answer, language, say, verb, wrong_use
from lienthong.roles.cli_profile import JsonOption, open_profile
from lienthong.roles.conform_world import open_demo_axis, open_playground
from lienthong.trust.keys import load_public_key

C = TypeVar("C")

FAMILIES = (axis_native.FAMILY, axis_vxp.FAMILY, axis_lgsp.FAMILY)
EXTENDED = (axis_native_threads, axis_vxp_receiving)
"""Modules that add checks to a family; imported for that."""

Only = Annotated[
    list[str] | None, typer.Option("--only", help="Chỉ các mục này, ví dụ vxp.send.*; lặp lại được · Only.")
]
Skip = Annotated[list[str] | None, typer.Option("--skip", help="Bỏ các mục này; lặp lại được · Leave out.")]
JsonFile = Annotated[Path | None, typer.Option("--json", help="Ghi báo cáo JSON · Write the report as JSON here.")]
HtmlFile = Annotated[Path | None, typer.Option("--html", help="Ghi báo cáo HTML · Write the report as HTML here.")]
Certify = Annotated[
    Path | None, typer.Option("--certificate", help="Ghi chứng nhận (JSON, và HTML bên cạnh) · Write a certificate.")
]
Key = Annotated[Path | None, typer.Option("--key", help="Khóa ký của người kiểm tra (PEM) · The tester's signing key.")]
Tester = Annotated[str, typer.Option("--tester", help="Người hoặc đơn vị kiểm tra · Who tests.")]
Resume = Annotated[
    bool, typer.Option("--resume", help="Làm tiếp báo cáo --json bị dừng · Go on with a broken-off run.")
]


def register(app: typer.Typer) -> None:
    """Add the verbs of this module."""
    app.command()(axis)
    app.command()(system)
    app.command()(verify)
    app.command("list")(show)


@verb
def axis(
    url: Annotated[str | None, typer.Option(help="Địa chỉ của trục · URL of the axis.")] = None,
    native: Annotated[
        list[Path] | None,
        typer.Option(help="Cấu hình kết nối; hai lần: gửi, nhận · Profile; twice: sender, recipient."),
    ] = None,
    vxp: Annotated[
        list[str] | None, typer.Option(help="HỆ-THỐNG,CƠ-QUAN,TỆP-KHÓA; hai lần · SYSTEM,AGENCY,SECRET-FILE; twice.")
    ] = None,
    lgsp: Annotated[list[str] | None, typer.Option(help="Như --vxp, cho LGSP · As --vxp, for LGSP.")] = None,
    vxp_path: Annotated[str, typer.Option(help="Đường dẫn của giao diện VXP · Path of the VXP face.")] = "/vxp",
    lgsp_path: Annotated[str, typer.Option(help="Đường dẫn của giao diện LGSP · Path of the LGSP face.")] = "/lgsp",
    demo: Annotated[bool, typer.Option(help="Tự dựng một trục trình diễn · Start a demo axis.")] = False,
    json_file: JsonFile = None,
    html: HtmlFile = None,
    certificate: Certify = None,
    key: Key = None,
    tester: Tester = "-",
    only: Only = None,
    skip: Skip = None,
    resume: Resume = False,
) -> None:
    """Kiểm tra một trục qua các giao diện của nó · Test an axis; exit 0 only when every must is met."""
    if demo == (url is not None):
        wrong_use("cần đúng một trong --url và --demo", "needs exactly one of --url and --demo")
    if certificate is not None and key is None:
        wrong_use("--certificate cần --key", "--certificate needs --key")
    # Asked to end is ended like Ctrl-C: whatever was started is stopped on the way out.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    with ExitStack() as stack:
        if demo:
            out = Console(stderr=True, highlight=False)
            out.print(say("Khởi động trục trình diễn…", "Starting the demo axis…"))
            _, target = stack.enter_context(open_demo_axis())
        else:
            target = replace(
                given_target(str(url), native or [], vxp or [], lgsp or []), vxp_path=vxp_path, lgsp_path=lgsp_path
            )
        bench = stack.enter_context(open_bench(target))
        report = run_axis(target, bench, only or [], skip or [], json_file if resume else None, json_file, tester)
    finish(report, json_file, html, certificate, key)


@verb
def system(
    listen: Annotated[str, typer.Option(help="Nơi nghe, HOST:PORT · Where to listen.")],
    agency: Annotated[str, typer.Option(help="Mã cơ quan của hệ thống, có trong danh bạ cấp 1 · Its agency code.")],
    face: Annotated[str, typer.Option(help="native | vxp | lgsp")] = "native",
    system_id: Annotated[str, typer.Option("--system", help="Mã hệ thống · Its identifier.")] = "he-thong-kiem-tra",
    public_key: Annotated[
        Path | None, typer.Option(help="Khóa công khai của hệ thống (PEM), cho native · Its public key, for native.")
    ] = None,
    folder: Annotated[
        Path, typer.Option(help="Thư mục nhận khóa trục, bí mật · Gets the axis's key and the secret.")
    ] = Path("conform-system"),
    patience: Annotated[float, typer.Option(help="Số giây chờ hệ thống làm một việc · Seconds to wait.")] = 60.0,
    receives_only: Annotated[bool, typer.Option(help="Hệ thống không gửi văn bản · It never sends.")] = False,
    json_file: JsonFile = None,
    html: HtmlFile = None,
    certificate: Certify = None,
    key: Key = None,
    tester: Tester = "-",
    only: Only = None,
    skip: Skip = None,
) -> None:
    """Kiểm tra hệ thống của cơ quan; bộ kiểm tra đóng vai trục · Test a system; the kit plays the axis."""
    if face not in {each.value for each in Face}:
        wrong_use("--face là native, vxp hoặc lgsp", "--face is native, vxp or lgsp")
    if face == "native" and public_key is None:
        wrong_use("--face native cần --public-key", "--face native needs --public-key")
    if certificate is not None and key is None:
        wrong_use("--certificate cần --key", "--certificate needs --key")
    host, _, port = listen.rpartition(":")
    if not port.isdigit():
        wrong_use("--listen viết HOST:PORT", "--listen is HOST:PORT")
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    out = Console(stderr=True, highlight=False, soft_wrap=True)
    out.print(say("Khởi động trục của bộ kiểm tra…", "Starting the kit's axis…"))
    with open_playground(Face(face), agency, system_id, public_key, folder) as (world, client, secret):
        recorder, script = Recorder(), Script()
        proxy = Proxy(world.url, script, recorder)
        with listening(proxy, host or "127.0.0.1", int(port)) as url:
            path = {"native": "", "vxp": "/vxp", "lgsp": "/lgsp"}[face]
            out.print(say(f"Đang nghe tại {url}{path}; khóa ở {folder}", f"Listening at {url}{path}; keys in {folder}"))
            bench = SystemBench(
                Face(face), agency, client, proxy, script, recorder, lambda vi, en: out.print("→ " + say(vi, en)),
                patience, receives_only, secret,
            )  # fmt: skip
            report = run_system(bench, system_id, only or [], skip or [], tester, json_file)
    finish(report, json_file, html, certificate, key)


def run_system(
    bench: SystemBench, system_id: str, only: Sequence[str], skip: Sequence[str], tester: str, into: Path | None
) -> Report:
    """Run every check against the system that calls, with progress."""
    subject = Subject("system", f"{bench.agency} / {system_id}", (bench.face.value,))
    return run_all(subject, system_checks(bench.face), bench, bench.recorder, only, skip, {}, into, tester)


def given_target(url: str, native: Sequence[Path], vxp: Sequence[str], lgsp: Sequence[str]) -> AxisTarget:
    """The target as options name it. Refuses CONFORM_IDENTITY_WRONG, and what profiles and keys refuse."""
    for given in (native, vxp, lgsp):
        if len(given) not in {0, 2}:
            raise Refused(
                CONFORM_IDENTITY_WRONG, given=", ".join(map(str, given)), why_vi="cần hai", why_en="needs two"
            )
    identities = []
    for path in native:
        config = open_profile(path)
        axis_key = load_public_key(config.axis_key_file.read_bytes())
        identities.append(NativeIdentity(config.agencies[0], credentials_of(config).signer, axis_key))
    shared = [tuple(_shared(each) for each in given) for given in (vxp, lgsp)]
    return AxisTarget(url.rstrip("/"), tuple(identities), shared[0], shared[1])


def _shared(given: str) -> SharedIdentity:
    parts = given.split(",", 2)
    if len(parts) != 3:
        raise Refused(CONFORM_IDENTITY_WRONG, given=given, why_vi="thiếu phần", why_en="a piece is missing")
    return SharedIdentity(parts[0], parts[1], read_secret(Path(parts[2])).decode().strip())


def faces_of(target: AxisTarget) -> tuple[str, ...]:
    """Faces for which there are identities."""
    given = {"native": target.native, "vxp": target.vxp, "lgsp": target.lgsp}
    return tuple(face for face, identities in given.items() if identities)


def run_axis(
    target: AxisTarget,
    bench: AxisBench,
    only: Sequence[str],
    skip: Sequence[str],
    earlier: Path | None,
    into: Path | None,
    tester: str,
) -> Report:
    """Run every check of the faces of a target, with progress; each result is on disk as soon as it is there."""
    faces = faces_of(target)
    checks: list[Check[AxisBench]] = [c for family in FAMILIES if family.face.value in faces for c in family.checks]
    subject = Subject("axis", target.url, faces)
    kept = earlier_results(earlier, subject, checks) if earlier is not None and earlier.exists() else {}
    return run_all(subject, checks, bench, bench.recorder, only, skip, kept, into, tester)


def run_all(
    subject: Subject,
    checks: Sequence[Check[C]],
    bench: C,
    recorder: Recorder,
    only: Sequence[str],
    skip: Sequence[str],
    kept: Mapping[str, Result],
    into: Path | None,
    tester: str,
) -> Report:
    """Run checks with progress; each result is on disk as soon as it is there."""
    began = datetime.now(UTC)
    results: list[Result] = []

    with _telling(len(checks)) as (before, after):

        def keep(result: Result) -> None:
            results.append(result)
            after(result)
            if into is not None:
                into.write_bytes(encode_report(Report(subject, tester, began, datetime.now(UTC), tuple(results))))

        found = run_checks(
            checks, bench, recorder, only=only, skip=skip, earlier=kept,
            told=keep, began=before,
        )  # fmt: skip
    return Report(subject, tester, began, datetime.now(UTC), tuple(found))


def finish(
    report: Report, json_file: Path | None, html: Path | None, certificate: Path | None, key: Path | None
) -> None:
    """Write what was asked for and say how it ended. Exits with 1 unless every must is met."""
    encoded = encode_report(report)
    if json_file is not None:
        json_file.write_bytes(encoded)
    if html is not None:
        html.write_text(render_report(json.loads(encoded), language()), "utf-8")
    out = Console(highlight=False, soft_wrap=True)
    counts = " · ".join(f"{_WORDS[each][0 if language() == 'vi' else 1]}: {report.count(each)}" for each in Outcome)
    out.print(counts, markup=False)
    if certificate is not None and key is not None:
        issued = issue(report, FileSigner(key), datetime.now(UTC))
        certificate.write_bytes(issued)
        page = render_certificate(json.loads(issued)["certificate"], token_of(issued), language())
        certificate.with_suffix(".html").write_text(page, "utf-8")
        out.print(say(f"✓ Chứng nhận: {certificate}", f"✓ Certificate: {certificate}"), markup=False)
    if not report.good:
        raise typer.Exit(REFUSED)


_WORDS = {
    Outcome.PASSED: ("đạt", "passed"),
    Outcome.FAILED: ("chưa đạt", "failed"),
    Outcome.NOT_APPLICABLE: ("không áp dụng", "not applicable"),
    Outcome.NOT_RUN: ("chưa chạy", "not run"),
}
_MARKS = {Outcome.PASSED: "✓", Outcome.FAILED: "✗", Outcome.NOT_APPLICABLE: "–", Outcome.NOT_RUN: "○"}


class _telling:
    """Progress: a bar on a terminal, one line for each check in any case."""

    def __init__(self, total: int) -> None:
        out = Console(stderr=True, highlight=False, soft_wrap=True)
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        self._bar = Progress(*columns, console=out, transient=True, disable=not sys.stderr.isatty())
        self._task = self._bar.add_task("", total=total)

    def __enter__(self) -> tuple[Any, Any]:
        self._bar.start()
        return self._before, self._after

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def _before(self, check: Check[Any]) -> None:
        self._bar.update(self._task, description=check.id)

    def _after(self, result: Result) -> None:
        self._bar.advance(self._task)
        line = f"{_MARKS[result.outcome]} {result.check.id} – {result.check.title.of(language())}"
        self._bar.console.print(line, markup=False)
        if result.outcome is Outcome.FAILED and result.reason is not None:
            self._bar.console.print(f"    {result.reason.of(language())}", markup=False)
            self._bar.console.print(f"    → {result.check.remedy.of(language())}", markup=False)


@verb
def verify(
    file: Annotated[Path, typer.Argument(help="Tệp chứng nhận (JSON) · The certificate.")],
    trust: Annotated[
        Path | None, typer.Option(help="Khóa công khai của người kiểm tra (PEM) · The tester's public key.")
    ] = None,
    report: Annotated[Path | None, typer.Option(help="Báo cáo JSON kèm theo · The report it is about.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Kiểm tra chứng nhận tuân thủ, không cần mạng · Verify a certificate offline."""
    trusted = load_public_key(trust.read_bytes()) if trust is not None else None
    found = verify_certificate(file, trusted, report)
    members = found.members
    rows = {"valid": True, "trusted": found.trusted, "report_matches": found.report_matches, "certificate": members}

    def lines() -> Any:
        who, faces = members["subject"]["identity"], ", ".join(members["subject"]["faces"])
        yield say(f"✓ Chữ ký đúng. Cấp cho {who} ({faces}).", f"✓ The signature holds. Issued for {who} ({faces}).")
        at, tester = members["issued_at"], members["tester"]
        yield say(f"  Ngày cấp {at}, người kiểm tra: {tester}.", f"  Issued at {at} by {tester}.")
        if found.report_matches:
            yield say("✓ Báo cáo kèm theo đúng là báo cáo đã chứng nhận.", "✓ The report is the certified one.")
        else:
            digest = members["report_sha256"]
            yield say(
                f"  Chưa so với báo cáo (SHA-256 {digest}).", f"  Not compared with the report (SHA-256 {digest})."
            )
        if not found.trusted:
            kid = members["key_id"]
            yield say(
                f"! Khóa ký lấy từ chính tệp ({kid}); dùng --trust để so với khóa đã biết.",
                f"! The key comes from the file itself ({kid}); use --trust to compare with a key you know.",
            )

    answer(as_json, rows, lines)


@verb
def show(as_json: JsonOption = False) -> None:
    """Danh sách các mục kiểm tra · What is checked."""
    checks = [check for family in FAMILIES for check in family.checks]
    rows = [
        {"id": c.id, "severity": c.severity.value, "source": c.source, "vi": c.title.vi, "en": c.title.en}
        for c in checks
    ]
    answer(as_json, {"checks": rows}, lambda: iter([f"{c.id} – {c.title.of(language())}" for c in checks]))
