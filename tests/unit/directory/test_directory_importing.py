"""Reading agencies from CSV and JSON files."""

import csv
import io
import json
import time
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lienthong.base.errors import Refused, Severity
from lienthong.directory import synthetic
from lienthong.directory.errors import IMPORT_UNREADABLE
from lienthong.directory.importing import read_csv, read_json


def codes(result):
    return [(row.code, row.parent) for row in result.agencies]


def findings(result):
    return [(finding.line, finding.problem.code) for finding in result.problems]


@pytest.mark.parametrize(
    "heading",
    [
        "Mã định danh;Tên đơn vị;Mã cha;Địa chỉ;Thư điện tử;Mã cũ;Có hiệu lực",
        "code;name;parent;address;email;old_codes;other",
        "Ma_Dinh_Danh;TEN CO QUAN;mã cấp trên;dia chi;mail;Ma cu;",
    ],
)
def test_headings_are_understood_in_both_languages(heading):
    data = heading + "\nH01;Tỉnh Mẫu;;Phố Mẫu;a@mau.example;00.00.H01, X1;\nH01.2;Sở Mẫu;H01;;;;\n"
    result = read_csv(data.encode())
    assert result.problems == ()
    top, unit = result.agencies
    assert (top.name, top.address, top.email) == ("Tỉnh Mẫu", "Phố Mẫu", "a@mau.example")
    assert top.old_codes == ("00.00.H01", "X1")
    assert (unit.parent, unit.level) == ("H01", 2)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_encodings_separators_and_line_ends_of_spreadsheets_are_read(encoding, delimiter, newline):
    data = newline.join([delimiter.join(["Mã", "Tên"]), delimiter.join(["H01", '"Sở A; B, C"'])]) + newline
    result = read_csv(data.encode(encoding))
    assert [(row.code, row.name) for row in result.agencies] == [("H01", "Sở A; B, C")]


def test_without_a_parent_column_the_nearest_existing_code_above_is_the_parent():
    data = "code,name\n000.12.31.H53,Phòng\n000.00.00.H53,Tỉnh\nH01.5.2,Tổ\nH01,Tỉnh khác\n"
    assert codes(read_csv(data.encode())) == [
        ("000.12.31.H53", "000.00.00.H53"),
        ("000.00.00.H53", None),
        ("H01.5.2", "H01"),
        ("H01", None),
    ]


def test_findings_bear_the_line_on_which_the_row_begins():
    data = 'code,name\nH01,"Hai\ndòng"\n,Không mã\nH02,\nH 03,Sai\nH01,Lặp lại\n\nH04,Tốt\n'
    result = read_csv(data.encode())
    assert [row.code for row in result.agencies] == ["H01", "H04"]
    assert findings(result) == [(4, "N.code"), (5, "N.name"), (6, "M.code"), (7, "M.code")]
    assert "dòng 2" in result.problems[3].problem.vi and "line 2" in result.problems[3].problem.en


def test_an_unknown_parent_leaves_out_the_row_and_everything_below():
    data = "code,name,parent\nA1,a,A0\nA2,b,A1\nA3,c,A2\nB1,d,\n"
    result = read_csv(data.encode())
    assert codes(result) == [("B1", None)]
    assert findings(result) == [(2, "M.parent"), (3, "M.parent"), (4, "M.parent")]
    assert len(read_csv(data.encode(), known={"A0"}).agencies) == 4


def test_circles_of_parents_are_reported_on_each_of_their_lines():
    data = "code,name,parent\nA1,a,A3\nA2,b,A1\nA3,c,A2\nA4,d,A3\nA5,e,A5\nB1,f,\n"
    result = read_csv(data.encode())
    assert codes(result) == [("B1", None)]
    assert findings(result) == [(line, "M.parent") for line in (2, 3, 4, 5, 6)]
    assert sum("vòng" in finding.problem.vi for finding in result.problems) == 4


def test_bad_side_codes_and_dates_are_warnings_and_the_row_stays():
    data = "code;name;code102;old_codes;valid_from;valid_to\nH01;A;../etc;x/y;30/02/2025;31/12/2026\n"
    result = read_csv(data.encode())
    assert [finding.problem.severity for finding in result.problems] == [Severity.WARNING] * 3
    row = result.agencies[0]
    assert (row.code102, row.old_codes, row.valid_from, row.valid_to) == (None, (), None, date(2026, 12, 31))


def test_the_axis_own_shape_is_read_with_parents_by_identifier():
    rows = [
        {
            "id": 7,
            "pid": 3,
            "code": "H01.2",
            "name": "Sở",
            "mail": "b@mau.example",
            "code102": "000.00.02.H01",
            "oldCode": None,
        },
        {
            "id": 3,
            "pid": 0,
            "code": "H01",
            "name": "Tỉnh",
            "mail": "",
            "oldCode": "00.00.H01",
            "isAgency": False,
        },
        {"id": 9, "pid": 99, "code": "H01.3", "name": "Lạc", "mail": ""},
    ]
    result = read_json(json.dumps({"status": "OK", "data": rows}, indent=1).encode())
    assert codes(result) == [("H01.2", "H01"), ("H01", None)]
    assert (result.agencies[0].code102, result.agencies[0].email) == ("000.00.02.H01", "b@mau.example")
    assert result.agencies[1].old_codes == ("00.00.H01",)
    assert [row.is_agency for row in result.agencies] == [True, False]
    assert [finding.problem.path for finding in result.problems] == ["parent"]
    assert result.problems[0].line == 22


def test_the_shared_catalogues_shape_is_read():
    rows = [
        {
            "MaDinhDanhCap1": "000.00.00.H46",
            "TenDonVi": "Tỉnh",
            "DiaChi": "Phố",
            "Email": "t@mau.example",
            "Fax": "",
        },
        {"MaDinhDanhCap1": "000.00.00.H46", "MaDinhDanhCap2": "000.00.05.H46", "TenDonVi": "Sở"},
    ]
    result = read_json(json.dumps(rows).encode())
    assert codes(result) == [("000.00.00.H46", None), ("000.00.05.H46", "000.00.00.H46")]
    assert result.agencies[0].address == "Phố"


@pytest.mark.parametrize(
    "data",
    [b"", b"only one line", b"code;title\n", b"\xff\xfe\x00", b"\x81abc", b'code,name\n"' + b"x" * 200_000],
)
def test_a_csv_file_that_cannot_be_understood_is_refused(data):
    with pytest.raises(Refused) as refusal:
        read_csv(data)
    assert refusal.value.code is IMPORT_UNREADABLE


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"[1]", b'[{"code": "H01", "name": "A"}', b"[{]", b"[" * 5000, b'{"data": 3}']
)
def test_a_json_file_that_cannot_be_understood_is_refused(data):
    with pytest.raises(Refused) as refusal:
        read_json(data)
    assert refusal.value.code is IMPORT_UNREADABLE


@given(st.text(max_size=200), st.booleans())
def test_any_text_is_read_or_refused_and_never_crashes(text, with_heading):
    data = (("code;name;parent\n" if with_heading else "") + text).encode("utf-8", "replace")
    for read in (read_csv, read_json):
        try:
            result = read(data)
        except Refused as refusal:
            assert refusal.code is IMPORT_UNREADABLE
        else:
            assert len({row.code for row in result.agencies}) == len(result.agencies)


@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 9)), max_size=12))
def test_what_is_given_back_is_always_a_forest(edges):
    data = "code,name,parent\n" + "".join(f"N{a},x,{'N' + str(b) if b < 9 else ''}\n" for a, b in edges)
    result = read_csv(data.encode())
    parents = {row.code: row.parent for row in result.agencies}
    for start in parents:
        seen, here = set(), start
        while here is not None:
            assert here in parents and here not in seen
            seen.add(here)
            here = parents.get(here)
    lines = {finding.line for finding in result.problems}
    assert len(lines) + len(result.agencies) == len(edges)


def seconds_a_row(count):
    """CPU of reading one row of a file of so many, the best of three: what a busy machine adds says nothing here."""
    made = list(synthetic.agencies(count))
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";")
    writer.writerow(["Mã định danh", "Tên đơn vị", "Mã QCVN 102", "Mã cha", "Thư điện tử"])
    writer.writerows([row.code, row.name, row.code102 or "", row.parent or "", row.email] for row in made)
    data, seconds = out.getvalue().encode("utf-8-sig"), []
    for _ in range(3):
        started = time.process_time()
        result = read_csv(data)
        seconds.append(time.process_time() - started)
        assert list(result.agencies) == made
    return min(seconds) / count


def test_a_row_of_a_large_file_costs_as_much_as_one_of_a_small_file():
    """How fast that is, ``bench directory`` measures; here only that nothing grows with the square of the rows."""
    assert seconds_a_row(12_000) < 4 * seconds_a_row(1_000)
