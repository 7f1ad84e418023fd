"""Answers of the REST façade: ``success``, ``errorCode``, ``error``, ``message``, and what was asked for.

Numbers are those that implementers took from the connection guide (exchange facts §2.3). Source: docs/protocols/lgsp.md
§3.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime

from lienthong.base.clock import VIETNAM
from lienthong.base.errors import Refused, Retry
from lienthong.base.text import one_line
from lienthong.wire.vxp.answers import Row, encode, rows_between
from lienthong.wire.vxp.answers import number_of as shared_number_of

DONE = "Thành công."
DATE, TIME = "%Y/%m/%d", "%Y/%m/%d %H:%M:%S"
INVALID_FILE = 10

_FILE_REFUSALS = frozenset({"LENGTH_REQUIRED", "PART_TOO_LARGE"})
_START = '{"success":true,"errorCode":0,"error":"","message":"Th\\u00e0nh c\\u00f4ng.",'

LIST_HEAD, LIST_TAIL = f'{_START}"data":['.encode("ascii"), b"]}"
DATA_HEAD, DATA_TAIL = f'{_START}"data":"'.encode("ascii"), b'"}'
"""What stands around the Base64 of a packet in the answer to ``getEdoc``."""


def number_of(refusal: Refused) -> int:
    """``errorCode``: the number that fits; 20 for what passes by itself, 100 for the rest."""
    name = refusal.code.name
    if name in _FILE_REFUSALS or (name == "REQUEST_MALFORMED" and refusal.params.get("member") == "multipart"):
        return INVALID_FILE
    return int(shared_number_of(refusal))


def success(**members: object) -> bytes:
    """An answer that something was done."""
    return encode({"success": True, "errorCode": 0, "error": "", "message": DONE, **members})


def refused(refusal: Refused, data: object) -> bytes:
    """An answer that it was not: the sentence in Vietnamese with what to do, and whether to try the same again."""
    return encode(
        {
            "success": False,
            "errorCode": number_of(refusal),
            "error": refusal.code.name,
            "message": one_line(f"{refusal.sentence('vi')} {refusal.advice('vi')}", 900),
            "retry": refusal.code.retry is not Retry.PERMANENT,
            "data": data,
        }
    )


def listing(rows: Iterable[Row]) -> Iterator[bytes]:
    """A list answer in pieces, however long it is."""
    return rows_between(LIST_HEAD, rows, LIST_TAIL)


def time_text(instant: datetime) -> str:
    """``yyyy/MM/dd HH:mm:ss``, Vietnamese time."""
    return instant.astimezone(VIETNAM).strftime(TIME)


def read_date(text: str) -> date | None:
    """A day written ``yyyy/MM/dd``, None when it is not one."""
    try:
        return datetime.strptime(text, DATE).replace(tzinfo=VIETNAM).date() if len(text) == 10 else None
    except ValueError:
        return None
