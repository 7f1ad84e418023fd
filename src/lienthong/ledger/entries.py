"""Log entries and the bundles in which they are published.

Source: C2SP tlog-tiles, "Log entries": a bundle holds up to 256 entries, each preceded by its length as two bytes,
big-endian. Our entry is the SHA-256 digest of one signed event (32 bytes): the log proves that the event exists and
shows nothing of its content.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from lienthong.base.errors import Refused
from lienthong.base.ids import Sha256
from lienthong.ledger.errors import LEDGER_TILE_DAMAGED, LEDGER_TILE_MISSING
from lienthong.ledger.tiles import WIDTH, ReadTile, TileName

ENTRY_SIZE = 32


def log_entry(signed_event: bytes) -> Sha256:
    """The entry that stands in the log for a signed event."""
    return Sha256(sha256(signed_event).digest())


def encode_bundle(entries: Sequence[bytes]) -> bytes:
    """A bundle of entries, each at most 65,535 bytes."""
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def decode_bundle(bundle: bytes, width: int, path: str = "tile/entries") -> list[bytes]:
    """The ``width`` entries of a bundle, nothing more and nothing less. Refuses: LEDGER_TILE_DAMAGED."""
    entries: list[bytes] = []
    at = 0
    while at < len(bundle):
        start = at + 2
        at = start + int.from_bytes(bundle[at:start], "big")
        entries.append(bundle[start:at])
    if at != len(bundle) or len(entries) != width:
        raise Refused(LEDGER_TILE_DAMAGED, path=path)
    return entries


def extend_entries(size: int, entries: Sequence[bytes], read_tile: ReadTile) -> dict[str, bytes]:
    """Append entries to the bundles of a log of ``size`` entries; gives the changed bundles by path.

    Refuses: LEDGER_TILE_MISSING, LEDGER_TILE_DAMAGED.
    """
    index, width = divmod(size, WIDTH)
    bundle = read_bundle(TileName(None, index, width), read_tile) if width else []
    changed: dict[str, bytes] = {}
    at = 0
    while at < len(entries):
        taken = entries[at : at + WIDTH - len(bundle)]
        at += len(taken)
        bundle = [*bundle, *taken]
        changed[TileName(None, index, len(bundle)).path] = encode_bundle(bundle)
        if len(bundle) == WIDTH:
            bundle = []
            index += 1
    return changed


def read_bundle(name: TileName, read_tile: ReadTile) -> list[bytes]:
    """The entries of a stored bundle; when a partial one is gone, the first part of the full one that replaced it.

    Refuses: LEDGER_TILE_MISSING, LEDGER_TILE_DAMAGED.
    """
    stored, width = read_tile(name.path), name.width
    if stored is None and name.width < WIDTH:
        stored, width = read_tile(TileName(None, name.index).path), WIDTH
    if stored is None:
        raise Refused(LEDGER_TILE_MISSING, path=name.path)
    return decode_bundle(stored, width, name.path)[: name.width]
