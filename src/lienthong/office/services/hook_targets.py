"""Where webhooks may go, checked on the very address that is called.

``https`` to public addresses; plain ``http`` only to this machine. Private addresses (closed networks are private) only
when the operator's ``webhook_targets`` lists them. A name is resolved once and every address it has must be allowed;
the connection then goes to that address, so that a name cannot lead elsewhere a moment later.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx

from lienthong.base.errors import Refused
from lienthong.base.text import one_line
from lienthong.office.errors import HOOK_NOT_ANSWERED, HOOK_TARGET_NOT_ALLOWED
from lienthong.webkit.site.configure import site

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
LONGEST = 500
THIS_MACHINE = ("127.0.0.0/8", "::1/128")


@dataclass(frozen=True, slots=True)
class Pinned:
    """One address to call: ``url`` with the number in place of the name, ``host`` for the header, ``name`` for TLS."""

    url: str
    host: str
    name: str


def pin(url: str, networks: Sequence[str] | None = None, longest: int = LONGEST) -> Pinned:
    """The address that a URL leads to now. ``networks``: the configured ones when None. ``longest``: in characters.

    Refuses HOOK_TARGET_NOT_ALLOWED, HOOK_NOT_ANSWERED (unknown host).
    """
    listed = networks if networks is not None else site().context.get("webhook_targets", THIS_MACHINE)
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        raise Refused(HOOK_TARGET_NOT_ALLOWED, why="địa chỉ không đúng dạng (malformed)") from None
    name = parts.hostname or ""
    odd = parts.username is not None or parts.password is not None or parts.fragment or not url.isascii()
    if parts.scheme not in {"http", "https"} or not name or odd or len(url) > longest or not url.isprintable():
        raise Refused(HOOK_TARGET_NOT_ALLOWED, why="cần https://máy/… không kèm tài khoản (plain https)")
    found = _resolve(name, port)
    for address in found:
        _require(address, parts.scheme, listed)
    shown = f"[{found[0]}]" if found[0].version == 6 else str(found[0])
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Pinned(f"{parts.scheme}://{shown}:{port}{path}", parts.netloc, name)


def call(
    pinned: Pinned, headers: Mapping[str, str], body: bytes, trust: ssl.SSLContext | bool, timeout: float
) -> httpx.Response:
    """POST to a pinned address and give the head of the answer; the rest is not read. Refuses HOOK_NOT_ANSWERED."""
    try:
        # An environment's proxy would call on our behalf whatever it likes; a certificate is checked as usual.
        with httpx.Client(trust_env=False, follow_redirects=False, timeout=timeout, verify=trust) as client:
            request = client.build_request(
                "POST", pinned.url, content=body, headers={**headers, "host": pinned.host},
                extensions={"sni_hostname": pinned.name},
            )  # fmt: skip
            response = client.send(request, stream=True)
            response.close()
    except httpx.HTTPError as error:
        raise Refused(HOOK_NOT_ANSWERED, why=one_line(str(error) or type(error).__name__, 120)) from error
    return response


def _require(address: Address, scheme: str, listed: Sequence[str]) -> None:
    plain = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped else address
    if scheme == "http" and not plain.is_loopback:
        raise Refused(HOOK_TARGET_NOT_ALLOWED, why="ngoài máy này phải dùng https (https beyond this machine)")
    if plain.is_unspecified or plain.is_multicast or plain.is_reserved or plain.is_link_local:
        raise Refused(HOOK_TARGET_NOT_ALLOWED, why=f"{plain}")
    networks = [ipaddress.ip_network(each, strict=False) for each in listed]
    if not plain.is_global and not any(plain.version == each.version and plain in each for each in networks):
        raise Refused(HOOK_TARGET_NOT_ALLOWED, why=f"{plain} không có trong danh sách (not listed)")


def _resolve(name: str, port: int) -> list[Address]:
    try:
        rows = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    except (OSError, UnicodeError) as error:
        raise Refused(HOOK_NOT_ANSWERED, why=f"không tìm thấy máy {one_line(name, 60)} (unknown host)") from error
    return [ipaddress.ip_address(str(row[4][0]).partition("%")[0]) for row in rows]
