"""A real axis for tests: not started on a fresh database (``axis``), or running once for a whole module (``town``)."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from axis_process import AGENCIES, Installation, Party, installation
from fixtures_pg import Database
from lienthong.infra.postgres import Cluster

_numbers = itertools.count(1)


@pytest.fixture
def axis(database18: Database) -> Iterator[Installation]:
    """An axis that is not started yet, on a fresh database of the tests' cluster."""
    with installation(database18.dsn) as made:
        yield made


@dataclass
class Town:
    """A running axis and worker with four agencies."""

    axis: Installation
    parties: dict[str, Party]

    def __iter__(self) -> Iterator[Party]:
        return iter(self.parties[code] for code in AGENCIES)


@pytest.fixture(scope="module")
def town(pg18: Cluster) -> Iterator[Town]:
    """One axis with its worker for all tests of a module."""
    name = f"town_{os.getpid()}_{next(_numbers)}"
    dsn = pg18.create_database(name, template="template_axis")
    try:
        with installation(dsn) as made:
            parties = made.bootstrap()
            made.start("axis")
            made.start("worker")
            yield Town(made, parties)
            made.stop()
    finally:
        pg18.drop_database(name)
