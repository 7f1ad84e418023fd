"""``lienthong office import``: take over an older system's export, with its files in a folder or a ZIP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from django.utils.module_loading import import_string

from lienthong.infra.config import load, locate
from lienthong.infra.office_config import OfficeConfig
from lienthong.roles import office
from lienthong.roles.cli_output import answer, say, told, transfer, verb, wrong_use
from lienthong.roles.cli_profile import JsonOption

DIRECTIONS = ("incoming", "outgoing")


def register(app: typer.Typer) -> None:
    """Add the verb ``import``."""
    app.command("import")(import_)


@verb
def import_(
    table: Annotated[Path, typer.Argument(help="Bảng CSV hoặc XLSX · The table.", exists=True, dir_okay=False)],
    login: Annotated[str, typer.Option(help="Làm thay ai: quản trị hoặc văn thư · In whose name.")],
    system: Annotated[str, typer.Option(help="Tên phần mềm cũ, giữ nguyên ở các lần sau · Name of the older system.")],
    direction: Annotated[str, typer.Option(help="incoming (đến) | outgoing (đi)")] = "incoming",
    files: Annotated[
        Path | None, typer.Option(help="Thư mục hoặc gói ZIP chứa các tệp · Folder or ZIP with the files.", exists=True)
    ] = None,
    column: Annotated[
        list[str] | None, typer.Option(help="Sửa cột đoán sai: truong=Tên cột · Correct a column: field=Header.")
    ] = None,
    series_by_kind: Annotated[
        bool, typer.Option("--series-by-kind", help="Mỗi loại một dãy số · A series for each kind.")
    ] = False,
    report: Annotated[Path | None, typer.Option(help="Ghi báo cáo XLSX vào đây · Write the report here.")] = None,
    go: Annotated[
        bool, typer.Option("--go", help="Nhập thật; không có thì chỉ chạy thử · Import, not only try.")
    ] = False,
    config: Annotated[Path | None, typer.Option("--config", help="Tệp cấu hình của văn phòng · Configuration.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Nhập văn bản các năm đã qua; mặc định chỉ chạy thử · Take over past years' documents; a trial unless --go."""
    if direction not in DIRECTIONS:
        wrong_use(f"--direction là {' hoặc '.join(DIRECTIONS)}.", f"--direction is {' or '.join(DIRECTIONS)}.")
    chosen = dict(each.partition("=")[::2] for each in column or [])
    loaded = load(locate(OfficeConfig, config), OfficeConfig)
    with office.opened(loaded, told):
        run = import_string("lienthong.roles.office_import.run")
        with transfer(say("Đang xét các dòng", "Looking at the rows")) as progress:
            done: dict[str, Any] = run(
                table, login, system, direction, files, chosen, report, progress, go=go, series_by_kind=series_by_kind
            )
    answer(as_json, done, lambda: _lines(done))


def _lines(done: dict[str, Any]) -> Iterator[str]:
    result = done["result"]
    yield (
        say("✓ Đã nhập xong", "✓ Imported")
        if done["state"] == "done"
        else say("✓ Đã chạy thử, chưa ghi gì", "✓ Tried; nothing was written")
    )
    for name, vi, en in (("rows", "dòng", "rows"), ("imported", "nhập được", "to import"), ("known", "đã có", "known"),
                         ("stopped", "không nhập", "kept out"), ("files", "tệp", "files")):  # fmt: skip
        yield f"  {result[name]} {say(vi, en)}"
    for each in result["registers"]:
        book, numbers, gaps = f"{each['register']} {each['year']}".strip(), each["numbers"], each["gaps"]
        yield say(f"  Sổ {book}: {numbers} số, thiếu {gaps}", f"  Register {book}: {numbers} numbers, {gaps} missing")
    for name, count in result["faults"].items():
        yield f"  {done['words'][name]}: {count}"
    if done["state"] != "done":
        yield say("→ Nhập thật: chạy lại với --go", "→ To import: run it again with --go")
