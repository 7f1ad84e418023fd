"""``lienthong connector``: init, run, status."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from lienthong.connector.courier.state_file import read_state
from lienthong.connector.folder.examples import FOLDER, write_templates
from lienthong.infra.config import load, locate
from lienthong.infra.config_page import example_file
from lienthong.infra.connector_config import ConnectorConfig
from lienthong.infra.keys import create_key, write_new
from lienthong.roles import cli_tokens, connector
from lienthong.roles.cli_output import answer, say, verb
from lienthong.roles.cli_profile import JsonOption
from lienthong.roles.moments import local
from lienthong.trust.keys import public_pem

ConfigOption = Annotated[
    Path | None, typer.Option("--config", help="Tệp cấu hình của đầu nối (TOML) · Configuration of the connector.")
]


def register(app: typer.Typer) -> None:
    """Add the verbs of this module; the group itself runs the connector when it is given a configuration."""
    app.callback(invoke_without_command=True)(group)
    for function in (init, run, status):
        app.command()(function)
    cli_tokens.register(app)


@verb
def group(context: typer.Context, config: ConfigOption = None) -> None:
    """Đầu nối bên cạnh phần mềm của cơ quan · The connector beside the agency's software."""
    if context.invoked_subcommand is None:
        if config is None:
            typer.echo(context.get_help())
            raise typer.Exit(2)
        connector.run(config)


@verb
def init(
    folder: Annotated[Path, typer.Argument(help="Thư mục mới cho cấu hình và khóa · Folder for files to make.")],
    as_json: JsonOption = False,
) -> None:
    """Tạo cấu hình mẫu có chú thích và khóa · Write a commented configuration and a key."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    key = create_key(folder / "system.key.pem")
    write_new(folder / "system.pub.pem", public_pem(key.public_key), 0o644)
    config = folder / "connector.toml"
    write_new(config, example_file(ConnectorConfig).encode(), 0o644)
    shared = folder / "trao-doi"
    templates = write_templates(shared)
    for tray in ("outbox", "inbox"):
        (shared / tray).mkdir(exist_ok=True)
    members = {"folder": str(shared), "templates": [str(each) for each in templates],
               "config": str(config), "key": str(key.path), "key_id": key.key_id,
               "public_key": str(folder / "system.pub.pem")}  # fmt: skip

    def lines() -> Iterator[str]:
        yield say(f"✓ Đã tạo {config} và khóa {key.path}.", f"✓ Wrote {config} and key {key.path}.")
        yield say(
            "→ Sửa địa chỉ trục, mã hệ thống và mã cơ quan trong tệp đó;", "→ Edit axis, system and agency in it;"
        )
        yield say(
            "  gửi khóa công khai cho đơn vị vận hành trục: ", "  send the public key to the axis's operator: "
        ) + str(folder / "system.pub.pem")
        yield say(
            f"→ Thư mục trao đổi: khai dir ở phần [folder] của cấu hình; mẫu nằm ở {shared / FOLDER}",
            f"→ Shared folder: set dir under [folder] in the configuration; templates are in {shared / FOLDER}",
        )
        yield say("  thả văn bản cần gửi vào ", "  drop documents to send into ") + str(shared / "outbox")
        yield say("→ Chạy: ", "→ Run: ") + f"lienthong connector run --config {config}"

    answer(as_json, members, lines)


@verb
def run(config: ConfigOption = None) -> None:
    """Chạy đầu nối cho đến khi được yêu cầu dừng · Run the connector until it is asked to stop."""
    connector.run(config)


@verb
def status(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Đầu nối đang chờ gửi gì, trục có liên lạc được không · What waits, and how the axes answer."""
    found = read_state(load(locate(ConnectorConfig, config), ConnectorConfig).spool_dir)
    answer(as_json, found, lambda: _status_lines(found))


def _status_lines(found: dict[str, Any]) -> Iterator[str]:
    running = found["running"]
    yield say("✓ Đang chạy", "✓ Running") if running else say("✗ Không chạy", "✗ Not running")
    if "at" not in found:
        return
    yield say(
        f"  chờ gửi {found['waiting']}, đang gửi {found['sending']}, cần xem lại {found['refused']}",
        f"  waiting {found['waiting']}, sending {found['sending']}, refused {found['refused']}",
    )
    if found["oldest_waiting"]:
        yield say("  chờ lâu nhất từ ", "  oldest waiting since ") + local(found["oldest_waiting"])
    for axis in found["axes"]:
        yield f"  {axis['name']}: {_standing(axis)}"
        if axis["reason"]:
            yield "    " + say(axis["reason"]["vi"], axis["reason"]["en"])
    yield from _folder_lines(found.get("folder"))
    if found["storage"]:
        yield "✗ " + say(found["storage"]["vi"], found["storage"]["en"])


def _standing(axis: dict[str, Any]) -> str:
    """Whether the axis answers, in words."""
    if axis["away_since"]:
        return say("mất liên lạc từ ", "away since ") + local(axis["away_since"])
    if axis["reachable_since"]:
        return say("liên lạc được từ ", "reachable since ") + local(axis["reachable_since"])
    if axis["reason"]:
        return say("trả lời nhưng từ chối phục vụ", "answers, but does not serve us")
    return say("chưa hỏi lần nào", "not asked yet")


def _folder_lines(folder: dict[str, Any] | None) -> Iterator[str]:
    """What waits in the shared folder, and what the disk does not let it do."""
    if folder is None:
        return
    waiting = folder["waiting"]
    count = folder["waiting_count"]
    yield say(f"  thư mục trao đổi: {count} mục đang chờ", f"  shared folder: {count} waiting")
    for each in waiting[:20]:
        yield f"    {each['name']}: " + say(each["vi"], each["en"])
    if folder["storage"]:
        yield "  ✗ " + say(folder["storage"]["vi"], folder["storage"]["en"])
