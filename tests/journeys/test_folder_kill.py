"""kill -9 while the folder lays out what came in, writes slips or reports a status; and the other things one can drop."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import child_process
from axis_process import Party, attachment, document, wait_for
from fixtures_axis import Town
from journeys.test_courier import courier_of, finished, running, until
from journeys.test_folder import ROW, Desk, desk_of, desks
from lienthong.connector.folder.service import Folder
from lienthong.infra.steps import arm

__all__ = ["desks"]


def step_once(town: Town, party: Party, root: Path, step: str | None) -> None:
    with courier_of(town.axis, party, root / "spool") as courier:
        folder = Folder(root / "trao-doi", courier, root / "spool" / "folder", settle=0)
        if step is not None:
            arm(step, 1)
        folder.step()
        assert folder.health().storage is None


def killed(action: Callable[[], None]) -> bool:
    process, _ = child_process.start(lambda _: action())
    process.join(60)
    return process.exitcode == -9


@pytest.mark.parametrize("step", ["folder.received_made", "folder.received_placed"])
def test_a_kill_while_laying_out_leaves_one_whole_folder(town: Town, tmp_path: Path, step: str) -> None:
    first, second, *_ = town
    (tmp_path / "trao-doi").mkdir()
    first.client.send(document([second.agency]), [attachment("a.pdf"), attachment("a.pdf")])
    with courier_of(town.axis, second, tmp_path / "spool") as courier, running(courier):
        until(courier, "document.received")
    assert killed(lambda: step_once(town, second, tmp_path, step))
    step_once(town, second, tmp_path, None)
    laid = list((tmp_path / "trao-doi" / "inbox").rglob("index.json"))
    assert len(laid) == 1
    assert sorted(p.name for p in (laid[0].parent / "tep").iterdir()) == ["a (2).pdf", "a.pdf"]
    with courier_of(town.axis, second, tmp_path / "spool") as courier:
        assert [job.kind for job in courier.jobs()] == ["status"]
    # A status file that is killed on its way is reported once.
    (laid[0].parent / "03.toml").write_text('"mô tả" = "đã vào sổ"', "utf-8")
    assert killed(lambda: step_once(town, second, tmp_path, "folder.status_handed_over"))
    step_once(town, second, tmp_path, None)
    with courier_of(town.axis, second, tmp_path / "spool") as courier:
        assert len(courier.jobs()) == 2
    assert (laid[0].parent / "trang-thai-da-gui" / "03.toml").exists()


def test_a_kill_while_writing_slips_tells_every_event_once(town: Town, tmp_path: Path) -> None:
    first, second, *_ = town
    with desk_of(town, first, tmp_path) as here:
        here.drop("cv.pdf", b"%PDF-1.7 x")
        here.drop("cv.toml", ROW.format(number="921/TM-VP", to=second.agency))
        with running(here.courier):
            wait_for(lambda: here.folder.step() or here.courier.jobs(), "the directory is here and the drop taken", 30)
            until(here.courier, "job.sent")
    assert killed(lambda: step_once(town, first, tmp_path, "folder.told"))
    step_once(town, first, tmp_path, None)
    (told,) = (tmp_path / "trao-doi" / "sent").rglob("*.trang-thai.json")
    numbers = [row["number"] for row in json.loads(told.read_bytes())["history"]]
    assert numbers == sorted(set(numbers))
    assert (told.parent / "cv.bien-nhan.jws").exists()


def test_a_finished_packet_and_a_recall_are_dropped_like_anything_else(desks: tuple[Desk, Desk]) -> None:
    here, there = desks
    here.drop("cv.pdf", b"%PDF-1.7 x")
    here.drop("cv.toml", ROW.format(number="922/TM-VP", to=there.party.agency))
    here.until("sent", "cv.bien-nhan.txt")
    there.until("inbox", "index.json")
    (job,) = here.courier.jobs()
    packet, _ = finished(here.party.agency, there.party.agency, "bảng.xlsx", b"PK so lieu")
    here.drop("xong.edxml", packet)
    here.until("sent", "xong.bien-nhan.txt")
    here.drop("thu hoi.toml", f'"việc" = "thu hồi"\n"văn bản gốc" = "{job.document_id}"\n"lý do" = "Gửi nhầm"\n')
    here.until("sent", "thu hoi.bien-nhan.txt")
    there.until("inbox", "922-TM-VP - thu hồi/index.json")
    kinds = {json.loads(p.read_bytes())["kind"]: p.parent.name for p in (there.root / "inbox").rglob("index.json")}
    assert {"document", "recall"} <= kinds.keys()
    assert kinds["recall"].endswith("922-TM-VP - thu hồi")
    assert packet in [p.read_bytes() for p in (there.root / "inbox").rglob("packet.edxml")]
