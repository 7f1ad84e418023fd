"""Which line of a page is which component: found by words, type and place, as a reader finds them.

Works on the lines of a converted or scanned-and-recognised document. What cannot be found stays absent; the rules say
so. Places are those of the layout in Decree 30/2020/NĐ-CP Appendix I part IV.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from lienthong.base.text import fold
from lienthong.trust.pdf.lines import Line, PageSize

CAPACITY = re.compile(r"^(TM|T/M|KT|K/T|TL|T/L|TUQ|Q)\b")
"""A line of capacity, in any of the ways people write it."""

_BASE = re.compile(r"^(Căn cứ|Theo đề nghị|Xét đề nghị|Xét Tờ trình|Thực hiện Nghị quyết)\b")
_SIDEWAYS, _NEAREST, _FARTHEST = 60.0, 25.0, 200.0


@dataclass(frozen=True, slots=True)
class SignerBlock:
    """The lines of one signature: capacity and position, then the name."""

    titles: tuple[Line, ...]
    name: Line


@dataclass(slots=True)
class Layout:
    """The components of a document. ``content``: the lines between heading and end, tables and appendices included."""

    lines: Sequence[Line]
    sizes: Sequence[PageSize]
    national_name: Line | None = None
    motto: Line | None = None
    superior: list[Line] = field(default_factory=list)
    issuer: list[Line] = field(default_factory=list)
    number: Line | None = None
    date: Line | None = None
    kind: Line | None = None
    abstract: list[Line] = field(default_factory=list)
    letter_abstract: list[Line] = field(default_factory=list)
    addressees: list[Line] = field(default_factory=list)
    bases: list[list[Line]] = field(default_factory=list)
    content: list[Line] = field(default_factory=list)
    signers: list[SignerBlock] = field(default_factory=list)
    capacities: list[Line] = field(default_factory=list)
    recipients_label: Line | None = None
    recipients: list[Line] = field(default_factory=list)
    page_numbers: dict[int, Line] = field(default_factory=dict)
    part_starts: set[int] = field(default_factory=set)
    address: list[Line] = field(default_factory=list)

    def width(self, page: int) -> float:
        return next((size.width for size in self.sizes if size.page == page), 595.3)

    def height(self, page: int) -> float:
        return next((size.height for size in self.sizes if size.page == page), 841.9)


def middle(line: Line) -> float:
    return (line.box.left + line.box.right) / 2


def is_upper(text: str) -> bool:
    """Has letters, all of them capitals."""
    return text.upper() == text and any(c.isalpha() for c in text)


def read_layout(lines: Sequence[Line], sizes: Sequence[PageSize]) -> Layout:
    """Find the components."""
    found = Layout(lines, sizes)
    _page_numbers(found)
    _parts(found)
    _heading(found)
    _end(found)
    _content(found)
    return found


def _page_numbers(found: Layout) -> None:
    for line in found.lines:
        at_edge = line.box.bottom > found.height(line.page) * 0.93 or line.box.top < found.height(line.page) * 0.07
        if at_edge and re.fullmatch(r"(?:Trang )?[-–]? ?\d{1,4}(?:/\d+)? ?[-–]?", line.text):
            found.page_numbers.setdefault(line.page, line)


def _parts(found: Layout) -> None:
    """Pages where an appendix or a text that is issued begins; page numbers start anew there."""
    for page in sorted({line.page for line in found.lines}):
        top = [line for line in found.lines if line.page == page and line is not found.page_numbers.get(page)][:2]
        if page > 0 and any(fold(each.text).startswith(("phu luc", "cong hoa xa hoi")) for each in top):
            found.part_starts.add(page)


def _heading(found: Layout) -> None:
    first = [line for line in found.lines if line.page == 0]
    high = [line for line in first if line.box.bottom > found.height(0) * 0.6]
    for line in high:
        plain = fold(line.text)
        if found.national_name is None and "cong hoa" in plain and "viet nam" in plain:
            found.national_name = line
        elif found.motto is None and "doc lap" in plain and "hanh phuc" in plain:
            found.motto = line
        elif found.number is None and re.match(r"so\s*:?.*/", plain) and middle(line) < found.width(0) / 2:
            found.number = line
        elif found.date is None and "ngay" in plain and "thang" in plain and middle(line) > found.width(0) / 2:
            found.date = line
    _issuer(found, high)
    _kind(found, first)
    _letter(found, high)
    _addressees(found, first)


def _issuer(found: Layout, high: Sequence[Line]) -> None:
    floor = found.number.box.top if found.number else found.height(0) * 0.87
    edge = found.national_name.box.left if found.national_name else found.width(0) / 2
    left = [line for line in high if line.box.bottom >= floor - 2 and line.box.right <= edge + 2]
    bold = [line for line in left if line.bold]
    found.issuer = bold or left[-1:]
    found.superior = [line for line in left if line not in found.issuer]


def _kind(found: Layout, first: Sequence[Line]) -> None:
    marks = [line.box.bottom for line in (found.number, found.date, found.motto) if line is not None]
    if not marks:
        return
    ceiling = min(marks)
    page_middle = found.width(0) / 2
    # Margins differ by up to 20 mm, so the middle of the text lies up to 10 mm right of the page's.
    centred = [
        line for line in first
        if line.box.top <= ceiling and abs(middle(line) - page_middle - 18) < 30 and line.box.bottom > ceiling - 130
        and line.box.left > found.width(0) * 0.2
    ]  # fmt: skip
    if not centred or not is_upper(centred[0].text) or fold(centred[0].text).startswith("kinh gui"):
        return
    found.kind = centred[0]
    before = found.kind
    for line in first[list(first).index(found.kind) + 1 :]:
        near = before.box.bottom - line.box.bottom < 1.6 * line.size
        if not near or is_upper(line.text) or abs(middle(line) - middle(found.kind)) > 12:
            break
        if line.text.startswith("("):
            break
        found.abstract.append(line)
        before = line


def _letter(found: Layout, high: Sequence[Line]) -> None:
    if found.number is None:
        return
    below = [
        line for line in high if line.box.top <= found.number.box.bottom + 1 and line.box.right < found.width(0) * 0.55
    ]
    before = found.number
    for line in below:
        starts = not found.letter_abstract and fold(line.text).startswith(("v/v", "ve viec"))
        follows = bool(found.letter_abstract) and before.box.bottom - line.box.bottom < 1.6 * line.size
        if is_upper(line.text) or line.text.startswith("Kính gửi") or not (starts or follows):
            continue
        found.letter_abstract.append(line)
        before = line


def _addressees(found: Layout, first: Sequence[Line]) -> None:
    start = next((i for i, line in enumerate(first) if fold(line.text).startswith("kinh gui")), None)
    if start is None:
        return
    found.addressees = [first[start]]
    label = first[start]
    for line in first[start + 1 :]:
        if line.box.left < label.box.left + 20:
            break
        found.addressees.append(line)


def _end(found: Layout) -> None:
    last_part = min(found.part_starts, default=1 << 30)
    main = [line for line in found.lines if line.page < last_part]
    label = next((i for i in reversed(range(len(main))) if fold(main[i].text).startswith("noi nhan")), None)
    if label is not None:
        found.recipients_label = main[label]
        edge = found.width(main[label].page) * 0.55
        before = main[label]
        for line in main[label + 1 :]:
            if line.page != before.page or line.box.left > edge:
                continue
            if line.bold or before.box.bottom - line.box.bottom > 2.4 * line.size:
                break
            found.recipients.append(line)
            before = line
    pages = sorted({line.page for line in main})[-2:]
    bold = [line for line in main if line.bold and line.page in pages and line is not found.recipients_label]
    found.capacities = [line for line in bold if CAPACITY.match(line.text) and is_upper(line.text)]
    head = min((line.box.bottom for line in (found.kind, found.number, found.date) if line), default=found.height(0))
    low = [line for line in main if line.page > 0 or line.box.top <= head]
    bold = [line for line in bold if line in low]
    for name in bold:
        titles = _titles(name, bold, low)
        if titles:
            found.signers.append(SignerBlock(titles, name))


def _titles(name: Line, bold: Sequence[Line], every: Sequence[Line]) -> tuple[Line, ...]:
    """The lines of capacity and position over a name: the nearest above it leaves room for a signature."""
    over = [
        line for line in bold
        if line.page == name.page and line.box.bottom > name.box.top and abs(middle(line) - middle(name)) <= _SIDEWAYS
    ]  # fmt: skip
    over.sort(key=lambda line: line.box.bottom)
    if not over or not _NEAREST <= over[0].box.bottom - name.box.top <= _FARTHEST or not is_upper(over[0].text):
        return ()
    if any(
        line.page == name.page and name.box.top <= line.box.bottom and line.box.top <= over[0].box.bottom
        and line.box.left < name.box.right and name.box.left < line.box.right
        for line in every
    ):  # fmt: skip
        return ()
    # Titles of a content are numbered or centred in the page; a name has neither number nor full stop.
    if re.search(r"[\d:;]|\.$", name.text) or len(name.text) > 60 or not 1 < len(name.text.split()) < 12:
        return ()
    titles = [over[0]]
    for line in over[1:]:
        if line.box.bottom - titles[-1].box.bottom > 2 * line.size or not is_upper(line.text):
            break
        titles.append(line)
    return tuple(reversed(titles))


def _content(found: Layout) -> None:
    known = {id(line) for line in (
        found.national_name, found.motto, found.number, found.date, found.kind, found.recipients_label,
        *found.superior, *found.issuer, *found.abstract, *found.letter_abstract, *found.addressees, *found.recipients,
        *found.capacities, *found.page_numbers.values(),
    ) if line is not None}  # fmt: skip
    for block in found.signers:
        known |= {id(block.name), *(id(line) for line in block.titles)}
    marks = [line.box.bottom for line in (found.number, found.date, found.kind) if line is not None]
    ceiling = min(marks, default=found.height(0))
    for line in found.lines:
        if id(line) in known:
            continue
        if line.page == 0 and line.box.top < 72 and line.size < 12.6 and not line.bold:
            found.address.append(line)
        elif line.page > 0 or line.box.top <= ceiling + 1:
            found.content.append(line)
    _bases(found)


def _bases(found: Layout) -> None:
    """Paragraphs of legal bases: from their first words on, until a line that begins something else."""
    open_base: list[Line] | None = None
    for line in found.content:
        if line.page in found.part_starts or line.text.startswith(("Điều ", "Chương ")) or is_upper(line.text):
            if found.bases or line.text.startswith("Điều 1"):
                break
            continue
        if _BASE.match(line.text):
            open_base = [line]
            found.bases.append(open_base)
        elif open_base is not None:
            # A line that is indented like a base, but is none, begins the content.
            if line.box.left > open_base[0].box.left - 6 or open_base[-1].text.endswith("."):
                break
            open_base.append(line)
