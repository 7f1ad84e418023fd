"""Content-Digest: the declared digest of a message's content.

Source: RFC 9530 clauses 2 and 5. Only ``sha-256`` counts here; other algorithms may
stand beside it and are not looked at.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64encode

from lienthong.base.errors import Refused
from lienthong.base.ids import Sha256
from lienthong.trust.errors import CONTENT_DIGEST_MALFORMED, CONTENT_DIGEST_MISMATCH
from lienthong.trust.structured_fields import Item, NotStructured, parse_dictionary


def make(digest: bytes) -> str:
    """The header's value for content whose SHA-256 is ``digest`` (32 bytes)."""
    if len(digest) != 32:
        raise ValueError("a SHA-256 has 32 bytes")
    return f"sha-256=:{b64encode(digest).decode('ascii')}:"


def of(content: bytes) -> str:
    """The header's value for this content."""
    return make(hashlib.sha256(content).digest())


def parse(value: str) -> Sha256:
    """The SHA-256 that a Content-Digest header declares. Refuses: CONTENT_DIGEST_MALFORMED."""
    try:
        member = parse_dictionary(value).get("sha-256")
    except NotStructured as error:
        raise Refused(CONTENT_DIGEST_MALFORMED, reason=error) from error
    if not isinstance(member, Item) or not isinstance(member.value, bytes) or len(member.value) != 32:
        raise Refused(CONTENT_DIGEST_MALFORMED, reason="sha-256")
    return Sha256(member.value)


def compare(value: str, digest: bytes) -> Sha256:
    """The declared digest when it equals the one computed from the content.

    Refuses: CONTENT_DIGEST_MALFORMED, CONTENT_DIGEST_MISMATCH.
    """
    declared = parse(value)
    if not hmac.compare_digest(declared, digest):
        raise Refused(CONTENT_DIGEST_MISMATCH)
    return declared
