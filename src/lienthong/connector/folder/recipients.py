"""Who a row means: an agency by its code or by its exact name in the signed directories of the axes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from lienthong.base.errors import Refused
from lienthong.base.text import nfc
from lienthong.directory.search import AgencyIndex
from lienthong.directory.state import DirectoryState

Directories = Callable[[], Sequence[DirectoryState]]
"""The directories that are here now, the preferred axis's first."""

_SUGGESTED = 5


class Recipients:
    """Names and codes of agencies. Indexes are made when first needed and for each version of a directory once."""

    def __init__(self, directories: Directories) -> None:
        self._directories = directories
        self._names: dict[str, tuple[int, dict[str, list[str]]]] = {}
        self._search: dict[str, AgencyIndex] = {}

    @property
    def ready(self) -> bool:
        """Whether any directory is here; before, nobody can be found and nothing may be refused for it."""
        return bool(self._directories())

    def find(self, text: str, day: date) -> tuple[str, tuple[str, ...]]:
        """The code that ``text`` means, or nothing and whom it may mean, each ``name (code)``."""
        states = self._directories()
        for state in states:
            if _has(state, text, day):
                return text, ()
        # The same agency may stand in two directories; two agencies of one name are two.
        codes = {code for state in states for code in self._named(state).get(_key(text), ())}
        if len(codes) == 1:
            return codes.pop(), ()
        if codes:
            return "", tuple(self._shown(states, sorted(codes)))
        close = [row.code for state in states for row in self._index(state).find(text[:100], _SUGGESTED)[0]]
        return "", tuple(self._shown(states, list(dict.fromkeys(close))[:_SUGGESTED]))

    def _named(self, state: DirectoryState) -> dict[str, list[str]]:
        held = self._names.get(state.axis)
        if held is None or held[0] != state.version:
            names: dict[str, list[str]] = {}
            for row in state.agencies():
                names.setdefault(_key(row.name), []).append(row.code)
            held = self._names[state.axis] = (state.version, names)
        return held[1]

    def _index(self, state: DirectoryState) -> AgencyIndex:
        held = self._search.get(state.axis)
        if held is None or held.state.version != state.version:
            held = self._search[state.axis] = AgencyIndex(state, held)
        return held

    @staticmethod
    def _shown(states: Sequence[DirectoryState], codes: Sequence[str]) -> list[str]:
        found = [next(filter(None, (state.agency(code) for state in states)), None) for code in codes]
        return [f"{row.name} ({row.code})" for row in found if row is not None]


def _has(state: DirectoryState, code: str, day: date) -> bool:
    try:
        return state.resolve(code, day).agency is not None
    except Refused:
        # Several successors: the courier says so in its own words.
        return True


def _key(name: str) -> str:
    return " ".join(nfc(name).casefold().split())
