"""Signed notes: a text with one signature line per key.

Source: C2SP signed-note. A note is UTF-8 text that ends with a line feed, an empty line, and lines of the form
``— name base64(key id, signature)``. A *key* has a name and an id of four bytes; name and id together choose the key
that must verify. Signatures of unknown keys are ignored, whatever they hold; a wrong signature of a known key refuses
the whole note. Signature types here: 0x01 (Ed25519) and, in :mod:`lienthong.ledger.cosignature`, 0x04.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from lienthong.base.errors import Refused
from lienthong.ledger.errors import NOTE_KEY_MALFORMED, NOTE_MALFORMED, NOTE_SIGNATURE_WRONG, NOTE_UNSIGNED

ED25519 = 0x01
MAX_NOTE_SIZE = 64 * 1024
MAX_SIGNATURES = 100
_DASH = "— "


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line: the key's ``name``, its ``key_id`` (4 bytes), and the signature's bytes."""

    name: str
    key_id: bytes
    value: bytes

    @property
    def line(self) -> str:
        return f"{_DASH}{self.name} {base64.b64encode(self.key_id + self.value).decode('ascii')}\n"


class NoteKey(Protocol):
    """A key that verifies one kind of signature under notes."""

    @property
    def name(self) -> str: ...

    @property
    def key_id(self) -> bytes: ...

    def verify(self, text: str, signature: bytes) -> bool:
        """Whether the signature is this key's over the text."""
        ...


@dataclass(frozen=True, slots=True)
class SignedNote:
    """A note as it was read: nothing in ``text`` is to be believed before :func:`verified_by` says who signed it."""

    text: str
    signatures: tuple[Signature, ...]

    def to_bytes(self) -> bytes:
        return (self.text + "\n" + "".join(signature.line for signature in self.signatures)).encode("utf-8")

    def with_signatures(self, more: Iterable[Signature]) -> SignedNote:
        """The note with further signatures; one that is there already is not repeated."""
        added = [s for s in dict.fromkeys(more) if s not in self.signatures]
        return SignedNote(self.text, (*self.signatures, *added))


@dataclass(frozen=True, slots=True)
class Ed25519NoteKey:
    """A key of signature type 0x01: Ed25519 over the text itself."""

    name: str
    public_key: Ed25519PublicKey

    @property
    def key_id(self) -> bytes:
        return key_id(self.name, ED25519, self.public_key)

    def verify(self, text: str, signature: bytes) -> bool:
        return ed25519_verifies(self.public_key, signature, text.encode("utf-8"))

    def to_text(self) -> str:
        """The key as one line ``name+id+base64``, to be handed to those who verify."""
        return key_text(self.name, ED25519, self.public_key)

    @staticmethod
    def from_text(text: str) -> Ed25519NoteKey:
        """Read such a line. Refuses: NOTE_KEY_MALFORMED."""
        return Ed25519NoteKey(*read_key_text(text, ED25519))


def key_id(name: str, kind: int, public_key: Ed25519PublicKey) -> bytes:
    """First four bytes of SHA-256 over name, line feed, signature type, and the key's 32 bytes."""
    return sha256(name.encode("utf-8") + b"\n" + bytes([kind]) + public_key.public_bytes_raw()).digest()[:4]


def key_text(name: str, kind: int, public_key: Ed25519PublicKey) -> str:
    """A public key as ``name+hex of its id+base64(type, key)``."""
    material = base64.b64encode(bytes([kind]) + public_key.public_bytes_raw()).decode("ascii")
    return f"{name}+{key_id(name, kind, public_key).hex()}+{material}"


def read_key_text(text: str, kind: int) -> tuple[str, Ed25519PublicKey]:
    """Name and public key of a key line of the given signature type. Refuses: NOTE_KEY_MALFORMED."""
    parts = text.split("+", 2)
    material = _strict_base64(parts[2]) if len(parts) == 3 else None
    if material is None or not is_key_name(parts[0]):
        raise Refused(NOTE_KEY_MALFORMED, reason="name+id+key")
    if len(material) != 33 or material[0] != kind:
        raise Refused(NOTE_KEY_MALFORMED, reason=f"Ed25519, 0x{kind:02x}")
    public_key = Ed25519PublicKey.from_public_bytes(material[1:])
    if key_id(parts[0], kind, public_key).hex() != parts[1]:
        raise Refused(NOTE_KEY_MALFORMED, reason="id")
    return parts[0], public_key


def is_key_name(name: str) -> bool:
    """Names are not empty and hold no space, plus sign or control character."""
    return bool(name) and "+" not in name and not any(c.isspace() or c < " " for c in name)


def ed25519_verifies(public_key: Ed25519PublicKey, signature: bytes, message: bytes) -> bool:
    """Whether an Ed25519 signature (RFC 8032, 64 bytes) is right."""
    try:
        public_key.verify(signature, message)
    except InvalidSignature:
        return False
    return True


def sign_text(text: str, name: str, private_key: Ed25519PrivateKey) -> Signature:
    """Sign a text with type 0x01. Refuses: NOTE_MALFORMED when text or name cannot stand in a note."""
    check_text(text)
    if not is_key_name(name):
        raise Refused(NOTE_MALFORMED, reason="key name")
    key = private_key.public_key()
    return Signature(name, key_id(name, ED25519, key), private_key.sign(text.encode("utf-8")))


def check_text(text: str) -> None:
    """Refuse (NOTE_MALFORMED) a text that does not end in a line feed or holds other control characters."""
    if not text.endswith("\n"):
        raise Refused(NOTE_MALFORMED, reason="no line feed at the end")
    if any(c < " " and c != "\n" for c in text):
        raise Refused(NOTE_MALFORMED, reason="control character")


def parse_note(data: bytes) -> SignedNote:
    """Read a note without verifying it. Refuses: NOTE_MALFORMED."""
    if len(data) > MAX_NOTE_SIZE:
        raise Refused(NOTE_MALFORMED, reason=f"> {MAX_NOTE_SIZE} bytes")
    try:
        whole = data.decode("utf-8")
    except UnicodeDecodeError:
        raise Refused(NOTE_MALFORMED, reason="not UTF-8") from None
    check_text(whole)
    text, separator, block = whole.rpartition("\n\n")
    if not separator or not block:
        raise Refused(NOTE_MALFORMED, reason="no signature")
    lines = block[:-1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise Refused(NOTE_MALFORMED, reason=f"> {MAX_SIGNATURES} signatures")
    return SignedNote(text + "\n", tuple(_parse_signature(line) for line in lines))


def parse_signatures(data: bytes) -> tuple[Signature, ...]:
    """Read signature lines alone, as a witness answers them (C2SP tlog-witness). Refuses: NOTE_MALFORMED."""
    if b"\n\n" in data:
        raise Refused(NOTE_MALFORMED, reason="empty line")
    return parse_note(b"\n\n" + data).signatures


def verified_by(note: SignedNote, keys: Iterable[NoteKey]) -> tuple[tuple[NoteKey, Signature], ...]:
    """The known keys that signed the note, each once, in the order of the lines.

    Refuses: NOTE_SIGNATURE_WRONG when the signature of a known key does not verify; NOTE_UNSIGNED when no known key
    signed. Two known keys with one name and id are the caller's error (ValueError).
    """
    known: dict[tuple[str, bytes], NoteKey] = {}
    for key in keys:
        if known.setdefault((key.name, key.key_id), key) != key:
            raise ValueError(f"two keys are named {key.name}+{key.key_id.hex()}")
    seen: dict[tuple[str, bytes], tuple[NoteKey, Signature]] = {}
    for signature in note.signatures:
        identity = (signature.name, signature.key_id)
        signer = known.get(identity)
        if signer is None or identity in seen:
            continue
        if not signer.verify(note.text, signature.value):
            raise Refused(NOTE_SIGNATURE_WRONG, name=signature.name)
        seen[identity] = (signer, signature)
    if not seen:
        raise Refused(NOTE_UNSIGNED)
    return tuple(seen.values())


def _parse_signature(line: str) -> Signature:
    name, space, encoded = line.removeprefix(_DASH).rpartition(" ")
    value = _strict_base64(encoded)
    if not line.startswith(_DASH) or not space or not is_key_name(name) or value is None or len(value) < 5:
        raise Refused(NOTE_MALFORMED, reason="signature line")
    return Signature(name, value[:4], value[4:])


def _strict_base64(text: str) -> bytes | None:
    """Decoded bytes, or None unless the text is the one canonical encoding of them (RFC 4648 clauses 3.5 and 4)."""
    try:
        value = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return value if base64.b64encode(value).decode("ascii") == text else None
