"""From a profile to a client: which axis, which system, which key. Shared by all verbs that talk to an axis."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lienthong.connector.client import Client
from lienthong.infra.config import load, locate
from lienthong.infra.connector_config import ConnectorConfig

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


def open_client(profile: Path | None, agency: str | None = None) -> Client:
    """A client for one agency of a profile. Refuses INPUT_NOT_USABLE when the agency is not in it."""
    return Client.open(locate(ConnectorConfig, profile), agency)
