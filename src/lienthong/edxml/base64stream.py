"""Base64 text to bytes, piece by piece, strictly.

Blanks are ignored as RFC 2045 asks and writers need; every other character outside the standard alphabet,
padding in the middle and an incomplete last group are refused, because a guess would change a signed file.

Source: RFC 4648 clause 4 and 3.3; exchange facts §1.2 (``ContentTransferEncoded``).
"""

from __future__ import annotations

import binascii

_BLANKS = b" \t\r\n"


class NotBase64(ValueError):
    """The text is not Base64 of the standard alphabet."""


class Base64Decoder:
    """Decodes one text given in pieces of any length."""

    __slots__ = ("_ended", "_rest")

    def __init__(self) -> None:
        self._rest = b""
        self._ended = False

    def feed(self, text: bytes) -> bytes:
        """The bytes that are complete so far; up to three characters are kept for the next piece."""
        text = self._rest + text.translate(None, _BLANKS)
        whole = len(text) & ~3
        self._rest = text[whole:]
        if not whole:
            return b""
        if self._ended:
            raise NotBase64("characters after the padding")
        self._ended = text[whole - 1] == 0x3D
        try:
            return binascii.a2b_base64(memoryview(text)[:whole], strict_mode=True)
        except binascii.Error as error:
            raise NotBase64(str(error)) from None

    def close(self) -> None:
        """Nothing may be left over."""
        if self._rest:
            raise NotBase64("the last group is incomplete")
