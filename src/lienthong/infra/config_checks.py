"""Checks of single settings that several roles share; each gives the setting and what is wrong in both languages."""

from __future__ import annotations

import ipaddress
import re

Finding = tuple[str, str, str]
"""Name of the setting, the sentence in Vietnamese, the sentence in English."""


def bad_name(name: str, value: str) -> list[Finding]:
    """A name of an axis or system: lower-case letters, digits, dots, hyphens."""
    if re.fullmatch(r"[a-z0-9]([a-z0-9.\-/]{0,98}[a-z0-9])?", value):
        return []
    return [
        (
            name,
            f"“{name}” chỉ gồm chữ thường không dấu, chữ số, dấu chấm, gạch nối",
            f"“{name}” may hold only lower-case letters, digits, dots and hyphens",
        )
    ]


def bad_address(value: str, name: str = "listen") -> list[Finding]:
    """An address and port, to listen on or of another server."""
    host, _, port = value.rpartition(":")
    if host and port.isascii() and port.isdigit() and int(port) < 65536:
        return []
    return [
        (
            name,
            f"“{name}” phải viết như “127.0.0.1:8080”",
            f"“{name}” must be written like “127.0.0.1:8080”",
        )
    ]


def bad_networks(name: str, values: tuple[str, ...]) -> list[Finding]:
    """Addresses or networks, the first that is none."""
    for value in values:
        try:
            ipaddress.ip_network(value, strict=False)
        except ValueError:
            return [
                (
                    name,
                    f"“{value}” không phải địa chỉ hay dải mạng như 10.1.2.0/24",
                    f"“{value}” is no address or network such as 10.1.2.0/24",
                )
            ]
    return []


def bad_hosts(name: str, values: tuple[str, ...]) -> list[Finding]:
    """Names of machines, or suffixes with their dot, the first that is none; a suffix has two parts or more."""
    label = r"[a-z0-9]([a-z0-9-]*[a-z0-9])?"
    for value in values:
        if not re.fullmatch(rf"{label}(\.{label})*|(\.{label}){{2,}}", value):
            return [
                (
                    name,
                    f"“{value}” không phải tên máy như may.example hay đuôi tên như .may.example",
                    f"“{value}” is no name of a machine such as host.example, or suffix such as .host.example",
                )
            ]
    return []


def bad_url(name: str, value: str | None) -> list[Finding]:
    """An address of another server; absent is fine."""
    if value is None or re.fullmatch(r"https?://[^\s@?#]+", value):
        return []
    return [
        (
            name,
            f"“{name}” phải là địa chỉ http(s), không kèm tài khoản hay tham số",
            f"“{name}” must be an http(s) address without account or query",
        )
    ]


def bad_kill(value: str | None) -> list[Finding]:
    """A step at which a test ends the process."""
    if value is None or re.fullmatch(r"[a-z_.]+(:[1-9][0-9]*)?(@database)?", value):
        return []
    return [("kill_at", "“kill_at” phải viết như “bước:lần”", "“kill_at” must be written like “step:nth”")]
