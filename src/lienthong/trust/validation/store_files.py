"""A trust store as files: certificates, revocation data, and ``store.toml`` that dates them. Bytes in, store out.

``store.toml``: ``store`` (official-duty, national, test), any number of ``[[anchor]]`` with ``file``, and, as wanted,
``purposes``, ``not_before``, ``not_after``. Without it every self-issued certificate of the folder is an anchor of the
store that the folder is named after, of ``test`` otherwise; the others are intermediates.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from cryptography import x509

from lienthong.base.errors import Refused
from lienthong.base.text import one_line
from lienthong.trust.certificates import load_certificate, load_certificates
from lienthong.trust.revocation import load_revocation
from lienthong.trust.validation.errors import TRUST_STORE_NOT_USABLE
from lienthong.trust.validation.stores import PURPOSES, STORE_NAMES, TEST, Anchor, TrustStores

TOML = "store.toml"
_CERTIFICATES = (".pem", ".crt", ".cer", ".der")
_MEMBERS = {"file", "purposes", "not_before", "not_after"}


def read_store(files: Mapping[str, bytes], folder: str) -> TrustStores:
    """The store that a folder's files make. Refuses: TRUST_STORE_NOT_USABLE, CERTIFICATE_NOT_READABLE."""
    certificates = {name: _certificates(data) for name, data in files.items() if name.lower().endswith(_CERTIFICATES)}
    revocation = load_revocation(
        [data for name, data in sorted(files.items()) if name.lower().endswith(".crl")],
        [data for name, data in sorted(files.items()) if name.lower().endswith((".ocsp", ".ors"))],
    )
    dated = files.get(TOML)
    anchors = _plain(certificates, folder) if dated is None else _dated(dated, certificates)
    roots = {anchor.certificate for anchor in anchors}
    others = tuple(item for held in certificates.values() for item in held if item not in roots)
    return TrustStores(tuple(anchors), tuple(dict.fromkeys(others)), revocation)


def _certificates(data: bytes) -> tuple[x509.Certificate, ...]:
    if b"-----BEGIN CERTIFICATE" in data:
        return load_certificates(data)
    if b"-----BEGIN " in data:
        return ()  # a key or a request that lies beside
    return (load_certificate(data),)


def _plain(certificates: Mapping[str, tuple[x509.Certificate, ...]], folder: str) -> list[Anchor]:
    store = folder if folder in STORE_NAMES else TEST
    found = [item for held in certificates.values() for item in held if item.subject == item.issuer]
    return [Anchor(item, store) for item in dict.fromkeys(found)]


def _dated(toml: bytes, certificates: Mapping[str, tuple[x509.Certificate, ...]]) -> list[Anchor]:
    try:
        members = tomllib.loads(toml.decode("utf-8"))
    except ValueError as error:
        raise _refused(f"{TOML}: {error}") from error
    store = members.get("store")
    if store not in STORE_NAMES or set(members) - {"store", "anchor"}:
        raise _refused(f"{TOML}: store = {' | '.join(STORE_NAMES)}, [[anchor]]")
    rows = members.get("anchor", [])
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise _refused(f"{TOML}: [[anchor]]")
    return [anchor for row in rows for anchor in _anchors(row, store, certificates)]


def _anchors(row: dict[str, Any], store: str, certificates: Mapping[str, tuple[x509.Certificate, ...]]) -> list[Anchor]:
    unknown = set(row) - _MEMBERS
    if unknown:
        raise _refused(f"{TOML}: {one_line(', '.join(sorted(unknown)), 60)}")
    held = certificates.get(str(row.get("file")))
    if not held:
        raise _refused(f"{TOML}: {one_line(str(row.get('file')), 60)}")
    purposes = row.get("purposes", list(PURPOSES))
    if not isinstance(purposes, list) or not purposes or set(map(str, purposes)) - set(PURPOSES):
        raise _refused(f"{TOML}: purposes = {list(PURPOSES)}")
    begin, end = _instant(row, "not_before"), _instant(row, "not_after")
    return [Anchor(item, store, frozenset(purposes), begin, end) for item in held]


def _instant(row: Mapping[str, Any], name: str) -> datetime | None:
    value = row.get(name)
    if value is None:
        return None
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise _refused(f"{TOML}: {name} = 2026-01-01T00:00:00+07:00")
    return value.astimezone(UTC)


def _refused(reason: str) -> Refused:
    return Refused(TRUST_STORE_NOT_USABLE, reason=one_line(reason, 200))
