"""Who is signed in to the pages: a random cookie for a token, and a word that every form must bring back."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
from collections import OrderedDict
from dataclasses import dataclass

from lienthong.connector.local.tokens import Token, Tokens

COOKIE = "lienthong_local"
KEPT_SECONDS = 12 * 3600.0
AT_MOST = 200


@dataclass(frozen=True, slots=True)
class Session:
    """One browser that is signed in. ``form_word``: goes into every form and is compared when it comes back."""

    token: Token
    form_word: str

    def made(self, word: str) -> bool:
        """Whether a form carries this session's word."""
        return hmac.compare_digest(self.form_word.encode(), word.encode("utf-8", "replace"))


class Sessions:
    """The sessions of one process; a restart ends them. The cookie itself is not kept, only its digest."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self._lock = threading.Lock()
        self._held: OrderedDict[str, tuple[str, str, float]] = OrderedDict()

    def begin(self, token: Token, now: float) -> str:
        """Sign a browser in; the cookie's value. ``now``: monotonic seconds, here and below."""
        value = secrets.token_urlsafe(32)
        with self._lock:
            self._held[_name(value)] = (token.sha256, secrets.token_urlsafe(24), now + KEPT_SECONDS)
            while len(self._held) > AT_MOST:
                self._held.popitem(last=False)
        return value

    def find(self, value: str | None, now: float) -> Session | None:
        """The session of a cookie, while it and its token last."""
        if not value:
            return None
        with self._lock:
            held = self._held.get(_name(value))
        if held is None or held[2] < now:
            return None
        token = self._tokens.by_digest(held[0])
        return Session(token, held[1]) if token is not None else None

    def end(self, value: str | None) -> None:
        """Sign out."""
        with self._lock:
            self._held.pop(_name(value or ""), None)


def _name(value: str) -> str:
    return hashlib.sha256(value.encode("utf-8", "replace")).hexdigest()
