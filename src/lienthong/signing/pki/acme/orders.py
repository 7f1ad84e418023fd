"""Orders: from the wish for names, over the proof of each, to the certificate and its end.

Source: RFC 8555 clauses 7.1.6 (states), 7.4, 7.5 and 7.6. Every step is on disk before the client is told. The number
of a certificate is chosen and written before it is issued: after a crash in between, the register says whether it was.
"""

from __future__ import annotations

import secrets
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import TypeVar

from cryptography import x509

from lienthong.base.clock import Clock
from lienthong.base.errors import Refused
from lienthong.base.text import one_line
from lienthong.signing.pki.acme.errors import (
    ACME_CSR_REFUSED,
    ACME_NOT_ENTITLED,
    ACME_NOT_FOUND,
    ACME_ORDER_NOT_READY,
    ACME_REASON_NOT_ALLOWED,
    ACME_REVOKED_ALREADY,
    ACME_TOO_MANY,
)
from lienthong.signing.pki.acme.identifiers import general_name, read_identifiers
from lienthong.signing.pki.acme.jws import decode, malformed
from lienthong.signing.pki.acme.problems import problem
from lienthong.signing.pki.acme.records import Account, Authorization, Identifier, Order, Status
from lienthong.signing.pki.acme.store import Store
from lienthong.signing.pki.acme.validation import HttpCheck
from lienthong.signing.pki.register import Issued, Profile, Register, new_serial
from lienthong.signing.pki.requests import read_request
from lienthong.trust.keys import PublicKey, key_id

LIFETIME = timedelta(days=1)
"""From the wish to the certificate."""
OPEN_AT_MOST = 100
"""Orders of one account that are neither done nor failed."""
REASONS = {
    0: x509.ReasonFlags.unspecified, 1: x509.ReasonFlags.key_compromise, 3: x509.ReasonFlags.affiliation_changed,
    4: x509.ReasonFlags.superseded, 5: x509.ReasonFlags.cessation_of_operation,
}  # fmt: skip
_Record = TypeVar("_Record", Order, Authorization)
_OPEN = (Status.PENDING, Status.READY, Status.PROCESSING)


class Orders:
    """All orders of the server. ``lock``: around every change; proofs run outside it, in threads of their own."""

    def __init__(self, store: Store, register: Register, check: HttpCheck, clock: Clock, lock: threading.RLock) -> None:
        self._store, self._register, self._check, self._clock, self._lock = store, register, check, clock, lock
        self._checking = ThreadPoolExecutor(8, "acme")
        store.sweep(clock.now())
        for each in list(store.authorizations.values()):
            if each.challenge is Status.PROCESSING:
                # The server stopped during the proof; it begins again.
                self._checking.submit(self._prove, each.id)

    def close(self) -> None:
        """Begin no more proofs; those that run end within seconds."""
        self._checking.shutdown(wait=True, cancel_futures=True)

    def place(self, account: Account, asked: dict[str, object]) -> Order:
        """A new order (clause 7.4). Refuses: ACME_REQUEST_MALFORMED, ACME_IDENTIFIER_…, ACME_TOO_MANY."""
        if asked.get("notBefore") is not None or asked.get("notAfter") is not None:
            raise malformed("notBefore, notAfter không dùng được", "notBefore and notAfter cannot be chosen")
        identifiers = read_identifiers(asked.get("identifiers"))
        now = self._clock.now().replace(microsecond=0)
        with self._lock:
            self._store.sweep(now)
            if sum(each.status in _OPEN and each.expires_at > now for each in self.of(account)) >= OPEN_AT_MOST:
                raise Refused(ACME_TOO_MANY, what_vi="đơn chưa xong", what_en="unfinished orders")
            until, made = now + LIFETIME, []
            for each in identifiers:
                made.append(Authorization(_fresh(), account.id, each, secrets.token_urlsafe(32), until))
                self._store.put_authorization(made[-1])
            order = Order(_fresh(), account.id, identifiers, tuple(each.id for each in made), until)
            self._store.put_order(order)
        return order

    def of(self, account: Account) -> list[Order]:
        """Every order of an account."""
        return [each for each in self._store.orders.values() if each.account == account.id]

    def order(self, account: Account, which: str) -> Order:
        """As it stands now. Refuses ACME_NOT_FOUND, ACME_NOT_ENTITLED."""
        with self._lock:
            return self._settled(_owned(self._store.orders.get(which), account))

    def authorization(self, account: Account, which: str) -> Authorization:
        """As it stands now; what was not proven in time is invalid. Refuses ACME_NOT_FOUND, ACME_NOT_ENTITLED."""
        found = _owned(self._store.authorizations.get(which), account)
        if found.status is Status.PENDING and found.expires_at <= self._clock.now():
            return replace(found, status=Status.INVALID, challenge=Status.INVALID)
        return found

    def deactivate(self, account: Account, which: str) -> Authorization:
        """The client gives a name up (clause 7.5.2); the order is invalid with it."""
        with self._lock:
            changed = replace(self.authorization(account, which), status=Status.DEACTIVATED)
            self._store.put_authorization(changed)
        return changed

    def prove(self, account: Account, which: str) -> Authorization:
        """The client is ready for the proof (clause 7.5.1). A second call changes nothing."""
        with self._lock:
            found = self.authorization(account, which)
            if found.status is not Status.PENDING or found.challenge is not Status.PENDING:
                return found
            changed = replace(found, challenge=Status.PROCESSING)
            self._store.put_authorization(changed)
        self._checking.submit(self._prove, which)
        return changed

    def _prove(self, which: str) -> None:
        found = self._store.authorizations[which]
        account = self._store.accounts[found.account]
        changed = replace(found, status=Status.VALID, challenge=Status.VALID, validated_at=self._clock.now())
        try:
            self._check.require(found.identifier, found.token, account.thumbprint)
        except Refused as refusal:
            changed = replace(found, status=Status.INVALID, challenge=Status.INVALID, problem=problem(refusal))
        with self._lock:
            if self._store.authorizations.get(which) == found:
                self._store.put_authorization(changed)

    def finalize(self, account: Account, which: str, asked: dict[str, object]) -> Order:
        """Issue for the client's request (clause 7.4). States: ready -> processing -> valid.

        The same request a second time gives the first result. Refuses: ACME_ORDER_NOT_READY, ACME_CSR_REFUSED.
        """
        text = asked.get("csr")
        if not isinstance(text, str):
            raise malformed("thiếu csr", "csr is missing")
        request = decode(text)
        with self._lock:
            order = self.order(account, which)
            if order.request == request and order.status in {Status.PROCESSING, Status.VALID}:
                return order
            if order.status is not Status.READY:
                raise Refused(ACME_ORDER_NOT_READY, status=order.status.value)
            _read_request(request, order.identifiers, account)
            order = replace(order, status=Status.PROCESSING, request=request, serial=new_serial())
            self._store.put_order(order)
            return self._settled(order)

    def certificate(self, account: Account, which: str) -> Issued:
        """The certificate of an order by its number. Refuses ACME_NOT_FOUND, ACME_NOT_ENTITLED."""
        order = self._store.order_of(int(which, 16)) if _is_hexadecimal(which) else None
        settled = self.order(account, _owned(order, account).id)
        found = self._register.all().get(settled.serial or 0)
        if found is None:
            raise Refused(ACME_NOT_FOUND)
        return found

    def revoke(self, account: Account | None, key: PublicKey, asked: dict[str, object]) -> None:
        """End a certificate (clause 7.6): by the account that ordered it, or with its own ``key``.

        Refuses: ACME_REQUEST_MALFORMED, ACME_NOT_FOUND, ACME_NOT_ENTITLED, ACME_REASON_NOT_ALLOWED,
        ACME_REVOKED_ALREADY.
        """
        text, reason = asked.get("certificate"), asked.get("reason", 0)
        if not isinstance(text, str):
            raise malformed("thiếu certificate", "certificate is missing")
        if not isinstance(reason, int) or isinstance(reason, bool) or reason not in REASONS:
            raise Refused(ACME_REASON_NOT_ALLOWED, reason=one_line(str(reason), 20))
        try:
            given = x509.load_der_x509_certificate(decode(text))
            serial = given.serial_number
        except ValueError as error:
            raise malformed("certificate", "certificate") from error
        with self._lock:
            found = self._register.all().get(serial)
            if found is None or found.certificate != given or found.profile is not Profile.TRANSPORT:
                raise Refused(ACME_NOT_FOUND)
            order = self._store.order_of(serial)
            if account is not None:
                _owned(order, account)
            elif not _same(found.certificate, key):
                raise Refused(ACME_NOT_ENTITLED)
            if found.revoked is not None:
                raise Refused(ACME_REVOKED_ALREADY)
            self._register.revoke(found.serial, REASONS[reason])

    def _settled(self, order: Order) -> Order:
        """The order after what happened to its proofs, and after its certificate was issued, if it can be now."""
        changed = order
        if order.status in {Status.PENDING, Status.READY}:
            proofs = [self._store.authorizations[each] for each in order.authorizations]
            failed = [each for each in proofs if each.status in {Status.INVALID, Status.DEACTIVATED}]
            if failed or order.expires_at <= self._clock.now():
                told = next((each.problem for each in failed if each.problem), None)
                changed = replace(order, status=Status.INVALID, problem=told)
            elif all(each.status is Status.VALID for each in proofs):
                changed = replace(order, status=Status.READY)
        elif order.status is Status.PROCESSING and order.serial is not None and order.request is not None:
            if order.serial not in self._register.all():
                names = [general_name(each) for each in order.identifiers]
                self._register.issue_transport(names, read_request(order.request).key, order.serial)
            changed = replace(order, status=Status.VALID)
        if changed != order:
            self._store.put_order(changed)
        return changed


def _read_request(request: bytes, identifiers: tuple[Identifier, ...], account: Account) -> None:
    """Refuses ACME_CSR_REFUSED unless the request names exactly these, with a good key that is not the account's."""
    try:
        asked = read_request(request)
    except Refused as refusal:
        why = refusal.params.get("why") or refusal.params.get("reason") or refusal.code.name
        raise Refused(ACME_CSR_REFUSED, why=why) from refusal
    wanted = {general_name(each) for each in identifiers}
    found = {x509.DNSName(each.value.lower()) if isinstance(each, x509.DNSName) else each for each in asked.names}
    if found != wanted:
        raise Refused(ACME_CSR_REFUSED, why="các tên khác với đơn (other names than the order's)")
    values = {each.value for each in identifiers}
    if not {each.lower() for each in asked.common_names} <= values:
        raise Refused(ACME_CSR_REFUSED, why="CN không có trong đơn (its common name is not in the order)")
    if key_id(asked.key) == account.thumbprint:
        # Clause 11.1: the key that speaks to the authority must not also be in daily use elsewhere.
        raise Refused(ACME_CSR_REFUSED, why="khóa là khóa tài khoản (its key is the account's)")


def _owned(found: _Record | None, account: Account) -> _Record:
    """Refuses ACME_NOT_FOUND, ACME_NOT_ENTITLED."""
    if found is None:
        raise Refused(ACME_NOT_FOUND)
    if found.account != account.id:
        raise Refused(ACME_NOT_ENTITLED)
    return found


def _same(certificate: x509.Certificate, key: PublicKey) -> bool:
    return certificate.public_key() == key


def _is_hexadecimal(text: str) -> bool:
    return 0 < len(text) <= 40 and all(each in "0123456789abcdef" for each in text)


def _fresh() -> str:
    return secrets.token_hex(10)
