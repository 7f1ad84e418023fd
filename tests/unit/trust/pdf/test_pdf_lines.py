"""Reading the lines of a page: columns, type, fields, turned pages, and files that are no good."""

import io
import random
import time
import unicodedata
from pathlib import Path

import pikepdf
import pytest
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from lienthong.base.errors import Refused
from lienthong.trust.pdf.lines import MOST_CHARACTERS, Line, page_sizes, read_lines
from official_document import decision, handwriting

VECTORS = Path(__file__).parents[4] / "vectors" / "pdf"
A4 = (595.28, 841.89)


def drawn(*strings: tuple[float, float, str], size: float = 13, rotate: int = 0) -> io.BytesIO:
    """A page with these texts (Latin letters: the built-in faces have no others)."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4)
    if rotate:
        canvas.setPageRotation(rotate)
    for x, y, text in strings:
        canvas.setFont("Times-Roman", size)
        canvas.drawString(x, y, text)
    canvas.showPage()
    canvas.save()
    return out


def texts(lines: list[Line]) -> list[str]:
    return [line.text for line in lines]


def test_issuer_and_national_name_are_lines_of_their_own() -> None:
    lines = texts(read_lines(io.BytesIO(decision()), 1))
    assert lines[:4] == [
        "UBND TỈNH THỬ NGHIỆM", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "SỞ NỘI VỤ", "Độc lập - Tự do - Hạnh phúc",
    ]  # fmt: skip


def test_blanks_that_are_to_be_filled_in_do_not_cut_a_line() -> None:
    lines = texts(read_lines(io.BytesIO(decision()), 1))
    assert "Số: /QĐ-SNV" in lines
    assert "Thử Nghiệm, ngày tháng năm 2026" in lines


def test_number_and_date_put_in_by_a_signature_are_read_with_their_line() -> None:
    lines = texts(read_lines(io.BytesIO((VECTORS / "signers-2.pdf").read_bytes()), 1))
    assert any(line.replace(" ", "") == "Số:15/QĐ-SNV" for line in lines)
    assert "Thử Nghiệm, ngày 12 tháng 7 năm 2026" in lines


def test_type_is_that_of_most_characters() -> None:
    by_text = {line.text: line for line in read_lines(io.BytesIO(decision()), 1)}
    kind, place, issuer = (
        by_text["QUYẾT ĐỊNH"],
        by_text["Thử Nghiệm, ngày tháng năm 2026"],
        by_text["UBND TỈNH THỬ NGHIỆM"],
    )
    assert (kind.size, kind.bold, kind.italic, kind.font) == (14, True, False, "LiberationSerif-Bold")
    assert (place.size, place.bold, place.italic) == (13, False, True)
    assert (issuer.size, issuer.bold, issuer.italic) == (12, False, False)


def test_a_box_encloses_its_line() -> None:
    (line,) = read_lines(drawn((100, 500, "Hxg")))
    assert 99 < line.box.left < 101
    assert 495 < line.box.bottom < 500 < line.box.top < 512
    assert line.box.page == 0


def test_a_justified_line_with_wide_blanks_stays_whole() -> None:
    words = [(80 + 44 * place, 500.0, "chung") for place in range(7)]
    assert texts(read_lines(drawn(*words))) == ["chung chung chung chung chung chung chung"]


def test_a_blank_wider_than_those_between_words_separates_columns() -> None:
    assert texts(read_lines(drawn((80, 500, "a b c d"), (300, 500, "e f g h")))) == ["a b c d", "e f g h"]


def test_lines_come_from_top_to_bottom_whatever_the_order_in_the_file() -> None:
    rows = [(80.0, 700.0 - 20 * row, f"row {row}") for row in range(20)]
    random.Random(5).shuffle(rows)
    assert texts(read_lines(drawn(*rows))) == [f"row {row}" for row in range(20)]


def test_words_whose_letters_lie_in_two_fonts_keep_their_blanks() -> None:
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4)
    x, later = 100.0, []
    for character in "SOD Xay dUng":
        width = stringWidth(character, "Times-Roman", 14)
        if character in "OU":
            later.append((x, character))
        else:
            canvas.setFont("Times-Roman", 14)
            canvas.drawString(x, 500, character)
        x += width
    canvas.setFont("Times-Bold", 14)
    for place, character in later:
        canvas.drawString(place, 500, character)
    canvas.save()
    assert texts(read_lines(out)) == ["SOD Xay dUng"]


def test_small_type_over_large_type_is_not_mixed_with_it() -> None:
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4)
    canvas.setFont("Times-Bold", 14)
    canvas.drawString(100, 300, "Tran Thi Mau")
    canvas.setFont("Times-Roman", 7)
    canvas.drawString(120, 301, "signed by somebody")
    canvas.save()
    assert sorted(texts(read_lines(out))) == ["Tran Thi Mau", "signed by somebody"]


def test_decomposed_text_comes_out_composed() -> None:
    apart = decision(change=lambda text: unicodedata.normalize("NFD", text))
    lines = texts(read_lines(io.BytesIO(apart), 1))
    assert lines == [unicodedata.normalize("NFC", line) for line in lines]
    assert any("SỞ" in line for line in lines)


def test_text_drawn_for_a_turned_page_is_read_as_it_is_shown() -> None:
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4)
    canvas.setPageRotation(90)
    canvas.setFont("Times-Roman", 13)
    canvas.translate(A4[1], 0)  # the library lays a turned page on its side by itself
    canvas.rotate(90)
    canvas.drawString(50, 500, "upper")
    canvas.drawString(50, 400, "lower")
    canvas.save()
    first, second = read_lines(out)
    assert (first.text, second.text) == ("upper", "lower")
    assert 49 < first.box.left < 51
    assert 499 < first.box.top < 512
    (size,) = page_sizes(out)
    assert (size.width, size.height) == pytest.approx(A4, abs=0.1)


def test_sideways_text_is_left_out() -> None:
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4)
    canvas.drawString(100, 500, "level")
    canvas.rotate(90)
    canvas.drawString(100, -300, "sideways")
    canvas.save()
    assert texts(read_lines(out)) == ["level"]


def test_pages_may_be_chosen() -> None:
    document = io.BytesIO(decision(pages=3))
    assert {line.page for line in read_lines(document)} == {0, 1, 2}
    assert {line.page for line in read_lines(document, 1)} == {0}
    assert {line.page for line in read_lines(document, [2, 9])} == {2}


def test_a_picture_of_a_page_needs_recognition_and_text_does_not() -> None:
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4)
    canvas.drawImage(ImageReader(io.BytesIO(handwriting())), 0, 0, *A4)
    canvas.drawString(20, 20, "ĐEN")
    canvas.save()
    (scan,) = page_sizes(out)
    assert scan.characters > 0
    assert scan.needs_recognition
    assert scan.pictured > 0.95
    written = page_sizes(io.BytesIO(decision()))[0]
    assert (written.characters > 0, written.needs_recognition) == (True, False)
    (empty,) = page_sizes(drawn())
    assert (empty.characters > 0, empty.needs_recognition) == (False, True)


def test_an_endless_page_is_read_up_to_the_limit_in_time() -> None:
    rows = [(20.0, 800.0 - row / 2, "x" * 100) for row in range(1000)]
    before = time.monotonic()
    lines = read_lines(drawn(*rows, size=5))
    assert sum(len(line.text) for line in lines) <= MOST_CHARACTERS
    assert time.monotonic() - before < 10


def test_an_encrypted_file_is_refused() -> None:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(decision())) as pdf:
        pdf.save(out, encryption=pikepdf.Encryption(user="secret", owner="other"))
    with pytest.raises(Refused) as refusal:
        read_lines(out)
    assert refusal.value.code.name == "PDF_ENCRYPTED"


@pytest.mark.parametrize("damaged", [b"", b"%PDF-1.7\n", b"no document at all" * 50])
def test_what_is_no_pdf_is_refused(damaged: bytes) -> None:
    for read in (read_lines, page_sizes):
        with pytest.raises(Refused) as refusal:
            read(io.BytesIO(damaged))
        assert refusal.value.code.name == "PDF_NOT_READABLE"


def test_a_damaged_file_is_read_or_refused_and_nothing_else() -> None:
    whole, chance = (VECTORS / "signers-1.pdf").read_bytes(), random.Random(11)
    outcomes = set()
    for _ in range(40):
        broken = bytearray(whole)
        for _ in range(chance.choice((2, 50, 1000))):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        try:
            outcomes.add(bool(read_lines(io.BytesIO(broken))))
            page_sizes(io.BytesIO(broken))
        except Refused as refusal:
            outcomes.add(refusal.code.name)
    assert True in outcomes
    assert outcomes <= {True, False, "PDF_NOT_READABLE", "PDF_HAS_NO_PAGES", "PDF_ENCRYPTED"}
