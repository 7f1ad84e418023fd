"""What the axis and its worker share: from a configuration to the objects that the verbs work with, by hand."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lienthong.base.clock import Clock
from lienthong.base.errors import Refused
from lienthong.exchange.service.context import AxisContext, Limits
from lienthong.exchange.service.directory import HeldDirectory, load_state
from lienthong.exchange.service.log_context import LogContext, read_peers
from lienthong.exchange.service.log_files import LogFiles
from lienthong.exchange.service.stamping import LocalAuthority, RemoteAuthority, TimestampAuthority
from lienthong.exchange.store.connection import Connection
from lienthong.infra.blobs import BlobStore
from lienthong.infra.database import connect
from lienthong.infra.errors import KEY_EXISTS
from lienthong.infra.keys import create_key, read_key
from lienthong.infra.node_keys import NodeKeys
from lienthong.infra.role_config import AxisConfig, WorkerConfig
from lienthong.roles.axis_home import node_keys
from lienthong.trust.certificates import TrustStore, load_certificates


def make_limits(config: AxisConfig) -> Limits:
    """The limits that the operator may set; the rest have their defaults."""
    return Limits(
        deadline=config.deadline,
        document=config.max_document,
        packet=config.max_packet,
        spare_disk=config.spare_disk,
        quota_per_second=config.quota_per_second,
        quota_burst=config.quota_burst,
    )


def make_context(config: AxisConfig, dsn: str, keys: NodeKeys, clock: Clock) -> tuple[AxisContext, HeldDirectory]:
    """The context of one process, with the directory as it is now."""
    with connect(dsn, "lienthong start", statement_seconds=120) as connection:
        directory = HeldDirectory(load_state(connection, config.name))
    blobs = BlobStore(config.data_dir / "blobs")
    ctx = AxisContext(config.name, clock, keys.receipt, blobs, directory, make_limits(config), note_key=keys.note)
    return ctx, directory


def make_log(config: AxisConfig, worker: WorkerConfig | None, dsn: str, ctx: AxisContext, keys: NodeKeys) -> LogContext:
    """The evidence log of one process."""
    local = LocalAuthority(keys.tsa, keys.tsa_chain, ctx.clock)
    authority: TimestampAuthority = local
    if config.tsa_url is not None:
        authority = RemoteAuthority(config.tsa_url, TrustStore(_trusted(config.trusted_certificates)))

    def connection() -> AbstractContextManager[Connection]:
        return connect(dsn, "lienthong log", autocommit=True)

    log = LogContext(
        axis=ctx,
        note_key=_edwards(config, "note"),
        witness_key=_edwards(config, "witness"),
        files=LogFiles(config.data_dir / "log"),
        authority=authority,
        local_authority=local,
        connect=connection,
        peers=read_peers(config.witnesses),
    )
    if worker is not None:
        log.every = worker.checkpoint_every
        log.anchor_every = max(worker.checkpoint_every, log.anchor_every / 10)
    return log


def load_keys(config: AxisConfig, clock: Clock) -> NodeKeys:
    """The axis's keys, made at the first start."""
    return node_keys(config, clock.now())


def _edwards(config: AxisConfig, name: str) -> Ed25519PrivateKey:
    """An Ed25519 key of the log; the witness's is made when it is first needed."""
    password = config.key_password_file.read() if config.key_password_file is not None else None
    path = config.keys / f"{name}.key.pem"
    if not path.exists():
        try:
            create_key(path, "Ed25519", password)
        except Refused as refusal:
            # Axis and worker start at the same time: the other one made it.
            if refusal.code is not KEY_EXISTS:
                raise
    key = read_key(path, password)
    if not isinstance(key, Ed25519PrivateKey):
        raise TypeError(f"{path.name} is not an Ed25519 key")
    return key


def _trusted(folder: Path | None) -> tuple[x509.Certificate, ...]:
    if folder is None:
        return ()
    return tuple(each for file in sorted(folder.glob("*.pem")) for each in load_certificates(file.read_bytes()))
