"""Checkpoints: the axis's signed statement of the log's size and root.

Source: C2SP tlog-checkpoint. The text is at least three lines: *origin* (the log's name), *size* in decimal, *root* in
base64; further lines are extensions, which nobody can audit, so we write none and accept them as opaque. An axis never
signs two checkpoints that do not extend one another.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lienthong.base.errors import Refused
from lienthong.ledger.errors import CHECKPOINT_MALFORMED, CHECKPOINT_OF_OTHER_LOG
from lienthong.ledger.merkle import EMPTY_ROOT, HASH_SIZE
from lienthong.ledger.notes import (
    NoteKey,
    Signature,
    SignedNote,
    check_text,
    parse_note,
    sign_text,
    verified_by,
)

_SIZE = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)
_MAX_SIZE = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """One state of a log: ``origin``, ``size`` in leaves, ``root`` (32 bytes), opaque ``extensions``."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The text that is signed and cosigned."""
        encoded = base64.b64encode(self.root).decode("ascii")
        return "".join(line + "\n" for line in (self.origin, str(self.size), encoded, *self.extensions))


@dataclass(frozen=True, slots=True)
class OpenedCheckpoint:
    """A checkpoint whose signatures were verified: the ``note`` as read, and which of the known keys signed it."""

    checkpoint: Checkpoint
    note: SignedNote
    signed_by: tuple[tuple[NoteKey, Signature], ...]


def parse_checkpoint(text: str) -> Checkpoint:
    """Read a checkpoint's text. Refuses: CHECKPOINT_MALFORMED."""
    check_text(text)
    lines = text[:-1].split("\n")
    if len(lines) < 3 or not all(lines):
        raise Refused(CHECKPOINT_MALFORMED, reason="three lines")
    if not _SIZE.fullmatch(lines[1]) or int(lines[1]) > _MAX_SIZE:
        raise Refused(CHECKPOINT_MALFORMED, reason="size")
    try:
        root = base64.b64decode(lines[2], validate=True)
    except (binascii.Error, ValueError):
        raise Refused(CHECKPOINT_MALFORMED, reason="root") from None
    checkpoint = Checkpoint(lines[0], int(lines[1]), root, tuple(lines[3:]))
    if len(root) != HASH_SIZE or checkpoint.text != text or (checkpoint.size == 0 and root != EMPTY_ROOT):
        raise Refused(CHECKPOINT_MALFORMED, reason="root")
    return checkpoint


def sign_checkpoint(checkpoint: Checkpoint, private_key: Ed25519PrivateKey) -> SignedNote:
    """The checkpoint as a note signed by its log; the key's name is the origin."""
    if parse_checkpoint(checkpoint.text) != checkpoint:
        raise Refused(CHECKPOINT_MALFORMED, reason="origin")
    return SignedNote(checkpoint.text, (sign_text(checkpoint.text, checkpoint.origin, private_key),))


def open_checkpoint(data: bytes, keys: Iterable[NoteKey], origin: str | None = None) -> OpenedCheckpoint:
    """Read a checkpoint and verify it with the known keys.

    With ``origin``, the checkpoint must be of that log. Refuses: NOTE_MALFORMED, NOTE_SIGNATURE_WRONG, NOTE_UNSIGNED,
    CHECKPOINT_MALFORMED, CHECKPOINT_OF_OTHER_LOG.
    """
    note = parse_note(data)
    checkpoint = parse_checkpoint(note.text)
    if origin is not None and checkpoint.origin != origin:
        raise Refused(CHECKPOINT_OF_OTHER_LOG, found=checkpoint.origin, expected=origin)
    return OpenedCheckpoint(checkpoint, note, verified_by(note, keys))
