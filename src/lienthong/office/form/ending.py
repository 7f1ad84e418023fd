"""The end of a document: capacity, position and name of who signs, room for the signature, recipients, address.

Source: Decree 30/2020/NĐ-CP Appendix I part II.7, 8, 9, 12 and 13. Between position and name 24 mm stay free for an
image of 20 mm; the seal covers its left third.
"""

from __future__ import annotations

from docx.document import Document
from docx.shared import Pt
from docx.table import _Cell, _Row

from lienthong.office.form.metrics import (
    ADDRESS,
    CONTENT,
    MILLIMETRE,
    RECIPIENTS,
    RECIPIENTS_LABEL,
    SIGNATURE,
    TEXT_WIDTH,
)
from lienthong.office.form.model import Draft, Recipients, Signer
from lienthong.office.form.word import Look, add, border, grid, write

_ROOM = 24 * MILLIMETRE
_LEFT = TEXT_WIDTH * 0.46


def write_ending(document: Document, draft: Draft) -> None:
    """Boxes 7–9 and 12: one signer stands at the right of the recipients, several stand above them in two columns."""
    add(document, "", Look(12, together=True))
    if len(draft.signers) == 1:
        table = grid(document, [_LEFT, TEXT_WIDTH - _LEFT])
        _recipients(table.cell(0, 0), draft.recipients)
        _signer(table.cell(0, 1), draft.signers[0])
    else:
        _signers(document, draft.signers)
        if draft.recipients.names or draft.recipients.kept:
            add(document, "", Look(12))
            _recipients(grid(document, [TEXT_WIDTH]).cell(0, 0), draft.recipients)
    if draft.confirmation:
        # Without a paragraph between them, two tables are one.
        add(document, "", Look(6))
        cell = grid(document, [TEXT_WIDTH / 2, TEXT_WIDTH / 2]).cell(0, 0)
        add(cell, draft.confirmation, Look(CONTENT, "centre", bold=True, before=24, after=60))


def write_address(document: Document, draft: Draft) -> None:
    """Box 13: below a line over the whole width, at the foot of page 1."""
    foot = document.sections[0].first_page_footer.paragraphs[0]
    border(write(foot, draft.address, Look(ADDRESS, "centre")), ("top",), "000000", 6, 3)


def _signers(document: Document, signers: tuple[Signer, ...]) -> None:
    rows = (len(signers) + 1) // 2
    table = grid(document, [TEXT_WIDTH / 2, TEXT_WIDTH / 2], rows=rows)
    # The competent person stands last, at the right.
    cells = [cell for row in table.rows for cell in row.cells][-len(signers) :]
    for cell, signer in zip(cells, signers, strict=True):
        _signer(cell, signer)
        # Rows of signatures stand apart.
        cell.paragraphs[-1].paragraph_format.space_after = Pt(12)
    for row in table.rows[:-1]:
        _keep(row)


def _keep(row: _Row) -> None:
    for cell in row.cells:
        for paragraph in cell.paragraphs:
            paragraph.paragraph_format.keep_with_next = True


def _signer(cell: _Cell, signer: Signer) -> None:
    look = Look(SIGNATURE, "centre", bold=True)
    if signer.party:
        add(cell, signer.party.upper(), look)
    for line in signer.capacity:
        add(cell, line.text, look)
    add(cell, signer.position.upper(), look)
    add(cell, signer.name, look.but(before=_ROOM))


def _recipients(cell: _Cell, recipients: Recipients) -> None:
    add(cell, "Nơi nhận:", Look(RECIPIENTS_LABEL, bold=True, italic=True))
    for name in recipients.names:
        add(cell, f"- {name.rstrip(' ;.')};", Look(RECIPIENTS))
    add(cell, f"- {recipients.keep_line}", Look(RECIPIENTS))
