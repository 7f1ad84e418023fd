"""Real PostgreSQL for tests: the wheel's 18 and the distribution's server, each started once per test process.

Use ``pytest_plugins = ["fixtures_pg"]`` (done in ``tests/conftest.py``). A test that takes ``database`` runs on both
servers, each time in a fresh database with the axis's schema; ``Database.dsn`` connects to it.
"""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from lienthong.infra.postgres import Binaries, Cluster, Settings, find_binaries, launch
from lienthong.infra.postgres.settings import server_arguments
from lienthong.roles.migrate import migrate

_numbers = itertools.count(1)

_SMALL = Settings(shared_buffers="32MB")
_UNSYNCED = ("fsync", "full_page_writes")
"""What costs time on the disk and protects only against the loss of the machine's power, which takes the tests as well."""

_DEBIAN_15 = Path("/usr/lib/postgresql/15/bin")


@dataclass(frozen=True)
class Database:
    """A fresh database. ``server``: ``pg18`` or ``pg15``."""

    dsn: str
    cluster: Cluster
    server: str


def make_directory() -> Path:
    """A temporary directory that the server's account can reach when the tests run as root."""
    path = Path(tempfile.mkdtemp(prefix="lt-", dir="/tmp"))
    if os.geteuid() == 0:
        path.chmod(0o711)
    return path


def binaries_for(server: str, directory: Path) -> Binaries:
    """Programs of ``pg18`` (the wheel's) or ``pg15`` (15, else the newest that the system has)."""
    if server == "pg18":
        return find_binaries(directory / "pg", source="wheel")
    return find_binaries(directory / "pg", _DEBIAN_15 if _DEBIAN_15.exists() else None, source="system")


@contextmanager
def _unsynced() -> Iterator[None]:
    """Servers started meanwhile wait for no disk. The launcher lets nobody ask for that, so its arguments are added to."""

    def arguments(*values: Any, **named: Any) -> list[str]:
        return [*server_arguments(*values, **named), *(part for name in _UNSYNCED for part in ("-c", f"{name}=off"))]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(launch, "server_arguments", arguments)
        yield


def _started(server: str) -> Iterator[Cluster]:
    """A cluster for tests whose point is not the server's own durability; those start clusters of their own."""
    directory = make_directory()
    cluster = Cluster(directory, binaries_for(server, directory), _SMALL)
    try:
        with _unsynced():
            cluster.ensure_running()
        migrate(cluster.create_database("template_axis"))
        yield cluster
    finally:
        cluster.stop()
        shutil.rmtree(directory)


@pytest.fixture(scope="session")
def pg18() -> Iterator[Cluster]:
    """A running cluster on the wheel's PostgreSQL 18."""
    yield from _started("pg18")


@pytest.fixture(scope="session")
def pg15() -> Iterator[Cluster]:
    """A running cluster on the distribution's server: 15 on Debian 12, else its newest from 15 to 18."""
    yield from _started("pg15")


@pytest.fixture(params=["pg18", "pg15"])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """A fresh, migrated database on each server in turn."""
    yield from _fresh(request.getfixturevalue(request.param), request.param)


@pytest.fixture
def database18(pg18: Cluster) -> Iterator[Database]:
    """A fresh, migrated database on the wheel's server only, for tests whose point is not the SQL."""
    yield from _fresh(pg18, "pg18")


def _fresh(cluster: Cluster, server: str) -> Iterator[Database]:
    name = f"test_{os.getpid()}_{next(_numbers)}"
    dsn = cluster.create_database(name, template="template_axis")
    try:
        yield Database(dsn, cluster, server)
    finally:
        cluster.drop_database(name)
