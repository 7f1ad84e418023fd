"""What happens in the demonstration: letters go out, come back with statuses, are refused, recalled and replaced."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from lienthong.base.clock import VIETNAM, SystemClock
from lienthong.connector.client import Client, Original, Sent
from lienthong.connector.compose import Attachment, OutgoingDocument
from lienthong.connector.uploads import Progress
from lienthong.roles.cli_profile import open_client
from lienthong.roles.demo_agency import REFUSE_MARK
from lienthong.roles.demo_pdf import Letter, write_pdf
from lienthong.roles.demo_world import HANOI, HCM, VPCP, World, start_agency

Tell = Callable[[str, str], None]
"""Told each step in Vietnamese and English."""

LARGE = 100 * 1000 * 1000
PATIENCE = 180.0


@dataclass
class Told:
    """One document of the story and what must come back for it: the last status expected from each recipient."""

    sent: Sent
    sender: str
    expect: dict[str, int]
    trace: dict[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return self.sent.envelope.document_id

    def finished(self) -> bool:
        """Whether every expected status has come back."""
        seen: dict[str, set[int]] = {}
        for row in self.trace.get("statuses", []):
            seen.setdefault(str(row["agency"]), set()).add(int(row["code"]))
        return all(code in seen.get(agency, set()) for agency, code in self.expect.items())


class Story:
    """Sends the documents of the demonstration from the Government Office (Văn phòng Chính phủ)."""

    def __init__(self, world: World, tell: Tell, progress: Progress) -> None:
        self.world = world
        self.tell = tell
        self.progress = progress
        self.documents: list[Told] = []
        self._names = {HANOI.code: HANOI.name, HCM.code: HCM.name}
        self._pdfs = world.root / "pdf"
        self._pdfs.mkdir()
        self._today = SystemClock().now().astimezone(VIETNAM).date()

    def play(self) -> None:
        """The whole story, up to the moment when every status has come back."""
        start_agency(self.world, VPCP)
        start_agency(self.world, HANOI)
        self.tell("Hà Nội và Văn phòng Chính phủ đã kết nối; TP Hồ Chí Minh tạm ngoại tuyến.",
                  "Hanoi and the Government Office are on line; Ho Chi Minh City is off line for now.")  # fmt: skip
        with open_client(self.world.profile(VPCP)) as client:
            self._send_all(client)
            start_agency(self.world, HCM)
            self.tell("TP Hồ Chí Minh kết nối và nhận các văn bản đang chờ.",
                      "Ho Chi Minh City comes on line and takes what waits.")  # fmt: skip
            self._wait(client)

    def _send_all(self, client: Client) -> None:
        self._send(client, "1312/VPCP-KSTT", "V/v phối hợp thử nghiệm liên thông văn bản điện tử",
                   {HANOI.code: 6, HCM.code: 6})  # fmt: skip
        self._send(client, "1313/VPCP-KSTT", "V/v báo cáo kết quả gửi, nhận văn bản điện tử quý IV", {HANOI.code: 6})
        self._send(client, "1314/VPCP-KSTT", "V/v gửi hồ sơ quét kèm theo (100 MB)", {HANOI.code: 6}, LARGE)
        self._send(client, "1315/VPCP-KSTT", f"V/v góp ý dự thảo {REFUSE_MARK}", {HANOI.code: 2})
        recalled = self._send(client, "1316/VPCP-KSTT", "V/v triệu tập họp [chờ thu hồi]", {HANOI.code: 15})
        waiting = self._send(client, "1317/VPCP-KSTT", "V/v triệu tập họp bổ sung", {HCM.code: 15})
        old = self._send(client, "1318/VPCP-KSTT", "V/v lịch họp giao ban", {HANOI.code: 6})
        self._until(client, recalled, HANOI.code, 3)
        self._recall(client, recalled, [HANOI.code], "Nội dung triệu tập chưa chính xác")
        self._recall(client, waiting, [HCM.code], "Hoãn họp bổ sung")
        self._replace(client, old)

    def _send(self, client: Client, number: str, subject: str, expect: dict[str, int], size: int = 200_000) -> Told:
        recipients = list(expect)
        path = self._letter(number, subject, recipients, size)
        sent = client.send(self._document(number, subject, recipients), [Attachment.of(path)], self.progress)
        told = Told(sent, client.agency, expect)
        self.documents.append(told)
        to = ", ".join(recipients)
        self.tell(f"Đã gửi {number} tới {to}; biên nhận đã kiểm tra.", f"Sent {number} to {to}; receipt verified.")
        return told

    def send_letter(self, client: Client, number: str, subject: str, to: str, name: str) -> Sent:
        """One more letter of the Government Office, to an agency beyond those of the story."""
        self._names[to] = name
        path = self._letter(number, subject, [to], 200_000)
        return client.send(self._document(number, subject, [to]), [Attachment.of(path)], self.progress)

    def _document(self, number: str, subject: str, to: Sequence[str]) -> OutgoingDocument:
        return OutgoingDocument(
            number=number, subject=subject, to=to, issued_on=self._today, place="Hà Nội", pages=2,
            signer_competence="TL. BỘ TRƯỞNG, CHỦ NHIỆM", signer_position="VỤ TRƯỞNG", signer_name="Nguyễn Văn Mẫu",
            to_places=("Như trên", "Lưu: VT"),
        )  # fmt: skip

    def _letter(self, number: str, subject: str, to: Sequence[str], size: int) -> Path:
        letter = Letter(
            VPCP.name, number, f"Hà Nội, {_long_date(self._today)}", subject,
            "; ".join(self._names.get(code, code) for code in to),
            ("Thực hiện Quyết định số 28/2018/QĐ-TTg ngày 12 tháng 7 năm 2018 của Thủ tướng Chính phủ về việc gửi, nhận"
             " văn bản điện tử giữa các cơ quan trong hệ thống hành chính nhà nước, Văn phòng Chính phủ đề nghị quý cơ"
             " quan phối hợp thực hiện.",
             "Đề nghị cập nhật trạng thái xử lý trên hệ thống quản lý văn bản để Trục tự động phản hồi./."),
            "Nguyễn Văn Mẫu",
        )  # fmt: skip
        return write_pdf(self._pdfs / (number.replace("/", "-") + ".pdf"), letter, size)

    def _recall(self, client: Client, told: Told, to: Sequence[str], reason: str) -> None:
        client.recall(self._original(told), to, reason)
        number = told.id.rpartition(",")[2]
        self.tell(f"Thu hồi {number}: {reason}.", f"Recalled {number}.")

    def _replace(self, client: Client, old: Told) -> None:
        number = "1319/VPCP-KSTT"
        subject = "V/v lịch họp giao ban (thay thế văn bản 1318/VPCP-KSTT)"
        path = self._letter(number, subject, [HANOI.code], 200_000)
        document = self._document(number, subject, [HANOI.code])
        sent = client.replace(document, [Attachment.of(path)], old.sent.envelope.document_id, "Thay đổi thời gian họp")
        self.documents.append(Told(sent, client.agency, {HANOI.code: 6}))
        self.tell(f"Thay thế 1318/VPCP-KSTT bằng {number}.", f"Replaced 1318/VPCP-KSTT by {number}.")

    def _original(self, told: Told) -> Original:
        envelope = told.sent.envelope
        return Original(envelope.sender, envelope.document_id, envelope.document_id.rpartition(",")[2], self._today)

    def _until(self, client: Client, told: Told, agency: str, code: int) -> None:
        """Wait for one status: an answer must not come before what it answers."""
        goal = Told(told.sent, told.sender, {agency: code})
        self._wait_for(client, [goal])

    def _wait(self, client: Client) -> None:
        self._wait_for(client, self.documents)
        self.tell("Mọi trạng thái xử lý đã quay về nơi gửi.", "All statuses have come back to the sender.")

    def _wait_for(self, client: Client, documents: Sequence[Told]) -> None:
        until = time.monotonic() + PATIENCE
        open_ones = list(documents)
        while open_ones:
            self.world.check()
            for told in open_ones:
                told.trace = client.trace(told.sender, envelope_id=str(told.sent.envelope.id))
            open_ones = [told for told in open_ones if not told.finished()]
            if open_ones and time.monotonic() > until:
                names = ", ".join(told.id for told in open_ones)
                raise TimeoutError(f"statuses are missing for {names}")
            if open_ones:
                time.sleep(0.3)


def _long_date(day: date) -> str:
    return f"ngày {day.day} tháng {day.month} năm {day.year}"


def document_rows(documents: Sequence[Told]) -> Iterator[dict[str, Any]]:
    """The documents for the machine-readable result."""
    for told in documents:
        trace = told.trace
        yield {
            "id": told.id,
            "envelope": str(told.sent.envelope.id),
            "sender": told.sender,
            "recipients": list(told.sent.envelope.recipients),
            "states": {row["agency"]: row["state"] for row in trace["recipients"]},
            "events": [{"event": e["event"], "at": e["at"], "agency": e.get("agency")} for e in trace["events"]],
            "statuses": [{"agency": s["agency"], "code": s["code"], "at": s["at"]} for s in trace["statuses"]],
        }
