"""From a profile to a client: which axis, which system, which key. Shared by all verbs that talk to an axis."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lienthong.base.errors import Refused
from lienthong.connector.client import Client
from lienthong.connector.credentials import Credentials, open_signer, secret_of
from lienthong.connector.errors import INPUT_NOT_USABLE
from lienthong.connector.guarding import Guard
from lienthong.connector.http import AxisConnection
from lienthong.connector.malware import Scanner
from lienthong.connector.unsealing import Unsealer, open_decryptors
from lienthong.infra.config import load, locate
from lienthong.infra.role_config import ConnectorConfig
from lienthong.trust.keys import load_public_key

ProfileOption = Annotated[
    Path | None,
    typer.Option("--profile", help="Tệp cấu hình kết nối (TOML) · Connection profile; default: LIENTHONG_PROFILE."),
]
AgencyOption = Annotated[
    str | None, typer.Option("--agency", help="Mã cơ quan, khi hệ thống đại diện nhiều cơ quan · Acting agency.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="In kết quả dạng JSON · Print the result as JSON.")]


def open_profile(profile: Path | None) -> ConnectorConfig:
    """The profile given, or the one that the environment names. Refuses CONFIG_MISSING, CONFIG_INVALID."""
    return load(locate(ConnectorConfig, profile), ConnectorConfig)


def open_credentials(config: ConnectorConfig) -> Credentials:
    """The key and certificates of a profile. Refuses as :func:`open_signer`."""
    return open_signer(config)


def open_connection(config: ConnectorConfig) -> AxisConnection:
    """A signed connection by a profile."""
    return AxisConnection(config.axis_url, open_credentials(config).signer, timeout=config.timeout.total_seconds() + 30)


def open_client(profile: Path | None, agency: str | None = None) -> Client:
    """A client for one agency of a profile. Refuses INPUT_NOT_USABLE when the agency is not in it."""
    config = open_profile(profile)
    chosen = agency or config.agencies[0]
    if chosen not in config.agencies:
        why = f"cấu hình chỉ có {', '.join(config.agencies)} (not in the profile)"
        raise Refused(INPUT_NOT_USABLE, field="agency", why=why)
    axis_key = load_public_key(config.axis_key_file.read_bytes())
    return Client(
        open_connection(config),
        chosen,
        axis_key,
        config.spool_dir,
        piece=config.part_size,
        guard=open_guard(config),
    )


def open_guard(config: ConnectorConfig) -> Guard:
    """Scanner and encryption as the profile says. Refuses as :func:`open_decryptors`, and SCAN_ADDRESS_INVALID."""
    address = config.scan_address
    scanner = None if address is None else Scanner(address, when_unable=config.scan_when_unable)
    keys = open_decryptors(config.encryption_keys_dir, secret_of(config))
    return Guard.of(config.spool_dir, config.encrypt, Unsealer(keys), scanner)
