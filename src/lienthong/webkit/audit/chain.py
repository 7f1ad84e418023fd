"""Appending to the audit log, and checking that nothing in it was changed, removed or put in between."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection

from lienthong.base.errors import Refused
from lienthong.webkit.audit.errors import AUDIT_BROKEN


@dataclass(frozen=True, slots=True)
class Checked:
    """An intact chain: how many entries, and the digest of the last one, to be written down elsewhere."""

    entries: int
    digest: bytes


def append(bodies: Iterable[str]) -> None:
    """Append entries to the chain of the connection's agency, within the transaction that is open."""
    rows = list(bodies)
    if rows:
        with connection.cursor() as cursor:
            cursor.execute("select audit_append(%s)", [rows])


def start_of(agency: int) -> bytes:
    """The digest before the first entry."""
    return hashlib.sha256(f"lienthong audit {agency}".encode()).digest()


def digest_after(previous: bytes, number: int, body: str) -> bytes:
    """The digest of an entry, from the one before it."""
    return hashlib.sha256(previous + number.to_bytes(8, "big") + body.encode()).digest()


def check(agency: int) -> Checked:
    """Follow the whole chain of the connection's agency. Refuses AUDIT_BROKEN, naming the first misfit."""
    digest, count = start_of(agency), 0
    with connection.cursor() as cursor:
        cursor.execute(
            "select number, body, previous, digest from audit_entry where agency_id = %s order by number", [agency]
        )
        while rows := cursor.fetchmany(5000):
            for number, body, previous, stored in rows:
                count += 1
                expected = digest_after(digest, count, body)
                if number != count or bytes(previous) != digest or bytes(stored) != expected:
                    raise Refused(AUDIT_BROKEN, number=count)
                digest = expected
        cursor.execute("select number, digest from audit_head where agency_id = %s", [agency])
        head = cursor.fetchone()
    if head is not None and (head[0] != count or bytes(head[1]) != digest):
        raise Refused(AUDIT_BROKEN, number=count + 1)
    return Checked(count, digest)
