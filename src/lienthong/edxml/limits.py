"""How much a packet may hold before it is refused without being read further.

The regulation fixes no limits (exchange facts §7 item 6), so all are settings; the defaults are generous for
real packets, whose header has about 5 KB, and small enough to cost an attacked axis nothing.

Source: project decision; defensive rules of exchange facts §1.2 ("Body and attachments").
"""

from __future__ import annotations

from dataclasses import dataclass

KIB = 1024
GIB = 1024 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Upper bounds of one packet; sizes in bytes, counts in pieces.

    ``header_bytes``/``elements``: everything but the content of attachments, *plus* for each receiver
    ``header_bytes_per_receiver``/``elements_per_receiver``: a document to every commune of the country has a
    long and honest header. ``packet_bytes``: the whole packet, attachments in Base64 included. ``zip_ratio``:
    expanded to compressed size, looked at from ``zip_ratio_floor`` expanded bytes on.
    ``problems``: findings reported at most; more add nothing.
    """

    header_bytes: int = 256 * KIB
    header_bytes_per_receiver: int = KIB
    depth: int = 32
    elements: int = 20_000
    elements_per_receiver: int = 10
    receivers: int = 10_000
    attachments: int = 200
    attachment_bytes: int = 2 * GIB
    attachments_bytes: int = 4 * GIB
    packet_bytes: int = 6 * GIB
    zip_ratio: int = 250
    zip_ratio_floor: int = KIB * KIB
    zip_entries: int = 1
    zip_bytes: int = 2 * GIB
    problems: int = 200

    def header_allowance(self, receivers: int) -> int:
        """Bytes that a header with so many receivers may have."""
        return self.header_bytes + self.header_bytes_per_receiver * min(receivers, self.receivers)

    def element_allowance(self, receivers: int) -> int:
        """Elements that a header with so many receivers may have."""
        return self.elements + self.elements_per_receiver * min(receivers, self.receivers)


DEFAULT = Limits()
