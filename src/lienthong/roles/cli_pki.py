"""``lienthong pki``: a local PKI to try signatures with. Never the Government's, and every certificate says so."""

from __future__ import annotations

import re
import signal
import threading
from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from lienthong.base.clock import SystemClock, to_text
from lienthong.base.errors import Refused
from lienthong.connector.errors import FILE_NOT_USABLE
from lienthong.infra.keys import write_new
from lienthong.roles.cli_output import answer, console, say, verb, working, wrong_use
from lienthong.roles.cli_profile import JsonOption
from lienthong.roles.moments import local
from lienthong.signing.agent.program import listen_on
from lienthong.signing.pki.acme.external import ExternalKeys
from lienthong.signing.pki.acme.identifiers import PRIVATE, Network
from lienthong.signing.pki.acme.program import PORT as ACME_PORT
from lienthong.signing.pki.acme.program import AcmeServer, AcmeSettings
from lienthong.signing.pki.demo import AGENCY, SYMBOL, make_demo, open_services
from lienthong.signing.pki.register import Issued, Profile, Register
from lienthong.signing.pki.server import serve as serve_until

FolderArgument = Annotated[Path, typer.Argument(help="Thư mục PKI · Folder of the PKI.")]
PORT = 8095
_ADDRESS = re.compile(r"http://[A-Za-z0-9.-]+(:[0-9]{1,5})?/?")
REASONS = {
    "key-compromise": x509.ReasonFlags.key_compromise, "affiliation-changed": x509.ReasonFlags.affiliation_changed,
    "superseded": x509.ReasonFlags.superseded, "cessation": x509.ReasonFlags.cessation_of_operation,
    "unspecified": x509.ReasonFlags.unspecified,
}  # fmt: skip


def register(app: typer.Typer) -> None:
    """Add the verbs of this module."""
    app.callback()(group)
    for name, made in (("demo", demo), ("issue", issue), ("list", show), ("revoke", revoke), ("crl", write_crl)):
        app.command(name)(made)
    app.command("serve")(serve)
    app.command("acme-key")(acme_key)


def group() -> None:
    """PKI nội bộ để đào tạo, thử nghiệm · A local PKI for training and tests."""


@verb
def demo(
    folder: Annotated[Path, typer.Argument(help="Thư mục mới · A new folder.")],
    url: Annotated[
        str | None,
        typer.Option(help="Địa chỉ sẽ chạy dịch vụ, ví dụ http://127.0.0.1:8095 · Where it will be served."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Lập PKI thử: cơ quan, hai người ký, dấu thời gian, danh sách thu hồi · Make a PKI to try signatures with."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Refused(FILE_NOT_USABLE, file=folder, why="đã có nội dung; chọn thư mục khác (not empty; choose another)")
    if url is not None and not _ADDRESS.fullmatch(url):
        wrong_use(f"--url «{url}»: viết như http://127.0.0.1:{PORT}.", f"--url “{url}”: write http://127.0.0.1:{PORT}.")
    with working(say("Tạo khóa và chứng thư số …", "Making keys and certificates …")):
        profiles = make_demo(folder, SystemClock(), url)
    members = {
        "folder": str(folder), "agency": AGENCY, "signers": [each.stem for each in profiles],
        "trust_store": str(folder / "trust"),
    }  # fmt: skip
    answer(as_json, members, lambda: _next(folder, url))


@verb
def issue(
    folder: FolderArgument,
    csr: Annotated[Path, typer.Option(help="Yêu cầu PKCS#10 · The request.")],
    out: Annotated[Path, typer.Option(help="Tệp chứng thư số để ghi · Where the certificate goes.")],
    profile: Annotated[Profile, typer.Option(help="Cấp cho ai · For whom.")] = Profile.SYSTEM,
    as_json: JsonOption = False,
) -> None:
    """Cấp chứng thư số theo yêu cầu · Issue a certificate for a request."""
    if out.exists():
        raise Refused(FILE_NOT_USABLE, file=out, why="đã có; không ghi đè (exists already)")
    certificate = Register(folder, SystemClock()).issue_request(profile, csr.read_bytes())
    write_new(out, certificate.public_bytes(Encoding.PEM), 0o644)
    found = Issued(certificate, profile)
    answer(as_json, _members(found), lambda: iter([f"✓ {found.serial}  {found.name}", f"→ {out}"]))


@verb
def show(
    folder: FolderArgument,
    expiring: Annotated[
        int | None,
        typer.Option(min=1, help="Chỉ các tờ sắp hết hạn, số ngày · Only those that end within days."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Mọi chứng thư số đã cấp; sổ được kiểm tra chuỗi băm · Everything issued; the chain of the register is checked."""
    now = SystemClock().now()
    found = [
        each for each in Register(folder, SystemClock()).all().values()
        if expiring is None or (each.revoked is None and (each.certificate.not_valid_after_utc - now).days <= expiring)
    ]  # fmt: skip

    def lines() -> Iterator[str]:
        for each in found:
            ended = _ended(each)
            yield f"{each.serial}  {each.profile.value:10}  {each.name}  {ended}"

    answer(as_json, {"certificates": [_members(each) for each in found]}, lines)


@verb
def revoke(
    folder: FolderArgument,
    which: Annotated[str, typer.Argument(help="Số sê-ri hoặc tên · Serial number or name.")],
    reason: Annotated[str, typer.Option(help=" | ".join(REASONS))] = "unspecified",
    as_json: JsonOption = False,
) -> None:
    """Thu hồi, không đảo ngược được; danh sách được ghi lại ngay · Revoke for good; the list is written at once."""
    if reason not in REASONS:
        wrong_use(f"--reason: {', '.join(REASONS)}.", f"--reason: {', '.join(REASONS)}.")
    found = Register(folder, SystemClock()).revoke(which, REASONS[reason])
    answer(
        as_json, _members(found), lambda: iter([say("✓ Đã thu hồi ", "✓ Revoked ") + f"{found.serial}  {found.name}"])
    )


@verb
def write_crl(folder: FolderArgument, as_json: JsonOption = False) -> None:
    """Ghi danh sách thu hồi mới · Write the list of revoked certificates anew."""
    size = len(Register(folder, SystemClock()).write_list())
    file = folder / "trust" / "issuing.crl"
    answer(as_json, {"file": str(file), "bytes": size}, lambda: iter([f"✓ {file}"]))


@verb
def serve(
    folder: FolderArgument,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Cổng trên máy này · Port of this machine.")] = PORT,
    acme_name: Annotated[
        str | None, typer.Option(help="Bật ACME với tên máy này · Turn ACME on, under this host name.")
    ] = None,
    acme_port: Annotated[
        int, typer.Option(min=1, max=65535, help="Cổng HTTPS của ACME · ACME's HTTPS port.")
    ] = ACME_PORT,
    acme_address: Annotated[
        str, typer.Option(help="Địa chỉ ACME nghe · Where ACME listens, 0.0.0.0 for all.")
    ] = "127.0.0.1",
    allow: Annotated[
        list[str] | None,
        typer.Option(help="Mạng được xác minh, lặp lại được · Network whose machines are checked; may be repeated."),
    ] = None,
    http_port: Annotated[
        int, typer.Option(min=1, max=65535, help="Cổng xác minh http-01 · Port that http-01 asks.")
    ] = 80,
) -> None:
    """Chạy OCSP, dấu thời gian, danh sách thu hồi, ACME · Serve OCSP, time stamps, lists, and ACME."""
    stop = threading.Event()
    services = open_services(folder, SystemClock())
    enrolling = None
    if acme_name is not None:
        settings = AcmeSettings(acme_name.lower(), acme_address, acme_port, _networks(allow), http_port)
        enrolling = AcmeServer(Register(folder, SystemClock()), settings, SystemClock())
    listening = listen_on(port)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    base = f"http://127.0.0.1:{port}"
    console().print(f"✓ OCSP {base}/ocsp · TSA {base}/tsa · {base}/issuing.crl", markup=False)
    beside = None
    if enrolling is not None:
        taken = listen_on(acme_port, acme_address)
        console().print(f"✓ ACME {enrolling.settings.base}/acme/directory", markup=False)
        beside = threading.Thread(target=enrolling.serve, args=(taken, stop), name="acme")
        beside.start()
    serve_until(services, listening, stop)
    if beside is not None:
        beside.join()


@verb
def acme_key(
    folder: FolderArgument,
    name: Annotated[str, typer.Argument(help="Tên mã, cho một tài khoản · Name of the key, for one account.")],
    as_json: JsonOption = False,
) -> None:
    """Cấp mã đăng ký ACME (EAB); từ đó mọi tài khoản mới đều cần mã · Give out a key for an ACME account (EAB)."""
    Register(folder, SystemClock())
    made = ExternalKeys(folder / "ca" / "acme" / "keys").make(name)
    lines = [f"kid   {name}", f"hmac  {made}"]
    answer(as_json, {"kid": name, "hmac_key": made, "algorithm": "HS256"}, lambda: iter(lines))


def _networks(texts: list[str] | None) -> tuple[Network, ...]:
    if not texts:
        return PRIVATE
    try:
        return tuple(ip_network(each) for each in texts)
    except ValueError:
        wrong_use("--allow: ghi mạng như 10.0.0.0/8.", "--allow: write a network like 10.0.0.0/8.")


def _ended(each: Issued) -> str:
    if each.revoked is not None:
        return say("thu hồi ", "revoked ") + local(to_text(each.revoked))
    return say("đến ", "until ") + f"{each.certificate.not_valid_after_utc:%d/%m/%Y}"


def _members(found: Issued) -> dict[str, object]:
    return {
        "serial": found.serial, "name": found.name, "profile": found.profile.value,
        "not_after": to_text(found.certificate.not_valid_after_utc),
        "revoked": to_text(found.revoked) if found.revoked else None,
        "reason": found.reason.value if found.reason else None,
    }  # fmt: skip


def _next(folder: Path, url: str | None) -> Iterator[str]:
    """What to do now, ready to be copied."""
    sign, signers = "lienthong sign", f"--signers {folder / 'signers'}"
    yield say(f"✓ Đã lập PKI thử nghiệm trong {folder}; không dùng cho văn bản thật.",
              f"✓ Made a PKI for trials in {folder}; not for real documents.")  # fmt: skip
    if url is not None:
        yield f"  lienthong pki serve {folder} --port {urlsplit(url).port or 80}"
    yield say("→ Văn bản cần có dòng «GIÁM ĐỐC», bên dưới «Nguyễn Văn An», và «Số:      /…», «ngày    tháng    năm».",
              "→ The document needs the position, below it the name, and blanks for number and date.")  # fmt: skip
    yield f"  {sign} VAN-BAN.pdf --out DA-KY.pdf {signers} --signer an"
    yield (
        f"  {sign} DA-KY.pdf --out PHAT-HANH.pdf {signers} --signer co-quan --number 15 --symbol {SYMBOL} --level B-LTA"
    )
    yield f"  lienthong verify PHAT-HANH.pdf --trust-store {folder / 'trust'}"
