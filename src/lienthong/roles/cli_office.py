"""``lienthong office``: an office on this machine, its pages, its worker, its first agencies and people."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from django.utils.module_loading import import_string

from lienthong.infra.config import load, locate
from lienthong.infra.config_page import example_file
from lienthong.infra.keys import write_new
from lienthong.infra.office_config import OfficeConfig
from lienthong.roles import cli_office_import, cli_office_seed, office, office_worker
from lienthong.roles.cli_output import answer, say, told, verb, working, wrong_use
from lienthong.roles.cli_profile import JsonOption
from lienthong.roles.migrate import migrate
from lienthong.webkit.site.duties import Duty

ConfigOption = Annotated[
    Path | None, typer.Option("--config", help="Tệp cấu hình của văn phòng (TOML) · Configuration of the office.")
]
LoginArgument = Annotated[str, typer.Argument(help="Tên đăng nhập · Login.")]


def register(app: typer.Typer) -> None:
    """Add the verbs of this module."""
    for function in (init, run, worker, code):
        app.command()(function)
    app.command("add-agency")(add_agency)
    app.command("add-person")(add_person)
    app.command("reset-factor")(reset_factor)
    audit = typer.Typer(help="Nhật ký hệ thống · The audit log.", no_args_is_help=True)
    audit.command("verify")(audit_verify)
    cli_office_seed.register(app)
    cli_office_import.register(app)
    # A group with a single verb needs a callback, or its verb would take the group's place.
    audit.callback()(lambda: None)
    app.add_typer(audit, name="audit")


@verb
def init(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Chuẩn bị: tệp cấu hình mẫu, cơ sở dữ liệu; chạy lại được · Prepare an office; may be repeated."""
    path = locate(OfficeConfig, config)
    made = not path.exists()
    if made:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_new(path, example_file(OfficeConfig).encode(), 0o644)
    loaded = load(path, OfficeConfig)
    with working(say("Đang chuẩn bị cơ sở dữ liệu", "Preparing the database")), office.database(loaded, told) as dsn:
        changed = migrate(dsn, *office.SCHEMA)
        office.secret_of(loaded)
    members = {"config": str(path), "made": made, "migrated": changed, "address": loaded.url}

    def lines() -> Iterator[str]:
        yield say(f"✓ Văn phòng đã sẵn sàng; cấu hình: {path}", f"✓ The office is ready; configuration: {path}")
        yield say("→ Thêm cơ quan: ", "→ Add an agency: ") + "lienthong office add-agency CODE --name … "
        yield say("→ Khởi động: ", "→ Start: ") + f"lienthong office run --config {path}"

    answer(as_json, members, lines)


@verb
def run(config: ConfigOption = None) -> None:
    """Chạy các trang cho đến khi được yêu cầu dừng · Serve the pages until asked to stop."""
    office.run(config)


@verb
def worker(config: ConfigOption = None) -> None:
    """Chạy việc nền: gửi, nhận, kiểm tra, nhắc việc · Exchange, checks and reminders, until stopped."""
    office_worker.run(config)


@verb
def add_agency(
    agency: Annotated[str, typer.Argument(metavar="CODE", help="Mã định danh trên trục · Code in the directory.")],
    name: Annotated[str, typer.Option(help="Tên cơ quan · Name.")],
    abbreviation: Annotated[str, typer.Option(help="Chữ viết tắt trong ký hiệu, ví dụ SNV · In symbols.")],
    place: Annotated[str, typer.Option(help="Địa danh ghi trên văn bản · Place written on documents.")],
    level: Annotated[str, typer.Option(help="Cấp: ministry, province, department, commune · Level.")] = "department",
    superior: Annotated[str, typer.Option(help="Tên cơ quan chủ quản, in phía trên · Name of the superior.")] = "",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Thêm một cơ quan · Found an agency."""
    done = _in_office(config, "agency", agency, name, abbreviation, place, level, superior)
    answer(as_json, done, lambda: iter([say(f"✓ Đã thêm cơ quan {agency}: {name}", f"✓ Added {agency}: {name}")]))


@verb
def add_person(
    login: LoginArgument,
    agency: Annotated[str, typer.Option(help="Mã cơ quan · Code of the agency.")],
    name: Annotated[str, typer.Option(help="Họ và tên · Full name.")],
    duty: Annotated[list[str], typer.Option(help="Vai trò, nhiều lần được: registrar, leader, … · Duties.")],
    position: Annotated[str, typer.Option(help="Chức vụ · Position.")],
    unit: Annotated[str, typer.Option(help="Đơn vị; chưa có thì lập · Unit; made when missing.")] = "",
    email: Annotated[str, typer.Option(help="Thư điện tử · E-mail.")] = "",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Thêm người; in mật khẩu dùng một lần, chỉ lần này · Add a person; the one-time password is shown once."""
    known = [each.value for each in Duty]
    if wrong := [each for each in duty if each not in known]:
        wrong_use(
            f"Không có vai trò «{wrong[0]}»; dùng: {', '.join(known)}.",
            f"There is no duty “{wrong[0]}”; use: {', '.join(known)}.",
        )
    done = _in_office(config, "person", login, agency, name, duty, position, unit, email)
    answer(as_json, done, lambda: _password(done))


@verb
def reset_factor(login: LoginArgument, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Bỏ yếu tố thứ hai đã mất, cấp mật khẩu mới · Take away a lost second factor, give a new password."""
    done = _in_office(config, "factor", login)
    answer(as_json, done, lambda: _password(done))


@verb
def code(login: LoginArgument, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Mã đăng nhập hiện tại của tài khoản trình diễn · The present code of an account of the demonstration."""
    done = _in_office(config, "code", login)
    answer(as_json, done, lambda: iter([done["code"]]))


@verb
def audit_verify(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Kiểm tra chuỗi băm của nhật ký mọi cơ quan · Check that no audit log was changed."""
    done = _in_office(config, "audit")

    def lines() -> Iterator[str]:
        for row in done["agencies"]:
            yield f"✓ {row['agency']}: {row['entries']} " + say("mục nguyên vẹn", "entries intact")
            yield f"  {row['digest']}"
        yield say("Ghi lại các giá trị băm này ở nơi khác để đối chiếu.", "Write the digests down elsewhere.")

    answer(as_json, done, lines)


def _in_office(config: Path | None, name: str, *values: Any) -> dict[str, Any]:
    """Do a verb of :mod:`lienthong.roles.office_verbs` on the office's database."""
    loaded = load(locate(OfficeConfig, config), OfficeConfig)
    with office.opened(loaded, told):
        done: dict[str, Any] = import_string(f"lienthong.roles.office_verbs.{name}")(*values)
    return done


def _password(done: dict[str, Any]) -> Iterator[str]:
    shown = say("  Mật khẩu dùng một lần (chỉ hiện lần này): ", "  One-time password (shown only now): ")
    yield say(f"✓ Tài khoản {done['login']}", f"✓ Account {done['login']}")
    yield shown + done["password"]
    yield say("  Khi đăng nhập: đặt mật khẩu mới và mã xác thực.", "  At sign-in: a new password, a second factor.")
