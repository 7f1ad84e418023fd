"""Under which name passkeys of this installation are made: a browser binds each to one host name for ever."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.http import HttpRequest

from lienthong.webkit.site.configure import site


@dataclass(frozen=True, slots=True)
class Party:
    """The relying party (WebAuthn §5.4.2). ``name``: its host; ``origin``: scheme, host and port of its pages."""

    name: str
    origin: str


def party_of(request: HttpRequest) -> Party | None:
    """The installation as a relying party; None where browsers make no passkeys: under a bare IP address.

    The configured address decides. Only an installation without one, on a single machine, takes the name by which it
    was just called (one of its allowed hosts).
    """
    address = site().public_url or f"{request.scheme}://{request.get_host()}"
    parts = urlsplit(address)
    name = parts.hostname or ""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        usable = bool(name) and (parts.scheme == "https" or name == "localhost")
        return Party(name, f"{parts.scheme}://{parts.netloc}") if usable else None
    return None
