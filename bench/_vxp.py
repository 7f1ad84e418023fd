"""Load through the VXP face: the bytes that the national SDK sends, on kept connections."""

from __future__ import annotations

import asyncio
import json
import os
import random
import time
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from bench._axis import Axis
from bench._line import Line
from bench._run import Failed

from lienthong.base.ids import AgencyCode, DocumentId
from lienthong.connector.bodies import bytes_body
from lienthong.edxml.model import DocumentCode, DocumentPacket, DocumentType, ManifestEntry, Organization, SignerInfo
from lienthong.edxml.writer import write_packet
from lienthong.wire.vxp.sdk import SdkRequest, SdkService, timestamp

CALL_SECONDS = 60.0


def connect(axis: Axis, system: str, agency: str) -> SdkService:
    """A connection for one agency, made by the operator, as one service object of the SDK."""
    order = {"system_id": system, "face": "vxp", "name": f"Phần mềm mẫu {system}", "agencies": [agency]}
    with axis.operator() as operator:
        body = bytes_body(json.dumps(order).encode(), "application/json")
        secret = operator.request("POST", "/v1/operator/connections", body=body).json()["secret"]
    return SdkService(axis.host, "/vxp", system, secret, timestamp(datetime.now(UTC)))


def fresh(service: SdkService) -> SdkService:
    """The same connection as a new service object, which holds nothing yet."""
    return SdkService(service.host, service.endpoint, service.system_id, service.secret, service.made_at)


def packet(number: int, sender: str, to: str, content: bytes) -> bytes:
    """A whole edXML file with one PDF inside as base64."""
    made = DocumentPacket(
        sender=Organization(AgencyCode(sender), f"Cơ quan {sender}"),
        receivers=(Organization(AgencyCode(to), f"Cơ quan {to}"),),
        document_id=DocumentId(f"{sender},2026/01/01,{number}/BM-VXP"),
        code=DocumentCode(f"{number}", "BM-VXP"),
        promulgation_date=date(2026, 1, 1),
        subject=f"Về việc đo hiệu năng giao diện VXP, lượt {number}",
        document_type=DocumentType(2, 18, "Công văn"),
        signer=SignerInfo("KT. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC", "Nguyễn Văn Mẫu"),
        manifest=(ManifestEntry("tep-1", f"{number}-BM-VXP.pdf", "application/pdf"),),
    )
    return b"".join(write_packet(made, [(made.manifest[0], [content])]))


def sends(service: SdkService, sender: str, to: str, first: int, count: int, size: int) -> list[SdkRequest]:
    """``count`` requests of ``sendEdoc``, signed as the SDK does, each from a service object of its own."""
    chance = random.Random(os.urandom(8))
    files = (packet(n, sender, to, b"%PDF-1.7\n" + chance.randbytes(size - 9)) for n in range(first, first + count))
    return [fresh(service).send(file, sender, "edoc") for file in files]


async def run(host: str, requests: Sequence[SdkRequest], concurrency: int) -> tuple[float, list[float], list[bytes]]:
    """Seconds for all requests, milliseconds of each, and their answers; any refusal ends the measurement."""
    waiting = list(enumerate(requests))[::-1]
    answers: list[bytes] = [b""] * len(requests)
    times: list[float] = []

    async def slot() -> None:
        line = Line(host)
        while waiting:
            place, request = waiting.pop()
            began = time.perf_counter()
            async with asyncio.timeout(CALL_SECONDS):
                answer = await line.ask(request.head, request.body)
            times.append((time.perf_counter() - began) * 1000)
            answers[place] = answer.body
            if answer.status != 200 or b'"OK"' not in answer.body[:40] + answer.body[-200:]:
                raise Failed(f"the axis refused: {answer.status} {answer.body[:400]!r}")
        line.close()

    began = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(concurrency):
            group.create_task(slot())
    return time.perf_counter() - began, times, answers


def members(answer: bytes) -> Any:
    """An answer as the SDK reads it."""
    return json.loads(answer)
