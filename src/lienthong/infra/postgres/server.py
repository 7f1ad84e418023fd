"""The one call that a role makes: a DSN for its database, wherever the server is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lienthong.infra.postgres.account import Say
from lienthong.infra.postgres.binaries import find_binaries
from lienthong.infra.postgres.cluster import Cluster, Progress
from lienthong.infra.postgres.settings import Settings
from lienthong.infra.postgres.watch import watched


@contextmanager
def database_of(
    dsn: str | None,
    data_dir: Path,
    name: str,
    *,
    programs: Path | None = None,
    settings: Settings | None = None,
    say: Say = lambda sentence: None,
    progress: Progress = lambda seconds, sentence: None,
) -> Iterator[str]:
    """A configured DSN as it is (nothing is started), else database ``name`` of the private cluster.

    ``programs``: the directory of PostgreSQL's programs to use; None finds them.
    Inside the block the private server is started again when something kills it; leaving the block leaves the
    cluster. Refuses: the codes of ``infra.postgres.errors``.
    """
    if dsn is not None:
        yield dsn
        return
    binaries = find_binaries(data_dir.absolute() / "pg", programs) if programs is not None else None
    cluster = Cluster(data_dir, binaries=binaries, settings=settings, say=say)
    cluster.ensure_running(progress)
    try:
        with watched(cluster, say):
            yield cluster.create_database(name)
    finally:
        cluster.stop()
