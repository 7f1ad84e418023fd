"""Pictures of pages for the screen: drawn apart, kept beside the installation, made again when they are gone."""

from __future__ import annotations

import json
import secrets
import shutil
from functools import cache
from pathlib import Path

from lienthong.base.errors import Refused
from lienthong.infra.apart import Apart
from lienthong.office.models import StoredFile
from lienthong.office.services.kinds_of_files import PDF
from lienthong.office.services.storing import store
from lienthong.trust.pdf.preview import measures_of_file, picture_of_file
from lienthong.webkit.site.configure import site
from lienthong.webkit.site.errors import NOT_FOUND_HERE

DPI = 110
THUMB_DPI = 24
_apart = Apart()


def measures(file: StoredFile) -> list[tuple[float, float]]:
    """Width and height of each page in points. Refuses PDF_NOT_READABLE, FILE_NOT_DIGESTED, BLOB_MISSING."""
    place = _folder(file) / "measures.json"
    if not place.exists():
        found = _apart.run(measures_of_file, str(_path(file)))
        _write(place, json.dumps(found).encode())
    return [(width, height) for width, height in json.loads(place.read_bytes())]


def picture(file: StoredFile, page: int, dpi: int = DPI) -> bytes:
    """One page (from 1) as PNG. Refuses NOT_FOUND_HERE for what is no PDF or has no such page, and as above."""
    if file.media_type != PDF or page < 1 or dpi not in {DPI, THUMB_DPI}:
        raise Refused(NOT_FOUND_HERE)
    place = _folder(file) / f"{page}-{dpi}.png"
    try:
        return place.read_bytes()
    except FileNotFoundError:
        made = _apart.run(picture_of_file, str(_path(file)), page - 1, dpi)
        _write(place, made)
        return made


def forget(digest: str) -> None:
    """Take the pictures of a file away that was destroyed. ``digest``: SHA-256 in hexadecimal."""
    shutil.rmtree(_root() / digest[:2] / digest, ignore_errors=True)


def _path(file: StoredFile) -> Path:
    return store().path(bytes(file.sha256))


@cache
def _root() -> Path:
    return Path(site().context["blobs"]).parent / "pages"


def _folder(file: StoredFile) -> Path:
    name = bytes(file.sha256).hex()
    return _root() / name[:2] / name


def _write(place: Path, data: bytes) -> None:
    """Whole or not at all; it can be made again, so nothing is synced."""
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    making = place.with_name(f".{secrets.token_hex(6)}")
    making.write_bytes(data)
    making.replace(place)
