"""What a draft (bản thảo) says, apart from how it looks: the components of Decree 30/2020/NĐ-CP art. 8.

Number and date are absent on purpose: both are given after signing and stay blank in a draft (art. 15).
:mod:`lienthong.office.form.compose` refuses what cannot be laid out.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from lienthong.trust.pdf.plan import Person
from lienthong.vocabulary.kinds import Kind
from lienthong.vocabulary.urgency import Urgency


class Capacity(Enum):
    """In whose name one signs (thẩm quyền ký; Decree 30/2020 art. 13, Appendix I part II.7): the prefix as printed."""

    COLLECTIVE = "TM."
    ACTING = "Q."
    DEPUTY = "KT."
    BY_ORDER = "TL."
    BY_AUTHORISATION = "TUQ."


class Circulation(Enum):
    """Notes on circulation (chỉ dẫn về phạm vi lưu hành, box 11), as printed."""

    RETURN_AFTER_READING = "XEM XONG TRẢ LẠI"
    INTERNAL = "LƯU HÀNH NỘI BỘ"


@dataclass(frozen=True, slots=True)
class CapacityLine:
    """A line above the signer's own position: «TM. ỦY BAN NHÂN DÂN», «KT. CHỦ TỊCH»."""

    capacity: Capacity
    of: str

    @property
    def text(self) -> str:
        return f"{self.capacity.value} {self.of.upper()}"


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signs. ``capacity``: lines above the position, from top to bottom; ``party``: of a contract («BÊN A»).

    ``position``: the signer's own, printed in capitals, «Q.» before it for an acting head. ``name`` bears no title.
    """

    position: str
    name: str
    capacity: tuple[CapacityLine, ...] = ()
    party: str = ""

    @property
    def person(self) -> Person:
        """The two lines between which the signature's image belongs."""
        return Person(self.position.upper(), self.name)


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of the content, justified, its first line indented unless ``plain``."""

    text: str
    plain: bool = False


@dataclass(frozen=True, slots=True)
class Heading:
    """A numbered heading of the content: level 1 «I.», 2 «1.», 3 «a)». Numbers are given when composing."""

    text: str
    level: int = 1


@dataclass(frozen=True, slots=True)
class Chapter:
    """«Chương I» and its title in capitals."""

    title: str


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause (khoản) of an article, with its points (điểm) a), b), c), d), đ), e)…"""

    text: str
    points: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Article:
    """An article «Điều n.»: ``text`` behind the number; a title of its own when ``titled``, then bold."""

    text: str
    clauses: tuple[Clause, ...] = ()
    titled: bool = False


@dataclass(frozen=True, slots=True)
class Bullet:
    """An item of a list, after a dash."""

    text: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table: the cells of its head and of its rows. ``widths``: shares of the columns, equal ones if empty."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...] = ()


Block = Paragraph | Heading | Chapter | Article | Bullet | Table


@dataclass(frozen=True, slots=True)
class Recipients:
    """«Nơi nhận»: the list, and the line of what is kept: «Lưu: VT, unit, PL.(300).»

    ``kept``: after «Lưu: VT»; ``drafter`` and ``copies``: the drafter's sign and how many copies (box 12).
    """

    names: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    drafter: str = ""
    copies: int | None = None

    @property
    def keep_line(self) -> str:
        """«Lưu: VT, TCCB, PL.(300).»"""
        number = f"({self.copies})" if self.copies is not None else ""
        mark = f"{self.drafter.upper()}.{number}" if self.drafter else number
        line = ", ".join(part for part in ("Lưu: VT", *self.kept, mark) if part)
        return line if line.endswith(".") else line + "."


@dataclass(frozen=True, slots=True)
class Appendix:
    """An appendix (phụ lục) in the same file: its title and content. Roman numbers when there are several."""

    title: str
    body: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Enclosed:
    """The text that a decision or resolution issues (sample form 1.3), on a new page: «QUY CHẾ», abstract, content."""

    kind_name: str
    abstract: str
    body: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """The content of a draft document (bản thảo văn bản).

    ``superior``: the superior agency, empty if none. ``symbol``: what follows the number, «QĐ-SNV». ``year``: printed
    behind «năm», of the issue. ``title``: replaces the kind's name («THƯ CHÚC MỪNG»). ``authority``: who decides, in
    decisions and resolutions («GIÁM ĐỐC SỞ NỘI VỤ»). ``signers``: in the order of signing, the competent person last.
    ``confirmation``: a place for another body's word below the signature (sample form 1.10). ``address``: box 13.
    """

    kind: Kind
    issuer: str
    symbol: str
    place: str
    year: int
    body: tuple[Block, ...]
    signers: tuple[Signer, ...]
    superior: str = ""
    abstract: str = ""
    title: str = ""
    authority: str = ""
    bases: tuple[str, ...] = ()
    addressees: tuple[str, ...] = ()
    recipients: Recipients = Recipients()
    urgency: Urgency = Urgency.NORMAL
    circulation: Circulation | None = None
    address: str = ""
    enclosed: Enclosed | None = None
    appendices: tuple[Appendix, ...] = ()
    confirmation: str = ""

    @property
    def heading(self) -> str:
        """The kind as printed; «(cá biệt)» only tells kinds apart."""
        return (self.title or self.kind.name.partition("(")[0]).strip().upper()

    @property
    def is_letter(self) -> bool:
        """A công văn: no kind printed, its abstract below the number."""
        return self.kind.decree30 == 18

    @property
    def persons(self) -> tuple[Person, ...]:
        """For the plan of the signature fields."""
        return tuple(signer.person for signer in self.signers)
