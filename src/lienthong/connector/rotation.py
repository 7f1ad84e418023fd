"""Change the connector's key without a refused request: make, register, prove, switch; the old one counts meanwhile.

Every step may be repeated after a crash: the next key lies in a file of its own before the axis hears of it, and the
axis takes the same key again as the same. Source: PR-NATIVE §10.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from lienthong.base.errors import Refused, Retry
from lienthong.connector.bodies import bytes_body
from lienthong.connector.errors import AxisRefused
from lienthong.connector.http import AxisConnection
from lienthong.connector.spool import sync_folder
from lienthong.directory.model import KeyPurpose
from lienthong.infra.blob_files import disk
from lienthong.infra.keys import KeyKind, generate, key_pem, read_secret, write_new
from lienthong.infra.steps import reached
from lienthong.trust import jws
from lienthong.trust.signer import Signer
from lienthong.wire.key_change import (
    PROOF_TYP,
    TYP,
    Action,
    KeyChange,
    KeyProof,
    NewKey,
    encode_key_change,
    encode_key_proof,
)

PROBES = 3
"""Answers that the new key must get before the old one is laid aside: an axis may have several nodes."""


class KeyDesk:
    """Changes of one system's own keys at one axis, signed by its present key."""

    def __init__(self, connection: AxisConnection, axis: str, system: str) -> None:
        self._connection = connection
        self._axis, self._system = axis, system

    def add(self, new: Signer, purpose: KeyPurpose, certificate: x509.Certificate | None = None) -> dict[str, Any]:
        """Register a key: ``{"version", "changed", "key_id"}``. Refuses in the axis's words; safe to repeat."""
        at, signer = _now(), self._connection.signer
        proof = KeyProof(self._axis, self._system, purpose.value, signer.key_id, at)
        held = NewKey(
            purpose.value,
            new.public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
            None if certificate is None else certificate.public_bytes(Encoding.DER),
            jws.sign(encode_key_proof(proof), new, PROOF_TYP),
        )
        return self._post(KeyChange(Action.ADD, self._axis, self._system, new.key_id, at, held))

    def revoke(self, key_id: str) -> dict[str, Any]:
        """End a key from now on; what it signed before still counts. Safe to repeat."""
        return self._post(KeyChange(Action.REVOKE, self._axis, self._system, key_id, _now()))

    def _post(self, change: KeyChange) -> dict[str, Any]:
        token = jws.sign(encode_key_change(change), self._connection.signer, TYP)
        return self._connection.members("POST", "/v1/directory/keys", body=bytes_body(token, "application/jose"))


def wait_until_known(connection: AxisConnection, seconds: float = 30.0, pause: float = 0.3) -> None:
    """Ask with the new key until the axis knows it, several times over. Raises the last refusal after ``seconds``."""
    until, good = time.monotonic() + seconds, 0
    while good < PROBES:
        try:
            connection.request("GET", "/v1/directory/agencies", {"q": "", "max": "1"}, patient=False)
            good += 1
        except (AxisRefused, Refused) as refused:
            passing = isinstance(refused, Refused) or refused.retry is not Retry.PERMANENT or refused.http_status == 401
            if not passing or time.monotonic() > until:
                raise
            good = 0
            time.sleep(pause)


class KeyFile:
    """The connector's key file, the next one beside it, and the old ones in a folder beside both."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.next = path.with_name(path.name + ".next")
        self.old = path.with_name("old-keys")

    def prepare(self, make: Callable[[], bytes]) -> Path:
        """The next key's file: the one that an interrupted rotation left, or a new one, durable when this returns."""
        if not self.next.exists():
            write_new(self.next, make())
        reached("rotation.prepared")
        return self.next

    def switch(self, old_key_id: str) -> Path:
        """Put the next key in the place of the present one, which is kept; where the old one lies."""
        kept = self.old / f"{old_key_id}{self.path.suffix}"
        with disk():
            self.old.mkdir(mode=0o700, exist_ok=True)
            if not kept.exists():
                os.link(self.path, kept)
                sync_folder(self.old)
            reached("rotation.kept")
            self.next.rename(self.path)
            sync_folder(self.path.parent)
        reached("rotation.switched")
        return kept


def new_key(kind: KeyKind, password: bytes | None) -> Callable[[], bytes]:
    """Makes a new key's file."""
    return lambda: key_pem(generate(kind), password)


def taken_key(file: Path, limit: int) -> Callable[[], bytes]:
    """Takes the key that the agency made elsewhere. Refuses as :func:`read_secret`."""
    return lambda: read_secret(file, limit)


def _now() -> datetime:
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)
