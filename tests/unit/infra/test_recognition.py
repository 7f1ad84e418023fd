"""Recognising the text of scans: the real program on a real scan, and programs that hang, eat memory or fail."""

import dataclasses
import io
import sys
import time
from pathlib import Path

import pytest
from reportlab.pdfgen.canvas import Canvas

from lienthong.base.errors import Refused
from lienthong.infra.recognition import Recogniser, find_recogniser, recognise
from lienthong.office.reading.document import propose
from lienthong.office.reading.proposals import Confidence
from lienthong.trust.pdf.lines import page_sizes
from lienthong.trust.pdf.scans import MOST_PIXELS, scan
from reading_corpus import document, scanned


def program(folder: Path, body: str) -> str:
    """A program in place of the recogniser."""
    path = folder / "recogniser"
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return str(path)


def page(width: float = 595, height: float = 842) -> io.BytesIO:
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(width, height))
    canvas.drawString(50, 50, "text")
    canvas.save()
    return out


def refused(recogniser: Recogniser) -> str:
    with pytest.raises(Refused) as refusal:
        recognise(page(), [0], dataclasses.replace(recogniser, dpi=72))
    assert refusal.value.code.vi
    return refusal.value.code.name


def test_fields_are_proposed_from_a_crooked_scan_with_a_seal_and_none_is_certain() -> None:
    pdf, truth = document(9, "Báo cáo", composed=True)
    picture = io.BytesIO(scanned(pdf, 9))
    assert page_sizes(picture)[0].needs_recognition
    lines = recognise(picture, [0], find_recogniser())
    found = propose(lines)
    assert found.recognised
    assert found.document_number is not None
    assert found.symbol is not None
    assert found.kind is not None
    assert (found.document_number.value, found.symbol.value) == (truth.number, truth.symbol)
    assert found.kind.value.name == "Báo cáo"
    assert found.document_number.confidence < Confidence.CERTAIN
    assert all(10 < line.size < 17 for line in lines if len(line.text) > 30)
    assert found.symbol.box is not None
    assert 650 < found.symbol.box.bottom < 780


def test_a_machine_without_the_program_is_told_what_to_install() -> None:
    with pytest.raises(Refused) as refusal:
        find_recogniser("no-such-recogniser")
    assert refusal.value.code.name == "RECOGNISER_MISSING"
    assert "tesseract-ocr-vie" in refusal.value.code.do_vi


def test_a_program_without_vietnamese_counts_as_missing(tmp_path: Path) -> None:
    with pytest.raises(Refused) as refusal:
        find_recogniser(program(tmp_path, "echo 'List of available languages (1):'; echo eng"))
    assert refusal.value.code.name == "RECOGNISER_MISSING"


def test_a_page_that_takes_too_long_is_given_up(tmp_path: Path) -> None:
    before = time.monotonic()
    assert refused(Recogniser(program(tmp_path, "exec sleep 30"), seconds=1)) == "RECOGNITION_TIMED_OUT"
    assert time.monotonic() - before < 10


def two_pages() -> io.BytesIO:
    out = io.BytesIO()
    canvas = Canvas(out)
    for _ in range(2):
        canvas.drawString(50, 50, "text")
        canvas.showPage()
    canvas.save()
    return out


WORD = "5\\t1\\t1\\t1\\t1\\t1\\t10\\t10\\t40\\t10\\t96\\tĐiều\\n"


def test_a_page_that_fails_takes_nothing_from_the_others(tmp_path: Path) -> None:
    once = f'[ -e "{tmp_path}/ran" ] && exit 3; touch "{tmp_path}/ran"; printf "{WORD}"'
    lines = recognise(two_pages(), [0, 1], Recogniser(program(tmp_path, once), dpi=72))
    assert [(line.page, line.text) for line in lines] == [(0, "Điều")]


def test_pages_after_the_time_of_the_whole_file_are_left(tmp_path: Path) -> None:
    slow = Recogniser(program(tmp_path, f'sleep 1.5; printf "{WORD}"'), dpi=72)
    assert [line.page for line in recognise(two_pages(), [0, 1], slow, within=2.2)] == [0]


def test_a_program_that_wants_too_much_memory_is_stopped(tmp_path: Path) -> None:
    greedy = program(tmp_path, f"exec {sys.executable} -c 'x = bytearray(900 << 20)'")
    assert refused(Recogniser(greedy, megabytes=300)) == "RECOGNITION_FAILED"


def test_a_program_that_fails_says_why(tmp_path: Path) -> None:
    with pytest.raises(Refused) as refusal:
        recognise(page(), [0], Recogniser(program(tmp_path, "echo 'no such language' >&2; exit 3"), dpi=72))
    assert refusal.value.code.name == "RECOGNITION_FAILED"
    assert "no such language" in str(refusal.value)


def test_a_program_that_has_gone_is_missing(tmp_path: Path) -> None:
    assert refused(Recogniser(str(tmp_path / "gone"))) == "RECOGNISER_MISSING"


def test_rows_that_are_no_words_are_left_out(tmp_path: Path) -> None:
    table = "\\n".join(
        "\\t".join(cells)
        for cells in (
            [
                "level",
                "page_num",
                "block_num",
                "par_num",
                "line_num",
                "word_num",
                "left",
                "top",
                "width",
                "height",
                "conf",
                "text",
            ],
            ["4", "1", "1", "1", "1", "0", "10", "10", "90", "10", "-1", ""],
            ["5", "1", "1", "1", "1", "1", "10", "10", "40", "10", "96", "Điều"],
            ["5", "1", "1", "1", "1", "2", "x", "10", "40", "10", "96", "1"],
            ["5", "1", "1", "1", "1"],
        )
    )
    lines = recognise(page(), [0], Recogniser(program(tmp_path, f"printf '{table}\\n'"), dpi=72))
    assert [line.text for line in lines] == ["Điều"]
    assert (lines[0].box.left, lines[0].box.top) == (10, 842 - 10)


def test_a_huge_page_is_drawn_more_coarsely() -> None:
    drawn = scan(page(4000, 4000), 0)
    assert drawn.dpi < 300
    assert len(drawn.picture) < MOST_PIXELS * 1.1


def test_red_ink_is_not_in_the_picture_and_black_is() -> None:
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(200, 200))
    canvas.setFillColorRGB(1, 0.1, 0.1)
    canvas.rect(0, 100, 200, 100, stroke=0, fill=1)
    canvas.setFillColorRGB(0, 0, 0)
    canvas.rect(0, 0, 200, 50, stroke=0, fill=1)
    canvas.save()
    pixels = scan(out, 0, 72).picture[-200 * 200 :]
    assert min(pixels[: 200 * 90]) > 240
    assert max(pixels[-200 * 40 :]) < 20
