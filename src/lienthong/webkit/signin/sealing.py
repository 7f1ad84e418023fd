"""Small secrets in the database, sealed under the installation's secret: a stolen database alone opens none of them."""

from __future__ import annotations

import hashlib
import os

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from lienthong.webkit.site.configure import site


def seal(plain: bytes) -> bytes:
    """Nonce and ciphertext (AES-256-GCM)."""
    nonce = os.urandom(12)
    return nonce + AESGCM(_key()).encrypt(nonce, plain, b"lienthong")


def unseal(sealed: bytes) -> bytes:
    """What was sealed. A changed or foreign text is a fault (``InvalidTag``)."""
    return AESGCM(_key()).decrypt(sealed[:12], sealed[12:], b"lienthong")


def _key() -> bytes:
    return hashlib.sha256(b"lienthong small secrets" + site().secret).digest()
