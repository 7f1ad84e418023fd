"""From a connector's configuration to what it works with: its key, its connection, its scanner and encryption."""

from __future__ import annotations

from lienthong.connector.credentials import open_signer, secret_of
from lienthong.connector.guarding import Guard
from lienthong.connector.http import AxisConnection
from lienthong.connector.malware import Scanner
from lienthong.connector.unsealing import Unsealer, open_decryptors
from lienthong.infra.connector_config import ConnectorConfig
from lienthong.infra.credentials import Credentials


def credentials_of(config: ConnectorConfig) -> Credentials:
    """The system's key, loaded once, and its certificates. Refuses as :func:`open_signer`."""
    return open_signer(config)


def connection_of(config: ConnectorConfig) -> AxisConnection:
    """A signed connection to the first axis of a configuration."""
    signer = credentials_of(config).signer
    return AxisConnection(config.axis_url, signer, timeout=config.timeout.total_seconds() + 30)


def guard_of(config: ConnectorConfig) -> Guard:
    """Scanner and encryption as configured. Refuses as :func:`open_decryptors`, and SCAN_ADDRESS_INVALID."""
    address = config.scan_address
    scanner = None if address is None else Scanner(address, when_unable=config.scan_when_unable)
    keys = open_decryptors(config.encryption_keys_dir, secret_of(config))
    return Guard.of(config.spool_dir, config.encrypt, Unsealer(keys), scanner)
