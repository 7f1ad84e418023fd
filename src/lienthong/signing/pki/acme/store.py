"""The memory of the ACME server on the disk: one small file an object in ``ca/acme/``, each replaced whole.

An object is on disk before its client is told of it. One process at a time writes; a file cut short cannot come to be,
one that was damaged is named when the server starts.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

from lienthong.base.errors import Refused
from lienthong.infra.blob_files import sync_directory
from lienthong.infra.keys import replace_durably
from lienthong.signing.pki.acme.errors import ACME_STATE_BROKEN
from lienthong.signing.pki.acme.records import Account, Authorization, Order, Status

KEEP = timedelta(days=7)
"""How long an order that came to nothing can still be asked about after it expired."""
KEEP_VALID = timedelta(days=400)
"""The same for one with a certificate: longer than the certificate lives."""
_Record = TypeVar("_Record", Account, Authorization, Order)


class Store:
    """All objects, by identifier; ``folder``: ``ca/acme`` of the PKI, made when it is not there yet."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("", "accounts", "orders", "authorizations"):
            (folder / name).mkdir(mode=0o700, exist_ok=True)
        for each in (folder.parent, folder):
            sync_directory(each)
        self.accounts = {each.id: each for each in self._read("accounts", Account.from_members)}
        self.orders = {each.id: each for each in self._read("orders", Order.from_members)}
        found = self._read("authorizations", Authorization.from_members)
        self.authorizations = {each.id: each for each in found}

    def account_of(self, thumbprint: str) -> Account | None:
        """The account with a key of that thumbprint."""
        return next((each for each in self.accounts.values() if each.thumbprint == thumbprint), None)

    def order_of(self, serial: int) -> Order | None:
        """The order that a certificate was issued for."""
        return next((each for each in self.orders.values() if each.serial == serial), None)

    def put_account(self, account: Account) -> None:
        """Write and remember. Refuses STORAGE_FULL, STORAGE_AWAY, and remembers nothing then."""
        self._write("accounts", account.id, account.to_members())
        self.accounts[account.id] = account

    def put_authorization(self, authorization: Authorization) -> None:
        """As :meth:`put_account`."""
        self._write("authorizations", authorization.id, authorization.to_members())
        self.authorizations[authorization.id] = authorization

    def put_order(self, order: Order) -> None:
        """As :meth:`put_account`. Its authorizations are put before: an order names none that is not there."""
        self._write("orders", order.id, order.to_members())
        self.orders[order.id] = order

    def sweep(self, now: datetime) -> None:
        """Remove orders that are over for long, and authorizations that no order names any more."""
        for order in list(self.orders.values()):
            if order.expires_at + (KEEP_VALID if order.status is Status.VALID else KEEP) < now:
                del self.orders[order.id]
                (self.folder / "orders" / f"{order.id}.json").unlink(missing_ok=True)
        named = {each for order in self.orders.values() for each in order.authorizations}
        for gone in self.authorizations.keys() - named:
            del self.authorizations[gone]
            (self.folder / "authorizations" / f"{gone}.json").unlink(missing_ok=True)

    def _write(self, kind: str, name: str, members: Mapping[str, object]) -> None:
        folder = self.folder / kind
        replace_durably(folder / f"{name}.json", json.dumps(members).encode())

    def _read(self, kind: str, made: Callable[[Mapping[str, object]], _Record]) -> Iterator[_Record]:
        for file in sorted((self.folder / kind).iterdir()):
            if file.suffix != ".json" or file.name.startswith("."):
                # Of a write that a crash ended.
                file.unlink()
                continue
            try:
                yield made(json.loads(file.read_bytes()))
            except (ValueError, KeyError, TypeError, Refused) as error:
                raise Refused(ACME_STATE_BROKEN, file=file) from error
