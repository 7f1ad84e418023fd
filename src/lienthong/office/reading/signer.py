"""Who signed (người ký): name, position and signing capacity (thẩm quyền ký) at the end of a document.

Source: Decree 30/2020 art. 13 and Appendix I part II.7: capacity and position in capitals (TM., KT., TL., TUQ., Q.),
the name below with room for the signature between; of several persons the competent one stands right.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from lienthong.office.reading.issuer import AGENCY_BEGINNINGS
from lienthong.office.reading.layout import Text, follows
from lienthong.office.reading.proposals import Confidence, Proposal, Reason, around
from lienthong.office.reading.spelling import flat, is_name, is_upper

_CAPACITY = re.compile(
    r"^\W{0,3}(?:(TM|T/M|KT|K/T|TL|T/L|TI|TUQ|TUO|TUN|Q|QUYỀN)\s*[.,:]?\s+|(TM|KT|TL|TUQ)[.,]\s*)(?=[A-ZĐÀ-Ỹ])"
)
_SPELLED = {"T/M": "TM", "K/T": "KT", "T/L": "TL", "TI": "TL", "TUO": "TUQ", "TUN": "TUQ", "QUYỀN": "Q"}
_POSITION = re.compile(
    r"(?:pho |quyen |q\. ?)?(?:chu tich|giam doc|tong giam doc|bo truong|thu truong|cuc truong|tong cuc truong|"
    r"vu truong|chanh van phong|chanh thanh tra|chanh an|vien truong|hieu truong|bi thu|thu tuong|tong bi thu|"
    r"thong doc|truong (?:phong|ban|khoa|doan|cong an|tram|dai dien)|tong thanh tra|tong kiem toan|kiem toan truong|"
    r"chi cuc truong|doi truong|tu lenh|chi huy truong|chinh uy|ke toan truong|to truong|thu ky|chu toa|chu nhiem|"
    r"nguoi|dai dien|tong bien tap|truong|trung tuong|thieu tuong|pho|uy vien|dai ta|thuong ta|ong|ba|can bo)\b"
)
_SIGNED = re.compile(r"^\W*(?:nguoi ky|ky boi|digitally signed by|signed by)\s*[:.]?\s*")
_AIR = " .,;:*_|'-–—‘’`0123456789"
_NEAREST, _FARTHEST, _SIDEWAYS = 14.0, 230.0, 70.0
_TITLES = re.compile(
    r"^(?:(?:PGS|GS|TS|ThS|BS|CN|KS|CKI|CKII|LS|Dr|Đại tá|Thượng tá|Trung tá|Thiếu tá|Đại úy|Thiếu tướng|Trung tướng)"
    r"\s?[.,]?\s*)+(?=[A-ZĐÀ-Ỹ])"
)


@dataclass(frozen=True, slots=True)
class Signed:
    """Name, position and capacity of the competent person."""

    signer: Proposal[str] | None = None
    position: Proposal[str] | None = None
    signing_capacity: Proposal[tuple[str, ...]] | None = None


@dataclass(frozen=True, slots=True)
class _Block:
    """Rows of capacity and position one below another, and the name under them."""

    rows: tuple[Text, ...]
    name: Text | None

    @property
    def middle(self) -> float:
        return self.rows[-1].middle


def signed(texts: Sequence[Text], heading: float) -> Signed:
    """The last page that has a position with a name below; ``heading``: a height on page 1 above any signature."""
    below = [text for text in texts if text.box.page > 0 or text.height < heading]
    alone: list[_Block] = []
    for page in sorted({text.box.page for text in below}, reverse=True):
        here = [text for text in below if text.box.page == page]
        blocks = list(_blocks(here))
        named = [block for block in blocks if block.name is not None]
        if named:
            return _chosen(named, below)
        alone += blocks
    shown = _shown(below)
    if shown is not None:
        return Signed(shown, *_position(alone[0], Confidence.GUESS, Reason.POSITION_ONLY)) if alone else Signed(shown)
    if alone:
        return Signed(None, *_position(alone[0], Confidence.GUESS, Reason.POSITION_ONLY))
    return Signed()


def _blocks(page: Sequence[Text]) -> Iterator[_Block]:
    taken: set[int] = set()
    for at, text in enumerate(page):
        if at in taken or not _opens(text):
            continue
        rows = [text]
        for other in range(at + 1, len(page)):
            if other not in taken and _extends(rows[-1], page[other]):
                rows.append(page[other])
                taken.add(other)
        name = _name_below(rows[-1], page)
        if name is not None or _CAPACITY.match(text.plain):
            yield _Block(tuple(rows), name)


def _opens(text: Text) -> bool:
    if len(text.plain) > 70 or not is_upper(text.plain):
        return False
    return _CAPACITY.match(text.plain) is not None or _POSITION.match(text.flat.lstrip(" .,-*_'|")) is not None


def _extends(above: Text, text: Text) -> bool:
    return (
        is_upper(text.plain)
        and len(text.plain) < 70
        and follows(above, text, 2.0)
        and abs(text.middle - above.middle) < _SIDEWAYS / 2
        and text.line.size < above.line.size * 1.4
        and re.search(r"\d{3}|:", text.plain) is None
    )


def _name_below(position: Text, page: Sequence[Text]) -> Text | None:
    """The nearest row under a position in the form of a name, with room for a signature between."""
    fitting = [
        text for text in page
        if _NEAREST <= position.height - text.height <= _FARTHEST
        and abs(text.middle - position.middle) <= _SIDEWAYS
        and _is_person(text)
    ]  # fmt: skip
    if not fitting:
        return None
    bold = [text for text in fitting if text.line.bold]
    return max(bold or fitting, key=lambda text: text.height)


def _is_person(text: Text) -> bool:
    name = _TITLES.sub("", text.plain)
    if not is_name(name) or _SIGNED.match(text.flat):
        return False
    # A name in capitals looks like a position: only what is none counts.
    return not is_upper(name) or _POSITION.match(flat(name)) is None


def _chosen(blocks: Sequence[_Block], texts: Iterable[Text]) -> Signed:
    right = max(blocks, key=lambda block: block.middle)
    name = right.name
    if name is None:
        return Signed()
    several = len(blocks) > 1
    formal = any(_CAPACITY.match(row.plain) for row in right.rows) or _POSITION.match(right.rows[-1].flat) is not None
    confidence = Confidence.LIKELY if several or not formal else Confidence.CERTAIN
    reason = Reason.SIGNER_SEVERAL if several else Reason.SIGNER_BLOCK
    person = re.sub(r"[\s.,;:*·•'’`\"|_-]+$", "", _TITLES.sub("", name.plain))
    return Signed(Proposal(person, confidence, reason, name.box), *_position(right, confidence, reason))


def _position(
    block: _Block, confidence: Confidence, reason: Reason
) -> tuple[Proposal[str] | None, Proposal[tuple[str, ...]] | None]:
    """The last rows without a prefix are the position; those before it, the capacity in which it signs."""
    place = around(*(row.box for row in block.rows))
    capacity: list[str] = []
    position: list[str] = []
    for row in block.rows:
        hit = _CAPACITY.match(row.plain)
        body = row.plain.strip(_AIR)
        if hit is None:
            position.append(body)
            continue
        prefix = hit[1] or hit[2]
        if position:
            # What stood without a prefix before a further one belongs to the row above (a long name of a body).
            capacity = [*capacity[:-1], " ".join([*capacity[-1:], *position])]
            position = []
        capacity.append(f"{_SPELLED.get(prefix, prefix)}. {row.plain[hit.end() :].strip(_AIR)}")
    starts = next((at for at, row in enumerate(position) if _POSITION.match(flat(row))), 0)
    if capacity and starts:
        capacity[-1], position = " ".join([capacity[-1], *position[:starts]]), position[starts:]
    if len(position) > 1 and flat(position[0]).startswith("dai dien"):
        position = position[1:]
    if not position and capacity:
        position = [re.sub(r"^(?:TM|KT|TL|TUQ)\. ", "", capacity[-1])]
    said = Proposal(tuple(capacity), confidence, reason, place) if capacity else None
    return Proposal(" ".join(position), confidence, reason, place) if position else None, said


def _shown(texts: Iterable[Text]) -> Proposal[str] | None:
    """The person that the appearance of a digital signature names."""
    for text in texts:
        hit = _SIGNED.match(text.flat)
        name = text.plain[hit.end() :].strip() if hit is not None else ""
        if is_name(name) and not is_upper(name) and AGENCY_BEGINNINGS.match(flat(name)) is None:
            return Proposal(name, Confidence.GUESS, Reason.SIGNER_SIGNATURE, text.box)
    return None
