"""The packets that the conformance kit offers lie on disk as vectors, byte for byte, each with its source."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from lienthong.base.errors import Refused
from lienthong.conformance.packets import STATUSES, TRAPS, sample_files
from lienthong.edxml.model import BusinessKind, DocumentPacket, StatusPacket
from lienthong.edxml.stream import read_front

ROOT = Path(__file__).resolve().parents[2] / "vectors"
FOLDER = ROOT / "conformance"
FILES = sample_files("000.00.13.H26", "000.00.00.H29", datetime(2026, 11, 20, 9, 5, 31, tzinfo=UTC))


def test_the_vectors_are_what_the_kit_offers() -> None:
    assert {path.name: path.read_bytes() for path in FOLDER.glob("*.edxml")} == FILES


def test_the_thirteen_samples_are_four_documents_and_nine_statuses() -> None:
    read = [read_front([raw]).packet for name, raw in FILES.items() if not name.startswith("trap-")]
    kinds = sorted(packet.business.kind for packet in read if isinstance(packet, DocumentPacket))
    codes = sorted(packet.status_code for packet in read if isinstance(packet, StatusPacket))
    assert kinds == sorted(BusinessKind)
    assert tuple(codes) == STATUSES


@pytest.mark.parametrize("trap", TRAPS, ids=lambda trap: trap.name)
def test_each_trap_is_read_or_refused_and_never_breaks_the_reader(trap: object) -> None:
    raw = FILES[f"trap-{trap.name}.edxml"]  # type: ignore[attr-defined]
    assert raw != FILES["document-new.edxml"]
    try:
        assert read_front([raw]).packet
    except Refused as refused:
        assert refused.sentence("vi")


def test_every_folder_of_vectors_says_where_its_files_come_from() -> None:
    overview = (ROOT / "README.md").read_text("utf-8")
    for folder in (each for each in ROOT.iterdir() if each.is_dir()):
        assert (folder / "README.md").is_file(), folder.name
        assert f"[`{folder.name}/`]({folder.name}/README.md)" in overview, folder.name
