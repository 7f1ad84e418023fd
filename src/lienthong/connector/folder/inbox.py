"""What came in, laid out for people and programs below ``inbox/<date>/<sender> <number>/``; it appears by one rename.

Names from outside stay outside: folders get safe names, attachments lie in a folder of their own below safe names,
without the right to be executed, so that none can pose as something that the connector itself reads.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lienthong.base.clock import VIETNAM, to_text
from lienthong.connector.bodies import read_pieces
from lienthong.connector.courier.model import ReceivedView
from lienthong.connector.folder import cover
from lienthong.connector.folder.records import Memory
from lienthong.connector.names import distinct_names, safe_name
from lienthong.connector.receiving import HEADER_FILE, PACKET_FILE
from lienthong.connector.spool import sync_folder, write_durably
from lienthong.edxml.model import BusinessKind, DocumentPacket, StatusPacket
from lienthong.infra.steps import reached
from lienthong.trust import jws
from lienthong.vocabulary.urgency import Urgency

INDEX, COVER, FILES = "index.json", "bia.html", "tep"
_MARKS = {
    BusinessKind.NEW: "", BusinessKind.RECALL: " - thu hồi", BusinessKind.UPDATE: " - cập nhật",
    BusinessKind.REPLACE: " - thay thế",
}  # fmt: skip
_KINDS = {
    BusinessKind.NEW: "document", BusinessKind.RECALL: "recall", BusinessKind.UPDATE: "update",
    BusinessKind.REPLACE: "replacement",
}  # fmt: skip


class Layout:
    """Lays out what was received below one folder."""

    def __init__(self, root: Path, inbox: Path, memory: Memory) -> None:
        self._root, self._inbox, self._memory = root, inbox, memory
        self._making = inbox / ".dang-tao"

    def lay_out(self, view: ReceivedView) -> bool:
        """Lay one out, once; False when that was done before. Raises ``OSError`` when the disk does not do it now."""
        if self._memory.placed(view.id) is not None:
            return False
        day = self._inbox / view.received_at.astimezone(VIETNAM).strftime("%Y-%m-%d")
        final, done = self._free(day, folder_name(view), view.id)
        if not done:
            making = self._making / view.id
            shutil.rmtree(making, ignore_errors=True)
            making.mkdir(parents=True)
            _fill(making, view)
            reached("folder.received_made")
            day.mkdir(exist_ok=True)
            making.rename(final)
            sync_folder(day)
            reached("folder.received_placed")
        self._memory.place(view.id, str(final.relative_to(self._root)))
        return True

    def _free(self, day: Path, name: str, received: str) -> tuple[Path, bool]:
        """A name that nobody has, or the one that this has already after a crash."""
        count = 1
        while True:
            final = day / (name if count == 1 else f"{name} ({count})")
            if not os.path.lexists(final):
                return final, False
            if received_in(final) == received:
                return final, True
            count += 1


def folder_name(view: ReceivedView) -> str:
    """Sender and number, as people look for them, and what it is when it is no new document."""
    packet = view.packet
    if isinstance(packet, StatusPacket):
        number, mark = packet.response_for.code, f" - trạng thái {packet.status_code:02d}"
    else:
        number, mark = packet.code.full, _MARKS[packet.business.kind]
    plain = number.replace("/", "-").replace("\\", "-")
    return safe_name(f"{view.sender} {plain}".strip()[:120] + mark)


def received_in(folder: Path) -> str:
    """Identifier of what lies in a folder of the inbox; empty when it is none of ours."""
    try:
        members = json.loads((folder / INDEX).read_bytes())
    except (OSError, ValueError):
        return ""
    found = members.get("received_id") if isinstance(members, dict) else None
    return found if isinstance(found, str) else ""


def _fill(making: Path, view: ReceivedView) -> None:
    spooled = json.loads((view.folder / INDEX).read_bytes())
    whole = view.folder / PACKET_FILE
    write_durably(making / "packet.edxml", whole if whole.exists() else view.folder / HEADER_FILE)
    for name, source in (("goi-tin.jws", "envelope.jws"), ("bien-nhan.jws", "receipt.jws")):
        write_durably(making / name, view.folder / source)
    names = distinct_names(each.name for each in view.files)
    if view.files:
        (making / FILES).mkdir()
    for each, name in zip(view.files, names, strict=True):
        _copy(each.path, making / FILES / name)
    if view.files:
        sync_folder(making / FILES)
    members = index(view, names, spooled)
    write_durably(making / COVER, _cover(view, members, spooled).encode())
    write_durably(making / INDEX, json.dumps(members, ensure_ascii=False, indent=1).encode("utf-8", "replace"))
    sync_folder(making)


def _copy(source: Path, target: Path) -> None:
    """Copy bytes, never rights."""
    with target.open("xb") as into:
        for piece in read_pieces(source):
            into.write(piece)
        into.flush()
        os.fsync(into.fileno())
        os.fchmod(into.fileno(), os.fstat(into.fileno()).st_mode & 0o666)


def index(view: ReceivedView, names: Sequence[str], spooled: Mapping[str, Any]) -> dict[str, Any]:
    """The members of ``index.json`` (PR-CONNECTOR-FOLDER §5)."""
    packet = view.packet
    receipt = json.loads(jws.unverified_payload((view.folder / "receipt.jws").read_bytes()))
    members: dict[str, Any] = {
        "v": 1, "received_id": view.id, "agency": view.agency, "addressed_to": spooled.get("addressed_to", view.agency),
        "received_at": to_text(view.received_at), "envelope": view.envelope_id, "digest": spooled.get("digest", ""),
        "axes": list(view.axes), "accepted_at": receipt.get("at", ""), "header_signature": view.header_signature,
        "sender": {"code": view.sender, "name": packet.sender.name}, "document_id": view.document_id,
        "packet": "packet.edxml", "cover": COVER, "envelope_file": "goi-tin.jws", "receipt_file": "bien-nhan.jws",
    }  # fmt: skip
    if isinstance(packet, StatusPacket):
        about = packet.response_for
        return members | {
            "kind": "status", "status": f"{packet.status_code:02d}", "description": packet.description,
            "number": about.code, "issued_on": _iso(about.promulgation_date), "files": [],
        }  # fmt: skip
    return members | _document(packet, view, names)


def _document(packet: DocumentPacket, view: ReceivedView, names: Sequence[str]) -> dict[str, Any]:
    said = [entry.description for entry in packet.manifest]
    priority = packet.other.priority if packet.other.priority in set(Urgency) else 0
    return {
        "kind": _KINDS[packet.business.kind], "number": packet.code.full, "subject": packet.subject,
        "document_kind": packet.document_type.name, "issued_on": _iso(packet.promulgation_date),
        "due_date": _iso(packet.due_date), "urgency": priority, "urgency_vi": Urgency(priority or 0).label("vi"),
        "place": packet.place,
        "signer": {
            "capacity": packet.signer.competence, "position": packet.signer.position, "name": packet.signer.full_name,
        },
        "to": [{"code": each.organ_id, "name": each.name} for each in packet.receivers],
        "answers": [
            {"agency": each.organ_id, "number": each.code, "document_id": each.document_id,
             "issued_on": _iso(each.promulgation_date)}
            for each in packet.responses_for
        ],
        "about": packet.business.document_id, "reason": packet.business.reason,
        "replaces": [each.document_id for each in packet.business.replacements],
        "files": [
            {"name": each.name, "path": f"{FILES}/{name}", "size": each.size, "sha256": each.sha256,
             "type": each.media_type, "description": said[at] if at < len(said) else ""}
            for at, (each, name) in enumerate(zip(view.files, names, strict=True))
        ],
    }  # fmt: skip


def _cover(view: ReceivedView, members: Mapping[str, Any], spooled: Mapping[str, Any]) -> str:
    files = [
        cover.CoverFile(row["name"], row["path"], row["size"], row["sha256"], row["description"])
        for row in members["files"]
    ]
    delivery = cover.Delivery(
        view.id, view.envelope_id, str(spooled.get("digest", "")), ", ".join(view.axes), str(members["accepted_at"]),
        view.received_at, view.agency, str(members["addressed_to"]), view.header_signature,
    )  # fmt: skip
    return cover.page(view.packet, files, delivery)


def _iso(day: Any) -> str | None:
    return day.isoformat() if day is not None else None
