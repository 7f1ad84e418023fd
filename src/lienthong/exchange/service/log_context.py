"""What the evidence log works with; wired by hand beside the axis's context."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding

from lienthong.base.clock import Clock
from lienthong.base.errors import Refused
from lienthong.exchange.service.context import AxisContext
from lienthong.exchange.service.log_files import LogFiles
from lienthong.exchange.store.connection import Connection
from lienthong.infra.errors import CONFIG_INVALID
from lienthong.infra.timestamp_authority import LocalAuthority, TimestampAuthority
from lienthong.ledger.cosignature import CosignatureKey
from lienthong.ledger.notes import Ed25519NoteKey
from lienthong.trust.keys import PublicKey, public_pem

Connect = Callable[[], AbstractContextManager[Connection]]
"""Gives an autocommit connection for one piece of work in a thread."""


@dataclass(frozen=True, slots=True)
class Witness:
    """An axis that cosigns our checkpoints: its cosignature key and the address below which ``add-checkpoint`` is."""

    key: CosignatureKey
    url: str


@dataclass(frozen=True, slots=True)
class Peers:
    """``witnesses`` cosign for us; for ``logs`` we cosign."""

    witnesses: tuple[Witness, ...] = ()
    logs: tuple[Ed25519NoteKey, ...] = ()


@dataclass(slots=True)
class LogContext:
    """The evidence log of one axis.

    ``note_key`` signs checkpoints, ``witness_key`` cosigns those of others: two keys, because a witness key never
    signs anything else. ``authority`` stamps our checkpoints; ``local_authority`` answers others. ``retired_keys``:
    earlier event keys, newest first.
    """

    axis: AxisContext
    note_key: Ed25519PrivateKey
    witness_key: Ed25519PrivateKey
    files: LogFiles
    authority: TimestampAuthority
    local_authority: LocalAuthority
    connect: Connect
    peers: Peers = Peers()
    retired_keys: tuple[PublicKey, ...] = ()
    every: timedelta = timedelta(seconds=1)
    anchor_every: timedelta = timedelta(seconds=10)
    note_public: Ed25519NoteKey = field(init=False)
    witness_public: CosignatureKey = field(init=False)

    def __post_init__(self) -> None:
        self.note_public = Ed25519NoteKey(self.axis.name, self.note_key.public_key())
        self.witness_public = CosignatureKey(self.axis.name, self.witness_key.public_key())

    @property
    def name(self) -> str:
        """The log's origin, which is the axis's name."""
        return self.axis.name

    @property
    def clock(self) -> Clock:
        return self.axis.clock

    @property
    def receipt_pems(self) -> str:
        """The axis's event keys in PEM, newest first."""
        keys = (self.axis.receipt_signer.public_key, *self.retired_keys)
        return "".join(public_pem(key).decode("ascii") for key in keys)


def certificates_pem(chain: tuple[x509.Certificate, ...]) -> str | None:
    """Certificates in PEM, leaf first; None when there are none."""
    return "".join(each.public_bytes(Encoding.PEM).decode("ascii") for each in chain) or None


def read_peers(lines: tuple[str, ...]) -> Peers:
    """Peers as they are configured: ``KEY URL`` is a witness of ours, ``KEY`` alone a log that we witness.

    Keys are lines ``name+id+base64``: a witness's of signature type 0x04, a log's of type 0x01.
    Refuses: NOTE_KEY_MALFORMED, CONFIG_INVALID (two peers with one key name).
    """
    witnesses: list[Witness] = []
    logs: list[Ed25519NoteKey] = []
    for line in lines:
        key, _, url = line.strip().partition(" ")
        if url:
            witnesses.append(Witness(CosignatureKey.from_text(key), url.strip().rstrip("/")))
        else:
            logs.append(Ed25519NoteKey.from_text(key))
    for names in ([each.key.name for each in witnesses], [each.name for each in logs]):
        if len(set(names)) < len(names):
            raise Refused(CONFIG_INVALID, path="witnesses", count=1)
    return Peers(tuple(witnesses), tuple(logs))
