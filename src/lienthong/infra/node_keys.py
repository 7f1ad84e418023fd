"""The keys of one axis: receipts, notes of the evidence log, and its own timestamps with their certificates.

All are made together at the first start, in a directory that appears whole or not at all, so that two processes that
start at once agree. Afterwards nothing is ever made in it: a file that is missing is an operator's matter.
"""

from __future__ import annotations

import os
import secrets
import shutil
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding

from lienthong.base.errors import Refused
from lienthong.infra.blob_files import disk, refusal, sync_directory
from lienthong.infra.errors import KEY_MISSING, KEY_UNREADABLE
from lienthong.infra.keys import FileSigner, generate, key_pem, write_durably
from lienthong.trust.keys import public_pem
from lienthong.trust.local_pki import Period, distinguished_name, make_root, make_timestamper

ROOT_YEARS, TSA_YEARS = 20, 10


@dataclass(frozen=True)
class NodeKeys:
    """What an axis signs with. ``tsa_chain``: the timestamp certificate first, its root last."""

    receipt: FileSigner
    note: FileSigner
    tsa: FileSigner
    tsa_chain: tuple[x509.Certificate, ...]

    @classmethod
    def load_or_create(cls, directory: Path, name: str, now: datetime, password: bytes | None = None) -> NodeKeys:
        """The keys in ``directory``, made now if there is no such directory.

        Files: ``receipt``, ``note`` and ``tsa``, each ``.key.pem`` and ``.pub.pem``, and ``tsa.crt.pem``. ``name``
        stands in the certificates. Refuses: KEY_MISSING, KEY_EXPOSED, KEY_UNREADABLE, STORAGE_FULL, STORAGE_AWAY.
        """
        if not directory.exists():
            _create(directory, name, now, password)
        return cls.load(directory, password)

    @classmethod
    def load(cls, directory: Path, password: bytes | None = None) -> NodeKeys:
        """The keys that are there. Refuses: KEY_MISSING, KEY_EXPOSED, KEY_UNREADABLE."""
        receipt, note, tsa = (
            FileSigner(directory / f"{each}.key.pem", password) for each in ("receipt", "note", "tsa")
        )
        return cls(receipt, note, tsa, _chain(directory / "tsa.crt.pem"))


def _create(directory: Path, name: str, now: datetime, password: bytes | None) -> None:
    """Make the whole set beside its place, then move it there; if another process was first, its set stays."""
    directory.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = directory.with_name(f".{directory.name}.{secrets.token_hex(4)}")
    try:
        with disk():
            fresh.mkdir(mode=0o700)
            _fill(fresh, name, now, password)
            sync_directory(fresh)
            with suppress(FileExistsError):
                _move(fresh, directory)
            sync_directory(directory.parent)
    except FileNotFoundError as reason:
        raise refusal(reason) from reason
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _move(fresh: Path, directory: Path) -> None:
    """Rename a directory; one that has files already is never replaced (POSIX rename)."""
    try:
        os.rename(fresh, directory)  # noqa: PTH104  (Path.rename is the same call; kept beside its comment)
    except OSError as reason:
        if directory.exists():
            raise FileExistsError(str(directory)) from reason
        raise


def _fill(directory: Path, name: str, now: datetime, password: bytes | None) -> None:
    tsa = generate("P-256")
    for each, key in (("receipt", generate("P-256")), ("note", generate("Ed25519")), ("tsa", tsa)):
        write_durably(directory / f"{each}.key.pem", key_pem(key, password))
        write_durably(directory / f"{each}.pub.pem", public_pem(key.public_key()), 0o644)
    begin = now.replace(microsecond=0) - timedelta(hours=1)
    # The root's key signs one certificate and is not kept: nothing else can ever be issued under it.
    root = make_root(
        generate_private_key(SECP256R1()),
        distinguished_name(f"{name} timestamp root"),
        Period(begin, begin + timedelta(days=365 * ROOT_YEARS)),
        _serial(),
    )
    leaf = make_timestamper(
        root,
        tsa.public_key(),
        distinguished_name(f"{name} timestamps"),
        Period(begin, begin + timedelta(days=365 * TSA_YEARS)),
        _serial(),
    )
    pem = leaf.public_bytes(Encoding.PEM) + root.certificate.public_bytes(Encoding.PEM)
    write_durably(directory / "tsa.crt.pem", pem, 0o644)


def _serial() -> int:
    """Positive, 127 random bits (RFC 5280 clause 4.1.2.2)."""
    return secrets.randbits(127) | 1


def _chain(path: Path) -> tuple[x509.Certificate, ...]:
    try:
        return tuple(x509.load_pem_x509_certificates(path.read_bytes()))
    except FileNotFoundError as reason:
        raise Refused(KEY_MISSING, path=path) from reason
    except ValueError as reason:
        raise Refused(KEY_UNREADABLE, path=path, reason="not certificates in PEM") from reason
