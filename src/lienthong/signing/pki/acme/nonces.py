"""Numbers used once, against requests that are sent a second time by somebody else. Source: RFC 8555 clause 6.5.

Kept in memory: after a restart every one is unknown, and clients repeat with a fresh one by themselves (clause 6.5).
"""

from __future__ import annotations

import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from lienthong.base.errors import Refused
from lienthong.signing.pki.acme.errors import ACME_NONCE_NOT_VALID

SECONDS = 3600.0
AT_MOST = 20_000


class Nonces:
    """Gives out and takes back. When more than ``at_most`` are out, the oldest is forgotten: its holder asks again.

    ``monotonic``: seconds, from any beginning.
    """

    def __init__(self, at_most: int = AT_MOST, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._at_most, self._monotonic = at_most, monotonic
        self._until: OrderedDict[str, float] = OrderedDict()
        self._lock = threading.Lock()

    def fresh(self) -> str:
        """A new one, good for an hour: 22 characters of base64url."""
        made = secrets.token_urlsafe(16)
        with self._lock:
            self._until[made] = self._monotonic() + SECONDS
            if len(self._until) > self._at_most:
                self._until.popitem(last=False)
        return made

    def spend(self, nonce: str | None) -> None:
        """Take one back, for ever. Refuses ACME_NONCE_NOT_VALID: unknown, used, expired, absent."""
        with self._lock:
            until = self._until.pop(nonce, None) if nonce is not None else None
        if until is None or until < self._monotonic():
            raise Refused(ACME_NONCE_NOT_VALID)

    def __len__(self) -> int:
        return len(self._until)
