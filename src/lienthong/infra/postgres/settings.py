"""Server settings that a role chooses; what the installation's safety needs is not among them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

_FIXED = ("listen_addresses", "fsync", "full_page_writes", "hba_file", "ident_file", "unix_socket_directories",
          "unix_socket_permissions", "data_directory", "config_file", "external_pid_file")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Settings:
    """What the server is started with.

    ``shared_buffers``: PostgreSQL size text. ``max_connections``: over all databases of the cluster.
    ``more``: further PostgreSQL settings by name; the names that keep the cluster private and durable are refused
    with ``ValueError``, because a role must not be able to loosen them.
    """

    shared_buffers: str = "128MB"
    max_connections: int = 100
    more: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in self.more:
            if name.lower() in _FIXED:
                raise ValueError(f"the setting {name} is fixed by the launcher")


def server_arguments(settings: Settings, *, data: Path, sockets: Path, hba: Path, ident: Path) -> list[str]:
    """Command line of ``postgres`` for one cluster."""
    values = {
        "shared_buffers": settings.shared_buffers,
        "max_connections": str(settings.max_connections),
        "logging_collector": "off",
        "log_destination": "stderr",
        "log_line_prefix": "%m [%p] ",
        "log_timezone": "UTC",
        "timezone": "UTC",
        "lc_messages": "C",
        # Statements carry what documents say; the log must not.
        "log_min_error_statement": "panic",
        "log_error_verbosity": "terse",
        "cluster_name": "lienthong",
        **settings.more,
        "listen_addresses": "",
        "unix_socket_directories": str(sockets),
        "unix_socket_permissions": "0700",
        "hba_file": str(hba),
        "ident_file": str(ident),
        "fsync": "on",
        "full_page_writes": "on",
    }
    arguments = ["-D", str(data)]
    for name, value in values.items():
        arguments += ["-c", f"{name}={value}"]
    return arguments
