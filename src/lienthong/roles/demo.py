"""``lienthong demo``: the main job before your eyes, on one machine, with real processes and real bytes."""

from __future__ import annotations

import json
import signal
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from lienthong.base.clock import SystemClock, to_text
from lienthong.connector.client import Client
from lienthong.roles.cli_exchange import trace_lines
from lienthong.roles.cli_output import language, say, verb
from lienthong.roles.cli_profile import open_client
from lienthong.roles.cli_verify import check, read_anchors
from lienthong.roles.demo_office import DemoOffice, open_office
from lienthong.roles.demo_office_journey import Journey
from lienthong.roles.demo_office_story import OfficeStory
from lienthong.roles.demo_story import Story, Told, document_rows
from lienthong.roles.demo_world import HANOI, VPCP, World, open_world, remember
from lienthong.trust.verdict import Verdict
from lienthong.verifier.render import render

LEVEL_PATIENCE = 30.0


def register(app: typer.Typer) -> None:
    """Add the verb of this module."""
    app.command()(demo)


@verb
def demo(
    once: Annotated[bool, typer.Option(help="Chạy xong thì dừng · Do not stay up.")] = False,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Ghi kết quả ra tệp · Write the result here.")
    ] = None,
    data: Annotated[Path, typer.Option(help="Thư mục dữ liệu · Data folder.")] = Path("demo-data"),
) -> None:
    """Trình diễn: một trục, ba cơ quan, văn bản thật, chứng cứ thật · The whole thing on this machine."""
    began = time.monotonic()
    # Asked to end is ended like Ctrl-C: whatever was started is stopped on the way out.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    if json_file is not None:
        json_file.touch()
    out = Console(highlight=False, soft_wrap=True)
    out.print(say("Khởi động trục liên thông và cơ sở dữ liệu…", "Starting the axis and its database…"))
    with open_world(data.absolute()) as world, _telling(out, began) as (tell, progress):
        tell(f"Trục đang chạy tại {world.url}", f"The axis is up at {world.url}")
        office = open_office(world)
        # Made ready while the letters travel; the two share nothing but the axis.
        with ThreadPoolExecutor(1) as beside:
            ready = beside.submit(office.prepare)
            story = Story(world, tell, progress)
            story.play()
            ready.result()
        told = OfficeStory(office, story).play()
        result = _prove(world, story, out)
        result["office"] = told | {"journey": Journey(office, tell).play()}
        result["seconds"] = round(time.monotonic() - began, 1)
        remember(world)
        if json_file is not None:
            json_file.write_text(json.dumps(result, ensure_ascii=False, indent=2), "utf-8")
        good = (
            result["verify"] == "PASSED" and result["tampered_verify"] == "FAILED" and result["conservation"]["holds"]
        )
        if once:
            raise typer.Exit(0 if good else 1)
        _show_people(office, out)
        _stay(world, out)


def _prove(world: World, story: Story, out: Console) -> dict[str, Any]:
    """Trace, proof file, verification, and the same for a damaged copy."""
    first = story.documents[0]
    out.print()
    for line in trace_lines(first.trace):
        out.print(line, markup=False)
    proof = world.root / "1312-VPCP-KSTT.asice"
    anchors = read_anchors([world.axis_keys])
    with open_client(world.profile(VPCP)) as client:
        _fetch_stamped(client, first, proof)
    report = check(proof, anchors)
    out.print("\n" + say(f"$ lienthong verify {proof}", f"$ lienthong verify {proof}"), markup=False)
    out.print(render(report, language()), markup=False)
    damaged = proof.with_name("hong-" + proof.name)
    damaged.write_bytes(_damage(proof.read_bytes()))
    verdict = check(damaged, anchors)
    out.print(say("Sửa một byte trong một bản sao rồi kiểm tra:", "One byte changed in a copy, then verified:"))
    out.print(render(verdict, language()).split("\n\n")[0], markup=False)
    conservation = _conservation(world)
    return {
        "axis": world.url,
        "documents": list(document_rows(story.documents)),
        "conservation": conservation,
        "proof_file": str(proof),
        "level": report.level.value if report.level is not None else None,
        "verify": report.verdict.name,
        "tampered_file": str(damaged),
        "tampered_verify": verdict.verdict.name,
    }


def _conservation(world: World) -> dict[str, Any]:
    """The axis's own count of everything, made after the story has ended; the worker counts every few seconds."""
    ended = to_text(SystemClock().now())
    until = time.monotonic() + LEVEL_PATIENCE
    with open_client(world.operator) as operator:
        while True:
            found = operator.connection.get_json("/v1/operator/conservation")
            if str(found["checked_at"]) > ended or time.monotonic() > until:
                return found
            world.check()
            time.sleep(0.3)


def _fetch_stamped(client: Client, told: Told, proof: Path) -> None:
    """The proof file, once its events are in the log and time-stamped; as far as it goes when that takes too long."""
    until = time.monotonic() + LEVEL_PATIENCE
    anchors = read_anchors([], trust_file=True)
    while True:
        client.proof(told.sender, proof, envelope_id=str(told.sent.envelope.id))
        report = check(proof, anchors)
        if report.verdict is Verdict.FAILED or time.monotonic() > until:
            return
        if report.level is not None and report.level.value in {"time-stamped", "witnessed"}:
            return
        time.sleep(0.5)


def _damage(data: bytes) -> bytes:
    """Change one byte in the middle, where the letter itself is."""
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 0x01]) + data[middle + 1 :]


def _show_people(office: DemoOffice, out: Console) -> None:
    """Everybody's login; the password is the same, the code is asked for with a verb."""
    out.print(say(f"\nVăn phòng: {office.url}/   mật khẩu chung: {office.password}",
                  f"\nThe office: {office.url}/   everybody's password: {office.password}"), markup=False)  # fmt: skip
    for login, name, position, agency in office.table():
        out.print(f"  {login:<18} {name:<22} {position:<18} {agency}", markup=False)
    verb = f".venv/bin/lienthong office code LOGIN --config {office.config}"
    out.print(say(f"Mã xác thực hiện tại của một người: {verb}", f"The present code of a person: {verb}"), markup=False)


def _stay(world: World, out: Console) -> None:
    profile = world.profile(VPCP)
    vi = (
        f"\nBản trình diễn đang chạy. Trang của trục: {world.url}/\nThử tiếp (ở cửa sổ khác):\n"
        f"  export LIENTHONG_PROFILE={profile}\n"
        f"  .venv/bin/lienthong send --to {HANOI.code} --file van-ban.pdf --number 99/VPCP-KSTT "
        "--subject 'V/v dùng thử'\n"
        "  .venv/bin/lienthong outbox\n  .venv/bin/lienthong receive --wait 10\n"
        f"  .venv/bin/lienthong verify --trust {world.axis_keys} {world.root}/1312-VPCP-KSTT.asice\nCtrl-C để dừng."
    )
    en = (
        f"\nThe demonstration stays up. The axis's page: {world.url}/\nTry next (in another window):\n"
        f"  export LIENTHONG_PROFILE={profile}\n"
        f"  .venv/bin/lienthong send --to {HANOI.code} --file any.pdf --number 99/VPCP-KSTT --subject 'A trial'\n"
        "  .venv/bin/lienthong outbox\n  .venv/bin/lienthong receive --wait 10\n"
        f"  .venv/bin/lienthong verify --trust {world.axis_keys} {world.root}/1312-VPCP-KSTT.asice\nCtrl-C to stop."
    )
    out.print(say(vi, en), markup=False)
    try:
        while True:
            world.check()
            time.sleep(1)
    except KeyboardInterrupt:
        out.print(say("Đang dừng…", "Stopping…"))


@contextmanager
def _telling(out: Console, began: float) -> Iterator[tuple[Any, Any]]:
    """How steps and uploads are shown: a bar on a terminal, plain lines otherwise."""
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=out, transient=True, disable=not sys.stdout.isatty()) as bar:
        task = bar.add_task(say("tải lên", "upload"), total=None, visible=False)

        def tell(vi: str, en: str) -> None:
            bar.console.print(f"[{time.monotonic() - began:5.1f} s] {say(vi, en)}", markup=False)

        def progress(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total, visible=done < total)

        yield tell, progress
