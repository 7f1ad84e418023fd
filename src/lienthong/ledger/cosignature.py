"""Cosignatures: a witness states when it saw a checkpoint and that it extends everything it saw before.

Source: C2SP tlog-cosignature, signature type 0x04 (Ed25519). The signature is eight bytes of POSIX time, big-endian,
then 64 bytes of Ed25519 over ``cosignature/v1``, ``time N`` and the checkpoint's text. The message does not hold the
witness's name: a witness key serves one witness only, and never signs anything else. The newer type 0x06 (ML-DSA-44) is
not made here; as a signature of an unknown key it is ignored, as the format demands.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from lienthong.base.errors import Refused
from lienthong.ledger.checkpoint import parse_checkpoint
from lienthong.ledger.errors import NOTE_MALFORMED
from lienthong.ledger.notes import (
    Signature,
    ed25519_verifies,
    is_key_name,
    key_id,
    key_text,
    read_key_text,
)

COSIGNATURE_V1 = 0x04
_SIZE = 8 + 64
_LATEST = datetime(9999, 12, 31, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class CosignatureKey:
    """The key of one witness."""

    name: str
    public_key: Ed25519PublicKey

    @property
    def key_id(self) -> bytes:
        return key_id(self.name, COSIGNATURE_V1, self.public_key)

    def verify(self, text: str, signature: bytes) -> bool:
        if len(signature) != _SIZE:
            return False
        seconds = int.from_bytes(signature[:8], "big")
        return seconds < 2**63 and ed25519_verifies(self.public_key, signature[8:], _message(seconds, text))

    def to_text(self) -> str:
        """The key as one line ``name+id+base64``."""
        return key_text(self.name, COSIGNATURE_V1, self.public_key)

    @staticmethod
    def from_text(text: str) -> CosignatureKey:
        """Read such a line. Refuses: NOTE_KEY_MALFORMED."""
        return CosignatureKey(*read_key_text(text, COSIGNATURE_V1))


def cosign(text: str, name: str, private_key: Ed25519PrivateKey, at: datetime) -> Signature:
    """Cosign a checkpoint's text at a time (whole seconds are kept).

    Call it only through :func:`lienthong.ledger.witness.accept_checkpoint`: a cosignature is a promise about history.
    Refuses: CHECKPOINT_MALFORMED, NOTE_MALFORMED.
    """
    parse_checkpoint(text)
    if not is_key_name(name):
        raise Refused(NOTE_MALFORMED, reason="key name")
    seconds = int(at.timestamp())
    value = seconds.to_bytes(8, "big") + private_key.sign(_message(seconds, text))
    return Signature(name, key_id(name, COSIGNATURE_V1, private_key.public_key()), value)


def cosigned_at(signature: Signature) -> datetime:
    """The time that a cosignature states. Refuses: NOTE_MALFORMED when it is not of this type."""
    seconds = int.from_bytes(signature.value[:8], "big")
    if len(signature.value) != _SIZE or seconds > _LATEST.timestamp():
        raise Refused(NOTE_MALFORMED, reason="cosignature time")
    return datetime.fromtimestamp(seconds, UTC)


def _message(seconds: int, text: str) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()
