"""After every fault the invariants hold, whatever the test itself looked at."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from axis_process import Installation
from faults_invariants import Invariants
from fixtures_axis import Town


@pytest.fixture(autouse=True)
def invariants_hold_after_the_fault(request: pytest.FixtureRequest) -> Iterator[None]:
    """Check the axis that the test used, before it is taken down, unless the test did so itself."""
    used: Installation | Town | None = None
    for name in ("axis", "town"):
        if name in request.fixturenames:
            used = request.getfixturevalue(name)
    yield
    if isinstance(used, Installation) and used.bootstrapped and not used.held:
        Invariants(used, used.bootstrapped.values()).hold()
    elif isinstance(used, Town):
        Invariants(used.axis, used.parties.values()).hold()
