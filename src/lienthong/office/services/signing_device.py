"""Signing with the person's own device (ký bằng thiết bị): the office prepares, the agent on his computer signs.

The office makes the file with its empty place and keeps it; the browser carries it to the agent, which shows it and
asks for the PIN, and brings back the value of the signature and nothing else. So a hostile browser has no file to put
in the place of ours: the value is checked against certificate and prepared bytes, and then embedded here.
"""

from __future__ import annotations

import base64
import binascii
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from django.core import signing as seals

from lienthong.base.clock import SystemClock, to_text
from lienthong.base.errors import Refused
from lienthong.base.ids import Sha256
from lienthong.base.text import nfc, one_line
from lienthong.infra.credential_errors import CERTIFICATE_OUT_OF_TIME
from lienthong.infra.credentials import read_chain
from lienthong.infra.trust_stores import load_stores
from lienthong.office.errors import (
    DEVICE_CERTIFICATE_FOREIGN,
    DEVICE_CERTIFICATE_NOT_TRUSTED,
    DEVICE_SIGNING_EXPIRED,
)
from lienthong.office.services import registers, signing_chain
from lienthong.office.services.device_certificates import require_confirmed
from lienthong.office.services.storing import keep, safe_name, store
from lienthong.signing.documents import Signed, complete_document, prepare_document
from lienthong.signing.evidence import read_evidence
from lienthong.signing.profiles import SignerProfile, find_profile
from lienthong.trust.certificates import SIGNING, load_certificate, public_key_of, verify_certificate
from lienthong.trust.errors import SIGNATURE_NOT_VALID
from lienthong.trust.keys import Algorithm, key_id, usual_algorithm
from lienthong.trust.pdf import steps
from lienthong.trust.pdf.images import load_picture
from lienthong.trust.pdf.signing import PreparedSignature, Step
from lienthong.trust.signer import from_der
from lienthong.trust.verdict import Verdict
from lienthong.webkit.door.visit import Visit
from lienthong.webkit.site.configure import site

AGENCY_PROFILE = "co-quan"
"""Whose time stamping authority serves a person who has no profile on the server."""

LASTS = 4 * 3600
"""Seconds in which a prepared document can be completed."""

MOST_CERTIFICATES = 8
_SALT = "lienthong.office.signing_device"


@dataclass(frozen=True, slots=True)
class Device:
    """What an agent tells of a signer: his certificate and those above it. All of it is unproven."""

    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document for the agent. ``to_sign``: as its protocol wants it. ``ticket``: what brings the signature home."""

    name: str
    abstract: str
    to_sign: bytes
    ticket: str


def read_device(texts: Sequence[str]) -> Device:
    """Certificates in DER and base64, the signer's own first. Refuses CERTIFICATE_NOT_READABLE, KEY_NOT_ALLOWED."""
    found = [load_certificate(_bytes(each[:40_000])) for each in list(texts)[:MOST_CERTIFICATES]]
    own = found[0] if found else load_certificate(b"")
    public_key_of(own)
    return Device(own, tuple(found[1:]))


def prepare(visit: Visit, document: int, seen: str, device: Device) -> Prepared:
    """Make a document ready for the person's device. Nothing of the document changes.

    Refuses as :func:`lienthong.office.services.signing_chain.sign`; CERTIFICATE_OUT_OF_TIME,
    DEVICE_CERTIFICATE_FOREIGN, DEVICE_CERTIFICATE_NOT_TRUSTED, DEVICE_CERTIFICATE_NOT_CONFIRMED.
    """
    require_own(visit, device)
    found, step, file = signing_chain.ready_to_sign(visit, document, seen)
    profile = _profile(visit)
    picture = load_picture(profile.image.read_bytes()) if profile is not None and profile.image is not None else None
    with tempfile.TemporaryDirectory(prefix="lienthong-sign-") as scratch:
        path = store().path(Sha256(bytes(file.sha256)))
        source = signing_chain.planned(Path(scratch), path, signing_chain.person_steps(found))
        with source.open("rb") as stream:
            members = {"document": found.pk, "seen": seen}
            return _prepared(
                visit, device, stream, steps.person(step.field, picture), file.name, found.abstract, members
            )


def prepare_register(visit: Visit, register: int, seen: str, device: Device) -> Prepared:
    """Make the paper of a closed register ready for the person's device.

    Refuses as :func:`lienthong.office.services.registers.to_sign`, and for the certificate as :func:`prepare`.
    """
    require_own(visit, device)
    found, paper = registers.to_sign(visit, register, seen)
    with store().open(paper) as stream:
        members = {"register": found.pk, "seen": seen}
        return _prepared(
            visit, device, stream, registers.step_of(visit, found), f"so-{found.pk}.pdf", str(found), members
        )


def _prepared(
    visit: Visit, device: Device, source: BinaryIO, step: Step, name: str, title: str, members: dict[str, object]
) -> Prepared:
    """Keep the file with its empty place, and write the ticket that brings the signature back to it."""
    algorithm = usual_algorithm(public_key_of(device.certificate))
    with tempfile.TemporaryFile() as target:
        made = prepare_document(
            source, target, step, device.certificate, algorithm, signing_chain.at_of(visit), timed=True
        )  # fmt: skip
        target.seek(0)
        digest, _, _ = keep(target, name)
    members |= {
        "account": visit.who.account.pk, "content": digest.hex(), "prepared": made.to_json(),
        "chain": [_text(each) for each in device.chain],
    }  # fmt: skip
    return Prepared(safe_name(name), title, made.to_sign, seals.dumps(members, salt=_SALT, compress=True))


def content(visit: Visit, ticket: str) -> BinaryIO:
    """The prepared bytes, for the agent. Refuses DEVICE_SIGNING_EXPIRED, BLOB_MISSING, BLOB_CORRUPT."""
    return store().open(Sha256(bytes.fromhex(_read(visit, ticket)["content"])))


def complete(visit: Visit, ticket: str, signature: str) -> Signed:
    """Take the signature (base64, as CMS holds it) and sign the document with it, as the server's own keys would.

    Refuses DEVICE_SIGNING_EXPIRED; SIGNATURE_NOT_VALID for any other bytes, key or document; and as :func:`prepare`,
    because certificate, turn and file may have changed meanwhile: a second call finds the step signed.
    """
    members = _read(visit, ticket)
    made = PreparedSignature.from_json(members["prepared"])
    device = Device(
        load_certificate(made.cms.certificate), tuple(load_certificate(_bytes(each)) for each in members["chain"])
    )
    require_own(visit, device)
    key = key_id(public_key_of(device.certificate))
    if "register" in members:
        register, _ = registers.to_sign(visit, members["register"], members["seen"])
        with _completed(visit, ticket, made, device, signature) as (done, target):
            registers.keep_signed(visit, register, target, key=key, level=done.level.value, device=True)
        return done
    found, step, file = signing_chain.ready_to_sign(visit, members["document"], members["seen"])
    with _completed(visit, ticket, made, device, signature) as (done, target):
        digest = signing_chain.add_signed(visit, found, file, target, step.field)
    signing_chain.record(visit, found, step, file, digest, key=key, level=done.level.value, device=True)
    return done


@contextmanager
def _completed(
    visit: Visit, ticket: str, made: PreparedSignature, device: Device, signature: str
) -> Iterator[tuple[Signed, BinaryIO]]:
    """The prepared bytes with the signature in its place, in a file that lasts as long as the context."""
    profile = _profile(visit) or _profile(visit, AGENCY_PROFILE)
    evidence = read_evidence(profile.tsa if profile is not None else None, SystemClock())
    with tempfile.TemporaryFile() as target:
        with content(visit, ticket) as source:
            shutil.copyfileobj(source, target)
        done = complete_document(target, made, _value(made.cms.algorithm, signature), device.chain, evidence)
        yield done, target


def require_own(visit: Visit, device: Device) -> None:
    """The certificate counts now and is the person's: the one of his profile; or in his name, under a trusted root, and
    confirmed to be his, because others may have his name.

    Refuses CERTIFICATE_OUT_OF_TIME, DEVICE_CERTIFICATE_FOREIGN, DEVICE_CERTIFICATE_NOT_TRUSTED,
    DEVICE_CERTIFICATE_NOT_CONFIRMED.
    """
    own, person = device.certificate, visit.who.account.full_name
    subject = one_line(own.subject.rfc4514_string(), 120)
    begin, end = own.not_valid_before_utc, own.not_valid_after_utc
    if not begin <= visit.now <= end:
        raise Refused(CERTIFICATE_OUT_OF_TIME, subject=subject, begin=to_text(begin), end=to_text(end))
    profile = _profile(visit)
    if profile is not None and profile.certificate is not None and own in read_chain(profile.certificate)[:1]:
        return
    names = [str(each.value) for each in own.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    if [_plain(each) for each in names] != [_plain(person)]:
        raise Refused(DEVICE_CERTIFICATE_FOREIGN, subject=subject, person=person)
    folder = site().context.get("trust")
    if folder is None:
        vi, en = "văn phòng chưa có kho tin cậy.", "this office has no trust stores."
        raise Refused(DEVICE_CERTIFICATE_NOT_TRUSTED, subject=subject, why_vi=vi, why_en=en)
    stores = load_stores([Path(folder)])
    report = verify_certificate(
        own, stores.at(SIGNING, visit.now, device.chain), visit.now, revocation=stores.revocation
    )
    if report.verdict is not Verdict.PASSED:
        vi, en = ("; ".join(getattr(each, tongue) for each in report.troubles) for tongue in ("vi", "en"))
        raise Refused(DEVICE_CERTIFICATE_NOT_TRUSTED, subject=subject, why_vi=vi, why_en=en)
    require_confirmed(visit, own)


def _profile(visit: Visit, label: str = "") -> SignerProfile | None:
    """A profile on the server, of which only certificate, picture and time stamps are of use here; often none."""
    try:
        return find_profile(signing_chain.folder_of(visit), label) if label else signing_chain.own_profile(visit)
    except Refused:
        return None


def _read(visit: Visit, ticket: str) -> dict[str, Any]:
    try:
        members: dict[str, Any] = seals.loads(ticket, salt=_SALT, max_age=LASTS)
    except seals.BadSignature as error:
        raise Refused(DEVICE_SIGNING_EXPIRED) from error
    if members["account"] != visit.who.account.pk:
        raise Refused(DEVICE_SIGNING_EXPIRED)
    return members


def _value(algorithm: Algorithm, signature: str) -> bytes:
    try:
        return from_der(algorithm, base64.b64decode(signature[:8000], validate=True))
    except ValueError as error:
        raise Refused(SIGNATURE_NOT_VALID) from error


def _bytes(text: str) -> bytes:
    """Nothing for what is not base64: no certificate is read from it."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""


def _text(certificate: x509.Certificate) -> str:
    return base64.b64encode(certificate.public_bytes(Encoding.DER)).decode()


def _plain(name: str) -> str:
    return " ".join(nfc(name).casefold().split())
