"""Request bodies of any size, read twice from disk rather than held: once for the digest, once to send."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from lienthong.wire.envelope import Part
from lienthong.wire.packet import content_type, packet_size, write_packet

PIECE = 256 * 1024


def read_pieces(path: Path, offset: int = 0, length: int | None = None) -> Iterator[bytes]:
    """The bytes of a file from ``offset``, in pieces; exactly ``length`` of them when given."""
    left = length
    with path.open("rb") as file:
        file.seek(offset)
        while left is None or left > 0:
            piece = file.read(PIECE if left is None else min(PIECE, left))
            if not piece:
                break
            if left is not None:
                left -= len(piece)
            yield piece


@dataclass(frozen=True)
class Body:
    """A body to send, possibly more than once. ``digest``: SHA-256 of all bytes."""

    content_type: str
    size: int
    digest: bytes
    pieces: Callable[[], Iterator[bytes]]


def bytes_body(data: bytes, media_type: str = "application/json") -> Body:
    """A body that is held in memory."""
    return Body(media_type, len(data), hashlib.sha256(data).digest(), lambda: iter((data,)))


def packet_body(token: bytes, parts: Sequence[tuple[int, Part]], files: Callable[[int], Path]) -> Body:
    """The packet of an envelope with the given inline parts, their bytes read from ``files(index)``."""
    boundary = "lt-" + hashlib.sha256(token).hexdigest()[:40]

    def pieces() -> Iterator[bytes]:
        return write_packet(boundary, token, parts, lambda index: read_pieces(files(index)))

    running = hashlib.sha256()
    for piece in pieces():
        running.update(piece)
    return Body(content_type(boundary), packet_size(boundary, token, parts), running.digest(), pieces)
