"""The one command: ``lienthong``."""

from __future__ import annotations

import typer

from lienthong import __version__
from lienthong.roles import (
    cli_axis,
    cli_config,
    cli_conform,
    cli_connections,
    cli_connector,
    cli_directory,
    cli_exchange,
    cli_keys,
    cli_operator,
    cli_pki,
    cli_sign,
    cli_sign_agent,
    cli_signing,
    cli_trust,
    cli_verify,
    demo,
)
from lienthong.roles.cli_usage import Commands

app = typer.Typer(
    cls=Commands,
    name="lienthong",
    help="Liên thông văn bản: gửi, nhận, theo dõi và chứng minh · Exchange of official documents, with proof.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.command()
def version() -> None:
    """Phiên bản · Version."""
    typer.echo(__version__)


cli_exchange.register(app)
cli_sign.register(app)
cli_verify.register(app)
demo.register(app)
app.command("worker")(cli_axis.run_worker)
for _name, _module, _help in (
    ("axis", cli_axis, "Trục liên thông trên máy này · An axis on this machine."),
    ("connector", cli_connector, "Đầu nối bên cạnh phần mềm của cơ quan · The connector beside the agency's software."),
    ("directory", cli_directory, "Danh bạ cơ quan và hệ thống · Directory of agencies and systems."),
    ("connection", cli_connections, "Kết nối của phần mềm VXP, LGSP · Connections of VXP and LGSP software."),
    ("operator", cli_operator, "Vận hành trục: cân đối, cách ly · Operating an axis: conservation, quarantine."),
    ("conform", cli_conform, "Kiểm tra tuân thủ, cấp chứng nhận · Conformance checks and certificates."),
    ("pki", cli_pki, "PKI nội bộ để đào tạo, thử nghiệm · A local PKI for training and tests."),
    ("trust", cli_trust, "Kho tin cậy khi kiểm tra chữ ký số · Trust stores for signed documents."),
    ("sign-agent", cli_sign_agent, "Trình ký trên máy của người ký · The signing agent on the official's computer."),
    ("signing", cli_signing, "Dịch vụ ký số từ xa · The remote signing service."),
    ("keys", cli_keys, "Khóa của hệ thống · Keys of a system."),
    ("config", cli_config, "Cấu hình · Configuration."),
):
    _group = typer.Typer(help=_help, no_args_is_help=_name not in {"connector", "sign-agent"})
    _module.register(_group)
    app.add_typer(_group, name=_name)


def main() -> None:
    """Entry point of the console script."""
    app()


if __name__ == "__main__":
    main()
