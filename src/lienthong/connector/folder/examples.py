"""Templates of rows that a registrar fills in: a TOML file and a workbook, both with every column explained."""

from __future__ import annotations

import io
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Font, PatternFill
from openpyxl.utils.cell import get_column_letter

from lienthong.connector.folder.columns import Column
from lienthong.connector.spool import write_durably

FOLDER = "mau"
"""Where templates lie in the shared folder; nothing in it is ever sent."""

_EXPLAINED: dict[Column, tuple[str, str]] = {
    Column.NUMBER: ("1234/SM-VP", "Bắt buộc. Số và ký hiệu như trên văn bản · required, as printed"),
    Column.SUBJECT: ("V/v phối hợp thử nghiệm", "Bắt buộc. Trích yếu nội dung · required, the abstract"),
    Column.TO: (
        "Tên cơ quan nhận đúng như danh bạ",
        "Bắt buộc. Mã hoặc tên đúng như danh bạ, nhiều nơi cách nhau dấu ; · required, codes or exact names",
    ),
    Column.ISSUED_ON: ("20/11/2026", "Bắt buộc. Ngày/tháng/năm · required, day/month/year"),
    Column.KIND: ("Công văn", "Bỏ trống: Công văn · kind, Công văn when empty"),
    Column.URGENCY: ("Thường", "Thường, Khẩn, Thượng khẩn, Hỏa tốc · urgency"),
    Column.DUE_DATE: ("", "Hạn trả lời, nếu có · answer due"),
    Column.SIGNER: ("Nguyễn Văn Mẫu", "Họ tên người ký · who signed"),
    Column.POSITION: ("Chánh Văn phòng", "Chức vụ người ký · position"),
    Column.COMPETENCE: ("", "TM., KT., TL., TUQ. nếu có · signing capacity"),
    Column.ANSWERS: ("", "Mã văn bản được phúc đáp, ví dụ H26,2026/11/02,88/SM-TC · document answered"),
    Column.FILES: ("1234-SM-VP.pdf", "Trong bảng nhiều dòng: tên các tệp, cách nhau dấu ; · file names, for tables"),
}  # fmt: skip


def write_templates(root: Path) -> list[Path]:
    """Write the templates below a shared folder; those that are there already stay as they are."""
    folder = root / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for name, content in (("van-ban.toml", toml().encode()), ("rows.xlsx", workbook())):
        if not (folder / name).exists():
            write_durably(folder / name, content)
            made.append(folder / name)
    return made


def toml() -> str:
    """A row of one document. Named like its file: ``1234.pdf`` and ``1234.toml``."""
    lines = [
        "# Chép tệp này thành «tên-tệp-văn-bản».toml, sửa rồi thả cùng văn bản vào outbox.",
        "# Copy this to «name of the document».toml, edit it, drop it into outbox with the document.",
        "",
    ]
    for column, (value, said) in _EXPLAINED.items():
        if column is not Column.FILES:
            lines += [f"# {said}", f'{"" if value else "# "}"{column.label}" = "{value}"', ""]
    return "\n".join(lines)


def workbook() -> bytes:
    """A table of many documents, and a second sheet that explains the columns."""
    book = Workbook()
    sheet = book.active
    sheet.title = "Văn bản"
    sheet.append([column.label for column in _EXPLAINED])
    sheet.append([value for value, _ in _EXPLAINED.values()])
    for index, column in enumerate(_EXPLAINED, 1):
        head = sheet.cell(1, index)
        head.font, head.fill = Font(bold=True), PatternFill("solid", fgColor="E5E7EB")
        sheet.column_dimensions[get_column_letter(index)].width = 28 if column in {Column.SUBJECT, Column.TO} else 18
    sheet.freeze_panes = "A2"
    told = book.create_sheet("Hướng dẫn")
    for column, (_, said) in _EXPLAINED.items():
        told.append([column.label, column.value, said])
    for letter, width in (("A", 22), ("B", 18), ("C", 90)):
        told.column_dimensions[letter].width = width
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
