"""Removing what belongs to nobody: unfinished uploads, old pictures of pages, and bytes that no row names any more.

A recalled document is destroyed (Decree 30/2020, art. 18.5) by taking its rows away; its bytes go here, a day later.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from lienthong.base.ids import Sha256
from lienthong.infra import telemetry
from lienthong.infra.blobs import BlobStore
from lienthong.infra.database import connect, database_errors
from lienthong.infra.job_table import Connection
from lienthong.infra.office_config import OfficeConfig

PICTURES_KEPT = timedelta(days=14)
LEFTOVER = timedelta(days=1)
"""Age from which an unfinished upload, or bytes that no row names, belong to nobody."""

_NAMED = """select exists (select from office_storedfile where sha256 = %(it)s)
    or exists (select from office_importrun where %(it)s in ("rows", package, findings))
    or exists (select from office_register where %(it)s in (closed_sha256, signed_sha256))"""


def clean(config: OfficeConfig, dsn: str) -> None:
    """One round. ``dsn``: of the owner, who sees the files of every agency: what one of them names must stay."""
    now = datetime.now(UTC)
    count = sum(
        _old_files(config.data_dir / name, age) for name, age in (("pages", PICTURES_KEPT), ("uploads", LEFTOVER))
    )
    blobs = BlobStore(config.data_dir / "blobs")
    count += blobs.remove_temporary(now, LEFTOVER)
    with database_errors(), connect(dsn, "lienthong office sweep") as connection:
        count += blobs.remove_unreferenced(_named_by(connection), now, LEFTOVER)
    telemetry.info("office.cleaned", count=count)


def _old_files(folder: Path, age: timedelta) -> int:
    """Remove files of this age; all of them can be made again."""
    count, until = 0, time.time() - age.total_seconds()
    for path in folder.rglob("*"):
        # The pages remove them too, at any moment.
        with suppress(FileNotFoundError):
            if path.is_file() and path.stat().st_mtime < until:
                path.unlink()
                count += 1
    return count


def _named_by(connection: Connection) -> Callable[[Sha256], bool]:
    def named(digest: Sha256) -> bool:
        row = connection.execute(_NAMED, {"it": digest}).fetchone()
        return row is None or bool(row[0])

    return named
