"""A whole local PKI for trying signatures: an agency, two officials, a time stamping authority, an OCSP responder.

Clearly not the Government's: the authorities' names say so. Keys lie as PEM files of the owner alone; nothing here is
for official documents.
"""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from lienthong.base.clock import Clock
from lienthong.base.errors import Refused
from lienthong.infra.keys import FileSigner, generate, key_pem, read_key, write_new
from lienthong.infra.timestamp_authority import LocalAuthority
from lienthong.signing.pki.errors import PKI_NOT_THERE
from lienthong.signing.pki.ocsp import Responder
from lienthong.signing.pki.register import NOTICE, Profile, Register
from lienthong.signing.pki.server import PkiServer
from lienthong.trust.certificates import load_certificates
from lienthong.trust.local_pki import distinguished_name

AGENCY, SYMBOL = "Sở Nội vụ tỉnh Mẫu", "QĐ-SNV"
OFFICIALS = (("an", "Nguyễn Văn An", "GIÁM ĐỐC"), ("buoi", "Trần Thị Bưởi", "PHÓ GIÁM ĐỐC"))
"""Invented people: label, name, position as a document prints it."""

_EVIDENCE = """\
key = "tsa.key.pem"
certificate = "tsa.crt.pem"
chain = "../signers/chain.pem"
crls = ["../trust/issuing.crl", "../trust/root.crl"]
certificates = ["../trust/root.pem"]
"""
_EVIDENCE_SERVED = """\
url = "{url}/tsa"

[revocation]
hosts = ["{host}"]
ocsp = true
cache = "cache"
"""


def make_demo(folder: Path, clock: Clock, url: str | None = None) -> list[Path]:
    """Write everything below ``folder``, which may not exist yet or must be empty; the signers' profiles.

    ``url``: where :func:`open_services` will be served; signers then ask it, as they would ask any authority.
    """
    register = Register.create(folder, clock, url)
    signers = folder / "signers"
    for each in (signers, folder / "tsa"):
        each.mkdir(mode=0o755)
    _service(register, Profile.TIMESTAMPS, folder / "tsa" / "tsa", f"TSA {NOTICE}")
    _service(register, Profile.OCSP, folder / "ca" / "ocsp", f"OCSP {NOTICE}")
    write_new(folder / "tsa" / "tsa.toml", _evidence(url).encode(), 0o644)
    _pem(signers / "chain.pem", register.issuing.certificate)
    images = resources.files("lienthong.signing.pki.demo_images")
    for name in ("handwriting", "seal"):
        write_new(signers / f"{name}.png", (images / f"{name}.png").read_bytes(), 0o644)
    made = [
        _signer(
            register, signers, label, Profile.PERSON, _person_name(name, position), {"name": name, "position": position}
        )
        for label, name, position in OFFICIALS
    ]
    agency = {"name": AGENCY, "organization": AGENCY}
    made.append(_signer(register, signers, "co-quan", Profile.AGENCY, distinguished_name(AGENCY, AGENCY), agency))
    register.write_list()
    return made


def open_services(folder: Path, clock: Clock) -> PkiServer:
    """The responders of a PKI that :func:`make_demo` made. Refuses PKI_NOT_THERE, KEY_…."""
    register = Register(folder, clock)
    ocsp, tsa = folder / "ca" / "ocsp", folder / "tsa" / "tsa"
    if not Path(f"{ocsp}.key.pem").is_file() or not Path(f"{tsa}.key.pem").is_file():
        raise Refused(PKI_NOT_THERE, folder=folder)
    [delegate] = load_certificates(Path(f"{ocsp}.crt.pem").read_bytes())
    key = read_key(Path(f"{ocsp}.key.pem"))
    if not isinstance(key, RSAPrivateKey | EllipticCurvePrivateKey):
        raise Refused(PKI_NOT_THERE, folder=folder)
    chain = (*load_certificates(Path(f"{tsa}.crt.pem").read_bytes()), register.issuing.certificate)
    stamps = LocalAuthority(FileSigner(Path(f"{tsa}.key.pem")), chain, clock)
    return PkiServer(register, Responder(register, delegate, key), stamps, clock)


def _evidence(url: str | None) -> str:
    if url is None:
        return _EVIDENCE
    return _EVIDENCE_SERVED.format(url=url.rstrip("/"), host=urlsplit(url).netloc)


def _service(register: Register, profile: Profile, file: Path, name: str) -> None:
    key = generate("P-256")
    certificate = register.issue(profile, distinguished_name(name), key.public_key())
    write_new(Path(f"{file}.key.pem"), key_pem(key))
    _pem(Path(f"{file}.crt.pem"), certificate)


def _signer(
    register: Register, signers: Path, label: str, profile: Profile, subject: x509.Name, shown: dict[str, str]
) -> Path:
    key = generate("RSA-2048")
    certificate = register.issue(profile, subject, key.public_key())
    write_new(signers / f"{label}.key.pem", key_pem(key))
    _pem(signers / f"{label}.crt.pem", certificate)
    image = "handwriting" if profile is Profile.PERSON else "seal"
    members = {
        "kind": "pem", "role": profile.value, **shown, "certificate": f"{label}.crt.pem", "key": f"{label}.key.pem",
        "chain": "chain.pem", "image": f"{image}.png", "tsa": "../tsa/tsa.toml",
    }  # fmt: skip
    file = signers / f"{label}.toml"
    write_new(file, "".join(f'{key} = "{value}"\n' for key, value in members.items()).encode(), 0o644)
    return file


def _person_name(name: str, position: str) -> x509.Name:
    parts = [
        (NameOID.COUNTRY_NAME, "VN"), (NameOID.ORGANIZATION_NAME, AGENCY), (NameOID.TITLE, position.capitalize()),
        (NameOID.COMMON_NAME, name),
    ]  # fmt: skip
    return x509.Name([x509.NameAttribute(oid, text) for oid, text in parts])


def _pem(file: Path, certificate: x509.Certificate) -> None:
    write_new(file, certificate.public_bytes(Encoding.PEM), 0o644)
