"""An axis that answers as it is told."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from connector_axis import FakeAxis, fake_axis


@pytest.fixture
def axis() -> Iterator[FakeAxis]:
    with fake_axis() as made:
        yield made
