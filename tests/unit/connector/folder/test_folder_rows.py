"""Rows of every form, sound and hostile."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lienthong.base.errors import Refused
from lienthong.connector.folder.errors import FOLDER_ROW_UNREADABLE
from lienthong.connector.folder.examples import write_templates
from lienthong.connector.folder.meaning import understand
from lienthong.connector.folder.rows import LARGEST, MOST_ROWS, Formula, read
from unit.connector.folder.folder_desk import TODAY, desk

HEADS = ["số ký hiệu", "trích yếu", "nơi nhận", "ngày ban hành"]
VALUES = ["12/SM-VP", "V/v thử nghiệm", "H26", "20/11/2026"]


def workbook(*lines: list[object]) -> bytes:
    book = openpyxl.Workbook()
    for line in lines:
        book.active.append(line)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def refused(name: str, data: bytes) -> str:
    with pytest.raises(Refused) as caught:
        read(name, data)
    assert caught.value.code is FOLDER_ROW_UNREADABLE
    return caught.value.sentence("vi")


FORMS = {
    "a.toml": "\n".join(f'"{h}" = "{v}"' for h, v in zip(HEADS, VALUES, strict=True)).encode(),
    "a.json": json.dumps(dict(zip(HEADS, VALUES, strict=True))).encode(),
    "a.csv": (";".join(HEADS) + "\r\n" + ";".join(VALUES) + "\r\n").encode("utf-8-sig"),
    "b.csv": (",".join(HEADS) + "\n" + ",".join(VALUES)).encode("utf-16"),
    "a.xlsx": workbook(HEADS, VALUES),
    "A.TOML": "\ufeff".encode()
    + b'number = "12/SM-VP"\nsubject = "V/v th\xe1\xbb\xad nghi\xe1\xbb\x87m"\nto = ["H26"]\nissued_on = 2026-11-20',
}


@pytest.mark.parametrize("name", FORMS)
def test_every_form_says_the_same(name: str) -> None:
    (row,) = read(name, FORMS[name])
    order, problems = understand(row, desk(), TODAY)
    assert problems == ()
    assert order is not None
    content = order.content
    assert (content.number, content.subject, content.to, content.issued_on) == (
        "12/SM-VP",
        "V/v thử nghiệm",
        ("H26",),
        date(2026, 11, 20),
    )


def test_a_workbook_with_dates_as_dates_numbers_and_texts_is_read_alike() -> None:
    days = [datetime(2026, 11, 20), date(2026, 11, 20), 46346, "2026-11-20", "20/11/2026"]
    rows = read("a.xlsx", workbook(HEADS, *[[1200 + n, "V/v", "H26", day] for n, day in enumerate(days)]))
    for n, row in enumerate(rows):
        order, problems = understand(row, desk(), TODAY)
        assert [p.vi for p in problems] == []
        assert order is not None
        assert (order.content.issued_on, order.content.number) == (date(2026, 11, 20), str(1200 + n))


def test_a_formula_is_never_calculated_and_named_by_its_place() -> None:
    (row,) = read("a.xlsx", workbook(HEADS, ["=1+1", "V/v", "H26", "20/11/2026"]))
    assert isinstance(row.cells[0].value, Formula)
    _, problems = understand(row, desk(), TODAY)
    assert any("ô A2" in p.vi and "công thức" in p.vi for p in problems)


def test_a_merged_cell_counts_for_its_first_row_only() -> None:
    book = openpyxl.Workbook()
    for line in (HEADS, VALUES, ["13/SM-VP", None, "H26", "20/11/2026"]):
        book.active.append(line)
    book.active.merge_cells("B2:B3")
    out = io.BytesIO()
    book.save(out)
    rows = read("a.xlsx", out.getvalue())
    _, problems = understand(rows[1], desk(), TODAY)
    assert [p.path for p in problems] == ["dòng 3 «trích yếu»"]


def with_member(name: str, content: bytes, sound: bytes = FORMS["a.xlsx"]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(sound)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for each in old.namelist():
            if each != name:
                new.writestr(each, old.read(each))
        new.writestr(name, content)
    return out.getvalue()


BOMB = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]><x>&b;</x>'


@pytest.mark.parametrize(
    ("name", "data"),
    {
        "zip bomb": ("a.xlsx", with_member("xl/media/zero.bin", b"\0" * 60_000_000)),
        "entities": ("a.xlsx", with_member("xl/sharedStrings.xml", BOMB)),
        "entities in UTF-16": ("a.xlsx", with_member("xl/sharedStrings.xml", BOMB.decode().encode("utf-16"))),
        "no zip": ("a.xlsx", b"PK\x03\x04 not a zip"),
        "empty": ("a.xlsx", b""),
        "torn": ("a.xlsx", FORMS["a.xlsx"][:-200]),
        "too big": ("a.toml", b"#" * (LARGEST[".toml"] + 1)),
        "deep": ("a.json", b'{"a":' + b"[" * 200_000),
        "deep toml": ("a.toml", b"a = " + b"[" * 20_000),
        "list": ("a.json", b"[1]"),
        "twice": ("a.json", b'{"a":1,"a":2}'),
        "latin": ("a.csv", "số;trích\n1;2".encode("utf-16")[2:]),
        "quote": ("a.csv", b'a;b\n"1;2'),
        "heads only": ("a.csv", b"a;b\n"),
        "many rows": ("a.csv", b"a;b\n" + b"1;2\n" * (MOST_ROWS + 1)),
        "many columns": ("a.csv", b";".join([b"a"] * 80) + b"\n1"),
    }.values(),
)
def test_what_is_no_sound_row_file_is_refused_in_words(name: str, data: bytes) -> None:
    assert name in refused(name, data)


def test_a_cell_at_the_end_of_the_sheet_costs_nothing() -> None:
    book = openpyxl.Workbook()
    book.active.append(HEADS)
    book.active.append(VALUES)
    book.active["XFD1048576"] = "far"
    out = io.BytesIO()
    book.save(out)
    assert len(read("a.xlsx", out.getvalue())) == 1


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(["a.toml", "a.json", "a.csv", "a.xlsx"]), st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(name: str, data: bytes) -> None:
    try:
        rows = read(name, data)
    except Refused as refused:
        assert refused.code is FOLDER_ROW_UNREADABLE
    else:
        for row in rows:
            understand(row, desk(), TODAY)


@settings(max_examples=80, deadline=None)
@given(st.integers(0, len(FORMS["a.xlsx"]) - 1), st.integers(0, 255))
def test_a_workbook_with_any_byte_changed_is_read_or_refused(at: int, byte: int) -> None:
    data = bytearray(FORMS["a.xlsx"])
    data[at] = byte
    try:
        rows = read("a.xlsx", bytes(data))
    except Refused as refused:
        assert refused.code is FOLDER_ROW_UNREADABLE
    else:
        for row in rows:
            understand(row, desk(), TODAY)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
KEYS = st.sampled_from(
    [*HEADS, "việc", "độ khẩn", "tệp", "văn bản gốc", "trạng thái", "phúc đáp", "số trang"]
) | st.text(max_size=10)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(KEYS, JSON, max_size=8))
def test_any_json_becomes_an_order_or_findings_in_both_languages(members: dict[str, object]) -> None:
    for row in read("a.json", json.dumps(members).encode()):
        order, problems = understand(row, desk(), TODAY)
        assert (order is None) == bool(problems)
        for problem in problems:
            problem.vi.encode()
            problem.en.encode()


def test_the_templates_are_rows_that_only_miss_a_real_recipient(tmp_path: Path) -> None:
    written = write_templates(tmp_path)
    assert [p.name for p in written] == ["van-ban.toml", "rows.xlsx"]
    for place in written:
        (row,) = read(place.name, place.read_bytes())
        _, problems = understand(row, desk(), TODAY)
        assert [p.path.rpartition("«")[2] for p in problems] == ["nơi nhận»"]
    assert write_templates(tmp_path) == []
