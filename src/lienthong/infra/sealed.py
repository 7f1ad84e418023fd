"""Small secrets at rest: sealed under a key file of the node, so that a copy of the database alone opens nothing.

AES-256-GCM (NIST SP 800-38D) with a random nonce of 96 bits in front. What a secret is *about* is authenticated with
it: a sealed value moved to another row does not open.
"""

from __future__ import annotations

import base64
import binascii
import os
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from lienthong.base.errors import Refused
from lienthong.infra.errors import KEY_EXISTS, KEY_UNREADABLE, SEAL_BROKEN
from lienthong.infra.keys import read_secret, write_new

NAME = "seal.key"
"""The key's file in the axis's key directory: 32 random bytes in Base64, one line, mode 0600."""

_NONCE, _KEY = 12, 32


class Sealer:
    """Seals and opens with one key. Nodes of one axis share the file, as they share the axis's other keys."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    @classmethod
    def load_or_create(cls, directory: Path) -> Sealer:
        """The key of this axis, made at its first use. Refuses KEY_MISSING, KEY_EXPOSED, KEY_UNREADABLE."""
        path = directory / NAME
        if not path.exists():
            # Two processes may start at once: the first file stays and both read it.
            try:
                write_new(path, base64.b64encode(os.urandom(_KEY)) + b"\n")
            except Refused as refusal:
                if refusal.code is not KEY_EXISTS:
                    raise
        try:
            key = base64.b64decode(read_secret(path).strip(), validate=True)
        except binascii.Error as reason:
            raise Refused(KEY_UNREADABLE, path=path, reason="not Base64") from reason
        if len(key) != _KEY:
            raise Refused(KEY_UNREADABLE, path=path, reason=f"not {_KEY} bytes")
        return cls(key)

    def seal(self, secret: bytes, about: str) -> bytes:
        """Nonce and sealed bytes. ``about``: to whom and what for; needed again to open."""
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher.encrypt(nonce, secret, about.encode())

    def open(self, sealed: bytes, about: str) -> bytes:
        """The secret. Refuses SEAL_BROKEN when the key file is another one or the value was changed or moved."""
        try:
            return self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], about.encode())
        except (InvalidTag, ValueError) as reason:
            raise Refused(SEAL_BROKEN, about=about) from reason
