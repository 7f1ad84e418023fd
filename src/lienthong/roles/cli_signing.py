"""``lienthong signing``: the remote signing service (CSC API v2) and its accounts."""

from __future__ import annotations

import base64
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from lienthong.base.clock import SystemClock
from lienthong.infra import telemetry
from lienthong.infra.keys import read_secret, write_new
from lienthong.roles.cli_output import answer, console, say, verb, wrong_use
from lienthong.roles.cli_profile import JsonOption
from lienthong.signing.agent.program import listen_on
from lienthong.signing.remote.server import RemoteSigning, serve

HomeOption = Annotated[Path, typer.Option("--home", help="Thư mục của dịch vụ · The service's folder.")]
PORT = 8094


def register(app: typer.Typer) -> None:
    """Add the verbs of this module."""
    app.command("serve")(run)
    app.command("user")(user)
    app.command("log")(log)


@verb
def run(home: HomeOption, port: Annotated[int, typer.Option(min=1, max=65535)] = PORT) -> None:
    """Chạy dịch vụ ký số từ xa trên máy này, sau một proxy TLS · Run the service on loopback, behind a TLS proxy."""
    service = RemoteSigning(home, SystemClock())
    listening = listen_on(port)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    console().print(say("✓ Dịch vụ chạy tại ", "✓ The service runs at ") + f"http://127.0.0.1:{port}", markup=False)
    telemetry.info("signing.listening", port=port)
    serve(service, listening, stop)


@verb
def user(
    name: Annotated[str, typer.Argument(help="Tên tài khoản · Account.")],
    home: HomeOption,
    password_file: Annotated[Path, typer.Option(help="Tệp mật khẩu, chmod 600 · File with the password.")],
    otp: Annotated[bool, typer.Option("--otp", help="Đòi thêm mã OTP · Ask for one-time passwords.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Lập tài khoản; hồ sơ chứng thư đặt trong thư mục của tài khoản · Make an account."""
    accounts = RemoteSigning(home, SystemClock()).accounts
    try:
        folder = accounts.add(name, read_secret(password_file).rstrip(b"\r\n"))
    except ValueError:
        wrong_use("Tên tài khoản gồm chữ thường, số, dấu . và -.", "An account is small letters, digits, . and -.")
    secret = base64.b32encode(os.urandom(20)) if otp else b""
    if otp:
        write_new(folder / "otp.secret", secret)

    def lines() -> Iterator[str]:
        yield say(f"✓ Đã lập tài khoản {name}: {folder}", f"✓ Made account {name}: {folder}")
        if otp:
            yield say("  Khoá OTP, chỉ hiện một lần: ", "  OTP secret, shown once: ") + secret.decode()

    answer(as_json, {"user": name, "folder": str(folder), "otp": secret.decode() or None}, lines)


@verb
def log(home: HomeOption, as_json: JsonOption = False) -> None:
    """Đọc và kiểm tra nhật ký dùng khoá · Read and check the log of key uses."""
    uses = RemoteSigning(home, SystemClock()).log
    rows, (count, head) = list(uses.read()), uses.head()

    def lines() -> Iterator[str]:
        for row in rows:
            yield f"{row['seq']:>5}  {row['at']}  {row['event']:<10} {row.get('user', '')} {row.get('credential', '')}"
        yield say(f"✓ {count} dòng, chuỗi nguyên vẹn: {head}", f"✓ {count} lines, chain intact: {head}")

    answer(as_json, {"count": count, "head": head, "uses": rows}, lines)
