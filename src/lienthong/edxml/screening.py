"""Look for ZIP bombs among attachments while their bytes pass; nothing else is judged and nothing is kept.

An axis never opens attachments, but it must not carry what would overwhelm the system that does: the vendor's library
expands every wrapped file in memory without any bound.

Source: exchange facts §1.2 (defensive rules for readers).
"""

from __future__ import annotations

from lienthong.base.errors import Refused
from lienthong.edxml.errors import EDXML_ZIP_BOMB
from lienthong.edxml.limits import DEFAULT, Limits
from lienthong.edxml.unwrap import Unwrapper

_SIGNATURE = b"PK\x03\x04"


class _Nowhere:
    def write(self, data: bytes, /) -> None: ...

    def close(self) -> None: ...

    def abort(self) -> None: ...


class BombScreen:
    """A sink for one attachment. Refuses EDXML_ZIP_BOMB; an archive of any other kind, damaged or not, passes."""

    def __init__(self, limits: Limits = DEFAULT) -> None:
        self._unwrapper: Unwrapper | None = Unwrapper(_Nowhere(), limits)
        self._head = b""

    def write(self, data: bytes, /) -> None:
        if self._unwrapper is None:
            return
        if self._head is not _SIGNATURE:
            data = self._head + data
            if len(data) < len(_SIGNATURE):
                self._head = data
                return
            if not data.startswith(_SIGNATURE):
                self._unwrapper = None
                return
            self._head = _SIGNATURE
        try:
            self._unwrapper.write(data)
        except Refused as refusal:
            if refusal.code is EDXML_ZIP_BOMB:
                raise
            self._unwrapper = None

    def close(self) -> None:
        """Nothing is left to say."""

    def abort(self) -> None:
        """Nothing is kept."""
