"""Where webhooks may go: only addresses that the configuration lists."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

from lienthong.connector.local.errors import WEBHOOK_NOT_ANSWERED, WEBHOOK_TARGET_NOT_ALLOWED
from lienthong.infra import webhooks
from lienthong.infra.webhooks import Address, Codes, Network, Pinned

CODES = Codes(WEBHOOK_TARGET_NOT_ALLOWED, WEBHOOK_NOT_ANSWERED)


class Targets:
    """The networks of the configuration: ``127.0.0.0/8``, ``10.1.2.3``, ``fd00::/8``."""

    def __init__(self, networks: Sequence[str]) -> None:
        self._networks: tuple[Network, ...] = tuple(ipaddress.ip_network(each, strict=False) for each in networks)

    def pin(self, url: str) -> Pinned:
        """The address that a URL leads to now. Refuses WEBHOOK_TARGET_NOT_ALLOWED, WEBHOOK_NOT_ANSWERED."""
        return webhooks.pin(url, self._objection, CODES)

    def _objection(self, _: str, address: Address) -> str:
        if address.is_unspecified or address.is_multicast or not webhooks.listed(address, self._networks):
            return f"{address} không có trong danh sách (not listed)"
        return ""
