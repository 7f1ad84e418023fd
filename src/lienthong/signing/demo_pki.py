"""A whole local PKI for trying signatures: root, authority, an agency, two officials, a time stamping authority, a CRL.

Clearly not the Government's: every name says so. Keys lie as PEM files of the owner alone; nothing here is for official
documents.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from importlib import resources
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from lienthong.infra.keys import generate, key_pem, write_new
from lienthong.trust.keys import PrivateKey
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

NOTICE = "THỬ NGHIỆM - không phải của Chính phủ"
AGENCY, SYMBOL = "Sở Nội vụ tỉnh Mẫu", "QĐ-SNV"
OFFICIALS = (("an", "Nguyễn Văn An", "GIÁM ĐỐC"), ("buoi", "Trần Thị Bưởi", "PHÓ GIÁM ĐỐC"))
"""Invented people: label, name, position as a document prints it."""


def make_demo(folder: Path, at: datetime) -> list[Path]:
    """Write everything below ``folder``, which may not exist yet or must be empty; the signers' profiles.

    ``FileExistsError`` when a file is there already; nothing is overwritten.
    """
    begin = at.replace(microsecond=0) - timedelta(hours=1)
    signers, trust = folder / "signers", folder / "trust"
    tsa = folder / "tsa"
    for each in (folder, signers, trust, tsa):
        each.mkdir(mode=0o755, parents=True, exist_ok=True)
    root_key, issuing_key, tsa_key = generate("RSA-3072"), generate("RSA-3072"), generate("P-256")
    long = Period(begin, begin + timedelta(days=20 * 365))
    root = make_root(_authority(root_key), distinguished_name(f"Gốc {NOTICE}"), long, _serial())
    issuing = make_issuing(root, _authority(issuing_key), distinguished_name(f"CA {NOTICE}"), long, _serial())
    usual = Period(begin, begin + timedelta(days=5 * 365))
    stamper = make_timestamper(
        issuing, tsa_key.public_key(), distinguished_name(f"TSA {NOTICE}"), usual, _serial()
    )  # fmt: skip
    _pem(trust / "root.pem", root.certificate)
    write_new(trust / "store.toml", b'store = "test"\n[[anchor]]\nfile = "root.pem"\n', 0o644)
    _pem(trust / "issuing.pem", issuing.certificate)
    for name, authority in (("root", root), ("issuing", issuing)):
        crl = make_crl(authority, (), begin, begin + timedelta(days=365), 1)
        write_new(trust / f"{name}.crl", crl.public_bytes(Encoding.DER), 0o644)
    _pem(signers / "chain.pem", issuing.certificate)
    write_new(tsa / "tsa.key.pem", key_pem(tsa_key))
    _pem(tsa / "tsa.crt.pem", stamper)
    evidence = (
        'key = "tsa.key.pem"\ncertificate = "tsa.crt.pem"\nchain = "../signers/chain.pem"\n'
        'crls = ["../trust/issuing.crl", "../trust/root.crl"]\n'
    )
    write_new(tsa / "tsa.toml", evidence.encode(), 0o644)
    images = resources.files("lienthong.signing.demo_images")
    for name in ("handwriting", "seal"):
        write_new(signers / f"{name}.png", (images / f"{name}.png").read_bytes(), 0o644)
    profiles = [
        _signer(signers, issuing, label, _person_name(name, position), usual, "person", "handwriting", name, position)
        for label, name, position in OFFICIALS
    ]
    profiles.append(
        _signer(signers, issuing, "co-quan", distinguished_name(AGENCY, AGENCY), usual, "agency", "seal", AGENCY, "")
    )
    return profiles


def _signer(
    signers: Path, issuing: Authority, label: str, subject: x509.Name, period: Period, role: str, image: str, name: str,
    position: str,
) -> Path:  # fmt: skip
    key = generate("RSA-2048")
    certificate = make_signer(issuing, key.public_key(), subject, period, _serial())
    write_new(signers / f"{label}.key.pem", key_pem(key))
    _pem(signers / f"{label}.crt.pem", certificate)
    members = {
        "kind": "pem", "role": role, "name": name, **({"position": position} if position else {"organization": name}),
        "certificate": f"{label}.crt.pem", "key": f"{label}.key.pem", "chain": "chain.pem", "image": f"{image}.png",
        "tsa": "../tsa/tsa.toml",
    }  # fmt: skip
    profile = signers / f"{label}.toml"
    write_new(profile, "".join(f'{key} = "{value}"\n' for key, value in members.items()).encode(), 0o644)
    return profile


def _person_name(name: str, position: str) -> x509.Name:
    parts = [
        (NameOID.COUNTRY_NAME, "VN"), (NameOID.ORGANIZATION_NAME, AGENCY), (NameOID.TITLE, position.capitalize()),
        (NameOID.COMMON_NAME, name),
    ]  # fmt: skip
    return x509.Name([x509.NameAttribute(oid, text) for oid, text in parts])


def _authority(key: PrivateKey) -> RSAPrivateKey | EllipticCurvePrivateKey:
    if not isinstance(key, RSAPrivateKey | EllipticCurvePrivateKey):
        raise TypeError("an authority needs an RSA or EC key")
    return key


def _serial() -> int:
    return secrets.randbits(126) | 1


def _pem(file: Path, certificate: x509.Certificate) -> None:
    write_new(file, certificate.public_bytes(Encoding.PEM), 0o644)
