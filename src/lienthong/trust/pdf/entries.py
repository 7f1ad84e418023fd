"""Looking into a dictionary of a PDF (ISO 32000-2 clause 7.3.7)."""

from __future__ import annotations

from typing import Any


def entry(dictionary: Any, name: str, default: Any = None) -> Any:
    """What a dictionary has under a name, behind any reference; ``get`` of the library hands out the reference."""
    return dictionary[name] if name in dictionary else default  # noqa: SIM401 - said above
