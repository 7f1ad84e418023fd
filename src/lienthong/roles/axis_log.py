"""The evidence log's part of an axis: keys, files and authorities, for the API and the worker alike."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lienthong.base.errors import Refused
from lienthong.exchange.service.context import AxisContext
from lienthong.exchange.service.log_context import LogContext, read_peers
from lienthong.exchange.service.log_files import LogFiles
from lienthong.infra.database import connect
from lienthong.infra.errors import KEY_EXISTS, KEY_UNREADABLE
from lienthong.infra.keys import create_key, read_key
from lienthong.infra.node_keys import NodeKeys
from lienthong.infra.role_config import AxisConfig
from lienthong.infra.timestamp_authority import LocalAuthority, RemoteAuthority
from lienthong.trust.certificates import TrustStore, load_certificates


def log_context(config: AxisConfig, ctx: AxisContext, keys: NodeKeys, dsn: str) -> LogContext:
    """The log as configured; the witness key is made at the first start."""
    local = LocalAuthority(keys.tsa, keys.tsa_chain, ctx.clock)
    return LogContext(
        axis=ctx,
        note_key=_ed25519(config, "note"),
        witness_key=witness_key(config),
        files=LogFiles(config.data_dir / "log"),
        authority=local if config.tsa_url is None else RemoteAuthority(config.tsa_url, trusted_roots(config)),
        local_authority=local,
        connect=lambda: connect(dsn, "lienthong log"),
        peers=read_peers(config.witnesses),
    )


def trusted_roots(config: AxisConfig) -> TrustStore:
    """The root certificates in ``trusted_certificates``; none when the key is absent.

    Refuses: CERTIFICATE_NOT_READABLE.
    """
    roots = (root for path in config.certificate_files for root in load_certificates(path.read_bytes()))
    return TrustStore(tuple(roots))


def witness_key(config: AxisConfig) -> Ed25519PrivateKey:
    """The key with which this axis cosigns the logs of others; made when it is missing."""
    path = config.keys / "witness.key.pem"
    if not path.exists():
        try:
            create_key(path, "Ed25519", _password(config))
        except Refused as refusal:
            # Another process of the same node may be first; then its key counts.
            if refusal.code is not KEY_EXISTS:
                raise
    return _ed25519(config, "witness")


def _ed25519(config: AxisConfig, name: str) -> Ed25519PrivateKey:
    path = config.keys / f"{name}.key.pem"
    key = read_key(path, _password(config))
    if not isinstance(key, Ed25519PrivateKey):
        raise Refused(KEY_UNREADABLE, path=path, reason="not an Ed25519 key")
    return key


def _password(config: AxisConfig) -> bytes | None:
    return config.key_password_file.read() if config.key_password_file is not None else None
