"""One recipient's system, one request at a time: for measurements where the client's own cost does not matter."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from bench._axis import Axis
from bench._bodies import Party
from bench._run import Failed

from lienthong.base.ids import AgencyCode, DeliveryId, EnvelopeId
from lienthong.connector.bodies import bytes_body
from lienthong.connector.http import AxisConnection
from lienthong.trust import jws
from lienthong.wire import envelope
from lienthong.wire.acknowledgement import TYP, Acknowledgement, Outcome, encode_acknowledgement


class Recipient:
    """Leases and takes deliveries of one party's agencies."""

    def __init__(self, axis: Axis, party: Party) -> None:
        self.line = AxisConnection(f"http://{axis.host}", party.signer)
        self._party = party

    def __enter__(self) -> Recipient:
        return self

    def __exit__(self, *_: object) -> None:
        self.line.close()

    def lease(self, maximum: int, wait: int) -> list[dict[str, Any]]:
        """What the axis offers now, or within ``wait`` seconds."""
        question = json.dumps({"max": maximum, "wait": wait}).encode()
        answer = self.line.request("POST", "/v1/inbox/leases", body=bytes_body(question))
        rows: list[dict[str, Any]] = answer.json()["leases"]
        return rows

    def take(self, rows: Sequence[dict[str, Any]]) -> None:
        """Acknowledge deliveries whose bytes were checked. Ends the measurement when one is not accepted."""
        tokens = [self._statement(row) for row in rows]
        body = bytes_body(json.dumps({"acknowledgements": tokens}).encode())
        found = self.line.request("POST", "/v1/inbox/acknowledgements", body=body).json()
        results = found["results"] if isinstance(found, dict) else found
        bad = [result for result in results if "error" in result]
        if bad or len(results) != len(rows):
            raise Failed(f"an acknowledgement was refused: {json.dumps(bad[:1], ensure_ascii=False)}")

    def _statement(self, row: dict[str, Any]) -> str:
        payload = jws.unverified_payload(row["envelope"].encode())
        members = json.loads(payload)
        now = datetime.now(UTC)
        statement = Acknowledgement(
            delivery=DeliveryId(row["delivery"]),
            fence=row["fence"],
            agency=AgencyCode(row["agency"]),
            envelope=EnvelopeId(UUID(members["id"])),
            sender=AgencyCode(members["from"]),
            digest=envelope.digest(payload),
            outcome=Outcome.TAKEN,
            at=now.replace(microsecond=now.microsecond // 1000 * 1000),
        )
        return jws.sign(encode_acknowledgement(statement), self._party.signer, TYP).decode()
