"""Which names a certificate is issued for, and the networks that the server may ask.

Source: RFC 8555 clause 7.1.4 (dns), RFC 8738 (ip), RFC 1123 clause 2.1, RFC 5890 clause 2.3.1.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from cryptography import x509

from lienthong.base.errors import Refused
from lienthong.base.text import one_line
from lienthong.signing.pki.acme.errors import ACME_IDENTIFIER_KIND_UNKNOWN, ACME_IDENTIFIER_REFUSED
from lienthong.signing.pki.acme.jws import malformed
from lienthong.signing.pki.acme.records import Identifier

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
PRIVATE = tuple(
    map(ip_network, ("127.0.0.0/8", "::1/128", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"))
)
"""This machine and the private ranges (RFC 1918, RFC 4193): where a closed network is."""
MAXIMUM = 50
"""Identifiers of one order."""
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


def is_allowed(address: Address, networks: Sequence[Network]) -> bool:
    """Whether an address lies in one of the networks; an IPv4 address inside an IPv6 one counts as what it is."""
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return any(address.version == each.version and address in each for each in networks)


def read_identifiers(found: object) -> tuple[Identifier, ...]:
    """Those of a new order, each once.

    Refuses: ACME_REQUEST_MALFORMED, ACME_IDENTIFIER_KIND_UNKNOWN, ACME_IDENTIFIER_REFUSED.
    """
    if not isinstance(found, list) or not 0 < len(found) <= MAXIMUM:
        raise malformed(f"identifiers: từ 1 đến {MAXIMUM}", f"identifiers: 1 to {MAXIMUM}")
    return tuple(dict.fromkeys(map(_read, found)))


def general_name(identifier: Identifier) -> x509.GeneralName:
    """As it stands in a certificate."""
    if identifier.kind == "ip":
        return x509.IPAddress(ip_address(identifier.value))
    return x509.DNSName(identifier.value)


def _read(found: object) -> Identifier:
    kind, value = (found.get("type"), found.get("value")) if isinstance(found, dict) else (None, None)
    if not isinstance(kind, str) or not isinstance(value, str):
        raise malformed("identifiers cần type và value", "identifiers need type and value")
    if kind not in {"dns", "ip"}:
        raise Refused(ACME_IDENTIFIER_KIND_UNKNOWN, kind=one_line(kind, 20))
    why = _fault_of_address(value) if kind == "ip" else _fault_of_name(value.lower())
    if why is not None:
        raise Refused(ACME_IDENTIFIER_REFUSED, value=one_line(value, 80), why=why)
    return Identifier(kind, value if kind == "ip" else value.lower())


def _fault_of_name(name: str) -> str | None:
    if "*" in name:
        return "không cấp cho tên đại diện (no wildcards)"
    labels = name.split(".")
    if len(name) > 253 or not all(_LABEL.fullmatch(each) for each in labels):
        return "không phải tên máy (not a host name)"
    # A name whose last label is a number is read as an address by programs.
    if labels[-1].isdigit() or re.fullmatch(r"0x[0-9a-f]*", labels[-1]):
        return "là địa chỉ, dùng loại “ip” (an address; use the kind “ip”)"
    return None


def _fault_of_address(text: str) -> str | None:
    try:
        address = ip_address(text)
    except ValueError:
        return "không phải địa chỉ IP (not an IP address)"
    if str(address) != text or "%" in text:
        return "địa chỉ không ở dạng chuẩn (the address is not in its canonical form)"
    if address.is_multicast or address.is_unspecified:
        return "không phải địa chỉ của một máy (not one machine's address)"
    return None
