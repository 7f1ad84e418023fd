"""The operator's verbs on connections: add, rotate, revoke, set, list. Calls block.

The directory row and the sealed secrets are written in one transaction. A secret is given back once and is kept
sealed only. Source: docs/adr/0014.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from ipaddress import ip_network

from lienthong.base.clock import Clock
from lienthong.base.errors import Refused
from lienthong.base.ids import SystemId, uuid7
from lienthong.directory.model import KeyHolder, Scope, System, SystemKey, SystemStatus
from lienthong.exchange.errors import REQUEST_MALFORMED
from lienthong.exchange.model.directory_rules import wanted
from lienthong.exchange.service.connection_errors import (
    CONNECTION_CODE_CLAIMED,
    CONNECTION_EXISTS,
    CONNECTION_UNKNOWN,
)
from lienthong.exchange.service.connections import key_about, secret_about
from lienthong.exchange.service.directory import HeldDirectory, brought_up_to_date, change
from lienthong.exchange.service.directory_refresh import KeptConnection
from lienthong.exchange.store import connected
from lienthong.exchange.store.connected import ConnectionRow, SecretRow
from lienthong.exchange.store.connection import Connection
from lienthong.infra.keys import generate, key_pem
from lienthong.infra.sealed import Sealer
from lienthong.trust.keys import key_id, public_pem

SECRET_BYTES = 32
KEEP_OLD = timedelta(days=7)
"""How long the secret before counts beside a new one when nobody says otherwise."""

FACES = ("vxp", "lgsp")
STATUS_FORMS = ("M", "S")


@dataclass(frozen=True, slots=True)
class ConnectionOrder:
    """What a new connection shall be. ``name`` and ``agencies`` may be empty for a system that the directory has."""

    system: SystemId
    face: str
    name: str = ""
    agencies: tuple[Scope, ...] = ()
    status_form: str = "M"
    networks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Issued:
    """A secret that was just made: shown this once. ``old_until``: until when the one before counts."""

    system: SystemId
    secret: str
    key_id: str
    old_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """A connection as its operator may see it: without secrets. ``secrets``: since when and until when each counts."""

    row: ConnectionRow
    secrets: tuple[tuple[datetime, datetime | None], ...]


class ConnectionDesk:
    """Where one node takes the operator's orders."""

    def __init__(self, directory: HeldDirectory, writing: KeptConnection, sealer: Sealer, clock: Clock) -> None:
        self._directory, self._writing, self._sealer, self._clock = directory, writing, sealer, clock

    def add(self, order: ConnectionOrder, by: str) -> Issued:
        """Make a connection with its axis-held key and first secret.

        Refuses: REQUEST_MALFORMED, CONNECTION_EXISTS, CONNECTION_CODE_CLAIMED, and what the directory refuses.
        """
        _require_form(order.face, order.status_form, order.networks)
        now = self._clock.now().replace(microsecond=0)
        key = generate("P-256")
        public = key.public_key()
        held = SystemKey(key_id(public), public_pem(public).decode(), now, held_by=KeyHolder.AXIS)
        with self._writing.use() as conn:
            with conn.transaction():
                before = connected.find(conn, order.system)
                if before is not None and before.revoked_at is None:
                    raise Refused(CONNECTION_EXISTS, system=order.system)
                state = brought_up_to_date(conn, self._directory.state)
                self._require_unclaimed(conn, order)
                changed = change(conn, state, wanted([_system(order, state.system(order.system), held)]), now, by)
                sealed = self._sealer.seal(key_pem(key), key_about(order.system))
                connected.put(
                    conn,
                    ConnectionRow(
                        order.system, order.face, order.status_form, order.networks, held.key_id, sealed, now, by, None
                    ),
                )
                secret = self._issue(conn, order.system, by)
            self._directory.take(changed.state)
        return Issued(order.system, secret, held.key_id)

    def rotate(self, system: str, until: datetime | None, by: str) -> Issued:
        """Issue a new secret that counts at once; the one before counts until ``until``. Refuses CONNECTION_UNKNOWN."""
        now = self._clock.now()
        end = now + KEEP_OLD if until is None else until
        with self._writing.use() as conn, conn.transaction():
            row = _require(conn, system)
            connected.retire_secrets(conn, system, now, end)
            return Issued(row.system, self._issue(conn, row.system, by), row.key_id, end)

    def revoke(self, system: str, by: str) -> SystemId:
        """End a connection, its secrets and its key at once. Refuses CONNECTION_UNKNOWN."""
        now = self._clock.now()
        with self._writing.use() as conn:
            with conn.transaction():
                row = _require(conn, system)
                connected.revoke(conn, system, now)
                state = brought_up_to_date(conn, self._directory.state)
                held = state.system(system)
                if held is not None:
                    keys = tuple(_ended(key, now) if key.key_id == row.key_id else key for key in held.keys)
                    state = change(conn, state, wanted([replace(held, keys=keys)]), now, by).state
            self._directory.take(state)
        return row.system

    def configure(self, system: str, status_form: str | None, networks: tuple[str, ...] | None) -> Shown:
        """Change how statuses are written or where calls may come from. Refuses CONNECTION_UNKNOWN."""
        with self._writing.use() as conn, conn.transaction():
            row = _require(conn, system)
            form = row.status_form if status_form is None else status_form
            allowed = row.networks if networks is None else networks
            _require_form(row.face, form, allowed)
            connected.change_settings(conn, system, form, allowed)
            return self._shown(conn, replace(row, status_form=form, networks=allowed))

    def show(self) -> list[Shown]:
        """Every connection, revoked ones too."""
        with self._writing.use() as conn:
            return [self._shown(conn, row) for row in connected.everything(conn)]

    def _shown(self, conn: Connection, row: ConnectionRow) -> Shown:
        live = connected.live_secrets(conn, row.system, self._clock.now())
        return Shown(row, tuple((each.created_at, each.valid_until) for each in live))

    def _issue(self, conn: Connection, system: SystemId, by: str) -> str:
        """A new secret, kept sealed; its text is used as it stands, like the vendor's."""
        text = base64.b64encode(os.urandom(SECRET_BYTES)).decode("ascii")
        secret = uuid7()
        sealed = self._sealer.seal(text.encode(), secret_about(system, secret))
        connected.add_secret(conn, SecretRow(secret, system, sealed, self._clock.now(), None), by)
        return text

    def _require_unclaimed(self, conn: Connection, order: ConnectionOrder) -> None:
        """Two systems that confirm for one agency would each get a part of its documents."""
        codes = {scope.code for scope in order.agencies}
        for row in connected.everything(conn):
            other = self._directory.state.system(row.system)
            if row.revoked_at is not None or row.system == order.system or other is None:
                continue
            taken = codes.intersection(scope.code for scope in other.agencies)
            if taken:
                raise Refused(CONNECTION_CODE_CLAIMED, agency=min(taken), system=row.system)


def _system(order: ConnectionOrder, before: System | None, key: SystemKey) -> System:
    if before is None:
        if not order.name or not order.agencies:
            raise Refused(REQUEST_MALFORMED, member="agencies", why="a new system needs a name and agencies")
        return System(order.system, order.name, tuple(sorted(set(order.agencies))), keys=(key,))
    return replace(
        before,
        name=order.name or before.name,
        agencies=tuple(sorted({*before.agencies, *order.agencies})),
        status=SystemStatus.ACTIVE,
        keys=(*before.keys, key),
    )


def _ended(key: SystemKey, now: datetime) -> SystemKey:
    return key if key.revoked_at is not None else replace(key, revoked_at=now)


def _require(conn: Connection, system: str) -> ConnectionRow:
    row = connected.find(conn, system)
    if row is None or row.revoked_at is not None:
        raise Refused(CONNECTION_UNKNOWN, system=system)
    return row


def _require_form(face: str, status_form: str, networks: Sequence[str]) -> None:
    for member, value, known in (("face", face, FACES), ("status_form", status_form, STATUS_FORMS)):
        if value not in known:
            raise Refused(REQUEST_MALFORMED, member=member, why=" | ".join(known))
    for network in networks:
        try:
            ip_network(network)
        except ValueError as reason:
            raise Refused(REQUEST_MALFORMED, member="allow", why="10.0.0.0/24") from reason
