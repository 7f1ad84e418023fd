"""Who calls: the signature of the request, its nonce, and the calling system's quota. Source: PR-NATIVE §3."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from datetime import datetime

from starlette.types import Scope

from lienthong.base.errors import Refused
from lienthong.directory.model import System
from lienthong.exchange.errors import AXIS_BUSY, NONCE_REPLAYED
from lienthong.exchange.service.context import AxisContext
from lienthong.exchange.service.keyring import find_key, require_owner
from lienthong.infra.http_limits import RateLimiter
from lienthong.trust.errors import HTTP_SIGNATURE_OUT_OF_TIME
from lienthong.trust.http_signature import (
    REQUIRED_WITH_CONTENT,
    REQUIRED_WITHOUT_CONTENT,
    Headers,
    verify_request,
)

MAX_AGE = 300
"""Seconds by which ``created`` may differ from the axis's clock, either way."""

NONCES = 1_000_000
_CREATED = re.compile(rb";\s*created=([0-9]{1,12})")


@dataclass(frozen=True, slots=True)
class Caller:
    """The system that signed a request. ``content_digest``: the covered header, still to be compared."""

    system: System
    key_id: str
    content_digest: str | None


class NonceMemory:
    """Nonces taken in the last minutes. Only nonces of verified requests get in, so strangers cannot fill it.

    Two generations: the elder is dropped when every nonce in it is too old to be valid again. One memory a process:
    a copy sent to another node of the axis meets idempotent verbs there.
    """

    def __init__(self, keep: float = 2 * MAX_AGE, at_most: int = NONCES) -> None:
        self._keep, self._at_most = keep, at_most
        self._young: set[tuple[str, str]] = set()
        self._old: set[tuple[str, str]] = set()
        self._began: float | None = None

    def take(self, key_id: str, nonce: str, now: float) -> None:
        """Use a nonce up; ``now`` is monotonic. Refuses NONCE_REPLAYED, and AXIS_BUSY when the memory is full."""
        if self._began is None or now - self._began >= self._keep:
            self._old, self._young, self._began = self._young, set(), now
        name = (key_id, nonce)
        if name in self._young or name in self._old:
            raise Refused(NONCE_REPLAYED)
        if len(self._young) >= self._at_most:
            raise Refused(AXIS_BUSY, seconds=30)
        self._young.add(name)


class Authenticator:
    """Authenticates requests of one process."""

    def __init__(self, ctx: AxisContext) -> None:
        self._ctx = ctx
        self._nonces = NonceMemory()
        self._quota = RateLimiter(ctx.limits.quota_per_second, ctx.limits.quota_burst)

    def authenticate(self, scope: Scope, has_content: bool) -> Caller:
        """The calling system.

        Refuses: what ``trust.http_signature`` refuses, KEY_REVOKED, SYSTEM_SUSPENDED, TOO_MANY_REQUESTS,
        NONCE_REPLAYED.
        """
        now = self._ctx.clock.now()
        state = self._ctx.directory.state
        headers: Headers = scope["headers"]
        try:
            verified = verify_request(
                scope["method"],
                scope["raw_path"],
                scope["query_string"],
                headers,
                REQUIRED_WITH_CONTENT if has_content else REQUIRED_WITHOUT_CONTENT,
                lambda key_id: find_key(state, key_id, now),
                int(now.timestamp()),
                MAX_AGE,
                skew=MAX_AGE,
            )
        except Refused as refusal:
            if refusal.code is HTTP_SIGNATURE_OUT_OF_TIME:
                raise _with_difference(refusal, headers, now) from refusal
            raise
        system = require_owner(state, verified.key_id)
        monotonic = time.monotonic()
        self._quota.take(system.system_id, monotonic)
        self._nonces.take(verified.key_id, verified.nonce, monotonic)
        return Caller(system, verified.key_id, verified.content_digest)


def _with_difference(refusal: Refused, headers: Headers, now: datetime) -> Refused:
    """The same refusal, saying by how much the clocks differ."""
    found = next((_CREATED.search(value) for name, value in headers if name == b"signature-input"), None)
    if found is None:
        return refusal
    off = int(found[1]) - int(now.timestamp())
    side = "ahead of" if off > 0 else "behind"
    return Refused(
        refusal.code, reason=f"{refusal.params.get('reason', '')}; {abs(off)} s {side} the axis, {MAX_AGE} s allowed"
    )
