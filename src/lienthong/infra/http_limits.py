"""Limits of an HTTP edge: how slow, how large and how often a peer may be. Policy only: no socket, no clock.

A patient attacker holds connections with headers that never end or a body of one byte a second (slow-loris). The edge
asks these objects after each piece of input and closes the connection when they refuse.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from dataclasses import dataclass

from lienthong.base.errors import Refused
from lienthong.infra.errors import BLOB_TOO_LARGE, BODY_TOO_SLOW, TOO_MANY_REQUESTS


@dataclass(frozen=True, slots=True)
class HttpLimits:
    """What one connection may cost. Sizes in bytes, times in seconds, rates in bytes a second.

    ``head_bytes``: request line and headers together. ``large_head_bytes``: the same below ``large_heads_below``, where
    a client names thousands of recipients in headers; ``large_heads``: how many such heads may be in memory at one
    time, so that strangers cannot fill it. ``head_seconds``: from the first byte to the end of the head.
    ``idle_seconds``: a kept connection without a request. ``body_rate``: least average speed of a body once
    ``body_grace`` seconds are over. ``body_pause``: longest silence inside a body. ``linger_seconds``,
    ``linger_bytes``: how long, and how much of, a body is thrown away after its request was answered, and
    ``linger_pause`` the longest silence in it. Hanging up at once would destroy the answer on its way to clients that
    read only when they have sent everything; the national SDK is one, and no copy of it can send 200 MB (exchange
    facts §2.1).
    """

    head_bytes: int = 64 * 1024
    large_head_bytes: int = 256 * 1024
    large_heads_below: tuple[bytes, ...] = ()
    large_heads: int = 64
    head_seconds: float = 15.0
    idle_seconds: float = 75.0
    body_rate: float = 1024.0
    body_grace: float = 20.0
    body_pause: float = 30.0
    linger_seconds: float = 30.0
    linger_pause: float = 5.0
    linger_bytes: int = 256 << 20
    concurrency: int = 4096
    stop_seconds: float = 30.0

    def head_limit(self, target: bytes) -> int:
        """Bytes that the head of a request for ``target`` may have."""
        large = any(target.startswith(prefix) for prefix in self.large_heads_below)
        return self.large_head_bytes if large else self.head_bytes

    def uvicorn_options(self) -> dict[str, int]:
        """The part of the limits that the server itself enforces, by the names of its options."""
        return {
            "h11_max_incomplete_event_size": self.head_bytes,
            "timeout_keep_alive": round(self.idle_seconds),
            "limit_concurrency": self.concurrency,
            "timeout_graceful_shutdown": round(self.stop_seconds),
        }


class BodyWatch:
    """Follows one request body. ``started`` and every ``now`` come from the same monotonic clock, in seconds."""

    def __init__(self, limits: HttpLimits, started: float, at_most: int | None = None) -> None:
        self._limits, self._started, self._last, self._at_most = limits, started, started, at_most
        self.size = 0

    def took(self, size: int, now: float) -> None:
        """A piece of the body came. Refuses: BLOB_TOO_LARGE, BODY_TOO_SLOW."""
        self.size += size
        if self._at_most is not None and self.size > self._at_most:
            raise Refused(BLOB_TOO_LARGE, limit=self._at_most)
        if now - self._last > self._limits.body_pause or now > self._due():
            raise Refused(BODY_TOO_SLOW)
        self._last = now

    def patience(self, now: float) -> float:
        """Seconds to wait for the next piece before giving up; zero means now."""
        return max(0.0, min(self._last + self._limits.body_pause, self._due()) - now)

    def _due(self) -> float:
        """The instant by which more than the present size must have come."""
        return self._started + self._limits.body_grace + self.size / self._limits.body_rate


class RateLimiter:
    """A token bucket for each key: ``burst`` at once, ``per_second`` sustained. Bounded in memory.

    When more than ``at_most`` keys are in use the one that was idle longest is forgotten, which can only make the
    limiter milder.
    """

    def __init__(self, per_second: float, burst: int, at_most: int = 100_000) -> None:
        if per_second <= 0 or burst < 1:
            raise ValueError("a rate is positive and a burst at least one")
        self._rate, self._burst, self._at_most = per_second, burst, at_most
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, key: str, now: float, cost: float = 1.0) -> None:
        """Spend ``cost`` tokens of a key. Refuses: TOO_MANY_REQUESTS with ``seconds`` for Retry-After."""
        tokens, since = self._buckets.get(key, (float(self._burst), now))
        # A clock that jumps back must neither give tokens nor take them.
        tokens = min(float(self._burst), tokens + max(0.0, now - since) * self._rate)
        wanted = min(cost, float(self._burst))
        if tokens < wanted:
            self._remember(key, tokens, now)
            raise Refused(TOO_MANY_REQUESTS, seconds=max(1, math.ceil((wanted - tokens) / self._rate)))
        self._remember(key, tokens - wanted, now)

    def __len__(self) -> int:
        return len(self._buckets)

    def _remember(self, key: str, tokens: float, now: float) -> None:
        self._buckets[key] = (tokens, now)
        self._buckets.move_to_end(key)
        if len(self._buckets) > self._at_most:
            self._buckets.popitem(last=False)
