"""Connections of systems that sign nothing themselves, and their shared secrets; everything secret is sealed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from lienthong.base.ids import SystemId
from lienthong.exchange.store.connection import AsyncConnection, Connection

_ROW = "system_id, face, status_form, networks, key_id, sealed_key, created_at, created_by, revoked_at"
_COLUMNS = "secret_id, system_id, sealed, created_at, valid_until"

_PUT = """
INSERT INTO connection (system_id, face, status_form, networks, key_id, sealed_key, created_at, created_by)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (system_id) DO UPDATE SET face = EXCLUDED.face, status_form = EXCLUDED.status_form,
    networks = EXCLUDED.networks, key_id = EXCLUDED.key_id, sealed_key = EXCLUDED.sealed_key,
    created_at = EXCLUDED.created_at, created_by = EXCLUDED.created_by, revoked_at = NULL,
    sync_before = 0, sync_last = 0"""

_LIVE = f"SELECT {_COLUMNS} FROM connection_secret WHERE system_id = %s AND (valid_until IS NULL OR valid_until > %s)"
_ADD_ONE = "INSERT INTO connection_secret VALUES (%s, %s, %s, %s, %s, NULL)"

# The newest secret stays until the given instant, older ones end now.
_RETIRE = """
UPDATE connection_secret s SET valid_until = least(coalesce(s.valid_until, %(until)s), CASE WHEN s.secret_id =
    (SELECT secret_id FROM connection_secret WHERE system_id = %(system)s
     ORDER BY created_at DESC, secret_id DESC LIMIT 1)
    THEN %(until)s ELSE %(now)s END)
WHERE s.system_id = %(system)s AND (s.valid_until IS NULL OR s.valid_until > %(now)s)"""

_REVOKE = "UPDATE connection SET revoked_at = %s WHERE system_id = %s AND revoked_at IS NULL"
_END_SECRETS = "UPDATE connection_secret SET valid_until = %s WHERE system_id = %s AND coalesce(valid_until > %s, true)"
_SET = "UPDATE connection SET status_form = %s, networks = %s WHERE system_id = %s"

# What was given last moves back one place with each answer.
_GAVE = "UPDATE connection SET sync_before = sync_last, sync_last = %(version)s WHERE system_id = %(system)s"


@dataclass(frozen=True, slots=True)
class ConnectionRow:
    """One connection as it is kept."""

    system: SystemId
    face: str
    status_form: str
    networks: tuple[str, ...]
    key_id: str
    sealed_key: bytes
    created_at: datetime
    created_by: str
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class SecretRow:
    """One shared secret as it is kept. ``valid_until``: excluded; None while nothing ends it."""

    id: UUID
    system: SystemId
    sealed: bytes
    created_at: datetime
    valid_until: datetime | None


async def load(conn: AsyncConnection, system: str, now: datetime) -> tuple[ConnectionRow, list[SecretRow]] | None:
    """A connection that is not revoked, with the secrets that count now."""
    cursor = await conn.execute(f"SELECT {_ROW} FROM connection WHERE system_id = %s AND revoked_at IS NULL", (system,))
    row = await cursor.fetchone()
    if row is None:
        return None
    secrets = await (await conn.execute(_LIVE, (system, now))).fetchall()
    return _row(row), [_secret(each) for each in secrets]


def find(conn: Connection, system: str) -> ConnectionRow | None:
    """A connection, also a revoked one; its row is held until the transaction ends."""
    row = conn.execute(f"SELECT {_ROW} FROM connection WHERE system_id = %s FOR UPDATE", (system,)).fetchone()
    return None if row is None else _row(row)


def everything(conn: Connection) -> list[ConnectionRow]:
    """Every connection by its system."""
    return [_row(row) for row in conn.execute(f"SELECT {_ROW} FROM connection ORDER BY system_id")]


def live_secrets(conn: Connection, system: str, now: datetime) -> list[SecretRow]:
    """The secrets of a system that count now."""
    return [_secret(row) for row in conn.execute(_LIVE + " ORDER BY created_at", (system, now))]


def put(conn: Connection, row: ConnectionRow) -> None:
    """A new connection, or one that begins anew after it was revoked."""
    conn.execute(
        _PUT,
        (row.system, row.face, row.status_form, list(row.networks), row.key_id, row.sealed_key, row.created_at,
         row.created_by),
    )  # fmt: skip


def add_secret(conn: Connection, secret: SecretRow, by: str) -> None:
    """One more secret."""
    conn.execute(_ADD_ONE, (secret.id, secret.system, secret.sealed, secret.created_at, by))


def retire_secrets(conn: Connection, system: str, now: datetime, until: datetime) -> None:
    """Before a new secret comes: the newest one still counts until ``until``, older ones no longer."""
    conn.execute(_RETIRE, {"system": system, "now": now, "until": until})


def revoke(conn: Connection, system: str, now: datetime) -> None:
    """End a connection and its secrets."""
    conn.execute(_REVOKE, (now, system))
    conn.execute(_END_SECRETS, (now, system, now))


def change_settings(conn: Connection, system: str, status_form: str, networks: Sequence[str]) -> None:
    """How statuses are written to it, and where it may call from."""
    conn.execute(_SET, (status_form, list(networks), system))


async def given_versions(conn: AsyncConnection, system: str) -> tuple[int, int]:
    """The directory versions that the system was given last but one, and last; 0 for never."""
    row = await (
        await conn.execute("SELECT sync_before, sync_last FROM connection WHERE system_id = %s", (system,))
    ).fetchone()
    return (0, 0) if row is None else (int(row[0]), int(row[1]))


async def gave_version(conn: AsyncConnection, system: str, version: int) -> None:
    """Note that the system is being given this version."""
    await conn.execute(_GAVE, {"system": system, "version": version})


def _row(row: Sequence[Any]) -> ConnectionRow:
    system, face, form, networks, key, sealed, created_at, by, revoked_at = row
    return ConnectionRow(
        SystemId(system), face, form, tuple(networks), key, bytes(sealed), created_at, by, revoked_at
    )  # fmt: skip


def _secret(row: Sequence[Any]) -> SecretRow:
    secret, system, sealed, created_at, until = row
    return SecretRow(secret, SystemId(system), bytes(sealed), created_at, until)
