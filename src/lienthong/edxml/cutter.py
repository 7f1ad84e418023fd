"""Take the content of attachments out of a packet's bytes while they arrive, leaving a small *skeleton*.

libxml2 would keep each attachment as one text node in memory, several times over. So the markup is scanned
here, the text inside every ``ContentTransferEncoded`` element goes to a receiver in pieces, and in the
skeleton its place is taken by the attachment's ordinal. The skeleton is parsed by the one XML parser
afterwards; it must be well-formed and must have each ordinal exactly where an attachment's content belongs. A
packet that this scanner and the parser would see differently therefore fails instead of passing with two
meanings.

Source: XML 1.0 (fifth edition) productions 14–21 and 39–44 for what ends a piece of markup; exchange facts
§1.2.
"""

from __future__ import annotations

import re
from typing import Final, Protocol

from lienthong.base.errors import Refused
from lienthong.edxml.base64stream import NotBase64
from lienthong.edxml.errors import EDXML_BASE64, EDXML_DOCTYPE, EDXML_NOT_XML, EDXML_TOO_DEEP
from lienthong.edxml.guard import count_receivers, refuse_other_encodings, too_large
from lienthong.edxml.limits import Limits
from lienthong.edxml.names import CONTENT_TAG

_START = re.compile(rb"<([^!?/>\s\"'=<][^\s/>\"'=<]*)([^\"'<>]*(?:(?:\"[^\"<]*\"|'[^'<]*')[^\"'<>]*)*)>")
_END = re.compile(rb"</([^\s<>]+)[ \t\r\n]*>")
_PLAIN = re.compile(rb"[^<]+")
_REFERENCE = re.compile(rb"&#(?:x([0-9A-Fa-f]{1,6})|([0-9]{1,7}));")
_SPECIAL: Final = ((b"<!--", b"-->"), (b"<![CDATA[", b"]]>"), (b"<?", b"?>"))
_SLICE: Final = 256 * 1024
_LONGEST_REFERENCE: Final = 10
_CONTENT: Final = CONTENT_TAG.encode()


class ContentReceiver(Protocol):
    """Where the text of attachments goes."""

    def begin(self, ordinal: int, skeleton: bytes) -> None:
        """The content of an attachment starts; ``skeleton``: what has been read before, with open elements
        closed.
        """
        ...

    def text(self, piece: bytes) -> None:
        """A piece of its Base64 text."""
        ...

    def end(self) -> None:
        """It is complete."""
        ...


class ContentCutter:
    """A push scanner: feed bytes in any pieces, then close and take the skeleton.

    States: markup -> inside content -> markup … -> closed. Memory: the skeleton, one slice, one piece of
    markup.
    """

    def __init__(self, receiver: ContentReceiver, limits: Limits) -> None:
        self._receiver = receiver
        self._limits = limits
        self._skeleton = bytearray()
        self._pending = b""
        self._wait_for = 0
        self._open: list[bytes] = []
        self._content: bytes | None = None
        self._in_cdata = False
        self._count = 0
        self._started = False
        self._rooted = False
        self._allowed = limits.header_bytes

    @property
    def count(self) -> int:
        """How many contents have begun."""
        return self._count

    def feed(self, data: bytes) -> None:
        for at in range(0, len(data), _SLICE):
            self._feed(data[at : at + _SLICE])

    def close(self) -> bytes:
        """The skeleton. Refuses EDXML_NOT_XML when the packet stops in the middle."""
        if not self._started:
            refuse_other_encodings(self._pending)
        if self._pending:
            self._scan(self._pending, last=True)
        if self._pending or self._content is not None or self._open:
            raise self._broken()
        return bytes(self._skeleton)

    def _feed(self, data: bytes) -> None:
        data = self._pending + data if self._pending else data
        if not self._started:
            if len(data) < 300:
                self._pending = data
                return
            refuse_other_encodings(data[:300])
            self._started = True
        if len(data) < self._wait_for:
            # An unfinished piece of markup is looked at again only when it has grown by a half: no quadratic
            # cost.
            self._pending = data
            return
        self._scan(data, last=False)

    def _scan(self, data: bytes, last: bool) -> None:
        at, end = 0, len(data)
        while at < end:
            step = self._content_step(data, at) if self._content is not None else self._markup_step(data, at, last)
            if step == at:
                break
            at = step
        self._pending = data[at:]
        kept = len(self._pending)
        if kept > self._limits.header_bytes:
            raise self._too_large()
        self._wait_for = kept + kept // 2 + 1 if kept > 64 else 0

    def _markup_step(self, data: bytes, at: int, last: bool) -> int:
        """The place after the next piece of markup or text; the same place when it is not complete yet."""
        if data[at] != 0x3C:
            end = data.find(b"<", at)
            return self._keep(data, at, end if end >= 0 else len(data))
        if found := _END.match(data, at):
            if not self._open or self._open.pop() != found[1]:
                raise self._broken()
            return self._keep(data, at, found.end())
        if found := _START.match(data, at):
            return self._start_tag(found, data, at)
        for opening, closing in _SPECIAL:
            if data.startswith(opening, at):
                end = data.find(closing, at + len(opening))
                return at if end < 0 else self._keep(data, at, end + len(closing))
        if data.startswith(b"<!DOCTYPE", at) and not self._rooted:
            raise Refused(EDXML_DOCTYPE)
        if last or (len(data) - at > 9 and data.startswith(b"<!", at)):
            raise self._broken()
        return at

    def _start_tag(self, found: re.Match[bytes], data: bytes, at: int) -> int:
        name, end = found[1], found.end()
        self._rooted = True
        if found[2].endswith(b"/"):
            return self._keep(data, at, end)
        if len(self._open) >= self._limits.depth:
            raise Refused(EDXML_TOO_DEEP, limit=self._limits.depth)
        self._open.append(name)
        self._keep(data, at, end)
        if name.rpartition(b":")[2] == _CONTENT:
            self._begin(name)
        return end

    def _begin(self, name: bytes) -> None:
        if self._count >= self._limits.attachments:
            raise too_large("số tệp đính kèm", "the number of attachments", str(self._limits.attachments))
        closing = b"".join(b"</%b>" % tag for tag in reversed(self._open))
        self._receiver.begin(self._count, bytes(self._skeleton) + closing if self._count == 0 else b"")
        self._skeleton += b"%d" % self._count
        self._count += 1
        self._content = name
        self._in_cdata = False

    def _content_step(self, data: bytes, at: int) -> int:
        """Give away the text up to the next markup; then leave, keep a comment, enter or leave CDATA."""
        if self._in_cdata:
            return self._cdata_step(data, at)
        if data[at] != 0x3C:
            end = data.find(b"<", at)
            return self._give(data, at, end if end >= 0 else len(data), complete=end >= 0)
        if found := _END.match(data, at):
            if found[1] != self._content:
                raise self._broken()
            self._content = None
            self._open.pop()
            self._receive_end()
            return self._keep(data, at, found.end())
        if data.startswith(b"<![CDATA[", at):
            self._in_cdata = True
            return at + 9
        if data.startswith(b"<!--", at):
            end = data.find(b"-->", at + 4)
            # Kept, so that the parser judges it: what it would refuse must not pass only by standing here.
            return at if end < 0 else self._keep(data, at, end + 3)
        rest = data[at : at + 9]
        if rest.startswith(b"</") or b"<![CDATA[".startswith(rest) or b"<!--".startswith(rest):
            return at
        raise self._not_base64()

    def _cdata_step(self, data: bytes, at: int) -> int:
        end = data.find(b"]]>", at)
        if end == at:
            self._in_cdata = False
            return at + 3
        if end < 0:
            end = max(at, len(data) - 2)
            if end == at:
                return at
        self._receive_text(data[at:end])
        return end

    def _give(self, data: bytes, at: int, end: int, complete: bool) -> int:
        """Text of the content; character references such as ``&#13;`` are put into their places."""
        piece = data[at:end]
        if b"&" in piece:
            cut = piece.rfind(b"&")
            if not complete and b";" not in piece[cut:] and len(piece) - cut < _LONGEST_REFERENCE:
                piece, end = piece[:cut], at + cut
            piece = _REFERENCE.sub(self._character, piece)
        if piece:
            self._receive_text(piece)
        return end

    def _character(self, found: re.Match[bytes]) -> bytes:
        code = int(found[1], 16) if found[1] else int(found[2])
        if code > 0x7E:
            raise self._not_base64()
        return bytes((code,))

    def _receive_text(self, piece: bytes) -> None:
        try:
            self._receiver.text(piece)
        except NotBase64:
            raise self._not_base64() from None

    def _receive_end(self) -> None:
        try:
            self._receiver.end()
        except NotBase64:
            raise self._not_base64() from None

    def _keep(self, data: bytes, at: int, end: int) -> int:
        """Put markup into the skeleton, whose size is bounded like that of a header."""
        self._skeleton += data[at:end]
        if len(self._skeleton) > self._allowed:
            self._allowed = self._limits.header_allowance(count_receivers(bytes(self._skeleton)))
            if len(self._skeleton) > self._allowed:
                raise self._too_large()
        return end

    def _too_large(self) -> Refused:
        return too_large("phần thông tin của gói tin", "the header of the packet", f"{self._limits.header_bytes} byte")

    def _broken(self) -> Refused:
        return Refused(EDXML_NOT_XML, line=self._skeleton.count(b"\n") + 1)

    def _not_base64(self) -> Refused:
        return Refused(EDXML_BASE64, nth=self._count)
