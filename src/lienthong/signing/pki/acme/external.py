"""Keys that the operator gives out so that only his own people open accounts. Source: RFC 8555 clause 7.3.4.

``ca/acme/keys/NAME`` holds 32 random bytes in base64url. As soon as there is one, every new account needs one; each
serves one account.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from pathlib import Path

from lienthong.base.errors import Refused
from lienthong.infra.keys import read_secret, write_new
from lienthong.signing.pki.acme.errors import (
    ACME_EXTERNAL_ACCOUNT_NOT_VALID,
    ACME_EXTERNAL_ACCOUNT_REQUIRED,
    ACME_IDENTIFIER_REFUSED,
)
from lienthong.signing.pki.acme.jws import decode, encode, parse_object, public_key, take_apart
from lienthong.signing.pki.acme.store import Store
from lienthong.trust.keys import PublicKey, key_id

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")


class ExternalKeys:
    """The keys of one folder, ``ca/acme/keys``; read anew at every question, so that a new one counts at once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def make(self, name: str) -> str:
        """A new key: what the client is given, in base64url. Refuses ACME_IDENTIFIER_REFUSED, KEY_EXISTS."""
        if not _NAME.fullmatch(name):
            why = "tên gồm chữ thường, số, dấu chấm, gạch (use lower case letters, digits, dots and dashes)"
            raise Refused(ACME_IDENTIFIER_REFUSED, value=name, why=why)
        for each in (self._folder.parent, self._folder):
            each.mkdir(mode=0o700, exist_ok=True)
        made = encode(secrets.token_bytes(32))
        write_new(self._folder / name, made.encode())
        return made

    @property
    def required(self) -> bool:
        """Whether there is any."""
        return self._folder.is_dir() and any(_NAME.fullmatch(each.name) for each in self._folder.iterdir())

    def require(self, found: object, key: PublicKey, url: str, store: Store) -> str | None:
        """The name of the key that binds a new account with ``key``; None when none is needed.

        ``found``: the member ``externalAccountBinding``; ``url``: of newAccount.
        Refuses: ACME_EXTERNAL_ACCOUNT_REQUIRED, ACME_EXTERNAL_ACCOUNT_NOT_VALID, ACME_REQUEST_MALFORMED.
        """
        if not self.required:
            return None
        if not isinstance(found, dict):
            raise Refused(ACME_EXTERNAL_ACCOUNT_REQUIRED)
        parts = take_apart(found)
        name, header = parts.header.get("kid"), parts.header
        if header.get("alg") != "HS256" or header.get("url") != url or "nonce" in header:
            raise Refused(ACME_EXTERNAL_ACCOUNT_NOT_VALID)
        if not isinstance(name, str) or not _NAME.fullmatch(name) or not (self._folder / name).is_file():
            raise Refused(ACME_EXTERNAL_ACCOUNT_NOT_VALID)
        secret = decode(read_secret(self._folder / name).decode("ascii").strip())
        if not hmac.compare_digest(hmac.new(secret, parts.signed, hashlib.sha256).digest(), parts.signature):
            raise Refused(ACME_EXTERNAL_ACCOUNT_NOT_VALID)
        if key_id(public_key(parse_object(parts.payload))) != key_id(key):
            raise Refused(ACME_EXTERNAL_ACCOUNT_NOT_VALID)
        if any(each.external == name for each in store.accounts.values()):
            raise Refused(ACME_EXTERNAL_ACCOUNT_NOT_VALID)
        return name
