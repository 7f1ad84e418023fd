"""Whom this process trusts when it calls others over TLS."""

from __future__ import annotations

import ssl
from functools import cache

import httpx


@cache
def public_authorities(*, environment: bool = False) -> ssl.SSLContext:
    """The public certification authorities, read once a process: reading them takes twenty milliseconds of work, more
    than a whole call. ``environment``: those that ``SSL_CERT_FILE`` or ``SSL_CERT_DIR`` names instead, if any."""
    return httpx.create_ssl_context(trust_env=environment)
