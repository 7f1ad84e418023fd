"""Capitals in the names of agencies (Decree 30/2020/NĐ-CP Appendix II part III).

The first syllable of the type of agency and of each phrase of its function has a capital, «và» and the rest have none:
«Bộ Giáo dục và Đào tạo», «Ủy ban nhân dân». Only names that are known are judged: a heuristic on any words would blame
names of persons and places.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from lienthong.base.text import nfc

_FUNCTIONS = (
    "Nội vụ", "Tài chính", "Tư pháp", "Công Thương", "Xây dựng", "Y tế", "Ngoại giao", "Công an", "Quốc phòng",
    "Giáo dục và Đào tạo", "Nông nghiệp và Môi trường", "Khoa học và Công nghệ", "Văn hóa, Thể thao và Du lịch",
    "Dân tộc và Tôn giáo", "Kế hoạch và Đầu tư", "Tài nguyên và Môi trường", "Thông tin và Truyền thông",
    "Giao thông vận tải", "Lao động - Thương binh và Xã hội",
)  # fmt: skip
_WHOLE = (
    "Ủy ban nhân dân", "Hội đồng nhân dân", "Thủ tướng Chính phủ", "Văn phòng Chính phủ", "Ủy ban Mặt trận Tổ quốc",
    "Tòa án nhân dân", "Viện kiểm sát nhân dân", "Thanh tra Chính phủ", "Ngân hàng Nhà nước", "Kiểm toán nhà nước",
)  # fmt: skip
_TYPES = ("Bộ", "Sở")
_EITHER = {"Ủy": ("Ủy", "Uỷ"), "Tòa": ("Tòa", "Toà"), "hóa": ("hóa", "hoá")}
"""Both habits of placing a tone."""


def misspelt_agencies(line: str) -> Iterator[tuple[str, str]]:
    """Names of agencies in a line whose capitals are wrong: as written, and as they should be."""
    if line.upper() == line:
        return
    for hit in _pattern().finditer(nfc(line)):
        text = " ".join(hit[0].split())
        rights = _spellings()[text.casefold()]
        # A name all in capitals is a heading inside a line; one all in small letters is the common noun.
        if text not in rights and text != text.upper() and text != text.lower():
            yield text, rights[0]


@cache
def _spellings() -> dict[str, tuple[str, ...]]:
    right = [f"{kind} {function}" for kind in _TYPES for function in _FUNCTIONS] + list(_WHOLE)
    table: dict[str, tuple[str, ...]] = {}
    for name in right:
        for variant in _variants(name):
            table[variant.casefold()] = (variant,)
    return table


def _variants(name: str) -> set[str]:
    found = {name}
    for syllable, ways in _EITHER.items():
        found |= {each.replace(syllable, way) for each in found for way in ways}
    return found


@cache
def _pattern() -> re.Pattern[str]:
    names = sorted(_spellings(), key=len, reverse=True)
    return re.compile(r"(?<!\w)(?:" + "|".join(re.escape(name) for name in names) + r")(?!\w)", re.IGNORECASE)
