"""Accounts of a remote signing service: one folder each, with what may be signed with.

``USERS/<user>/password.json`` (scrypt, RFC 7914), ``otp.secret`` if one-time passwords are asked for (base32,
RFC 6238), and ``<credential>.toml``, a signer's profile of kind ``pkcs12`` or ``pkcs11`` without a password: that is
the PIN, which the service does not know.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import os
import re
import struct
from pathlib import Path

from lienthong.base.errors import Refused
from lienthong.infra.keys import read_secret, write_new
from lienthong.signing.profiles import SignerProfile, find_profile, list_profiles

_USER = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_COST = {"n": 2**14, "r": 8, "p": 1}
STEP = 30
"""Seconds that one one-time password lasts (RFC 6238 clause 5.2)."""


class Accounts:
    """The accounts below one folder."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def add(self, user: str, password: bytes) -> Path:
        """Make an account; its folder. ``ValueError`` for a name that is none; refuses KEY_EXISTS."""
        if not _USER.fullmatch(user):
            raise ValueError("a user's name is small letters, digits, dots and dashes")
        folder = self._root / user
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        salt = os.urandom(16)
        row = {"salt": salt.hex(), "hash": _hash(password, salt).hex()}
        write_new(folder / "password.json", json.dumps(row).encode())
        return folder

    def is_right(self, user: str, password: bytes) -> bool:
        """Whether the password is this account's; takes as long for an account that does not exist."""
        file = self._root / user / "password.json"
        known = _USER.fullmatch(user) is not None and file.is_file()
        row = json.loads(read_secret(file)) if known else {"salt": "00" * 16, "hash": ""}
        made = _hash(password, bytes.fromhex(row["salt"]))
        return hmac.compare_digest(made, bytes.fromhex(row["hash"])) and known

    def credentials(self, user: str) -> list[SignerProfile]:
        """What an account may sign with."""
        return list_profiles(self._root / user)

    def credential(self, user: str, name: str) -> SignerProfile | None:
        """One of them, None when it is not this account's."""
        try:
            return find_profile(self._root / user, name)
        except Refused:
            return None

    def wants_otp(self, user: str) -> bool:
        """Whether a one-time password is asked for besides the PIN."""
        return (self._root / user / "otp.secret").is_file()

    def otp_step(self, user: str, code: str, now: float) -> int | None:
        """The step whose one-time password this is, of now or one before or after; None when it is not one."""
        try:
            secret = base64.b32decode(read_secret(self._root / user / "otp.secret").strip(), casefold=True)
        except binascii.Error:
            return None
        step = int(now) // STEP
        for each in (step, step - 1, step + 1):
            if hmac.compare_digest(one_time_password(secret, each).encode(), code.encode("utf-8", "replace")):
                return each
        return None


def one_time_password(secret: bytes, step: int) -> str:
    """Six digits. Source: RFC 4226 clause 5.3, RFC 6238."""
    digest = hmac.digest(secret, struct.pack(">Q", step), "sha1")
    at = digest[-1] & 15
    return f"{(int.from_bytes(digest[at : at + 4]) & 0x7FFFFFFF) % 10**6:06d}"


def _hash(password: bytes, salt: bytes) -> bytes:
    return hashlib.scrypt(password, salt=salt, maxmem=64 * 2**20, dklen=32, **_COST)
