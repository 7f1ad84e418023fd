"""Where webhooks may go: only addresses that the configuration lists, checked on the very address that is called.

A name is resolved once, every address it has must be allowed, and the connection goes to that address, so that a name
cannot lead elsewhere a moment later; redirects are not followed and no proxy is asked.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from lienthong.base.errors import Refused
from lienthong.base.text import one_line
from lienthong.connector.local.errors import WEBHOOK_NOT_ANSWERED, WEBHOOK_TARGET_NOT_ALLOWED

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Pinned:
    """One address to call: ``url`` with the number in place of the name, ``host`` for the header, ``name`` for TLS."""

    url: str
    host: str
    name: str


class Targets:
    """The networks of the configuration: ``127.0.0.0/8``, ``10.1.2.3``, ``fd00::/8``."""

    def __init__(self, networks: Sequence[str]) -> None:
        self._networks: tuple[Network, ...] = tuple(ipaddress.ip_network(each, strict=False) for each in networks)

    def pin(self, url: str) -> Pinned:
        """The address that a URL leads to now. Refuses WEBHOOK_TARGET_NOT_ALLOWED, WEBHOOK_NOT_ANSWERED."""
        try:
            parts = urlsplit(url)
            port = parts.port or (443 if parts.scheme == "https" else 80)
        except ValueError:
            raise Refused(WEBHOOK_TARGET_NOT_ALLOWED, why="địa chỉ không đúng dạng (malformed)") from None
        name = parts.hostname or ""
        odd = parts.username is not None or parts.password is not None or parts.fragment or not url.isascii()
        if parts.scheme not in {"http", "https"} or not name or odd or len(url) > 500:
            raise Refused(
                WEBHOOK_TARGET_NOT_ALLOWED, why="cần http(s)://máy/… không kèm tài khoản (plain http or https)"
            )
        found = _resolve(name, port)
        for address in found:
            self._require(address)
        shown = f"[{found[0]}]" if found[0].version == 6 else str(found[0])
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        host = parts.netloc
        return Pinned(f"{parts.scheme}://{shown}:{port}{path}", host, name)

    def _require(self, address: Address) -> None:
        plain = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped else address
        allowed = any(plain.version == each.version and plain in each for each in self._networks)
        if not allowed or plain.is_unspecified or plain.is_multicast:
            raise Refused(WEBHOOK_TARGET_NOT_ALLOWED, why=f"{plain} không có trong danh sách (not listed)")


def _resolve(name: str, port: int) -> list[Address]:
    try:
        rows = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    except (OSError, UnicodeError) as error:
        raise Refused(WEBHOOK_NOT_ANSWERED, why=f"không tìm thấy máy {one_line(name, 60)} (unknown host)") from error
    return [ipaddress.ip_address(str(row[4][0]).partition("%")[0]) for row in rows]
