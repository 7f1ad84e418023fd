"""One root and a few signers for the whole module: keys cost time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from signers_world import People
from softhsm_token import Tokens


@pytest.fixture
def people(tmp_path: Path) -> People:
    return People(tmp_path / "people")


@pytest.fixture(scope="session")
def tokens() -> Iterator[Tokens]:
    made = Tokens()
    yield made
    made.remove()
