"""Moving drops so that nothing is lost, doubled or written over, whatever happens in between.

A *move* is written down durably before its first file moves: which names go where, what is to be written beside them,
and which record is to be kept then. After a crash it is carried out to its end. A name that is taken is never taken
over: the whole drop gets a number, ``cv (2).pdf`` and ``cv (2).toml``.
"""

from __future__ import annotations

import errno
import hashlib
import itertools
import json
import os
import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from lienthong.connector.folder.drops import Entry, stem
from lienthong.connector.spool import sync_folder, write_durably
from lienthong.infra.steps import reached

LONGEST_NAME = 255
"""Bytes of a name on the file systems in use."""
SLIPS = (
    ".bien-nhan.jws", ".bien-nhan.json", ".bien-nhan.txt", ".trang-thai.json", ".trang-thai.txt", ".ly-do.txt",
    ".da-gui.txt",
)  # fmt: skip
"""Endings of what we write beside a drop."""
_NO_SECOND_NAME = {errno.EPERM, errno.EXDEV, errno.EMLINK, errno.EOPNOTSUPP, errno.EACCES, errno.ENOSYS}


def slip(base: str, ending: str) -> str:
    """Name of something written beside a drop; one that would be too long is cut and told apart by a digest."""
    raw = os.fsencode(base)
    room = LONGEST_NAME - len(os.fsencode(ending))
    if len(raw) <= room:
        return base + ending
    mark = "~" + hashlib.sha256(raw).hexdigest()[:8]
    return _cut(raw, room - len(mark)) + mark + ending


def numbered(name: str, base: str, mark: str) -> str:
    """A name of a drop with a mark: after the base where it begins with it, else before its ending."""
    if not mark:
        return name
    head = base if name.startswith(base) else stem(name)
    tail = name[len(head) :]
    return _cut(os.fsencode(head), LONGEST_NAME - len(os.fsencode(mark + tail))) + mark + tail


def _cut(raw: bytes, room: int) -> str:
    """At most ``room`` bytes of a name, never half a letter."""
    cut = raw[: max(room, 1)]
    if len(cut) < len(raw):
        while cut and (raw[len(cut)] & 0xC0) == 0x80 and len(cut) > max(room, 1) - 4:
            cut = cut[:-1]
    return os.fsdecode(cut or raw[:1])


@dataclass(slots=True)
class Plan:
    """One move. ``moves``: source, target, inode. ``writes``: path and text of what is written beside, unless it is
    there. ``record``: file and members of the record to keep at the end. ``done``: file and text to append, once or
    more often, which says that a line of a table is done. Paths are absolute."""

    moves: list[tuple[str, str, int]] = field(default_factory=list)
    writes: list[tuple[str, str]] = field(default_factory=list)
    record: tuple[str, dict[str, Any]] | None = None
    done: tuple[str, str] | None = None


def free_base(folder: Path, base: str, names: Iterable[str], own: Callable[[str], bool] = lambda _: False) -> str:
    """The mark with which none of a drop's names, or of its slips, is taken in a folder; empty when none is needed.

    ``own``: says of a path that it is ours already.
    """
    for count in itertools.count(1):
        mark = "" if count == 1 else f" ({count})" if count < 30 else f" ({secrets.token_hex(4)})"
        wanted = [numbered(name, base, mark) for name in names]
        wanted += [slip(numbered(base, base, mark), ending) for ending in SLIPS]
        if not any(os.path.lexists(folder / name) and not own(name) for name in wanted):
            return mark
    raise AssertionError("there is always a free name")


def moves_of(entries: Sequence[Entry], source: Path, target: Path, base: str, mark: str) -> list[tuple[str, str, int]]:
    """The moves that take entries from one folder to another under their marked names."""
    return [(str(source / each.name), str(target / numbered(each.name, base, mark)), each.inode) for each in entries]


class Mover:
    """Carries moves out, each to its end. ``folder``: where they are written down."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def finish_interrupted(self) -> int:
        """Carry out what a crash cut short; how many those were."""
        count = 0
        for file in sorted(self._folder.glob("*.json")):
            members = json.loads(file.read_bytes())
            record, done = members["record"], members["done"]
            self._carry_out(
                Plan(
                    [(a, b, i) for a, b, i in members["moves"]],
                    [(path, text) for path, text in members["writes"]],
                    (record[0], record[1]) if record else None,
                    (done[0], done[1]) if done else None,
                )
            )
            file.unlink()
            count += 1
        return count

    def move(self, plan: Plan) -> None:
        """Write a move down and carry it out. An ``OSError`` in the middle leaves the rest to the next call of
        :meth:`finish_interrupted`."""
        file = self._folder / f"{secrets.token_hex(8)}.json"
        write_durably(file, json.dumps(asdict(plan)).encode())
        sync_folder(self._folder)
        reached("folder.move_planned")
        self._carry_out(plan)
        file.unlink()

    def _carry_out(self, plan: Plan) -> None:
        folders: set[Path] = set()
        for source, target, inode in ((Path(a), Path(b), i) for a, b, i in plan.moves):
            target.parent.mkdir(parents=True, exist_ok=True)
            _move_one(source, target, inode)
            reached("folder.file_moved")
            folders |= {source.parent, target.parent}
        for path, text in ((Path(place), text) for place, text in plan.writes):
            path.parent.mkdir(parents=True, exist_ok=True)
            if not os.path.lexists(path):
                write_durably(path, text.encode("utf-8", "replace"))
            folders.add(path.parent)
        for folder in folders:
            sync_folder(folder)
        if plan.record is not None:
            record = Path(plan.record[0])
            record.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_durably(record, json.dumps(plan.record[1]).encode())
            sync_folder(record.parent)
        if plan.done is not None:
            _append(Path(plan.done[0]), plan.done[1])
        reached("folder.moved")


def _append(file: Path, text: str) -> None:
    new = not file.exists()
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with file.open("a", encoding="ascii") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    if new:
        sync_folder(file.parent)


def _move_one(source: Path, target: Path, inode: int) -> None:
    """Move one name; a second try after a crash finds it done, half done or not begun, and never writes over."""
    if _inode(target) == inode:
        if _inode(source) == inode and source != target:
            source.unlink()
        return
    if _inode(source) != inode:
        return
    # The name was free when the move was planned; whoever took it since keeps it.
    while os.path.lexists(target):
        target = target.with_name(numbered(target.name, stem(target.name), f" ({secrets.token_hex(4)})"))
    if source.is_symlink() or not source.is_dir():
        try:
            os.link(source, target, follow_symlinks=False)
        except OSError as error:
            if error.errno not in _NO_SECOND_NAME:
                raise
        else:
            source.unlink()
            return
    source.rename(target)


def _inode(path: Path) -> int | None:
    try:
        return path.lstat().st_ino
    except FileNotFoundError:
        return None
