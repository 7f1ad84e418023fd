"""Attachments encrypted for their recipients: who can read is decided before anything is sent, and never silently.

Keys come from the signed directory (purpose ``encrypt``), for agencies with the capability ``cms-encrypt``. One
ciphertext serves all recipients. Source: PR-NATIVE §9.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Literal

from lienthong.base.clock import VIETNAM
from lienthong.base.errors import Refused
from lienthong.base.text import one_line
from lienthong.connector.bodies import PIECE, read_pieces
from lienthong.connector.compose import Attachment
from lienthong.connector.errors import FILE_NOT_USABLE
from lienthong.connector.sealing_errors import RECIPIENTS_CANNOT_DECRYPT
from lienthong.connector.spool import Source
from lienthong.directory.model import SystemKey
from lienthong.directory.state import DirectoryState
from lienthong.infra.blob_files import disk
from lienthong.trust.certificates import load_certificate
from lienthong.trust.cms_encryption import MEDIA_TYPE, Addressee, addressee, seal
from lienthong.trust.keys import load_public_key

Encrypt = Literal["never", "when_possible", "always"]
"""What the sender wants for one document: plain; encrypted if every recipient can read that; or not sent otherwise."""

SUFFIX = ".p7m"
SHOWN = 20


@dataclass(frozen=True, slots=True)
class Unable:
    """A recipient that cannot open encrypted files, and why."""

    code: str
    name: str
    vi: str
    en: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What happens to the attachments of one document: ``addressees`` when they are encrypted, none when plain."""

    wanted: Encrypt
    addressees: tuple[Addressee, ...]
    unable: tuple[Unable, ...]

    @property
    def sealed(self) -> bool:
        return bool(self.addressees)

    def members(self) -> dict[str, object]:
        """The decision as it is kept beside the envelope."""
        return {
            "wanted": self.wanted,
            "sealed": self.sealed,
            "unable": [{"code": u.code, "name": u.name, "vi": u.vi, "en": u.en} for u in self.unable],
        }


def decide(state: DirectoryState, recipients: Sequence[str], wanted: Encrypt, at: datetime) -> Decision:
    """Whether a document goes out encrypted. Refuses RECIPIENTS_CANNOT_DECRYPT when it must and some cannot read it."""
    if wanted == "never":
        return Decision(wanted, (), ())
    addressees: dict[bytes, Addressee] = {}
    unable: list[Unable] = []
    for code in recipients:
        found = _keys_of(state, code, at)
        if isinstance(found, Unable):
            unable.append(found)
        else:
            addressees |= {each.identifier: each for each in found}
    if not unable:
        return Decision(wanted, tuple(addressees.values()), ())
    if wanted == "always":
        names = "; ".join(f"{each.name} ({each.code}): {each.vi}" for each in unable[:SHOWN])
        raise Refused(RECIPIENTS_CANNOT_DECRYPT, count=len(unable), names=names)
    return Decision(wanted, (), tuple(unable))


def _keys_of(state: DirectoryState, code: str, at: datetime) -> list[Addressee] | Unable:
    """Whoever receives for a code at this time, or why nobody could read."""
    shown = one_line(code, 40)
    try:
        agency = state.resolve(code, at.astimezone(VIETNAM).date()).agency
    except Refused as refused:
        return Unable(shown, shown, refused.sentence("vi"), refused.sentence("en"))
    if agency is None:
        return Unable(shown, shown, "không có trong danh bạ", "not in the directory")
    found = [each for key in state.encryption_keys(agency.code, at) if (each := _addressee(key, at)) is not None]
    if not found:
        return Unable(
            shown, one_line(agency.name, 80), "chưa có khoá mã hoá còn hiệu lực", "no encryption key that counts"
        )
    return found


def _addressee(key: SystemKey, at: datetime) -> Addressee | None:
    """The holder of a key of the directory; None when its certificate does not count now."""
    certificate = None if key.certificate_pem is None else load_certificate(key.certificate_pem.encode())
    if certificate is not None and not certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc:
        return None
    return addressee(load_public_key(key.public_key_pem.encode()), certificate)


class Sealer:
    """Encrypts attachments into a folder of its own, from which the spool copies them.

    ``wanted``: what happens to documents for which nobody says otherwise.
    """

    def __init__(self, folder: Path, wanted: Encrypt) -> None:
        self.wanted = wanted
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def seal(self, attachments: Sequence[Attachment], decision: Decision) -> list[Attachment]:
        """The attachments as they travel. Refuses FILE_NOT_USABLE, STORAGE_FULL; nothing is left behind then."""
        made: list[Attachment] = []
        try:
            for attachment in attachments:
                made.append(self._seal(attachment, decision.addressees) if decision.sealed else attachment)
        except Refused:
            self.clear(made)
            raise
        return made

    def clear(self, sealed: Sequence[Attachment]) -> None:
        """Remove ciphertexts that the spool has copied."""
        for each in sealed:
            if each.sealed is not None and isinstance(each.content, Path) and each.content.parent == self._folder:
                each.content.unlink(missing_ok=True)

    def _seal(self, plain: Attachment, addressees: Sequence[Addressee]) -> Attachment:
        file = self._folder / secrets.token_hex(16)
        size = len(plain.content) if isinstance(plain.content, bytes) else plain.content.stat().st_size
        try:
            with disk(), file.open("xb") as into:
                for piece in seal(addressees, pieces_of(plain.content), size):
                    into.write(piece)
        except ValueError as error:
            file.unlink(missing_ok=True)
            raise Refused(FILE_NOT_USABLE, file=plain.name, why="tệp đang bị thay đổi (it changes)") from error
        except Refused:
            file.unlink(missing_ok=True)
            raise
        name = plain.name + SUFFIX
        return replace(plain, name=name, content=file, media_type=MEDIA_TYPE, sealed=(plain.name, plain.type))


def pieces_of(source: Source) -> Iterator[bytes]:
    """The bytes of an attachment in pieces."""
    if isinstance(source, Path):
        yield from read_pieces(source)
        return
    for at in range(0, len(source), PIECE):
        yield source[at : at + PIECE]
