"""Who calls through a compatible face: a system that proves itself with a shared secret, and the key held for it.

Such a system signs nothing that others could check later. After its secret was verified, the axis signs envelope and
acknowledgement with a key that it holds for this system alone (docs/adr/0014).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from lienthong.base.errors import Refused
from lienthong.base.ids import SystemId
from lienthong.directory.model import System, SystemStatus
from lienthong.edxml.model import StatusVariant
from lienthong.exchange.errors import KEY_REVOKED, SYSTEM_SUSPENDED
from lienthong.exchange.service.connection_errors import CREDENTIALS_WRONG, NETWORK_NOT_ALLOWED
from lienthong.exchange.service.context import AxisContext
from lienthong.exchange.store import connected
from lienthong.exchange.store.connected import ConnectionRow, SecretRow
from lienthong.infra.database import database_errors
from lienthong.infra.sealed import Sealer
from lienthong.trust.keys import load_private_key
from lienthong.trust.signer import MemorySigner

Network = IPv4Network | IPv6Network

FRESH = 1.0
"""Seconds for which what the database said is believed: so long may a revocation take on another node."""

AGAIN = 0.1
"""Seconds after which a wrong secret makes this node look again: another node may have issued a new one just now."""

FORMS = {"M": StatusVariant.M, "S": StatusVariant.S}


def key_about(system: str) -> str:
    """What the seal of an axis-held key is bound to."""
    return f"connection key of {system}"


def secret_about(system: str, secret: object) -> str:
    """What the seal of a shared secret is bound to."""
    return f"connection secret {secret} of {system}"


@dataclass(frozen=True, slots=True)
class LiveSecret:
    """A shared secret, opened. ``valid_until``: excluded."""

    text: bytes
    valid_until: datetime | None

    def holds(self, at: datetime) -> bool:
        return self.valid_until is None or at < self.valid_until


@dataclass(frozen=True, slots=True)
class Connection:
    """The connection of one system (kết nối), opened. ``status_form``: how statuses are written to it.

    ``networks``: where it may call from, empty for anywhere. ``signer``: the key that the axis holds for it.
    """

    system: SystemId
    face: str
    status_form: StatusVariant
    networks: tuple[Network, ...]
    signer: MemorySigner
    secrets: tuple[LiveSecret, ...]

    def may_call_from(self, address: str) -> bool:
        """Whether a call from this address counts."""
        if not self.networks:
            return True
        try:
            found = ip_address(address)
        except ValueError:
            return False
        return any(found.version == network.version and found in network for network in self.networks)


@dataclass(frozen=True, slots=True)
class FaceCaller:
    """A system that has proved itself, as the directory knows it, with its connection."""

    system: System
    connection: Connection


Proof = Callable[[bytes], bool]
"""Whether the request proves that its sender knows this secret; in constant time."""


class ConnectionBook:
    """The connections of this axis as one process knows them: asked anew every second, opened once."""

    def __init__(self, ctx: AxisContext, sealer: Sealer) -> None:
        self._ctx, self._sealer = ctx, sealer
        self._held: dict[str, tuple[float, Connection | None]] = {}
        self._turn = 0

    def forget(self, system: str) -> None:
        """Ask the database at the next call: something was changed on this node."""
        self._turn += 1
        self._held.pop(system, None)

    async def admit(self, system_id: str, face: str, address: str, proves: Proof) -> FaceCaller:
        """The calling system.

        Refuses: CREDENTIALS_WRONG (the same for an unknown system, a revoked one and a wrong secret),
        NETWORK_NOT_ALLOWED, SYSTEM_SUSPENDED, KEY_REVOKED.
        """
        state = self._ctx.directory.state
        system = state.system(system_id)
        if system is None:
            proves(b"-")
            raise Refused(CREDENTIALS_WRONG)
        connection = await self._proved(system.system_id, face, proves)
        if not connection.may_call_from(address):
            raise Refused(NETWORK_NOT_ALLOWED, system=system_id, address=address)
        if system.status is not SystemStatus.ACTIVE:
            raise Refused(SYSTEM_SUSPENDED, system=system_id)
        if state.key(connection.signer.key_id, self._ctx.clock.now()) is None:
            raise Refused(KEY_REVOKED, system=system_id)
        return FaceCaller(system, connection)

    async def find(self, system: SystemId, older: float = FRESH) -> Connection | None:
        """The connection, no older than ``older`` seconds; None for one that is revoked or was never made."""
        at, connection = self._held.get(system, (float("-inf"), None))
        if time.monotonic() - at <= older:
            return connection
        began, turn = time.monotonic(), self._turn
        with database_errors():
            async with self._ctx.require_pool().connection() as conn:
                row = await connected.load(conn, system, self._ctx.clock.now())
        connection = None if row is None else await asyncio.to_thread(self._open, *row)
        if turn == self._turn:
            # What was read before a change on this node must not stand for what is true after it.
            self._held[system] = (began, connection)
        return connection

    async def _proved(self, system: SystemId, face: str, proves: Proof) -> Connection:
        now = self._ctx.clock.now()
        for older in (FRESH, AGAIN):
            connection = await self.find(system, older)
            if connection is None or connection.face != face:
                continue
            if any(proves(secret.text) for secret in connection.secrets if secret.holds(now)):
                return connection
        raise Refused(CREDENTIALS_WRONG)

    def _open(self, row: ConnectionRow, secrets: list[SecretRow]) -> Connection:
        key = load_private_key(self._sealer.open(row.sealed_key, key_about(row.system)))
        return Connection(
            row.system,
            row.face,
            FORMS[row.status_form],
            tuple(ip_network(each) for each in row.networks),
            MemorySigner(key),
            tuple(
                LiveSecret(self._sealer.open(each.sealed, secret_about(row.system, each.id)), each.valid_until)
                for each in secrets
            ),
        )
