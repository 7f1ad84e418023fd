"""``lienthong trust``: whom this installation trusts when it verifies signed documents."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from cryptography.hazmat.primitives.serialization import Encoding

from lienthong.base.clock import SystemClock, to_text
from lienthong.base.errors import Refused
from lienthong.base.text import one_line
from lienthong.infra.trust_stores import load_stores
from lienthong.roles.cli_output import answer, say, verb, wrong_use
from lienthong.roles.cli_profile import JsonOption
from lienthong.roles.cli_verify_documents import instant_of, require_file
from lienthong.trust.certificates import load_certificate, load_certificates
from lienthong.trust.keys import load_public_key
from lienthong.trust.validation.errors import TRUST_STORE_NOT_USABLE
from lienthong.trust.validation.judge import fingerprint
from lienthong.trust.validation.national_list import read_national_list
from lienthong.trust.validation.store_files import TOML, read_store
from lienthong.trust.validation.stores import PURPOSES, STORE_NAMES, TEST, Anchor
from lienthong.trust.validation.trust_list import TrustList, read_list

FolderArgument = Annotated[Path, typer.Argument(help="Thư mục kho tin cậy · Folder of the trust stores.")]
_SEQUENCE = re.compile(r"^# sequence (\d+)$", re.MULTILINE)


def register(app: typer.Typer) -> None:
    """Add the verbs of this module."""
    app.command("import")(import_)
    app.command("list")(list_)


@verb
def import_(
    folder: FolderArgument,
    file: Annotated[Path, typer.Argument(help="Chứng thư số gốc (PEM, DER) hoặc danh sách ký · Root or signed list.")],
    store: Annotated[str, typer.Option(help="official-duty, national, test")] = TEST,
    publisher: Annotated[
        Path | None,
        typer.Option(
            help="Khóa (JWS) hoặc chứng thư số (XML) của nơi phát hành · Publisher's key (JWS) or certificate (XML)."
        ),
    ] = None,
    purpose: Annotated[list[str] | None, typer.Option(help="signing, timestamping; mặc định cả hai · both")] = None,
    not_before: Annotated[str | None, typer.Option(help="Tin cậy từ · Trusted from")] = None,
    not_after: Annotated[str | None, typer.Option(help="Tin cậy đến · Trusted until")] = None,
    as_json: JsonOption = False,
) -> None:
    """Nhập gốc tin cậy · Import a trusted root, or a signed list of them."""
    require_file(file)
    if store not in STORE_NAMES:
        wrong_use(f"--store là một trong {', '.join(STORE_NAMES)}.", f"--store is one of {', '.join(STORE_NAMES)}.")
    if set(purpose or ()) - set(PURPOSES):
        wrong_use(f"--purpose là một trong {', '.join(PURPOSES)}.", f"--purpose is one of {', '.join(PURPOSES)}.")
    data = file.read_bytes()
    if publisher is not None:
        require_file(publisher)
        store, anchors = _import_list(folder, data, publisher, store)
    else:
        held = load_certificates(data) if b"-----BEGIN " in data else (load_certificate(data),)
        begin = None if not_before is None else instant_of(not_before)
        end = None if not_after is None else instant_of(not_after)
        added = [Anchor(item, store, frozenset(purpose or PURPOSES), begin, end) for item in held]
        anchors = _merged(folder / store, added, store)
        _write(folder / store, anchors, store, None)
    answer(as_json, {"store": store, "anchors": [_row(item) for item in anchors]}, lambda: _lines(anchors))


def _import_list(folder: Path, data: bytes, publisher: Path, store: str) -> tuple[str, list[Anchor]]:
    """Put a list in the place of the store that it is for; an older list than the one in use is refused.

    A list in XML (ETSI TS 119 612) is checked with its publisher's certificate and goes to the store named; our own
    is checked with its publisher's key and names its store itself.
    """
    now, known = SystemClock().now(), publisher.read_bytes()

    def read(newer_than: int) -> TrustList:
        if data.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<"):
            return read_national_list(data, load_certificate(known), store, now, newer_than)
        return read_list(data, load_public_key(known), now, newer_than)

    listed = read(-1)
    held = folder / listed.store / TOML
    found = _SEQUENCE.search(held.read_text("utf-8")) if held.is_file() else None
    if found is not None:
        listed = read(int(found.group(1)))
    _write(folder / listed.store, list(listed.anchors), listed.store, listed.sequence)
    return listed.store, list(listed.anchors)


def _merged(place: Path, added: list[Anchor], store: str) -> list[Anchor]:
    """The anchors that are there already and the new ones; a new one replaces the same certificate's old dates."""
    old: list[Anchor] = []
    if (place / TOML).is_file():
        files = {path.name: path.read_bytes() for path in sorted(place.iterdir()) if path.is_file()}
        old = list(read_store(files, store).anchors)
    fresh = {anchor.certificate for anchor in added}
    return [*(anchor for anchor in old if anchor.certificate not in fresh), *added]


def _write(place: Path, anchors: list[Anchor], store: str, sequence: int | None) -> None:
    """The certificates, then the file that dates them, which is what makes them count."""
    place.mkdir(parents=True, exist_ok=True)
    lines = [f'store = "{store}"'] if sequence is None else [f"# sequence {sequence}", f'store = "{store}"']
    for anchor in anchors:
        name = f"{fingerprint(anchor.certificate)[:32]}.pem"
        (place / name).write_bytes(anchor.certificate.public_bytes(Encoding.PEM))
        lines += ["", "[[anchor]]", f'file = "{name}"', f"purposes = {sorted(anchor.purposes)!r}".replace("'", '"')]
        lines += [f"not_before = {to_text(anchor.not_before)}"] if anchor.not_before else []
        lines += [f"not_after = {to_text(anchor.not_after)}"] if anchor.not_after else []
    fresh = place / f".{TOML}.new"
    fresh.write_text("\n".join(lines) + "\n", encoding="utf-8")
    fresh.replace(place / TOML)


@verb
def list_(folder: FolderArgument, as_json: JsonOption = False) -> None:
    """Các gốc đang được tin cậy · The roots that are trusted."""
    if not folder.is_dir():
        raise Refused(TRUST_STORE_NOT_USABLE, reason=f"{folder}: không phải thư mục (not a folder)")
    stores = load_stores([folder])
    rows = {
        "anchors": [_row(anchor) for anchor in stores.anchors],
        "intermediates": len(stores.intermediates),
        "crls": len(stores.revocation.crls),
        "ocsp": len(stores.revocation.ocsp),
    }
    answer(as_json, rows, lambda: _lines(list(stores.anchors)))


def _row(anchor: Anchor) -> dict[str, Any]:
    return {
        "store": anchor.store,
        "subject": one_line(anchor.certificate.subject.rfc4514_string(), 200),
        "sha256": fingerprint(anchor.certificate),
        "purposes": sorted(anchor.purposes),
        "not_before": to_text(anchor.not_before) if anchor.not_before else None,
        "not_after": to_text(anchor.not_after) if anchor.not_after else None,
        "expires": to_text(anchor.certificate.not_valid_after_utc),
    }


def _lines(anchors: list[Anchor]) -> Iterator[str]:
    for row in map(_row, anchors):
        yield f"{row['store']:14} {row['subject']}"
        begin, end = row["not_before"] or "…", row["not_after"] or "…"
        yield say(
            f"  SHA-256 {row['sha256']}\n  Tin cậy {begin} → {end} · {', '.join(row['purposes'])}",
            f"  SHA-256 {row['sha256']}\n  Trusted {begin} → {end} · {', '.join(row['purposes'])}",
        )
