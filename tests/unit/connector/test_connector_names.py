"""File names from strangers: always one safe path component, always distinct."""

from __future__ import annotations

from pathlib import PurePosixPath, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lienthong.connector.names import LONGEST, distinct_names, safe_name

HOSTILE = ["../../etc/passwd", "..", ".", "", "   ", "a\x00b", "C:\\x.pdf", "con", "CON.txt", "con .txt", "x" * 500 + ".pdf",
           "\u202efdp.exe", "a\nb", "a\u2028b", ".ssh", "tên   ", "\udcff.pdf", "ế" * 200, "a." + "b" * 100]  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_becomes_one_harmless_component(name: str) -> None:
    _check(safe_name(name))


@given(st.text())
def test_any_text_becomes_one_harmless_component(name: str) -> None:
    _check(safe_name(name))


def _check(safe: str) -> None:
    assert safe
    assert PurePosixPath(safe).name == safe
    assert PureWindowsPath(safe).name == safe
    assert not PureWindowsPath(safe).is_reserved()
    assert safe == safe.strip(" .")
    assert len(safe.encode()) <= LONGEST
    assert len(safe.splitlines()) == 1


@given(
    st.lists(
        st.sampled_from(["a.pdf", "A.PDF", "a (2).pdf", "../a.pdf", "", "tep", "index.json"]) | st.text(max_size=5)
    )
)
def test_names_stay_distinct_even_without_regard_to_case_and_none_is_lost(names: list[str]) -> None:
    distinct = distinct_names(names, ("index.json",))
    assert len(distinct) == len(names)
    assert len({name.casefold() for name in distinct} | {"index.json"}) == len(names) + 1


def test_vietnamese_names_stay_as_they_are() -> None:
    assert safe_name("Quyết định số 12.pdf") == "Quyết định số 12.pdf"
