"""From a connector's configuration to what talks to its axis: the key that signs, and the connection."""

from __future__ import annotations

from lienthong.connector.http import AxisConnection
from lienthong.infra.keys import FileSigner
from lienthong.infra.role_config import ConnectorConfig
from lienthong.trust.signer import Signer


def signer_of(config: ConnectorConfig) -> Signer:
    """The system's key, loaded once. Refuses KEY_MISSING, KEY_EXPOSED, KEY_UNREADABLE."""
    password = config.key_password_file.read() if config.key_password_file is not None else None
    return FileSigner(config.key_file.path, password)


def connection_of(config: ConnectorConfig) -> AxisConnection:
    """A signed connection to the first axis of a configuration."""
    return AxisConnection(config.axis_url, signer_of(config), timeout=config.timeout.total_seconds() + 30)
