"""Recognising the text of scanned pages (nhận dạng chữ): Tesseract, one bounded process for each page.

What is recognised is for search and proposals only: Vietnamese marks and digits are confused too often for anything
that enters a register unseen. Source of the form of the words: the program's own tab-separated output.
"""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import BinaryIO

from lienthong.base.errors import Refused
from lienthong.base.text import nfc, one_line
from lienthong.infra.recognition_errors import RECOGNISER_MISSING, RECOGNITION_FAILED, RECOGNITION_TIMED_OUT
from lienthong.trust.pdf.anchors import Box
from lienthong.trust.pdf.lines import Line, Word, lines_of_words
from lienthong.trust.pdf.scans import Scan, scan

PROGRAM = "tesseract"
LANGUAGE = "vie"
"""Alone: its letters are those of English too, and beside English the program drops marks from every second name."""
_ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C.UTF-8", "OMP_THREAD_LIMIT": "1"}
"""One thread: further ones make a page hardly faster and take the processor from everybody else."""
_BOUNDED = 'ulimit -v "$1" && ulimit -t "$2" && shift 2 && exec "$@"'
_ASKED_WITHIN = 20.0
WITHIN = 240.0
"""Seconds for all pages of one file."""
_WORD, _COLUMNS = "5", 12


@dataclass(frozen=True, slots=True)
class Recogniser:
    """The program and the limits of one page. ``language``: in the program's own words, several joined by ``+``."""

    program: str
    language: str = LANGUAGE
    seconds: int = 60
    megabytes: int = 1024
    dpi: int = 300


def find_recogniser(program: str = PROGRAM) -> Recogniser:
    """The program of this machine.

    Refuses: RECOGNISER_MISSING, when there is no program or it knows no Vietnamese.
    """
    path = shutil.which(program)
    if path is None:
        raise Refused(RECOGNISER_MISSING, what=one_line(program, 80))
    try:
        asked = subprocess.run(
            [path, "--list-langs"], check=False, capture_output=True, text=True, errors="replace",
            stdin=subprocess.DEVNULL, env=_ENVIRONMENT, timeout=_ASKED_WITHIN,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Refused(RECOGNISER_MISSING, what=one_line(f"{path}: {error}", 80)) from error
    known = set((asked.stdout + asked.stderr).split())
    if asked.returncode != 0 or LANGUAGE not in known:
        raise Refused(RECOGNISER_MISSING, what="tiếng Việt – Vietnamese: vie.traineddata")
    return Recogniser(path)


def recognise(source: BinaryIO, pages: Iterable[int], recogniser: Recogniser, within: float = WITHIN) -> list[Line]:
    """The lines of these pages (from 0), as :func:`lienthong.trust.pdf.lines.read_lines` gives those of text.

    Their size is estimated from their height; face, bold and italic are not known. ``within``: seconds for all pages;
    what was recognised until then is what comes back. A page that fails takes nothing from the others. Refuses:
    RECOGNISER_MISSING, PDF_NOT_READABLE, PDF_ENCRYPTED, PDF_HAS_NO_PAGES; RECOGNITION_TIMED_OUT, RECOGNITION_FAILED
    when no page gave anything.
    """
    lines: list[Line] = []
    failed: Refused | None = None
    until = time.monotonic() + within
    for page in pages:
        left = int(until - time.monotonic())
        if left < 1:
            break
        limited = replace(recogniser, seconds=min(recogniser.seconds, left))
        try:
            lines += _recognise(scan(source, page, recogniser.dpi), limited)
        except Refused as refused:
            if refused.code not in {RECOGNITION_TIMED_OUT, RECOGNITION_FAILED}:
                raise
            failed = failed or refused
    if failed is not None and not lines:
        raise failed
    return lines


def _recognise(page: Scan, recogniser: Recogniser) -> list[Line]:
    limits = [str(recogniser.megabytes * 1024), str(recogniser.seconds)]
    command = [
        recogniser.program, "stdin", "stdout", "-l", recogniser.language, "--dpi", str(page.dpi), "--psm", "3", "tsv",
    ]  # fmt: skip
    try:
        done = subprocess.run(
            ["/bin/sh", "-c", _BOUNDED, "sh", *limits, *command], check=False, capture_output=True, input=page.picture,
            env=_ENVIRONMENT, cwd="/", timeout=recogniser.seconds,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise Refused(RECOGNITION_TIMED_OUT, page=page.page + 1, seconds=recogniser.seconds) from error
    except OSError as error:
        raise Refused(RECOGNISER_MISSING, what=one_line(str(error), 80)) from error
    if done.returncode in {126, 127}:
        raise Refused(RECOGNISER_MISSING, what=one_line(recogniser.program, 80))
    if done.returncode != 0:
        said = one_line(done.stderr.decode("utf-8", "replace"), 120) or f"mã thoát {done.returncode}"
        raise Refused(RECOGNITION_FAILED, page=page.page + 1, reason=said)
    return lines_of_words(_rows(done.stdout.decode("utf-8", "replace"), page))


def _rows(table: str, page: Scan) -> list[list[Word]]:
    """The words of the table, a list for each line that the program saw."""
    rows: dict[tuple[str, ...], list[Word]] = {}
    for row in table.splitlines():
        cells = row.split("\t")
        if len(cells) != _COLUMNS or cells[0] != _WORD or not (text := nfc(cells[11]).strip()):
            continue
        try:
            left, top, width, height = (int(cell) / page.scale for cell in cells[6:10])
        except ValueError:
            continue
        box = Box(page.page, left, page.height - top - height, left + width, page.height - top)
        rows.setdefault(tuple(cells[1:5]), []).append(Word(text, box))
    return list(rows.values())
