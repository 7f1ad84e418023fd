"""An agency's own template: placeholders in any runs are filled, unknown ones refused."""

from __future__ import annotations

import io

import docx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lienthong.base.errors import Refused
from lienthong.office.form.errors import DOCX_NOT_READABLE, TEMPLATE_FIELD_UNKNOWN
from lienthong.office.form.fill import fields, fill
from lienthong.office.form.paragraphs import paragraphs_of_docx


def _template(*runs: str) -> bytes:
    document = docx.Document()
    paragraph = document.add_paragraph()
    for place, text in enumerate(runs):
        paragraph.add_run(text).bold = place == 0
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def test_a_placeholder_split_over_runs_is_filled_in_the_look_of_its_first() -> None:
    filled = fill(_template("Kính gửi: {", "{ nơi ", "nhận }", "}, để biết"), {"nơi nhận": "Sở Nội vụ"})
    runs = docx.Document(io.BytesIO(filled)).paragraphs[0].runs
    assert [run.text for run in runs] == ["Kính gửi: Sở Nội vụ", "", "", ", để biết"]
    assert runs[0].bold


def test_tables_headers_and_nested_cells_are_filled() -> None:
    document = docx.Document()
    inner = document.add_table(1, 1).cell(0, 0).add_table(1, 1)
    inner.cell(0, 0).text = "{{số}}"
    document.sections[0].header.paragraphs[0].text = "{{ cơ_quan }}"
    out = io.BytesIO()
    document.save(out)
    filled = fill(out.getvalue(), {"số": "15", "Cơ quan": "Sở Y tế"})
    assert [text for text in paragraphs_of_docx(filled) if text] == ["15", "Sở Y tế"]


def test_a_content_control_is_filled() -> None:
    document = docx.Document()
    control = docx.oxml.parse_xml(
        '<w:sdt xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:sdtContent><w:p><w:r>'
        "<w:t>{{ tên }}</w:t></w:r></w:p></w:sdtContent></w:sdt>"
    )
    document.element.body.insert(0, control)
    out = io.BytesIO()
    document.save(out)
    assert "Lê Quốc Đại" in paragraphs_of_docx(fill(out.getvalue(), {"tên": "Lê Quốc Đại"}))


def test_unknown_placeholders_are_all_told_with_those_that_are_known() -> None:
    with pytest.raises(Refused) as refused:
        fill(_template("{{ số }} {{ lạ }} {{ khác }}"), {"số": "15", "trích yếu": "x"})
    assert refused.value.code is TEMPLATE_FIELD_UNKNOWN
    assert refused.value.params == {"unknown": "khác, lạ", "known": "số, trích yếu"}


def test_a_value_that_looks_like_a_placeholder_stays_as_it_is() -> None:
    assert paragraphs_of_docx(fill(_template("{{a}} và {{b}}"), {"a": "{{b}}", "b": "2"})) == ("{{b}} và 2",)


def test_the_fields_of_a_template_are_listed_once_in_their_order() -> None:
    assert fields(_template("{{ số }} {{ ngày }} {{số}}")) == ("số", "ngày")


@pytest.mark.parametrize("data", [b"", b"PK", b"\xd0\xcf\x11\xe0", b"plain text"])
def test_what_is_no_word_file_is_refused(data: bytes) -> None:
    with pytest.raises(Refused) as refused:
        fill(data, {})
    assert refused.value.code is DOCX_NOT_READABLE


_WHOLE = _template("Số {{ số }}")


@settings(max_examples=40, deadline=None)
@given(st.integers(0, len(_WHOLE) - 1), st.integers(0, 255))
def test_a_damaged_file_is_read_or_refused(at: int, octet: int) -> None:
    data = bytearray(_WHOLE)
    data[at] = octet
    try:
        fill(bytes(data), {"số": "15"})
    except Refused as refused:
        assert refused.code in {DOCX_NOT_READABLE, TEMPLATE_FIELD_UNKNOWN}


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(1, 30), max_size=6), st.text("ab {}é", max_size=12))
def test_however_the_text_is_cut_into_runs_the_result_is_the_same(cuts: list[int], value: str) -> None:
    text, runs, at = "Gửi {{ nơi nhận }} và {{tên}}.", [], 0
    for cut in cuts:
        runs.append(text[at : at + cut])
        at += cut
    runs.append(text[at:])
    filled = fill(_template(*runs), {"nơi nhận": value, "tên": "An"})
    assert paragraphs_of_docx(filled) == (f"Gửi {value} và An.",)
