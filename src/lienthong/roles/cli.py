"""The one command: ``lienthong``."""

from __future__ import annotations

import typer

from lienthong import __version__
from lienthong.roles import cli_exchange, cli_verify, demo

app = typer.Typer(
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
cli_verify.register(app)
demo.register(app)


def main() -> None:
    """Entry point of the console script."""
    app()


if __name__ == "__main__":
    main()
