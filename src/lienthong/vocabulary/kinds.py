"""Kinds of documents (loại văn bản): the 29 administrative ones, the normative ones, and the packet's lists.
 Source: Decree 30/2020/NĐ-CP art. 7 and Appendix III (29 kinds, 27 abbreviations, three kinds of copies);
Amendment 1:2022 of QCVN 102:2016/BTTTT (lists A and B of ``DocumentType``). Of list B, numbers 10–17 and
27–32 are inferred from Decree 09/2010/NĐ-CP, whose order everything visible follows; abbreviations of
normative kinds are background.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from lienthong.base.text import fold, nfc


class Family(Enum):
    """The two families of ``DocumentType/Type``: normative (quy phạm pháp luật) and administrative (hành
    chính).
    """

    NORMATIVE = "normative"
    ADMINISTRATIVE = "administrative"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of document (loại văn bản).

    ``abbreviation``: as in a symbol (``QyĐ``), absent for công văn and thư công. ``decree30``: its place
    1–29 in Appendix III. ``edxml``: its number in list A or B of the packet format; ``edxml_inferred`` when
    that was not seen.
    """

    name: str
    family: Family
    abbreviation: str | None
    decree30: int | None
    edxml: int | None
    edxml_inferred: bool = False


class FoundBy(Enum):
    """What a kind was read from."""

    NAME = "name"
    NUMBER = "number"
    FAMILY = "family"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Finding:
    """Answer of a look-up. ``certain`` is false when name and numbers allow another reading."""

    kind: Kind | None
    family: Family | None
    by: FoundBy
    certain: bool


# name, abbreviation, place in Appendix III of Decree 30/2020, number in list B
_ADMINISTRATIVE: tuple[tuple[str, str | None, int | None, int | None], ...] = (
    ("Nghị quyết (cá biệt)", "NQ", 1, 1),
    ("Quyết định (cá biệt)", "QĐ", 2, 2),
    ("Chỉ thị", "CT", 3, 3),
    ("Quy chế", "QC", 4, 4),
    ("Quy định", "QyĐ", 5, 5),
    ("Thông cáo", "TC", 6, 6),
    ("Thông báo", "TB", 7, 7),
    ("Hướng dẫn", "HD", 8, 8),
    ("Chương trình", "CTr", 9, 9),
    ("Kế hoạch", "KH", 10, 10),
    ("Phương án", "PA", 11, 11),
    ("Đề án", "ĐA", 12, 12),
    ("Dự án", "DA", 13, 13),
    ("Báo cáo", "BC", 14, 14),
    ("Biên bản", "BB", 15, 15),
    ("Tờ trình", "TTr", 16, 16),
    ("Hợp đồng", "HĐ", 17, 17),
    ("Công văn", None, 18, 18),
    ("Công điện", "CĐ", 19, 19),
    ("Bản ghi nhớ", "BGN", 20, 20),
    ("Bản thỏa thuận", "BTT", 21, 22),
    ("Giấy ủy quyền", "GUQ", 22, 24),
    ("Giấy mời", "GM", 23, 25),
    ("Giấy giới thiệu", "GGT", 24, 26),
    ("Giấy nghỉ phép", "GNP", 25, 27),
    ("Phiếu gửi", "PG", 26, 30),
    ("Phiếu chuyển", "PC", 27, 31),
    ("Phiếu báo", "PB", 28, None),
    ("Thư công", None, 29, 32),
    # Kinds of the earlier decree that the packet's list keeps.
    ("Bản cam kết", None, None, 21),
    ("Giấy chứng nhận", None, None, 23),
    ("Giấy đi đường", None, None, 28),
    ("Giấy biên nhận hồ sơ", None, None, 29),
)

_NORMATIVE: tuple[tuple[str, str | None, int], ...] = (
    ("Hiến pháp", None, 1),
    ("Luật", None, 2),
    ("Pháp lệnh", None, 3),
    ("Lệnh", None, 4),
    ("Nghị quyết", "NQ", 5),
    ("Nghị quyết liên tịch", "NQLT", 6),
    ("Nghị định", "NĐ", 7),
    ("Quyết định", "QĐ", 8),
    ("Thông tư", "TT", 9),
    ("Thông tư liên tịch", "TTLT", 10),
    ("Chỉ thị (UBND)", "CT", 11),
    ("Bộ luật", None, 12),
    ("Văn bản QPPL (của chính quyền địa phương ở đơn vị HC-KT đặc biệt)", None, 13),
)

COPY_ABBREVIATIONS = {"Bản sao y": "SY", "Bản trích sao": "TrS", "Bản sao lục": "SL"}
"""The three kinds of copies with their abbreviations (Decree 30/2020/NĐ-CP Appendix III)."""


def _inferred(edxml: int | None) -> bool:
    return edxml is not None and (10 <= edxml <= 17 or 27 <= edxml <= 32)


ADMINISTRATIVE = tuple(
    Kind(name, Family.ADMINISTRATIVE, abbreviation, decree30, edxml, _inferred(edxml))
    for name, abbreviation, decree30, edxml in _ADMINISTRATIVE
)
NORMATIVE = tuple(Kind(name, Family.NORMATIVE, abbr, None, edxml) for name, abbr, edxml in _NORMATIVE)
DECREE30 = tuple(kind for kind in ADMINISTRATIVE if kind.decree30 is not None)
"""The 29 kinds in the order of Appendix III."""

EDXML_NORMATIVE = {kind.edxml: kind for kind in NORMATIVE if kind.edxml is not None}
"""List A of the packet format."""

EDXML_ADMINISTRATIVE = {kind.edxml: kind for kind in ADMINISTRATIVE if kind.edxml is not None}
"""List B of the packet format."""


def _bare(name: str) -> str:
    """The name without the remark in brackets that only tells the two families apart."""
    return name.partition("(")[0].strip()


_SPELLINGS = {
    "Chỉ thị": ("Chỉ thị, Chỉ thị (cá biệt)", "Chỉ thị (cá biệt)"),
    "Quy chế": ("Qui chế",),
    "Quy định": ("Qui định",),
}
"""Other names in use: list B of the packet format writes number 3 twice in one line; i and y vary."""


def _index(spelling_of: str) -> dict[str, dict[Family, Kind]]:
    index: dict[str, dict[Family, Kind]] = {}
    for kind in (*ADMINISTRATIVE, *NORMATIVE):
        for name in {kind.name, _bare(kind.name), *_spellings(kind)}:
            key = _exact(name) if spelling_of == "exact" else fold(name)
            index.setdefault(key, {}).setdefault(kind.family, kind)
    return index


def _spellings(kind: Kind) -> tuple[str, ...]:
    return _SPELLINGS.get(kind.name, ()) if kind.family is Family.ADMINISTRATIVE else ()


def _exact(name: str) -> str:
    return " ".join(nfc(name).casefold().split())


_BY_EXACT_NAME = _index("exact")
_BY_FOLDED_NAME = _index("folded")


def look_up(type_name: str | None, type_number: int | None = None, type_detail: int | None = None) -> Finding:
    """Kind of a packet's ``DocumentType``: the name decides, the numbers only help.

    Vendors put the family (1, 2), the list number (18) or nothing useful into ``Type``, so a number alone
    is certain only as a family.
    """
    named = _by_name(type_name or "")
    if named is not None:
        return _between_families(named, type_number)
    families = {1: Family.NORMATIVE, 2: Family.ADMINISTRATIVE}
    family = families.get(type_number or 0)
    if family is not None:
        lists = EDXML_NORMATIVE if family is Family.NORMATIVE else EDXML_ADMINISTRATIVE
        detail = lists.get(type_detail or 0)
        if detail is not None:
            return Finding(detail, family, FoundBy.NUMBER, certain=False)
        return Finding(None, family, FoundBy.FAMILY, certain=True)
    numbered = EDXML_ADMINISTRATIVE.get(type_number or 0)
    if numbered is not None:
        in_one_list = type_number not in EDXML_NORMATIVE
        return Finding(numbered, numbered.family, FoundBy.NUMBER, in_one_list and not numbered.edxml_inferred)
    return Finding(None, None, FoundBy.NOTHING, certain=False)


def _by_name(name: str) -> dict[Family, Kind] | None:
    for spelling in (name, _bare(name)):
        hit = _BY_EXACT_NAME.get(_exact(spelling)) or _BY_FOLDED_NAME.get(fold(spelling))
        if hit is not None:
            return hit
    return None


def _between_families(named: dict[Family, Kind], number: int | None) -> Finding:
    if len(named) == 1:
        kind = next(iter(named.values()))
        return Finding(kind, kind.family, FoundBy.NAME, certain=True)
    normative, administrative = named[Family.NORMATIVE], named[Family.ADMINISTRATIVE]
    # "Quyết định" is in both lists: 1 and 2 mean the family, a greater number is the place in one of the
    # lists.
    if number == 1 or (number != 2 and number == normative.edxml):
        return Finding(normative, normative.family, FoundBy.NAME, certain=number != administrative.edxml)
    certain = number == 2 or (number is not None and number == administrative.edxml)
    return Finding(administrative, administrative.family, FoundBy.NAME, certain)
