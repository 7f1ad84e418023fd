"""The process that runs migrations: ``python -m lienthong.roles.migrate_django APP…``, the DSN on standard input.

It needs no settings module: Django is told here the database and the applications.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import django
from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from psycopg.conninfo import conninfo_to_dict


def main(apps: Sequence[str], dsn: str) -> None:
    """Apply every migration of the applications that the database does not have."""
    settings.configure(
        DATABASES={"default": database(dsn)}, INSTALLED_APPS=list(apps), USE_TZ=True,
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    )  # fmt: skip
    django.setup()
    executor = MigrationExecutor(connection)
    graph = executor.loader.graph
    executor.migrate([leaf for app in apps for leaf in graph.leaf_nodes(app.rpartition(".")[2])])


def database(dsn: str) -> dict[str, Any]:
    """A DSN in Django's words; what Django has no word for goes to libpq as it is."""
    given = conninfo_to_dict(dsn)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": given.pop("dbname", None) or "",
        "USER": given.pop("user", None) or "",
        "PASSWORD": given.pop("password", None) or "",
        "HOST": given.pop("host", None) or "",
        "PORT": str(given.pop("port", None) or ""),
        "OPTIONS": dict(given),
    }


if __name__ == "__main__":
    main(sys.argv[1:], sys.stdin.read().strip())
