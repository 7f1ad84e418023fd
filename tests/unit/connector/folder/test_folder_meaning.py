"""What a row means, and everything that is wrong with it at once."""

from __future__ import annotations

from datetime import date

import pytest
from connector_axis import RECIPIENT

from lienthong.connector.courier.model import ContentUpdate, Recall, ReceiverUpdate, ReplacingDocument, StatusReport
from lienthong.connector.folder.columns import Column, find, nearest
from lienthong.connector.folder.meaning import Order, understand
from lienthong.connector.folder.rows import Cell, Row
from unit.connector.folder.folder_desk import STATE, TODAY, desk

SOUND = {"number": "12/SM-VP", "subject": "V/v thử nghiệm", "to": "H26", "issued_on": "20/11/2026"}
ABOUT = f"{RECIPIENT},2026/11/20,7/SM-VP"


def asked(members: dict[str, object], **more: object) -> tuple[Order | None, list[str]]:
    cells = tuple(Cell(name, f"«{name}»", value) for name, value in {**members, **more}.items())
    order, problems = understand(Row(0, cells), desk(), TODAY)
    return order, [problem.vi for problem in problems]


@pytest.mark.parametrize("name", ["Số, ký hiệu", "SO KY HIEU", "số/ký hiệu", "number", "Document-Number"])
def test_a_column_has_many_spellings(name: str) -> None:
    assert find(name) is Column.NUMBER
    assert nearest("số kí hiẹu") == "số ký hiệu"
    assert find("không có") is None


def test_an_agency_is_found_by_code_or_exact_name_and_several_are_listed() -> None:
    order, found = asked(SOUND, to="sở tài chính  TỈNH MẪU; H26")
    assert found == []
    assert order is not None
    assert order.content.to == (RECIPIENT, "H26")
    _, found = asked(SOUND, to="Phòng Văn hóa")
    assert "H01.01" in found[0]
    assert "H02.01" in found[0]
    _, found = asked(SOUND, to="Sở Xây dựng")
    assert "danh bạ" in found[0]
    _, found = asked(SOUND, to=["H26", "Bộ Thử nghiệm"])
    assert "hai lần" in found[0]


def test_all_findings_come_at_once() -> None:
    _, found = asked({
        "number": "SM-VP", "to": "", "issued_on": "31/02/2026", "kind": "Thư tay", "urgency": "gấp", "due_date": 5.5,
        "secrecy": "Mật", "pages": "0", "answers": "không rõ", "status": "3", "kinh": "x",
    })  # fmt: skip
    assert len(found) == 12
    for said in (
        "«number»",
        "«subject»",
        "trích yếu",
        "«to»",
        "«issued_on»",
        "«kind»",
        "«urgency»",
        "«due_date»",
        "«secrecy»",
    ):
        assert any(said in line for line in found) or said == "«subject»", (said, found)


def test_each_operation_makes_its_own_order() -> None:
    made = {
        Recall: {"việc": "thu hồi", "văn bản gốc": ABOUT, "lý do": "Sai nơi nhận"},
        ReceiverUpdate: {"việc": "Cập nhật nơi nhận", "about": ABOUT, "reason": "Bổ sung", "added": "H26"},
        ReplacingDocument: {**SOUND, "operation": "replace", "about": ABOUT, "reason": "Thay"},
        ContentUpdate: {**SOUND, "operation": "cap nhat", "about": ABOUT, "reason": "Sửa"},
        StatusReport: {"việc": "trạng thái", "văn bản gốc": ABOUT, "mã trạng thái": 3},
    }
    for kind, members in made.items():
        order, found = asked(members)
        assert found == []
        assert order is not None
        assert isinstance(order.content, kind)
    report = order.content
    assert (report.original.issuer, report.original.code, report.original.issued_on) == (
        RECIPIENT,
        "7/SM-VP",
        date(2026, 11, 20),
    )


def test_a_status_that_needs_a_reason_or_is_the_issuers_is_told_apart() -> None:
    base = {"việc": "trạng thái", "văn bản gốc": ABOUT}
    assert "lý do" in asked(base, status="02")[1][0]
    assert "thu hồi" in asked(base, status="13")[1][0]
    assert asked(base, status="99")[1]
    assert "RECEIVED" not in asked({"việc": "trạng thái", "mã nhận": "x", "status": 3})[1][0]


def test_a_column_that_the_operation_does_not_use_is_not_passed_over() -> None:
    assert "không dùng" in asked({"việc": "thu hồi", "about": ABOUT, "reason": "x", "subject": "y"})[1][0]
    assert asked(SOUND, **{"số ký hiệu": "13/SM"})[1] == ["«số ký hiệu»: ghi hai lần cùng một cột; chỉ giữ một."]


def test_a_connector_of_several_agencies_must_be_told_which_sends() -> None:
    cells = tuple(Cell(name, name, value) for name, value in SOUND.items())
    _, problems = understand(Row(0, cells), desk(STATE, agencies=("H26", RECIPIENT)), TODAY)
    assert "mã cơ quan" in problems[0].vi
