"""The witness's rule: cosign a checkpoint only when it extends the last one cosigned.

Source: C2SP tlog-witness, ``add-checkpoint``. The rule is pure. Whoever calls it holds the last accepted checkpoint of
the log in one transaction with the call and stores the new one before the cosignature leaves the house; otherwise two
calls at once could let the log go back.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lienthong.base.errors import Refused
from lienthong.ledger.checkpoint import Checkpoint, open_checkpoint
from lienthong.ledger.cosignature import cosign
from lienthong.ledger.errors import (
    CHECKPOINT_FORKED,
    CHECKPOINT_MALFORMED,
    CHECKPOINT_NOT_CONSISTENT,
    CHECKPOINT_OLD_SIZE,
    CHECKPOINT_ROLLED_BACK,
)
from lienthong.ledger.merkle import EMPTY_ROOT, HASH_SIZE, verify_consistency
from lienthong.ledger.notes import NoteKey, Signature, SignedNote

MAX_PATH = 63
_OLD = re.compile(r"old (0|[1-9][0-9]{0,18})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Submission:
    """What a log sends to a witness: the size the witness knows, the consistency path, and the signed checkpoint."""

    old_size: int
    path: tuple[bytes, ...]
    note: bytes

    def to_bytes(self) -> bytes:
        lines = [f"old {self.old_size}", *(base64.b64encode(part).decode("ascii") for part in self.path), "", ""]
        return "\n".join(lines).encode("ascii") + self.note

    @staticmethod
    def parse(body: bytes) -> Submission:
        """Read the body of ``add-checkpoint``. Refuses: CHECKPOINT_MALFORMED."""
        head, separator, note = body.partition(b"\n\n")
        try:
            lines = head.decode("ascii").split("\n")
            path = tuple(base64.b64decode(line, validate=True) for line in lines[1:])
        except (UnicodeDecodeError, binascii.Error, ValueError):
            raise Refused(CHECKPOINT_MALFORMED, reason="consistency path") from None
        old = _OLD.fullmatch(lines[0])
        if not separator or old is None or len(path) > MAX_PATH or any(len(p) != HASH_SIZE for p in path):
            raise Refused(CHECKPOINT_MALFORMED, reason="old size, path")
        submission = Submission(int(old[1]), path, note)
        if submission.to_bytes() != body:
            raise Refused(CHECKPOINT_MALFORMED, reason="consistency path")
        return submission


@dataclass(frozen=True, slots=True)
class Cosigned:
    """The accepted checkpoint, to be stored as the last one; the cosignature; and the note that now carries it."""

    checkpoint: Checkpoint
    signature: Signature
    note: SignedNote


def check_extends(old: Checkpoint | None, new: Checkpoint, path: Sequence[bytes]) -> None:
    """Refuse a checkpoint that does not extend the last one known (None: none is known yet).

    Refuses: CHECKPOINT_ROLLED_BACK (fewer leaves than before: a restored backup shows itself so), CHECKPOINT_FORKED
    (same size, other root), CHECKPOINT_NOT_CONSISTENT (the path does not prove the growth).
    """
    size, root = (old.size, old.root) if old is not None else (0, EMPTY_ROOT)
    if new.size < size:
        raise Refused(CHECKPOINT_ROLLED_BACK, known=size, given=new.size)
    if new.size == size and new.root != root:
        raise Refused(CHECKPOINT_FORKED, size=size)
    if not verify_consistency(size, new.size, path, root, new.root):
        raise Refused(CHECKPOINT_NOT_CONSISTENT, known=size, size=new.size)


def accept_checkpoint(
    old: Checkpoint | None,
    new_note: bytes,
    path: Sequence[bytes],
    *,
    origin: str,
    log_keys: Iterable[NoteKey],
    witness_name: str,
    witness_key: Ed25519PrivateKey,
    at: datetime,
    old_size: int | None = None,
) -> Cosigned:
    """Verify a log's checkpoint against the last one accepted, and cosign it.

    ``old_size``: what the log believes the witness knows, when it said so; a difference is answered before the
    consistency path is looked at, because the path would be for another size.
    Refuses: NOTE_MALFORMED, NOTE_SIGNATURE_WRONG, NOTE_UNSIGNED, CHECKPOINT_MALFORMED, CHECKPOINT_OF_OTHER_LOG,
    CHECKPOINT_OLD_SIZE, and as :func:`check_extends`.
    """
    opened = open_checkpoint(new_note, log_keys, origin)
    new = opened.checkpoint
    known = old.size if old is not None else 0
    if old_size is not None and old_size > new.size:
        raise Refused(CHECKPOINT_MALFORMED, reason="old size")
    if new.size >= known and old_size is not None and old_size != known:
        raise Refused(CHECKPOINT_OLD_SIZE, known=known, given=old_size)
    check_extends(old, new, path)
    signature = cosign(new.text, witness_name, witness_key, at)
    return Cosigned(new, signature, opened.note.with_signatures([signature]))
