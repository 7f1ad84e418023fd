"""What the service holds in memory: logins, and permissions to sign (SAD, signature activation data).

A permission is bound to account, credential, digests and their number, lasts five minutes and is used once; the opened
key goes with it. Nothing of it survives the process. Source: CSC API v2 clauses 8.4 and 11.6 (SCAL 2).
"""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections import Counter, OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from lienthong.signing.signers import CertifiedSigner

LOGIN_SECONDS = 3600
PERMIT_SECONDS = 300
WRONG = 3
"""Wrong secrets in a row after which an account or credential waits."""
WAIT_SECONDS = 900
AT_MOST = 1000


@dataclass(frozen=True, slots=True)
class Permit:
    """One permission. ``digests``: exactly these, each as often as it was named."""

    user: str
    credential: str
    hash_oid: str
    digests: Counter[bytes]
    signer: CertifiedSigner
    ends_at: float

    def covers(self, digests: Sequence[bytes]) -> bool:
        """Whether these are among what was permitted, none more often."""
        return not Counter(digests) - self.digests


class Permits:
    """Logins and permissions. ``now``: monotonic seconds, everywhere."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._logins: OrderedDict[str, tuple[str, float]] = OrderedDict()
        self._permits: OrderedDict[str, Permit] = OrderedDict()
        self._wrong: dict[str, tuple[int, float]] = {}
        self._steps: dict[str, int] = {}

    def log_in(self, user: str, now: float) -> str:
        """An access token."""
        made = secrets.token_urlsafe(32)
        with self._lock:
            self._logins[_digest(made)] = (user, now + LOGIN_SECONDS)
            while len(self._logins) > AT_MOST:
                self._logins.popitem(last=False)
        return made

    def log_out(self, token: str) -> None:
        """Forget an access token."""
        with self._lock:
            self._logins.pop(_digest(token), None)

    def user_of(self, token: str, now: float) -> str | None:
        """Whose access token this is, while it lasts."""
        with self._lock:
            found = self._logins.get(_digest(token))
        return found[0] if found is not None and now < found[1] else None

    def permit(self, permit: Permit, now: float) -> str:
        """Keep a permission; its SAD."""
        made = secrets.token_urlsafe(32)
        with self._lock:
            ended = [name for name, each in self._permits.items() if each.ends_at <= now]
            old = [self._permits.pop(name) for name in ended]
            self._permits[_digest(made)] = permit
            while len(self._permits) > AT_MOST:
                old.append(self._permits.popitem(last=False)[1])
        for each in old:
            each.signer.close()
        return made

    def use(self, sad: str, now: float) -> Permit | None:
        """Take a permission away for good, if it lasts still. Whoever gets it closes its signer."""
        with self._lock:
            found = self._permits.pop(_digest(sad), None)
        if found is not None and found.ends_at <= now:
            found.signer.close()
            return None
        return found

    def waits(self, subject: str, now: float) -> bool:
        """Whether so many secrets were wrong that none is tried for a while."""
        count, since = self._wrong.get(subject, (0, 0.0))
        return count >= WRONG and now < since + WAIT_SECONDS

    def note(self, subject: str, now: float, *, right: bool) -> None:
        """Count a secret that was tried."""
        with self._lock:
            if right:
                self._wrong.pop(subject, None)
            else:
                count, since = self._wrong.get(subject, (0, now))
                fresh = count >= WRONG and now >= since + WAIT_SECONDS
                self._wrong[subject] = (1 if fresh else count + 1, now)

    def first_use(self, user: str, step: int) -> bool:
        """Whether this one-time password is newer than the last one that was taken (RFC 6238 clause 5.2)."""
        with self._lock:
            if step <= self._steps.get(user, -1):
                return False
            self._steps[user] = step
            return True


def _digest(value: str) -> str:
    return hashlib.sha256(value.encode("utf-8", "replace")).hexdigest()
