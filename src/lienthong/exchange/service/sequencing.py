"""Give signed events their places in the append-only log, and sign what the log is now.

Order: tiles and bundles become durable, then one transaction takes the entries from the waiting list, gives them
their places and records the checkpoint, then the checkpoint is published. A crash before the transaction leaves files
that no checkpoint covers; the next run writes over them. The published checkpoint is never ahead of the database, so
that a database which was put back to an older state shows itself, and nothing is signed any more.
"""

from __future__ import annotations

from lienthong.base.errors import ErrorCode, Refused, all_codes
from lienthong.exchange.service.log_context import LogContext
from lienthong.exchange.service.log_errors import LOG_FORKED, LOG_ROLLED_BACK
from lienthong.exchange.store import checkpoints, leaves, witnesses
from lienthong.exchange.store.checkpoints import CheckpointRow
from lienthong.exchange.store.connection import Connection
from lienthong.exchange.store.witnesses import Fact
from lienthong.infra import telemetry
from lienthong.infra.steps import reached
from lienthong.ledger.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from lienthong.ledger.entries import extend_entries
from lienthong.ledger.merkle import EMPTY_ROOT, leaf_hash
from lienthong.ledger.tiles import TileReader, extend

BATCH = 10_000
ALARM = "log.alarm"


def sequence(conn: Connection, log: LogContext, at_most: int = BATCH) -> int:
    """Log one batch of what waits; how many entries. 0 also when another process is at it.

    ``conn``: in autocommit mode. Refuses: LOG_ROLLED_BACK, LOG_FORKED (after recording the alarm), LEDGER_TILE_MISSING,
    LEDGER_TILE_DAMAGED, STORAGE_FULL, STORAGE_AWAY.
    """
    if not leaves.lock(conn):
        return 0
    try:
        newest = checkpoints.newest(conn)
        check_history(conn, log, newest)
        count = _log_batch(conn, log, newest, at_most)
        publish(conn, log)
        return count
    finally:
        if not conn.closed:
            leaves.unlock(conn)


def sequence_all(conn: Connection, log: LogContext) -> int:
    """Log everything that waits, batch by batch; how many entries."""
    total = 0
    while count := sequence(conn, log):
        total += count
    return total


def check_history(conn: Connection, log: LogContext, newest: CheckpointRow | None) -> None:
    """Refuse to go on when the log at hand does not extend everything that was published before."""
    standing = witnesses.read_fact(conn, ALARM)
    if standing is not None:
        raise _refusal(standing)
    size, root = (newest.size, newest.root) if newest is not None else (0, EMPTY_ROOT)
    published = _published(log)
    if published is not None and published.size > size:
        raise raise_alarm(conn, log, LOG_ROLLED_BACK, published.size, size, "checkpoint")
    if TileReader(size, log.files.read).root() != root:
        raise raise_alarm(conn, log, LOG_FORKED, size, size, "tiles")
    if published is not None and TileReader(published.size, log.files.read).root() != published.root:
        raise raise_alarm(conn, log, LOG_FORKED, published.size, size, "checkpoint")


def raise_alarm(conn: Connection, log: LogContext, code: ErrorCode, known: int, size: int, by: str) -> Refused:
    """Record that the log does not extend what was published; nothing is signed until an operator clears it."""
    fact: Fact = {"code": code.name, "known": known, "size": size, "by": by}
    witnesses.write_fact(conn, ALARM, fact, log.clock.now())
    telemetry.error("log.alarm", code=code.name, tree_size=size, origin=log.name)
    return _refusal(fact)


def clear_alarm(conn: Connection) -> None:
    """An operator has judged the alarm; it comes again at once when its cause is still there."""
    witnesses.drop_fact(conn, ALARM)


def publish(conn: Connection, log: LogContext) -> None:
    """Let everybody fetch the newest checkpoint, with the cosignatures that it has."""
    newest = checkpoints.newest(conn)
    if newest is not None and log.files.published() != newest.whole_note:
        log.files.publish(newest.whole_note)


def _log_batch(conn: Connection, log: LogContext, newest: CheckpointRow | None, at_most: int) -> int:
    pending = leaves.pending(conn, at_most)
    if not pending:
        return 0
    size = newest.size if newest is not None else 0
    entries = [each.entry for each in pending]
    grown = extend(size, [leaf_hash(entry) for entry in entries], log.files.read)
    files = grown.tiles | extend_entries(size, entries, log.files.read)
    log.files.write(files)
    reached("sequence.tiles_written")
    note = sign_checkpoint(Checkpoint(log.name, grown.size, grown.root), log.note_key)
    row = CheckpointRow(grown.size, grown.root, log.clock.now(), note.to_bytes().decode("utf-8"))
    with conn.transaction():
        leaves.place(conn, [each.event_no for each in pending], size)
        checkpoints.insert(conn, row)
    reached("sequence.committed")
    log.files.remove_partial(files)
    telemetry.info("log.extended", count=len(pending), tree_size=grown.size)
    return len(pending)


def _published(log: LogContext) -> Checkpoint | None:
    note = log.files.published()
    return None if note is None else open_checkpoint(note, [log.note_public], log.name).checkpoint


def _refusal(fact: Fact) -> Refused:
    code = all_codes()[str(fact["code"])]
    return Refused(code, known=fact["known"], size=fact["size"], by=fact["by"])
