"""The floor: a bare HTTP receiver that reads a body, hashes it, verifies one signature, writes it, syncs and signs.

No framework, no checks of content, no database. It takes the very requests of the axis. ``--sync loop`` writes and
syncs on the event loop, ``--sync pool`` in threads beside it; the faster of the two is the floor.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import hashlib
import json
import os
import re
import socket
from base64 import b64decode, b64encode
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import cast

import httptools
import uvloop
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePublicKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

_KEY_ID = re.compile(rb'keyid="([^"]+)"')
_SCHEME = ECDSA(hashes.SHA256())


class Store:
    """Where bodies go and how they become durable."""

    def __init__(self, directory: Path, keys: dict[bytes, EllipticCurvePublicKey], pool: bool) -> None:
        self.directory, self.keys = directory, keys
        self.signer = generate_private_key(SECP256R1())
        self.pool = ThreadPoolExecutor(4) if pool else None
        self.count = 0

    def next_path(self) -> str:
        self.count += 1
        return f"{self.directory}/{self.count}"


def write_durably(path: str, pieces: list[bytes]) -> None:
    """One file, whole on disk before this returns."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        for piece in pieces:
            os.write(handle, piece)
        os.fdatasync(handle)
    finally:
        os.close(handle)


class Receiver(asyncio.Protocol):
    """One connection, one request at a time."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpRequestParser(self)
        self._begin()

    def _begin(self) -> None:
        self._fields: dict[bytes, bytes] = {}
        self._pieces: list[bytes] = []
        self._hash = hashlib.sha256()
        self._target = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_url(self, url: bytes) -> None:
        self._target = url

    def on_header(self, name: bytes, value: bytes) -> None:
        self._fields[name.lower()] = value

    def on_body(self, body: bytes) -> None:
        self._hash.update(body)
        self._pieces.append(body)

    def on_message_complete(self) -> None:
        digest = self._hash.digest()
        path, pieces = self._store.next_path(), self._pieces
        self._verify(digest)
        if self._store.pool is None:
            write_durably(path, pieces)
            self._answer(digest)
            return
        loop = asyncio.get_running_loop()
        done = loop.run_in_executor(self._store.pool, write_durably, path, pieces)

        def answer(finished: asyncio.Future[None]) -> None:
            finished.result()
            self._answer(digest)

        done.add_done_callback(answer)

    def _verify(self, digest: bytes) -> None:
        """The content fits its digest, and the key that the request names signed it (RFC 9421)."""
        fields = self._fields
        if fields[b"content-digest"] != b"sha-256=:" + b64encode(digest) + b":":
            raise ValueError("the content does not fit its digest")
        covered = fields[b"signature-input"].removeprefix(b"sig1=")
        found = _KEY_ID.search(covered)
        assert found is not None
        path, _, query = self._target.partition(b"?")
        base = b'"@method": POST\n"@path": %b\n"@query": ?%b\n"content-digest": %b\n"@signature-params": %b' % (
            path,
            query,
            fields[b"content-digest"],
            covered,
        )
        raw = b64decode(fields[b"signature"].removeprefix(b"sig1=").strip(b":"))
        signature = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
        self._store.keys[found.group(1)].verify(signature, base, _SCHEME)

    def _answer(self, digest: bytes) -> None:
        receipt = digest + self._store.signer.sign(digest, _SCHEME)
        self._begin()
        assert self._transport is not None
        self._transport.write(b"HTTP/1.1 201 Created\r\nContent-Length: %d\r\n\r\n%b" % (len(receipt), receipt))


async def serve(store: Store, ready: Path) -> None:
    """Listen on a free port, write it to ``ready``, and serve until killed."""
    server = await asyncio.get_running_loop().create_server(lambda: Receiver(store), "127.0.0.1", 0, backlog=1024)
    making = ready.with_suffix(".part")
    making.write_text(json.dumps({"host": f"127.0.0.1:{server.sockets[0].getsockname()[1]}"}))
    making.rename(ready)
    gc.freeze()
    await server.serve_forever()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--into", type=Path, required=True)
    parser.add_argument("--keys", type=Path, required=True, help="JSON: public PEM by key id")
    parser.add_argument("--ready", type=Path, required=True)
    parser.add_argument("--sync", choices=("loop", "pool"), default="pool")
    given = parser.parse_args()
    keys = {}
    for name, pem in json.loads(given.keys.read_text()).items():
        key = serialization.load_pem_public_key(pem.encode())
        assert isinstance(key, EllipticCurvePublicKey)
        keys[name.encode()] = key
    given.into.mkdir(exist_ok=True)
    uvloop.run(serve(Store(given.into, keys, given.sync == "pool"), given.ready))


if __name__ == "__main__":
    main()
