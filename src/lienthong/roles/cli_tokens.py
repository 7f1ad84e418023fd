"""``lienthong connector token``: create, list and revoke the tokens of the connector's local face."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from lienthong.base.clock import SystemClock, to_text
from lienthong.connector.local.face import local_folder
from lienthong.connector.local.tokens import Tokens
from lienthong.infra.config import load, locate
from lienthong.infra.connector_config import ConnectorConfig
from lienthong.roles.cli_output import answer, say, verb
from lienthong.roles.cli_profile import JsonOption

ConfigOption = Annotated[
    Path | None, typer.Option("--config", help="Tệp cấu hình của đầu nối (TOML) · Configuration of the connector.")
]
NameOption = Annotated[str, typer.Option("--name", help="Tên để nhận ra mã · A name to know it by.")]


def register(app: typer.Typer) -> None:
    """Add the group ``token``."""
    group = typer.Typer(help="Mã truy cập giao diện tại chỗ · Tokens of the local face.", no_args_is_help=True)
    group.command()(create)
    group.command("list")(listing)
    group.command()(revoke)
    app.add_typer(group, name="token")


@verb
def create(
    name: NameOption,
    config: ConfigOption = None,
    write: Annotated[bool, typer.Option("--write", help="Được gửi và thay đổi · May send and change.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Tạo mã mới, chỉ hiện một lần · Make a token; it is shown once."""
    text = _tokens(config).create(name, write=write)

    def lines() -> Iterator[str]:
        yield text
        yield say("→ Cất mã này ngay: đầu nối chỉ giữ mã băm của nó.", "→ Keep it now: only its digest is stored.")

    answer(as_json, {"name": name, "token": text, "write": write}, lines)


@verb
def listing(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Các mã đã tạo · The tokens that were made."""
    rows = [
        {
            "name": each.name,
            "write": each.write,
            "created_at": to_text(each.created_at),
            "revoked_at": to_text(each.revoked_at) if each.revoked_at else None,
        }
        for each in _tokens(config).all()
    ]

    def lines() -> Iterator[str]:
        for row in rows:
            right = say("xem và gửi", "read and send") if row["write"] else say("chỉ xem", "read only")
            ended = say(" · đã thu hồi ", " · revoked ") + str(row["revoked_at"]) if row["revoked_at"] else ""
            yield f"{row['name']} · {right} · {row['created_at']}{ended}"

    answer(as_json, {"tokens": rows}, lines)


@verb
def revoke(name: NameOption, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Thu hồi mã, có hiệu lực ngay · Revoke a token at once."""
    _tokens(config).revoke(name)
    answer(as_json, {"name": name}, lambda: iter([say(f"✓ Đã thu hồi mã «{name}».", f"✓ Revoked token “{name}”.")]))


def _tokens(config: Path | None) -> Tokens:
    spool = load(locate(ConnectorConfig, config), ConnectorConfig).spool_dir
    return Tokens(local_folder(spool), SystemClock())
