"""``lienthong worker``: the axis's background work on this machine."""

from __future__ import annotations

import typer

from lienthong.roles import worker as role
from lienthong.roles.cli_axis import ConfigOption
from lienthong.roles.cli_output import verb


def register(app: typer.Typer) -> None:
    """Add the verb of this module."""
    app.command("worker")(worker)


@verb
def worker(config: ConfigOption = None) -> None:
    """Việc nền của trục: hạn nhận, cân đối, nhật ký bằng chứng · The axis's background work."""
    role.run(config)
