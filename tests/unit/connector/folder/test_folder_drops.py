"""Which files are one document, when they are whole, and how they move."""

from __future__ import annotations

import os
import resource
import stat
import threading
import unicodedata
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import child_process
from axis_process import wait_for
from lienthong.connector.folder.drops import DropKind, Entry, group, look, meant, natural
from lienthong.connector.folder.places import LONGEST_NAME, SLIPS, Mover, Plan, free_base, moves_of, numbered, slip
from lienthong.connector.folder.service import Folder
from lienthong.connector.folder.stillness import Stillness, written_to
from lienthong.connector.folder.taking import _held_open
from unit.connector.folder.folder_desk import entry, offline, put

ROW = '"số ký hiệu"="{n}/SM-VP"\n"trích yếu"="V/v"\n"nơi nhận"="H26"\n"ngày ban hành"="20/11/2026"\n'


def grouped(*names: str) -> tuple[dict[str, list[str]], list[str]]:
    drops, loose = group({name: entry(name) for name in names})
    return {f"{d.kind.value} {d.base}": [e.name for e in d.files] for d in drops}, sorted(loose)


def test_a_file_belongs_to_the_longest_row_name_that_begins_its_own() -> None:
    assert grouped("a.toml", "a.b.toml", "a.b.pdf", "a.pdf", "a.phu-luc-10.xlsx", "a.phu-luc-9.xlsx", "ab.pdf") == (
        {"row a": ["a.pdf", "a.phu-luc-9.xlsx", "a.phu-luc-10.xlsx"], "row a.b": ["a.b.pdf"]}, ["ab.pdf"],
    )  # fmt: skip


def test_a_workbook_is_a_row_only_beside_its_document_or_by_its_name() -> None:
    assert grouped("a.pdf", "a.xlsx", "a.phu-luc.xlsx")[0] == {"table a": ["a.pdf", "a.phu-luc.xlsx"]}
    assert grouped("số liệu.xlsx", "danh-sach T11.csv", "rows.xlsx") == (
        {"table danh-sach T11": [], "table rows": []}, ["số liệu.xlsx"],
    )  # fmt: skip


def test_two_rows_of_one_name_clash_whatever_their_spelling() -> None:
    decomposed = unicodedata.normalize("NFD", "văn bản")
    assert grouped("a.toml", "a.json", "a.pdf")[0] == {"clash a": ["a.toml", "a.json", "a.pdf"]}
    assert [d.split()[0] for d in grouped("văn bản.toml", f"{decomposed}.toml")[0]] == ["clash"]
    assert list(grouped("văn bản.toml", f"{decomposed}.pdf")[0].values()) == [[f"{decomposed}.pdf"]]


@pytest.mark.parametrize(
    "name", [".a.toml", "~$a.xlsx", "a.pdf.part", "a.TMP", "a.crdownload", "a.dang-cho.txt", "a.pdf~"]
)
def test_unfinished_and_foreign_names_are_not_looked_at(name: str) -> None:
    assert not meant(name)


NAMES = st.lists(
    st.from_regex(r"\A[ab~.-]{1,4}(\.(toml|json|pdf|xlsx|csv|edxml))?\Z") | st.text(max_size=6),
    unique=True,
    max_size=12,
)


@settings(max_examples=200, deadline=None)
@given(NAMES)
def test_every_file_is_in_exactly_one_place(names: list[str]) -> None:
    entries = {name: entry(name) for name in names if name and "\0" not in name and "/" not in name}
    drops, loose = group(entries)
    placed = [e.name for d in drops for e in d.entries] + list(loose)
    assert sorted(placed) == sorted(entries)
    assert [d.order for d in drops] == sorted(d.order for d in drops)


@settings(max_examples=200, deadline=None)
@given(st.binary(min_size=1, max_size=255).filter(lambda b: b"/" not in b and b"\0" not in b), st.integers(2, 40))
def test_names_of_slips_and_numbers_always_fit(raw: bytes, count: int) -> None:
    name = os.fsdecode(raw)
    made = [slip(name, ending) for ending in SLIPS]
    made.append(numbered(name, name.rpartition(".")[0] or name, f" ({count})"))
    assert all(0 < len(os.fsencode(each)) <= LONGEST_NAME and "/" not in each for each in made)
    assert len(set(made)) == len(made)
    natural(name)


def test_many_files_are_grouped_in_one_pass() -> None:
    entries = {name: entry(name) for n in range(20_000) for name in (f"cv-{n}.pdf", f"cv-{n}.toml")}
    drops, loose = group(entries)
    assert (len(drops), loose) == (20_000, {})


# --- stillness --------------------------------------------------------------------------------------------------------


def test_a_file_that_is_being_written_is_not_still(tmp_path: Path) -> None:
    place = tmp_path / "a.toml"
    still = Stillness(0.2)
    with place.open("wb") as file:
        file.write(b"half")
        file.flush()
        assert not still.still(group(look(tmp_path))[0][0])
        # Our own handles do not count, those of another process do.
        assert place.stat().st_ino not in written_to(tmp_path, ["a.toml"])
    put(place, "x")
    still.begin()
    assert still.still(group(look(tmp_path))[0][0])


def test_a_writer_of_another_process_is_seen(tmp_path: Path) -> None:
    place = put(tmp_path / "a.pdf", "x")
    pid = os.fork()
    if pid == 0:
        os.open(place, os.O_WRONLY)
        threading.Event().wait(20)
        os._exit(0)
    try:
        wait_for(lambda: place.stat().st_ino in written_to(tmp_path, ["a.pdf"]), "the writer is seen", 20)
    finally:
        os.kill(pid, 9)
        os.waitpid(pid, 0)


# --- moving -----------------------------------------------------------------------------------------------------------


def test_a_move_cut_short_anywhere_is_carried_out_to_its_end_and_writes_over_nothing(tmp_path: Path) -> None:
    source, target = tmp_path / "a", tmp_path / "b"
    source.mkdir()
    target.mkdir()
    for name in ("cv.pdf", "cv.toml"):
        put(source / name, name)
    put(target / "cv.toml", "somebody else's")
    entries = list(look(source).values())
    mark = free_base(target, "cv", [e.name for e in entries])
    assert mark == " (2)"
    plan = Plan(moves_of(entries, source, target, "cv", mark), [(str(target / "cv (2).ly-do.txt"), "vì")])
    # As after a crash in the middle: one file has both names, the other has not moved.
    os.link(source / entries[0].name, plan.moves[0][1])
    mover = Mover(tmp_path / "moves")
    mover._carry_out(plan)
    mover._carry_out(plan)
    assert sorted(p.name for p in target.iterdir()) == ["cv (2).ly-do.txt", "cv (2).pdf", "cv (2).toml", "cv.toml"]
    assert (target / "cv.toml").read_text() == "somebody else's"
    assert list(source.iterdir()) == []


# --- the whole folder, without a line ---------------------------------------------------------------------------------


def files(root: Path) -> dict[str, bytes]:
    return {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file() and not p.is_symlink()}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("outbox", "sent", "refused", "inbox"):
        (tmp_path / "trao-doi" / name).mkdir(parents=True)
    return tmp_path / "trao-doi"


ODD = [
    "-rf",
    "a\nb",
    "x..y",
    "CON",
    "văn bản",
    unicodedata.normalize("NFD", "công văn"),
    "n" * 247,
    "\udcff\udc80",
    "A",
    "a",
    "a:b*?",
]


def test_names_may_be_anything_and_no_byte_is_lost(root: Path, tmp_path: Path) -> None:
    for number, name in enumerate(ODD):
        put(root / "outbox" / f"{name}.pdf", f"pdf {number}")
        put(root / "outbox" / f"{name}.toml", ROW.format(n=number + 1))
    before = sorted(files(root / "outbox").values())
    with offline(tmp_path / "spool") as courier:
        folder = Folder(root, courier, tmp_path / "spool" / "folder", settle=0)
        folder.step()
        assert folder.health().storage is None
        assert len(courier.jobs(limit=1000)) == len(ODD)
        assert files(root / "outbox") == {}
        after = [c for n, c in files(root / "sent").items() if n.endswith((".pdf", ".toml"))]
        assert sorted(after) == before


def test_links_pipes_and_foreign_folders_are_refused_and_never_opened(root: Path, tmp_path: Path) -> None:
    secret = put(tmp_path / "secret.txt", "not yours")
    (root / "outbox" / "link.pdf").symlink_to(secret)
    os.mkfifo(root / "outbox" / "pipe.toml")
    (root / "outbox" / "sub").mkdir()
    put(root / "outbox" / "sub" / "van-ban.toml", ROW.format(n=1))
    (root / "outbox" / "sub" / "link.pdf").symlink_to(secret)
    (root / "outbox" / "bare").mkdir()
    put(root / "outbox" / "bare" / "x.pdf", "x")
    with offline(tmp_path / "spool") as courier:
        Folder(root, courier, tmp_path / "spool" / "folder", settle=0).step()
        assert courier.jobs() == []
    assert (root / "refused" / "link.pdf").is_symlink()
    assert stat.S_ISFIFO((root / "refused" / "pipe.toml").lstat().st_mode)
    assert {"link.ly-do.txt", "pipe.ly-do.txt", "sub.ly-do.txt", "bare.ly-do.txt"} <= {
        p.name for p in (root / "refused").iterdir()
    }
    assert secret.read_text() == "not yours"


def test_a_link_put_in_the_place_of_a_file_after_the_look_is_not_followed(tmp_path: Path) -> None:
    secret, place = put(tmp_path / "secret", "not yours"), put(tmp_path / "a.pdf", "x")
    seen = look(tmp_path)["a.pdf"]
    with ExitStack() as opened:
        held = _held_open(place, seen, opened)
        place.unlink()
        place.symlink_to(secret)
        assert held.read_bytes() == b"x"
        with pytest.raises(OSError, match="symbolic"):
            _held_open(place, seen, opened)
        place.unlink()
        put(place, "other")
        with pytest.raises(OSError, match=r"a\.pdf"):
            _held_open(place, seen, opened)


def test_a_sub_folder_is_one_document(root: Path, tmp_path: Path) -> None:
    place = root / "outbox" / "Bộ hồ sơ 7"
    place.mkdir()
    put(place / "van-ban.toml", ROW.format(n=7))
    for name in ("b.pdf", "a.docx", "rows.xlsx"):
        put(place / name, name)
    with offline(tmp_path / "spool") as courier:
        Folder(root, courier, tmp_path / "spool" / "folder", settle=0).step()
        (job,) = courier.jobs()
        assert (job.folder / "file-000").read_bytes() == b"a.docx"
    assert len(list((root / "sent").rglob("Bộ hồ sơ 7/*"))) == 4


def test_a_table_sends_each_row_and_one_wrong_row_stops_all(root: Path, tmp_path: Path) -> None:
    table = "số ký hiệu;trích yếu;nơi nhận;ngày ban hành;tệp\n"
    lines = [f"{n}/SM-VP;V/v {n};H26;20/11/2026;{n}.pdf" for n in range(1, 4)]
    for n in range(1, 4):
        put(root / "outbox" / f"{n}.pdf", f"{n}")
    put(root / "outbox" / "rows.csv", table + "\n".join([*lines[:2], lines[2].replace("20/11", "20/13")]))
    with offline(tmp_path / "spool") as courier:
        folder = Folder(root, courier, tmp_path / "spool" / "folder", settle=0)
        folder.step()
        assert courier.jobs() == []
        assert "D4" in (root / "refused" / "rows.ly-do.txt").read_text("utf-8")
        assert set(files(root / "outbox")) == {"1.pdf", "2.pdf", "3.pdf"}
        put(root / "outbox" / "rows.csv", table + "\n".join(lines))
        folder.step()
        assert [job.number for job in courier.jobs()] == ["1/SM-VP", "2/SM-VP", "3/SM-VP"]
    assert files(root / "outbox") == {}
    names = {p.name for p in (root / "sent").rglob("*")}
    assert {"1.pdf", "1.toml", "2.pdf", "3.pdf", "rows.csv"} <= names


def test_a_row_waits_for_its_file_with_a_note_and_is_refused_in_the_end(root: Path, tmp_path: Path) -> None:
    put(root / "outbox" / "cv.toml", ROW.format(n=1))
    put(root / "outbox" / "lẻ.pdf", "x")
    with offline(tmp_path / "spool") as courier:
        folder = Folder(root, courier, tmp_path / "spool" / "folder", settle=0, note_after=0)
        folder.step()
        assert "Còn thiếu tệp" in (root / "outbox" / "cv.dang-cho.txt").read_text("utf-8")
        assert {w.name for w in folder.health().waiting} == {"cv", "lẻ.pdf"}
        put(root / "outbox" / "cv.pdf", "x")
        folder.step()
        assert set(files(root / "outbox")) == {"lẻ.pdf", "lẻ.pdf.dang-cho.txt"}
        put(root / "outbox" / "b.toml", ROW.format(n=2))
        impatient = Folder(root, courier, tmp_path / "spool" / "folder", settle=0, patience=-1)
        impatient.step()
        assert {"b.toml", "b.ly-do.txt", "lẻ.pdf", "lẻ.pdf.ly-do.txt"} == set(files(root / "refused"))
        assert files(root / "outbox") == {}


def test_documents_leave_in_the_order_in_which_they_came(root: Path, tmp_path: Path) -> None:
    for n in (10, 9, 11):
        put(root / "outbox" / f"{n}.pdf", "x")
        put(root / "outbox" / f"{n}.toml", ROW.format(n=n))
        threading.Event().wait(0.02)
    with offline(tmp_path / "spool") as courier:
        Folder(root, courier, tmp_path / "spool" / "folder", settle=0).step()
        assert [job.number for job in courier.jobs()] == ["10/SM-VP", "9/SM-VP", "11/SM-VP"]


def test_a_read_only_or_missing_folder_is_said_and_tried_again(root: Path, tmp_path: Path) -> None:
    with offline(tmp_path / "spool") as courier:
        folder = Folder(root, courier, tmp_path / "spool" / "folder", settle=0)
        away = root.with_name("away")
        root.rename(away)
        folder.step()
        trouble = folder.health().storage
        assert trouble is not None
        assert trouble.code == "STORAGE_AWAY"
        away.rename(root)
        folder.step()
        assert folder.health().storage is None


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.sampled_from(["a.toml", "a.pdf", "a.json", "rows.csv", "b.xlsx", "b.pdf", "x.edxml"]), unique=True),
    st.binary(max_size=40),
)
def test_whatever_is_dropped_no_byte_is_lost(
    tmp_path_factory: pytest.TempPathFactory, names: list[str], data: bytes
) -> None:
    base = tmp_path_factory.mktemp("drop")
    root = base / "trao-doi"
    (root / "outbox").mkdir(parents=True)
    for name in names:
        put(root / "outbox" / name, name.encode() + data)
    with offline(base / "spool") as courier:
        folder = Folder(root, courier, base / "spool" / "folder", settle=0)
        folder.step()
        assert folder.health().storage is None
    kept = list(files(root).values())
    for name in names:
        assert kept.count(name.encode() + data) == 1
    assert isinstance(entry("x"), Entry)
    assert DropKind.ROW.value == "row"


def test_a_users_file_that_looks_like_a_note_is_not_taken_away(root: Path, tmp_path: Path) -> None:
    put(root / "outbox" / "x.dang-cho.txt", "của người dùng")
    put(root / "outbox" / "y.dang-cho.txt", "ĐANG CHỜ · WAITING\n\ncũ")
    with offline(tmp_path / "spool") as courier:
        Folder(root, courier, tmp_path / "spool" / "folder", settle=0).step()
    assert set(files(root / "outbox")) == {"x.dang-cho.txt"}


def full_disk(root: Path, base: Path) -> None:
    with offline(base / "spool") as courier:
        folder = Folder(root, courier, base / "spool" / "folder", settle=0)
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))
        folder.step()
        trouble = folder.health().storage
        assert trouble is not None
        assert trouble.code == "STORAGE_FULL"
        assert courier.jobs() == []
        assert set(files(root / "outbox")) == {"cv.pdf", "cv.toml"}
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        folder.step()
        assert folder.health().storage is None
        assert len(courier.jobs()) == 1


def test_a_full_disk_is_said_and_the_drop_stays_until_there_is_room(root: Path, tmp_path: Path) -> None:
    put(root / "outbox" / "cv.pdf", b"x" * 50_000)
    put(root / "outbox" / "cv.toml", ROW.format(n=1))
    child_process.run(lambda: full_disk(root, tmp_path))


def test_a_round_that_takes_long_lets_receipts_and_arrivals_have_their_turn(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(3):
        put(root / "outbox" / f"{n}.pdf", f"{n}")
        put(root / "outbox" / f"{n}.toml", ROW.format(n=n + 1))
    monkeypatch.setattr("lienthong.connector.folder.service.TAKE_SECONDS", 0.0)
    with offline(tmp_path / "spool") as courier:
        folder = Folder(root, courier, tmp_path / "spool" / "folder", settle=0)
        assert folder.step()
        monkeypatch.undo()
        assert not folder.step()
        assert len(courier.jobs()) == 3
