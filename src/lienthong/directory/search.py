"""Finding agencies by pieces of their name or code, with or without accents."""

from __future__ import annotations

from collections.abc import Iterator

from lienthong.base.text import fold
from lienthong.directory.model import Agency
from lienthong.directory.state import DirectoryState


class AgencyIndex:
    """Folded names and codes of one state. A newer index takes over what did not change."""

    def __init__(self, state: DirectoryState, before: AgencyIndex | None = None) -> None:
        self.state = state
        known = before._folded if before is not None else {}
        self._folded: dict[str, tuple[Agency, str]] = {}
        for row in state.agencies():
            held = known.get(row.code)
            self._folded[row.code] = held if held is not None and held[0] is row else (row, _folded(row))

    def find(self, query: str, limit: int) -> tuple[list[Agency], int]:
        """The best ``limit`` agencies that have every word of the query, and how many there are in all.

        First the one with exactly this code, then codes that begin so, then names that begin so, then the rest by code.
        """
        words = fold(query).split()
        first = words[0] if words else ""
        found = [
            (_rank(row, text, first), row.code, row)
            for row, text in self._folded.values()
            if all(word in text for word in words)
        ]
        found.sort(key=lambda each: each[:2])
        return [row for _, _, row in found[:limit]], len(found)


def _folded(row: Agency) -> str:
    """Name first, then every code, so that one search covers all."""
    return "\n".join((fold(row.name), *(fold(code) for code in _codes(row))))


def _codes(row: Agency) -> Iterator[str]:
    yield row.code
    if row.code102 is not None:
        yield row.code102
    yield from row.old_codes


def _rank(row: Agency, text: str, first: str) -> int:
    code = row.code.casefold()
    if code == first:
        return 0
    if code.startswith(first):
        return 1
    return 2 if text.startswith(first) else 3
