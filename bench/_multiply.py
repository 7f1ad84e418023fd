"""Many documents in an axis's database out of a few real ones, and what each table and index takes.

Every copy has numbers, identifiers and digests of its own, so that indexes grow as they would; signed bytes keep their
real length. Copies are ended deliveries. Their evidence waits for the log like any other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, LiteralString

from lienthong.exchange.store.connection import Connection

EVIDENCE = ("event", "leaf", "checkpoint")
TABLES = ("envelope", "part", "delivery", *EVIDENCE)

_NUMBERS: tuple[LiteralString, ...] = (
    """CREATE TEMP TABLE many_envelope AS SELECT envelope_no AS old, copy, nextval('envelope_no') AS new
       FROM generate_series(1, %(copies)s) AS copy CROSS JOIN (SELECT envelope_no FROM envelope ORDER BY 1) AS real""",
    """CREATE TEMP TABLE many_delivery AS SELECT delivery_no AS old, copy, nextval('delivery_no') AS new
       FROM generate_series(1, %(copies)s) AS copy CROSS JOIN (SELECT delivery_no FROM delivery ORDER BY 1) AS real""",
    """CREATE TEMP TABLE many_event AS SELECT event_no AS old, copy, nextval('event_no') AS new
       FROM generate_series(1, %(copies)s) AS copy CROSS JOIN (SELECT event_no FROM event ORDER BY 1) AS real""",
    "ANALYZE many_envelope",
    "ANALYZE many_delivery",
    "ANALYZE many_event",
)
_ROWS: tuple[LiteralString, ...] = (
    """INSERT INTO envelope SELECT m.new, e.sender, gen_random_uuid(), sha256(('e' || m.new)::bytea), e.kind,
           e.business, e.document_id || '-' || m.copy, e.document_code || '-' || m.copy, e.issued_date, e.system_id,
           e.urgency, e.recipients, e.size, e.accepted_at, e.expires_at, e.origin_no, e.jws, e.header, e.receipt
       FROM many_envelope m JOIN envelope e ON e.envelope_no = m.old ORDER BY m.new""",
    """INSERT INTO part SELECT m.new, p.part_no, sha256((m.new || '.' || p.part_no)::bytea), p.size
       FROM many_envelope m JOIN part p ON p.envelope_no = m.old ORDER BY m.new, p.part_no""",
    """INSERT INTO delivery SELECT m.new, v.new, d.addressed_to, d.agency, d.state, d.urgency, d.created_at,
           d.available_at, d.expires_at, d.attempts, d.fence, d.lease_until, d.lease_system, d.blocked_by,
           sha256(('d' || m.new)::bytea), d.last_event_at, d.status_code, d.finished_at, d.reason
       FROM many_delivery m JOIN delivery d ON d.delivery_no = m.old
           JOIN many_envelope v ON v.old = d.envelope_no AND v.copy = m.copy ORDER BY m.new""",
    """INSERT INTO event SELECT m.new, v.new, d.new, e.name, e.at, e.jws
       FROM many_event m JOIN event e ON e.event_no = m.old
           JOIN many_envelope v ON v.old = e.envelope_no AND v.copy = m.copy
           LEFT JOIN many_delivery d ON d.old = e.delivery_no AND d.copy = m.copy ORDER BY m.new""",
    "INSERT INTO leaf_pending SELECT new, sha256(new::text::bytea) FROM many_event ORDER BY new",
    "DROP TABLE many_envelope, many_delivery, many_event",
)
_LEAVES = """INSERT INTO leaf_pending SELECT no, sha256(no::text::bytea)
    FROM (SELECT nextval('event_no') AS no FROM generate_series(1, %s)) AS fresh"""
_SIZES = """
SELECT c.relname, pg_relation_size(c.oid) + pg_relation_size(c.oid, 'fsm') + pg_relation_size(c.oid, 'vm'),
       CASE WHEN c.reltoastrelid = 0 THEN 0 ELSE pg_total_relation_size(c.reltoastrelid) END
FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND c.relname = ANY(%s)"""
_INDEXES = """
SELECT t.relname, i.relname, pg_total_relation_size(i.oid) FROM pg_index x
JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
WHERE t.relnamespace = 'public'::regnamespace AND t.relname = ANY(%s) ORDER BY 1, 2"""


@dataclass(frozen=True, slots=True)
class Sizes:
    """Bytes on disk: ``parts`` by table and then heap, toast or name of the index."""

    parts: dict[str, dict[str, int]]

    def per_document(self, documents: int) -> dict[str, Any]:
        """Bytes for each document; ``evidence`` is events, leaves and checkpoints, ``indexes`` all of them."""
        whole = {table: sum(parts.values()) for table, parts in self.parts.items()}
        indexes = sum(size for p in self.parts.values() for name, size in p.items() if name not in ("heap", "toast"))
        tables = {
            table: {name: round(size / documents, 1) for name, size in parts.items()}
            for table, parts in self.parts.items()
        }
        return {
            "total": round(sum(whole.values()) / documents),
            "evidence": round(sum(whole[table] for table in EVIDENCE) / documents),
            "indexes": round(indexes / documents),
            "tables": {table: round(size / documents, 1) for table, size in whole.items()},
            "parts": tables,
        }


def multiply(conn: Connection, copies: int) -> None:
    """Add ``copies`` of every document that is there, with its deliveries and its evidence."""
    with conn.transaction():
        for statement in _NUMBERS:
            conn.execute(statement, {"copies": copies} if "%(" in statement else None)
        for statement in _ROWS:
            conn.execute(statement)
    conn.execute("ANALYZE leaf_pending")


def add_leaves(conn: Connection, count: int) -> None:
    """Let ``count`` entries without events wait for the log."""
    conn.execute(_LEAVES, (count,))
    conn.execute("ANALYZE leaf_pending")


def sizes(conn: Connection) -> Sizes:
    """What the tables take once cleaned up."""
    for table in TABLES:
        conn.execute(f"VACUUM (ANALYZE) {table}".encode())
    parts = {name: {"heap": heap, "toast": toast} for name, heap, toast in conn.execute(_SIZES, (list(TABLES),))}
    for table, index, size in conn.execute(_INDEXES, (list(TABLES),)):
        parts[table][index] = size
    return Sizes({table: parts[table] for table in TABLES})
