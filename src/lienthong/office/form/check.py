"""The automatic check of a document's form (kiểm tra thể thức văn bản; Decree 30/2020/NĐ-CP art. 12.2).

It helps the person in charge of form and does not replace him: whether words are right is for people. It reads the
converted pages, so it judges what is really seen, whatever program made them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lienthong.office.form.check_content import check_content
from lienthong.office.form.check_ending import check_ending
from lienthong.office.form.check_heading import check_heading
from lienthong.office.form.check_layout import read_layout
from lienthong.office.form.check_page import check_page
from lienthong.office.form.check_rules import Finding, Level
from lienthong.office.form.check_text import check_text
from lienthong.office.form.expected import NOTHING_KNOWN, Expected
from lienthong.trust.pdf.lines import Line, PageSize

_ORDER = {Level.ERROR: 0, Level.WARNING: 1, Level.ADVICE: 2}


def check(
    lines: Sequence[Line],
    sizes: Sequence[PageSize],
    expected: Expected = NOTHING_KNOWN,
    paragraphs: Iterable[str] = (),
) -> tuple[Finding, ...]:
    """What is not as prescribed, errors first, then down the pages.

    ``lines`` and ``sizes``: of the converted file. ``paragraphs``: of its source, for the rules on blanks and Unicode.
    """
    found = read_layout(lines, sizes)
    findings = [
        *check_page(found),
        *check_heading(found, expected),
        *check_content(found, expected),
        *check_ending(found, expected),
        *check_text(paragraphs),
    ]
    return tuple(sorted(findings, key=_place))


def _place(finding: Finding) -> tuple[int, int, float]:
    page = finding.page if finding.page is not None else -1
    return _ORDER[finding.level], page, -(finding.box.top if finding.box else 1e6)
