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
SHARP_DPI = 220
"""For a page that is looked at closely, or on a fine screen."""

MOST_POINTS = 40_000_000
"""Of a sharp picture; a plan of monstrous size is drawn more coarsely."""

_apart = Apart()


def runs(file: StoredFile) -> list[tuple[int, float, float]]:
    """How many pages in a row have one width and height in points. Refuses PDF_NOT_READABLE, FILE_NOT_DIGESTED,
    BLOB_MISSING."""
    place = folder(file) / "runs.json"
    if not place.exists():
        found = _apart.run(measures_of_file, str(path_of(file)))
        write(place, json.dumps(found).encode())
    return [(count, width, height) for count, width, height in json.loads(place.read_bytes())]


def measures(file: StoredFile) -> list[tuple[float, float]]:
    """Width and height of each page in points. Refuses as :func:`runs`."""
    return [(width, height) for count, width, height in runs(file) for _ in range(count)]


def measure(file: StoredFile, page: int) -> tuple[float, float]:
    """Width and height of one page (from 1). Refuses NOT_FOUND_HERE when there is none such, and as :func:`runs`."""
    left = page
    for count, width, height in runs(file) if page >= 1 else ():
        if left <= count:
            return width, height
        left -= count
    raise Refused(NOT_FOUND_HERE)


def picture(file: StoredFile, page: int, dpi: int = DPI) -> bytes:
    """One page (from 1) as PNG. Refuses NOT_FOUND_HERE for what is no PDF or has no such page, and as above."""
    if file.media_type != PDF or page < 1 or dpi not in {DPI, THUMB_DPI, SHARP_DPI}:
        raise Refused(NOT_FOUND_HERE)
    place = folder(file) / f"{page}-{dpi}.png"
    try:
        return place.read_bytes()
    except FileNotFoundError:
        made = _apart.run(picture_of_file, str(path_of(file)), page - 1, _fitting(file, page, dpi))
        write(place, made)
        return made


def _fitting(file: StoredFile, page: int, dpi: int) -> int:
    if dpi != SHARP_DPI:
        return dpi
    width, height = measure(file, page)
    return max(DPI, min(dpi, int(72 * (MOST_POINTS / max(width * height, 1.0)) ** 0.5)))


def forget(digest: str) -> None:
    """Take the pictures and words of a file away that was destroyed. ``digest``: SHA-256 in hexadecimal."""
    shutil.rmtree(_root() / digest[:2] / digest, ignore_errors=True)


def path_of(file: StoredFile) -> Path:
    """Where the bytes of a file lie, for a process apart. Refuses BLOB_MISSING."""
    return store().path(bytes(file.sha256))


@cache
def _root() -> Path:
    return Path(site().context["blobs"]).parent / "pages"


def folder(file: StoredFile) -> Path:
    """Where is kept what was made from a file and can be made again."""
    name = bytes(file.sha256).hex()
    return _root() / name[:2] / name


def write(place: Path, data: bytes) -> None:
    """Whole or not at all; it can be made again, so nothing is synced."""
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    making = place.with_name(f".{secrets.token_hex(6)}")
    making.write_bytes(data)
    making.replace(place)
