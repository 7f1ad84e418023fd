"""The connector's own key and certificate, from wherever the agency keeps them.

A PEM file (encrypted or not), a PKCS #12 file (RFC 7292), or a PKCS #11 token. The key is loaded once and held; the
caller passes the signer on and never asks where it came from.
"""

from __future__ import annotations

from datetime import datetime

from lienthong.base.clock import SystemClock
from lienthong.base.errors import Refused
from lienthong.infra.config import secret_variable
from lienthong.infra.connector_config import ConnectorConfig
from lienthong.infra.credential_errors import KEY_SECRET_MISSING, KEY_SOURCE_INVALID
from lienthong.infra.credentials import Credentials, check_chain, open_key_file, open_key_uri, read_chain
from lienthong.infra.keys import read_secret


def open_signer(config: ConnectorConfig, at: datetime | None = None) -> Credentials:
    """The key that a profile names, ready to sign.

    ``at``: when the certificate must be valid, now by default. Refuses: KEY_SOURCE_INVALID, KEY_SECRET_MISSING,
    KEY_MISSING, KEY_EXPOSED, KEY_UNREADABLE, KEY_NOT_ALLOWED, KEY_PASSWORD_WRONG, CERTIFICATE_NOT_OF_KEY,
    CERTIFICATE_OUT_OF_TIME, CERTIFICATE_NOT_READABLE, and what :class:`TokenSigner` refuses.
    """
    given = read_chain(config.certificate_file) if config.certificate_file is not None else ()
    if config.key_uri is not None:
        found = open_key_uri(config.key_uri, secret_of(config), given)
    elif config.key_file is not None:
        found = open_key_file(config.key_file.path, secret_of(config), given)
    else:
        why = "thiếu cả “key_file” và “key_uri”", "neither “key_file” nor “key_uri” is set"
        raise Refused(KEY_SOURCE_INVALID, why_vi=why[0], why_en=why[1])
    check_chain(found, at or SystemClock().now())
    return found


def secret_of(config: ConnectorConfig) -> bytes | None:
    """The password or PIN of the profile's key; None when the profile names none. Refuses KEY_SECRET_MISSING."""
    if config.key_password_env is not None:
        found = secret_variable(config.key_password_env)
        where = f"${config.key_password_env}"
    elif config.key_password_file is not None:
        path = config.key_password_file.path
        found, where = read_secret(path).rstrip(b"\r\n"), str(path)
    else:
        return None
    if not found:
        raise Refused(KEY_SECRET_MISSING, where=where)
    return found
