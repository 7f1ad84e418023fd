"""Tables of older systems: their encodings, their columns, their rows, their packages of files."""

from __future__ import annotations

import io
import unicodedata
import zipfile
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from lienthong.base.errors import Refused
from lienthong.office.services.import_columns import missing, propose
from lienthong.office.services.import_files import Folder, Package, is_safe
from lienthong.office.services.import_rows import Fault, Row, read_row
from lienthong.office.services.import_tables import decoded, lines, looks_tcvn3
from lienthong.office.states import Direction

TEXT = "Số đến,Ngày đến,Cơ quan ban hành,Trích yếu\n1,05/01/2021,UBND tỉnh Mẫu Sơn,Về việc của các cơ quan\n"
TODAY = date(2026, 11, 27)
TCVN3 = "Sè ®Õn,Ngµy ®Õn,C¬ quan ban hµnh,TrÝch yÕu\n1,05/01/2021,UBND tØnh MÉu S¬n,VÒ viÖc cña c¸c c¬ quan\n"
"""The same text as a program shows it that does not know TCVN3; written by hand from the standard's table."""
PDF = b"%PDF-1.4\n%%EOF"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1258"])
def test_a_table_is_read_in_every_encoding_that_is_known_for_certain(encoding: str) -> None:
    text = TEXT
    if encoding == "cp1258":
        # The code page has marks of tone of its own, and letters with circumflex, breve and horn as one.
        text = "".join(_for_1258(unicodedata.normalize("NFD", each)) for each in TEXT)
    rows = list(lines("van-ban.csv", text.encode(encoding)))
    assert rows[1] == (2, ["1", "05/01/2021", "UBND tỉnh Mẫu Sơn", "Về việc của các cơ quan"])


def _for_1258(parts: str) -> str:
    letters = unicodedata.normalize(
        "NFC", "".join(each for each in parts if each not in "\u0300\u0301\u0303\u0309\u0323")
    )
    return letters + "".join(each for each in parts if each in "\u0300\u0301\u0303\u0309\u0323")


@pytest.mark.parametrize("data", [TCVN3.encode("latin-1"), TCVN3.encode("utf-8")])
def test_tcvn3_is_recognised_and_refused_by_its_name(data: bytes) -> None:
    with pytest.raises(Refused) as refused:
        list(lines("van-ban.csv", data))
    assert "TCVN3" in refused.value.sentence("vi")
    assert not looks_tcvn3(TEXT)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"\xff\x00\x01binary\x00" * 20, "văn bản"), (b"\x80\x81\x82\x83,\x90\x9d\n\x8d\x8e", "bảng mã"),
        (b"\xef\xbb\xbf" + "Số".encode()[:-1], "byte"), (b'a,b\n"x,y\n', "CSV"),
        (("a,b\n" + "x" * 30_000 + ",1\n").encode(), "ký tự"), (b"1," * 70 + b"\n2", "cột"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_with_the_reason(data: bytes, said: str) -> None:
    with pytest.raises(Refused) as refused:
        list(lines("van-ban.csv", data))
    assert said in refused.value.sentence("vi")


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        for number, cells in lines("van-ban.csv", data):
            assert number >= 1
            assert all(each.isprintable() for each in cells)
    except Refused:
        pass


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=("C",)), max_size=60))
def test_text_in_utf8_comes_back_as_it_was(text: str) -> None:
    assert decoded("a.csv", text.encode()) == text


def test_a_workbook_gives_days_and_numbers_as_text() -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Số đến", "Ngày đến"])
    sheet.append([7.0, date(2021, 3, 5)])
    out = io.BytesIO()
    book.save(out)
    assert list(lines("a.xlsx", out.getvalue())) == [(1, ["Số đến", "Ngày đến"]), (2, ["7", "2021-03-05"])]


def test_columns_are_proposed_from_vietnamese_names_tags_and_slips() -> None:
    header = [
        "STT",
        "So den",
        "ArrivalDate",
        "Số, ký hiệu",
        "Ngày tháng văn bản",
        "Co quan ban hanh",
        "Trích yếu nội dug",
        "Tên tệp",
    ]
    found = propose(header, Direction.INCOMING)
    assert found == {"arrival_number": 1, "arrival_date": 2, "number_symbol": 3, "issued_date": 4, "issuer_name": 5,
                     "abstract": 6, "files": 7}  # fmt: skip
    assert missing(found, Direction.INCOMING) == []
    assert [each.name for each in missing({"abstract": 0}, Direction.OUTGOING)] == ["number", "issued_date"]


def row(**given: str) -> Row:
    values = {"arrival_number": "12", "arrival_date": "05/03/2021", "issuer_name": "UBND tỉnh Mẫu Sơn",
              "abstract": "Về việc thử", "kind": "Công văn"} | given  # fmt: skip
    return read_row(2, list(values.values()), {name: at for at, name in enumerate(values)}, Direction.INCOMING, TODAY)


def test_a_good_row_says_nothing_and_knows_its_place() -> None:
    found = row(number_symbol="05/UBND-VX", issued_date="01/03/2021")
    assert (found.said, found.value, found.year, found.kind) == ([], 12, 2021, "Công văn")
    assert (found.texts["number"], found.texts["symbol"], found.key) == ("05", "UBND-VX", "incoming/2021/chung/12")


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"abstract": ""}, Fault.MISSING), ({"arrival_date": "30/02/2021"}, Fault.DATE),
        ({"arrival_date": "05/03/21"}, Fault.DATE), ({"issued_date": "06/03/2021"}, Fault.DATE),
        ({"arrival_date": "05/03/2026"}, Fault.YEAR), ({"arrival_number": "12a"}, Fault.NUMBER),
        ({"arrival_number": "0"}, Fault.NUMBER), ({"secrecy": "Tối mật"}, Fault.SECRET),
        ({"urgency": "Mật"}, Fault.SECRET), ({"kind": "Giấy lạ"}, Fault.KIND), ({"abstract": "x" * 501}, Fault.CUT),
        ({"pages": "ba"}, Fault.DOUBTFUL), ({"due_date": "mai"}, Fault.DOUBTFUL), ({"urgency": "gấp"}, Fault.DOUBTFUL),
    ],
)  # fmt: skip
def test_each_fault_of_a_row_is_found_and_nothing_else(given: dict[str, str], fault: Fault) -> None:
    assert [each.fault for each in row(**given).said] == [fault]


def test_an_outgoing_number_with_a_letter_is_kept_as_it_was() -> None:
    found = read_row(
        3, ["12a", "05/03/2021", "Thử"], {"number": 0, "issued_date": 1, "abstract": 2}, Direction.OUTGOING, TODAY
    )
    assert (found.value, found.texts["number"], found.stopped) == (None, "12a", False)


@given(st.lists(st.text(max_size=40), min_size=13, max_size=13))
def test_any_cells_become_a_row_or_findings(cells: list[str]) -> None:
    names = ("arrival_number", "arrival_date", "issuer_name", "abstract", "kind", "number_symbol", "issued_date", "files",
             "urgency", "secrecy", "pages", "key", "due_date")  # fmt: skip
    found = read_row(1, cells, {name: at for at, name in enumerate(names)}, Direction.INCOMING, TODAY)
    assert found.stopped or (found.value and found.year and found.texts["abstract"])
    assert len(found.key) <= 120


def packed(path: Path, *members: tuple[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in members:
            package.writestr(name, data)
    return path


def test_a_package_finds_files_by_path_or_by_a_name_that_only_one_has(tmp_path: Path) -> None:
    package = Package("g.zip", packed(tmp_path / "g.zip", ("2021/Một.pdf", PDF), ("a/x.pdf", PDF), ("b/x.pdf", PDF),
                                      ("m.exe.pdf", b"MZ"), ("rong.pdf", b"")))  # fmt: skip
    assert package.look("2021\\một.pdf") is None
    assert package.look("Một.PDF") is None
    assert package.open("một.pdf").read() == PDF
    faults = [package.look(name) for name in ("x.pdf", "khong-co.pdf", "m.exe.pdf", "rong.pdf")]
    assert [each[0] for each in faults if each] == [
        Fault.FILE_DOUBLE,
        Fault.FILE_MISSING,
        Fault.FILE_KIND,
        Fault.FILE_KIND,
    ]
    package.close()


@pytest.mark.parametrize("name", ["../../etc/x.pdf", "/etc/x.pdf", "C:/x.pdf", "a/..\\..\\x.pdf"])
def test_a_package_whose_names_lead_out_of_it_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(Refused, match="IMPORT_PACKAGE_REFUSED"):
        Package("g.zip", packed(tmp_path / "g.zip", (name, PDF)))
    assert not is_safe(name)


def test_a_package_that_swells_or_is_damaged_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="IMPORT_PACKAGE_REFUSED"):
        Package("g.zip", packed(tmp_path / "g.zip", ("bom.pdf", b"\x00" * 60_000_000)))
    (tmp_path / "h.zip").write_bytes(b"PK\x03\x04 no zip")
    with pytest.raises(Refused, match="IMPORT_PACKAGE_REFUSED"):
        Package("h.zip", tmp_path / "h.zip")


def test_a_folder_gives_its_files_and_follows_no_link_out_of_it(tmp_path: Path) -> None:
    (tmp_path / "ngoai.pdf").write_bytes(PDF)
    root = tmp_path / "tep"
    root.mkdir()
    (root / "trong.pdf").write_bytes(PDF)
    (root / "lien-ket.pdf").symlink_to(tmp_path / "ngoai.pdf")
    folder = Folder(root)
    assert folder.look("trong.pdf") is None
    assert folder.look("lien-ket.pdf") == (Fault.FILE_MISSING, "lien-ket.pdf")
    assert folder.look("../ngoai.pdf") == (Fault.FILE_MISSING, "../ngoai.pdf")
