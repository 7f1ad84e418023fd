"""Accounts: opened, changed, given another key, ended. Source: RFC 8555 clause 7.3."""

from __future__ import annotations

import re
import secrets
import threading
from dataclasses import replace

from lienthong.base.errors import Refused
from lienthong.base.text import one_line
from lienthong.signing.pki.acme.errors import (
    ACME_ACCOUNT_DEACTIVATED,
    ACME_ACCOUNT_UNKNOWN,
    ACME_CONTACT_NOT_VALID,
    ACME_KEY_TAKEN,
    ACME_NOT_ENTITLED,
    ACME_TOO_MANY,
)
from lienthong.signing.pki.acme.external import ExternalKeys
from lienthong.signing.pki.acme.jws import malformed, parse_object, public_key, read
from lienthong.signing.pki.acme.records import Account, Status
from lienthong.signing.pki.acme.store import Store
from lienthong.trust.keys import PublicKey, key_id

AT_MOST = 10_000
_CONTACT = re.compile(r"mailto:[^\s@,?]{1,64}@[A-Za-z0-9.-]{1,190}")


class Accounts:
    """All accounts of the server. ``lock``: shared with :class:`~.orders.Orders`, around every change."""

    def __init__(self, store: Store, external: ExternalKeys, lock: threading.RLock) -> None:
        self._store, self.external, self._lock = store, external, lock

    def usable(self, which: str) -> Account:
        """Refuses ACME_ACCOUNT_UNKNOWN, ACME_ACCOUNT_DEACTIVATED."""
        found = self._store.accounts.get(which)
        if found is None:
            raise Refused(ACME_ACCOUNT_UNKNOWN)
        if found.status is not Status.VALID:
            raise Refused(ACME_ACCOUNT_DEACTIVATED)
        return found

    def open(self, key: PublicKey, asked: dict[str, object], url: str) -> tuple[Account, bool]:
        """The account of a key, and whether it is new (clause 7.3). ``url``: of newAccount.

        Idempotent per key. Refuses: ACME_ACCOUNT_UNKNOWN when only an existing one is wanted, ACME_ACCOUNT_DEACTIVATED,
        ACME_CONTACT_NOT_VALID, ACME_EXTERNAL_ACCOUNT_…, ACME_TOO_MANY.
        """
        with self._lock:
            found = self._store.account_of(key_id(key))
            if found is not None:
                return self.usable(found.id), False
            if asked.get("onlyReturnExisting") is True:
                raise Refused(ACME_ACCOUNT_UNKNOWN)
            contact = _contact(asked.get("contact", []))
            bound = self.external.require(asked.get("externalAccountBinding"), key, url, self._store)
            if len(self._store.accounts) >= AT_MOST:
                raise Refused(ACME_TOO_MANY, what_vi="tài khoản", what_en="accounts")
            made = Account(secrets.token_hex(10), key, contact, external=bound)
            self._store.put_account(made)
            return made, True

    def update(self, account: Account, asked: dict[str, object]) -> Account:
        """Another contact, or the end (clauses 7.3.2 and 7.3.6); other members are ignored, as the RFC says."""
        changed = account
        if asked.get("status") == Status.DEACTIVATED.value:
            changed = replace(changed, status=Status.DEACTIVATED)
        elif "status" in asked and asked["status"] != account.status.value:
            raise malformed("status chỉ nhận deactivated", "status can only become deactivated")
        if asked.get("contact") is not None:
            changed = replace(changed, contact=_contact(asked["contact"]))
        with self._lock:
            self.usable(account.id)
            self._store.put_account(changed)
        return changed

    def change_key(self, account: Account, location: str, payload: bytes, url: str) -> Account:
        """The account with another key (clause 7.3.5); ``payload``: the inner signature, by the new key.

        ``location``: address of the account; ``url``: of keyChange. Refuses: ACME_REQUEST_MALFORMED, ACME_KEY_TAKEN
        with ``account``, ACME_NOT_ENTITLED, ACME_SIGNATURE_NOT_VALID, ACME_ALGORITHM_NOT_OFFERED, ACME_KEY_NOT_ALLOWED.
        """
        inner = read(parse_object(payload))
        if inner.key is None or inner.nonce is not None or inner.url != url:
            raise malformed("chữ ký bên trong của keyChange", "the inner signature of keyChange")
        inner.require_signed_by(inner.key)
        said = parse_object(inner.parts.payload)
        old = said.get("oldKey")
        if said.get("account") != location or not isinstance(old, dict):
            raise malformed("account hoặc oldKey", "account or oldKey")
        if key_id(public_key(old)) != account.thumbprint:
            raise Refused(ACME_NOT_ENTITLED)
        with self._lock:
            self.usable(account.id)
            taken = self._store.account_of(key_id(inner.key))
            if taken is not None:
                raise Refused(ACME_KEY_TAKEN, account=taken.id)
            changed = replace(account, key=inner.key)
            self._store.put_account(changed)
        return changed


def _contact(found: object) -> tuple[str, ...]:
    if found is None:
        return ()
    if not isinstance(found, list) or len(found) > 5:
        raise Refused(ACME_CONTACT_NOT_VALID, contact=one_line(str(found), 60))
    for each in found:
        if not isinstance(each, str) or not _CONTACT.fullmatch(each):
            raise Refused(ACME_CONTACT_NOT_VALID, contact=one_line(str(each), 60))
    return tuple(found)
