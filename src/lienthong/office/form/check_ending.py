"""The end: capacity, position and name of who signs, and the recipients (Appendix I part II.7 and 9)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lienthong.base.text import fold, nfc
from lienthong.office.form import check_type as types
from lienthong.office.form.check_layout import Layout
from lienthong.office.form.check_rules import ACADEMIC, CAPACITY, RECIPIENTS, SIGNER, Finding
from lienthong.office.form.check_type import check_type
from lienthong.office.form.expected import Expected

_RIGHT_CAPACITY = re.compile(r"(TM|Q|KT|TL|TUQ)\. (?! )\w")
_TITLE = re.compile(
    r"(?:(?:PGS|GS|TS|TSKH|ThS|Ths|ThS|BS|KS|CN|LS|DS|NGND|NGƯT|NSND|NSƯT|BSCK\w*|CKI{1,2})\b\.?|"
    r"(?:Giáo sư|Phó Giáo sư|Tiến sĩ|Thạc sĩ|Bác sĩ|Kỹ sư|Cử nhân|Luật sư|Nhà giáo|Anh hùng)\b)",
)


def check_ending(found: Layout, expected: Expected) -> Iterator[Finding]:
    """Every rule on the end of the document."""
    yield from _signers(found, expected)
    yield from _recipients(found)


def _signers(found: Layout, expected: Expected) -> Iterator[Finding]:
    if not found.signers:
        yield SIGNER.at(None, what_vi="không tìm thấy", what_en="are not found")
    for line in found.capacities:
        if not _RIGHT_CAPACITY.match(line.text):
            yield CAPACITY.at(line, text=line.text)
    for block in found.signers:
        for line in block.titles:
            yield from check_type(line, types.POSITION)
        yield from check_type(block.name, types.NAME)
        if title := _TITLE.match(block.name.text):
            yield ACADEMIC.at(block.name, text=title[0])
    printed = [block.name.text for block in found.signers]
    for name in expected.names:
        if found.signers and not any(nfc(each).casefold().endswith(nfc(name).casefold()) for each in printed):
            what_vi, what_en = f"không có tên «{name}»", f"do not name “{name}”"
            yield SIGNER.at(found.signers[-1].name, what_vi=what_vi, what_en=what_en)


def _recipients(found: Layout) -> Iterator[Finding]:
    label, rows = found.recipients_label, found.recipients
    if label is None:
        yield RECIPIENTS.at(None, what_vi="không tìm thấy", what_en="is not found")
        return
    yield from check_type(label, types.RECIPIENTS_LABEL)
    if label.text != "Nơi nhận:":
        yield RECIPIENTS.at(label, what_vi=f"ghi «{label.text}»", what_en=f"reads “{label.text}”")
    if not rows or not fold(rows[-1].text).lstrip("- ").startswith("luu:"):
        kept = any(fold(row.text).lstrip("- ").startswith("luu:") for row in rows)
        if not kept:
            yield RECIPIENTS.at(label, what_vi="không có dòng «Lưu:»", what_en="has no line «Lưu:»")
            return
    for row, after in zip(rows, (*rows[1:], None), strict=True):
        yield from check_type(row, types.RECIPIENT)
        if after is None and not row.text.endswith("."):
            yield RECIPIENTS.at(row, what_vi="dòng cuối thiếu dấu chấm", what_en="has no full stop at its end")
        elif after is not None and after.text.startswith("-") and not row.text.endswith(";"):
            yield RECIPIENTS.at(row, what_vi="có dòng thiếu dấu chấm phẩy", what_en="has a line without a semicolon")
    kept_row = next(row for row in rows if fold(row.text).lstrip("- ").startswith("luu:"))
    if not re.match(r"- Lưu: VT\b", kept_row.text):
        yield RECIPIENTS.at(kept_row, what_vi="dòng «Lưu:» thiếu «VT»", what_en="does not keep a copy at «VT»")
