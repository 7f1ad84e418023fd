"""``lienthong sign`` for what is no PDF: XML documents get XAdES inside, other files a signature file beside them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509

from lienthong.base.clock import SystemClock
from lienthong.base.errors import Refused
from lienthong.connector.errors import FILE_NOT_USABLE
from lienthong.infra.credentials import read_chain
from lienthong.infra.keys import replace_durably
from lienthong.signing.documents import Holder, Level, Signed
from lienthong.signing.evidence import Evidence
from lienthong.signing.other_files import require_person_beside, require_person_in_xml, sign_beside, sign_xml
from lienthong.signing.profiles import Role
from lienthong.signing.signers import CertifiedSigner
from lienthong.signing.use_log import UseLog
from lienthong.trust.xml_signature import MAXIMUM_XML_BYTES


@dataclass(frozen=True, slots=True)
class Wish:
    """What the command line asks for. ``earlier``: a signature file that gets a further signer."""

    file: Path
    out: Path
    level: Level
    at: datetime
    beside: bool
    earlier: Path | None


def is_pdf(file: Path) -> bool:
    """Whether a file begins as a PDF does. Refuses FILE_NOT_USABLE when it is not there."""
    try:
        with file.open("rb") as opened:
            return b"%PDF-" in opened.read(1024)
    except OSError as error:
        raise Refused(FILE_NOT_USABLE, file=file, why=str(error.strerror)) from error


def sign_other(wish: Wish, held: CertifiedSigner, evidence: Evidence) -> list[Signed]:
    """Sign a file that is no PDF, or with ``beside`` any file; the result appears whole or not at all.

    Refuses: FILE_NOT_USABLE, AGENCY_KEY_NEEDS_PERSON, and as :mod:`lienthong.signing.other_files` does.
    """
    holder = Holder(held.signer, (held.certificate, *held.chain))
    inside = wish.file.suffix.lower() == ".xml" and not wish.beside
    made, done = (_inside if inside else _beside)(wish, held, holder, evidence)
    replace_durably(wish.out, made, 0o644)
    return [done]


def _inside(wish: Wish, held: CertifiedSigner, holder: Holder, evidence: Evidence) -> tuple[bytes, Signed]:
    with wish.file.open("rb") as opened:
        xml = opened.read(MAXIMUM_XML_BYTES + 1)
    if held.role is Role.AGENCY:
        require_person_in_xml(wish.file.name, xml, _persons(held), held.certificate)
        _write_down(wish, held)
    return sign_xml(xml, holder, wish.level, evidence, wish.at)


def _beside(wish: Wish, held: CertifiedSigner, holder: Holder, evidence: Evidence) -> tuple[bytes, Signed]:
    earlier = None if wish.earlier is None else wish.earlier.read_bytes()
    with wish.file.open("rb") as content:
        if held.role is Role.AGENCY:
            require_person_beside(wish.file.name, earlier, content, _persons(held), held.certificate)
            _write_down(wish, held)
        return sign_beside(content, holder, wish.level, evidence, wish.at, earlier)


def _persons(held: CertifiedSigner) -> tuple[x509.Certificate, ...]:
    return read_chain(held.profile.persons) if held.profile.persons is not None else ()


def _write_down(wish: Wish, held: CertifiedSigner) -> None:
    """Before the use: a use that cannot be written down does not happen."""
    log = UseLog(held.profile.file.with_suffix(".uses.log"), SystemClock())
    log.add("agency.sign", {"file": wish.file.name, "out": wish.out.name, "key": held.key_id})
