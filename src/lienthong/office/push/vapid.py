"""Who sends a push message: a token signed by the installation's key for one push service (VAPID, RFC 8292)."""

from __future__ import annotations

import base64
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jwt
from joserfc.jwk import ECKey

VALID = timedelta(hours=12)
"""A token may live for a day at most (RFC 8292 §2); clocks of a push service and ours may differ."""


def text(octets: bytes) -> str:
    """Base64url without padding, as all of web push writes octets."""
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def octets(text: str) -> bytes:
    """The octets of :func:`text`; anything else is a ``ValueError``."""
    if len(text) > 500 or not text.isascii():
        raise ValueError("no base64url")
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def public(key: ec.EllipticCurvePrivateKey) -> str:
    """The key by which browsers and push services know this installation: an uncompressed point."""
    return text(key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))


def authorization(key: ec.EllipticCurvePrivateKey, endpoint: str, contact: str, at: datetime) -> str:
    """The value of the ``Authorization`` header for one endpoint.

    ``contact``: an https address or mailto whom the push service may turn to; empty leaves it out.
    """
    parts = urlsplit(endpoint)
    claims = {"aud": f"{parts.scheme}://{parts.netloc}", "exp": int((at + VALID).timestamp())}
    if contact:
        claims["sub"] = contact
    token = jwt.encode({"typ": "JWT", "alg": "ES256"}, claims, ECKey.import_key(key))
    return f"vapid t={token}, k={public(key)}"
