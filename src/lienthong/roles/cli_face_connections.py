"""``lienthong connection``: the operator's verbs on systems that connect through a compatible face."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer

from lienthong.base.clock import SystemClock, from_text, to_text
from lienthong.connector.bodies import bytes_body
from lienthong.connector.profile import connection_of
from lienthong.infra.config_text import parse_duration
from lienthong.roles.cli_output import answer, say, verb, wrong_use
from lienthong.roles.cli_profile import JsonOption, ProfileOption, open_profile
from lienthong.wire.canonical import encode

PATH = "/v1/operator/connections"
System = Annotated[str, typer.Argument(help="Mã hệ thống (systemid) · Identifier of the system.")]
Networks = Annotated[
    list[str] | None, typer.Option("--allow", help="Mạng được kết nối, ví dụ 10.1.0.0/16; lặp lại được · Network.")
]
StatusForm = Annotated[
    str | None, typer.Option(help="Dạng gói trạng thái: M (MessageHeader) hoặc S (Status) · Form of status packets.")
]


def register(app: typer.Typer) -> None:
    """Add the verbs of this module."""
    app.command("list")(show)
    app.command("set")(configure)
    for function in (add, rotate, revoke):
        app.command(function.__name__)(function)


@verb
def add(
    system: System,
    face: Annotated[str, typer.Option(help="vxp | lgsp")] = "vxp",
    name: Annotated[str, typer.Option(help="Tên phần mềm, khi hệ thống còn mới · Name, for a new system.")] = "",
    agency: Annotated[list[str] | None, typer.Option(help="Mã cơ quan; lặp lại được · Agency; repeatable.")] = None,
    branch: Annotated[
        list[str] | None, typer.Option(help="Cơ quan cùng mọi đơn vị trực thuộc · Agency with all below it.")
    ] = None,
    allow: Networks = None,
    status_form: StatusForm = None,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tạo kết nối; khóa bí mật chỉ hiện một lần · Add a connection; its secret is shown once."""
    order: dict[str, Any] = {
        "system_id": system, "face": face, "name": name, "agencies": agency or [], "branches": branch or [],
        "allow": allow or [],
    }  # fmt: skip
    if status_form is not None:
        order["status_form"] = status_form
    found = _post(profile, PATH, order)
    answer(as_json, found, lambda: _secret_lines(found))


@verb
def rotate(
    system: System,
    keep: Annotated[
        str, typer.Option(help="Khóa cũ còn dùng được bao lâu, ví dụ 7d, 12h · How long the old secret counts.")
    ] = "7d",
    until: Annotated[str | None, typer.Option(help="Hoặc đến thời điểm (RFC 3339) · Or until an instant.")] = None,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Cấp khóa bí mật mới; khóa cũ còn dùng được một thời gian · Issue a new secret; the old one counts a while."""
    try:
        end = from_text(until) if until is not None else SystemClock().now() + parse_duration(keep)
    except ValueError:
        wrong_use("--keep viết như 7d; --until viết như 2026-11-30T00:00:00+07:00.", "--keep 7d; --until RFC 3339.")
    found = _post(profile, f"{PATH}/{quote(system, safe='')}/rotate", {"old_until": to_text(end)})
    answer(as_json, found, lambda: _secret_lines(found))


@verb
def revoke(system: System, profile: ProfileOption = None, as_json: JsonOption = False) -> None:
    """Thu hồi kết nối ngay lập tức · Revoke a connection at once."""
    found = _post(profile, f"{PATH}/{quote(system, safe='')}/revoke", {})
    line = say(f"✓ Đã thu hồi kết nối của {system}.", f"✓ The connection of {system} is revoked.")
    answer(as_json, found, lambda: iter([line]))


@verb
def configure(
    system: System,
    allow: Networks = None,
    anywhere: Annotated[bool, typer.Option(help="Bỏ giới hạn mạng · No limit of networks.")] = False,
    status_form: StatusForm = None,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Đổi mạng được phép và dạng gói trạng thái · Change networks and the form of statuses."""
    order: dict[str, Any] = {} if status_form is None else {"status_form": status_form}
    if allow or anywhere:
        order["allow"] = [] if anywhere else allow
    found = _post(profile, f"{PATH}/{quote(system, safe='')}/settings", order)
    answer(as_json, found, lambda: _lines([found]))


@verb
def show(profile: ProfileOption = None, as_json: JsonOption = False) -> None:
    """Các kết nối và thời hạn khóa bí mật; không hiện khóa · Connections, without their secrets."""
    with connection_of(open_profile(profile)) as connection:
        found = connection.get_json(PATH)
    answer(as_json, found, lambda: _lines(found["connections"]))


def _post(profile: Path | None, path: str, order: dict[str, Any]) -> dict[str, Any]:
    with connection_of(open_profile(profile)) as connection:
        return dict(connection.request("POST", path, body=bytes_body(encode(order))).json())


def _secret_lines(found: dict[str, Any]) -> Iterator[str]:
    yield say(f"✓ Hệ thống (systemid): {found['system_id']}", f"✓ System (systemid): {found['system_id']}")
    yield say("  Khóa bí mật (secret), chỉ hiện lần này: ", "  Secret, shown this once: ") + found["secret"]
    if "old_until" in found:
        yield say("  Khóa cũ dùng được đến: ", "  The old secret counts until: ") + found["old_until"]


def _lines(rows: list[dict[str, Any]]) -> Iterator[str]:
    for row in rows:
        state = say("đã thu hồi", "revoked") if row["revoked_at"] else say("đang dùng", "in use")
        networks = ", ".join(row["allow"]) or say("mọi mạng", "any network")
        yield f"{row['system_id']:<20} {row['face']}  {row['status_form']}  {networks}  [{state}]"
        for secret in row["secrets"]:
            yield f"    {secret['since']} → {secret['until'] or ''}"
    if not rows:
        yield say("Chưa có kết nối nào.", "There are no connections.")
