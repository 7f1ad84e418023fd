"""Signed calls to programs (báo tin có ký): the address that is checked is the one that is called.

A name is resolved once, every address it has must be allowed, and the connection goes to that address, so that a name
cannot lead elsewhere a moment later; redirects are not followed and no proxy is asked. Which addresses are allowed, and
when a call is made again, is each caller's own. Signature: Standard Webhooks.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import ipaddress
import socket
import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

import httpx

from lienthong.base.errors import ErrorCode, Refused
from lienthong.base.text import one_line
from lienthong.infra.outgoing_tls import public_authorities

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Objection = Callable[[str, Address], str]
"""Why an address may not be called with a scheme; empty when it may. One inside IPv6 comes as the IPv4 that it is."""

LONGEST = 500
TIMEOUT = 10.0
CLOUD_EVENT = "application/cloudevents+json"


@dataclass(frozen=True, slots=True)
class Codes:
    """The caller's own words for an address that it may not call, and for one where nobody heard. Both take ``why``."""

    not_allowed: ErrorCode
    not_answered: ErrorCode


@dataclass(frozen=True, slots=True)
class Pinned:
    """One address to call: ``url`` with the number in place of the name, ``host`` for the header, ``name`` for TLS."""

    url: str
    host: str
    name: str


def pin(url: str, objection: Objection, codes: Codes, longest: int = LONGEST) -> Pinned:
    """The address that a URL leads to now. ``longest``: in characters.

    Refuses both ``codes``: malformed or not allowed; the host is not known.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        raise Refused(codes.not_allowed, why="địa chỉ không đúng dạng (malformed)") from None
    name = parts.hostname or ""
    odd = parts.username is not None or parts.password is not None or parts.fragment or not url.isascii()
    if parts.scheme not in {"http", "https"} or not name or odd or len(url) > longest or not url.isprintable():
        raise Refused(codes.not_allowed, why="cần http(s)://máy/… không kèm tài khoản (plain http or https)")
    found = _resolve(name, port, codes)
    for address in found:
        if why := objection(parts.scheme, _plain(address)):
            raise Refused(codes.not_allowed, why=why)
    shown = f"[{found[0]}]" if found[0].version == 6 else str(found[0])
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Pinned(f"{parts.scheme}://{shown}:{port}{path}", parts.netloc, name)


def listed(address: Address, networks: Sequence[Network]) -> bool:
    """Whether an address lies in one of these networks."""
    return any(address.version == each.version and address in each for each in networks)


def signature(secrets: Sequence[bytes], id_: str, at: datetime, body: bytes) -> dict[str, str]:
    """The headers of a signed call: HMAC-SHA-256 over ``webhook-id.webhook-timestamp.body``, once for each secret."""
    seconds = str(int(at.timestamp()))
    signed = f"{id_}.{seconds}.".encode() + body
    made = [base64.b64encode(hmac.new(each, signed, hashlib.sha256).digest()).decode() for each in secrets]
    return {
        "webhook-id": id_, "webhook-timestamp": seconds, "webhook-signature": " ".join(f"v1,{each}" for each in made),
    }  # fmt: skip


def open_client(trust: ssl.SSLContext | None = None) -> httpx.Client:
    """The client of such calls. ``trust``: whom instead of the public authorities."""
    # An environment's proxy would call on our behalf whatever it likes; a certificate is checked as usual.
    return httpx.Client(trust_env=False, follow_redirects=False, timeout=TIMEOUT, verify=trust or public_authorities())


def call(client: httpx.Client, pinned: Pinned, headers: Mapping[str, str], body: bytes, codes: Codes) -> None:
    """Make one call; an answer of 2xx is heard. Refuses ``codes.not_answered``."""
    response = post(client, pinned, {**headers, "content-type": CLOUD_EVENT}, body, codes)
    if not 200 <= response.status_code < 300:
        raise Refused(codes.not_answered, why=f"HTTP {response.status_code}")


def post(
    client: httpx.Client, pinned: Pinned, headers: Mapping[str, str], body: bytes, codes: Codes
) -> httpx.Response:  # fmt: skip
    """The head of the answer, whatever it says; the rest is not read. Refuses ``codes.not_answered`` without one."""
    try:
        request = client.build_request(
            "POST", pinned.url, content=body, headers={**headers, "host": pinned.host},
            extensions={"sni_hostname": pinned.name},
        )  # fmt: skip
        response = client.send(request, stream=True)
        response.close()
    except httpx.HTTPError as error:
        raise Refused(codes.not_answered, why=one_line(str(error) or type(error).__name__, 120)) from error
    return response


def _plain(address: Address) -> Address:
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def _resolve(name: str, port: int, codes: Codes) -> list[Address]:
    try:
        rows = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    except (OSError, UnicodeError) as error:
        raise Refused(codes.not_answered, why=f"không tìm thấy máy {one_line(name, 60)} (unknown host)") from error
    return [ipaddress.ip_address(str(row[4][0]).partition("%")[0]) for row in rows]
