"""A key on a PKCS #11 token: found once, held by its session, opened again when the token was away.

Source: PKCS #11 v2.40 (OASIS). A PIN that was wrong once is never offered again: three attempts lock most tokens.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import pkcs11
from cryptography import x509
from pkcs11 import Attribute, KeyType, Mechanism, ObjectClass, TokenFlag
from pkcs11 import exceptions as faults
from pkcs11.util.ec import encode_ec_public_key
from pkcs11.util.rsa import encode_rsa_public_key

from lienthong.base.errors import Refused
from lienthong.base.text import one_line
from lienthong.infra.credential_errors import (
    TOKEN_AMBIGUOUS,
    TOKEN_AWAY,
    TOKEN_KEY_AMBIGUOUS,
    TOKEN_KEY_MISSING,
    TOKEN_KEY_UNUSABLE,
    TOKEN_MISSING,
    TOKEN_MODULE_UNUSABLE,
    TOKEN_PIN_FINAL_TRY,
    TOKEN_PIN_LOCKED,
    TOKEN_PIN_WRONG,
)
from lienthong.infra.token_uri import TokenKey
from lienthong.trust.certificates import load_certificate, public_key_of
from lienthong.trust.keys import Algorithm, PublicKey, key_id, load_public_key, usual_algorithm
from lienthong.trust.signer import digest_name, is_valid

_DIGESTS: dict[Algorithm, Callable[[bytes], Any]] = {Algorithm.ES256: hashlib.sha256, Algorithm.ES384: hashlib.sha384}
_LOCKED = (faults.PinLocked, faults.PinExpired, faults.UserPinNotInitialized)
_WRONG = (faults.PinIncorrect, faults.PinInvalid, faults.PinLenRange)
_SHA256_INFO = bytes.fromhex("3031300d060960864801650304020105000420")
"""DigestInfo of a SHA-256 without its digest (RFC 8017 clause 9.2 note 1)."""
_PROBE = b"lienthong: does this key fit?"

_modules = threading.RLock()
"""One call into a module at a time in the whole process: python-pkcs11 initializes modules without thread locks
(``C_Initialize(NULL)``), so that two threads inside one crash it. Who is logged in concerns the process as well."""

_process = os.urandom(32)
_right_pins: dict[tuple[str, bytes], bytes] = {}
"""By module and serial number of a token: a keyed digest of the PIN that it last took from this process."""


class TokenSigner:
    """A signer whose key never leaves its token. Safe for use from several threads: one signature at a time.

    ``certificate``: the one that lies on the token beside the key, if there is one.
    """

    def __init__(self, where: TokenKey, pin: bytes, public_key: PublicKey | None = None) -> None:
        """``public_key``: from a certificate, for tokens that keep none.

        Refuses TOKEN_MODULE_UNUSABLE, TOKEN_MISSING, TOKEN_AMBIGUOUS, TOKEN_PIN_WRONG, TOKEN_PIN_LOCKED,
        TOKEN_KEY_MISSING, TOKEN_KEY_AMBIGUOUS, TOKEN_KEY_UNUSABLE, TOKEN_AWAY, KEY_NOT_ALLOWED.
        """
        self.where = where
        self._pin = pin.decode("utf-8", "replace")
        self._pin_refused: Refused | None = None
        self._session: pkcs11.Session | None = None
        self._key: Any = None
        self._library = _load(where)
        self.certificate: x509.Certificate | None = None
        with _modules:
            self._open()
            try:
                self.certificate = self._find_certificate()
                self.public_key: PublicKey = self._find_public_key(public_key)
            except faults.PKCS11Error as fault:
                raise self._unusable(_reason(fault)) from fault
        self.algorithm = usual_algorithm(self.public_key)
        self.key_id = key_id(self.public_key)
        if self.algorithm is Algorithm.EDDSA:
            raise self._unusable("Ed25519")
        if not is_valid(self.public_key, self.algorithm, self.sign(_PROBE), _PROBE):
            raise self._unusable("khoá công khai không khớp (its public key does not fit)")

    def sign(self, data: bytes) -> bytes:
        """Sign the bytes; ECDSA as ``r || s``. Refuses TOKEN_AWAY and what opening the token refuses."""
        digest = _DIGESTS.get(self.algorithm)
        content = data if digest is None else digest(data).digest()
        mechanism = Mechanism.SHA256_RSA_PKCS if digest is None else Mechanism.ECDSA
        with _modules:
            return self._use(lambda key: bytes(key.sign(content, mechanism=mechanism)))

    def sign_digest(self, digest: bytes) -> bytes:
        """Sign a digest that was made elsewhere, of the algorithm's kind. ``ValueError`` for another length."""
        ecdsa = self.algorithm in _DIGESTS
        if len(digest) != hashlib.new(digest_name(self.algorithm)).digest_size:
            raise ValueError("a digest of another length")
        content = digest if ecdsa else _SHA256_INFO + digest
        mechanism = Mechanism.ECDSA if ecdsa else Mechanism.RSA_PKCS
        with _modules:
            return self._use(lambda key: bytes(key.sign(content, mechanism=mechanism)))

    def close(self) -> None:
        """End the session; the next signature opens a new one."""
        with _modules:
            self._close()

    def _use(self, act: Callable[[Any], bytes]) -> bytes:
        """Use the key; a session that was lost is opened again once."""
        if self._key is not None:
            try:
                return act(self._key)
            except (faults.FunctionNotSupported, faults.MechanismInvalid, faults.MechanismParamInvalid) as fault:
                raise self._unusable(_reason(fault)) from fault
            except faults.PKCS11Error:
                # Pulled, asleep, or its daemon began anew: which code a module gives for that is its own affair.
                self._close()
        self._open()
        try:
            return act(self._key)
        except faults.PKCS11Error as fault:
            self._close()
            raise Refused(TOKEN_AWAY, token=self.where.token_name, reason=_reason(fault)) from fault

    def _open(self) -> None:
        if self._pin_refused is not None:
            raise self._pin_refused
        try:
            self._enter()
        except Refused as refused:
            if refused.code is not TOKEN_MISSING:
                raise
            self._restart_module()
            self._enter()
        except faults.PKCS11Error:
            self._restart_module()
            try:
                self._enter()
            except faults.PKCS11Error as fault:
                self._close()
                raise Refused(TOKEN_AWAY, token=self.where.token_name, reason=_reason(fault)) from fault

    def _enter(self) -> None:
        token = _find_token(self._library, self.where)
        require_tries(token.flags, self.where.token_name)
        try:
            self._session = _log_in(token, self.where)(self._pin)
        except _WRONG as fault:
            self._pin_refused = Refused(TOKEN_PIN_WRONG, token=self.where.token_name)
            raise self._pin_refused from fault
        except _LOCKED as fault:
            self._pin_refused = Refused(TOKEN_PIN_LOCKED, token=self.where.token_name)
            raise self._pin_refused from fault
        try:
            self._key = self._find_key()
        except Refused:
            self._close()
            raise

    def _restart_module(self) -> None:
        """Modules list their tokens when they start; other signers of this process open their sessions again."""
        self._close()
        with suppress(faults.PKCS11Error):
            self._library.reinitialize()

    def _close(self) -> None:
        session, self._session, self._key = self._session, None, None
        if session is not None:
            with suppress(faults.PKCS11Error):
                session.close()

    def _find_key(self) -> Any:
        where = self.where
        found = list(self._objects(ObjectClass.PRIVATE_KEY, where.label, where.key))
        if len(found) == 1:
            return found[0]
        if found:
            ids = ", ".join(sorted(f"%{each.id.hex()}" for each in found))
            name, key, ids = where.token_name, where.key_name, one_line(ids, 200)
            raise Refused(TOKEN_KEY_AMBIGUOUS, token=name, key=key, count=len(found), ids=ids)
        every = [f"{each.label} (id {each.id.hex()})" for each in self._objects(ObjectClass.PRIVATE_KEY, None, None)]
        shown = one_line(", ".join(every) or "-", 300)
        raise Refused(TOKEN_KEY_MISSING, token=where.token_name, key=where.key_name, present=shown)

    def _objects(self, kind: ObjectClass, label: str | None, identifier: bytes | None) -> Iterator[Any]:
        template: dict[Attribute, Any] = {Attribute.CLASS: kind}
        if label is not None:
            template[Attribute.LABEL] = label
        if identifier is not None:
            template[Attribute.ID] = identifier
        if self._session is not None:
            yield from self._session.get_objects(template)

    def _find_certificate(self) -> x509.Certificate | None:
        for found in self._objects(ObjectClass.CERTIFICATE, None, self._key.id):
            return load_certificate(bytes(found[Attribute.VALUE]))
        return None

    def _find_public_key(self, given: PublicKey | None) -> PublicKey:
        for found in self._objects(ObjectClass.PUBLIC_KEY, None, self._key.id):
            with self._readable():
                return load_public_key(_encoded(found))
        if self.certificate is not None:
            return public_key_of(self.certificate)
        if given is not None:
            return given
        raise self._unusable("không có khoá công khai hay chứng thư số (no public key or certificate)")

    @contextmanager
    def _readable(self) -> Iterator[None]:
        try:
            yield
        except (faults.PKCS11Error, NotImplementedError, ValueError) as fault:
            raise self._unusable(_reason(fault)) from fault

    def _unusable(self, reason: str) -> Refused:
        return Refused(TOKEN_KEY_UNUSABLE, token=self.where.token_name, key=self.where.key_name, reason=reason)


def _load(where: TokenKey) -> Any:
    with _modules:
        try:
            return pkcs11.lib(str(where.module))
        except (RuntimeError, OSError, faults.PKCS11Error) as fault:
            raise Refused(TOKEN_MODULE_UNUSABLE, module=where.module, reason=_reason(fault)) from fault


def _find_token(library: Any, where: TokenKey) -> pkcs11.Token:
    present = list[str]()
    found: list[pkcs11.Token] = []
    for slot in library.get_slots(token_present=True):
        try:
            token = slot.get_token()
        except (faults.TokenNotPresent, faults.TokenNotRecognised):
            continue
        serial = token.serial.decode("ascii", "replace").strip()
        if token.label:
            present.append(f"{token.label} (serial {serial})")
        wanted = where.token in {None, token.label} and where.serial in {None, serial}
        if wanted and where.slot_id in {None, slot.slot_id}:
            found.append(token)
    if not found:
        raise Refused(TOKEN_MISSING, token=where.token_name, present=one_line(", ".join(present) or "-", 300))
    if len(found) > 1:
        raise Refused(TOKEN_AMBIGUOUS, token=where.token_name, count=len(found))
    return found[0]


def require_tries(flags: TokenFlag, token: str) -> None:
    """Never spend the last try of a PIN by program. Refuses TOKEN_PIN_FINAL_TRY, TOKEN_PIN_LOCKED.

    Source: PKCS #11 v2.40 clause 3.2, flags of CK_TOKEN_INFO.
    """
    if flags & TokenFlag.USER_PIN_LOCKED:
        raise Refused(TOKEN_PIN_LOCKED, token=token)
    if flags & TokenFlag.USER_PIN_FINAL_TRY:
        raise Refused(TOKEN_PIN_FINAL_TRY, token=token)


@dataclass(frozen=True, slots=True)
class TokenState:
    """What a token says without a PIN. ``tries_low``: a wrong PIN was entered since the last right one.

    ``final_try``: one more wrong PIN locks it. ``certificates``: readable without a PIN, those of the key first.
    """

    label: str
    serial: str
    tries_low: bool
    final_try: bool
    locked: bool
    certificates: tuple[x509.Certificate, ...]


def look_at_token(where: TokenKey) -> TokenState:
    """See whether the token is there and what it holds; no PIN is used. Refuses TOKEN_MODULE_UNUSABLE, TOKEN_MISSING,
    TOKEN_AMBIGUOUS, TOKEN_AWAY."""
    library = _load(where)
    with _modules:
        try:
            return _state(_find_token(library, where), where)
        except Refused as refused:
            if refused.code is not TOKEN_MISSING:
                raise
        except faults.PKCS11Error:
            pass
        # Modules list their tokens when they start.
        with suppress(faults.PKCS11Error):
            library.reinitialize()
        try:
            return _state(_find_token(library, where), where)
        except faults.PKCS11Error as fault:
            raise Refused(TOKEN_AWAY, token=where.token_name, reason=_reason(fault)) from fault


def _state(token: pkcs11.Token, where: TokenKey) -> TokenState:
    found: list[x509.Certificate] = []
    with token.open() as session:
        for each in session.get_objects({Attribute.CLASS: ObjectClass.CERTIFICATE}):
            own = where.key is None or each[Attribute.ID] == where.key
            own = own and where.label in {None, each[Attribute.LABEL]}
            with suppress(Refused):
                certificate = load_certificate(bytes(each[Attribute.VALUE]))
                found.insert(0 if own else len(found), certificate)
    flags = token.flags
    return TokenState(
        token.label, token.serial.decode("ascii", "replace").strip(), bool(flags & TokenFlag.USER_PIN_COUNT_LOW),
        bool(flags & TokenFlag.USER_PIN_FINAL_TRY), bool(flags & TokenFlag.USER_PIN_LOCKED), tuple(found),
    )  # fmt: skip


def _log_in(token: pkcs11.Token, where: TokenKey) -> Callable[[str], pkcs11.Session]:
    """A session of the user. Whoever of this process logged in first has done so for all, so that the token no longer
    looks at the PIN: it must be the one that was right then."""

    def enter(pin: str) -> pkcs11.Session:
        name, known = (str(where.module), bytes(token.serial)), hmac.digest(_process, pin.encode(), "sha256")
        try:
            session = token.open(user_pin=pin)
        except faults.UserAlreadyLoggedIn:
            if not hmac.compare_digest(_right_pins.get(name, known), known):
                raise faults.PinIncorrect from None
            return token.open()
        _right_pins[name] = known
        return session

    return enter


def _encoded(key: Any) -> bytes:
    """SubjectPublicKeyInfo or PKCS #1, in DER."""
    return bytes(encode_ec_public_key(key) if key.key_type is KeyType.EC else encode_rsa_public_key(key))


def _reason(fault: BaseException) -> str:
    return one_line(f"{type(fault).__name__} {fault}".strip(), 120)
