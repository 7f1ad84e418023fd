"""The one call that a role makes: a DSN for its database, wherever the server is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lienthong.infra.postgres.account import Say, silent
from lienthong.infra.postgres.binaries import find_binaries
from lienthong.infra.postgres.cluster import Cluster, Progress, unwatched
from lienthong.infra.postgres.settings import Settings
from lienthong.infra.postgres.watch import watched


@contextmanager
def database_of(
    dsn: str | None,
    data_dir: Path,
    name: str,
    *,
    settings: Settings | None = None,
    programs: Path | None = None,
    say: Say = silent,
    progress: Progress = unwatched,
) -> Iterator[str]:
    """A configured DSN as it is (nothing is started), else database ``name`` of the private cluster.

    ``programs``: directory of the server programs that the operator chose, instead of the search. Inside the block the
    private server is started again when something kills it; leaving the block leaves the cluster.
    Refuses: the codes of ``infra.postgres.errors``.
    """
    if dsn is not None:
        yield dsn
        return
    binaries = None if programs is None else find_binaries(data_dir.absolute() / "pg", programs)
    cluster = Cluster(data_dir, binaries, settings, say=say)
    cluster.ensure_running(progress)
    try:
        with watched(cluster, say):
            yield cluster.create_database(name)
    finally:
        cluster.stop()
