"""A document system that can only read and write files, over a real axis: drop, send, receive, report."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from axis_process import Party, wait_for
from fixtures_axis import Town
from journeys.test_courier import courier_of, running
from lienthong.connector.courier.engine import Courier
from lienthong.connector.folder.service import Folder

ROW = """
"số ký hiệu" = "{number}"
"trích yếu" = "V/v phối hợp thử nghiệm thư mục"
"nơi nhận" = ["{to}"]
"ngày ban hành" = "20/11/2026"
"người ký" = "Nguyễn Văn Mẫu"
"độ khẩn" = "Khẩn"
"""


class Desk:
    """One agency with its courier and its shared folder."""

    def __init__(self, party: Party, courier: Courier, root: Path) -> None:
        self.party, self.courier = party, courier
        self.root = root / "trao-doi"
        self.root.mkdir(parents=True, exist_ok=True)
        self.folder = Folder(self.root, courier, root / "spool" / "folder", settle=0.3)
        self.folder.step()

    def drop(self, name: str, content: bytes | str) -> Path:
        """Written elsewhere and renamed into place, as software should."""
        data = content.encode() if isinstance(content, str) else content
        making = self.root / f".{time.monotonic_ns()}"
        making.write_bytes(data)
        os.utime(making, (time.time() - 60, time.time() - 60))
        place = self.root / "outbox" / name
        making.rename(place)
        return place

    def names(self, tray: str) -> list[str]:
        return sorted(str(p.relative_to(self.root / tray)) for p in (self.root / tray).rglob("*") if p.is_file())

    def until(self, tray: str, ending: str, count: int = 1) -> list[str]:
        def found() -> list[str]:
            self.folder.step()
            hits = [name for name in self.names(tray) if name.endswith(ending)]
            return hits if len(hits) >= count else []

        return wait_for(found, f"{count} × {tray}/…{ending}; there: {self.names(tray)}; {self.folder.health()}", 40)


@contextmanager
def desk_of(town: Town, party: Party, root: Path, **more: Any) -> Iterator[Desk]:
    with courier_of(town.axis, party, root / "spool", **more) as courier:
        yield Desk(party, courier, root)


@pytest.fixture
def desks(town: Town, tmp_path: Path) -> Iterator[tuple[Desk, Desk]]:
    first, second, *_ = town
    with (
        desk_of(town, first, tmp_path / "1") as here,
        desk_of(town, second, tmp_path / "2") as there,
        running(here.courier, there.courier),
    ):
        yield here, there


def test_a_dropped_document_is_sent_and_its_receipt_and_statuses_appear_beside_it(desks: tuple[Desk, Desk]) -> None:
    here, there = desks
    content = b"%PDF-1.7\n" + os.urandom(5000)
    here.drop("công văn.pdf", content)
    here.drop("công văn.phụ lục 1.xlsx", b"PK phu luc")
    here.drop("công văn.toml", ROW.format(number="901/TM-VP", to=there.party.agency))
    here.until("sent", ".bien-nhan.jws")
    assert here.names("outbox") == []
    (index,) = there.until("inbox", "index.json")
    folder = there.root / "inbox" / Path(index).parent
    assert folder.name == f"{here.party.agency} 901-TM-VP"
    members = json.loads((folder / "index.json").read_bytes())
    assert [row["name"] for row in members["files"]] == ["công văn.pdf", "công văn.phụ lục 1.xlsx"]
    laid = folder / members["files"][0]["path"]
    assert laid.read_bytes() == content
    assert laid.stat().st_mode & 0o111 == 0
    assert "901/TM-VP" in (folder / "bia.html").read_text("utf-8")
    assert (folder / "packet.edxml").read_bytes() == (
        there.courier.receive_one(members["received_id"]).folder / "header.edxml"
    ).read_bytes()

    # 01 went back by itself; a person's 03 is an empty file in the document's folder.
    (folder / "03.toml").write_bytes(b"")
    there.until("inbox", "03.bien-nhan.jws")

    def handled() -> bool:
        here.folder.step()
        told = list((here.root / "sent").rglob("*.trang-thai.json"))
        rows = json.loads(told[0].read_bytes())["recipients"] if told else []
        return bool(rows) and rows[0]["status"] == 3 and rows[0]["delivery"] == "delivered"

    wait_for(handled, "status 03 beside the document", 40)
    (text,) = (here.root / "sent").rglob("*.trang-thai.txt")
    told = text.read_text("utf-8")
    assert "03 Đã tiếp nhận" in told
    # People read words and the clock on their wall; the names for programs stand in the JSON beside.
    assert "đã giao cho phần mềm bên nhận · handed over" in told.partition("Diễn biến")[2]
    assert not re.search(r"job\.|delivery\.|\dT\d", told), told


def test_the_same_dropped_twice_is_told_so_and_sent_once(desks: tuple[Desk, Desk]) -> None:
    here, there = desks
    content = b"%PDF-1.7\n" + os.urandom(500)
    for _ in range(2):
        here.drop("cv.pdf", content)
        here.drop("cv.toml", ROW.format(number="902/TM-VP", to=there.party.agency))
        here.until("sent", "cv.bien-nhan.jws")
    (again,) = here.until("sent", ".da-gui.txt")
    assert Path(again).name == "cv (2).da-gui.txt"
    receipts = [p.read_bytes() for p in (here.root / "sent").rglob("*.bien-nhan.jws")]
    assert len(receipts) == 2
    assert receipts[0] == receipts[1]
    assert len(here.courier.jobs()) == 1


def test_other_content_under_the_same_number_is_refused_by_the_axis_with_its_reason(desks: tuple[Desk, Desk]) -> None:
    here, there = desks
    for _ in range(2):
        here.drop("cv.pdf", os.urandom(500))
        here.drop("cv.toml", ROW.format(number="903/TM-VP", to=there.party.agency))
        here.until("sent", "cv.bien-nhan.jws")
    (reason,) = here.until("refused", ".ly-do.txt")
    text = (here.root / "refused" / reason).read_text("utf-8")
    assert text.index("— Tiếng Việt —") < text.index("— English —")
    assert {"cv (2).pdf", "cv (2).toml"} <= set(here.names("refused"))


def test_a_wrong_row_is_refused_with_every_finding_and_goes_after_correction(desks: tuple[Desk, Desk]) -> None:
    here, there = desks
    here.drop("sai.pdf", b"%PDF-1.7 noi dung")
    here.drop(
        "sai.toml", '"số ký hiệu" = ""\n"ngày ban hành" = "31/02/2026"\n"nơi nhận" = "Cơ quan thử nghiệm"\nkinh = 1\n'
    )
    here.until("refused", "sai.ly-do.txt")
    text = (here.root / "refused" / "sai.ly-do.txt").read_text("utf-8")
    for said in (
        "«số ký hiệu»: còn trống",
        "31/02/2026",
        "không chỉ đúng một cơ quan",
        "«kinh»: không có cột",
        there.party.agency,
    ):
        assert said in text, said
    corrected = ROW.format(number="904/TM-VP", to="Cơ quan thử nghiệm 2")
    here.drop("sai.pdf", b"%PDF-1.7 noi dung")
    here.drop("sai.toml", corrected)
    here.until("sent", "sai.bien-nhan.txt")
