"""The one command: ``lienthong``. A verb's module is loaded when the verb is asked for (ADR 0021)."""

from __future__ import annotations

import importlib

import typer

from lienthong import __version__
from lienthong.roles.cli_usage import Commands, Place

VERBS = {
    **dict.fromkeys(
        ("send", "resume", "inbox", "receive", "status", "recall", "outbox", "trace", "proof"), "cli_exchange"
    ),
    "sign": "cli_sign",
    "verify": "cli_verify",
    "demo": "demo",
    "worker": "cli_axis",
}
"""The verbs without a group, in the order of the help, and the module that holds each."""

GROUPS = {
    "axis": ("cli_axis", "Trục liên thông trên máy này · An axis on this machine."),
    "connector": (
        "cli_connector",
        "Đầu nối cạnh phần mềm của cơ quan · The connector beside the agency's software.",
    ),
    "office": ("cli_office", "Văn phòng: quản lý văn bản, hồ sơ công việc · The office in the browser."),
    "directory": ("cli_directory", "Danh bạ cơ quan và hệ thống · Directory of agencies and systems."),
    "connection": ("cli_face_connections", "Kết nối của phần mềm VXP, LGSP · Connections of VXP and LGSP software."),
    "operator": ("cli_operator", "Vận hành trục: cân đối, cách ly · Operating an axis: conservation, quarantine."),
    "conform": ("cli_conform", "Kiểm tra tuân thủ, cấp chứng nhận · Conformance checks and certificates."),
    "pki": ("cli_pki", "PKI nội bộ để đào tạo, thử nghiệm · A local PKI for training and tests."),
    "certificates": (
        "cli_certificates",
        "Chứng thư số do cơ quan quản lý · The certificates that an agency holds.",
    ),
    "trust": ("cli_trust", "Kho tin cậy khi kiểm tra chữ ký số · Trust stores for signed documents."),
    "sign-agent": ("cli_sign_agent", "Trình ký trên máy của người ký · The signing agent on the official's computer."),
    "sign-upkeep": (
        "cli_upkeep",
        "Giữ chữ ký có giá trị lâu dài · Keeping signatures valid for decades.",
    ),
    "signing": ("cli_signing", "Dịch vụ ký số từ xa · The remote signing service."),
    "keys": ("cli_keys", "Khóa của hệ thống · Keys of a system."),
    "config": ("cli_config", "Cấu hình · Configuration."),
}


def _verb(name: str) -> Place:
    def made() -> typer.Typer:
        module = importlib.import_module(f"lienthong.roles.{VERBS[name]}")
        app = typer.Typer()
        # The worker is a verb of its own and not of the group that its module makes.
        app.command(name)(module.run_worker) if name == "worker" else module.register(app)
        return app

    return Place(made, name)


def _group(name: str) -> Place:
    def made() -> typer.Typer:
        module, about = GROUPS[name]
        app = typer.Typer(help=about, no_args_is_help=name != "connector")
        importlib.import_module(f"lienthong.roles.{module}").register(app)
        return app

    return Place(made, None)


Commands.places = {**{name: _verb(name) for name in VERBS}, **{name: _group(name) for name in GROUPS}}

app = typer.Typer(
    cls=Commands,
    name="lienthong",
    help="Liên thông văn bản: gửi, nhận, theo dõi và chứng minh · Exchange of official documents, with proof.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def lienthong() -> None:
    """Liên thông văn bản: gửi, nhận, theo dõi và chứng minh · Exchange of official documents, with proof."""


@app.command()
def version() -> None:
    """Phiên bản · Version."""
    typer.echo(__version__)


def main() -> None:
    """Entry point of the console script."""
    app()


if __name__ == "__main__":
    main()
