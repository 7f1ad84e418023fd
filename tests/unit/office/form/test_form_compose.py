"""Drafts as Word files: what they hold, and that the file is one that strict word processors open."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace

import docx
import pytest
from docx.shared import Mm
from lxml import etree

from lienthong.base.errors import Refused
from lienthong.office.form.body import roman
from lienthong.office.form.compose import compose
from lienthong.office.form.errors import DRAFT_INCOMPLETE
from lienthong.office.form.metrics import NATIONAL_MOTTO, NATIONAL_NAME
from lienthong.office.form.model import Capacity, CapacityLine, Circulation, Draft, Paragraph, Recipients, Signer, Table
from lienthong.office.form.paragraphs import paragraphs_of_docx
from lienthong.vocabulary.urgency import Urgency
from official_drafts import ALL, BASES, KINDS, draft, issuing_decision, plan_with_appendices

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
# The sequences of ISO/IEC 29500-1 annex A, as far as they are used here.
ORDER = {
    "pPr": "pStyle keepNext keepLines pageBreakBefore framePr widowControl numPr suppressLineNumbers pBdr shd tabs "
    "suppressAutoHyphens spacing ind contextualSpacing jc textAlignment outlineLvl rPr sectPr",
    "tblPr": "tblStyle tblpPr bidiVisual tblW jc tblCellSpacing tblInd tblBorders shd tblLayout tblCellMar tblLook",
    "tcPr": "tcW gridSpan vMerge tcBorders shd noWrap tcMar vAlign",
    "sectPr": "headerReference type pgSz pgMar pgBorders lnNumType pgNumType cols titlePg docGrid",
    "rPr": "rStyle rFonts b bCs i iCs caps strike color spacing w kern position sz szCs highlight u lang",
    "pBdr": "top left bottom right between bar",
    "tcBorders": "top left bottom right insideH insideV",
}


def _text(made: Draft) -> list[str]:
    return [text for text in paragraphs_of_docx(compose(made)) if text.strip()]


@pytest.mark.parametrize("name", ALL)
def test_every_kind_has_its_components(name: str) -> None:
    made = ALL[name]
    text = _text(made)
    assert NATIONAL_NAME in text and NATIONAL_MOTTO in text and made.issuer.upper() in text
    assert any(re.fullmatch(rf"Số:\u00a0+/{re.escape(made.symbol)}", each) for each in text)
    assert any(re.fullmatch(r"Thử Nghiệm, ngày\u00a0+tháng\u00a0+năm 2026", each) for each in text)
    assert (made.heading in text) is not made.is_letter
    assert [each for each in text if each.endswith("./.")] != []
    assert "Nơi nhận:" in text and "- Lưu: VT" in " ".join(text)
    assert all(signer.name in text and signer.position.upper() in text for signer in made.signers)


@pytest.mark.parametrize(
    "made", [*ALL.values(), issuing_decision(), plan_with_appendices()], ids=lambda made: made.heading
)
def test_properties_stand_in_the_order_of_the_schema(made: Draft) -> None:
    with zipfile.ZipFile(io.BytesIO(compose(made))) as parts:
        for name in parts.namelist():
            if re.fullmatch(r"word/(document|header\d*|footer\d*)\.xml", name):
                _require_order(etree.fromstring(parts.read(name)))


def _require_order(root: etree._Element) -> None:
    for tag, order in ORDER.items():
        for each in root.iter(W + tag):
            # References to headers and footers are a choice: any order among themselves.
            names = [child.tag.removeprefix(W).replace("footerRef", "headerRef") for child in each]
            places = [order.split().index(name) for name in names]
            assert places == sorted(places), (tag, names)
    for cell in root.iter(W + "tc"):
        assert cell[-1].tag == W + "p", "a cell ends with a paragraph"
    for table in root.iter(W + "tbl"):
        after = table.getnext()
        assert after is not None and after.tag == W + "p", "a paragraph stands behind each table"


def test_the_page_has_the_margins_of_the_decree() -> None:
    section = docx.Document(io.BytesIO(compose(ALL["Chỉ thị"]))).sections[0]
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
    assert Mm(20) <= section.top_margin <= Mm(25) and Mm(20) <= section.bottom_margin <= Mm(25)
    assert Mm(30) <= section.left_margin <= Mm(35) and Mm(15) <= section.right_margin <= Mm(20)
    assert section.different_first_page_header_footer and "PAGE" in section.header._element.xml


def test_legal_bases_end_with_semicolons_and_the_last_with_a_full_stop() -> None:
    text = _text(draft(KINDS["Quyết định (cá biệt)"], bases=[f"{base};" for base in BASES]))
    bases = [each for each in text if each.startswith(("Căn cứ", "Theo đề nghị"))]
    assert [each[-1] for each in bases] == [";", ";", "."] and ";;" not in "".join(bases)


def test_articles_clauses_and_points_are_numbered_without_gaps() -> None:
    text = _text(ALL["Quy chế"])
    assert [each[:6] for each in text if each.startswith("Điều")] == ["Điều 1", "Điều 2", "Điều 3"]
    assert [each for each in text if each.startswith("Chương")] == ["Chương I", "Chương II"]
    points = [each[:2] for each in _text(ALL["Quyết định (cá biệt)"]) if re.match(r"[a-zđ]\)", each)]
    assert points == ["a)", "b)"]


def test_several_addressees_stand_below_each_other_and_one_beside_the_label() -> None:
    assert "Kính gửi: Sở Tài chính" in _text(draft(KINDS["Công văn"], addressees=("Sở Tài chính",)))
    several = _text(draft(KINDS["Công văn"], addressees=("Sở Tài chính", "Sở Y tế")))
    assert several[several.index("Kính gửi:") + 1 :][:2] == ["- Sở Tài chính;", "- Sở Y tế."]


def test_capacity_lines_stand_above_the_position_in_capitals() -> None:
    lines = (CapacityLine(Capacity.COLLECTIVE, "Ủy ban nhân dân"), CapacityLine(Capacity.DEPUTY, "Chủ tịch"))
    text = _text(draft(KINDS["Chỉ thị"], signers=(Signer("Phó Chủ tịch", "Lê Quốc Đại", lines),)))
    at = text.index("TM. ỦY BAN NHÂN DÂN")
    assert text[at : at + 4] == ["TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH", "Lê Quốc Đại"]


def test_the_keep_line_names_unit_drafter_and_copies() -> None:
    assert Recipients(kept=("NVĐP",), drafter="pl", copies=300).keep_line == "Lưu: VT, NVĐP, PL.(300)."
    assert Recipients().keep_line == "Lưu: VT."


@pytest.mark.parametrize(
    ("urgency", "mark"),
    [(Urgency.URGENT, "KHẨN"), (Urgency.VERY_URGENT, "THƯỢNG KHẨN"), (Urgency.IMMEDIATE, "HỎA TỐC")],
)
def test_an_urgent_document_bears_its_mark_and_an_ordinary_one_none(urgency: Urgency, mark: str) -> None:
    assert mark in _text(draft(KINDS["Thông báo"], urgency=urgency))
    assert mark not in _text(draft(KINDS["Thông báo"]))


def test_a_note_on_circulation_is_printed() -> None:
    assert "LƯU HÀNH NỘI BỘ" in _text(draft(KINDS["Thông báo"], circulation=Circulation.INTERNAL))


def test_appendices_are_numbered_when_there_are_several_and_count_their_pages_anew() -> None:
    made = plan_with_appendices()
    assert {"Phụ lục I", "Phụ lục II", "DANH MỤC NHIỆM VỤ"} <= set(_text(made))
    assert "Phụ lục" in _text(replace(made, appendices=made.appendices[:1]))
    xml = docx.Document(io.BytesIO(compose(made))).sections[-1]._sectPr.xml
    assert 'w:pgNumType w:start="1"' in xml


def test_letters_are_composed_whatever_the_draft_has() -> None:
    assert "Các phòng" in "".join(_text(draft(KINDS["Thông báo"], body=(Paragraph("Ca\u0301c pho\u0300ng"),))))


@pytest.mark.parametrize(
    "changes",
    [
        {"issuer": " "}, {"symbol": ""}, {"symbol": "QĐ - SNV"}, {"symbol": "15/QĐ-SNV"}, {"place": ""}, {"signers": ()}, {"body": ()},
        {"signers": (Signer("Giám đốc", ""),)}, {"body": (Table(("A",), (("1",),)),)},
        {"body": (Table(("A", "B"), (("1",),)), Paragraph("x"))}, {"place": "Một địa danh dài đến mức không thể nằm vừa trên một dòng"},
        {"kind": KINDS["Công văn"], "abstract": ""}, {"kind": KINDS["Công văn"], "addressees": ()},
    ],
)  # fmt: skip
def test_a_draft_that_cannot_be_laid_out_is_refused_with_a_reason(changes: dict[str, object]) -> None:
    with pytest.raises(Refused) as refused:
        compose(draft(KINDS["Thông báo"], **changes))
    assert refused.value.code is DRAFT_INCOMPLETE and refused.value.params["why_vi"]


@pytest.mark.parametrize(("number", "text"), [(1, "I"), (4, "IV"), (9, "IX"), (14, "XIV"), (39, "XXXIX")])
def test_roman_numerals(number: int, text: str) -> None:
    assert roman(number) == text
