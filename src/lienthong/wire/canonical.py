"""Canonical JSON: one byte form for one value. Source: PR-NATIVE, opening; after RFC 8785, without floats."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import NoReturn, TypeAlias

from lienthong.base.errors import ErrorCode, Refused

Json: TypeAlias = "bool | int | str | list[Json] | dict[str, Json] | None"

MAX_DEPTH_BYTES = 2 * 1024 * 1024
"""Nothing on the native wire is JSON longer than this."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f]").search
_encoder = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def encode(value: Mapping[str, Json]) -> bytes:
    """The canonical bytes of an object; texts come out in NFC, however they were typed."""
    # JSON's own signs are unchanged by NFC and none of them joins with a combining mark, so the whole is its parts.
    return unicodedata.normalize("NFC", _encoder.encode(value)).encode()


def _once(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a member occurs twice")
    return found


def _no_float(text: str) -> NoReturn:
    raise ValueError(f"{text[:20]} is not a whole number")


_decoder = json.JSONDecoder(object_pairs_hook=_once, parse_float=_no_float, parse_constant=_no_float)


def decode(data: bytes, code: ErrorCode) -> dict[str, Json]:
    """Read an object; refuse with ``code`` whatever is not the canonical form of one.

    Only the canonical form is taken, so two readers can never see two different values in the same bytes.
    """
    if len(data) > MAX_DEPTH_BYTES:
        raise Refused(code, member="-", why=f"{len(data)} bytes")
    try:
        value = _decoder.decode(data.decode())
        canonical = isinstance(value, dict) and encode(value) == data
    except (ValueError, RecursionError, UnicodeEncodeError) as error:
        raise Refused(code, member="-", why=f"not JSON ({type(error).__name__})") from error
    if not canonical:
        raise Refused(code, member="-", why="not a canonical JSON object")
    return value  # type: ignore[no-any-return]  # the hook makes dictionaries of Json only


class Reader:
    """Takes members of one object by name and type, and refuses what is missing, of another type or unknown."""

    def __init__(self, members: Mapping[str, Json], code: ErrorCode, where: str = "") -> None:
        self._left = dict(members)
        self._code = code
        self._where = where

    def refuse(self, member: str, why: str) -> NoReturn:
        raise Refused(self._code, member=f"{self._where}{member}", why=why)

    def text(self, member: str, limit: int = 200, check: Callable[[str], bool] | None = None) -> str:
        value = self._left.pop(member, None)
        if not isinstance(value, str) or not 0 < len(value) <= limit:
            self.refuse(member, f"needs text of 1 to {limit} characters")
        if _CONTROL(value) is not None:
            self.refuse(member, "holds control characters")
        if check is not None and not check(value):
            self.refuse(member, "has a value that is not allowed")
        return value

    def number(self, member: str, low: int, high: int) -> int:
        value = self._left.pop(member, None)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            self.refuse(member, f"needs a whole number from {low} to {high}")
        return value

    def flag(self, member: str) -> bool:
        value = self._left.pop(member, None)
        if not isinstance(value, bool):
            self.refuse(member, "needs true or false")
        return value

    def array(self, member: str, low: int, high: int) -> list[Json]:
        value = self._left.pop(member, None)
        if not isinstance(value, list) or not low <= len(value) <= high:
            self.refuse(member, f"needs a list of {low} to {high} entries")
        return value

    def object(self, member: str) -> dict[str, Json]:
        value = self._left.pop(member, None)
        if not isinstance(value, dict):
            self.refuse(member, "needs an object")
        return value

    def has(self, member: str) -> bool:
        return member in self._left

    def rest(self) -> dict[str, Json]:
        """Members not taken yet, for kinds that carry more."""
        left, self._left = self._left, {}
        return left

    def finish(self) -> None:
        if self._left:
            self.refuse(sorted(self._left)[0], "is unknown")
