"""Identifiers as types, and how new ones are made."""

from __future__ import annotations

import os
import time
import uuid
from typing import NewType

AgencyCode = NewType("AgencyCode", str)
"""Code of an agency (mã định danh cơ quan) as written in the directory."""

SystemId = NewType("SystemId", str)
"""Name of a software system that may act for one or several agencies."""

EnvelopeId = NewType("EnvelopeId", uuid.UUID)
"""Sender-made identifier of one message on the axis (mã gói tin)."""

DeliveryId = NewType("DeliveryId", int)
"""Axis-made identifier of one envelope for one recipient."""

DocumentId = NewType("DocumentId", str)
"""Identifier of an official document (mã văn bản), as the issuer wrote it."""

Sha256 = NewType("Sha256", bytes)
"""Thirty-two bytes."""


def uuid7(at_ms: int | None = None) -> uuid.UUID:
    """A new UUID version 7 (RFC 9562 clause 5.7): milliseconds first, so that indexes stay local."""
    ms = time.time_ns() // 1_000_000 if at_ms is None else at_ms
    random = int.from_bytes(os.urandom(10))
    value = (ms & (2**48 - 1)) << 80 | 0x7 << 76 | (random >> 68) << 64 | 0b10 << 62 | random & (2**62 - 1)
    return uuid.UUID(int=value & (2**128 - 1))
