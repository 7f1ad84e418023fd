"""``lienthong config``: what a role would run with."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lienthong.infra.config import RoleConfig, load, locate
from lienthong.infra.config_page import effective, example_file
from lienthong.infra.role_config import ROLES
from lienthong.roles.cli_output import answer, say, verb, wrong_use
from lienthong.roles.cli_profile import JsonOption

RoleArgument = Annotated[str, typer.Argument(help=" | ".join(role.table for role in ROLES))]
FileOption = Annotated[Path | None, typer.Option("--config", help="Tệp cấu hình (TOML) · Configuration file.")]


def register(app: typer.Typer) -> None:
    """Add the verbs of this module."""
    for function in (show, check, example):
        app.command()(function)


@verb
def show(role: RoleArgument, config: FileOption = None, as_json: JsonOption = False) -> None:
    """Giá trị đang có hiệu lực; bí mật không được in · Values in force; secrets are not shown."""
    chosen = _role(role)
    path = locate(chosen, config)
    values = effective(load(path, chosen))
    members = {"file": str(path), "values": dict(values)}
    answer(as_json, members, lambda: iter([f"# {path}", *(f"{name} = {value}" for name, value in values)]))


@verb
def check(role: RoleArgument, config: FileOption = None, as_json: JsonOption = False) -> None:
    """Kiểm tra tệp cấu hình, nêu mọi lỗi cùng số dòng · Check a file; every fault with its line."""
    chosen = _role(role)
    path = locate(chosen, config)
    load(path, chosen)
    answer(as_json, {"file": str(path), "valid": True}, lambda: iter([say(f"✓ {path} hợp lệ", f"✓ {path} is valid")]))


@verb
def example(role: RoleArgument) -> None:
    """In một tệp cấu hình mẫu có chú giải · Print a commented example file."""
    text = example_file(_role(role))
    answer(False, {}, lambda: iter([text]))


def _role(name: str) -> type[RoleConfig]:
    found = next((role for role in ROLES if role.table == name), None)
    if found is None:
        names = ", ".join(role.table for role in ROLES)
        wrong_use(f"Không có thành phần «{name}»; dùng {names}.", f"There is no role “{name}”; use {names}.")
    return found
