"""A migration that runs one SQL file of a package, in one transaction."""

from __future__ import annotations

from importlib.resources import files

from django.db import migrations

APP = "axis_schema"


def from_sql(package: str, resource: str, after: str | None = None, app: str = APP) -> type[migrations.Migration]:
    """Migration class for ``resource`` (a path inside ``package``), to run after migration ``after`` of ``app``.

    The file is run whole and has no way back: the axis's tables hold evidence and are never dropped by a tool.
    """
    text = files(package).joinpath(*resource.split("/")).read_text("utf-8")

    class Migration(migrations.Migration):
        dependencies = [(app, after)] if after else []
        operations = [migrations.RunSQL(text)]  # noqa: RUF012 - Django's own form

    return Migration
