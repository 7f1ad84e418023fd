"""A signed list of trusted roots: what an authority publishes and an agency imports.

A compact JWS (RFC 7515) of type ``lienthong-trust-list+jwt`` over ``{"store", "issued_at", "sequence", "anchors":
[{"certificate" (PEM), "purposes", "not_before", "not_after"}]}``. The publisher's key is known beforehand; nothing in
the list can name it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding

from lienthong.base.clock import from_text, to_text
from lienthong.base.errors import Refused
from lienthong.base.text import one_line
from lienthong.trust import jws
from lienthong.trust.certificates import load_certificate
from lienthong.trust.keys import DEFAULT_POLICY, PublicKey, key_id
from lienthong.trust.signer import Signer
from lienthong.trust.validation.errors import TRUST_LIST_NOT_VALID
from lienthong.trust.validation.stores import PURPOSES, STORE_NAMES, Anchor

TYPE = "lienthong-trust-list+jwt"
MAXIMUM_ANCHORS = 256


@dataclass(frozen=True, slots=True)
class TrustList:
    """A list as published. ``sequence``: rises with each issue, so that an old list is not taken for a new one."""

    store: str
    issued_at: datetime
    sequence: int
    anchors: tuple[Anchor, ...]


def sign_list(anchors: Sequence[Anchor], store: str, sequence: int, issued_at: datetime, signer: Signer) -> bytes:
    """Publish anchors as one list."""
    rows = [
        {
            "certificate": anchor.certificate.public_bytes(Encoding.PEM).decode("ascii"),
            "purposes": sorted(anchor.purposes),
            "not_before": to_text(anchor.not_before) if anchor.not_before else None,
            "not_after": to_text(anchor.not_after) if anchor.not_after else None,
        }
        for anchor in anchors
    ]
    members = {"store": store, "issued_at": to_text(issued_at), "sequence": sequence, "anchors": rows}
    return jws.sign(json.dumps(members, separators=(",", ":")).encode("ascii"), signer, TYPE)


def read_list(token: bytes, publisher: PublicKey, at: datetime, newer_than: int = -1) -> TrustList:
    """Check a list against its publisher's key. Refuses: TRUST_LIST_NOT_VALID.

    ``newer_than``: the sequence of the list in use; an older or equal one is refused. A list from the future too.
    """
    name = key_id(publisher)
    try:
        verified = jws.verify(token.strip(), lambda kid: publisher if kid == name else None, TYPE, DEFAULT_POLICY, at)
        listed = _read(json.loads(verified.payload))
    except Refused as refused:
        raise Refused(TRUST_LIST_NOT_VALID, reason=one_line(refused.sentence("en"), 160)) from refused
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Refused(TRUST_LIST_NOT_VALID, reason=one_line(str(error), 160)) from error
    if listed.sequence <= newer_than:
        raise Refused(TRUST_LIST_NOT_VALID, reason=f"sequence {listed.sequence} is not newer than {newer_than}")
    if listed.issued_at > at:
        raise Refused(TRUST_LIST_NOT_VALID, reason=f"issued in the future, {to_text(listed.issued_at)}")
    return listed


def _read(members: dict[str, Any]) -> TrustList:
    store, sequence, rows = members["store"], members["sequence"], members["anchors"]
    if store not in STORE_NAMES or not isinstance(sequence, int) or not 0 < len(rows) <= MAXIMUM_ANCHORS:
        raise ValueError("store, sequence or anchors")
    return TrustList(store, from_text(members["issued_at"]), sequence, tuple(_anchor(row, store) for row in rows))


def _anchor(row: dict[str, Any], store: str) -> Anchor:
    purposes = frozenset(row["purposes"])
    if not purposes or purposes - set(PURPOSES):
        raise ValueError("purposes")
    begin, end = row.get("not_before"), row.get("not_after")
    return Anchor(
        load_certificate(row["certificate"].encode("ascii")),
        store,
        purposes,
        from_text(begin) if begin else None,
        from_text(end) if end else None,
    )
