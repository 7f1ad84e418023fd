"""``lienthong keys``: a system's own key."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from lienthong.infra.keys import KeyKind, create_key, read_secret, write_new
from lienthong.roles import cli_key_rotation
from lienthong.roles.cli_output import answer, say, verb, wrong_use
from lienthong.roles.cli_profile import JsonOption
from lienthong.trust.keys import key_id, load_public_key, public_pem

KINDS: tuple[KeyKind, ...] = ("P-256", "P-384", "Ed25519")


def register(app: typer.Typer) -> None:
    """Add the verbs of this module."""
    app.command("create")(create)
    app.command("show")(show)
    cli_key_rotation.register(app)


@verb
def create(
    out: Annotated[Path, typer.Option(help="Tệp khóa riêng sẽ tạo, ví dụ so-tc.key.pem · Private key file to make.")],
    kind: Annotated[str, typer.Option(help="P-256 | P-384 | Ed25519")] = "P-256",
    password_file: Annotated[
        Path | None, typer.Option(help="Tệp chứa mật khẩu để mã hóa khóa · File with a password for the key.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Tạo khóa cho một hệ thống; không ghi đè · Make a system's key; never overwrites."""
    chosen = next((each for each in KINDS if each.lower() == kind.lower()), None)
    if chosen is None:
        wrong_use(f"Không có loại khóa «{kind}»; dùng {', '.join(KINDS)}.", f"No key “{kind}”; use {', '.join(KINDS)}.")
    password = read_secret(password_file).rstrip(b"\r\n") if password_file is not None else None
    if password_file is not None and not password:
        wrong_use(f"Tệp mật khẩu {password_file} rỗng.", f"The password file {password_file} is empty.")
    public = public_file(out)
    if public.exists():
        wrong_use(f"Đã có tệp {public}; chọn tên khác.", f"{public} exists already; choose another name.")
    signer = create_key(out, chosen, password)
    write_new(public, public_pem(signer.public_key), 0o644)
    members = {"key_id": signer.key_id, "private_key": str(out), "public_key": str(public), "kind": chosen}

    def lines() -> Iterator[str]:
        yield say(f"✓ Mã khóa: {signer.key_id}", f"✓ Key identifier: {signer.key_id}")
        yield say(f"  Khóa riêng (giữ kín): {out}", f"  Private key (keep it secret): {out}")
        yield say(f"  Khóa công khai (gửi cho đơn vị vận hành): {public}", f"  Public key (for the operator): {public}")

    answer(as_json, members, lines)


@verb
def show(
    file: Annotated[Path, typer.Argument(help="Tệp khóa công khai · Public key file.", exists=True, dir_okay=False)],
    as_json: JsonOption = False,
) -> None:
    """Mã của một khóa công khai, để đối chiếu qua điện thoại · The identifier of a public key, to compare by phone."""
    found = key_id(load_public_key(file.read_bytes()))
    answer(as_json, {"key_id": found, "file": str(file)}, lambda: iter([found]))


def public_file(private: Path) -> Path:
    """Where the public half of a private key's file lies: ``x.key.pem`` and ``x.pem`` have ``x.pub.pem``."""
    return private.with_name(private.name.removesuffix(".pem").removesuffix(".key") + ".pub.pem")
