"""Bearer tokens that no table keeps: they count as long as the secret under which they were issued, at most 30 minutes.

``l1.SYSTEM.UNTIL.MAC``: the system's identifier in Base64url, seconds since 1970, and HMAC-SHA256 (Base64url) of what
stands before the last dot. The key is made from the connection's own secret, so a token dies with that secret on every
node at once, and whoever could forge one knows the secret anyway. Source: docs/protocols/lgsp.md §2; RFC 6750.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from lienthong.base.clock import to_text
from lienthong.base.errors import Refused
from lienthong.wire.lgsp.errors import LGSP_TOKEN_EXPIRED, LGSP_TOKEN_WRONG

LIFE = timedelta(minutes=30)
SLACK = timedelta(minutes=1)
"""How much the clocks of an axis's nodes may differ."""

_ABOUT = b"lienthong lgsp token v1"
_FORM = re.compile(r"l1\.([0-9A-Za-z_-]{1,256})\.([0-9]{1,12})\.([0-9A-Za-z_-]{43})")
_BEARER = re.compile(r"Bearer +(\S{1,1000})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Token:
    """A token (mã truy cập) that was read and is not believed yet. ``signed``: what the MAC is over."""

    system: str
    until: datetime
    signed: bytes
    mac: str

    def is_by(self, secret: bytes) -> bool:
        """Whether it was issued under this secret; in constant time."""
        return hmac.compare_digest(_mac(self.signed, secret), self.mac)

    def require_current(self, now: datetime) -> None:
        """Refuse LGSP_TOKEN_EXPIRED; LGSP_TOKEN_WRONG for one that claims a longer life than any has."""
        if now >= self.until:
            raise Refused(LGSP_TOKEN_EXPIRED, at=to_text(self.until))
        if self.until > now + LIFE + SLACK:
            raise Refused(LGSP_TOKEN_WRONG)


def issue(system: str, secret: bytes, now: datetime) -> str:
    """A new token of a system that has just proved that it knows this secret."""
    signed = f"l1.{_encode(system.encode())}.{int((now + LIFE).timestamp())}"
    return f"{signed}.{_mac(signed.encode('ascii'), secret)}"


def read_token(authorization: str) -> Token:
    """The token of an ``Authorization`` header. Refuses LGSP_TOKEN_WRONG."""
    bearer = _BEARER.fullmatch(authorization.strip())
    found = None if bearer is None else _FORM.fullmatch(bearer[1])
    if found is None:
        raise Refused(LGSP_TOKEN_WRONG)
    try:
        system = base64.urlsafe_b64decode(found[1] + "=" * (-len(found[1]) % 4)).decode("utf-8")
        until = datetime.fromtimestamp(int(found[2]), UTC)
    except (binascii.Error, ValueError, OverflowError, OSError) as reason:
        raise Refused(LGSP_TOKEN_WRONG) from reason
    return Token(system, until, found[0].rpartition(".")[0].encode("ascii"), found[3])


def _mac(signed: bytes, secret: bytes) -> str:
    key = hmac.new(secret, _ABOUT, hashlib.sha256).digest()
    return _encode(hmac.new(key, signed, hashlib.sha256).digest())


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")
