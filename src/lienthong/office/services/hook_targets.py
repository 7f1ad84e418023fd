"""Where webhooks of the office may go: ``https`` to public addresses; plain ``http`` only to this machine.

Private addresses (closed networks are private) only when the operator's ``webhook_targets`` lists them.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

from lienthong.infra import webhooks
from lienthong.infra.webhooks import LONGEST, Address, Codes, Pinned
from lienthong.office.errors import HOOK_NOT_ANSWERED, HOOK_TARGET_NOT_ALLOWED
from lienthong.webkit.site.configure import site

CODES = Codes(HOOK_TARGET_NOT_ALLOWED, HOOK_NOT_ANSWERED)
THIS_MACHINE = ("127.0.0.0/8", "::1/128")


def pin(url: str, networks: Sequence[str] | None = None, longest: int = LONGEST) -> Pinned:
    """The address that a URL leads to now. ``networks``: the configured ones when None. ``longest``: in characters.

    Refuses HOOK_TARGET_NOT_ALLOWED, HOOK_NOT_ANSWERED (unknown host).
    """
    given = networks if networks is not None else site().context.get("webhook_targets", THIS_MACHINE)
    listed = [ipaddress.ip_network(each, strict=False) for each in given]

    def objection(scheme: str, address: Address) -> str:
        if scheme == "http" and not address.is_loopback:
            return "ngoài máy này phải dùng https (https beyond this machine)"
        if address.is_unspecified or address.is_multicast or address.is_reserved or address.is_link_local:
            return f"{address}"
        if not address.is_global and not webhooks.listed(address, listed):
            return f"{address} không có trong danh sách (not listed)"
        return ""

    return webhooks.pin(url, objection, CODES, longest)
