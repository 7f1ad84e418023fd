"""Scans that a device writes into a folder come into the tray (tệp quét từ thư mục).

A file is taken when it is complete: untouched for a while and ended as a PDF ends. Taken ones move to ``done``, others
to ``rejected`` with a note beside them; nothing is deleted. A file that was taken and not yet moved is known again.
"""

from __future__ import annotations

import hashlib
import os
import time
from datetime import UTC, datetime
from pathlib import Path

from django.db import transaction

from lienthong.base.errors import Refused
from lienthong.infra import telemetry
from lienthong.infra.steps import reached
from lienthong.office.services.arriving import arrive, take_file
from lienthong.office.states import Source
from lienthong.webkit.door.visit import Visit

SETTLED = 5.0
"""Seconds without a change after which a file counts as written to its end."""

GIVEN_UP = 600.0
"""Seconds after which a file that still lacks its end is rejected."""

AT_ONCE = 50
DONE, REJECTED = "done", "rejected"
_END = b"%%EOF"


def take_scans(visit: Visit, folder: Path, limit: int | None = None) -> int:
    """Take the complete PDF files of an agency's folder; how many came into the tray."""
    if not folder.is_dir():
        return 0
    found = sorted(path for path in folder.iterdir() if path.suffix.lower() == ".pdf" and _is_file(path))
    return sum(_take(visit, path, limit) for path in found[:AT_ONCE])


def _is_file(path: Path) -> bool:
    """A file of its own: a link could lead to what the scanner's account may not read."""
    return path.is_file() and not path.is_symlink()


def _take(visit: Visit, path: Path, limit: int | None) -> bool:
    try:
        with path.open("rb") as source:
            state = os.fstat(source.fileno())
            age = time.time() - state.st_mtime
            if age < SETTLED:
                return False
            source.seek(max(0, state.st_size - 2048))
            if _END not in source.read():
                if age > GIVEN_UP:
                    _reject(path, "Tệp PDF không có phần cuối (quét dở dang).", "The PDF has no end (scan broken off).")
                return False
            source.seek(0)
            digest = hashlib.file_digest(source, "sha256").hexdigest()
            source.seek(0)
            kept = take_file(source, path.name, limit)
    except Refused as refused:
        if refused.code.http >= 500:
            raise
        _reject(path, refused.sentence("vi"), refused.sentence("en"))
        return False
    mark = f"{path.name}:{state.st_mtime_ns}"
    with transaction.atomic():
        arrival = arrive(
            visit, visit.agency.pk, Source.SCAN, digest, [kept], title=path.stem,
            received_at=datetime.fromtimestamp(state.st_mtime, UTC), fields={"scan": mark},
        )  # fmt: skip
        visit.write_entries()
    reached("office.scan_taken")
    if arrival.fields.get("scan") != mark:
        when = f"{arrival.received_at:%d/%m/%Y %H:%M} UTC"
        _reject(path, f"Trùng từng byte với tệp đã nhận lúc {when}.", f"The same bytes came in at {when}.")
        return False
    _move(path, path.parent / DONE)
    telemetry.info("office.scan_taken", agency=visit.agency.code)
    return True


def _reject(path: Path, vi: str, en: str) -> None:
    moved = _move(path, path.parent / REJECTED)
    moved.with_name(f"{moved.name}.txt").write_text(f"{vi}\n{en}\n", "utf-8")
    telemetry.warning("office.scan_rejected", name=path.parent.name)


def _move(path: Path, folder: Path) -> Path:
    """Into the folder, under a name that is free there."""
    folder.mkdir(exist_ok=True)
    target, count = folder / path.name, 1
    while target.exists():
        count += 1
        target = folder / f"{path.stem} ({count}){path.suffix}"
    return path.rename(target)
