"""Witnesses: we cosign the checkpoints of other axes, and have ours cosigned by them.

Source: C2SP tlog-witness, ``add-checkpoint``. As a witness we hold, for each log, the last checkpoint that we cosigned;
the row is locked while we decide and is stored before the cosignature leaves the house.
"""

from __future__ import annotations

from dataclasses import dataclass

import httpx

from lienthong.base.errors import Refused
from lienthong.base.text import one_line
from lienthong.exchange.service.log_context import LogContext, Witness
from lienthong.exchange.service.log_errors import (
    LOG_FORKED,
    LOG_ROLLED_BACK,
    LOG_UNKNOWN,
    WITNESS_ANSWER_WRONG,
    WITNESS_AWAY,
)
from lienthong.exchange.service.sequencing import raise_alarm
from lienthong.exchange.store import checkpoints, witnesses
from lienthong.exchange.store.checkpoints import CheckpointRow
from lienthong.exchange.store.connection import Connection
from lienthong.exchange.store.witnesses import Witnessed
from lienthong.infra import telemetry
from lienthong.infra.outgoing_tls import public_authorities
from lienthong.infra.steps import reached
from lienthong.infra.timestamp_authority import read_at_most
from lienthong.ledger.checkpoint import Checkpoint, parse_checkpoint
from lienthong.ledger.merkle import EMPTY_ROOT
from lienthong.ledger.notes import MAX_NOTE_SIZE, parse_note, parse_signatures, verified_by
from lienthong.ledger.tiles import TileReader
from lienthong.ledger.witness import Submission, accept_checkpoint

SIZE_TYPE = "text/x.tlog.size"
MAX_SUBMISSION = MAX_NOTE_SIZE + 8 * 1024
SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    media_type: str
    body: bytes


def witness(conn: Connection, log: LogContext, body: bytes) -> str:
    """Cosign another log's checkpoint if it extends what we cosigned before; the cosignature's line.

    Refuses: LOG_UNKNOWN, and as :func:`lienthong.ledger.witness.accept_checkpoint`.
    """
    submission = Submission.parse(body)
    origin = _origin(submission)
    keys = [key for key in log.peers.logs if key.name == origin]
    if not keys:
        raise Refused(LOG_UNKNOWN, origin=one_line(origin, 100))
    at = log.clock.now()
    with conn.transaction():
        known = witnesses.lock_witnessed(conn, origin, EMPTY_ROOT, at)
        try:
            cosigned = accept_checkpoint(
                Checkpoint(origin, known.size, known.root),
                submission.note,
                submission.path,
                origin=origin,
                log_keys=keys,
                witness_name=log.name,
                witness_key=log.witness_key,
                at=at,
                old_size=submission.old_size,
            )
        except Refused as refusal:
            telemetry.warning("witness.refused", origin=one_line(origin, 100), code=refusal.code.name)
            raise
        new = cosigned.checkpoint
        witnesses.remember(conn, origin, Witnessed(new.size, new.root), at)
        reached("witness.before_commit")
    return cosigned.signature.line


def origin_of(body: bytes) -> str:
    """Whose checkpoint a submission claims to bring. Refuses: NOTE_MALFORMED, CHECKPOINT_MALFORMED."""
    return _origin(Submission.parse(body))


def submit(conn: Connection, log: LogContext, to: Witness, row: CheckpointRow) -> None:
    """Have a witness cosign a checkpoint of ours, and keep the cosignature.

    What the witness knows is remembered, and learnt from its answer when it differs. A witness that knows more than
    we have, or another history, raises the alarm. Refuses: WITNESS_AWAY, WITNESS_ANSWER_WRONG, LOG_ROLLED_BACK,
    LOG_FORKED.
    """
    if _is_cosigned(row, to):
        return
    fact = f"log.witnessed:{to.key.name}"
    known = int((witnesses.read_fact(conn, fact) or {"size": 0})["size"])
    answer = _post(log, to, row, min(known, row.size))
    if answer.status == 409 and answer.media_type == SIZE_TYPE:
        known = _size(to, answer.body)
        if known > row.size:
            raise _alarm_if_behind(conn, log, to, known)
        answer = _post(log, to, row, known)
    if answer.status in (409, 422):
        raise raise_alarm(conn, log, LOG_FORKED, known, row.size, to.key.name)
    if answer.status != 200:
        raise Refused(WITNESS_AWAY, name=to.key.name, reason=f"HTTP {answer.status}")
    checkpoints.add_cosignatures(conn, row.size, _verified_lines(to, row, answer.body))
    witnesses.write_fact(conn, fact, {"size": row.size}, log.clock.now())


def _origin(submission: Submission) -> str:
    return parse_checkpoint(parse_note(submission.note).text).origin


def _alarm_if_behind(conn: Connection, log: LogContext, to: Witness, known: int) -> Refused:
    """The log may have grown, and been submitted by another process, since the checkpoint was read."""
    newest = checkpoints.newest(conn)
    size = newest.size if newest is not None else 0
    if known > size:
        return raise_alarm(conn, log, LOG_ROLLED_BACK, known, size, to.key.name)
    return Refused(WITNESS_ANSWER_WRONG, name=to.key.name, reason="a newer checkpoint is cosigned already")


def _post(log: LogContext, to: Witness, row: CheckpointRow, known: int) -> _Answer:
    path = TileReader(row.size, log.files.read).consistency(known)
    body = Submission(known, tuple(path), row.note.encode("utf-8")).to_bytes()
    try:
        trusted = public_authorities(environment=True)
        with httpx.stream("POST", f"{to.url}/add-checkpoint", content=body, timeout=SECONDS, verify=trusted) as answer:
            media_type = answer.headers.get("content-type", "").partition(";")[0].strip()
            return _Answer(answer.status_code, media_type, read_at_most(answer, MAX_NOTE_SIZE))
    except httpx.HTTPError as reason:
        raise Refused(WITNESS_AWAY, name=to.key.name, reason=type(reason).__name__) from reason


def _verified_lines(to: Witness, row: CheckpointRow, body: bytes) -> str:
    """The witness's own lines out of its answer, checked against its key; lines of others are left out."""
    try:
        note = parse_note(row.note.encode("utf-8")).with_signatures(parse_signatures(body))
        found = verified_by(note, [to.key])
    except Refused as refusal:
        raise Refused(WITNESS_ANSWER_WRONG, name=to.key.name, reason=refusal.code.name) from refusal
    return "".join(signature.line for _, signature in found)


def _is_cosigned(row: CheckpointRow, by: Witness) -> bool:
    if not row.cosignatures:
        return False
    return any((s.name, s.key_id) == (by.key.name, by.key.key_id) for s in parse_note(row.whole_note).signatures)


def _size(to: Witness, body: bytes) -> int:
    text = body.decode("ascii", "replace").strip()
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise Refused(WITNESS_ANSWER_WRONG, name=to.key.name, reason="size")
    return int(text)
