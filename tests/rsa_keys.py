"""RSA keys for tests, each made once a process: making one costs a tenth of a second and says nothing in a test."""

from __future__ import annotations

from functools import cache

from cryptography.hazmat.primitives.asymmetric import rsa


@cache
def rsa_key(number: int, bits: int = 2048) -> rsa.RSAPrivateKey:
    """The key with a number. Those who must not have each other's key take different numbers."""
    return rsa.generate_private_key(65537, bits)
