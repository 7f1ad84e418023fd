"""Private keys in files: PEM PKCS #8, readable by their owner alone, loaded once and held in memory."""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path
from typing import Literal

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, SECP384R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as generate_rsa_key

from lienthong.base.errors import Refused
from lienthong.infra.blob_files import disk, sync_directory, write_all
from lienthong.infra.errors import KEY_EXISTS, KEY_EXPOSED, KEY_MISSING, KEY_PLACE_MISSING, KEY_UNREADABLE
from lienthong.trust.keys import MAXIMUM_KEY_BYTES, Algorithm, PrivateKey, load_private_key
from lienthong.trust.signer import MemorySigner

KeyKind = Literal["P-256", "P-384", "Ed25519", "RSA-2048", "RSA-3072"]


class FileSigner(MemorySigner):
    """A signer whose key came from a file that nobody else may read."""

    def __init__(self, path: Path, password: bytes | None = None, algorithm: Algorithm | None = None) -> None:
        super().__init__(read_key(path, password), algorithm)
        self.path = path


def generate(kind: KeyKind) -> PrivateKey:
    """A new private key from the system's random source."""
    if kind == "Ed25519":
        return Ed25519PrivateKey.generate()
    if kind.startswith("RSA-"):
        return generate_rsa_key(65537, int(kind.removeprefix("RSA-")))
    return generate_private_key(SECP256R1() if kind == "P-256" else SECP384R1())


def create_key(path: Path, kind: KeyKind = "P-256", password: bytes | None = None) -> FileSigner:
    """Make a key and its file, whole or not at all; never overwrites. Refuses: KEY_EXISTS."""
    write_new(path, key_pem(generate(kind), password))
    return FileSigner(path, password)


def key_pem(key: PrivateKey, password: bytes | None = None) -> bytes:
    """PKCS #8 in PEM, encrypted when there is a password."""
    encryption: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if password:
        encryption = serialization.BestAvailableEncryption(password)
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)


def read_key(path: Path, password: bytes | None = None) -> PrivateKey:
    """The key of a file. Refuses: KEY_MISSING, KEY_EXPOSED, KEY_UNREADABLE."""
    pem = read_secret(path)
    try:
        return load_private_key(pem, password)
    except Refused as reason:
        raise Refused(KEY_UNREADABLE, path=path, reason=reason.sentence("en")) from reason


def read_secret(path: Path, limit: int = MAXIMUM_KEY_BYTES) -> bytes:
    """The bytes of a regular file of the owner alone; checked on the open file, so that no one can swap it.

    ``limit``: of a larger file one byte more than this is read.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError as reason:
        raise Refused(KEY_MISSING, path=path) from reason
    except OSError as reason:
        raise Refused(KEY_UNREADABLE, path=path, reason=reason.strerror) from reason
    try:
        state = os.fstat(handle)
        if not stat.S_ISREG(state.st_mode):
            raise Refused(KEY_UNREADABLE, path=path, reason="not a regular file")
        if state.st_mode & 0o077 or state.st_uid not in {0, os.geteuid()}:
            raise Refused(KEY_EXPOSED, path=path)
        return os.read(handle, limit + 1)
    finally:
        os.close(handle)


def write_new(path: Path, data: bytes, mode: int = 0o600) -> None:
    """Make a file that did not exist, durably and in one step.

    Refuses: KEY_EXISTS, KEY_PLACE_MISSING, STORAGE_FULL, STORAGE_AWAY.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with disk():
            write_durably(temporary, data, mode)
            os.link(temporary, path)
            sync_directory(path.parent)
    except Refused as reason:
        if path.exists():
            raise Refused(KEY_EXISTS, path=path) from reason
        raise
    except FileNotFoundError as reason:
        raise Refused(KEY_PLACE_MISSING, path=path, folder=path.parent) from reason
    finally:
        temporary.unlink(missing_ok=True)


def write_durably(path: Path, data: bytes, mode: int = 0o600) -> None:
    """Make one file and fsync it; its name is durable only when the caller syncs the directory."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    try:
        write_all(handle, data)
        os.fsync(handle)
    finally:
        os.close(handle)


def replace_durably(path: Path, data: bytes, mode: int = 0o600) -> None:
    """Write a file in one step over the one before, if any, its name durable as well.

    Refuses: STORAGE_FULL, STORAGE_AWAY.
    """
    making = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with disk():
        try:
            write_durably(making, data, mode)
            making.replace(path)
        finally:
            making.unlink(missing_ok=True)
        sync_directory(path.parent)
