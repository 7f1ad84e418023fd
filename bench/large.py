"""One large attachment: its upload broken off twice and continued, then delivered to two recipients.

``./dev bench large --size 500m --json``. The axis must not grow with the file, and must store it once.
"""

from __future__ import annotations

import hashlib
import json
import os
import socket
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench import common
from bench._axis import Axis, world
from bench._bodies import Packet, Party, compose_packet, request_head, signed_head
from bench._receive import Recipient
from bench._run import Failed
from bench.floor import make_parties

from lienthong.connector.bodies import bytes_body, read_pieces
from lienthong.connector.compose import Attachment
from lienthong.connector.http import AxisConnection
from lienthong.connector.uploads import PIECE, upload
from lienthong.directory.synthetic import agencies
from lienthong.trust import content_digest
from lienthong.trust.http_signature import sign_request
from lienthong.wire.envelope import Part

LIMIT_MB = 64
RECEIVERS = {"nhan-1": "Z02", "nhan-2": "Z03"}


def make_file(path: Path, size: int) -> None:
    """Bytes that do not compress."""
    with path.open("wb") as file:
        for start in range(0, size, 1 << 20):
            file.write(os.urandom(min(1 << 20, size - start)))


def break_off(axis: Axis, party: Party, part: Part, file: Path, upto: int) -> int:
    """Upload until ``upto`` bytes are there, then cut the line in the middle of a piece; the bytes that count."""
    with AxisConnection(f"http://{axis.host}", party.signer) as line:
        begin = bytes_body(json.dumps({"sha256": part.sha256.hex(), "size": part.size}).encode())
        state = line.request("POST", "/v1/uploads", body=begin).json()
        target = f"/v1/uploads/{state['id']}"
        while state["offset"] < upto:
            body = bytes_body(_piece(file, state["offset"]), "application/octet-stream")
            headers = {"Upload-Offset": str(state["offset"])}
            state = line.request("PATCH", target, body=body, headers=headers).json()
        _half_a_piece(axis.host, party, target, state["offset"], _piece(file, state["offset"]))
        after = line.get_json(target)
    if after["offset"] != state["offset"]:
        raise Failed(f"half a piece counts: {state['offset']} became {after['offset']}")
    return int(after["offset"])


def _piece(file: Path, offset: int) -> bytes:
    return b"".join(read_pieces(file, offset, PIECE))


def _half_a_piece(host: str, party: Party, target: str, offset: int, piece: bytes) -> None:
    """Send the head and half of the body, then hang up."""
    digest = content_digest.of(piece)
    fields = {"Content-Digest": digest, "Upload-Offset": str(offset), "Content-Type": "application/octet-stream"}
    fields |= sign_request("PATCH", target, None, digest, party.signer, int(time.time()), os.urandom(9).hex())
    name, _, port = host.rpartition(":")
    with socket.create_connection((name, int(port)), 10) as line:
        line.sendall(request_head("PATCH", target, host, fields, len(piece)))
        line.sendall(piece[: len(piece) // 2])
    time.sleep(0.2)


def submit(axis: Axis, packet: Packet) -> float:
    """Send the envelope, whose large part is there already; seconds."""
    name, _, port = axis.host.rpartition(":")
    start = time.perf_counter()
    with socket.create_connection((name, int(port)), 60) as line:
        line.sendall(signed_head(packet, axis.host) + packet.body)
        answer = line.recv(65536)
    if not answer.startswith(b"HTTP/1.1 201"):
        raise Failed(f"not accepted: {answer[:600].decode(errors='replace')}")
    return time.perf_counter() - start


def run(directory: Path, size: int) -> dict[str, Any]:
    sender = Party.load(make_parties(directory, {"gui-1": "Z01"})[0])
    receivers = [Party.load(row) for row in make_parties(directory, RECEIVERS)]
    file = directory / "lon.bin"
    make_file(file, size)
    attachment = Attachment("lon.bin", file, media_type="application/octet-stream")
    packet, envelope = compose_packet(1, sender, list(RECEIVERS.values()), [attachment], inline=False)
    part = envelope.parts[1]
    with Axis(directory, world(receivers, [sender], list(agencies(4)), subtree=False)) as axis:
        pid = axis.servers().axis
        common.reset_peak(pid)
        before, start = common.memory_mb(pid), time.perf_counter()
        breaks = [break_off(axis, sender, part, file, size * share // 3) for share in (1, 2)]
        with AxisConnection(f"http://{axis.host}", sender.signer) as line:
            upload(line, part, file)
        uploading, accepting = time.perf_counter() - start, submit(axis, packet)
        after_upload = common.memory_mb(pid, "VmHWM")
        start = time.perf_counter()
        for party in receivers:
            _receive(axis, party, part)
        delivering = time.perf_counter() - start
        growth = common.memory_mb(pid, "VmHWM") - before
        stored, balance = axis.blob_bytes(), axis.conservation()
    kept = growth <= LIMIT_MB and stored <= size * 1.02 and balance["holds"] and balance["delivered"] == 2
    return {
        "limits_kept": kept,
        "size": size,
        "broken_off_at": breaks,
        "upload_mb_per_s": round(size / 1e6 / uploading, 1),
        "accept_s": round(accepting, 3),
        "deliver_mb_per_s": round(2 * size / 1e6 / delivering, 1),
        "axis_rss_before_mb": before,
        "axis_peak_growth_after_upload_mb": round(after_upload - before, 1),
        "axis_peak_growth_mb": round(growth, 1),
        "limit_mb": LIMIT_MB,
        "stored_bytes": stored,
        "stored_once": stored <= size * 1.02,
        "conservation": balance,
    }


def _receive(axis: Axis, party: Party, part: Part) -> None:
    """Lease, download piece by piece, compare the digest, acknowledge."""
    with Recipient(axis, party) as recipient:
        rows = recipient.lease(5, wait=10)
        if len(rows) != 1:
            raise Failed(f"{len(rows)} deliveries for {party.agency} instead of one")
        running = hashlib.sha256()
        for piece in _stream(recipient, rows[0]):
            running.update(piece)
        if running.digest() != part.sha256:
            raise Failed("other bytes came than were sent")
        recipient.take(rows)


def _stream(recipient: Recipient, row: dict[str, Any]) -> Iterator[bytes]:
    target, query = f"/v1/deliveries/{row['delivery']}/parts/1", {"fence": str(row["fence"])}
    with recipient.line.stream(target, query) as response:
        yield from response.iter_bytes(1 << 18)


def main() -> None:
    parser = common.options(__doc__)
    parser.add_argument("--size", type=common.size, default=500_000_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lienthong-bench-", dir=given.dir) as name:
        directory = Path(name)
        figures = {"machine": common.machine(), "ceilings": common.ceilings(directory)}
        figures["large"] = run(directory, given.size)
    common.report("large", figures, given.json)
    if not figures["large"]["limits_kept"]:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
