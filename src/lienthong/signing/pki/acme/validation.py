"""The proof that a client controls a name: a file fetched from it over HTTP. Source: RFC 8555 clauses 8.1 and 8.3.

Strangers decide whom this server asks. So it asks inside the allowed networks only, looks the address up once and
connects to that very address, follows no redirect, sends nothing secret, reads little, and waits seconds.
"""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import ip_address

from lienthong.base.errors import Refused
from lienthong.base.text import one_line
from lienthong.signing.pki.acme.errors import (
    ACME_ADDRESS_NOT_ALLOWED,
    ACME_ANSWER_NOT_EXPECTED,
    ACME_HOST_NOT_FOUND,
    ACME_HOST_NOT_REACHED,
)
from lienthong.signing.pki.acme.identifiers import PRIVATE, Address, Network, is_allowed
from lienthong.signing.pki.acme.records import Identifier

PATH = "/.well-known/acme-challenge/"
MAXIMUM_BODY = 4 * 1024
MAXIMUM_HEAD = 8 * 1024
_STATUS = re.compile(rb"HTTP/1\.[01] ([1-5][0-9]{2})(?: [^\r\n]*)?")


def look_up(host: str) -> list[Address]:
    """The addresses of a host name by the machine's resolver, which sets the time that it takes. ``OSError``: none."""
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(ip_address(each[4][0]) for each in found))


@dataclass(frozen=True, slots=True)
class HttpCheck:
    """``port``: where clients answer, 80 by the RFC. ``seconds``: for connection, question and answer together."""

    networks: Sequence[Network] = PRIVATE
    port: int = 80
    seconds: float = 10.0
    look_up: Callable[[str], list[Address]] = look_up

    def require(self, identifier: Identifier, token: str, thumbprint: str) -> None:
        """Fetch the token's file, which must hold the key authorization (clause 8.1).

        Refuses: ACME_HOST_NOT_FOUND, ACME_ADDRESS_NOT_ALLOWED, ACME_HOST_NOT_REACHED, ACME_ANSWER_NOT_EXPECTED.
        """
        address = self._address(identifier)
        until = time.monotonic() + self.seconds
        try:
            with socket.create_connection((str(address), self.port), timeout=self.seconds) as connection:
                connection.sendall(self._question(identifier, token))
                status, body = _answer(connection, until, identifier)
        except OSError as error:
            why = "quá lâu (too slow)" if isinstance(error, TimeoutError) else one_line(error.strerror or "?", 60)
            raise Refused(
                ACME_HOST_NOT_REACHED, value=identifier.value, address=address, port=self.port, why=why
            ) from error
        if 300 <= status < 400:
            raise _not_expected(identifier, f"chuyển hướng, {status} (a redirect)")
        if status != 200:
            raise _not_expected(identifier, f"HTTP {status}")
        # Clause 8.3: white space at the end does not count.
        if body.rstrip() != f"{token}.{thumbprint}".encode("ascii"):
            raise _not_expected(identifier, "nội dung khác (another content)")

    def _address(self, identifier: Identifier) -> Address:
        """The first that may be asked; connected to as it is, so that a second look-up cannot give another."""
        if identifier.kind == "ip":
            found = [ip_address(identifier.value)]
        else:
            try:
                found = self.look_up(identifier.value)
            except (OSError, UnicodeError) as error:
                raise Refused(ACME_HOST_NOT_FOUND, value=identifier.value) from error
        if not found:
            raise Refused(ACME_HOST_NOT_FOUND, value=identifier.value)
        allowed = [each for each in found if is_allowed(each, self.networks)]
        if not allowed:
            raise Refused(ACME_ADDRESS_NOT_ALLOWED, value=identifier.value, address=found[0])
        return allowed[0]

    def _question(self, identifier: Identifier, token: str) -> bytes:
        host = f"[{identifier.value}]" if ":" in identifier.value else identifier.value
        if self.port != 80:
            host = f"{host}:{self.port}"
        # HTTP/1.0: the answer ends with the connection and is in one piece.
        head = f"GET {PATH}{token} HTTP/1.0\r\nHost: {host}\r\nUser-Agent: lienthong-acme\r\nConnection: close\r\n\r\n"
        return head.encode("ascii")


def _answer(connection: socket.socket, until: float, identifier: Identifier) -> tuple[int, bytes]:
    """Status and body. ``TimeoutError`` when it is not whole in time; refuses what is too large or no HTTP."""
    held = b""
    while True:
        head, found, body = held.partition(b"\r\n\r\n")
        if len(body) > MAXIMUM_BODY or (not found and len(held) > MAXIMUM_HEAD):
            raise _not_expected(identifier, f"quá {MAXIMUM_BODY} byte (too large)")
        length = _length(head) if found else None
        if length is not None and len(body) >= length:
            return _status(head, identifier), body[:length]
        left = until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        connection.settimeout(left)
        piece = connection.recv(4096)
        if not piece:
            if not found or length is not None:
                raise _not_expected(identifier, "câu trả lời cụt (the answer is cut off)")
            return _status(head, identifier), body
        held += piece


def _status(head: bytes, identifier: Identifier) -> int:
    found = _STATUS.fullmatch(head.partition(b"\r\n")[0])
    if found is None or b"\r\ntransfer-encoding:" in head.lower():
        raise _not_expected(identifier, "không phải HTTP/1 đơn giản (not plain HTTP/1)")
    return int(found[1])


def _length(head: bytes) -> int | None:
    found = re.search(rb"\r\ncontent-length:[ \t]*([0-9]{1,9})[ \t]*(?:\r\n|$)", head, re.IGNORECASE)
    return int(found[1]) if found else None


def _not_expected(identifier: Identifier, why: str) -> Refused:
    return Refused(ACME_ANSWER_NOT_EXPECTED, value=identifier.value, why=why)
