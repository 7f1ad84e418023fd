"""Certificates that an agency has already, brought into its book: from a file, a token or a list in CSV.

A list has a heading and a line for each certificate; ``certificate`` names a file beside the list or holds the
certificate itself (PEM or base64). Source: RFC 4180; issue of certificates without a directory service (LDAP).
"""

from __future__ import annotations

import base64
import binascii
import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509

from lienthong.base.errors import Refused
from lienthong.base.text import fold, nfc, one_line
from lienthong.infra.credentials import read_bundle, read_chain
from lienthong.signing.holdings.errors import CERTIFICATES_UNREADABLE
from lienthong.signing.holdings.life import require_own
from lienthong.signing.holdings.model import Holder, HolderKind
from lienthong.trust.certificates import load_certificate
from lienthong.trust.validation.model import Role
from lienthong.trust.validation.policy import DOCUMENT_POLICY
from lienthong.trust.validation.roles import read_signer

MAXIMUM_LIST = 8 * 1024 * 1024
_HEADINGS = {
    "kind": "kind loai loaichungthu doituong", "name": "name ten hoten hovaten tenchuthe",
    "title": "title chucvu", "agency": "agency coquan tencoquan donvi", "email": "email mail thudientu",
    "certificate": "certificate chungthuso chungthu tep file pem", "device": "device thietbi token",
    "identity": "identity sodinhdanh cccd", "agency_code": "agencycode madinhdanh macoquan",
}  # fmt: skip
_FIELD = {heading: field for field, headings in _HEADINGS.items() for heading in headings.split()}
_KINDS = {
    **{each.value: each for each in HolderKind}, "ca nhan": HolderKind.PERSON, "nguoi": HolderKind.PERSON,
    "co quan": HolderKind.AGENCY, "to chuc": HolderKind.AGENCY, "thiet bi": HolderKind.DEVICE,
    "phan mem": HolderKind.DEVICE, "dich vu": HolderKind.DEVICE,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Incoming:
    """One certificate with its holder, as far as both are known. ``where``: line of the list, or name of the file."""

    where: str
    holder: Holder
    certificate: x509.Certificate
    device: str = ""


@dataclass(frozen=True, slots=True)
class Rejected:
    """One that cannot be taken in, with the reason."""

    where: str
    refused: Refused


def from_file(file: Path, password: bytes | None, agency: str) -> Incoming:
    """The end certificate of a PEM, DER or PKCS #12 file. Refuses KEY_PASSWORD_WRONG, CERTIFICATE_…."""
    if not file.is_file():
        raise _unreadable(file, "không có tệp này", "there is no such file")
    data = file.read_bytes() if file.suffix.lower() in {".p12", ".pfx"} else None
    chain = read_chain(file) if data is None else read_bundle(data, password, file)[1]
    if not chain:
        raise _unreadable(file, "không có chứng thư số", "it holds no certificate")
    return Incoming(file.name, holder_of(chain[0], agency), chain[0])


def holder_of(certificate: x509.Certificate, agency: str) -> Holder:
    """The holder after the certificate itself; ``agency`` where it names none. Without a role it is a device's."""
    signer = read_signer(certificate, DOCUMENT_POLICY)
    kind = {Role.PERSON: HolderKind.PERSON, Role.AGENCY: HolderKind.AGENCY}.get(signer.role, HolderKind.DEVICE)
    return Holder(kind, signer.name, signer.organization or agency, signer.title)


def read_list(file: Path, agency: str) -> Iterator[Incoming | Rejected]:
    """Every line of a list, in order. Refuses CERTIFICATES_UNREADABLE when it is no such list at all."""
    for line, cells in _records(file):
        where = f"{file.name}:{line}"
        try:
            yield _incoming(where, cells, file.parent, agency)
        except Refused as refused:
            yield Rejected(where, refused)


def _records(file: Path) -> Iterator[tuple[int, Mapping[str, str]]]:
    try:
        with file.open("rb") as opened:
            data = opened.read(MAXIMUM_LIST + 1)
        if len(data) > MAXIMUM_LIST:
            raise _unreadable(file, "lớn quá 8 MB", "it is larger than 8 MB")
        text = data.decode("utf-8-sig")
    except OSError as error:
        raise _unreadable(file, str(error.strerror), str(error.strerror)) from error
    except UnicodeDecodeError as error:
        raise _unreadable(file, "không phải mã UTF-8", "it is not UTF-8") from error
    first = text.partition("\n")[0]
    separator = max(";,\t", key=first.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        headings = [_FIELD.get(fold(each).replace(" ", "").replace("_", ""), "") for each in next(rows, [])]
        if "certificate" not in headings:
            raise _unreadable(file, "thiếu cột «chung_thu_so»", "the column “certificate” is missing")
        for row in rows:
            if any(cell.strip() for cell in row):
                yield rows.line_num, dict(zip(headings, row, strict=False))
    except csv.Error as error:
        raise _unreadable(file, one_line(str(error), 100), one_line(str(error), 100)) from error


def _incoming(where: str, cells: Mapping[str, str], folder: Path, agency: str) -> Incoming:
    certificate = _certificate(where, cells["certificate"].strip(), folder)
    read = holder_of(certificate, agency)
    word = fold(cells.get("kind", ""))
    if word and word not in _KINDS:
        raise _unreadable(
            where, f"không biết loại «{one_line(word, 30)}»", f"the kind “{one_line(word, 30)}” is unknown"
        )
    details = {key: nfc(cells[key].strip()) for key in ("identity", "agency_code") if cells.get(key, "").strip()}
    holder = Holder(
        _KINDS.get(word, read.kind), _cell(cells, "name") or read.name, _cell(cells, "agency") or read.agency,
        _cell(cells, "title") or read.title, _cell(cells, "email"), details,
    )  # fmt: skip
    require_own(holder, certificate)
    return Incoming(where, holder, certificate, _cell(cells, "device"))


def _cell(cells: Mapping[str, str], name: str) -> str:
    return one_line(nfc(cells.get(name, "")), 300)


def _certificate(where: str, cell: str, folder: Path) -> x509.Certificate:
    if not cell:
        raise _unreadable(where, "ô chứng thư số để trống", "the certificate's cell is empty")
    if cell.startswith("-----BEGIN"):
        return load_certificate(cell.encode())
    if len(cell) < 256:
        name = Path(cell)
        if name.is_absolute() or ".." in name.parts:
            raise _unreadable(where, "tệp phải nằm cạnh danh sách", "the file must lie beside the list")
        if not cell.isprintable() or not (folder / name).is_file():
            raise _unreadable(where, f"không có tệp «{one_line(cell, 80)}»", f"there is no file “{one_line(cell, 80)}”")
        return read_chain(folder / name)[0]
    try:
        return load_certificate(base64.b64decode("".join(cell.split()), validate=True))
    except (binascii.Error, ValueError) as error:
        raise _unreadable(where, "ô chứng thư số không phải base64", "the certificate's cell is not base64") from error


def _unreadable(file: object, vi: str, en: str) -> Refused:
    return Refused(CERTIFICATES_UNREADABLE, file=file, why_vi=vi, why_en=en)
