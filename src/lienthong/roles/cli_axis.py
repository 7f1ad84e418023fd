"""``lienthong axis init``: an axis on this machine, ready to start."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from lienthong.base.clock import SystemClock
from lienthong.infra.config import load, locate
from lienthong.infra.config_page import toml_value
from lienthong.infra.keys import write_new
from lienthong.infra.role_config import AxisConfig
from lienthong.roles import axis, cli_backup, worker
from lienthong.roles.axis_home import Operator, prepare
from lienthong.roles.cli_output import answer, say, told, verb, working, wrong_use
from lienthong.roles.cli_profile import JsonOption

ConfigOption = Annotated[
    Path | None, typer.Option("--config", help="Tệp cấu hình của trục (TOML) · Configuration of the axis.")
]


def register(app: typer.Typer) -> None:
    """Add the verbs of this module."""
    app.command("init")(init)
    app.command("run")(run)
    cli_backup.register(app)


@verb
def init(
    config: ConfigOption = None,
    name: Annotated[str | None, typer.Option(help="Tên trục, khi chưa có tệp cấu hình · Name of a new axis.")] = None,
    listen: Annotated[str | None, typer.Option(help="Địa chỉ nghe khi tạo cấu hình · Address of a new axis.")] = None,
    seed: Annotated[bool, typer.Option(help="Nạp danh bạ cấp 1 có sẵn · Load the packaged level-1 directory.")] = False,
    operator_dir: Annotated[
        Path | None, typer.Option(help="Thư mục khóa và hồ sơ của người vận hành · Folder of the operator's files.")
    ] = None,
    operator_system: Annotated[str, typer.Option(help="Mã hệ thống vận hành · Operator's system.")] = "van-hanh",
    operator_agency: Annotated[
        str | None, typer.Option(help="Mã cơ quan vận hành trục · Code of the operating agency.")
    ] = None,
    operator_name: Annotated[
        str, typer.Option(help="Tên cơ quan vận hành · Name of the operating agency.")
    ] = "Đơn vị vận hành trục liên thông",
    as_json: JsonOption = False,
) -> None:
    """Chuẩn bị trục: khóa, cơ sở dữ liệu, người vận hành; chạy lại được · Prepare an axis; may be repeated."""
    path = locate(AxisConfig, config)
    if name is not None and not path.exists():
        write_config(path, name, listen)
    elif name is not None or listen is not None:
        why = f"Đã có {path}; sửa tên và địa chỉ trong tệp đó.", f"{path} exists; change name and address there."
        wrong_use(*why)
    loaded = load(path, AxisConfig)
    folder = (operator_dir or path.resolve().parent / "operator").absolute()
    operator = Operator(operator_system, operator_agency or f"VH.{loaded.name}", operator_name, folder)
    with working(say("Đang chuẩn bị cơ sở dữ liệu", "Preparing the database")):
        done = prepare(loaded, operator, seed, SystemClock(), told)
    members = {
        "config": str(path),
        "axis": loaded.name,
        "axis_keys": str(done.axis_keys),
        "axis_public_key": str(done.axis_public),
        "operator": {
            "system_id": operator.system_id,
            "agency": operator.agency,
            "key": str(done.operator_key.path),
            "key_id": done.operator_key.key_id,
            "profile": str(done.profile),
        },
        "directory": {"version": done.version, "changed": done.changed},
    }

    def lines() -> Iterator[str]:
        yield say(f"✓ Trục {loaded.name} đã sẵn sàng.", f"✓ Axis {loaded.name} is ready.")
        yield say("  Khóa công bố cho bên kiểm tra: ", "  Keys for verifiers: ") + str(done.axis_keys)
        yield say("  Khóa công khai cho hệ thống kết nối: ", "  Public key for connectors: ") + str(done.axis_public)
        yield say("  Hồ sơ người vận hành: ", "  Operator's profile: ") + str(done.profile)
        yield say(f"  Danh bạ: phiên bản {done.version}", f"  Directory: version {done.version}")
        yield say("→ Khởi động: ", "→ Start: ") + f"lienthong axis run --config {path}"

    answer(as_json, members, lines)


@verb
def run(
    config: ConfigOption = None,
    listen: Annotated[
        str | None, typer.Option(help="Địa chỉ nghe, thay cho cấu hình · Address, instead of the configured one.")
    ] = None,
) -> None:
    """Chạy trục cho đến khi được yêu cầu dừng · Run the axis until it is asked to stop."""
    axis.run(config, listen)


@verb
def run_worker(config: ConfigOption = None) -> None:
    """Chạy các việc nền của trục · Work beside the axis until stopped."""
    worker.run(config)


def write_config(path: Path, name: str, listen: str | None) -> None:
    """A new configuration with what cannot be guessed; everything else has its default."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = ["[axis]", f"name = {toml_value(name, str)}"]
    if listen is not None:
        lines.append(f"listen = {toml_value(listen, str)}")
    write_new(path, "\n".join(lines).encode() + b"\n", 0o644)
