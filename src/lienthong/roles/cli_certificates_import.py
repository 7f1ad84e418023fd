"""``lienthong certificates import``: certificates that exist already, from files, a token or a list."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from cryptography import x509

from lienthong.base.clock import SystemClock
from lienthong.base.errors import Refused
from lienthong.infra.keys import read_secret
from lienthong.infra.token_signer import look_at_token
from lienthong.infra.token_uri import TokenKey
from lienthong.roles.cli_output import answer, language, say, verb, wrong_use
from lienthong.roles.cli_profile import JsonOption
from lienthong.signing.holdings.book import CertificateBook, Told
from lienthong.signing.holdings.importing import Incoming, Rejected, from_file, holder_of, read_list

REFUSED = 1


@verb
def import_certificates(
    folder: Annotated[Path, typer.Argument(help="Thư mục sổ chứng thư số · Folder of the book.")],
    files: Annotated[
        list[Path] | None, typer.Argument(help="Tệp PEM, DER, PKCS#12 hoặc danh sách CSV · Certificates or a CSV list.")
    ] = None,
    token: Annotated[str | None, typer.Option(help="Nhãn thiết bị ký; không cần mã PIN · Label of a token.")] = None,
    module: Annotated[Path | None, typer.Option(help="Thư viện PKCS#11 của thiết bị · PKCS #11 module.")] = None,
    password_file: Annotated[Path | None, typer.Option(help="Tệp mật khẩu của PKCS#12 · Password file.")] = None,
    dry_run: Annotated[bool, typer.Option(help="Chỉ kiểm tra, không ghi · Check only.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Đưa chứng thư số đang có vào sổ · Bring certificates that exist already into the book."""
    if (token is None) is not (module is None) or (token is None and not files):
        wrong_use("Cần tệp, hoặc --token cùng với --module.", "Give files, or --token together with --module.")
    book = CertificateBook(folder, SystemClock())
    secret = None if password_file is None else read_secret(password_file).strip()
    found = [each for file in files or [] for each in _of_file(file, secret, book.agency)]
    if token is not None and module is not None:
        found += _of_token(TokenKey(module, token=token), book.agency)
    taken, refused = _take(book, found, dry_run)
    members = {
        "imported": [{"where": where, "number": number} for where, number in taken],
        "refused": [{"where": each.where, "code": each.refused.code.name, "vi": each.refused.sentence("vi"),
                     "en": each.refused.sentence("en")} for each in refused],
        "dry_run": dry_run,
    }  # fmt: skip
    answer(as_json, members, lambda: _lines(taken, refused, dry_run))
    if refused:
        raise typer.Exit(REFUSED)


def _of_file(file: Path, secret: bytes | None, agency: str) -> Iterator[Incoming | Rejected]:
    if file.suffix.lower() == ".csv":
        yield from read_list(file, agency)
        return
    try:
        yield from_file(file, secret, agency)
    except Refused as refused:
        yield Rejected(file.name, refused)


def _of_token(where: TokenKey, agency: str) -> list[Incoming]:
    state = look_at_token(where)
    device = state.label if not state.serial else f"{state.label} ({state.serial})"
    # A token carries its authorities' certificates as well; they belong to nobody in the agency.
    own = [each for each in state.certificates if each.subject != each.issuer and not _is_authority(each)]
    return [Incoming(state.label, holder_of(each, agency), each, device) for each in own]


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def _take(
    book: CertificateBook, found: list[Incoming | Rejected], dry_run: bool
) -> tuple[list[tuple[str, int | None]], list[Rejected]]:
    taken: list[tuple[str, int | None]] = []
    refused: list[Rejected] = []
    seen: set[x509.Certificate] = set()
    for each in found:
        if isinstance(each, Rejected):
            refused.append(each)
            continue
        if each.certificate in seen:
            # The same certificate twice, in a list and as a file: once is meant.
            continue
        seen.add(each.certificate)
        try:
            told = Told(getpass.getuser(), "", each.holder, each.certificate, device=each.device)
            if dry_run:
                book.require_new(each.certificate)
            number = None if dry_run else book.take_in(told).number
            taken.append((f"{each.where}  {each.holder.name}", number))
        except Refused as refusal:
            refused.append(Rejected(each.where, refusal))
    return taken, refused


def _lines(taken: list[tuple[str, int | None]], refused: list[Rejected], dry_run: bool) -> Iterator[str]:
    for where, number in taken:
        yield f"✓ {where}" + ("" if number is None else f" → {number}")
    for each in refused:
        yield f"✗ {each.where}: {each.refused.sentence(language())}"
    count, bad = len(taken), len(refused)
    if dry_run:
        yield say(f"{count} tờ đưa vào được, {bad} lỗi; chưa ghi gì.", f"{count} can be taken in, {bad} cannot.")
    else:
        yield say(f"{count} tờ đã vào sổ, {bad} lỗi.", f"{count} taken in, {bad} refused.")
