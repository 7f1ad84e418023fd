"""Where a signature's evidence comes from: a time stamping authority and revocation lists, by configuration.

``tsa.toml`` beside a signer's profile: ``url = "http://…"`` for an authority over HTTP (RFC 3161), or ``key``,
``certificate`` and ``chain`` for one of our own; ``crls = ["ca.crl", …]``: revocation lists in DER. Paths are
relative to it.
Everything here may be away: whoever signs loses a level then, never the signature.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from lienthong.base.clock import Clock
from lienthong.base.errors import Refused
from lienthong.base.text import one_line
from lienthong.infra.keys import FileSigner
from lienthong.infra.timestamp_authority import LocalAuthority, RemoteAuthority, TimestampAuthority
from lienthong.signing.errors import SIGNER_PROFILE_INVALID
from lienthong.trust.certificates import load_certificates

_MEMBERS = {"url", "key", "certificate", "chain", "crls"}
_MAXIMUM = 64 * 1024


@dataclass(frozen=True, slots=True)
class Evidence:
    """What can be added to a signature. ``authority``: None when there is none. ``crls``: files of revocation lists."""

    authority: TimestampAuthority | None = None
    crl_files: tuple[Path, ...] = ()

    def crls(self) -> list[bytes]:
        """The lists as they are now; ``OSError`` when one cannot be read."""
        return [each.read_bytes() for each in self.crl_files]


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
    unknown = sorted(set(members) - _MEMBERS)
    if unknown:
        raise Refused(
            SIGNER_PROFILE_INVALID,
            file=file,
            why_vi=f"không biết mục “{unknown[0]}”",
            why_en=f"“{unknown[0]}” is not known",
        )
    crls = tuple(file.parent / str(name) for name in members.get("crls", []))
    if "url" in members:
        return Evidence(RemoteAuthority(str(members["url"])), crls)
    if not {"key", "certificate"} <= set(members):
        return Evidence(None, crls)
    own = load_certificates((file.parent / str(members["certificate"])).read_bytes())
    above = load_certificates((file.parent / str(members["chain"])).read_bytes()) if "chain" in members else ()
    signer = FileSigner(file.parent / str(members["key"]))
    return Evidence(LocalAuthority(signer, (*own, *above), clock), crls)
