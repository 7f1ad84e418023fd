"""``lienthong sign-agent``: the small program between an official's token and the browser."""

from __future__ import annotations

import signal
import threading
import webbrowser
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from lienthong.base.clock import SystemClock
from lienthong.infra import telemetry
from lienthong.roles.cli_output import REFUSED, answer, console, say, verb, wrong_use
from lienthong.roles.cli_profile import JsonOption
from lienthong.signing.agent.desk import Desk
from lienthong.signing.agent.program import PORT, SignAgent, is_origin
from lienthong.signing.agent.selftest import self_test
from lienthong.signing.use_log import UseLog

HomeOption = Annotated[
    Path, typer.Option("--home", help="Thư mục của trình ký · The agent's folder.", envvar="LIENTHONG_SIGN_HOME")
]
SignersOption = Annotated[Path | None, typer.Option(help="Thư mục hồ sơ người ký · Folder of signer profiles.")]
_HOME = Path("~/.lienthong/sign-agent")


def register(app: typer.Typer) -> None:
    """Add the verbs of this module; the group itself runs the agent."""
    app.callback(invoke_without_command=True)(run)
    for function in (check, log):
        app.command()(function)


@verb
def run(
    context: typer.Context,
    origin: Annotated[
        list[str] | None, typer.Option(help="Trang được phép, ví dụ https://vanban.tinh.gov.vn · A page that may ask.")
    ] = None,
    home: HomeOption = _HOME,
    signers: SignersOption = None,
    port: Annotated[int, typer.Option(min=1, max=65535)] = PORT,
    open_browser: Annotated[bool, typer.Option("--open/--no-open", help="Mở trang trình ký · Open its page.")] = False,
) -> None:
    """Chạy trình ký trên máy này cho đến khi được yêu cầu dừng · Run the agent on this computer until stopped."""
    if context.invoked_subcommand is not None:
        return
    for each in origin or []:
        if not is_origin(each):
            wrong_use(
                f"«{each}» không phải địa chỉ gốc của một trang: viết như https://vanban.tinh.gov.vn, không có gì sau.",
                f"“{each}” is no origin: write it as https://office.gov.vn with nothing after it.",
            )
    place = home.expanduser()
    agent = SignAgent(place, (signers or place / "signers").expanduser(), origin or [], SystemClock(), port=port)
    listening = agent.listen()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    out = console()
    out.print(say("✓ Trình ký đang chạy tại ", "✓ The agent runs at ") + agent.address, markup=False)
    out.print(say("  Mã ghép: ", "  Pairing code: ") + agent.pairing.code, markup=False)
    allowed = ", ".join(origin or []) or say("chỉ chương trình trên máy này", "programs of this computer only")
    out.print(say("  Trang được phép: ", "  Allowed pages: ") + allowed, markup=False)
    telemetry.info("agent.listening", port=agent.port)
    if open_browser:
        webbrowser.open(agent.address)
    agent.run(listening, stop)


@verb
def check(home: HomeOption = _HOME, signers: SignersOption = None, as_json: JsonOption = False) -> None:
    """Tự kiểm tra thiết bị, chứng thư số, đồng hồ; không dùng mã PIN · Self-test without a PIN."""
    place = home.expanduser()
    groups = self_test(Desk(place, (signers or place / "signers").expanduser(), SystemClock()))
    rows = [
        {"signer": profile.label if profile else None, "tone": each.tone, "vi": f"{each.subject}: {each.vi}",
         "en": each.en, "do_vi": each.do_vi, "do_en": each.do_en}
        for profile, checks in groups for each in checks
    ]  # fmt: skip

    def lines() -> Iterator[str]:
        for row in rows:
            mark = {"done": "✓", "waiting": "!", "error": "✗"}[str(row["tone"])]
            yield f"{mark} {row['signer'] or '–'}: " + say(str(row["vi"]), str(row["en"]))
            if row["do_vi"]:
                yield "  → " + say(str(row["do_vi"]), str(row["do_en"]))

    answer(as_json, {"checks": rows}, lines)
    if any(row["tone"] == "error" for row in rows):
        raise typer.Exit(REFUSED)


@verb
def log(home: HomeOption = _HOME, as_json: JsonOption = False) -> None:
    """Đọc và kiểm tra nhật ký dùng khoá · Read and check the log of key uses."""
    uses = UseLog(home.expanduser() / "uses.jsonl", SystemClock())
    rows, (count, head) = list(uses.read()), uses.head()

    def lines() -> Iterator[str]:
        for row in rows:
            what = f"{row.get('signer', '')} {row.get('number') or ''} {row.get('name') or ''}".strip()
            yield f"{row['seq']:>5}  {row['at']}  {row['event']:<10} {what}"
        yield say(f"✓ {count} dòng, chuỗi nguyên vẹn: {head}", f"✓ {count} lines, chain intact: {head}")

    answer(as_json, {"count": count, "head": head, "uses": rows}, lines)
