"""The name of a delivery for systems that know documents by an axis-made identifier only.

A UUID version 8 (RFC 9562 clause 5.8): sixty bits of delivery number, and 62 bits of a digest that binds it to its
envelope. It needs no table, is a safe file name, and a number that was tried out does not fit its envelope.
"""

from __future__ import annotations

import hashlib
from uuid import UUID

from lienthong.base.ids import DeliveryId, EnvelopeId

_CHECK = (1 << 62) - 1
_ABOUT = b"lienthong delivery name v1\0"
MOST = (1 << 60) - 1
"""Greatest delivery number that has a name."""


def delivery_name(delivery: DeliveryId, envelope: EnvelopeId) -> UUID:
    """The name of one delivery of one envelope."""
    if not 0 < delivery <= MOST:
        raise ValueError("the delivery number has more than 60 bits")
    value = (delivery >> 12) << 80 | 0x8 << 76 | (delivery & 0xFFF) << 64 | 0b10 << 62 | _check(delivery, envelope)
    return UUID(int=value)


def named_delivery(name: str) -> tuple[DeliveryId, UUID] | None:
    """The delivery number that a name claims, with the name itself; None for anything that is no such name.

    It is true only if :func:`delivery_name` of that delivery and its envelope gives the same name.
    """
    try:
        value = UUID(name)
    except (ValueError, AttributeError):
        return None
    if value.version != 8 or len(name) not in {32, 36}:
        return None
    number = (value.int >> 80) << 12 | value.int >> 64 & 0xFFF
    return (DeliveryId(number), value) if number else None


def _check(delivery: int, envelope: UUID) -> int:
    digest = hashlib.sha256(_ABOUT + delivery.to_bytes(8) + envelope.bytes).digest()
    return int.from_bytes(digest[:8]) & _CHECK
