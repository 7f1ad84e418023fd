"""A draft as a Word file in the form of Decree 30/2020/NĐ-CP, after the sample forms 1.1–1.10 of its Appendix III.

The 29 kinds share their heading and their end. Resolutions and decisions (1.1–1.3) name who decides and resolve with a
word of their own; a công văn (1.5) has no kind printed; the others, some with usual words of their own (1.6–1.10), are
documents with a named kind (1.4).
"""

from __future__ import annotations

import io

import docx
from docx.document import Document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.oxml.ns import qn
from docx.section import Section
from docx.shared import Mm, Pt

from lienthong.base.errors import Refused
from lienthong.office.form import metrics
from lienthong.office.form.body import roman, write_addressees, write_bases, write_body
from lienthong.office.form.ending import write_address, write_ending
from lienthong.office.form.errors import DRAFT_INCOMPLETE
from lienthong.office.form.heading import write_enclosed_heading, write_heading
from lienthong.office.form.model import Draft, Table
from lienthong.office.form.word import Look, add, element, page_number, write

_RESOLVES = {1: "QUYẾT NGHỊ:", 2: "QUYẾT ĐỊNH:"}
"""The word that resolves, by the kind's place in Appendix III."""


def compose(draft: Draft) -> bytes:
    """The Word file (.docx) of a draft; number, day and month blank. Refuses: DRAFT_INCOMPLETE."""
    _require(draft)
    document = docx.Document()
    _set_up(document, draft)
    write_heading(document, draft)
    if draft.addressees:
        write_addressees(document, draft.addressees)
    resolve = _RESOLVES.get(draft.kind.decree30 or 0)
    if resolve and draft.authority:
        look = Look(metrics.CONTENT, "centre", bold=True, before=12, after=6, together=True)
        add(document, draft.authority.upper(), look)
        write_bases(document, draft.bases)
        add(document, resolve, look)
    else:
        write_bases(document, draft.bases)
    write_body(document, draft.body, ending=True)
    write_ending(document, draft)
    if draft.address:
        write_address(document, draft)
    if draft.enclosed is not None:
        _new_part(document)
        write_enclosed_heading(document, draft, draft.enclosed)
        write_body(document, draft.enclosed.body, ending=True)
    for place, appendix in enumerate(draft.appendices, start=1):
        _new_part(document)
        label = f"Phụ lục {roman(place)}" if len(draft.appendices) > 1 else "Phụ lục"
        look = Look(metrics.TITLE, "centre", bold=True, together=True, outline=0)
        add(document, label, look)
        add(document, appendix.title.upper(), look.but(after=6, outline=None))
        write_body(document, appendix.body)
    if len(document.element.body) > 1 and document.element.body[-2].tag == qn("w:tbl"):
        # The text of a Word file ends with a paragraph, never with a table.
        add(document, "", Look(1))
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _require(draft: Draft) -> None:
    missing = [
        (not draft.issuer.strip(), "thiếu tên cơ quan ban hành", "the issuing agency is missing"),
        (not draft.symbol.strip(), "thiếu ký hiệu", "the symbol is missing"),
        (any(c.isspace() or c == "/" for c in draft.symbol.strip()), "ký hiệu không được có dấu cách hay gạch chéo",
         "the symbol may hold no space or slash"),
        (not draft.place.strip(), "thiếu địa danh", "the place is missing"),
        (not draft.signers, "chưa có người ký", "nobody signs"),
        (any(not s.position.strip() or not s.name.strip() for s in draft.signers),
         "người ký thiếu chức vụ hoặc họ tên", "a signer lacks position or name"),
        (not draft.body or isinstance(draft.body[-1], Table), "nội dung phải kết thúc bằng một đoạn văn",
         "the content must end with a paragraph"),
        (draft.is_letter and not draft.abstract.strip(), "công văn thiếu trích yếu", "the letter has no abstract"),
        (draft.is_letter and not draft.addressees, "công văn thiếu nơi kính gửi", "the letter has no addressee"),
        (any(len(row) != len(table.head) for table in _tables(draft) for row in table.rows),
         "bảng có dòng không đủ số cột", "a table has a row with another number of columns"),
    ]  # fmt: skip
    for wrong, why_vi, why_en in missing:
        if wrong:
            raise Refused(DRAFT_INCOMPLETE, why_vi=why_vi, why_en=why_en)


def _tables(draft: Draft) -> list[Table]:
    parts = [draft.body, *(each.body for each in draft.appendices)]
    if draft.enclosed is not None:
        parts.append(draft.enclosed.body)
    return [block for part in parts for block in part if isinstance(block, Table)]


def _set_up(document: Document, draft: Draft) -> None:
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = metrics.FONT, Pt(metrics.CONTENT)
    properties = normal.element.get_or_add_rPr()
    for script in ("w:eastAsia", "w:cs"):
        properties.get_or_add_rFonts().set(qn(script), metrics.FONT)
    properties.append(element("w:lang", val="vi-VN"))
    for default in document.styles.element.iter(qn("w:lang")):
        default.set(qn("w:val"), "vi-VN")
    core = document.core_properties
    core.title = f"{draft.heading} {draft.abstract}".strip()
    core.author, core.language, core.comments, core.keywords = draft.issuer, "vi-VN", "", ""
    _page(document.sections[0])


def _page(section: Section) -> None:
    section.orientation = WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = Mm(metrics.PAGE_WIDTH), Mm(metrics.PAGE_HEIGHT)
    section.top_margin, section.bottom_margin = Mm(metrics.TOP), Mm(metrics.BOTTOM)
    section.left_margin, section.right_margin = Mm(metrics.LEFT), Mm(metrics.RIGHT)
    section.header_distance, section.footer_distance = Mm(10), Mm(10)
    # Page 1 shows no number.
    section.different_first_page_header_footer = True
    look = Look(metrics.PAGE_NUMBER, "centre")
    page_number(write(section.header.paragraphs[0], "", look), look)


def _new_part(document: Document) -> None:
    """A text of its own: on a new page, its pages counted anew (Appendix I part III)."""
    section = document.add_section(WD_SECTION.NEW_PAGE)
    section.first_page_footer.is_linked_to_previous = False
    section.first_page_header.is_linked_to_previous = False
    section._sectPr.insert_element_before(element("w:pgNumType", start="1"), "w:cols", "w:titlePg", "w:docGrid")
