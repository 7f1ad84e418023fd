"""The minutes of handing dossiers over to the archive (biên bản giao nhận hồ sơ, tài liệu).

Source: Decree 30/2020/NĐ-CP Appendix V and art. 30.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from lienthong.office.papers.register import Letterhead
from lienthong.webkit.papers.form import Form, Part, PartKind
from lienthong.webkit.papers.model import PrintMark, Signer
from lienthong.webkit.papers.numerals import counted, fraction

_LAW = "Căn cứ Nghị định số 30/2020/NĐ-CP ngày 05 tháng 3 năm 2020 của Chính phủ về công tác văn thư;"
_WE = "Chúng tôi gồm:"
_AGREED = "Hai bên thống nhất giao nhận hồ sơ, tài liệu với nội dung như sau:"
_PAPER = "a) Hồ sơ, tài liệu giấy:"
_ELECTRONIC = "b) Hồ sơ, tài liệu điện tử:"
_ATTACHED = "5. Mục lục hồ sơ, tài liệu nộp lưu kèm theo biên bản này."
_TWO = "Biên bản này lập thành 02 (hai) bản có giá trị như nhau; bên giao giữ một bản, bên nhận giữ một bản./."
_SIGN = "(Ký, ghi rõ họ tên)"


@dataclass(frozen=True, slots=True)
class Side:
    """One side of the handing over. ``body``: unit or archive; a person with his position."""

    body: str
    person: str
    position: str


@dataclass(frozen=True, slots=True)
class Quantity:
    """How much. On paper: boxes, dossiers, metres of shelf. Electronic: dossiers, and files in them."""

    boxes: int = 0
    paper_dossiers: int = 0
    metres: Decimal = Decimal(0)
    electronic_dossiers: int = 0
    files: int = 0


@dataclass(frozen=True, slots=True)
class Handover:
    """One handing over.

    ``name``: of the block of papers; ``span``: their time. ``bases``: further legal bases, such as a plan.
    """

    name: str
    span: str
    quantity: Quantity
    giver: Side
    receiver: Side
    on: date | None = None
    bases: tuple[str, ...] = ()
    condition: str = ""


def handover_minutes(given: Handover, letterhead: Letterhead, mark: PrintMark | None = None) -> Form:
    """The minutes as a form for two signatures."""
    bases = (Part(text, kind=PartKind.BASIS) for text in (_LAW, *(f"Căn cứ {each};" for each in given.bases)))
    return Form(
        title="BIÊN BẢN",
        about=("Về việc giao nhận hồ sơ, tài liệu",),
        agency=letterhead.agency,
        superior=letterhead.superior,
        place=letterhead.place,
        on=given.on,
        parts=(
            *bases, Part(_WE), *_side("BÊN GIAO", given.giver), *_side("BÊN NHẬN", given.receiver), Part(_AGREED),
            Part(given.name, "1. Tên khối tài liệu giao nộp"), Part(given.span, "2. Thời gian của hồ sơ, tài liệu"),
            *_quantity(given.quantity), Part(given.condition, "4. Tình trạng tài liệu giao nộp"), Part(_ATTACHED),
            Part(_TWO),
        ),
        signers=(Signer("ĐẠI DIỆN BÊN GIAO", given.giver.person, _SIGN),
                 Signer("ĐẠI DIỆN BÊN NHẬN", given.receiver.person, _SIGN)),
        mark=mark,
    )  # fmt: skip


def _side(name: str, side: Side) -> tuple[Part, ...]:
    return (
        Part(f"{name}: {side.body}", kind=PartKind.HEADING),
        Part(side.person, "Ông (bà)", PartKind.ITEM),
        Part(side.position, "Chức vụ, chức danh", PartKind.ITEM),
    )


def _quantity(quantity: Quantity) -> tuple[Part, ...]:
    return (
        Part("3. Số lượng tài liệu"),
        Part(_PAPER),
        Part(counted(quantity.boxes), "Tổng số hộp (cặp)", PartKind.ITEM),
        Part(counted(quantity.paper_dossiers), "Tổng số hồ sơ (đơn vị bảo quản)", PartKind.ITEM),
        Part(f"{fraction(quantity.metres, 2)} mét", "Quy ra mét giá", PartKind.ITEM),
        Part(_ELECTRONIC),
        Part(counted(quantity.electronic_dossiers), "Tổng số hồ sơ", PartKind.ITEM),
        Part(counted(quantity.files), "Tổng số tệp tin trong hồ sơ", PartKind.ITEM),
    )
