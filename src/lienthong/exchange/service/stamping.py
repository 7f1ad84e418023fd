"""Timestamps over checkpoints.

An outage of the authority never holds up documents: checkpoints go on without a token, which is a visible debt, and
the first token afterwards covers every leaf before it. Source: RFC 3161; PR-EVIDENCE §2.
"""

from __future__ import annotations

from hashlib import sha256


def text_digest(text: str) -> bytes:
    """What a token is taken over: the SHA-256 of a checkpoint's signed text."""
    return sha256(text.encode("utf-8")).digest()
