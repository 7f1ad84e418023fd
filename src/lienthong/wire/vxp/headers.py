"""The parameters of a request: headers by exact spelling, and the signature over them.

Names of HTTP headers are the same in any case; here they are not. The vendor's library signs ``docId`` and ``docid``
as two parameters with two values, and a server that folds them serves the wrong packet. So headers are taken as they
were spelled and compared one by one with the signed JSON.

Source: exchange facts §2.1, "Signature" and rules 1 and 2.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from lienthong.base.clock import to_text
from lienthong.base.errors import Refused
from lienthong.base.text import one_line
from lienthong.wire.vxp.errors import VXP_HEADERS_MALFORMED, VXP_HEADERS_NOT_SIGNED, VXP_TIMESTAMP_AHEAD

PREFIX = b"XroadVnpt-"
SIGN_HEADER = PREFIX + b"sign-header"
SIGN_HEADER_KEY = PREFIX + b"sign-header-key"
HASH_HEADER = PREFIX + b"hash-header"
VERSION = PREFIX + b"version"
_UNSIGNED = frozenset({SIGN_HEADER, SIGN_HEADER_KEY, HASH_HEADER, VERSION})

MOST_PARAMETERS = 64
ZONES = timedelta(hours=14)
"""The timestamp has no zone; no clock on earth shows more than this ahead of UTC."""

SLACK = timedelta(minutes=10)
_TIMESTAMP = re.compile(r"([0-9]{2})([0-9]{2})([0-9]{4})T([0-9]{2})([0-9]{2})([0-9]{2})\+([0-9]{4})")
_HEX = re.compile(rb"[0-9a-fA-F]{64}")


@dataclass(frozen=True, slots=True)
class SignedHeaders:
    """The headers of one request, read and not believed yet.

    ``parameters``: by exact spelling without the prefix. ``text``: the signed JSON as received. ``hash_header``: the
    claimed HMAC. Nothing counts before :meth:`is_by` and :meth:`require_plausible`.
    """

    parameters: Mapping[str, str]
    text: bytes
    hash_header: bytes

    @property
    def system_id(self) -> str:
        return self.parameters["systemid"]

    def is_by(self, secret: bytes) -> bool:
        """Whether the owner of this secret signed the headers; takes the same time for any wrong one."""
        return hmac.compare_digest(signature(self.text, secret), self.hash_header.lower())

    def require_plausible(self, now: datetime) -> None:
        """Refuse VXP_TIMESTAMP_AHEAD. Old timestamps are usual: a library keeps that of its start for months."""
        written = self.parameters["timestamp"]
        if _instant(written) > now + ZONES + SLACK:
            raise Refused(VXP_TIMESTAMP_AHEAD, timestamp=written, now=to_text(now))

    def parameter(self, name: str) -> str:
        """A parameter in its documented spelling, else in any other; ``""`` when there is none.

        Leftovers of earlier calls stand beside it under other spellings; the documented one wins.
        """
        found = self.parameters.get(name)
        if found is None:
            found = next((value for key, value in self.parameters.items() if key.lower() == name.lower()), "")
        return found


def signature(text: bytes, secret: bytes) -> bytes:
    """``hash-header``: lower-case hex HMAC-SHA256."""
    return hmac.new(secret, text, hashlib.sha256).hexdigest().encode("ascii")


def read_headers(raw: Sequence[tuple[bytes, bytes]]) -> SignedHeaders:
    """The signed parameters of a request.

    ``raw``: names and values as they came, names not folded. Every prefixed header must stand in the signed JSON with
    the same value, and the other way round. Refuses: VXP_HEADERS_MALFORMED, VXP_HEADERS_NOT_SIGNED.
    """
    received: dict[bytes, bytes] = {}
    for name, value in raw:
        if name[: len(PREFIX)].lower() != PREFIX.lower():
            continue
        if name in received:
            raise _malformed("một tiêu đề xuất hiện hai lần", "a header occurs twice")
        received[name] = value
    text, claimed = received.get(SIGN_HEADER, b""), received.get(HASH_HEADER, b"")
    if not text or not _HEX.fullmatch(claimed):
        raise _malformed("thiếu sign-header hoặc hash-header", "sign-header or hash-header is missing")
    signed = _signed(text)
    for name, value in received.items():
        # Blanks at the ends belong to the header line, not to its value (RFC 9110 clause 5.5).
        if name not in _UNSIGNED and (name not in signed or signed[name].strip(b" \t") != value.strip(b" \t")):
            raise _not_signed(name)
    for name in signed:
        if name not in received:
            raise _not_signed(name)
    parameters = {name[len(PREFIX) :].decode(): value.decode() for name, value in signed.items()}
    if not parameters.get("systemid") or "timestamp" not in parameters:
        raise _malformed("thiếu systemid hoặc timestamp", "systemid or timestamp is missing")
    _instant(parameters["timestamp"])
    return SignedHeaders(parameters, text, claimed)


def _signed(text: bytes) -> dict[bytes, bytes]:
    """The signed JSON: one object of texts, no member twice."""
    try:
        members = json.loads(text.decode("utf-8"), object_pairs_hook=_once)
        if not isinstance(members, dict) or len(members) > MOST_PARAMETERS:
            raise TypeError
        signed = {name.encode(): value.encode() for name, value in members.items()}
    except (ValueError, TypeError, AttributeError, RecursionError) as reason:
        raise _malformed(
            "sign-header không phải đối tượng JSON gồm chuỗi", "sign-header is no JSON of texts"
        ) from reason
    if not all(name.startswith(PREFIX) and name not in _UNSIGNED for name in signed):
        raise _malformed("sign-header có tên lạ", "sign-header has a strange name")
    return signed


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member occurs twice")
    return members


def _instant(written: str) -> datetime:
    """The written time as if it were UTC. Refuses VXP_HEADERS_MALFORMED."""
    found = _TIMESTAMP.fullmatch(written)
    if found is not None:
        day, month, year, hour, minute, second, milli = map(int, found.groups())
        try:
            return datetime(year, month, day, hour, minute, second, milli % 1000 * 1000, UTC)
        except ValueError:
            pass
    raise _malformed("timestamp không đúng dạng", "timestamp is not in its form")


def _malformed(vi: str, en: str) -> Refused:
    return Refused(VXP_HEADERS_MALFORMED, why_vi=vi, why_en=en)


def _not_signed(name: bytes) -> Refused:
    return Refused(VXP_HEADERS_NOT_SIGNED, header=one_line(name.decode("latin-1"), 60))
