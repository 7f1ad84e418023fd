"""Answers that the vendor's library can take: ASCII JSON without nulls, always with its three members.

Source: exchange facts §2.1, "Answers the SDK can take", rule 6; numbers of §2.3.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice

from lienthong.base.clock import VIETNAM
from lienthong.base.errors import Refused, Retry
from lienthong.base.text import one_line

Member = str | int | bool
Row = Mapping[str, Member]

OK, FAIL = "OK", "FAIL"
TIME = "%d/%m/%Y %H:%M:%S"
OTHER, AXIS = "100", "20"
_ROWS_AT_ONCE = 1000

_NUMBERS = {
    "CREDENTIALS_WRONG": "15",
    "VXP_HEADERS_NOT_SIGNED": "15",
    "LGSP_TOKEN_WRONG": "15",
    "LGSP_TOKEN_EXPIRED": "15",
    "NETWORK_NOT_ALLOWED": "15",
    "SYSTEM_SUSPENDED": "15",
    "KEY_REVOKED": "15",
    "RECIPIENTS_REFUSED": "18",
    "SENDER_NOT_ALLOWED": "19",
    "SENDER_NOT_ACTIVE": "19",
    "VXP_HASH_FILE_WRONG": "10",
    "EDXML_NOT_XML": "10",
    "EDXML_NOT_EDXML": "10",
    "EDXML_NOT_UTF8": "10",
    "DOCUMENT_TOO_LARGE": "10",
    "BODY_TOO_LARGE": "10",
    "BLOB_TOO_LARGE": "10",
    "EDXML_BASE64": "21",
    "EDXML_TOO_LARGE": "21",
    "EDXML_TOO_DEEP": "21",
    "EDXML_DOCTYPE": "21",
    "EDXML_ZIP_BOMB": "21",
    "EDXML_INVALID": "22",
    "HEADER_DISAGREES": "22",
}
"""Codes of refusals to the numbers that provincial façades took from the connection guide."""


def number_of(refusal: Refused) -> str:
    """``ErrorCode``: the number that fits; 20 for what passes by itself, 100 for the rest."""
    name = refusal.code.name
    if name == "RECIPIENTS_REFUSED" and refusal.params.get("locked") == refusal.params.get("count"):
        return "23"
    if name in _NUMBERS:
        return _NUMBERS[name]
    return AXIS if refusal.code.http >= 500 or refusal.code.retry is not Retry.PERMANENT else OTHER


def encode(members: Mapping[str, object]) -> bytes:
    """ASCII JSON. A null is a programming error: one loses a whole list in the library."""
    text = json.dumps(members, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    if any(value is None for value in members.values()):
        raise ValueError("an answer holds a null")
    return text.encode("ascii")


def success(**members: object) -> bytes:
    """An answer that something was done."""
    return encode({"status": OK, "ErrorCode": "0", "ErrorDesc": "", **members})


def refused(refusal: Refused, **members: object) -> bytes:
    """An answer that it was not: the sentence in Vietnamese, what to do, and the code."""
    sentence = f"{refusal.sentence('vi')} {refusal.advice('vi')}"
    text = f"{one_line(sentence, 900)} [{refusal.code.name}]"
    return encode({"status": FAIL, "ErrorCode": number_of(refusal), "ErrorDesc": text, **members})


def listing(rows: Iterable[Row]) -> Iterator[bytes]:
    """A list answer in pieces, however long it is."""
    return rows_between(b'{"status":"OK","ErrorCode":"0","ErrorDesc":"","data":[', rows, b"]}")


def rows_between(head: bytes, rows: Iterable[Row], tail: bytes) -> Iterator[bytes]:
    """Rows of ASCII JSON between what opens and what closes their list."""
    yield head
    encoder = json.JSONEncoder(ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    before, left = "", iter(rows)
    while held := list(islice(left, _ROWS_AT_ONCE)):
        # Many rows in one call: the encoder is made anew for each.
        yield f"{before}{encoder.encode(held)[1:-1]}".encode("ascii")
        before = ","
    yield tail


DATA_HEAD = b'{"status":"OK","ErrorCode":"0","ErrorDesc":"","data":"'
DATA_TAIL = b'"}'
"""What stands around the Base64 of a packet in the answer to ``getEdoc``."""


def time_text(instant: datetime) -> str:
    """``dd/MM/yyyy HH:mm:ss``, Vietnamese time."""
    return instant.astimezone(VIETNAM).strftime(TIME)


def read_time(text: str) -> datetime | None:
    """An instant written that way, None when it is not one."""
    try:
        return datetime.strptime(text, TIME).replace(tzinfo=VIETNAM)
    except ValueError:
        return None
