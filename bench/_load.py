"""The load generator: a process of its own that prepares bodies, submits, receives and checks, told by JSON lines.

One command a line on standard input, one answer a line on standard output. Bodies are composed and signed by
``prepare``; requests are signed just before each window. Neither is timed as the server's.
"""

from __future__ import annotations

import asyncio
import gc
import hashlib
import json
import sys
import time
from collections import Counter
from collections.abc import Coroutine
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import uvloop
from bench._bodies import Packet, Party, prepare, signed_head
from bench._line import Answer, Line

from lienthong.base.ids import DeliveryId, Sha256
from lienthong.trust import jws
from lienthong.trust.keys import DEFAULT_POLICY, PublicKey, key_id, load_public_key
from lienthong.wire import acknowledgement, envelope, event
from lienthong.wire.acknowledgement import Acknowledgement, Outcome, encode_acknowledgement
from lienthong.wire.envelope import Envelope, Part
from lienthong.wire.event import Event, EventName
from lienthong.wire.packet import PacketReader, boundary_of

LEASES = 16
CONSUMERS = 2
PATIENCE = 30.0
"""Seconds without any delivery after which the rest counts as lost."""


class Wrong(Exception):
    """An answer that the axis must not give; ends the measurement."""


class Keys:
    """The keys that tokens may be signed with."""

    def __init__(self, *keys: PublicKey) -> None:
        self._keys = {key_id(key): key for key in keys}

    def event(self, token: bytes) -> Event:
        return event.decode_event(self._payload(token, event.TYP))

    def envelope(self, token: bytes) -> tuple[Envelope, bytes]:
        payload = self._payload(token, envelope.TYP)
        return envelope.decode_envelope(payload), envelope.digest(payload)

    def _payload(self, token: bytes, typ: str) -> bytes:
        return jws.verify(token, self._keys.get, typ, DEFAULT_POLICY, datetime.now(UTC)).payload


def check_receipt(keys: Keys, packet: Packet, token: bytes) -> None:
    """The axis signed an acceptance of exactly this envelope."""
    found = keys.event(token)
    if found.name is not EventName.SUBMISSION_ACCEPTANCE or found.envelope.digest != packet.digest:
        raise Wrong(f"receipt of something else: {found.name.short}")


class _Hashing:
    """Takes a part's bytes and keeps their digest only."""

    def __init__(self) -> None:
        self._running = hashlib.sha256()
        self.write = self._running.update
        self.digest = self._running.digest


class _Checking:
    """Reads a downloaded packet: the envelope must be the leased one, every part whole."""

    def __init__(self, token: bytes, known: Envelope) -> None:
        self._token, self._known = token, known
        self.sinks: dict[int, _Hashing] = {}

    def on_envelope(self, token: bytes) -> Envelope:
        if token != self._token:
            raise Wrong("the packet has another envelope than the lease")
        return self._known

    def on_part(self, index: int, part: Part) -> _Hashing:
        self.sinks[index] = _Hashing()
        return self.sinks[index]

    def check(self) -> None:
        for index, part in enumerate(self._known.parts):
            if index not in self.sinks or self.sinks[index].digest() != part.sha256:
                raise Wrong(f"part {index} is not what the sender signed")


class Delivered:
    """Which envelopes arrived where, and when the evidence of each was here."""

    def __init__(self, expected: int) -> None:
        self.expected = expected
        self.times: Counter[tuple[UUID, str]] = Counter()
        self.at: dict[UUID, float] = {}
        self.last = time.perf_counter()

    def add(self, envelope_id: UUID, agency: str) -> None:
        self.times[envelope_id, agency] += 1
        self.last = self.at[envelope_id] = time.perf_counter()

    @property
    def over(self) -> bool:
        return len(self.times) >= self.expected or time.perf_counter() - self.last > PATIENCE


class Generator:
    """Bodies and receipts between commands."""

    def __init__(self) -> None:
        self.packets: list[Packet] = []
        self.receipts: dict[int, bytes] = {}
        self._started: dict[UUID, float] = {}

    def prepare(self, senders: list[dict[str, str]], recipients: list[str], docs: int, size: int) -> dict[str, Any]:
        """Compose and sign all bodies."""
        self.packets, cost = prepare([Party.load(row) for row in senders], recipients, docs, size)
        one = self.packets[0]
        return {
            "client_sign_ms_per_document": round(cost, 3),
            "header_bytes": one.envelope.head.size,
            "body_bytes": len(one.body),
        }

    def submit(
        self, host: str, first: int, last: int, concurrency: int, axis_key: str | None = None
    ) -> Coroutine[Any, Any, dict[str, Any]]:
        """Submit packets ``first``…``last``-1. With ``axis_key`` every receipt is verified as it comes."""
        keys = Keys(load_public_key(Path(axis_key).read_bytes())) if axis_key else None
        return self._submit(host, first, last, concurrency, keys)

    async def _submit(self, host: str, first: int, last: int, concurrency: int, keys: Keys | None) -> dict[str, Any]:
        heads = {number: signed_head(self.packets[number], host) for number in range(first, last)}
        todo = iter(range(first, last))
        latencies: list[float] = []
        refused: Counter[str] = Counter()

        async def slot() -> None:
            line = Line(host)
            for number in todo:
                packet = self.packets[number]
                start = self._started[packet.envelope.id] = time.perf_counter()
                answer = await line.ask(heads[number], packet.body)
                latencies.append((time.perf_counter() - start) * 1000)
                if answer.status != 201:
                    refused[f"{answer.status} {answer.body[:300].decode(errors='replace')}"] += 1
                    continue
                self.receipts[number] = answer.body
                if keys is not None:
                    check_receipt(keys, packet, answer.body)
            line.close()

        gc.disable()
        start = time.perf_counter()
        cpu = time.process_time()
        await asyncio.gather(*(slot() for _ in range(concurrency)))
        seconds = time.perf_counter() - start
        cpu = time.process_time() - cpu
        gc.enable()
        return {
            "seconds": seconds,
            "latencies": latencies,
            "refused": dict(refused.most_common(5)),
            "generator_cpu_ms_per_document": round(cpu * 1000 / (last - first), 3),
        }

    def verify(self, axis_key: str) -> dict[str, Any]:
        """Verify every receipt that was kept."""
        keys = Keys(load_public_key(Path(axis_key).read_bytes()))
        for number, token in self.receipts.items():
            check_receipt(keys, self.packets[number], token)
        return {"receipts_verified": len(self.receipts)}

    def drain(
        self, host: str, receivers: list[dict[str, str]], expected: int, axis_key: str
    ) -> Coroutine[Any, Any, dict[str, Any]]:
        """Lease, download, check and acknowledge until ``expected`` deliveries are done or nothing comes any more."""
        return self._drain(host, [Party.load(row) for row in receivers], Delivered(expected), axis_key)

    async def _drain(self, host: str, receivers: list[Party], done: Delivered, axis_key: str) -> dict[str, Any]:
        keys = Keys(load_public_key(Path(axis_key).read_bytes()))
        senders = Keys(*(packet.sender.signer.public_key for packet in self.packets))
        start = time.perf_counter()
        await asyncio.gather(
            *(consume(host, party, done, keys, senders) for party in receivers for _ in range(CONSUMERS))
        )
        return {
            "seconds": max(done.at.values(), default=start) - start,
            "delivered": len(done.times),
            "delivered_twice": sum(count > 1 for count in done.times.values()),
            "missing": done.expected - len(done.times),
        }

    async def cycle(
        self, host: str, first: int, last: int, concurrency: int, receivers: list[dict[str, str]], axis_key: str
    ) -> dict[str, Any]:
        """The whole way of packets ``first``…``last``-1: submitted by some, taken by others at the same time."""
        done = Delivered(last - first)
        start = time.perf_counter()
        submitted, drained = await asyncio.gather(
            self.submit(host, first, last, concurrency, axis_key),
            self._drain(host, [Party.load(row) for row in receivers], done, axis_key),
        )
        whole = [(done.at[i] - self._started[i]) * 1000 for i in done.at]
        return {
            **drained,
            "refused": submitted["refused"],
            "latencies": whole,
            "seconds": max(done.at.values()) - start,
        }


async def consume(host: str, party: Party, done: Delivered, keys: Keys, senders: Keys) -> None:
    """One recipient's loop on one connection."""
    line = Line(host)
    question = json.dumps({"max": LEASES, "wait": 1}).encode()
    while not done.over:
        rows = json.loads(_good(await line.signed("POST", "/v1/inbox/leases", party.signer, question)).body)["leases"]
        taken = [await _take(line, party, row, senders) for row in rows]
        if taken:
            await _acknowledge(line, party, taken, done, keys)
    line.close()


async def _take(line: Line, party: Party, row: dict[str, Any], senders: Keys) -> tuple[dict[str, Any], Envelope, bytes]:
    """Download one delivery and check every byte; the row, its envelope and the signed acknowledgement."""
    token = row["envelope"].encode()
    known, digest = senders.envelope(token)
    target = f"/v1/deliveries/{row['delivery']}/packet?fence={row['fence']}"
    answer = _good(await line.signed("GET", target, party.signer))
    checking = _Checking(token, known)
    reader = PacketReader(boundary_of(answer.fields[b"content-type"].decode()), checking)
    for piece in answer.pieces:
        reader.feed(piece)
    reader.close()
    checking.check()
    now = datetime.now(UTC)
    statement = Acknowledgement(
        delivery=DeliveryId(row["delivery"]),
        fence=row["fence"],
        agency=row["agency"],
        envelope=known.id,
        sender=known.sender,
        digest=Sha256(digest),
        outcome=Outcome.TAKEN,
        at=now.replace(microsecond=now.microsecond // 1000 * 1000),
    )
    return row, known, jws.sign(encode_acknowledgement(statement), party.signer, acknowledgement.TYP)


async def _acknowledge(
    line: Line, party: Party, taken: list[tuple[dict[str, Any], Envelope, bytes]], done: Delivered, keys: Keys
) -> None:
    """Acknowledge together; each must come back with verifiable evidence of the hand-over."""
    body = json.dumps({"acknowledgements": [token.decode() for _, _, token in taken]}).encode()
    answer = _good(await line.signed("POST", "/v1/inbox/acknowledgements", party.signer, body))
    results = json.loads(answer.body)
    rows = results["results"] if isinstance(results, dict) else results
    for result, (row, known, _) in zip(rows, taken, strict=True):
        if "error" in result:
            raise Wrong(f"an acknowledgement was refused: {json.dumps(result)[:400]}")
        found = keys.event(result["evidence"].encode())
        if found.name is not EventName.CONTENT_HANDOVER or found.envelope.id != known.id:
            raise Wrong(f"evidence of something else: {found.name.short}")
        done.add(known.id, row["agency"])


def _good(answer: Answer) -> Answer:
    if answer.status != 200:
        raise Wrong(f"{answer.status} {answer.body[:400].decode(errors='replace')}")
    return answer


def main() -> None:
    generator = Generator()
    for line in sys.stdin:
        command: dict[str, Any] = json.loads(line)
        answer = getattr(generator, command.pop("do"))(**command)
        if asyncio.iscoroutine(answer):
            answer = uvloop.run(answer)
        gc.collect()
        gc.freeze()
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
