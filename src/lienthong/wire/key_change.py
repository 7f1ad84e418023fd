"""A system's statement about its own keys: a new one, or the end of one. Source: PR-NATIVE §10.

Signed by a key that counts (``lt-key-change``); for a new key it holds a second statement by the new key itself
(``lt-key-proof``), so that nobody registers a key that he does not hold.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from lienthong.base.clock import to_text
from lienthong.wire.canonical import Json, Reader, decode, encode
from lienthong.wire.envelope import read_instant
from lienthong.wire.errors import KEY_CHANGE_MALFORMED

TYP, PROOF_TYP = "lt-key-change", "lt-key-proof"
LIMIT = 128 * 1024
"""Bytes of the whole statement."""


class Action(Enum):
    """What shall happen to the key."""

    ADD = "add"
    REVOKE = "revoke"


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key to add. ``purpose``: as in the directory. ``public_key`` and ``certificate``: DER."""

    purpose: str
    public_key: bytes
    certificate: bytes | None
    proof: bytes


@dataclass(frozen=True, slots=True)
class KeyChange:
    """The statement. ``axis`` and ``at`` bind it to one axis and one moment."""

    action: Action
    axis: str
    system: str
    key_id: str
    at: datetime
    new: NewKey | None = None


@dataclass(frozen=True, slots=True)
class KeyProof:
    """What the new key signs. ``by``: the key that signs the statement around it."""

    axis: str
    system: str
    purpose: str
    by: str
    at: datetime


def encode_key_change(change: KeyChange) -> bytes:
    """The payload bytes that the present key signs."""
    members: dict[str, Json] = {
        "v": 1,
        "action": change.action.value,
        "axis": change.axis,
        "system": change.system,
        "key_id": change.key_id,
        "at": to_text(change.at),
    }
    if change.new is not None:
        new: dict[str, Json] = {
            "purpose": change.new.purpose,
            "public_key": b64encode(change.new.public_key).decode(),
            "proof": change.new.proof.decode("ascii"),
        }
        if change.new.certificate is not None:
            new["certificate"] = b64encode(change.new.certificate).decode()
        members["new"] = new
    return encode(members)


def decode_key_change(payload: bytes) -> KeyChange:
    """Read the statement; refuses KEY_CHANGE_MALFORMED."""
    read = Reader(decode(payload, KEY_CHANGE_MALFORMED), KEY_CHANGE_MALFORMED)
    read.number("v", 1, 1)
    action = Action(read.text("action", check=lambda v: v in {a.value for a in Action}))
    change = KeyChange(
        action=action,
        axis=read.text("axis"),
        system=read.text("system"),
        key_id=read.text("key_id", 43),
        at=read_instant(read, "at"),
        new=_new(read.object("new")) if action is Action.ADD else None,
    )
    read.finish()
    return change


def encode_key_proof(proof: KeyProof) -> bytes:
    """The payload bytes that the new key signs."""
    return encode(
        {
            "v": 1,
            "axis": proof.axis,
            "system": proof.system,
            "purpose": proof.purpose,
            "by": proof.by,
            "at": to_text(proof.at),
        }
    )


def decode_key_proof(payload: bytes) -> KeyProof:
    """Read the new key's statement; refuses KEY_CHANGE_MALFORMED."""
    read = Reader(decode(payload, KEY_CHANGE_MALFORMED), KEY_CHANGE_MALFORMED, "proof.")
    read.number("v", 1, 1)
    proof = KeyProof(
        axis=read.text("axis"),
        system=read.text("system"),
        purpose=read.text("purpose"),
        by=read.text("by", 43),
        at=read_instant(read, "at"),
    )
    read.finish()
    return proof


def _new(members: dict[str, Json]) -> NewKey:
    read = Reader(members, KEY_CHANGE_MALFORMED, "new.")
    new = NewKey(
        purpose=read.text("purpose", check=lambda v: v in {"sign", "encrypt"}),
        public_key=_octets(read, "public_key", 24_000),
        certificate=_octets(read, "certificate", 80_000) if read.has("certificate") else None,
        proof=read.text("proof", 4000, check=str.isascii).encode(),
    )
    read.finish()
    return new


def _octets(read: Reader, member: str, limit: int) -> bytes:
    text = read.text(member, limit, check=str.isascii)
    try:
        data = b64decode(text, validate=True)
    except ValueError:
        read.refuse(member, "needs base64")
    if b64encode(data).decode() != text:
        read.refuse(member, "needs base64")
    return data
