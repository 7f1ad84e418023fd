"""The content of ``sendEdoc``: raw bytes with one CRLF behind them, and the two written forms of their digest.

Source: exchange facts §2.1, "Body", rule 7.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hashlib import _Hash as Hash

END = b"\r\n"


def unpadded(digest: bytes) -> str:
    """A digest as the vendor's library writes it: bytes below 16 have one digit, so it may be shorter than 64."""
    return "".join(f"{byte:x}" for byte in digest)


def fits(written: str, digest: bytes) -> bool:
    """Whether ``hash-file`` is this digest, in the correct form or in the library's."""
    return written.lower() in {digest.hex(), unpadded(digest)}


class ContentTail:
    """Passes a body on but for its last two bytes, which may be the library's CRLF or belong to the file.

    ``hashed``: a hash of all that was passed on, so that nobody hashes it twice. States: open -> decided by
    :meth:`close`.
    """

    def __init__(self, take: Callable[[bytes], object], hashed: Callable[[], Hash]) -> None:
        self._take, self._hashed = take, hashed
        self._held = b""

    def feed(self, data: bytes) -> None:
        """The next bytes of the body."""
        data = self._held + data
        cut = max(0, len(data) - len(END))
        self._held = data[cut:]
        if cut:
            self._take(data[:cut])

    def close(self, hash_file: str) -> bool:
        """The body has ended: strip exactly one CRLF, unless only the whole body fits ``hash_file``.

        Gives whether the digest fits. An empty ``hash_file`` fits nothing.
        """
        passed = self._hashed()
        whole = passed.copy()
        whole.update(self._held)
        bare = passed.digest() if self._held == END else whole.digest()
        if fits(hash_file, bare) or not fits(hash_file, whole.digest()):
            if self._held != END:
                self._take(self._held)
            return fits(hash_file, bare)
        self._take(self._held)
        return True
