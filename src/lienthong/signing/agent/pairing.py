"""Who may talk to the agent: a code that changes at each start and is shown only on this computer.

The same code signs the official's browser in to the pages (a cookie) and pairs software (a token, bound to the origin
that asked). Neither survives the agent; of both only digests are held.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
from collections import OrderedDict
from dataclasses import dataclass

from lienthong.base.errors import Refused
from lienthong.signing.agent.errors import AGENT_CODE_WRONG, AGENT_PAIRING_CLOSED

COOKIE = "lienthong_sign"
TRIES = 20
"""Wrong codes in one run before the agent takes no more: 40 random bits are not guessed in so few."""
AT_MOST = 50
_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class Paired:
    """Software or a browser that brought the code. ``origin``: whom a token is bound to, empty for programs.

    ``form_word``: goes into every form of a browser and is compared when it comes back.
    """

    origin: str
    form_word: str

    def made(self, word: str) -> bool:
        """Whether a form carries this session's word."""
        return hmac.compare_digest(self.form_word.encode(), word.encode("utf-8", "replace"))


class Pairing:
    """The code of one run and whoever brought it."""

    def __init__(self) -> None:
        self.code = "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(2))
        self._lock = threading.Lock()
        self._wrong = 0
        self._tokens: OrderedDict[str, Paired] = OrderedDict()
        self._cookies: OrderedDict[str, Paired] = OrderedDict()

    def pair(self, code: str, origin: str) -> str:
        """A token for software of this origin. Refuses AGENT_CODE_WRONG, AGENT_PAIRING_CLOSED."""
        return self._enter(code, origin, self._tokens)

    def sign_in(self, code: str) -> str:
        """A cookie for the official's browser. Refuses as :meth:`pair`."""
        return self._enter(code, "", self._cookies)

    def software(self, token: str, origin: str) -> Paired | None:
        """Who holds a token; another origin's token is nobody's."""
        found = self._find(token, self._tokens)
        return found if found is not None and found.origin == origin else None

    def browser(self, cookie: str | None) -> Paired | None:
        """Who holds a cookie."""
        return self._find(cookie or "", self._cookies)

    def sign_out(self, cookie: str | None) -> None:
        """Forget a browser."""
        with self._lock:
            self._cookies.pop(_digest(cookie or ""), None)

    def _enter(self, code: str, origin: str, held: OrderedDict[str, Paired]) -> str:
        given = code.strip().upper().replace(" ", "").replace("-", "")
        with self._lock:
            if self._wrong >= TRIES:
                raise Refused(AGENT_PAIRING_CLOSED)
            if not hmac.compare_digest(given.encode("utf-8", "replace"), self.code.replace("-", "").encode()):
                self._wrong += 1
                raise Refused(AGENT_CODE_WRONG)
            made = secrets.token_urlsafe(32)
            held[_digest(made)] = Paired(origin, secrets.token_urlsafe(24))
            while len(held) > AT_MOST:
                held.popitem(last=False)
            return made

    def _find(self, value: str, held: OrderedDict[str, Paired]) -> Paired | None:
        with self._lock:
            return held.get(_digest(value))


def _digest(value: str) -> str:
    return hashlib.sha256(value.encode("utf-8", "replace")).hexdigest()
