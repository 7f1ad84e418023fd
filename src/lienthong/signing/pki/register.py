"""The authority in its folder: keys, and a hash-chained register of everything it issued and revoked.

The register is the record: a certificate is written there whole before anybody gets it, so a crash in between loses
nothing and leaves nothing unknown. ``ca/``: keys and certificates
(the issuing key may lie on a PKCS #11 token instead); ``ca/register.jsonl``; ``trust/``: what verifiers
take, the newest lists among it.
"""

from __future__ import annotations

import secrets
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from lienthong.base.clock import Clock, from_text, to_text
from lienthong.base.errors import Refused
from lienthong.base.text import nfc, one_line
from lienthong.infra.keys import generate, key_pem, read_key, read_secret, replace_durably, write_new
from lienthong.infra.token_signer import TokenSigner
from lienthong.infra.token_uri import read_token_uri
from lienthong.signing.pki.errors import (
    CERTIFICATE_REQUEST_NOT_VALID,
    CERTIFICATE_REVOKED_ALREADY,
    CERTIFICATE_UNKNOWN,
    PKI_NOT_THERE,
)
from lienthong.signing.pki.held_keys import held
from lienthong.signing.pki.requests import read_request
from lienthong.signing.use_log import UseLog
from lienthong.trust.certificates import load_certificate
from lienthong.trust.keys import PrivateKey, PublicKey
from lienthong.trust.local_pki import (
    Addresses,
    Authority,
    AuthorityKey,
    Period,
    distinguished_name,
    make_crl,
    make_issuing,
    make_ocsp_responder,
    make_root,
    make_signer,
    make_timestamper,
    make_transport,
)

NOTICE = "THỬ NGHIỆM - không phải của Chính phủ"
LIST_DAYS = 365
TRANSPORT_DAYS = 90
"""Longest validity of a certificate for TLS: machines renew it themselves, and a stolen key is of no use for long."""


class Profile(Enum):
    """Whom a certificate is for (Decree 68/2024 art. 10-11), and the services of the PKI itself."""

    PERSON = "person"
    AGENCY = "agency"
    SYSTEM = "system"
    TIMESTAMPS = "timestamps"
    OCSP = "ocsp"
    TRANSPORT = "transport"


YEARS = {Profile.PERSON: 5, Profile.AGENCY: 5, Profile.SYSTEM: 2, Profile.TIMESTAMPS: 5, Profile.OCSP: 1}
"""Longest validity (Decree 68/2024 art. 9: at most five years for a subscriber); the services' are our own choice.

TRANSPORT is not here: it counts in days."""


@dataclass(frozen=True, slots=True)
class Issued:
    """One certificate of the register; ``revoked``: since when, with the reason, or None."""

    certificate: x509.Certificate
    profile: Profile
    revoked: datetime | None = None
    reason: x509.ReasonFlags | None = None

    @property
    def serial(self) -> str:
        return f"{self.certificate.serial_number:x}"

    @property
    def name(self) -> str:
        found = self.certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        return str(found[0].value) if found else ""


class Register:
    """An authority opened from its folder. One process at a time issues and revokes; any number may read."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self.folder, self._clock = folder, clock
        home = folder / "ca"
        if not (home / "register.jsonl").is_file():
            raise Refused(PKI_NOT_THERE, folder=folder)
        self.root = load_certificate((home / "root.crt.pem").read_bytes())
        self.issuing = Authority(load_certificate((home / "issuing.crt.pem").read_bytes()), _issuing_key(home))
        self._where = _where(home / "pki.toml")
        self._log = UseLog(home / "register.jsonl", clock)
        self._known: tuple[tuple[int, int], dict[int, Issued]] | None = None

    @classmethod
    def create(cls, folder: Path, clock: Clock, url: str | None = None) -> Register:
        """A new root and issuing authority; the root's key is kept as well, to make its lists. Refuses KEY_EXISTS.

        ``url``: where its services will be (``pki serve``); certificates name them then, and nothing without it.
        """
        home, begin = folder / "ca", _hour_before(clock.now())
        for each in (folder, home, folder / "trust"):
            each.mkdir(mode=0o755, parents=True, exist_ok=True)
        long = Period(begin, begin + timedelta(days=20 * 365))
        root_key, issuing_key = generate("RSA-3072"), generate("RSA-3072")
        root = make_root(_authority(root_key), distinguished_name(f"Gốc {NOTICE}"), long, new_serial())
        issuing = make_issuing(root, _authority(issuing_key), distinguished_name(f"CA {NOTICE}"), long, new_serial(),
                               where=_addresses(url, "root") if url else None)  # fmt: skip
        if url:
            write_new(home / "pki.toml", f'url = "{url.rstrip("/")}"\n'.encode(), 0o644)
        write_new(home / "root.key.pem", key_pem(root_key))
        write_new(home / "issuing.key.pem", key_pem(issuing_key))
        for name, authority in (("root", root), ("issuing", issuing)):
            pem = authority.certificate.public_bytes(Encoding.PEM)
            write_new(home / f"{name}.crt.pem", pem, 0o644)
            write_new(folder / "trust" / f"{name}.pem", pem, 0o644)
        write_new(folder / "trust" / "store.toml", b'store = "test"\n[[anchor]]\nfile = "root.pem"\n', 0o644)
        empty = make_crl(root, (), begin, begin + timedelta(days=20 * 365), 1)
        write_new(folder / "trust" / "root.crl", empty.public_bytes(Encoding.DER), 0o644)
        UseLog(home / "register.jsonl", clock).add("pki.created", {"root": f"{root.certificate.serial_number:x}"})
        made = cls(folder, clock)
        made.write_list()
        return made

    def issue(self, profile: Profile, subject: x509.Name, key: PublicKey, years: int | None = None) -> x509.Certificate:
        """A certificate, in the register before it is given out. ``years``: at most the profile's, which is usual."""
        begin = _hour_before(self._clock.now())
        period = Period(begin, begin + timedelta(days=365 * min(years or YEARS[profile], YEARS[profile])))
        if profile is Profile.OCSP:
            certificate = make_ocsp_responder(self.issuing, key, subject, period, new_serial())
        else:
            make = make_timestamper if profile is Profile.TIMESTAMPS else make_signer
            certificate = make(self.issuing, key, subject, period, new_serial(), self._where)
        self._record(profile, certificate)
        return certificate

    def _record(self, profile: Profile, certificate: x509.Certificate) -> None:
        pem = certificate.public_bytes(Encoding.PEM).decode()
        self._log.add("certificate.issued", {"profile": profile.value, "certificate": pem})

    def issue_request(self, profile: Profile, request: bytes) -> x509.Certificate:
        """A certificate for a PKCS #10 request, PEM or DER. Refuses CERTIFICATE_REQUEST_NOT_VALID, KEY_NOT_ALLOWED."""
        asked = read_request(request)
        if profile is Profile.TRANSPORT:
            names = [each for each in asked.names if isinstance(each, x509.DNSName | x509.IPAddress)]
            if not names or len(names) != len(asked.names):
                why = "cần SAN gồm tên máy hoặc địa chỉ IP (host names or IP addresses are needed as SAN)"
                raise Refused(CERTIFICATE_REQUEST_NOT_VALID, why=why)
            return self.issue_transport(names, asked.key)
        if not asked.common_names:
            why = "thiếu tên chủ thể, CN (the subject has no common name)"
            raise Refused(CERTIFICATE_REQUEST_NOT_VALID, why=why)
        return self.issue(profile, asked.subject, asked.key)

    def issue_transport(
        self, names: Sequence[x509.GeneralName], key: PublicKey, serial: int | None = None, days: int = TRANSPORT_DAYS
    ) -> x509.Certificate:
        """A machine's certificate for TLS, in the register before it is given out.

        ``names``: host names and addresses. ``serial``: chosen by the caller with :func:`new_serial`, when it must be
        known before. ``days``: at most TRANSPORT_DAYS.
        """
        begin = _hour_before(self._clock.now())
        period = Period(begin, begin + timedelta(days=min(days, TRANSPORT_DAYS)))
        # A common name has at most 64 characters (RFC 5280 appendix A.1); TLS looks at the other names alone.
        subject = distinguished_name(one_line(str(names[0].value), 64), NOTICE)
        certificate = make_transport(self.issuing, key, subject, names, period, serial or new_serial(), self._where)
        self._record(Profile.TRANSPORT, certificate)
        return certificate

    def all(self) -> dict[int, Issued]:
        """Everything issued, by serial number, in order. Refuses USE_LOG_BROKEN when the register was changed.

        Read anew only when its file is another: a responder asks for it at every question.
        """
        found = self._log.file.stat()
        state = found.st_size, found.st_mtime_ns
        if self._known is None or self._known[0] != state:
            self._known = state, self._read()
        return self._known[1]

    def _read(self) -> dict[int, Issued]:
        found: dict[int, Issued] = {}
        for row in self._log.read():
            if row["event"] == "certificate.issued":
                certificate = load_certificate(str(row["certificate"]).encode())
                found[certificate.serial_number] = Issued(certificate, Profile(row["profile"]))
            elif row["event"] == "certificate.revoked":
                serial = int(str(row["serial"]), 16)
                old = found[serial]
                reason = x509.ReasonFlags(row["reason"])
                found[serial] = Issued(old.certificate, old.profile, from_text(str(row["since"])), reason)
        return found

    def find(self, which: str) -> Issued:
        """By serial number (hexadecimal) or common name, the newest of that name. Refuses CERTIFICATE_UNKNOWN."""
        for each in reversed(self.all().values()):
            if which.lower().replace(":", "") == each.serial or nfc(which) == each.name:
                return each
        raise Refused(CERTIFICATE_UNKNOWN, which=one_line(which, 80))

    def revoke(self, which: str, reason: x509.ReasonFlags, since: datetime | None = None) -> Issued:
        """End a certificate for good and write the list anew. ``since``: when the cause began, now by default.

        Refuses CERTIFICATE_UNKNOWN, CERTIFICATE_REVOKED_ALREADY.
        """
        found = self.find(which)
        if found.revoked is not None:
            raise Refused(CERTIFICATE_REVOKED_ALREADY, serial=found.serial, at=to_text(found.revoked))
        members: Mapping[str, object] = {
            "serial": found.serial, "reason": reason.value, "since": to_text(since or self._clock.now()),
        }  # fmt: skip
        self._log.add("certificate.revoked", members)
        self.write_list()
        return self.all()[found.certificate.serial_number]

    def write_list(self) -> bytes:
        """The issuing authority's list of revoked certificates (DER), written for verifiers; its number only grows."""
        now, number = self._clock.now().replace(microsecond=0), self._log.head()[0]
        revoked = [(serial, each.revoked) for serial, each in self.all().items() if each.revoked is not None]
        made = make_crl(self.issuing, revoked, now, now + timedelta(days=LIST_DAYS), number)
        der = made.public_bytes(Encoding.DER)
        replace_durably(self.folder / "trust" / "issuing.crl", der, 0o644)
        return der


def _where(file: Path) -> Addresses | None:
    """The addresses that ``pki.toml`` sets; None without it."""
    if not file.is_file():
        return None
    return _addresses(str(tomllib.loads(file.read_text("utf-8"))["url"]), "issuing")


def _addresses(url: str, authority: str) -> Addresses:
    # The responder answers for the issuing authority alone; the root has its list.
    base = url.rstrip("/")
    return Addresses(
        f"{base}/ocsp" if authority == "issuing" else "", f"{base}/{authority}.crt", f"{base}/{authority}.crl"
    )


def _issuing_key(home: Path) -> AuthorityKey:
    """From the token that ``issuing.token`` names (RFC 7512; PIN in ``issuing.pin``), else from the file."""
    token = home / "issuing.token"
    if not token.is_file():
        return _authority(read_key(home / "issuing.key.pem"))
    return held(TokenSigner(read_token_uri(token.read_text().strip()), read_secret(home / "issuing.pin").strip()))


def _authority(key: PrivateKey) -> RSAPrivateKey | EllipticCurvePrivateKey:
    if not isinstance(key, RSAPrivateKey | EllipticCurvePrivateKey):
        raise TypeError("an authority needs an RSA or EC key")
    return key


def new_serial() -> int:
    """Unpredictable and never twice: 126 random bits."""
    return secrets.randbits(126) | 1 << 126


def _hour_before(now: datetime) -> datetime:
    # Clocks of a closed network differ a little.
    return now.replace(microsecond=0) - timedelta(hours=1)
