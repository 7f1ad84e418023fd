"""Where a signature's evidence comes from: a time stamping authority and revocation data, by configuration.

``tsa.toml`` beside a signer's profile: ``url = "http://…"`` for an authority over HTTP (RFC 3161), or ``key``,
``certificate`` and ``chain`` for one of our own; ``crls = ["ca.crl", …]``: revocation lists in DER;
``certificates = ["root.pem", …]``: certificates above the signers' that documents do not carry. Paths are relative to
it. ``[revocation]`` asks the services of the authorities (:mod:`lienthong.infra.revocation_sources`):

| member | meaning |
|---|---|
| ``hosts`` | ``["pki.local:8095"]``: who may be asked; none, and nobody is |
| ``ocsp``, ``lists`` | ``false``: no OCSP, no revocation lists |
| ``ocsp_urls``, ``crl_urls`` | asked before the addresses in a certificate |
| ``cache`` | folder of answers until they are out of date |
| ``seconds`` | for one answer, 10 |

Everything here may be away: whoever signs loses a level then, never the signature.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography import x509

from lienthong.base.clock import Clock
from lienthong.base.errors import Refused
from lienthong.base.text import one_line
from lienthong.infra.keys import FileSigner
from lienthong.infra.revocation_sources import RevocationSources, SourceSettings
from lienthong.infra.timestamp_authority import LocalAuthority, RemoteAuthority, TimestampAuthority
from lienthong.infra.timestamp_errors import TSA_AWAY
from lienthong.signing.errors import REVOCATION_AWAY, SIGNER_PROFILE_INVALID
from lienthong.trust.certificates import load_certificates

_MEMBERS = {"url", "key", "certificate", "chain", "crls", "certificates", "revocation"}
_SOURCE_MEMBERS = {"hosts", "ocsp", "lists", "ocsp_urls", "crl_urls", "cache", "seconds"}
_MAXIMUM = 64 * 1024


@dataclass(frozen=True, slots=True)
class Evidence:
    """What can be added to a signature. ``authority``, ``sources``: None when there is none.

    ``crl_files``: files of revocation lists. ``certificates``: further ones above signers and authorities.
    """

    authority: TimestampAuthority | None = None
    crl_files: tuple[Path, ...] = ()
    sources: RevocationSources | None = None
    certificates: tuple[x509.Certificate, ...] = ()

    def crls(self) -> list[bytes]:
        """The lists of the files as they are now. Refuses REVOCATION_AWAY when one cannot be read."""
        try:
            return [each.read_bytes() for each in self.crl_files]
        except OSError as error:
            raise Refused(REVOCATION_AWAY, reason=str(error.filename)) from error

    def stamp(self, digest: bytes) -> bytes:
        """A time stamp over a SHA-256 digest. Refuses TSA_AWAY, also when no authority is set, TSA_ANSWER_WRONG."""
        if self.authority is None:
            raise Refused(TSA_AWAY, reason="hồ sơ người ký không khai dịch vụ cấp dấu thời gian (none configured)")
        return self.authority.stamp(digest)


def read_evidence(file: Path | None, clock: Clock) -> Evidence:
    """Read ``tsa.toml``; without a file nothing can be added. Refuses: SIGNER_PROFILE_INVALID, KEY_… of a local key."""
    if file is None:
        return Evidence()
    try:
        with file.open("rb") as opened:
            members = tomllib.loads(opened.read(_MAXIMUM).decode("utf-8"))
    except (OSError, ValueError) as error:
        why = one_line(str(error), 120)
        raise Refused(SIGNER_PROFILE_INVALID, file=file, why_vi=why, why_en=why) from error
    _require_known(file, members, _MEMBERS)
    crls = tuple(file.parent / str(name) for name in members.get("crls", []))
    above = [_certificates(file, name) for name in members.get("certificates", [])]
    further = tuple(each for held in above for each in held)
    return Evidence(_authority(file, members, clock), crls, _sources(file, members, clock), further)


def _authority(file: Path, members: dict[str, Any], clock: Clock) -> TimestampAuthority | None:
    if "url" in members:
        return RemoteAuthority(str(members["url"]))
    if not {"key", "certificate"} <= set(members):
        return None
    own = _certificates(file, members["certificate"])
    above = _certificates(file, members["chain"]) if "chain" in members else ()
    return LocalAuthority(FileSigner(file.parent / str(members["key"])), (*own, *above), clock)


def _certificates(file: Path, name: object) -> tuple[x509.Certificate, ...]:
    try:
        return load_certificates((file.parent / str(name)).read_bytes())
    except OSError as error:
        why = f"{name}: {error.strerror}"
        raise Refused(SIGNER_PROFILE_INVALID, file=file, why_vi=why, why_en=why) from error


def _sources(file: Path, members: dict[str, Any], clock: Clock) -> RevocationSources | None:
    rows = members.get("revocation")
    if rows is None:
        return None
    if not isinstance(rows, dict):
        raise _invalid(file, "“revocation” phải là một bảng", "“revocation” must be a table")
    _require_known(file, rows, _SOURCE_MEMBERS)
    for name in ("hosts", "ocsp_urls", "crl_urls"):
        given = rows.get(name, [])
        if not isinstance(given, list) or not all(isinstance(each, str) for each in given):
            raise _invalid(file, f"“{name}” phải là danh sách chữ", f"“{name}” must be a list of texts")
    for name in ("ocsp", "lists"):
        if not isinstance(rows.get(name, True), bool):
            raise _invalid(file, f"“{name}” phải là true hoặc false", f"“{name}” must be true or false")
    seconds = rows.get("seconds", 10)
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 < seconds <= 600:
        raise _invalid(file, "“seconds” phải là số từ 1 đến 600", "“seconds” must be a number from 1 to 600")
    settings = SourceSettings(
        hosts=frozenset(rows.get("hosts", [])),
        ocsp=rows.get("ocsp", True),
        lists=rows.get("lists", True),
        ocsp_urls=tuple(rows.get("ocsp_urls", [])),
        crl_urls=tuple(rows.get("crl_urls", [])),
        cache=file.parent / str(rows["cache"]) if "cache" in rows else None,
        seconds=float(seconds),
    )
    return RevocationSources(settings, clock)


def _require_known(file: Path, members: dict[str, Any], known: set[str]) -> None:
    for name in sorted(set(members) - known):
        raise _invalid(file, f"không biết mục “{name}”", f"“{name}” is not known")


def _invalid(file: Path, vi: str, en: str) -> Refused:
    return Refused(SIGNER_PROFILE_INVALID, file=file, why_vi=vi, why_en=en)
