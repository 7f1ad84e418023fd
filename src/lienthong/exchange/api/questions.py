"""Read the small questions of this API: JSON bodies and query members, refused by name when they are wrong."""

from __future__ import annotations

import json
from typing import Any, NoReturn
from uuid import UUID

from starlette.requests import Request

from lienthong.base.errors import Refused
from lienthong.exchange.errors import REQUEST_MALFORMED


def wrong(member: str, why: str) -> NoReturn:
    """Refuse REQUEST_MALFORMED."""
    raise Refused(REQUEST_MALFORMED, member=member, why=why)


def body_object(body: bytes, members: frozenset[str]) -> dict[str, Any]:
    """The body as a JSON object without unknown members."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        wrong("-", "JSON")
    if not isinstance(value, dict):
        wrong("-", "JSON object")
    for name in value:
        if name not in members:
            wrong(name[:40], "unknown")
    return value


def number_in(value: Any, member: str, low: int, high: int) -> int:
    """A whole number within bounds."""
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        wrong(member, f"{low}–{high}")
    return value


def texts_in(value: Any, member: str, at_most: int, longest: int) -> list[str]:
    """A list of one to ``at_most`` texts."""
    if not isinstance(value, list) or not 0 < len(value) <= at_most:
        wrong(member, f"1–{at_most}")
    if not all(isinstance(text, str) and 0 < len(text) <= longest for text in value):
        wrong(member, f"text, 1–{longest}")
    return value


def query_text(request: Request, member: str, longest: int) -> str:
    """A member of the query that must be there."""
    value = request.query_params.get(member, "")
    if not 0 < len(value) <= longest:
        wrong(member, f"1–{longest}")
    return value


def query_number(request: Request, member: str, low: int, high: int, default: int | None = None) -> int | None:
    """A whole number of the query; ``default`` when absent."""
    return default if (text := request.query_params.get(member)) is None else digits(text, member, low, high)


def digits(text: str, member: str, low: int, high: int) -> int:
    """A whole number written in digits."""
    if not (text.isascii() and text.isdigit() and len(text) < 20 and low <= int(text) <= high):
        wrong(member, f"{low}–{high}")
    return int(text)


def query_uuid(request: Request, member: str) -> UUID | None:
    """A UUID of the query, None when absent."""
    text = request.query_params.get(member)
    try:
        return None if text is None else UUID(text)
    except ValueError:
        wrong(member, "UUID")
