"""A book of certificates with an authority that gives what is asked for, and a clock that tests move."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from lienthong.base.clock import FixedClock
from lienthong.signing.holdings.book import CertificateBook, Told
from lienthong.signing.holdings.events import Step
from lienthong.signing.holdings.model import Holder, HolderKind, Holding
from lienthong.trust.local_pki import Authority, Period, make_root, make_signer

AGENCY = "Sở Nội vụ tỉnh Mẫu"
NOW = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
AN = Holder(
    HolderKind.PERSON, "Nguyễn Văn An", AGENCY, "Giám đốc", "an@mau.gov.vn", {"identity": "012345678901"}
)  # fmt: skip
SEAL = Holder(HolderKind.AGENCY, AGENCY, AGENCY, email="vanthu@mau.gov.vn", details={
    "agency_code": "H99.05", "address": "Số 1 phố Mẫu", "founded_by": "Quyết định 1/QĐ-UBND", "keeper": "Lê Thị Văn"})  # fmt: skip
SERVER = Holder(
    HolderKind.DEVICE, "vanban.mau.gov.vn", AGENCY, details={"purpose": "Kết nối trục", "keeper": "Tổ CNTT"}
)


def subject(holder: Holder, title: bool = True) -> x509.Name:
    parts = [(NameOID.COUNTRY_NAME, "VN"), (NameOID.ORGANIZATION_NAME, holder.agency)]
    if title and holder.title:
        parts.append((NameOID.TITLE, holder.title))
    parts.append((NameOID.COMMON_NAME, holder.name))
    return x509.Name([x509.NameAttribute(oid, text) for oid, text in parts])


@dataclass
class World:
    book: CertificateBook
    clock: FixedClock
    root: Authority
    minutes: Path
    serial: int = 0xABCDEF00

    def certificate(
        self, holder: Holder, days: int = 5 * 365, key: object = None, title: bool = True
    ) -> x509.Certificate:
        self.serial += 1
        now = self.clock.now()
        public = (key or ec.generate_private_key(ec.SECP256R1())).public_key()  # type: ignore[attr-defined]
        return make_signer(
            self.root, public, subject(holder, title), Period(now, now + timedelta(days=days)), self.serial
        )

    def go(self, which: str, *steps: Step, **told: object) -> Holding:
        """Several steps in order; everything told goes with the last one."""
        for step in steps[:-1]:
            self.book.step(which, step, Told("văn thư"))
        return self.book.step(which, steps[-1], Told("văn thư", **told))  # type: ignore[arg-type]

    def active(self, holder: Holder = AN, **certificate: object) -> Holding:
        """A holding that went all the way from the request."""
        number = str(self.book.request(Told("văn thư", holder=holder)).number)
        made = self.certificate(holder, **certificate)  # type: ignore[arg-type]
        self.go(number, Step.APPROVE, Step.SEND, Step.CERTIFICATE, certificate=made)
        self.go(number, Step.DELIVER, device="token-7", document=self.minutes)
        return self.go(number, Step.ACTIVATE)


def world(folder: Path) -> World:
    clock = FixedClock(NOW)
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "CA thử")])
    root = make_root(key, name, Period(NOW - timedelta(days=1), NOW + timedelta(days=9000)), 1)
    minutes = folder / "biên bản.pdf"
    minutes.write_bytes(b"%PDF-1.7 minutes")
    return World(CertificateBook.create(folder / "book", AGENCY, clock, "văn thư"), clock, root, minutes)
