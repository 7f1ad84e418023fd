"""Whole documents: all kinds in many layouts, and pages that are torn, shuffled and misread."""

import io
import random
import time
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import BinaryIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pikepdf import Pdf
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from lienthong.base.errors import Refused
from lienthong.office.reading.document import propose
from lienthong.office.reading.proposals import Caution, Confidence, Proposal, Proposals
from lienthong.office.services.file_checks import reading_of_file
from lienthong.signing.holdings.official_page import Page, draw
from lienthong.trust.pdf.lines import Line, Word, lines_of_words, page_count, read_lines
from lienthong.trust.pdf.preview import page_image
from lienthong.vocabulary.kinds import DECREE30
from official_document import decision, handwriting
from page_lines import below, heading, line
from reading_corpus import A4, KINDS, Truth, document

VECTORS = Path(__file__).parents[4] / "vectors" / "pdf"
_URGENCY = {"": "", "HỎA TỐC": "IMMEDIATE", "HOẢ TỐC": "IMMEDIATE", "THƯỢNG KHẨN": "VERY_URGENT", "KHẨN": "URGENT"}


def wrong(found: Proposals, truth: Truth) -> dict[str, tuple[object, object]]:
    """By field what was read otherwise than the document says."""

    def value(proposal: Proposal | None, nothing: object = "") -> object:
        return proposal.value if proposal is not None else nothing

    read = {
        "number": value(found.document_number), "symbol": value(found.symbol), "place": value(found.place),
        "issued_date": value(found.issued_date, None), "issuer": value(found.issuer), "superior": value(found.superior),
        "kind": found.kind.value.name.split(" (")[0] if found.kind is not None else "", "abstract": value(found.abstract),
        "urgency": found.urgency.value.name if found.urgency is not None else "",
        "secrecy": found.secrecy.value.label("vi").upper() if found.secrecy is not None else "",
        "signer": value(found.signer), "position": value(found.position), "capacity": value(found.signing_capacity, ()),
        "addressees": value(found.addressees, ()), "recipients": value(found.recipients, ()),
        "deadline": value(found.reply_deadline, None), "pages": value(found.page_count),
    }  # fmt: skip
    expected = {name: getattr(truth, name) for name in read} | {"urgency": _URGENCY[truth.urgency]}
    return {name: (expected[name], read[name]) for name in read if expected[name] != read[name]}


def read_document(source: BinaryIO) -> Proposals:
    """What a file with text proposes."""
    return propose(read_lines(source), page_count(source))


def test_the_corpus_has_the_29_kinds_of_the_decree() -> None:
    assert [name.split(" (")[0] for name in (kind.name for kind in DECREE30)] == list(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_document_is_read_in_several_layouts(kind: str) -> None:
    for seed in range(3):
        pdf, truth = document(7000 + 31 * list(KINDS).index(kind) + seed, kind)
        assert wrong(read_document(io.BytesIO(pdf)), truth) == {}


def test_a_document_takes_little_time() -> None:
    papers = [document(seed)[0] for seed in range(10)]
    read_document(io.BytesIO(papers[0]))
    before = time.process_time()
    for pdf in papers:
        read_document(io.BytesIO(pdf))
    assert (time.process_time() - before) / len(papers) < 0.060


def test_number_and_date_given_by_a_signature_are_read() -> None:
    found = read_document(io.BytesIO((VECTORS / "signers-2.pdf").read_bytes()))
    assert found.document_number is not None
    assert found.symbol is not None
    assert found.issued_date is not None
    assert found.signer is not None
    assert (found.document_number.value, found.symbol.value) == ("15", "QĐ-SNV")
    assert found.issued_date.value == date(2026, 7, 12)
    assert found.signer.value == "Nguyễn Văn An"


def test_the_same_document_before_its_number_gives_cautions() -> None:
    found = read_document(io.BytesIO(decision()))
    assert found.document_number is None
    assert {each.caution for each in found.cautions} == {Caution.NOT_NUMBERED, Caution.NOT_DATED}


def test_papers_of_this_software_are_read() -> None:
    page = Page(
        "Sở Nội vụ", "TTr-SNV", "An Hải", 2026, "TỜ TRÌNH", "Về việc cấp chứng thư số chuyên dùng", [("Họ và tên", "Lê Văn An")],
        [("GIÁM ĐỐC", "Đỗ Thị Hạnh")], superior="UBND tỉnh An Hải", to="Ban Cơ yếu tỉnh", receivers=["Như trên", "Lưu: VT"],
    )  # fmt: skip
    found = read_document(io.BytesIO(draw(page)))
    assert found.symbol is not None
    assert found.issuer is not None
    assert found.abstract is not None
    assert found.signer is not None
    assert found.addressees is not None
    assert found.recipients is not None
    assert (found.symbol.value, found.issuer.value) == ("TTr-SNV", "SỞ NỘI VỤ")
    assert found.abstract.value == "Về việc cấp chứng thư số chuyên dùng"
    assert (found.signer.value, found.addressees.value) == ("Đỗ Thị Hạnh", ("Ban Cơ yếu tỉnh",))
    assert found.recipients.value == ("Như trên",)


def test_a_file_that_is_no_pdf_is_refused() -> None:
    with pytest.raises(Refused) as refusal:
        read_document(io.BytesIO(b"%PDF-1.4 cut off"))
    assert refusal.value.code.name == "PDF_NOT_READABLE"


def test_a_scan_is_recognised_even_with_a_stamp_in_letters(tmp_path: Path) -> None:
    pdf, truth = document(9, "Báo cáo", composed=True)
    out = tmp_path / "stamped.pdf"
    canvas = Canvas(str(out), pagesize=A4, invariant=1)
    canvas.drawImage(ImageReader(page_image(io.BytesIO(pdf), 0, 200)), 0, 0, *A4)
    canvas.drawString(40, 20, "Signed by: a registrar")
    canvas.save()
    found = reading_of_file(str(out))
    assert found["state"] == "recognised"
    assert found["proposals"]["number"]["value"] == truth.number
    assert found["proposals"]["number"]["confidence"] != "certain"


def test_a_picture_or_an_empty_page_in_a_document_with_text_leaves_its_text_as_it_was(tmp_path: Path) -> None:
    pdf, truth = document(9, "Báo cáo")
    alone, more = tmp_path / "alone.pdf", tmp_path / "more.pdf"
    alone.write_bytes(pdf)
    with Pdf.open(alone) as made:
        made.add_blank_page()
        made.save(more)
    first, second = reading_of_file(str(alone)), reading_of_file(str(more))
    assert first["state"] == second["state"] == "read"
    # The empty page counts: places in the text are told by their page.
    assert second["text"] == first["text"] + "\f"
    assert second["proposals"]["number"]["value"] == truth.number


def test_text_that_a_scanner_laid_unseen_over_its_picture_makes_nothing_certain() -> None:
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=1)
    canvas.drawImage(ImageReader(io.BytesIO(handwriting())), 0, 0, *A4)
    unseen = canvas.beginText(90, 700)
    unseen.setTextRenderMode(3)
    unseen.textLine("So: l5/KH-ABC")
    for _ in range(10):
        unseen.textLine("words enough to show that this page was recognised")
    canvas.drawText(unseen)
    canvas.save()
    found = read_document(out)
    assert found.recognised
    assert found.document_number is not None
    assert (found.document_number.value, found.document_number.confidence) == ("15", Confidence.LIKELY)


_GROUP = st.text("ABCDĐGHKLMNPQSTUVX", min_size=1, max_size=6)
_KIND = st.sampled_from([abbreviation for abbreviation in KINDS.values() if abbreviation])


@given(st.integers(1, 99_999), _KIND, st.lists(_GROUP, min_size=1, max_size=3))
def test_any_number_and_symbol_is_read_back(number: int, kind: str, groups: list[str]) -> None:
    symbol = "-".join([kind, *groups])
    found = propose(heading(f"Số: {number:02d}/{symbol}"))
    assert found.document_number is not None
    assert found.symbol is not None
    assert (found.document_number.value, found.symbol.value) == (f"{number:02d}", symbol)


@given(st.dates(date(1945, 9, 2), date(2100, 1, 1)), st.booleans())
def test_any_date_is_read_back(day: date, padded: bool) -> None:
    written = f"{day.day:02d} tháng {day.month:02d}" if padded else f"{day.day} tháng {day.month}"
    found = propose(heading(day=f"An Hải, ngày {written} năm {day.year}"))
    assert found.issued_date is not None
    assert found.issued_date.value == day


_WORDS = st.sampled_from(
    [
        "tăng",
        "cường",
        "quản",
        "lý",
        "ngân",
        "sách",
        "xây",
        "dựng",
        "nông",
        "thôn",
        "mới",
        "giáo",
        "dục",
        "y",
        "tế",
        "đầu",
        "tư",
        "công",
        "2026",
        "Sở",
        "Bộ",
    ]
)


@given(st.lists(_WORDS, min_size=2, max_size=40))
def test_any_abstract_is_joined_from_its_rows(words: list[str]) -> None:
    rows = [" ".join(words[at : at + 8]) for at in range(0, len(words), 8)]
    found = propose([*heading(), *below("BÁO CÁO", *(f"Kết quả {rows[0]}", *rows[1:]), bold=True)])
    assert found.abstract is not None
    assert found.abstract.value == f"Kết quả {' '.join(words)}"


_LOOKALIKE = str.maketrans("OoQlIi|SsBbZz", "0001111558622")


def is_shown(number: str, lines: list[Line]) -> bool:
    """Whether these digits stand together in a row, look-alikes taken for digits."""
    return any(number in each.text.translate(_LOOKALIKE) for each in lines)


def misread(text: str, chance: random.Random) -> str:
    """Text as poor recognition has it."""
    confused = {"ố": "ôóo6", "/": "|l1", "1": "lI|", "0": "oO", "Đ": "DÐ", "ộ": "ôọo", "ê": "eé", ":": ";.", "5": "S"}
    letters = [chance.choice(confused[each]) if each in confused and chance.random() < 0.3 else each for each in text]
    return "".join(each for each in letters if chance.random() > 0.02)


@pytest.mark.parametrize("seed", range(40))
def test_torn_and_misread_pages_never_fail_and_never_invent_a_number(seed: int) -> None:
    chance = random.Random(seed)
    whole = read_lines(io.BytesIO(document(seed)[0]))
    for _ in range(15):
        kept = [each for each in whole if chance.random() > chance.choice((0.05, 0.5))]
        chance.shuffle(kept)
        noisy = [Line(each.page, misread(each.text, chance), each.box, each.size, "", False, False) for each in kept]
        for lines in (kept, noisy):
            found = propose(lines)
            if found.document_number is not None:
                shown = "".join(character for character in found.document_number.value if character.isdigit())
                assert is_shown(shown, lines)
            for each in fields(found):
                if isinstance(value := getattr(found, each.name), Proposal):
                    assert value.reason.label("vi")
                    assert value.box is not None or each.name == "page_count"


@settings(max_examples=60)
@given(st.lists(st.tuples(st.text(max_size=60), st.floats(0, 600), st.floats(0, 850), st.integers(0, 2)), max_size=25))
def test_any_lines_at_all_are_read_without_failing(rows: list[tuple[str, float, float, int]]) -> None:
    propose([line(text, x, y, page=page) for text, x, y, page in rows])


def test_hostile_lines_take_no_time() -> None:
    hostile = [
        "Số: " + "1" * 50_000,
        "ngày " * 20_000,
        "- " * 30_000,
        "trước ngày " * 10_000,
        "TM. " * 20_000,
        "a /-" * 20_000,
    ]
    before = time.process_time()
    propose([line(text, 300, 700 - 17 * at) for at, text in enumerate(hostile)])
    assert time.process_time() - before < 3


def test_proposals_point_to_the_place_they_were_read_from() -> None:
    pdf, truth = document(3)
    lines = read_lines(io.BytesIO(pdf))
    found = propose(lines)
    assert found.symbol is not None
    assert found.symbol.box is not None
    under = [each.text for each in lines if each.box.overlaps(found.symbol.box)]
    assert any(truth.symbol in text for text in under)


def test_words_of_a_picture_become_lines_cut_between_columns() -> None:
    words = [("Số:", 90, 20), ("15/QĐ-UBND", 114, 70), ("Hà", 320, 14), ("Nội,", 338, 22), ("ngày", 364, 26)]
    row = [Word(text, line(text, 0, 700, left=x).box) for text, x, _ in words]
    assert [each.text for each in lines_of_words([row])] == ["Số: 15/QĐ-UBND", "Hà Nội, ngày"]
    assert all(not each.font and not each.bold for each in lines_of_words([row]))
