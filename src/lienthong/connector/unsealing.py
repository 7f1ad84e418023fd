"""What arrived encrypted is opened beside what arrived: both are kept, and the plain files appear all at once.

``plain/`` in the folder of a received document holds the files under their own names and ``index.json``. A document
that is offered again is not opened again.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lienthong.base.errors import Refused
from lienthong.connector.bodies import read_pieces
from lienthong.connector.names import distinct_names
from lienthong.connector.receiving import PLAIN, Received
from lienthong.connector.spool import sync_folder, write_durably
from lienthong.edxml.model import DocumentPacket
from lienthong.infra.blob_files import disk
from lienthong.infra.credentials import MAXIMUM_BUNDLE, read_bundle
from lienthong.infra.keys import read_key, read_secret
from lienthong.trust.cms_decryption import Decryptor, MemoryDecryptor, open_sealed
from lienthong.trust.cms_encryption import MEDIA_TYPE

_INDEX = "index.json"
KEY_SUFFIXES = (".pem", ".p12", ".pfx")


@dataclass(frozen=True, slots=True)
class Unsealed:
    """One file that arrived encrypted. ``part``: its place in the envelope; ``sha256``: of the plain bytes."""

    part: int
    file: Path
    name: str
    media_type: str
    size: int
    sha256: bytes


class Unsealer:
    """Opens received files with the keys of this connector, older ones too."""

    def __init__(self, keys: Sequence[Decryptor]) -> None:
        self.keys = tuple(keys)

    def unseal(self, received: Received) -> tuple[Unsealed, ...]:
        """The plain files of a received document; none when it was not encrypted.

        Refuses ENCRYPTED_MALFORMED, ENCRYPTED_FOR_OTHERS, ENCRYPTED_DAMAGED, ENCRYPTION_NOT_ALLOWED, STORAGE_FULL;
        then no plain file exists.
        """
        sealed = [i for i, part in enumerate(received.lease.envelope.parts) if part.media_type == MEDIA_TYPE]
        if not sealed:
            return ()
        final = received.folder / PLAIN
        if not (final / _INDEX).exists():
            self._open(received, sealed, final)
        rows = json.loads((final / _INDEX).read_bytes())["files"]
        return tuple(
            Unsealed(r["part"], final / r["file"], r["name"], r["type"], r["size"], bytes.fromhex(r["sha256"]))
            for r in rows
        )

    def _open(self, received: Received, sealed: Sequence[int], final: Path) -> None:
        making = final.with_name(final.name + ".new")
        shutil.rmtree(making, ignore_errors=True)
        announced = [_announced(received, index) for index in sealed]
        names = distinct_names([name for name, _ in announced], [_INDEX, f"{_INDEX}.new"])
        rows = []
        try:
            with disk():
                making.mkdir(mode=0o700)
                for index, (name, media_type), file in zip(sealed, announced, names, strict=True):
                    size, digest = self._write(received.files[index], making / file)
                    row = {"part": index, "file": file, "name": name, "type": media_type, "size": size}
                    rows.append(row | {"sha256": digest.hex()})
                write_durably(making / _INDEX, json.dumps({"files": rows}, ensure_ascii=False, indent=1).encode())
                sync_folder(making)
                making.rename(final)
                sync_folder(final.parent)
        except Refused:
            shutil.rmtree(making, ignore_errors=True)
            raise

    def _write(self, source: Path, into: Path) -> tuple[int, bytes]:
        size, running = 0, hashlib.sha256()
        with into.open("xb") as file:
            for piece in open_sealed(read_pieces(source), self.keys):
                file.write(piece)
                running.update(piece)
                size += len(piece)
            file.flush()
            os.fsync(file.fileno())
        return size, running.digest()


def _announced(received: Received, index: int) -> tuple[str, str]:
    """Name and type that the signed header gives to a part; the ciphertext's own name when it says nothing."""
    part, packet = received.lease.envelope.parts[index], received.packet
    entries = packet.manifest if isinstance(packet, DocumentPacket) else ()
    found = next((entry for entry in entries if entry.content_id == part.content_id), None)
    if found is None or not found.name:
        return part.name.removesuffix(".p7m"), "application/octet-stream"
    return found.name, found.content_type or "application/octet-stream"


def open_decryptors(folder: Path, secret: bytes | None) -> tuple[Decryptor, ...]:
    """Every key in the folder of encryption keys, the newest file name first; none when there is no such folder.

    ``secret``: password of encrypted ones. Refuses KEY_EXPOSED, KEY_UNREADABLE, KEY_PASSWORD_WRONG, naming the file.
    """
    return tuple(_decryptor(file, secret) for file in key_files(folder))


def key_files(folder: Path) -> list[Path]:
    """The files of encryption keys, the newest name first."""
    return sorted((f for f in folder.iterdir() if _is_key_file(f)), reverse=True) if folder.is_dir() else []


def _is_key_file(file: Path) -> bool:
    return file.suffix in KEY_SUFFIXES and not file.name.startswith(".") and not file.name.endswith(".pub.pem")


def _decryptor(file: Path, secret: bytes | None) -> Decryptor:
    data = read_secret(file, MAXIMUM_BUNDLE)
    if b"-----BEGIN " in data[:4096]:
        return MemoryDecryptor(read_key(file, secret if b"ENCRYPTED" in data else None))
    key, chain = read_bundle(data, secret, file)
    return MemoryDecryptor(key, chain[0] if chain else None)
