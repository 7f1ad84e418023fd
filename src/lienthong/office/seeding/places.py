"""Invented agencies: ministries, provinces, their departments and communes, with codes of the test group ``W00``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, product

from lienthong.office.seeding import words

TEST_GROUP = "W00"
MOST_MINISTRIES = 20


@dataclass(frozen=True, slots=True)
class Place:
    """An agency as its documents name it. ``parent``: code of the one above, empty at the top. ``mark``: in symbols."""

    code: str
    name: str
    superior: str
    mark: str
    place: str
    level: str
    parent: str = ""


def places(count: int) -> list[Place]:
    """The first ``count`` invented agencies; a few ministries and provinces, departments, and communes for the rest."""
    if count < 4:
        few = places(4)
        return [few[2], few[3], few[1]][:count]
    ministries = max(1, min(MOST_MINISTRIES, count // 150))
    provinces = max(1, count // 100)
    departments = max(1, min(len(words.DEPARTMENTS) * provinces, count // 6))
    above = list(islice(_provinces(), provinces))
    return [
        *islice(_ministries(), ministries), *above,
        *islice(_departments(above), departments),
        *islice(_communes(above), count - ministries - provinces - departments),
    ]  # fmt: skip


def _ministries() -> Iterator[Place]:
    for number, (first, second) in enumerate(product(words.MINISTRY_FIELDS, repeat=2), 1):
        if first != second:
            initials = "".join(word[0].upper() for word in f"{first} {second}".split())
            yield Place(
                f"{TEST_GROUP}.G{number:02d}", f"Bộ {first} và {second}", "", f"B{initials}", "Thử Đô", "ministry"
            )


def _provinces() -> Iterator[Place]:
    for number, (name, mark) in enumerate(product(words.PLACES, words.MARKS[:3]), 1):
        place = f"{mark} {name}"
        yield Place(f"{TEST_GROUP}.H{number:02d}", f"Ủy ban nhân dân tỉnh {place}", "", "UBND", place, "province")


def _departments(provinces: list[Place]) -> Iterator[Place]:
    for (number, (name, mark)), above in product(enumerate(words.DEPARTMENTS, 1), provinces):
        yield Place(
            f"{above.code}.{number:02d}", f"{name.removesuffix(' tỉnh')} tỉnh {above.place}",
            f"Ủy ban nhân dân tỉnh {above.place}", mark, above.place, "department", above.code,
        )  # fmt: skip


def _communes(provinces: list[Place]) -> Iterator[Place]:
    names = (f"{mark} {name} {side}" for name, side, mark in product(words.PLACES, words.SIDES, words.MARKS[1:4]))
    for (number, place), above in product(enumerate(names, 101), provinces):
        kind = "phường" if number % 4 == 0 else "xã"
        yield Place(
            f"{above.code}.{number}", f"Ủy ban nhân dân {kind} {place}", f"Tỉnh {above.place}", "UBND", place,
            "commune", above.code,
        )  # fmt: skip
