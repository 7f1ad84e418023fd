"""Submissions of the native protocol that the client library would not make: a whole file as the only part."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from lienthong.base.ids import AgencyCode, DocumentId
from lienthong.connector import compose
from lienthong.connector.bodies import Body
from lienthong.connector.client import Client
from lienthong.connector.spool import measure
from lienthong.trust import jws
from lienthong.wire.envelope import TYP, Envelope, Kind, Part, Role, encode_envelope
from lienthong.wire.packet import content_type, write_packet

_BOUNDARY = "lienthong-conformance"


def submit(
    client: Client, to: Sequence[str], about: DocumentId, raw: bytes, kind: Kind, role: Role = Role.PACKET
) -> Envelope:
    """Submit one file as the only part of an envelope; the envelope. Raises AxisRefused."""
    size, digest = measure(raw)
    part = Part(role, "packet", "goi-tin.edxml", "application/xml", size, digest)
    made = compose.make_envelope(
        kind=kind, sender=AgencyCode(client.agency), recipients=to, about=about, header=raw, now=datetime.now(UTC)
    )
    envelope = replace(made, parts=(part,))
    token = jws.sign(encode_envelope(envelope), client.connection.signer, TYP)
    whole = b"".join(write_packet(_BOUNDARY, token, [(0, part)], lambda _: [raw]))
    body = Body(content_type(_BOUNDARY), len(whole), hashlib.sha256(whole).digest(), lambda: iter((whole,)))
    client.connection.request("POST", "/v1/envelopes", body=body)
    return envelope
