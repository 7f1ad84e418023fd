"""A world in which documents are signed with other people's tools: pyHanko's own signer, openssl, xmlsec1, signxml.

Keys and certificates come from the local authority of the product; everything that signs a document here does not.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers, timestamps
from pyhanko.stamp import TextStampStyle
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore
from reportlab.pdfgen.canvas import Canvas

from lienthong.trust.local_pki import (
    Authority,
    Period,
    distinguished_name,
    make_crl,
    make_issuing,
    make_root,
    make_signer,
    make_timestamper,
)
from lienthong.trust.revocation import RevocationData, load_revocation
from lienthong.trust.validation.judge import Context
from lienthong.trust.validation.policy import DOCUMENT_POLICY, ValidationPolicy
from lienthong.trust.validation.stores import Anchor, TrustStores
from rsa_keys import rsa_key

DER, PEM = serialization.Encoding.DER, serialization.Encoding.PEM
NOW = datetime.now(UTC).replace(microsecond=0)
"""Other tools sign by the machine's clock; the world is built around it."""


def der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(DER)


def key_pem(key: rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def cert_pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(PEM)


@dataclass
class Holder:
    certificate: x509.Certificate
    key: rsa.RSAPrivateKey


def person_name(name: str, title: str = "Giám đốc") -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Sở Nội vụ"),
            x509.NameAttribute(NameOID.TITLE, title),
            x509.NameAttribute(NameOID.COMMON_NAME, name),
        ]
    )


@dataclass
class World:
    """One root, one issuing authority, a person, an agency, a time stamp authority."""

    root: Authority
    issuing: Authority
    person: Holder
    agency: Holder
    tsa: Holder
    keys: list[rsa.RSAPrivateKey] = field(default_factory=list)

    @classmethod
    def make(cls, first: int = 0) -> World:
        """A world with the keys from ``first`` on; another one must begin with another."""
        made = [rsa_key(first + number) for number in range(5)]
        long = Period(NOW - timedelta(days=4000), NOW + timedelta(days=4000))
        root = make_root(made[0], distinguished_name("Gốc thử nghiệm"), long, 1)
        issuing = make_issuing(root, made[1], distinguished_name("CA thử nghiệm"), long, 2)
        year = Period(NOW - timedelta(days=100), NOW + timedelta(days=265))
        person = make_signer(issuing, made[2].public_key(), person_name("Nguyễn Văn An"), year, 10)
        name = distinguished_name("Sở Nội vụ", "Sở Nội vụ")
        agency = make_signer(issuing, made[3].public_key(), name, year, 11)
        tsa = make_timestamper(issuing, made[4].public_key(), distinguished_name("TSA thử nghiệm"), year, 12)
        return cls(root, issuing, Holder(person, made[2]), Holder(agency, made[3]), Holder(tsa, made[4]), made)

    def certify(self, holder: Holder, name: x509.Name, begin: datetime, end: datetime, serial: int) -> Holder:
        """Another certificate for the same key."""
        certificate = make_signer(self.issuing, holder.key.public_key(), name, Period(begin, end), serial)
        return Holder(certificate, holder.key)

    def weak(self) -> Holder:
        """A certificate of a 1024-bit key, which our own authority's types do not forbid."""
        key = rsa.generate_private_key(65537, 1024)
        period = Period(NOW - timedelta(days=10), NOW + timedelta(days=10))
        return Holder(make_signer(self.issuing, key.public_key(), person_name("Khóa Yếu"), period, 77), key)

    def crl(self, revoked: dict[int, datetime] | None = None, at: datetime = NOW) -> bytes:
        lists = make_crl(self.issuing, (revoked or {}).items(), at - timedelta(minutes=5), at + timedelta(days=30), 1)
        return lists.public_bytes(DER)

    def root_crl(self, at: datetime = NOW) -> bytes:
        lists = make_crl(self.root, (), at - timedelta(minutes=5), at + timedelta(days=30), 1)
        return lists.public_bytes(DER)

    def revocation(self, revoked: dict[int, datetime] | None = None, at: datetime = NOW) -> RevocationData:
        return load_revocation([self.crl(revoked, at), self.root_crl(at)])

    def context(
        self,
        at: datetime = NOW + timedelta(minutes=10),
        revocation: RevocationData | None = None,
        policy: ValidationPolicy = DOCUMENT_POLICY,
    ) -> Context:
        stores = TrustStores(
            (Anchor(self.root.certificate, "test"),),
            (self.issuing.certificate,),
            self.revocation() if revocation is None else revocation,
        )
        return Context(stores, at, policy)

    def registry(self) -> SimpleCertificateStore:
        store = SimpleCertificateStore()
        for certificate in (self.issuing.certificate, self.root.certificate):
            store.register(asn1_x509.Certificate.load(der(certificate)))
        return store

    def stamper(self, at: datetime | None = None, tsa: Holder | None = None) -> timestamps.DummyTimeStamper:
        holder = tsa or self.tsa
        return timestamps.DummyTimeStamper(
            asn1_x509.Certificate.load(der(holder.certificate)), asn1_key(holder.key), self.registry(), fixed_dt=at
        )

    def pyhanko_context(self) -> ValidationContext:
        return ValidationContext(
            trust_roots=[asn1_x509.Certificate.load(der(self.root.certificate))],
            other_certs=[asn1_x509.Certificate.load(der(self.issuing.certificate))],
            crls=[self.crl(), self.root_crl()],
            allow_fetching=False,
            revocation_mode="hard-fail",
        )

    def sign_pdf(self, pdf: bytes, holder: Holder, name: str, *, writer: object = None, **more: object) -> bytes:
        """Sign with pyHanko's own signer. ``more``: of its metadata, and box, page, new, stamper, pss."""
        box, page = more.pop("box", None), more.pop("page", 0)
        stamper, pss = more.pop("stamper", None), more.pop("pss", False)
        more.setdefault("subfilter", fields.SigSeedSubFilter.PADES)
        signer = signers.SimpleSigner(
            asn1_x509.Certificate.load(der(holder.certificate)), asn1_key(holder.key), self.registry(), prefer_pss=pss
        )
        meta = signers.PdfSignatureMetadata(field_name=name, md_algorithm=more.pop("md", "sha256"), **more)
        spec = fields.SigFieldSpec(name, on_page=page, box=box) if box else None
        style = TextStampStyle(stamp_text="ky", border_width=0) if box else None
        out = io.BytesIO()
        engine = signers.PdfSigner(meta, signer=signer, timestamper=stamper, stamp_style=style, new_field_spec=spec)
        engine.sign_pdf(writer or IncrementalPdfFileWriter(io.BytesIO(pdf)), output=out)
        return out.getvalue()


def asn1_key(key: rsa.RSAPrivateKey) -> asn1_keys.PrivateKeyInfo:
    raw = key.private_bytes(DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return asn1_keys.PrivateKeyInfo.load(raw)


def plain_pdf(pages: int = 2, text: str = "Số:      /QĐ-SNV") -> bytes:
    """An unsigned document."""
    out = io.BytesIO()
    canvas = Canvas(out, pageCompression=0, invariant=1)
    for page in range(pages):
        canvas.drawString(72, 760, f"{text} trang {page + 1}".encode("ascii", "replace").decode())
        canvas.drawString(72, 700, "Tra 1.000.000 dong")
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def plan_fields(pdf: bytes, boxes: dict[str, tuple[int, int, int, int]]) -> bytes:
    """Signature fields that stand there before anybody signs."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    for name, box in boxes.items():
        fields.append_signature_field(writer, fields.SigFieldSpec(name, on_page=0, box=box))
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()
