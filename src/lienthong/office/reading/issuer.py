"""The issuer and the agency above it (cơ quan ban hành, cơ quan chủ quản): the names at the left of a heading.

Source: Decree 30/2020 Appendix I part II.2: the superior agency upright, the issuer bold; either may take several rows.
Without bold type, as in recognised text, names are told apart by the words that names of agencies begin with.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from lienthong.office.reading.layout import Sheet, Text
from lienthong.office.reading.marks import is_mark
from lienthong.office.reading.proposals import Confidence, Proposal, Reason, around
from lienthong.office.reading.spelling import is_upper

AGENCY_BEGINNINGS = re.compile(
    r"(?:bo|so|uy ban|ubnd|hdnd|hoi dong|van phong|cuc|tong cuc|chi cuc|vu|ban|truong|hoc vien|vien|trung tam|tram|doi|"
    r"quy|cong ty|tong cong ty|tap doan|dang bo|dang uy|tinh uy|tinh doan|thanh uy|thanh doan|huyen uy|huyen doan|"
    r"quan uy|chi bo|cong an|toa an|kho bac|ngan hang|bao hiem|lien doan|cong doan|lien hiep|hiep hoi|hoi|doan|phong|"
    r"chinh phu|quoc hoi|thu tuong|thanh tra|dai|bao|khoa|dai hoc|mat tran|benh vien|hop tac xa|doanh nghiep|thue|hat|"
    r"nha xuat ban|kiem toan|chu tich|thuong truc|to|cum|nha may|xi nghiep|chi nhanh|hai quan|quan khu|su doan|lu doan|"
    r"tieu ban|vuon quoc gia)\b"
)
"""Of a flat text: words that names of agencies and bodies begin with."""
_GOES_ON = re.compile(
    r"(?:va|thuoc|tinh(?! uy| doan)|thanh pho|tp|huyen(?! uy| doan)|quan(?! khu| uy)|xa|phuong|thi xa|thi tran|dac khu|"
    r"viet nam|trung uong)\b"
)
_NEVER_A_NAME = re.compile(
    r"\W*(?:so\s?[:;.]|so\W*\d|v/v|cong hoa|doc lap|ngay\b|den\b|kinh gui|dang cong san viet nam$|mau (so )?\d)"
)
_UNFINISHED = re.compile(r"\b(?:va|cua|thuoc|ve|cac|tinh|thanh pho|huyen|xa|phuong|van phong|phong)$")


@dataclass(frozen=True, slots=True)
class Issued:
    """Names of issuer and superior agency, as printed."""

    issuer: Proposal[str] | None = None
    superior: Proposal[str] | None = None


def issued(sheet: Sheet, number_row: Text | None) -> Issued:
    """The rows at the left above the number, or above the end of the heading when there is none."""
    rows = [
        text for text in sheet.left if _may_be_name(text) and (number_row is None or text.height > number_row.height)
    ]
    rows = _together(rows)
    if not rows:
        return Issued()
    groups, by_type = _groups(rows)
    own, above = groups[-1], [row for group in groups[:-1] for row in group]
    if by_type:
        reason, confidence = Reason.ISSUER_BOLD, Confidence.CERTAIN
    elif not above:
        reason, confidence = Reason.ISSUER_ONLY, Confidence.CERTAIN if number_row is not None else Confidence.LIKELY
    else:
        reason, confidence = Reason.ISSUER_LAST, Confidence.LIKELY
    superior = None
    if above:
        sure = confidence if by_type else Confidence.LIKELY
        superior = Proposal(_name(above), sure, Reason.SUPERIOR_ABOVE, around(*(row.box for row in above)))
    return Issued(Proposal(_name(own), confidence, reason, around(*(row.box for row in own))), superior)


def _may_be_name(text: Text) -> bool:
    letters = sum(character.isalpha() for character in text.plain)
    return letters > 1 and is_upper(text.plain) and not _NEVER_A_NAME.match(text.flat) and not is_mark(text)


def _together(rows: Sequence[Text]) -> list[Text]:
    """The lowest rows that stand close above one another: a stamp or mark further up is no name."""
    kept: list[Text] = []
    for row in reversed(rows):
        if kept and kept[-1].height < row.height - 3.2 * max(row.line.size, kept[-1].line.size):
            break
        kept.append(row)
    return kept[::-1]


def _groups(rows: Sequence[Text]) -> tuple[list[list[Text]], bool]:
    """Names of one or more rows; whether bold type told them apart."""
    bold = [row.line.bold for row in rows]
    first_bold = bold.index(True) if True in bold else 0
    if first_bold > 0 and all(bold[first_bold:]):
        return [*_by_words(rows[:first_bold]), list(rows[first_bold:])], True
    return _by_words(rows), False


def _by_words(rows: Sequence[Text]) -> list[list[Text]]:
    groups: list[list[Text]] = []
    for row in rows:
        start = row.flat.lstrip(" .,-*_'|")
        begins = AGENCY_BEGINNINGS.match(start) is not None and _GOES_ON.match(start) is None
        if groups and (not begins or _UNFINISHED.search(groups[-1][-1].flat.rstrip(" .,-*_'|"))):
            groups[-1].append(row)
        else:
            groups.append([row])
    return groups


def _name(rows: Sequence[Text]) -> str:
    return " ".join(row.plain.strip(" .,;:_*'’‘`|\"-–—?!") for row in rows)
