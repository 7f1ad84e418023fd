"""Bring a database to the schema of this version.

Asking costs one query: when Django's own table lists every migration of the package, nothing is imported and
nothing is run. Otherwise a separate process runs them, so that the axis never carries Django in its memory.
"""

from __future__ import annotations

import subprocess
import sys
from importlib.resources import files

import psycopg

from lienthong.base.errors import Refused, Retry, define
from lienthong.infra.database import connect, database_errors

AXIS = "lienthong.roles.axis_schema"
"""The Django application with the axis's migrations."""

LOCK = 0x6C74_0001
"""Key of the advisory lock that one migrating process holds; the others wait and then find nothing to do."""

SCHEMA_NOT_MIGRATED = define(
    "SCHEMA_NOT_MIGRATED",
    Retry.PERMANENT,
    500,
    vi="Không nâng cấp được cấu trúc cơ sở dữ liệu: {reason}",
    en="The database schema could not be brought to this version: {reason}",
    do_vi="Cơ sở dữ liệu vẫn ở bước nâng cấp hoàn tất gần nhất; khắc phục nguyên nhân rồi chạy lại.",
    do_en="The database is still at the last complete step; remove the cause and run again.",
)
SCHEMA_TOO_NEW = define(
    "SCHEMA_TOO_NEW",
    Retry.PERMANENT,
    500,
    vi="Cơ sở dữ liệu có cấu trúc mới hơn chương trình này ({unknown}).",
    en="The database has a newer schema than this program knows ({unknown}).",
    do_vi="Chạy phiên bản chương trình mới hơn, hoặc khôi phục bản sao lưu của phiên bản này.",
    do_en="Run the newer program, or restore a backup made by this version.",
)


def migrate(dsn: str, *apps: str) -> bool:
    """Run the missing migrations of ``apps``, the axis's when none is named; True when there were any.

    Several processes may call it at once. Every migration is one transaction: a killed process leaves whole steps.
    Refuses: SCHEMA_NOT_MIGRATED, SCHEMA_TOO_NEW, DATABASE_AWAY.
    """
    wanted = apps or (AXIS,)
    if not any(missing(dsn, app) for app in wanted):
        return False
    with connect(dsn, "lienthong migrate", statement_seconds=0) as guard:
        with database_errors():
            guard.execute("SELECT pg_advisory_lock(%s)", (LOCK,))
        if not any(missing(dsn, app) for app in wanted):
            return False
        done = subprocess.run(
            [sys.executable, "-m", "lienthong.roles.migrate_django", *wanted],
            input=dsn, capture_output=True, text=True, check=False,
        )  # fmt: skip
    if done.returncode != 0:
        reason = (done.stderr.strip().splitlines() or [f"exit {done.returncode}"])[-1]
        raise Refused(SCHEMA_NOT_MIGRATED, reason=reason)
    return True


def known(app: str = AXIS) -> list[str]:
    """Names of the migrations that this version has, in order."""
    names = [entry.name for entry in files(f"{app}.migrations").iterdir()]
    return sorted(name.removesuffix(".py") for name in names if name[:4].isdigit() and name.endswith(".py"))


def missing(dsn: str, app: str = AXIS) -> list[str]:
    """Migrations that the database does not have yet. Refuses SCHEMA_TOO_NEW when it has unknown ones."""
    label = app.rpartition(".")[2]
    with connect(dsn, "lienthong migrate") as connection:
        try:
            rows = connection.execute("SELECT name FROM django_migrations WHERE app = %s", (label,)).fetchall()
        except psycopg.errors.UndefinedTable:
            rows = []
    applied = {str(row[0]) for row in rows}
    unknown = applied.difference(known(app))
    if unknown:
        raise Refused(SCHEMA_TOO_NEW, unknown=", ".join(sorted(unknown)))
    return [name for name in known(app) if name not in applied]
