"""Every vector of ``vectors/edxml`` gives the verdict, the findings and the facts that its manifest names."""

from __future__ import annotations

import json
from datetime import date
from enum import Enum
from pathlib import Path
from typing import Any

import pytest

from lienthong.base.errors import Refused
from lienthong.edxml.reader import read_header
from lienthong.edxml.stream import PacketStream, StreamedPacket
from lienthong.edxml.unwrap import unwrap

VECTORS = Path(__file__).parents[2] / "vectors" / "edxml"
MANIFEST: dict[str, list[dict[str, Any]]] = json.loads((VECTORS / "manifest.json").read_text("utf-8"))
PACKETS, ZIPS = MANIFEST["packets"], MANIFEST["zips"]


class MemorySink:
    """Keeps what it is given, and its fate."""

    def __init__(self, ordinal: int = 0) -> None:
        self.data = b""
        self.state = "open"

    def write(self, data: bytes) -> None:
        assert self.state == "open"
        self.data += data

    def close(self) -> None:
        self.state = "closed"

    def abort(self) -> None:
        self.state = "aborted"


def stream(data: bytes, today: date | None, step: int) -> tuple[StreamedPacket, list[MemorySink]]:
    sinks: list[MemorySink] = []

    def make(ordinal: int) -> MemorySink:
        assert ordinal == len(sinks)
        sinks.append(MemorySink())
        return sinks[-1]

    packets = PacketStream(make, today=today)
    try:
        for at in range(0, len(data), step):
            packets.feed(data[at : at + step])
        return packets.close(), sinks
    except Refused:
        assert all(sink.state == "aborted" for sink in sinks), "a refused packet leaves nothing behind"
        raise


def fact(packet: object, path: str) -> object:
    value: Any = packet
    for name in path.split("."):
        value = [getattr(item, name) for item in value] if isinstance(value, tuple) else getattr(value, name)
    return plain(value)


def plain(value: Any) -> object:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    if hasattr(value, "__dataclass_fields__"):
        return [plain(getattr(value, name)) for name in value.__dataclass_fields__]
    return value


@pytest.mark.parametrize("step", [1_000_000, 61])
@pytest.mark.parametrize("entry", PACKETS, ids=[entry["file"] for entry in PACKETS])
def test_a_packet_gets_the_verdict_its_manifest_names(entry: dict[str, Any], step: int) -> None:
    data = (VECTORS / entry["file"]).read_bytes()
    today = date.fromisoformat(entry["today"])
    if entry["verdict"] == "refused":
        with pytest.raises(Refused) as refusal:
            stream(data, today, step)
        assert refusal.value.code.name == entry["refusal"]
        assert "{" not in refusal.value.sentence("vi") + refusal.value.sentence("en")
        return
    packet, sinks = stream(data, today, step)
    reading = packet.reading
    assert sorted(problem.code for problem in reading.problems) == entry["problems"]
    assert bool(reading.errors) == (entry["verdict"] == "invalid")
    assert type(reading.packet).__name__ == entry["kind"].capitalize() + "Packet"
    for path, expected in entry.get("facts", {}).items():
        assert fact(reading.packet, path) == expected, path
    assert packet.raw_size == len(data)
    if "attachments" in entry:
        got = [(a.content_id, a.name, a.format, a.is_zip_wrapped, a.size) for a in packet.attachments]
        named = ("content_id", "name", "format", "wrapped", "size")
        assert got == [tuple(a[name] for name in named) for a in entry["attachments"]]
        assert [len(sink.data) for sink in sinks] == [a.size for a in packet.attachments]
    assert all(sink.state == "closed" for sink in sinks)


@pytest.mark.parametrize("entry", PACKETS, ids=[entry["file"] for entry in PACKETS])
def test_the_header_reader_never_passes_a_packet_that_the_stream_refuses(entry: dict[str, Any]) -> None:
    data = (VECTORS / entry["file"]).read_bytes()
    try:
        reading = read_header(data, today=date.fromisoformat(entry["today"]))
    except Refused:
        assert entry["verdict"] == "refused"
        return
    if entry["verdict"] != "valid" or entry.get("attachments"):
        assert reading.errors or entry["verdict"] == "refused" or entry["file"].startswith("traps/attachment")


@pytest.mark.parametrize("step", [1_000_000, 7])
@pytest.mark.parametrize("entry", ZIPS, ids=[entry["file"] for entry in ZIPS])
def test_a_zip_is_unwrapped_or_refused_as_its_manifest_names(entry: dict[str, Any], step: int) -> None:
    data, sink = (VECTORS / entry["file"]).read_bytes(), MemorySink()
    pieces = [data[at : at + step] for at in range(0, len(data), step)]
    if entry["verdict"] == "PASSED":
        assert unwrap(pieces, sink).size == len(sink.data) == entry["size"]
        assert sink.state == "closed"
        return
    with pytest.raises(Refused) as refusal:
        unwrap(pieces, sink)
    assert refusal.value.code.name == entry["verdict"]
    assert sink.state == "aborted"


def test_every_vector_is_in_the_manifest() -> None:
    listed = {entry["file"] for entry in PACKETS + ZIPS}
    there = {
        str(p.relative_to(VECTORS)) for d in ("valid", "traps", "malicious", "zip") for p in (VECTORS / d).iterdir()
    }
    assert there == listed


def test_the_thirteen_kinds_of_the_vendors_samples_have_a_fixture_each() -> None:
    valid = [entry for entry in PACKETS if entry["file"].startswith("valid/") and "facts" in entry]
    kinds = {entry["facts"].get("business.kind") for entry in valid if entry["kind"] == "document"}
    codes = {entry["facts"].get("status_code") for entry in valid if entry["kind"] == "status"}
    assert kinds >= {0, 1, 2, 3}
    assert codes == {1, 2, 3, 4, 5, 6, 13, 15, 16}
